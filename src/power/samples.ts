// What a live sample says of a ledger row.
import { watchDraw } from './disobedience.ts'
import { prove } from './distrust.ts'
import { expectedA, followMs, grantSlot, isSettling, permitsA, tolerance, type Fact, type Row } from './ledger.ts'
import { reclaim } from './reclaim.ts'
import { provenPhases, worthA } from './watts.ts'

/** A live sample: proves or disproves a lowering, and shows a draw above the limit. */
export function sample(before: Row, fact: Extract<Fact, { type: 'sampled' }>): Row {
  const row = countPhases(before, fact.phases ?? 0)
  const limit = expectedA(row)
  const above = fact.highestA > limit + tolerance(limit)
  const settling = isSettling(row, fact.atMs) ? row.settling : null
  // Until the car has had time to follow, only more than the old value is excess; after that, what it draws stays reserved however rare the samples are.
  const mayFollow = settling !== null && fact.measuredAtMs < settling.acceptedAtMs + followMs
  const excess = mayFollow ? fact.highestA > Math.max(settling.fromA, limit) + tolerance(settling.fromA) : above
  const read = row.measuredA === fact.highestA && row.excess === excess ? row : { ...row, measuredA: fact.highestA, excess }
  const measured = judgeTrust(judgeDraw(read, fact, mayFollow), fact, mayFollow)
  if (settling === null) return measured.settling === null ? measured : { ...measured, settling: null }
  if (above) return { ...measured, settling: { ...settling, sawAbove: true, quietSinceMs: fact.atMs } }
  // A total that names no phase proves nothing that it would break on fewer phases (I4).
  if ((fact.totalA ?? 0) / provenPhases(row) > limit + tolerance(limit)) return measured
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

/** What the draw says of what the car takes, and of whether the charger obeys. */
function judgeDraw(row: Row, { highestA, measuredAtMs, atMs, leastA = 6, allowedA = 0 }: Extract<Fact, { type: 'sampled' }>, mayFollow: boolean): Row {
  const taken = reclaim(row.reclaim, { drawnA: highestA, measuredAtMs, atMs }, settledLimitA(row, atMs), { leastA, mostA: row.hardwareA })
  const mostA = mayFollow ? null : allowsA(row)
  const drawn = watchDraw(row.disobeying ?? null, highestA, measuredAtMs, mostA === null ? null : Math.max(mostA, allowedA), Math.max(expectedA(row), allowedA))
  if (drawn !== (row.disobeying ?? null)) return { ...row, reclaim: taken, disobeying: drawn }
  return taken === row.reclaim ? row : { ...row, reclaim: taken }
}

/** Whether a charger that nothing helped against obeys a limit now that is not just what its car takes. */
function judgeTrust(row: Row, { highestA: drawnA, measuredAtMs, allowedA = 0, carA = Infinity }: Extract<Fact, { type: 'sampled' }>, mayFollow: boolean): Row {
  if (!row.distrusted || row.transactionId === null) return row
  const mostA = mayFollow ? null : allowsA(row)
  const distrusted = prove(row.distrusted, { drawnA, measuredAtMs, limitA: mostA === null ? null : Math.max(mostA, allowedA), carA: Math.min(carA, row.reclaim?.capA ?? Infinity) })
  return distrusted === row.distrusted ? row : { ...row, distrusted }
}

/** The limit of the car that is there, once it stands and has settled; null = it moves, or there is none. */
function settledLimitA(row: Row, atMs: number): number | null {
  if (row.transactionId === null) return null
  const { confirmed, inFlight } = row[grantSlot(row)]
  const moves = confirmed === null || inFlight.some((entry) => entry.limitA !== confirmed.limitA) || row.lowering !== null || row.doubtSinceMs !== null || isSettling(row, atMs)
  return moves ? null : Math.min(expectedA(row), permitsA(confirmed, row, atMs))
}

/** The most that what it accepted, or may have taken, lets it draw; null = nothing limits it, or it may have forgotten all. */
function allowsA(row: Row): number | null {
  if (row.default.confirmed === null || row.doubtSinceMs !== null) return null
  let mostA = expectedA(row)
  for (const entry of row[grantSlot(row)].inFlight) mostA = Math.max(mostA, worthA(entry, row))
  return mostA
}

/** It says more than a measurement: it goes into the store, and the plan may be another. */
export function isNews(before: Row | undefined, after: Row): boolean {
  const [was, is] = [before?.disobeying, after.disobeying]
  return before?.settling !== after.settling || before?.excess !== after.excess || before?.phases !== after.phases || before?.reclaim?.capA !== after.reclaim?.capA
    || Boolean(was) !== Boolean(is) || was?.drawnA !== is?.drawnA || was?.obeysSinceMs !== is?.obeysSinceMs || was?.sinceMs !== is?.sinceMs || (before?.distrusted ?? null) !== (after.distrusted ?? null)
}
