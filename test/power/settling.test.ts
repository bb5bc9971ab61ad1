// From booked to settled: how long an old value stays reserved, what proves a lowering, and what a measurement or a lease adds.
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { expectedA, isSettling, permitsA, tolerance, txWorstA, type Fact } from '../../src/power/ledger.ts'
import { bookAll, settledRow } from './fixtures.ts'
import { accepted, at, booked, held, refused, rows, sampled, sent, unanswered } from './ledger-facts.ts'

describe('from booking to settled', () => {
  test('a raising counts from its booking, and no later than its answer', () => {
    const row = book(rows.charging, booked(1, 'tx', 20))
    expect(held(row).thisCarA).toBe(20)
    const done = bookAll(row, sent(1), accepted(1))
    expect([held(done).thisCarA, done.settling, expectedA(done), done.tx.inFlight]).toEqual([20, null, 20, []])
  })

  test.each<[string, Fact, number]>([
    ['dropped', { type: 'dropped', seq: 1 }, 10], ['refused', refused(1), 10], ['unanswered', unanswered(1), 20],
  ])('a raising that is %s', (_, fact, expected) => {
    expect(held(book(rows.raising, fact)).thisCarA).toBe(expected)
  })

  test('a lowering counts as its old value until it is accepted, and for 10 s more without evidence against it', () => {
    expect(isSettling(rows.settling, at + 9_999)).toBe(true)
    expect([held(rows.settling, at + 9_999).thisCarA, held(rows.settling, at + 10_000).thisCarA]).toEqual([20, 10])
  })

  test.each<[string, readonly Fact[], number | null]>([
    ['a fall after the Accepted proves it', [sampled(20, at + 1), sampled(10.4, at + 2)], 10],
    ['a fall from above, seen before the Accepted, proves it too', [sampled(9, at + 2)], null],
    ['a car that never drew more proves nothing', [sampled(8, at + 1), sampled(8, at + 2)], null],
    ['a sample measured before the Accepted proves nothing', [sampled(20, at + 1), sampled(10, at + 2, at - 1)], null],
    ['a dip measured before the Accepted spoils the proof of the next sample', [sampled(20, at + 1), sampled(10, at + 2, at - 1), sampled(10, at + 3)], null],
    ['just above the tolerance is no fall', [sampled(20, at + 1), sampled(10.6, at + 2)], null],
  ])('%s', (_, facts, settledA) => {
    const row = bookAll(rows.settling, ...facts)
    expect(held(row, at + 5).thisCarA).toBe(settledA ?? 20)
  })

  test.each<[string, number | null, number, boolean]>([
    ['on one phase it may be more than the limit: not proven', null, 30, false], ['told as one phase: not proven', 1, 30, false],
    ['told as three: proven', 3, 30, true], ['of no phase more than the limit: proven', null, 10, true],
  ])('a total that names no phase, %s', (_, phases, totalA, proven) => {
    const total = (amps: number, atMs: number): Fact => ({ type: 'sampled', highestA: amps / 3, measuredAtMs: atMs, atMs, totalA: amps })
    const row = bookAll(book(rows.settling, { type: 'told', phases }), total(60, at + 1), total(totalA, at + 2))
    expect(held(row, at + 5).thisCarA).toBe(proven ? 10 : 20)
  })

  test('drawn before it was accepted, not any more after: proven by one sample', () => {
    const row = bookAll(rows.lowering, sampled(19, at - 5), accepted(1), sampled(9.9, at + 1))
    expect([row.settling, held(row, at + 1).thisCarA]).toEqual([null, 10])
  })

  test('evidence against it restarts the time, and a little more so that the next sample decides', () => {
    const row = book(rows.settling, sampled(20, at + 4_000))
    expect([held(row, at + 16_499).thisCarA, held(row, at + 16_500).thisCarA]).toEqual([20, 10])
  })

  test('what is still drawn when the car has had its time stays reserved, however long no sample comes', () => {
    const row = book(rows.settling, sampled(19, at + 9_000))
    expect([held(row, at + 12_000).thisCarA, held(row, at + 600_000).thisCarA]).toEqual([20, 19])
    expect(held(book(row, sampled(10, at + 70_000)), at + 70_000).thisCarA).toBe(10)
  })

  test('a lower limit while the last one is settling keeps the first value', () => {
    const row = bookAll(rows.settling, booked(2, 'tx', 6, { bookedAtMs: at + 5_000 }), sent(2), accepted(2, at + 6_000))
    expect([held(row, at + 15_999).thisCarA, held(row, at + 16_000).thisCarA]).toEqual([20, 6])
  })

  test('a lowering that has settled by time says nothing in a later one', () => {
    const row = bookAll(rows.settling, booked(2, 'tx', 6, { bookedAtMs: at + 60_000 }), sent(2), accepted(2, at + 60_000))
    expect(held(row, at + 60_001).thisCarA).toBe(10)
  })

  test('a raise above the old value ends the settling', () => {
    const row = bookAll(rows.settling, booked(2, 'tx', 25), sent(2), accepted(2))
    expect([row.settling, held(row).thisCarA]).toEqual([null, 25])
  })
})

describe('a fallback and a TxProfile at the same time', () => {
  const both = bookAll(settledRow({ fallbackA: 10, txA: 25 }), booked(1, 'tx', 12), sent(1), accepted(1, at), booked(2, 'default', 0), sent(2))

  test('accepting the fallback does not end the settling of the TxProfile', () => {
    const row = book(both, accepted(2, at + 500))
    expect(held(row, at + 600)).toEqual({ anyCarA: 10, thisCarA: 25 })
    expect(held(row, at + 10_500)).toEqual({ anyCarA: 0, thisCarA: 12 })
  })

  test('nor the other way round', () => {
    const row = bookAll(settledRow({ fallbackA: 10, txA: 25 }), booked(1, 'default', 0), sent(1), accepted(1, at), booked(2, 'tx', 12), sent(2), accepted(2, at + 500))
    expect(held(row, at + 600)).toEqual({ anyCarA: 10, thisCarA: 25 })
  })

  test('the draw under a TxProfile proves nothing about the fallback beneath it', () => {
    const row = bookAll(both, accepted(2, at + 500), sampled(25, at + 1_000), sampled(12, at + 2_000))
    expect(held(row, at + 2_001)).toEqual({ anyCarA: 10, thisCarA: 12 })
    expect(held(row, at + 13_500)).toEqual({ anyCarA: 0, thisCarA: 12 })
  })

  test('raising the fallback leaves the settling of the TxProfile alone', () => {
    const row = bookAll(settledRow({ fallbackA: 0, txA: 25 }), booked(1, 'tx', 12), sent(1), accepted(1, at), booked(2, 'default', 6), sent(2), accepted(2, at + 5_000))
    expect([held(row, at + 9_999), held(row, at + 10_000)]).toEqual([{ anyCarA: 6, thisCarA: 25 }, { anyCarA: 6, thisCarA: 12 }])
  })

  test('when the transaction ends, what the fallback was stays reserved until it has settled', () => {
    const row = bookAll(both, accepted(2, at + 500), { type: 'stopped', transactionId: 7 })
    expect(held(row, at + 600)).toEqual({ anyCarA: 10, thisCarA: 10 })
    expect(held(row, at + 10_500)).toEqual({ anyCarA: 0, thisCarA: 0 })
  })
})

describe('measured', () => {
  test('above the limit by more than the tolerance is reserved', () => {
    expect([tolerance(10), tolerance(32)]).toEqual([0.5, 0.96])
    expect([16.5, 16.51].map((amps) => held(book(rows.charging, sampled(amps))).thisCarA)).toEqual([16, 16.51])
    expect(held(bookAll(rows.charging, sampled(20), sampled(16)), at).thisCarA).toBe(16)
  })

  test('a draw above the old limit stays reserved when a lower one is accepted', () => {
    const row = bookAll(rows.charging, sampled(30), booked(1, 'tx', 10), sent(1), accepted(1))
    expect([held(row).thisCarA, held(row, at + 60_000).thisCarA]).toEqual([30, 30])
    expect(held(book(row, sampled(10, at + 1)), at + 2).thisCarA).toBe(10)
  })

  test('a draw that a higher limit was asked for is none above it', () => {
    const row = bookAll(rows.raising, sampled(18), accepted(1))
    expect([row.excess, held(row).thisCarA]).toEqual([false, 20])
  })

  test('a draw without a transaction counts on every phase of the connector', () => {
    expect(held(book(rows.idle, sampled(14)))).toEqual({ anyCarA: 6, thisCarA: 14 })
  })
})

describe('leases', () => {
  const leased = (obeysLease: boolean) => bookAll(settledRow({ fallbackA: 6, obeysLease, transactionId: 7 }), booked(1, 'tx', 20, { fallbackA: 6, leaseEndsAtMs: 100_000 }), sent(1), accepted(1))

  test('the old limit holds until the lease has ended and a minute more', () => {
    expect([159_999, 160_000].map((now) => held(leased(true), now).thisCarA)).toEqual([20, 6])
    expect(permitsA(leased(true).tx.confirmed!, leased(true), 160_000)).toBe(6)
  })

  test('for ever where obedience is unproven', () => {
    expect(held(leased(false), 1e12).thisCarA).toBe(20)
  })

  test('what is in flight lapses as well', () => {
    const row = bookAll(settledRow({ obeysLease: true, transactionId: 7 }), booked(1, 'tx', 20, { leaseEndsAtMs: 100_000 }), unanswered(1))
    expect([159_999, 160_000].map((now) => txWorstA(row, now))).toEqual([20, 0])
  })
})
