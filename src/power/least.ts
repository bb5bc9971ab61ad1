// What a car may be down to while nobody knows: a lease that may have ended, a raising that was not answered. Telling it more would be a raising, whatever is still reserved for it.
import type { Entry, Row, Slot } from './ledger.ts'

/** What leaves so long before the end of a lease may come after it. */
export const arrivalMs = 5_000

/** The least that such cars may be allowed by now, A, at the lowest of them, or the lowest that can be told there; Infinity = what is confirmed in that slot holds for certain, or nothing was told in it. */
export function leastA(rows: readonly Row[], slot: 'default' | 'tx', nowMs: number): number {
  return Math.min(...rows.map((row) => Math.max(row.quirks.pauseA, leastIn(row[slot], nowMs))))
}

function leastIn({ confirmed, inFlight }: Slot, nowMs: number): number {
  let least = confirmed !== null && hasLapsed(confirmed, nowMs) ? confirmed.fallbackA : Infinity
  for (const entry of inFlight) {
    if (entry.state !== 'unknown') continue
    least = Math.min(least, hasLapsed(entry, nowMs) ? entry.fallbackA : entry.limitA, confirmed?.limitA ?? entry.fallbackA)
  }
  return least
}

/** Whether a lease in that slot may have ended: the same limit once more may be a raising then. */
export function mayHaveLapsed(row: Row, slot: 'default' | 'tx', nowMs: number): boolean {
  const { confirmed, inFlight } = row[slot]
  return [...(confirmed === null ? [] : [confirmed]), ...inFlight].some((entry) => hasLapsed(entry, nowMs))
}

function hasLapsed({ leaseEndsAtMs }: Entry, nowMs: number): boolean {
  return leaseEndsAtMs !== null && nowMs >= leaseEndsAtMs - arrivalMs
}
