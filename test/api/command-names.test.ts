// Every action that kwota may send has an address, and no other has.
import { expect, it } from 'vitest'
import { commandNames } from '../../src/api/command-names.ts'
import { messages } from '../../src/protocol/messages/index.ts'

it('each action once', () => {
  const sent = Object.entries(messages).filter(([, { direction }]) => direction !== 'station').map(([action]) => action)
  expect(Object.values(commandNames).toSorted()).toEqual(sent.toSorted())
})
