// What a live sample says of a ledger row.
import { expectedA, followMs, isSettling, tolerance, type Fact, type Row } from './ledger.ts'

/** A live sample: proves or disproves a lowering, and shows a draw above the limit. */
export function sample(before: Row, fact: Extract<Fact, { type: 'sampled' }>): Row {
  const row = countPhases(before, fact.phases ?? 0)
  const limit = expectedA(row)
  const above = fact.highestA > limit + tolerance(limit)
  const settling = isSettling(row, fact.atMs) ? row.settling : null
  // Until the car has had time to follow, only more than the old value is excess; after that, what it draws stays reserved however rare the samples are.
  const mayFollow = settling !== null && fact.measuredAtMs < settling.acceptedAtMs + followMs
  const excess = mayFollow ? fact.highestA > Math.max(settling.fromA, limit) + tolerance(settling.fromA) : above
  const measured = { ...row, measuredA: fact.highestA, excess }
  if (settling === null) return { ...measured, settling: null }
  if (above) return { ...measured, settling: { ...settling, sawAbove: true, quietSinceMs: fact.atMs } }
  const fell = settling.sawAbove && fact.measuredAtMs > settling.acceptedAtMs
  if (!fell) return settling.sawAbove ? { ...measured, settling: { ...settling, sawAbove: false } } : measured
  // A draw under a TxProfile says nothing about the TxDefaultProfile beneath it.
  const beneath = row.tx.confirmed !== null && settling.anyFromA > 0
  return { ...measured, settling: beneath ? { ...settling, fromA: settling.anyFromA, sawAbove: false } : null }
}

/** More current than a meter's noise on so many phases; nothing drawn says nothing. */
function countPhases(row: Row, phases: number): Row {
  return phases === 0 || phases === row.phases.measured || row.transactionId === null ? row : { ...row, phases: { ...row.phases, measured: phases } }
}
