// A charger that nothing helped against: what stays counted for it, and what it must show to be trusted again.
import { describe, expect, test } from 'vitest'
import { watchDraw, type Disobedience } from '../../src/power/disobedience.ts'
import { distrustAfter, distrustedA, drawsItsLimit, prove, type Distrust } from '../../src/power/distrust.ts'
import { book } from '../../src/power/booking.ts'
import { openRow, reservedA } from '../../src/power/ledger.ts'
import { restoreRow } from '../../src/power/restoring.ts'

const stopped: Disobedience = { sinceMs: 0, lastMs: 90_000, samples: 9, drawnA: 20, mostA: 22, reportedA: null, rung: 'stop', rungAtMs: 90_000, tried: ['again', 'stop'], obeysSinceMs: null }
const distrust: Distrust = { drawnA: 20, reportedA: null, obeysSinceMs: null }
/** Samples every 10 s under a limit of 10 A, of a car that would take 32 A. */
const after = (amounts: readonly number[], limitA: number | null = 10, carA = 32): Distrust | null =>
  amounts.reduce<Distrust | null>((state, drawnA, index) => state && prove(state, { drawnA, measuredAtMs: index * 10_000, limitA, carA }), distrust)

describe('distrust', () => {
  test('begins where a transaction ends at the stop or beyond, with the most it drew', () => {
    expect(distrustAfter(null, stopped)).toEqual({ drawnA: 22, reportedA: null, obeysSinceMs: null })
    expect(distrustAfter(null, { ...stopped, rung: 'schedule', tried: ['again', 'schedule'] })).toBeNull()
    expect(distrustAfter(null, { ...stopped, drawnA: null })).toBeNull()
    expect(distrustAfter(null, null)).toBeNull()
  })

  test('never counts less after another car, and a proof that was begun begins anew', () => {
    expect(distrustAfter({ drawnA: 30, reportedA: 31, obeysSinceMs: 5 }, stopped)).toEqual({ drawnA: 30, reportedA: 31, obeysSinceMs: null })
    expect(distrustAfter({ ...distrust, obeysSinceMs: 5 }, null)).toEqual(distrust)
  })

  test('counts 1.05 times what it drew or what it reported, up to the hardware or what it drew', () => {
    expect([distrust, { ...distrust, reportedA: 25 }, { ...distrust, reportedA: 99 }, { ...distrust, drawnA: 32 }, { ...distrust, drawnA: 33 }, null].map((one) => distrustedA(one, 32))).toEqual([21, 25, 32, 32, 33, 0])
  })

  test('ends with 30 s at a limit below what it drew', () => {
    expect(after([10, 9.8, 10])).not.toBeNull()
    expect(after([10, 9.8, 10, 10])).toBeNull()
    expect(after([10, 10, 20, 10, 10, 10])).not.toBeNull()
  })

  test('no proof: a limit above what it drew, one its car would not reach, hardly a draw, or no limit that stands', () => {
    const same = [10, 10, 10, 10, 10]
    expect(after(same.map(() => 20), 20)).toEqual(distrust)
    expect(after(same, 10, 10)).toEqual(distrust)
    expect(after(same.map(() => 6))).toEqual(distrust)
    expect(after(same.map(() => 0), 0)).toEqual(distrust)
    expect(after(same, null)).toEqual(distrust)
  })

  test('what it draws more from then on counts', () => {
    expect(after([24])).toEqual({ ...distrust, drawnA: 24 })
  })

  test('at its limit is not above it, and not far below', () => {
    expect([[11.1, 10], [11, 10], [9, 10], [8.9, 10]].map(([drawnA, limitA]) => drawsItsLimit(drawnA!, limitA!))).toEqual([false, true, true, false])
  })

  test('after the stop, less current is no obedience', () => {
    expect([0, 8.9].map((drawnA) => watchDraw(stopped, drawnA, 100_000, 10))).toEqual([stopped, stopped])
    expect(watchDraw(stopped, 10, 100_000, 10)?.obeysSinceMs).toBe(100_000)
  })

  test('in the row: of any car, over a restart and the next car, until it is trusted', () => {
    const confirmed = { seq: 1, slot: 'default' as const, limitA: 0, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'sent' as const }
    const running = { ...openRow(32, false), contactedAtMs: 0, transactionId: 7, disobeying: stopped, default: { confirmed, inFlight: [], refused: null } }
    const ended = restoreRow(book(running, { type: 'stopped', transactionId: 7 }), 200_000)
    for (const row of [ended, book(ended, { type: 'started', transactionId: 8 })]) expect(reservedA(row, 200_000).anyCarA).toBeCloseTo(23.1, 9)
    expect(reservedA(book(ended, { type: 'trusted' }), 200_000).anyCarA).toBe(0)
  })
})
