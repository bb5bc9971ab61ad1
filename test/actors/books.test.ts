// The books of a site: how charge points want their profiles, and rows that one profile on connector 0 binds together.
import { expect, test } from 'vitest'
import { Books, noCar } from '../../src/actors/books.ts'
import { openScope } from '../../src/actors/scope.ts'
import type { Entry } from '../../src/power/ledger.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { hiddenClasses } from '../hidden-classes.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { pointOf, siteOf } from './site-stand.ts'

const points = [pointOf({ id: 'CP1', connectors: [{ id: 1 }, { id: 2, phases: ['L1'] }] }), pointOf({ id: 'CP2' })]
const entry = (seq: number): Entry => ({ seq, slot: 'default', limitA: 6, fallbackA: 6, leaseEndsAtMs: null, bookedAtMs: 0, state: 'booked' })

async function open(learnt?: Quirks) {
  const scope = await openScope({ store: createMemoryStore(), name: 'main', clock: new VirtualClock() })
  if (learnt !== undefined) scope.put('learnt:CP1', { stackLevel: 8, maxA: 64, quirks: learnt })
  return { scope, books: new Books(scope, siteOf(), points, 0) }
}

const seqs = (books: Books, key: string) => books.row(key)!.default.inFlight.map(({ seq, state }) => `${seq} ${state}`)

test('what was learnt of a charge point is there from the start, on every row; of the others nothing is assumed', async () => {
  const learnt: Quirks = { unit: 'W', ladder: 'default', pauseA: 6, lease: false }
  const { books } = await open(learnt)
  expect([books.quirksOf('CP1'), books.row('CP1/1')!.quirks, books.row('CP1/2')!.quirks, books.quirksOf('CP2')]).toEqual([learnt, learnt, learnt, usualQuirks])
  expect([books.row('CP1/1')!.phases.wired, books.row('CP1/2')!.phases.wired]).toEqual([3, 1])
})

test('an order for one connector is booked and answered for all that it limits, once each', async () => {
  const { books } = await open()
  books.book('CP1/1', { type: 'booked', entry: entry(1) })
  expect([seqs(books, 'CP1/1'), seqs(books, 'CP1/2'), books.tiedTo('CP1/2')]).toEqual([['1 booked'], [], ['CP1/2']])
  books.book('CP1/1', { type: 'dropped', seq: 1 })
  books.setQuirks('CP1', { ...usualQuirks, ladder: 'connector-0' })
  expect([books.tiedTo('CP1/2'), books.tiedTo('CP2/1')]).toEqual([['CP1/1', 'CP1/2'], ['CP2/1']])
  books.book('CP1/2', { type: 'booked', entry: entry(2) })
  books.book('CP1/1', { type: 'sent', seq: 2 })
  expect([seqs(books, 'CP1/1'), seqs(books, 'CP1/2'), seqs(books, 'CP2/1')]).toEqual([['2 sent'], ['2 sent'], []])
  books.book('CP1/1', { type: 'accepted', seq: 2, atMs: 5, ladder: 'connector-0' })
  expect(['CP1/1', 'CP1/2'].map((key) => books.row(key)!.default.confirmed?.seq)).toEqual([2, 2])
})

test('quirks stay through a new configuration, reach new connectors, and go with their charge point', async () => {
  const { books } = await open()
  books.setQuirks('CP1', { ...usualQuirks, unit: 'W' })
  books.rewire(siteOf(), [pointOf({ id: 'CP1', connectors: [{ id: 1 }, { id: 3 }] })])
  expect([books.row('CP1/1')!.quirks.unit, books.row('CP1/3')!.quirks.unit]).toEqual(['W', 'W'])
  books.rewire(siteOf(), [pointOf({ id: 'CP2' })])
  books.setQuirks('CP1', { ...usualQuirks, unit: 'W' })
  expect([books.quirksOf('CP1'), books.tiedTo('CP1/1')]).toEqual([usualQuirks, ['CP1/1']])
})

test('phases that are told go into the ledger; those worked out from a total count for loads, not for watts', async () => {
  const { books } = await open()
  const told = () => [books.wiring('CP1/1').car.vehiclePhases, books.row('CP1/1')!.phases.told]
  books.change('CP1/1', { car: { ...noCar, vehiclePhases: 1 } })
  expect(told()).toEqual([1, 1])
  books.overrule('CP1/1', 3, false)
  expect(told()).toEqual([3, 1])
  // What else is said of the car repeats what counts for loads, and tells nothing.
  books.change('CP1/1', { car: { ...books.wiring('CP1/1').car, priority: 2 } })
  expect(told()).toEqual([3, 1])
  books.overrule('CP1/1', 3, true)
  expect(told()).toEqual([3, 3])
  books.change('CP1/1', { car: noCar })
  expect(told()).toEqual([null, null])
})

test('what the plan reads over and over is of few shapes, also when the code that makes it has run often', async () => {
  const many = Array.from({ length: 100 }, (_, index) => pointOf({ id: `CP${index}` }))
  const books = new Books(await openScope({ store: createMemoryStore(), name: 'main', clock: new VirtualClock() }), siteOf(), many, 0)
  const keys = [...books.tree.outlets.keys()]
  let places = books.places(() => true)
  for (let round = 0; round < 100; round++) {
    for (const [index, key] of keys.entries()) {
      const seq = round * keys.length + index + 1
      books.book(key, { type: 'booked', entry: entry(seq) })
      books.book(key, { type: 'sent', seq })
      books.book(key, { type: 'accepted', seq, atMs: round, unit: 'A' })
    }
    places = books.places(() => true)
  }
  const rows = keys.map((key) => books.row(key)!)
  expect(hiddenClasses(places)).toBeLessThan(4)
  expect(hiddenClasses(rows)).toBeLessThan(4)
  expect(hiddenClasses(rows.map((row) => row.default))).toBeLessThan(4)
  expect(hiddenClasses(rows.map((row) => row.default.confirmed!))).toBeLessThan(4)
})
