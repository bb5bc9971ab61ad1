// Rows that come from elsewhere: out of the store, or into a changed configuration.
import { openRow, type Entry, type Row, type Slot } from './ledger.ts'
import { usualQuirks } from './quirks.ts'
import { leaveBehind } from './relearning.ts'
import { mapTimes, newestSeq } from './row-times.ts'

/**
 * A restored row: whatever was in flight when we stopped may or may not have arrived; a lowering that was not proven begins
 * its proof again, since nobody listened meanwhile; a draw above the limit holds until a sample says otherwise.
 * `laterMs` = by how much the time of now is ahead of the one it was written in. Nothing has happened later than now.
 */
export function restoreRow(stored: Row, nowMs: number, laterMs = 0): Row {
  const unknown = (slot: Slot): Slot => ({ ...slot, inFlight: slot.inFlight.map((entry): Entry => ({ ...entry, state: 'unknown' })) })
  // Rows of before may not know these.
  const known: Row = {
    ...stored, quirks: stored.quirks ?? usualQuirks, phases: stored.phases ?? { wired: 3, told: null, measured: null }, leftA: stored.leftA ?? null, left: stored.left ?? ((stored.leftA ?? null) === null ? [] : ['own']), others: stored.others ?? null,
    heldUntilMs: stored.heldUntilMs ?? null, doubtAfterSeq: stored.doubtAfterSeq ?? newestSeq(stored),
  }
  const row = mapTimes(known, (ms) => Math.min(ms + laterMs, nowMs), (ms) => ms + laterMs)
  return {
    ...leaveBehind(row, row.default.inFlight), default: unknown(row.default), tx: unknown(row.tx), lowering: null,
    measuredA: row.excess ? row.measuredA : null,
    settling: row.settling === null ? null : { ...row.settling, acceptedAtMs: nowMs, quietSinceMs: nowMs },
  }
}

/** The row under a changed configuration of its connector. Leases are trusted only where the clock was measured (I5), so never at first. */
export function rewireRow(row: Row | undefined, hardwareA: number, mayTrustLease: boolean, wired: number, direct = false): Row {
  if (row === undefined) return { ...openRow(hardwareA, false, wired), ...(direct ? { direct } : {}) }
  const { direct: _, ...rest } = row
  return { ...rest, ...(direct ? { direct } : {}), hardwareA, obeysLease: row.obeysLease && mayTrustLease, phases: { ...row.phases, wired, measured: row.phases.wired === wired ? row.phases.measured : null } }
}
