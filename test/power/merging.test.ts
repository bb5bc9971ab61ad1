// Old unanswered profiles that count as one: never less than each of them, in whatever shape they were sent.
import { expect, test } from 'vitest'
import { reservedA, type Entry, type Fact, type Row } from '../../src/power/ledger.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { bookAll, entry, settledRow } from './fixtures.ts'

const unanswered = (seq: number, limitA: number, more: Partial<Entry> = {}): Fact[] => [{ type: 'booked', entry: entry(seq, 'tx', limitA, more) }, { type: 'sent', seq }, { type: 'unanswered', seq }]
const draws = (phases: number, atMs: number): Fact => ({ type: 'sampled', highestA: 8, measuredAtMs: atMs, atMs, phases })
const inWatts: Fact = { type: 'quirks', quirks: { ...usualQuirks, unit: 'W' } }
const held = (row: Row) => reservedA(row, 2_000).thisCarA

test('watts for three phases count on one after they were merged with those for one', () => {
  const before = bookAll(settledRow({ transactionId: 7 }), inWatts, ...unanswered(2, 10), draws(3, 1_000), ...unanswered(3, 10, { phases: 3 }), ...unanswered(4, 6, { phases: 3 }), ...unanswered(5, 6, { phases: 3 }), draws(1, 2_000))
  expect(held(before)).toBe(30)
  const after = bookAll(before, ...unanswered(6, 6))
  expect([held(after), after.tx.inFlight.length]).toEqual([30, 3])
})

test('amps and watts that were merged count as the worse of both', () => {
  const row: Row = { ...settledRow({ transactionId: 7 }), phases: { wired: 3, told: 1, measured: null } }
  const after = bookAll(row, ...[{ unit: 'A' as const }, { phases: 3, unit: 'W' as const }, {}, {}, {}].flatMap((more, index) => unanswered(index + 2, index < 2 ? 10 : 6, more)))
  expect([held(after), after.tx.inFlight[0]!.unit]).toEqual([30, undefined])
})

test('what others have sent stays apart', () => {
  const row = bookAll(settledRow({ transactionId: 7 }), { type: 'others', limitA: 9, atMs: 0 }, ...[2, 3, 4, 5, 6].flatMap((seq) => unanswered(seq, 6)))
  expect(row.tx.inFlight.map(({ seq, limitA }) => [seq, limitA])).toContainEqual([-2, 9])
  expect(row.tx.inFlight.map(({ seq }) => seq).sort((a, b) => a - b).slice(0, 2)).toEqual([-2, -1])
})
