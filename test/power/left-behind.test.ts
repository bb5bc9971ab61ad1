// Profiles of ours at an address where none goes any more: which may be taken away, and what the ledger counts before and after.
import { expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { reservedA, type Fact, type Row } from '../../src/power/ledger.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { mayTakeAway } from '../../src/power/relearning.ts'
import { bookAll, entry, settledRow } from './fixtures.ts'

const moved = (row: Row, ladder: Quirks['ladder']) => book(row, { type: 'quirks', quirks: { ...usualQuirks, ladder } })
const take = (seq: number, limitA: number, ladder: Quirks['ladder']): Fact[] => [{ type: 'booked', entry: entry(seq, 'default', limitA) }, { type: 'sent', seq }, { type: 'accepted', seq, atMs: 0, ladder }]
const cleared = (row: Row, what: 'own' | 'zero' | 'tx') => book(row, { type: 'cleared', what, atMs: 0 })

test('on the connector: not before the one on connector 0 is accepted, nor in doubt of that; what it allowed has to settle', () => {
  const away = moved(settledRow({ fallbackA: 16 }), 'connector-0')
  expect([away.left, mayTakeAway(away)]).toEqual([['own'], []])
  const taken = bookAll(away, ...take(1, 6, 'connector-0'))
  expect([mayTakeAway(taken), mayTakeAway(book(taken, { type: 'booted', atMs: 0, keepsProfiles: false }))]).toEqual([['own'], []])
  const gone = book(book(taken, { type: 'settled', atMs: 20_000 }), { type: 'cleared', what: 'own', atMs: 20_000 })
  expect([gone.left, gone.leftA, reservedA(gone, 29_999).anyCarA, reservedA(gone, 30_000).anyCarA]).toEqual([[], null, 16, 6])
})

test('every address it went through is left, and none that it has come back to', () => {
  const zero = bookAll(moved(settledRow({ fallbackA: 6 }), 'connector-0'), ...take(1, 6, 'connector-0'))
  const max = bookAll(moved(zero, 'max-0'), ...take(2, 6, 'max-0'))
  expect(mayTakeAway(max)).toEqual(['own', 'zero'])
  expect(mayTakeAway(cleared(max, 'own'))).toEqual(['zero'])
  expect(moved(max, 'default').left).toEqual(['zero'])
  expect(cleared(settledRow({ fallbackA: 6 }), 'own')).toEqual(settledRow({ fallbackA: 6 }))
})

test('a TxProfile where none is used any more: once the share stands in the TxDefaultProfile, and never that of others', () => {
  const row = bookAll(settledRow({ txA: 6 }), { type: 'booked', entry: entry(1, 'tx', 8) }, { type: 'sent', seq: 1 }, { type: 'unanswered', seq: 1 }, { type: 'quirks', quirks: { ...usualQuirks, ladder: 'default' } })
  expect(mayTakeAway(row)).toEqual([])
  const shared = bookAll(row, ...take(2, 20, 'default'))
  expect(mayTakeAway(shared)).toEqual(['tx'])
  expect([cleared(shared, 'tx').tx, cleared(settledRow({ txA: 6 }), 'tx').tx.confirmed?.limitA]).toEqual([{ confirmed: null, inFlight: [], refused: null }, 6])
  const others = bookAll(settledRow({ transactionId: 7 }), { type: 'others', limitA: 9, atMs: 0 }, { type: 'quirks', quirks: { ...usualQuirks, ladder: 'default' } }, ...take(3, 20, 'default'))
  expect([mayTakeAway(others), cleared(others, 'tx').tx.inFlight.map(({ limitA }) => limitA)]).toEqual([[], [9]])
})
