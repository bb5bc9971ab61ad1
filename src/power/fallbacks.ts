// Which fallback every connector may have: as configured, less what people's profiles take, and 0 where they do not all fit.
import { floorTo } from './allocate.ts'
import { heldFallbackA } from './disobedience.ts'
import { expectedA, newest } from './ledger.ts'
import { boundsAbove, capacities, subtract, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { lowestA } from './rungs.ts'
import { atLeast, isSteered } from './stuck.ts'

/** Fallbacks are grants too (I6): where they do not fit they go to 0, idle connectors first, then the lowest class, the last that came first. */
export function fitFallbacks(ground: Ground, baseA: BaseAmps, places: readonly Place[], stuck: ReadonlyMap<string, Load>, fixed: ReadonlyMap<string, number>, ties: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const left = capacities(ground, baseA)
  const byKey = ties.size === 0 ? new Map<string, Place>() : new Map(places.map((place) => [place.outlet.key, place]))
  const fallbacks = new Map<string, number>()
  for (const place of places) {
    const fallbackA = isSteered(place) ? (fixed.get(place.outlet.key) ?? Math.max(allowedFallback(place), lowestA(place))) : (newest(place.row.default)?.limitA ?? 0)
    fallbacks.set(place.outlet.key, fallbackA)
    subtract(ground, left, place, atLeast(stuck.get(place.outlet.key)!, isSteered(place) ? fallbackA : 0))
  }
  // Not by who starves: a fallback ends the starving, so the order would turn round every minute.
  const idleFirst = places.filter((place) => isSteered(place) && !fixed.has(place.outlet.key)).sort((a, b) => Number(a.row.transactionId !== null) - Number(b.row.transactionId !== null)
    || a.priority - b.priority || b.queuedAtMs - a.queuedAtMs || (a.outlet.key < b.outlet.key ? 1 : -1))
  for (const place of idleFirst) {
    const { key } = place.outlet
    const fallbackA = fallbacks.get(key)!
    if (fallbackA <= lowestA(place) || !boundsAbove(ground, place, place.outlet.phases).some(({ index }) => left[index]! < -1e-9)) continue
    for (const one of ties.get(key)?.map((tied) => byKey.get(tied)!) ?? [place]) {
      const before = atLeast(stuck.get(one.outlet.key)!, fallbacks.get(one.outlet.key)!)
      const after = atLeast(stuck.get(one.outlet.key)!, lowestA(one))
      fallbacks.set(one.outlet.key, lowestA(one))
      subtract(ground, left, one, { anyCarA: after.anyCarA - before.anyCarA, thisCarA: after.thisCarA - before.thisCarA })
    }
  }
  return fallbacks
}

/** The fallback as configured, or what people's profiles leave of it: a car that comes unseen is bound by them as well. */
export function allowedFallback({ outlet, profileCap, row }: Place): number {
  const mostA = Math.min(profileCap?.limitA ?? Infinity, heldFallbackA(row.disobeying, expectedA(row)))
  if (mostA >= outlet.fallbackA) return outlet.fallbackA
  const capA = floorTo(mostA, outlet.stepA)
  return capA < outlet.minA ? 0 : capA
}
