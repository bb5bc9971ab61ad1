// Which fallback every connector may have: as configured, less what people's profiles take, and 0 where they do not all fit.
import { floorTo } from './allocate.ts'
import { heldFallbackA } from './disobedience.ts'
import { expectedA, newest } from './ledger.ts'
import { boundsAbove, capacities, subtract, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { lowestA } from './rungs.ts'
import { atLeast, isSteered } from './stuck.ts'

/** A place as its fallback is found: what must be counted of it whatever it is told, a fallback that stands, and all that one profile limits with it (null = it alone). */
export interface FallbackLine {
  readonly place: Place
  readonly counted: Load
  readonly fixedA: number | null
  readonly tied: readonly FallbackLine[] | null
  fallbackA: number
}

/** Fallbacks are grants too (I6): where they do not fit they go to 0, idle connectors first, then the lowest class, the last that came first. Writes them into the lines. */
export function fitFallbacks(ground: Ground, baseA: BaseAmps, lines: readonly FallbackLine[]): void {
  const left = capacities(ground, baseA)
  for (const line of lines) {
    const { place } = line
    line.fallbackA = isSteered(place) ? (line.fixedA ?? Math.max(allowedFallback(place), lowestA(place))) : (newest(place.row.default)?.limitA ?? 0)
    if (left.length > 0) subtract(ground, left, place, atLeast(line.counted, isSteered(place) ? line.fallbackA : 0))
  }
  if (left.every((one) => one >= -1e-9)) return
  // Not by who starves: a fallback ends the starving, so the order would turn round every minute.
  const idleFirst = lines.filter(({ place, fixedA }) => isSteered(place) && fixedA === null).sort(({ place: a }, { place: b }) => Number(a.row.transactionId !== null) - Number(b.row.transactionId !== null)
    || a.priority - b.priority || b.queuedAtMs - a.queuedAtMs || (a.outlet.key < b.outlet.key ? 1 : -1))
  for (const line of idleFirst) {
    const { place } = line
    if (line.fallbackA <= lowestA(place) || !boundsAbove(ground, place, place.outlet.phases).some(({ index }) => left[index]! < -1e-9)) continue
    for (const one of line.tied ?? [line]) {
      const before = atLeast(one.counted, one.fallbackA)
      one.fallbackA = lowestA(one.place)
      const after = atLeast(one.counted, one.fallbackA)
      subtract(ground, left, one.place, { anyCarA: after.anyCarA - before.anyCarA, thisCarA: after.thisCarA - before.thisCarA })
    }
  }
}

/** The fallback as configured, or what people's profiles leave of it: a car that comes unseen is bound by them as well. */
export function allowedFallback({ outlet, profileCap, row }: Place): number {
  const mostA = Math.min(profileCap?.limitA ?? Infinity, heldFallbackA(row.disobeying, expectedA(row)))
  if (mostA >= outlet.fallbackA) return outlet.fallbackA
  const capA = floorTo(mostA, outlet.stepA)
  return capA < outlet.minA ? 0 : capA
}
