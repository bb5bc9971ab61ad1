// When something must be looked at again because time alone changes it.
import { climbAtMs } from './disobedience.ts'
import { doubtMs, leaseMarginMs, settledAtMs, settleMs } from './ledger.ts'
import type { Place } from './loads.ts'
import type { Alarm } from './raising.ts'
import { unansweredMs } from './stuck.ts'

/** Rings at the first of the instants after `nowMs` it is set to, Infinity = never. */
export function alarmAfter(nowMs: number, withinMs = Infinity): Alarm {
  let first = nowMs + withinMs
  return {
    at(ms) { if (ms > nowMs && ms < first) first = ms },
    first: () => first,
  }
}

/** Every instant at which the same row means something else; what is kept of a place (see `memory.ts`) holds until the first of them. */
export function watch({ row }: Place, wake: Alarm): void {
  if (row.settling !== null) {
    wake.at(settledAtMs(row.settling, row.heldUntilMs))
    wake.at(row.settling.acceptedAtMs + settleMs)
  }
  if (row.lowering !== null) wake.at(row.lowering.decidedAtMs + unansweredMs)
  if (row.disobeying) wake.at(climbAtMs(row.disobeying))
  if (row.doubtSinceMs !== null) wake.at(row.doubtSinceMs + doubtMs)
  if (!row.obeysLease) return
  for (const slot of [row.tx, row.default]) for (const entry of [slot.confirmed, ...slot.inFlight]) if (entry?.leaseEndsAtMs) wake.at(entry.leaseEndsAtMs + leaseMarginMs)
}
