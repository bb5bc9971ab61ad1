// What a car may be down to while nobody knows: a lease that may have ended, a raising that was not answered. Telling it more would be a raising, whatever is still reserved for it.
import type { Entry, Row } from './ledger.ts'
import { othersSeq } from './relearning.ts'
import { worthA } from './watts.ts'

/** What leaves so long before the end of a lease may come after it. */
export const arrivalMs = 5_000

/**
 * The least that such cars may be allowed by now, A, at the lowest of them, or the lowest that can be told there; Infinity = what is
 * confirmed in that slot holds for certain, or nothing was told in it. `leaving` = asked as something leaves: what still counts as sent
 * then was refused, and is being negotiated.
 */
export function leastA(rows: readonly Row[], slot: 'default' | 'tx', nowMs: number, leaving = false): number {
  let least = Infinity
  for (const row of rows) least = Math.min(least, Math.max(row.quirks.pauseA, leastIn(row, slot, nowMs, leaving)))
  return least
}

function leastIn(row: Row, slot: 'default' | 'tx', nowMs: number, leaving: boolean): number {
  const { confirmed, inFlight } = row[slot]
  let least = confirmed !== null && hasLapsed(confirmed, nowMs) ? confirmed.fallbackA : Infinity
  for (const entry of inFlight) {
    if (entry.state === 'booked' || (entry.state === 'sent' && !leaving)) continue
    // Without a TxProfile of ours it holds its TxDefaultProfile, whatever the fallback was to be.
    const before = confirmed ?? (slot === 'tx' ? row.default.confirmed : null)
    least = Math.min(least, openA(entry, row, nowMs), before === null ? Infinity : toldA(before, row, nowMs))
  }
  return least
}

/** Of one that may stand or not. What others allow is a most, and no limit of ours; of those that were merged nobody knows the least. */
function openA(entry: Entry, row: Row, nowMs: number): number {
  if (entry.seq === othersSeq) return Infinity
  return entry.seq < 0 ? 0 : toldA(entry, row, nowMs)
}

/** Of one told in watts for fewer phases than are proven by now nobody knows what of it could be told. */
function toldA(entry: Entry, row: Row, nowMs: number): number {
  if (worthA(entry, row) < entry.limitA) return 0
  return hasLapsed(entry, nowMs) ? Math.min(entry.limitA, entry.fallbackA) : entry.limitA
}

/** Whether a lease in that slot may have ended: the same limit once more may be a raising then. */
export function mayHaveLapsed(row: Row, slot: 'default' | 'tx', nowMs: number): boolean {
  const { confirmed, inFlight } = row[slot]
  return (confirmed !== null && hasLapsed(confirmed, nowMs)) || inFlight.some((entry) => hasLapsed(entry, nowMs))
}

function hasLapsed({ leaseEndsAtMs }: Entry, nowMs: number): boolean {
  return leaseEndsAtMs !== null && nowMs >= leaseEndsAtMs - arrivalMs
}
