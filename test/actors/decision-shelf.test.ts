// The stored decisions: in batches, within an age and a size, and never lost without a word.
import { expect, test } from 'vitest'
import type { DecisionView } from '../../src/actors/decision-record.ts'
import { DecisionShelf } from '../../src/actors/decision-shelf.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const hourMs = 3_600_000

async function stand() {
  const clock = new VirtualClock()
  const trouble = { store: false }
  const store = createMemoryStore({ failing: () => trouble.store })
  const scope = await openScope({ store, name: 'main', clock })
  const logged: [string, object][] = []
  const note = (fields: object, message: string): void => { logged.push([message, fields]) }
  const written: number[] = []
  const open = () => new DecisionShelf({
    siteID: 'main', clock, scope, log: { debug: note, info: note, warn: note, error: note },
    append: (series, entries) => { written.push(entries.length); return store.append('main', series, entries) }, expire: (series, beforeMs) => store.expire('main', series, beforeMs),
  })
  let made = 0
  const decision = (changes = 0): DecisionView => ({
    id: `dec_1_${++made}`, at: new Date(clock.wall()).toISOString(), siteID: 'main', trigger: { cause: 'sample' },
    inputs: { effective: { currentA: 1, powerW: 690, binding: 'fuse' }, baseLoad: { status: 'never', countedA: { L1: 0, L2: 0, L3: 0 } }, tight: [] },
    state: 'enforced', deficitA: 0, lowerings: [], raisings: [], nextReviewAt: new Date(clock.wall()).toISOString(),
    changes: Array.from({ length: changes }, (_, index) => ({ clientID: `CP${index}`, connectorId: 1, before: null, after: null })),
  })
  const stored = async () => (await store.range('main', 'decisions', 0, 9e15)).map(({ value }) => (value as DecisionView).id)
  return { clock, trouble, logged, written, open, decision, stored, scope }
}

test('many in a moment are one write, made when they are written', async () => {
  const { clock, written, open, decision, stored } = await stand()
  const shelf = open()
  let built = 0
  for (let count = 0; count < 5; count++) shelf.add(() => { built++; return decision() })
  expect(built).toBe(0)
  await clock.advance(300)
  expect([built, written]).toEqual([5, [5]])
  expect((await stored()).length).toBe(5)
})

test('while the store is down they wait, the oldest of too many are lost, and the log says how many', async () => {
  const { clock, trouble, logged, open, decision, stored } = await stand()
  const shelf = open()
  trouble.store = true
  for (let count = 0; count < 1_010; count++) shelf.add(() => decision())
  await clock.advance(1_000)
  expect(shelf.pending().length).toBe(1_000)
  trouble.store = false
  await clock.advance(2_000)
  expect(await stored()).toHaveLength(1_000)
  expect(logged.map(([message]) => message)).toEqual(['decisions cannot be stored', 'decisions are stored again'])
  expect(logged[1]![1]).toMatchObject({ lost: 10 })
})

test('what cannot be stored is made at once, all that waits, so that nothing keeps whole plans', async () => {
  const { clock, trouble, open, decision } = await stand()
  const shelf = open()
  trouble.store = true
  let built = 0
  for (let count = 0; count < 900; count++) {
    let made: DecisionView | null = null
    shelf.add(() => made ??= (built++, decision()))
  }
  await clock.advance(1_000)
  expect(built).toBe(900)
})

test('older than 7 days they go', async () => {
  const { clock, open, decision, stored } = await stand()
  const shelf = open()
  shelf.add(() => decision())
  await clock.advance(1_000)
  await clock.advance(7 * 24 * hourMs)
  shelf.add(() => decision())
  await clock.advance(1_000)
  expect(await stored()).toEqual(['dec_1_1', 'dec_1_2'])
  await clock.advance(2 * hourMs)
  shelf.add(() => decision())
  await clock.advance(1_000)
  expect(await stored()).toEqual(['dec_1_2', 'dec_1_3'])
})

test('beyond 64 MiB the oldest hours go, also when the sizes were noted before a restart', async () => {
  const { clock, open, decision, stored } = await stand()
  let shelf = open()
  for (let hour = 0; hour < 4; hour++) {
    // About 26 MiB an hour.
    for (let count = 0; count < 8; count++) shelf.add(() => decision(10_000))
    await clock.advance(1_000)
    if (hour === 1) {
      shelf.stop()
      shelf = open()
    }
    await clock.advance(hourMs)
  }
  shelf.add(() => decision())
  await clock.advance(1_000)
  expect(await stored()).toEqual(Array.from({ length: 17 }, (_, index) => `dec_1_${index + 17}`))
})
