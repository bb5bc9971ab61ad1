// The same limit again and again: whatever the reason, there is an end to it within a minute.
import { expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import type { Row } from '../../src/power/ledger.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { bookAll, entry, makePlace, makeTree, planOf, settledRow, stations } from './fixtures.ts'

const tree = makeTree({ fuseA: 32 }, stations(1))

/** A charge point whose word never ends the doubt, asked ten times a second for so many seconds: when it was told. */
function tell(row: Row, seconds: number, settles: (row: Row, nowMs: number) => Row): number[] {
  const told: number[] = []
  let now = row
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 100) {
    now = settles(now, nowMs)
    if (planOf(tree, [makePlace(tree, 'CP1/1', { row: now })], { nowMs }).lowerings.length === 0) continue
    told.push(nowMs)
    now = bookAll(now, { type: 'booked', entry: entry(told.length, 'default', 0, { bookedAtMs: nowMs }) }, { type: 'sent', seq: told.length }, { type: 'accepted', seq: told.length, atMs: nowMs })
  }
  return told
}

test('what is confirmed and only doubted is told four times a minute at most', () => {
  const told = tell(settledRow(), 180, (row, nowMs) => ({ ...row, doubtSinceMs: nowMs, doubtAfterSeq: 1e9 }))
  expect(told).toEqual([0, 100, 200, 300, 60_000, 60_100, 60_200, 60_300, 120_000, 120_100, 120_200, 120_300])
})

test('what takes something away is told twelve times a minute at most', () => {
  const told = tell(settledRow(), 60, (row) => ({ ...row, doubtSinceMs: -10_000, doubtAfterSeq: 1e9 }))
  expect(told.length).toBe(12)
})

test('another limit is told at once', () => {
  const often = bookAll(settledRow(), ...[1, 2, 3, 4].map((seq) => ({ type: 'booked' as const, entry: entry(seq, 'default', 0) })), ...[1, 2, 3, 4].map((seq) => ({ type: 'dropped' as const, seq })))
  const doubted = book(often, { type: 'booted', atMs: 0, keepsProfiles: false })
  expect(planOf(tree, [makePlace(tree, 'CP1/1', { row: doubted })], { nowMs: 1 }).lowerings).toEqual([])
  const other = bookAll(settledRow({ fallbackA: 6 }), ...[1, 2, 3, 4].map((seq) => ({ type: 'booked' as const, entry: entry(seq, 'default', 6) })), ...[1, 2, 3, 4].map((seq) => ({ type: 'dropped' as const, seq })), { type: 'booted', atMs: 0, keepsProfiles: false })
  expect(planOf(tree, [makePlace(tree, 'CP1/1', { row: other })], { nowMs: 1 }).lowerings).toMatchObject([{ limitA: 0 }])
})

test('a row of another time: what has happened is not later than now, and leases end as much later as the time of now is ahead', () => {
  const row = bookAll(settledRow({ txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 12, { bookedAtMs: 50_000, leaseEndsAtMs: 950_000 }) }, { type: 'booted', atMs: 50_000, keepsProfiles: false })
  const back = restoreRow(row, 20_000, -40_000)
  expect([back.doubtSinceMs, back.tx.inFlight.at(-1)]).toMatchObject([10_000, { bookedAtMs: 10_000, leaseEndsAtMs: 910_000 }])
  const unknown = restoreRow(row, 20_000)
  expect([unknown.doubtSinceMs, unknown.tx.inFlight.at(-1)]).toMatchObject([20_000, { bookedAtMs: 20_000, leaseEndsAtMs: 950_000 }])
})
