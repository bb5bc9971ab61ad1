// The ledger: what every fact does to a row in every state, and what must be reserved after it.
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { defaultWorstA, isForgotten, newest, reservedA, openRow, type Fact, type Row } from '../../src/power/ledger.ts'
import { restoreRow, rewireRow } from '../../src/power/restoring.ts'
import { bookAll, entry, settledRow } from './fixtures.ts'
import { accepted, at, booked, held, refused, rows, sampled, sent, unanswered } from './ledger-facts.ts'

describe('reserved', () => {
  test.each<[keyof typeof rows, { anyCarA: number; thisCarA: number }]>([
    ['open', { anyCarA: 0, thisCarA: 0 }],
    ['contacted', { anyCarA: 32, thisCarA: 32 }],
    ['idle', { anyCarA: 6, thisCarA: 6 }],
    ['charging', { anyCarA: 6, thisCarA: 16 }],
    ['raising', { anyCarA: 0, thisCarA: 20 }],
    ['lowering', { anyCarA: 0, thisCarA: 20 }],
    ['settling', { anyCarA: 0, thisCarA: 20 }],
    ['unknown', { anyCarA: 0, thisCarA: 20 }],
    ['forgotten', { anyCarA: 6, thisCarA: 16 }],
  ])('%s', (name, expected) => {
    expect(held(rows[name])).toEqual(expected)
  })

  test('never below the fallback, even under a lower TxProfile', () => {
    expect(held(settledRow({ fallbackA: 10, txA: 6 }))).toEqual({ anyCarA: 10, thisCarA: 10 })
  })
})

describe('facts that change nothing', () => {
  test.each<[keyof typeof rows, Fact]>([
    ['contacted', { type: 'contacted', atMs: 5 }],
    ['charging', { type: 'booted', atMs: 5, keepsProfiles: true }],
    ['charging', sent(99)],
    ['charging', accepted(99)],
    ['charging', refused(99)],
    ['charging', unanswered(99)],
    ['charging', { type: 'dropped', seq: 99 }],
    ['charging', { type: 'started', transactionId: 7 }],
    ['charging', { type: 'stopped', transactionId: 8 }],
    ['idle', { type: 'stopped', transactionId: 7 }],
    // Answers to what is confirmed already.
    ['charging', accepted(-10)],
    ['settling', refused(1)],
  ])('%s: %o', (name, fact) => {
    expect(book(rows[name], fact)).toBe(rows[name])
  })
})

describe('unanswered is not failed', () => {
  test('a late Accepted confirms it', () => {
    const row = book(rows.unknown, accepted(1, at + 50_000))
    expect([row.tx.confirmed?.limitA, row.tx.inFlight, held(row, at + 50_001).thisCarA, held(row, at + 60_000).thisCarA]).toEqual([10, [], 20, 10])
  })

  test('a late refusal drops it', () => {
    expect(book(rows.unknown, refused(1)).tx.inFlight).toEqual([])
  })

  test('a newer confirmed profile of the same slot resolves it, and its own answer comes too late', () => {
    const row = bookAll(rows.unknown, booked(2, 'tx', 12), sent(2), accepted(2))
    expect([row.tx.confirmed?.seq, row.tx.inFlight]).toEqual([2, []])
    expect(book(row, refused(1)).tx.inFlight).toEqual([])
  })

  test.each(['tx', 'default'] as const)('one accepted after a newer one may have been worked off last, and counts until a newer one still is (%s)', (slot) => {
    const before = slot === 'tx' ? settledRow({ txA: 20 }) : settledRow({ fallbackA: 20 })
    const row = bookAll(before, booked(1, slot, 20), sent(1), unanswered(1), booked(2, slot, 15), sent(2), accepted(2, at + 1), accepted(1, at + 2))
    expect([row[slot].confirmed?.limitA, row[slot].inFlight.map(({ seq, state }) => `${seq} ${state}`), held(row, at + 60_000).thisCarA]).toEqual([15, ['1 unknown'], 20])
    const told = bookAll(row, booked(3, slot, 15), sent(3), accepted(3, at + 60_000))
    expect([told[slot].inFlight, held(told, at + 69_999).thisCarA, held(told, at + 70_000).thisCarA]).toEqual([[], 20, 15])
  })

  test('it comes back without the lease that a clock was put right over', () => {
    const row = bookAll(settledRow({ txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 20, { leaseEndsAtMs: at + 60_000 }) }, sent(1), unanswered(1), booked(2, 'tx', 15), sent(2), accepted(2))
    const lease = (each: Row) => book(each, accepted(1)).tx.inFlight.find(({ seq }) => seq === 1)?.leaseEndsAtMs
    expect([lease(row), lease(book(row, { type: 'booted', atMs: at, keepsProfiles: false, stepped: true }))]).toEqual([at + 60_000, null])
  })

  test('nor does it come back for another transaction, or after a restart', () => {
    const row = bookAll(settledRow({ txA: 20 }), booked(1, 'tx', 20), sent(1), unanswered(1), booked(2, 'tx', 15), sent(2), accepted(2))
    const next = bookAll(row, { type: 'started', transactionId: 8 })
    expect(book(next, accepted(1))).toBe(next)
    const restored = restoreRow(row, at + 1)
    expect(book(restored, accepted(1))).toBe(restored)
  })

  test('an older confirmed one does not resolve a newer', () => {
    const row = bookAll(rows.unknown, booked(2, 'tx', 25), sent(2), unanswered(2), accepted(1))
    expect([row.tx.confirmed?.seq, row.tx.inFlight.map(({ seq }) => seq), held(row).thisCarA]).toEqual([1, [2], 25])
  })

  test('the other slot resolves nothing', () => {
    const row = bookAll(rows.unknown, booked(2, 'default', 0), sent(2), accepted(2))
    expect(row.tx.inFlight.map(({ seq }) => seq)).toEqual([1])
  })

  test('many count at the worst of them, in a short list', () => {
    let row: Row = settledRow({ txA: 10 })
    for (let seq = 1; seq <= 50; seq++) row = bookAll(row, booked(seq, 'tx', seq === 7 ? 25 : 10), sent(seq), unanswered(seq))
    expect(row.tx.inFlight.length).toBeLessThanOrEqual(4)
    expect(held(row).thisCarA).toBe(25)
    // None of those that were put together has an answer of its own any more.
    for (let seq = 1; seq <= 40; seq++) row = bookAll(row, refused(seq), accepted(seq))
    expect(held(row).thisCarA).toBe(25)
    expect(held(book(row, accepted(50)), at + 20_000).thisCarA).toBe(10)
  })
})

describe('refusals', () => {
  test('of a raising: the entry is dropped and nothing stands against a lowering', () => {
    const row = book(rows.raising, refused(1))
    expect([row.tx.refused, row.refusedAtMs, held(row).thisCarA]).toEqual([null, at, 10])
  })

  test('of a lowering: remembered with its limit', () => {
    const row = book(rows.lowering, refused(1, at + 5))
    expect([row.tx.refused, row.refusedAtMs, held(row).thisCarA]).toEqual([{ limitA: 10, atMs: at + 5 }, at + 5, 20])
  })

  test('of a fallback that was never confirmed: a lowering too', () => {
    const row = bookAll(rows.contacted, booked(1, 'default', 32), sent(1), refused(1))
    expect([row.default.refused, held(row).anyCarA]).toEqual([{ limitA: 32, atMs: at }, 32])
  })

  test('the next Accepted clears it, the end of the transaction too', () => {
    const row = book(rows.lowering, refused(1))
    const accepting = bookAll(row, booked(2, 'tx', 10), sent(2), accepted(2))
    const ended = book(row, { type: 'stopped', transactionId: 7 })
    expect([accepting.refusedAtMs, accepting.tx.refused, ended.refusedAtMs, ended.tx.refused]).toEqual([null, null, null, null])
  })
})

describe('after a reboot', () => {
  test('the fallback is trusted for 5 s, then the hardware counts', () => {
    const { forgotten } = rows
    expect([isForgotten(forgotten, at + 4_999), isForgotten(forgotten, at + 5_000)]).toEqual([false, true])
    expect([at + 4_999, at + 5_000].map((now) => defaultWorstA(forgotten, now))).toEqual([6, 32])
    expect([forgotten.tx.confirmed, forgotten.tx.inFlight.map(({ state, limitA }) => [state, limitA])]).toEqual([null, [['unknown', 16]]])
  })

  test('a fallback confirmed since then ends the doubt; one booked before does not', () => {
    const row = bookAll(rows.idle, booked(1, 'default', 6, { bookedAtMs: at - 1 }), sent(1), { type: 'booted', atMs: at, keepsProfiles: false }, accepted(1, at + 1))
    expect(row.doubtSinceMs).toBe(at)
    const sure = bookAll(row, booked(2, 'default', 6, { bookedAtMs: at + 2 }), sent(2), accepted(2, at + 3))
    expect([sure.doubtSinceMs, held(sure, at + 60_000)]).toEqual([null, { anyCarA: 6, thisCarA: 6 }])
  })

  test('a confirmed TxProfile does not end the doubt', () => {
    const row = bookAll(rows.forgotten, booked(1, 'tx', 10), sent(1), accepted(1))
    expect([row.doubtSinceMs, held(row, at + 5_000).anyCarA]).toEqual([at, 32])
  })

  test('reconfirmed late, the hardware has to settle first', () => {
    const row = bookAll(rows.forgotten, booked(1, 'default', 6, { bookedAtMs: at + 8_000 }), sent(1), accepted(1, at + 9_000))
    expect([held(row, at + 18_999).anyCarA, held(row, at + 19_000).anyCarA]).toEqual([32, 6])
  })

  test('a second reboot prolongs no trust', () => {
    const row = book(rows.forgotten, { type: 'booted', atMs: at + 4_000, keepsProfiles: false })
    expect(isForgotten(row, at + 5_000)).toBe(true)
  })
})

describe('transactions', () => {
  test('the end voids TxProfiles, confirmed, in flight and settling', () => {
    for (const row of [rows.charging, rows.raising, rows.lowering, rows.settling, rows.unknown]) {
      const after = book(row, { type: 'stopped', transactionId: 7 })
      expect([after.transactionId, after.tx.confirmed, after.tx.inFlight, after.settling]).toEqual([null, null, [], null])
      expect(held(after).thisCarA).toBe(row.default.confirmed!.limitA)
    }
  })

  test('another start ends the one before; its answers come too late', () => {
    const row = book(rows.raising, { type: 'started', transactionId: 8 })
    expect([row.transactionId, held(row).thisCarA]).toEqual([8, 0])
    expect(book(row, accepted(1))).toBe(row)
  })

  test('a draw is over with its transaction', () => {
    const row = bookAll(rows.charging, sampled(30), { type: 'stopped', transactionId: 7 })
    expect([row.measuredA, row.excess, held(row).thisCarA]).toEqual([null, false, 6])
  })

  test('the lowering of a fallback is not forgotten with it', () => {
    const lowering = { toA: 0, decidedAtMs: 5 }
    const row = bookAll(rows.charging, { type: 'noted', lowering, wantedSinceMs: null, starvedSinceMs: null }, { type: 'stopped', transactionId: 7 })
    expect(row.lowering).toEqual(lowering)
  })
})

describe('what a row remembers', () => {
  test('notes', () => {
    const row = book(rows.charging, { type: 'noted', lowering: { toA: 6, decidedAtMs: 3 }, wantedSinceMs: 4, starvedSinceMs: 5 })
    expect([row.lowering, row.wantedSinceMs, row.starvedSinceMs]).toEqual([{ toA: 6, decidedAtMs: 3 }, 4, 5])
  })

  test('a lowering is done when something at or below it is accepted, not before', () => {
    const noted = book(rows.lowering, { type: 'noted', lowering: { toA: 10, decidedAtMs: 3 }, wantedSinceMs: null, starvedSinceMs: null })
    expect(book(noted, accepted(1)).lowering).toBeNull()
    const deeper = book(rows.lowering, { type: 'noted', lowering: { toA: 6, decidedAtMs: 3 }, wantedSinceMs: null, starvedSinceMs: null })
    expect(book(deeper, accepted(1)).lowering).toEqual({ toA: 6, decidedAtMs: 3 })
  })

  test('when it changed, how often it was told, and that it was paused', () => {
    const told = bookAll(rows.charging, booked(1, 'tx', 16, { bookedAtMs: 5 }), { type: 'dropped', seq: 1 })
    expect([told.changedAtMs, told.bookedAtMs.at(-1)]).toEqual([rows.charging.changedAtMs, 5])
    const paused = book(told, booked(2, 'tx', 0, { bookedAtMs: 6 }))
    expect([paused.changedAtMs, paused.pausedByLimit]).toEqual([6, true])
    expect(book(paused, booked(3, 'tx', 0)).pausedByLimit).toBe(true)
    expect(book(paused, booked(3, 'default', 0)).pausedByLimit).toBe(true)
    expect(book(paused, booked(3, 'tx', 6)).pausedByLimit).toBe(false)
    let row: Row = rows.charging
    for (let seq = 1; seq < 9; seq++) row = book(row, booked(seq, 'tx', 16, { bookedAtMs: seq }))
    expect(row.bookedAtMs).toEqual([5, 6, 7, 8])
  })
})

describe('across a restart', () => {
  test('everything in flight is unknown and counts at its worst; a draw within its limit is no longer known', () => {
    const row = restoreRow(bookAll(rows.charging, sampled(9), booked(1, 'tx', 20), booked(2, 'default', 10), sent(2), { type: 'noted', lowering: { toA: 1, decidedAtMs: 1 }, wantedSinceMs: 1, starvedSinceMs: 2 }), 1_000_000)
    expect([row.tx.inFlight[0]!.state, row.default.inFlight[0]!.state]).toEqual(['unknown', 'unknown'])
    expect(held(row)).toEqual({ anyCarA: 10, thisCarA: 20 })
    expect([row.measuredA, row.excess, row.lowering, row.transactionId]).toEqual([null, false, null, 7])
  })

  test('a draw above the limit is remembered until a sample says otherwise', () => {
    const row = restoreRow(bookAll(rows.charging, sampled(30)), 1_000_000)
    expect(held(row).thisCarA).toBe(30)
    expect(book(row, { type: 'sampled', highestA: 9, measuredAtMs: 1_000_100, atMs: 1_000_100 }).excess).toBe(false)
  })

  test('a lowering that was not proven begins its proof again: nobody listened meanwhile', () => {
    const row = restoreRow(rows.settling, 1_000_000)
    expect(reservedA(row, 1_009_999).thisCarA).toBe(20)
    expect(reservedA(row, 1_010_000).thisCarA).toBe(row.tx.confirmed!.limitA)
  })

  test('leases are believed only once the clock was measured', () => {
    expect(rewireRow(undefined, 16, true, 3).obeysLease).toBe(false)
    const trusted = book(openRow(16, false), { type: 'lease-trusted', trusted: true })
    expect([rewireRow(trusted, 16, true, 3).obeysLease, rewireRow(trusted, 16, false, 3).obeysLease]).toEqual([true, false])
  })

  test('a changed configuration keeps the row', () => {
    expect(rewireRow(rows.charging, 16, true, 3)).toEqual({ ...rows.charging, hardwareA: 16 })
    expect(rewireRow(undefined, 16, true, 3)).toEqual(openRow(16, false))
    expect(newest(rows.raising.tx)?.seq).toBe(1)
    expect(newest(openRow(1, false).tx)).toBeNull()
  })
})

describe('TxProfiles of others', () => {
  const others = (limitA: number): Fact => ({ type: 'others', limitA, atMs: at })
  const idle = { ...rows.idle, others: null }
  const startOf = (row: Row, transactionId: number) => book(row, { type: 'started', transactionId })
  const stopOf = (row: Row, transactionId: number) => book(row, { type: 'stopped', transactionId })

  test('count at once where a transaction runs without a TxProfile of ours, and never below the fallback', () => {
    const running = startOf(idle, 7)
    expect(held(book(running, others(10)))).toEqual({ anyCarA: 6, thisCarA: 10 })
    expect(held(book(running, others(4)))).toEqual({ anyCarA: 6, thisCarA: 6 })
    expect(book(book(running, others(10)), others(8)).tx.inFlight).toHaveLength(1)
  })
  test('wait for the next transaction, and count in it and the one after it', () => {
    const waiting = book(idle, others(10))
    expect(held(waiting).thisCarA).toBe(6)
    const first = startOf(waiting, 7)
    const second = startOf(stopOf(first, 7), 8)
    const third = startOf(stopOf(second, 8), 9)
    expect([first, second, third].map((row) => held(row).thisCarA)).toEqual([10, 10, 6])
  })
  test('a start that ends the one before counts as its end', () => {
    const third = startOf(startOf(startOf(book(idle, others(10)), 7), 8), 9)
    expect(held(third).thisCarA).toBe(6)
  })
  test('are over as soon as ours stands above them', () => {
    const row = bookAll(startOf(book(idle, others(10)), 7), booked(1, 'tx', 8), sent(1), accepted(1))
    expect([row.tx.inFlight, row.tx.confirmed?.limitA]).toEqual([[], 8])
  })
  test('hide beneath ours that stands already', () => {
    expect(held(book({ ...rows.charging, others: null }, others(10))).thisCarA).toBe(held(rows.charging).thisCarA)
  })
  test('are there again after a restart, and rows of before know none', () => {
    expect(restoreRow(book(idle, others(10)), at).others).toEqual({ limitA: 10, atMs: at, ends: 0 })
    const { others: _, ...old } = rows.idle
    expect(restoreRow(old as Row, at).others).toBeNull()
  })
})
