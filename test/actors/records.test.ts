// What a rejected read is answered with: a store that is down is told, and a fault of ours is not mistaken for it.
import { expect, test } from 'vitest'
import { unreadable } from '../../src/actors/records.ts'
import { StoreUnavailable } from '../../src/store/port.ts'

test('only a store that is unavailable is one that cannot be read', () => {
  const fault = new TypeError('row is undefined')
  expect(() => unreadable(fault)).toThrow(fault)
  expect(() => unreadable(new StoreUnavailable('no answer'))).toThrow(expect.objectContaining({ kind: 'store-down', code: 'store-down', message: 'The store cannot be read: no answer.' }))
})
