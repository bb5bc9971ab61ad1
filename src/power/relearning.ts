// What a ledger row becomes when its charge point is found to take profiles otherwise.
import { newest, type Entry, type Row } from './ledger.ts'
import type { Quirks } from './quirks.ts'

/** In another shape nothing was refused yet; at another address nothing stands yet, and what stands at the old one may go on ruling. */
export function takeQuirks(row: Row, quirks: Quirks): Row {
  const { ladder, unit, pauseA, lease } = row.quirks
  if (ladder === quirks.ladder && unit === quirks.unit && pauseA === quirks.pauseA && lease === quirks.lease) return row
  const anew: Row = { ...row, quirks, refusedAtMs: null, changedAtMs: ladder === 'tx' ? changedSince(row) : row.changedAtMs, default: { ...row.default, refused: null }, tx: { ...row.tx, refused: null } }
  if (addressOf(ladder) === addressOf(quirks.ladder)) return anew
  // What is on the wire is the one that was just taken at the new address, or its answer tells otherwise; what has not left was meant for the old one.
  const { confirmed, inFlight } = row.default
  const stood = [...(confirmed === null ? [] : [confirmed]), ...inFlight.filter(({ state }) => state === 'unknown')]
  const leftA = quirks.ladder === 'default' || quirks.ladder === 'tx' ? null : addressOf(ladder) !== 'own' || stood.length === 0 ? row.leftA : Math.max(row.leftA ?? 0, ...stood.map((entry) => entry.limitA))
  const travelling = inFlight.filter(({ state }) => state === 'sent').map((entry): Entry => (addressOf(ladder) === 'own' ? { ...entry, astray: true } : entry))
  return { ...anew, default: { confirmed: null, inFlight: travelling, refused: null }, leftA }
}

/** The row when nobody will ever say any more where these were taken. */
export function leaveBehind(row: Row, entries: readonly Entry[]): Row {
  const astray = entries.filter((entry) => entry.astray === true)
  return astray.length === 0 || addressOf(row.quirks.ladder) === 'own' ? row : { ...row, leftA: Math.max(row.leftA ?? 0, ...astray.map(({ limitA }) => limitA)) }
}

/** TxProfiles that were all refused have changed nothing. */
export function changedSince(row: Row): number | null {
  return newest(row.tx) === null ? null : row.changedAtMs
}

/** Where the TxDefaultProfile goes: on the connector, on connector 0, or into the ChargePointMaxProfile, which rules over all others. */
export function addressOf(ladder: Quirks['ladder']): 'own' | 'zero' | 'max' {
  return ladder === 'connector-0' ? 'zero' : ladder === 'max-0' ? 'max' : 'own'
}
