// Which fallback every connector may have: as configured, less what people's profiles take, and 0 where they do not all fit.
import { floorTo } from './allocate.ts'
import { heldFallbackA } from './disobedience.ts'
import { expectedA, newest } from './ledger.ts'
import { boundsAbove, capacities, loadOn, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { capOf } from './participant.ts'
import { lowestA, startMinA } from './rungs.ts'
import { isSated } from './slack.ts'
import { tiny } from './steps.ts'
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
 * Fallbacks are grants too (I6): where they leave a car that charges less than its minimum they are lowered to 0, idle connectors first,
 * the last that came first; then those of cars, the lowest class first and a whole class at once (who kept one would never give up its
 * turn), for the minimums of no lower class. Under a limit that is bought class 0 has no right to a minimum. Writes them into the lines.
 */
export function fitFallbacks(ground: Ground, baseA: BaseAmps, lines: readonly FallbackLine[]): void {
  for (const line of lines) line.fallbackA = isSteered(line.place) ? (line.fixedA ?? Math.max(allowedFallback(line.place), lowestA(line.place))) : (newest(line.place.row.default)?.limitA ?? 0)
  const left = leftBeside(ground, baseA, lines)
  if (left.every((one) => one >= -eps)) return
  // Not by who starves: a fallback ends the starving, so the order would turn round every minute.
  const givesWay = lines.filter(({ place, fixedA, fallbackA }) => isSteered(place) && fixedA === null && fallbackA > lowestA(place)).sort(({ place: a }, { place: b }) => a.priority - b.priority
    || b.queuedAtMs - a.queuedAtMs || (a.outlet.key < b.outlet.key ? 1 : -1))
  for (const line of givesWay) {
    if (charges(line.place) || !helps(ground, left, line)) continue
    for (const one of line.tied ?? [line]) {
      take(ground, left, one, -1, -Infinity)
      one.fallbackA = lowestA(one.place)
      take(ground, left, one, 1, -Infinity)
    }
  }
  const cars = givesWay.filter(({ place }) => charges(place))
  const upwards = [...lines].sort((a, b) => a.place.priority - b.place.priority)
  let at = 0
  for (const priority of new Set(cars.map(({ place }) => place.priority))) {
    // To whom a higher class need not give way.
    for (; at < upwards.length && upwards[at]!.place.priority < priority; at++) {
      take(ground, left, upwards[at]!, -1, -Infinity)
      take(ground, left, upwards[at]!, 1, priority)
    }
    if (left.every((one) => one >= -eps)) return
    const lowered = new Set<FallbackLine>()
    for (const line of cars) {
      if (line.place.priority !== priority || !helps(ground, left, line)) continue
      for (const one of line.tied ?? [line]) lowered.add(one)
    }
    for (const one of lowered) {
      take(ground, left, one, -1, priority)
      one.fallbackA = lowestA(one.place)
      take(ground, left, one, 1, priority)
    }
  }
}

/** Sums of watts that were added to and taken from many times are no more exact. */
const eps = tiny

function charges({ row }: Place): boolean {
  return row.transactionId !== null
}

/** The minimum of a car that charges and wants it, A; 0 = it wants nothing, or cannot have it. */
function leastA(place: Place): number {
  if (!charges(place) || !isSteered(place) || isSated(place)) return 0
  const minA = startMinA(place)
  return capOf(place) < minA - eps ? 0 : minA
}

/** A lower fallback of this one would ease a limit that is short; under what is bought its minimum stays whatever its fallback is. */
function helps(ground: Ground, left: readonly number[], { place, fallbackA }: FallbackLine): boolean {
  const isOwed = place.priority >= 1 && fallbackA <= leastA(place)
  return fallbackA > lowestA(place) && boundsAbove(ground, place, place.outlet.phases).some(({ index }) => left[index]! < -eps && !(isOwed && ground.constraints[index]!.economic === true))
}

/** What fallbacks and the minimums of cars leave of every limit. */
function leftBeside(ground: Ground, baseA: BaseAmps, lines: readonly FallbackLine[]): number[] {
  const left = capacities(ground, baseA)
  if (left.length > 0) for (const line of lines) take(ground, left, line, 1, -Infinity)
  return left
}

/** Takes from what is left of every limit above a line (`sign` -1: gives back) what counts of it whatever it is told, its fallback, and its car's minimum. */
function take(ground: Ground, left: number[], { place, counted, fallbackA }: FallbackLine, sign: 1 | -1, fromClass: number): void {
  const held = atLeast(counted, isSteered(place) ? fallbackA : 0)
  const load: Load = { anyCarA: held.anyCarA, thisCarA: Math.max(held.thisCarA, place.priority < fromClass ? 0 : leastA(place)) }
  if (load.anyCarA === 0 && load.thisCarA === 0) return
  for (const nodeID of place.outlet.path) for (const index of ground.at.get(nodeID) ?? []) {
    const { economic, on } = ground.constraints[index]!
    left[index]! -= sign * loadOn(ground, place, economic === true && place.priority < 1 ? held : load, on)
  }
}

/** The fallback as configured, or what people's profiles leave of it: a car that comes unseen is bound by them as well. */
export function allowedFallback({ outlet, profileCap, row }: Place): number {
  const mostA = Math.min(profileCap?.limitA ?? Infinity, heldFallbackA(row.disobeying, expectedA(row)))
  if (mostA >= outlet.fallbackA) return outlet.fallbackA
  const capA = floorTo(mostA, outlet.stepA)
  return capA < outlet.minA ? 0 : capA
}
