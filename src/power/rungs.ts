// What the rungs of the ladder ask of the sharing: the lowest limit, the least to start with in watts, and connectors that one profile limits alike.
import { ceilTo, floorTo } from './allocate.ts'
import { grantSlot, isUnproven, mustTell, worstIn, type Row } from './ledger.ts'
import type { Place } from './loads.ts'
import { sharesOne } from './quirks.ts'

/** The lowest limit that can be told, A: what does not take 0 cannot go lower, and the others give way. */
export function lowestA({ row }: Place): number {
  return row.quirks.pauseA
}

/** For how many times the phases that are proven a limit in watts must suffice: a car that may use three, of which one is proven, needs three times as much. */
export function stretchOf({ row }: Place): number {
  if (row.quirks.unit === 'A' || row.direct === true) return 1
  const { wired, told, measured } = row.phases
  const known = measured ?? told
  const needed = Math.max(1, Math.min(wired, known ?? wired))
  return grantSlot(row) === 'tx' && known !== null ? 1 : needed
}

/** The least a car can be given, A: in watts what lets it start on all its phases. Never more than the hardware, which is told as the whole of it. */
export function startMinA(place: Place): number {
  const { outlet, profileCap } = place
  const plainA = ceilTo(outlet.minA, outlet.stepA)
  const stretch = stretchOf(place)
  if (stretch === 1) return plainA
  const mostA = floorTo(Math.min(outlet.maxA, profileCap?.limitA ?? Infinity), outlet.stepA)
  return Math.max(plainA, Math.min(ceilTo(outlet.minA * stretch, outlet.stepA), mostA))
}

/** What a fallback may be set to without a raising: after a reboot what was confirmed before counts, not what is wanted now. */
function fallbackNowA(row: Row, wantedA: number): number {
  return row.doubtSinceMs !== null && row.default.confirmed !== null ? Math.min(wantedA, row.default.confirmed.limitA) : wantedA
}

/**
 * What a TxDefaultProfile may say now without a raising, for all rows it holds for: after a reboot what was confirmed
 * before counts; and where one of them has to be lowered, none of the others goes up with it.
 */
export function defaultNowA(rows: readonly Row[], wantedA: number, nowMs: number): number {
  const [only] = rows
  if (rows.length === 1 && only !== undefined) return Math.max(fallbackNowA(only, wantedA), only.quirks.pauseA)
  const leastA = Math.min(...rows.map((row) => Math.max(fallbackNowA(row, wantedA), row.quirks.pauseA)))
  if (!rows.some((row) => mustTell(row, 'default', leastA, nowMs))) return leastA
  return Math.min(leastA, ...rows.map((row) => (isUnproven(row) ? Infinity : worstIn(row, 'default', nowMs))))
}

/** Connectors of a charge point that takes its profiles on connector 0 only: one limit holds for all of them. By key; those alone are left out. */
export function tieUp(places: readonly Place[]): ReadonlyMap<string, readonly string[]> {
  const byClient = new Map<string, string[]>()
  for (const { outlet, row } of places) {
    if (!sharesOne(row.quirks)) continue
    const keys = byClient.get(outlet.clientID)
    if (keys === undefined) byClient.set(outlet.clientID, [outlet.key])
    else keys.push(outlet.key)
  }
  const ties = new Map<string, readonly string[]>()
  for (const keys of byClient.values()) {
    if (keys.length === 1) continue
    keys.sort()
    for (const key of keys) ties.set(key, keys)
  }
  return ties
}
