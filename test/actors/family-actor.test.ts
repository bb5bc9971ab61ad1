// The root actors of several charge points: one machine for all of them, and each with its own clock and its own listener.
import { expect, test } from 'vitest'
import type { AnyActor } from 'xstate'
import { openFamilyActor } from '../../src/actors/family-actor.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'

test('machines are made once, deadlines and what is told are each one\'s own', async () => {
  const store = createMemoryStore()
  const due: string[] = []
  const open = async (clientID: string) => {
    const clock = new VirtualClock()
    const running: AnyActor[] = []
    const actor = openFamilyActor({
      clientID, clock, connectorIds: [1], scope: await openScope({ store, name: clientID, clock }),
      told: { commandDue: (id) => due.push(`${clientID} ${id}`), reservationDue: (id) => due.push(`${clientID} ${id}`) },
      onRestarted: (error) => { throw error }, onQuarantined: (error) => { throw error }, running: (root) => (running.push(root), () => undefined),
    })
    actor.send({ type: 'COMMAND_ISSUED', command: { id: 'reset', action: 'Reset', expiresAtMs: clock.wall() + 1_000 } })
    return { clock, root: running[0]! }
  }
  const [one, other] = [await open('CP1'), await open('CP2')]
  expect(one.root.logic).toBe(other.root.logic)
  const childrenOf = ({ children }: { readonly children: Readonly<Record<string, unknown>> }) => Object.entries(children)
  for (const [name, child] of childrenOf(one.root.getSnapshot())) expect(Object(child).logic, name).toBe(Object(Object.fromEntries(childrenOf(other.root.getSnapshot()))[name]).logic)
  await other.clock.advance(1_000)
  expect(due).toEqual(['CP2 reset'])
  await one.clock.advance(999)
  await settle()
  expect(due).toEqual(['CP2 reset'])
  await one.clock.advance(1)
  expect(due).toEqual(['CP2 reset', 'CP1 reset'])
})
