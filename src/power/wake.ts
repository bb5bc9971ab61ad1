// When something must be looked at again because time alone changes it.
import { climbAtMs } from './disobedience.ts'
import { arrivalMs } from './least.ts'
import { doubtMs, leaseMarginMs, settledAtMs, settleMs, type Slot } from './ledger.ts'
import type { Place } from './loads.ts'
import type { Alarm } from './raising.ts'
import { unansweredMs } from './stuck.ts'

/** Rings at the first of the instants after `nowMs` it is set to, Infinity = never. */
export function alarmAfter(nowMs: number, withinMs = Infinity): Alarm {
  return new First(nowMs, nowMs + withinMs)
}

class First implements Alarm {
  private readonly nowMs: number
  private ms: number

  constructor(nowMs: number, ms: number) {
    this.nowMs = nowMs
    this.ms = ms
  }

  at(ms: number): void {
    if (ms > this.nowMs && ms < this.ms) this.ms = ms
  }

  first(): number {
    return this.ms
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
  watchLeases(row.tx, -arrivalMs, wake)
  watchLeases(row.default, -arrivalMs, wake)
  if (!row.obeysLease) return
  watchLeases(row.tx, leaseMarginMs, wake)
  watchLeases(row.default, leaseMarginMs, wake)
}

function watchLeases({ confirmed, inFlight }: Slot, laterMs: number, wake: Alarm): void {
  if (confirmed?.leaseEndsAtMs) wake.at(confirmed.leaseEndsAtMs + laterMs)
  for (const { leaseEndsAtMs } of inFlight) if (leaseEndsAtMs) wake.at(leaseEndsAtMs + laterMs)
}
