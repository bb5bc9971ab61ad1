// Leases that may have ended: what the car may be back at, so that telling it more would be a raising, whatever is still reserved for it.
import type { Slot } from './ledger.ts'

/** What leaves so long before the end of a lease may come after it. */
const arrivalMs = 5_000

/** What a slot may be back at by now, A; Infinity = none of its leases may have ended. */
export function lapsedA({ confirmed, inFlight }: Slot, nowMs: number): number {
  let leastA = Infinity
  for (const { leaseEndsAtMs, fallbackA } of confirmed === null ? inFlight : [confirmed, ...inFlight]) {
    if (leaseEndsAtMs !== null && nowMs >= leaseEndsAtMs - arrivalMs) leastA = Math.min(leastA, fallbackA)
  }
  return leastA
}

/** When each of its leases may have ended first, ms. */
export function lapsesAtMs({ confirmed, inFlight }: Slot): readonly number[] {
  return (confirmed === null ? inFlight : [confirmed, ...inFlight]).flatMap(({ leaseEndsAtMs }) => (leaseEndsAtMs === null ? [] : [leaseEndsAtMs - arrivalMs]))
}
