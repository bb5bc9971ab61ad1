// Which fallback every connector may have: as configured, less what people's profiles take, and 0 where they do not all fit.
import { floorTo } from './allocate.ts'
import { heldFallbackA } from './disobedience.ts'
import { expectedA, newest } from './ledger.ts'
import { boundsAbove, capacities, loadOn, subtract, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { capOf } from './participant.ts'
import { lowestA, startMinA } from './rungs.ts'
import { isSated } from './slack.ts'
import { atLeast, isSteered } from './stuck.ts'

/** A place as its fallback is found: what must be counted of it whatever it is told, a fallback that stands, and all that one profile limits with it (null = it alone). */
export interface FallbackLine {
  readonly place: Place
  readonly counted: Load
  readonly fixedA: number | null
  readonly tied: readonly FallbackLine[] | null
  fallbackA: number
}

/**
 * Fallbacks are grants too (I6): where they do not fit they are lowered to 0, idle connectors first, the last that came first; then
 * those of cars, the lowest class first and a whole class at once: who keeps a fallback would never give up its turn.
 * They do not fit a limit that is bought either where they leave less than the minimum it owes to class 1. Writes them into the lines.
 */
export function fitFallbacks(ground: Ground, baseA: BaseAmps, lines: readonly FallbackLine[]): void {
  const left = capacities(ground, baseA)
  const bought = ground.constraints.some(({ economic }) => economic === true)
  for (const line of lines) {
    const { place } = line
    line.fallbackA = isSteered(place) ? (line.fixedA ?? Math.max(allowedFallback(place), lowestA(place))) : (newest(place.row.default)?.limitA ?? 0)
    if (left.length === 0) continue
    const load = atLeast(line.counted, isSteered(place) ? line.fallbackA : 0)
    subtract(ground, left, place, load)
    if (bought && place.priority >= 1) owe(ground, left, place, missingTo(leastA(place), load))
  }
  const short = new Set(left.flatMap((one, index) => (one < -eps ? [index] : [])))
  if (short.size === 0) return
  // Whoever charges there is to have its minimum besides.
  for (const { place, counted, fallbackA } of lines) {
    const load = missingTo(leastA(place), atLeast(counted, isSteered(place) ? fallbackA : 0))
    subtract(ground, left, place, load)
    if (bought && place.priority >= 1) owe(ground, left, place, { anyCarA: 0, thisCarA: -load.thisCarA })
  }
  // Not by who starves: a fallback ends the starving, so the order would turn round every minute.
  const idleFirst = lines.filter(({ place, fixedA }) => isSteered(place) && fixedA === null).sort(({ place: a }, { place: b }) => Number(a.row.transactionId !== null) - Number(b.row.transactionId !== null)
    || a.priority - b.priority || b.queuedAtMs - a.queuedAtMs || (a.outlet.key < b.outlet.key ? 1 : -1))
  const lowered = new Set<FallbackLine>()
  let over = new Set<number>()
  let classOf: number | null = null
  for (const line of idleFirst) {
    const { place } = line
    const runs = place.row.transactionId !== null
    if (!runs || place.priority !== classOf) over = new Set([...short].filter((index) => left[index]! < -eps))
    classOf = runs ? place.priority : null
    if (over.size === 0) return
    const owed = place.priority >= 1 ? leastA(place) : 0
    // Under what is bought its minimum stays whatever its fallback is.
    const helps = (index: number) => over.has(index) && !(line.fallbackA <= owed && ground.constraints[index]!.economic === true)
    if (!boundsAbove(ground, place, place.outlet.phases).some(({ index }) => helps(index))) continue
    for (const one of line.tied ?? [line]) {
      if (lowered.has(one)) continue
      lowered.add(one)
      const before = atLeast(one.counted, one.fallbackA)
      one.fallbackA = lowestA(one.place)
      const after = atLeast(one.counted, one.fallbackA)
      const freed: Load = { anyCarA: after.anyCarA - before.anyCarA, thisCarA: after.thisCarA - Math.max(before.thisCarA, leastA(one.place)) }
      subtract(ground, left, one.place, freed)
      if (bought && one.place.priority >= 1) owe(ground, left, one.place, missingTo(leastA(one.place), after))
    }
  }
}

const eps = 1e-9

/** The minimum of a car that charges and wants it, A; 0 = it wants nothing, or cannot have it. */
function leastA(place: Place): number {
  if (place.row.transactionId === null || !isSteered(place) || isSated(place)) return 0
  const minA = startMinA(place)
  return capOf(place) < minA - eps ? 0 : minA
}

function missingTo(amps: number, { thisCarA }: Load): Load {
  return { anyCarA: 0, thisCarA: Math.max(0, amps - thisCarA) }
}

/** Takes a load from limits that are bought, and from no other. */
function owe(ground: Ground, left: number[], place: Place, load: Load): void {
  if (load.thisCarA === 0) return
  for (const nodeID of place.outlet.path) for (const index of ground.at.get(nodeID) ?? []) {
    const { economic, on } = ground.constraints[index]!
    if (economic === true) left[index]! -= loadOn(ground, place, load, on)
  }
}

/** The fallback as configured, or what people's profiles leave of it: a car that comes unseen is bound by them as well. */
export function allowedFallback({ outlet, profileCap, row }: Place): number {
  const mostA = Math.min(profileCap?.limitA ?? Infinity, heldFallbackA(row.disobeying, expectedA(row)))
  if (mostA >= outlet.fallbackA) return outlet.fallbackA
  const capA = floorTo(mostA, outlet.stepA)
  return capA < outlet.minA ? 0 : capA
}
