// Leases that may have ended: what the car may be back at, so that telling it more would be a raising, whatever is still reserved for it.
import type { Row, Slot } from './ledger.ts'

/** What leaves so long before the end of a lease may come after it. */
export const arrivalMs = 5_000

/** What such cars may be back at by now, A, at the least of them; Infinity = none of their leases in that slot may have ended. */
export function lapsedA(rows: readonly Row[], slot: 'default' | 'tx', nowMs: number): number {
  return Math.min(...rows.map((row) => lapsedIn(row[slot], nowMs)))
}

function lapsedIn({ confirmed, inFlight }: Slot, nowMs: number): number {
  let leastA = Infinity
  for (const { leaseEndsAtMs, fallbackA } of confirmed === null ? inFlight : [confirmed, ...inFlight]) {
    if (leaseEndsAtMs !== null && nowMs >= leaseEndsAtMs - arrivalMs) leastA = Math.min(leastA, fallbackA)
  }
  return leastA
}
