// When something was, as its message says: with what tells a clock that was put right while a car charges from one that is only off.
import { isNear, type SaidTime } from '../counted-time.ts'
import type { Station } from './station.ts'

/** A clock that is off by less is believed. */
export const rightWithinMs = 10_000

/** What is added to the times of a transaction that begins now: whole seconds, and nothing while the clock is nearly right. */
export function pinnedOffset(offsetMs: number): number {
  return Math.abs(offsetMs) < rightWithinMs ? 0 : Math.round(offsetMs / 1_000) * 1_000
}

/** A time of the charge point as it was named; null = none that can be, so that of its reception stands for it. */
export function saidTime(station: Station, saidMs: number | null, receivedAtMs: number): SaidTime {
  return saidMs === null ? { atMs: receivedAtMs, byStation: false } : byMeasure(station, { atMs: saidMs, byStation: true }, receivedAtMs)
}

/** The same with the clock as it is measured now, where that is another than a running transaction has pinned and the message is live by it. */
export function byMeasure<T extends SaidTime>(station: Station, time: T, receivedAtMs: number): T {
  const { offsetMs, tallies, clock } = station
  if (!time.byStation || !tallies.isOff(offsetMs)) return time
  const byMs = time.atMs + pinnedOffset(offsetMs)
  if (!isNear(receivedAtMs, byMs)) return time
  return { ...time, live: { byMs, heardMs: [receivedAtMs, clock.mono() + tallies.aheadMs] } }
}
