// What a limit in watts is on one phase: OCPP's watts are the total, and a car may take them all on one.
import type { Entry, Row } from './ledger.ts'

/** Phases over which watts are certain to be spread: as measured, or else as told, or else one. */
export function provenPhases({ direct, phases: { wired, told, measured } }: Row): number {
  if (direct === true) return wired
  return Math.max(1, Math.min(wired, measured ?? told ?? 1))
}

/** For how many phases a limit in watts is worked out, for all rows it holds for: any car may come under a TxDefaultProfile; the whole of the hardware cannot be exceeded. */
export function spreadOf(rows: readonly Row[], slot: 'default' | 'tx', limitA: number): number {
  return Math.min(...rows.map((row) => (limitA >= row.hardwareA || row.direct === true ? row.phases.wired : slot === 'tx' ? provenPhases(row) : 1)))
}

/** What an entry allows on a phase: watts all on the phases that are proven. A shape that is not known counts as the worse. */
export function worthA(entry: Entry, row: Row): number {
  const { limitA, phases = 1, unit } = entry
  if (row.direct === true || unit === 'A' || (unit === undefined && phases === 1) || limitA >= row.hardwareA) return limitA
  const proven = entry.slot === 'tx' ? provenPhases(row) : 1
  const wattsA = phases === proven ? limitA : Math.min(row.hardwareA, (limitA * phases) / proven)
  return unit === 'W' ? wattsA : Math.max(limitA, wattsA)
}
