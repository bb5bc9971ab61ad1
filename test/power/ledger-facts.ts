// Facts in few words, and rows in every state, for the tests of the ledger.
import { openRow, reservedA, type Fact, type Row } from '../../src/power/ledger.ts'
import { bookAll, entry, settledRow } from './fixtures.ts'

export const at = 1_000
export const sampled = (highestA: number, atMs = at, measuredAtMs = atMs): Fact => ({ type: 'sampled', highestA, measuredAtMs, atMs })
export const booked = (seq: number, slot: 'default' | 'tx', limitA: number, more = {}): Fact => ({ type: 'booked', entry: entry(seq, slot, limitA, { bookedAtMs: at, ...more }) })
export const accepted = (seq: number, atMs = at): Fact => ({ type: 'accepted', seq, atMs })
export const refused = (seq: number, atMs = at): Fact => ({ type: 'refused', seq, atMs })
export const unanswered = (seq: number): Fact => ({ type: 'unanswered', seq })
export const sent = (seq: number): Fact => ({ type: 'sent', seq })
export const held = (row: Row, nowMs = at) => reservedA(row, nowMs)

export const rows = {
  open: openRow(32, false),
  contacted: bookAll(openRow(32, false), { type: 'contacted', atMs: 0 }),
  idle: settledRow({ fallbackA: 6 }),
  charging: settledRow({ fallbackA: 6, txA: 16 }),
  raising: bookAll(settledRow({ txA: 10 }), booked(1, 'tx', 20), sent(1)),
  lowering: bookAll(settledRow({ txA: 20 }), booked(1, 'tx', 10), sent(1)),
  settling: bookAll(settledRow({ txA: 20 }), booked(1, 'tx', 10), sent(1), accepted(1)),
  unknown: bookAll(settledRow({ txA: 20 }), booked(1, 'tx', 10), sent(1), unanswered(1)),
  forgotten: bookAll(settledRow({ fallbackA: 6, txA: 16 }), { type: 'booted', atMs: at, keepsProfiles: false }),
} satisfies Record<string, Row>
