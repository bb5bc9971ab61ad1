// What every connector should have now: fallbacks that fit, then the shares of the cars, counting what cannot be helped at its worst.
import { allocate, ceilTo, floorTo, type Member, type Share } from './allocate.ts'
import { grantSlot, isRefused, isSettling, isUnfollowed, isUnproven, leftBehindA, newest, txWorstA, type Row } from './ledger.ts'
import { boundsAbove, capacities, carPhases, layGround, noLoad, reservedLoad, subtract, type Ground, type Load, type Place } from './loads.ts'
import { isPromised, type Constraint } from './limits.ts'
import type { PhaseAmps } from './site.ts'
import { lowestA, startMinA, stretchOf, tieUp } from './rungs.ts'
import type { Tree } from './tree.ts'

export interface Target {
  readonly place: Place
  /** The most it could use: hardware, cable, car, and what people's charging profiles let it take. */
  readonly requestedA: number
  /** Its TxDefaultProfile, and the share of the car that is there. */
  readonly fallbackA: number
  readonly allocatedA: number
  /** What is told: the TxDefaultProfile, which holds the share where the charge point takes no TxProfile, and the TxProfile. */
  readonly defaultA: number
  readonly txA: number
  /** All connectors of a charge point that takes profiles on connector 0 only, the one that speaks for them first; null = its profiles are its own. */
  readonly tied: readonly string[] | null
  /** Source of what bound it, e.g. grid-limit, circuit:garage, vehicle, queue. */
  readonly binding: string
  /** The constraint that bound it, or that left too little. */
  readonly boundBy: Constraint | null
  /** Place among those that wait, from 1; null = it does not wait. */
  readonly queuePlace: number | null
  /** Counted at this much because it does not follow, and then the others give way. */
  readonly stuck: Load
}

export interface Targets {
  readonly ground: Ground
  readonly targets: ReadonlyMap<string, Target>
  /** Constraints that stay over even with all of that done, with the missing amount in their own unit. */
  readonly missing: readonly { readonly constraint: Constraint; readonly amount: number }[]
  readonly waiting: number
}

/** Decision rule 7: how long an order may go unanswered before the others give way for it. */
export const unansweredMs = 5_000

/** The targets at `nowMs`. The same inputs give the same targets, in whatever order the places come. */
export function setTargets(tree: Tree, constraints: readonly Constraint[], baseA: PhaseAmps, given: readonly Place[], nowMs: number): Targets {
  const ground = layGround(tree, constraints)
  const places = [...given].sort(compareByQueue)
  const stuck = new Map(places.map((place) => [place.outlet.key, stuckLoad(place, nowMs)]))
  const cars = places.filter((place) => isSteered(place) && place.row.transactionId !== null)
  const ties = tieUp(places.filter(isSteered))
  // Whose share a connector gets: its own car's; where one profile holds for several, that of the first car in the queue.
  const heads = new Map<string, string>()
  if (ties.size > 0) for (const { outlet } of cars) for (const key of ties.get(outlet.key) ?? []) if (!heads.has(key)) heads.set(key, outlet.key)
  const ranks = new Map(cars.map((place, rank) => [place.outlet.key, rank]))
  // Those set apart, with their fallback: asked for what they would get if they followed, else what the others give up would be theirs and nothing asked of them.
  const apart = new Map<string, number>()
  const byKey = new Map<string, Share>()
  let fallbacks: ReadonlyMap<string, number>
  const byPlace = ties.size === 0 ? new Map<string, Place>() : new Map(places.map((place) => [place.outlet.key, place]))
  const headOf = (key: string) => (ties.has(key) ? heads.get(key) : ranks.has(key) ? key : undefined)
  const shareOf = (key: string) => byKey.get(ties.has(key) ? (heads.get(key) ?? '') : key)
  const told = (place: Place) => toldTo(place, fallbacks.get(place.outlet.key)!, shareOf(place.outlet.key)?.allocatedA ?? null)
  for (;;) {
    const counted = new Map(places.map((place) => [place.outlet.key, !isSteered(place) || apart.has(place.outlet.key) ? stuck.get(place.outlet.key)! : noLoad]))
    fallbacks = fitFallbacks(ground, baseA, places, counted, apart, ties)
    const left = capacities(ground, baseA)
    const members: Member[] = []
    for (const place of places) {
      const { key } = place.outlet
      const head = headOf(key)
      const fallbackA = fallbacks.get(key)!
      if (head === undefined || apart.has(key)) subtract(ground, left, place, atLeast(counted.get(key)!, isSteered(place) ? fallbackA : 0))
      else {
        // Phases the car does not use still hold the fallback: another car may come unseen.
        if (grantSlot(place.row) === 'tx') subtract(ground, left, place, { anyCarA: fallbackA, thisCarA: 0 })
        if (head !== key) continue
        const tied = ties.get(key)
        const member = memberOf(ground, place, fallbackA, ranks.get(key)!)
        members.push(tied === undefined ? member : together(ground, member, tied.map((one) => byPlace.get(one)!)))
      }
    }
    for (const one of allocate(left.map((capacity) => ({ capacity })), members, tree.site.policy)) byKey.set(one.key, one)
    // Whoever does not follow takes from the others, and among them may be more who do not follow.
    const unmoved = places.filter((place) => {
      const { key } = place.outlet
      const held = stuck.get(key)!
      if (!isSteered(place) || apart.has(key) || (held.anyCarA === 0 && held.thisCarA === 0)) return false
      const { defaultA, txA } = told(place)
      return held.anyCarA > defaultA + 1e-9 || held.thisCarA > Math.max(defaultA, txA) + 1e-9
    })
    if (unmoved.length === 0) break
    for (const { outlet } of unmoved) for (const key of ties.get(outlet.key) ?? [outlet.key]) apart.set(key, fallbacks.get(key)!)
  }
  const waiting = cars.filter((place) => shareOf(place.outlet.key)!.boundBy === 'queue')
  const targets = new Map<string, Target>()
  for (const place of places) {
    const { key } = place.outlet
    const one = shareOf(key)
    const { defaultA, txA } = told(place)
    const base = { place, defaultA, txA, tied: ties.get(key) ?? null, requestedA: capOf(place), fallbackA: fallbacks.get(key)!, stuck: stuck.get(key)! }
    if (one === undefined) {
      targets.set(key, { ...base, ...unsteered(place, base.fallbackA), boundBy: null, queuePlace: null })
      continue
    }
    const index = typeof one.boundBy === 'number' ? one.boundBy : one.blockedBy
    targets.set(key, {
      ...base,
      allocatedA: one.allocatedA,
      binding: typeof one.boundBy === 'number' ? constraints[one.boundBy]!.source : one.boundBy === 'cap' ? capSource(place) : one.boundBy,
      boundBy: index === null ? null : constraints[index]!,
      queuePlace: one.boundBy === 'queue' ? waiting.indexOf(place) + 1 : null,
    })
  }
  const left = capacities(ground, baseA)
  for (const target of targets.values()) {
    const { place } = target
    subtract(ground, left, place, isSteered(place) ? atLeast(target.stuck, target.defaultA, Math.max(target.fallbackA, target.txA)) : target.stuck)
  }
  const missing = constraints.flatMap((constraint, index) => (left[index]! < -1e-6 && isPromised(constraint) ? [{ constraint, amount: -left[index]! }] : []))
  return { ground, targets, missing, waiting: waiting.length }
}

/** Takes orders from us: under the engine's control and within reach. */
export function isSteered(place: Place): boolean {
  return place.online && place.outlet.control === 'engine'
}

/** Its fallback is confirmed and in no doubt: only then may it be granted anything. */
export function isReady(place: Place): boolean {
  return isSteered(place) && !isUnproven(place.row)
}

/** What is told for a share, in the slot it goes into at this charge point; null = no car is served. */
function toldTo(place: Place, fallbackA: number, shareA: number | null): { defaultA: number; txA: number } {
  const grantA = shareA === null ? fallbackA : Math.max(shareA, lowestA(place))
  return grantSlot(place.row) === 'tx' ? { defaultA: fallbackA, txA: grantA } : { defaultA: grantA, txA: 0 }
}

/** What must be counted whatever we ask for: out of reach, refused, unanswered too long, accepted but not followed. */
function stuckLoad(place: Place, nowMs: number): Load {
  const reserved = reservedLoad(place, nowMs)
  if (!isSteered(place)) return reserved
  const { row } = place
  // What no order of ours reaches any more.
  const beyond = grantSlot(row) === 'tx' ? noLoad : atLeast(noLoad, leftBehindA(row), txWorstA(row, nowMs))
  const late = row.lowering !== null && (isRefused(row, 'default') || (grantSlot(row) === 'tx' && isRefused(row, 'tx')) || nowMs >= row.lowering.decidedAtMs + unansweredMs)
  const settling = isSettling(row, nowMs)
  if (late || isUnfollowed(row, nowMs)) return reserved
  if (row.excess && row.measuredA !== null && !settling && row.lowering === null) return atLeast(beyond, place.overruledA ?? 0, row.measuredA)
  return atLeast(beyond, place.overruledA ?? 0)
}

/** Fallbacks are grants too (I6): where they do not fit they go to 0, idle connectors first, then the lowest class, the last that came first. */
function fitFallbacks(ground: Ground, baseA: PhaseAmps, places: readonly Place[], stuck: ReadonlyMap<string, Load>, fixed: ReadonlyMap<string, number>, ties: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const left = capacities(ground, baseA)
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
    for (const one of ties.get(key)?.map((tied) => places.find(({ outlet }) => outlet.key === tied)!) ?? [place]) {
      const before = atLeast(stuck.get(one.outlet.key)!, fallbacks.get(one.outlet.key)!)
      const after = atLeast(stuck.get(one.outlet.key)!, lowestA(one))
      fallbacks.set(one.outlet.key, lowestA(one))
      subtract(ground, left, one, { anyCarA: after.anyCarA - before.anyCarA, thisCarA: after.thisCarA - before.thisCarA })
    }
  }
  return fallbacks
}

function memberOf(ground: Ground, place: Place, fallbackA: number, rank: number): Member {
  const { outlet } = place
  return {
    key: outlet.key, priority: place.priority, weight: place.weight, rank,
    minA: startMinA(place), capA: capOf(place), floorA: Math.max(fallbackA, lowestA(place)), stepA: outlet.stepA,
    // Under a TxDefaultProfile any car may draw, on every phase.
    bounds: boundsAbove(ground, place, grantSlot(place.row) === 'tx' ? carPhases(place) : outlet.phases),
  }
}

/** All connectors that one profile limits, as one: the idle ones are given as much, so they load what is above them as well. */
function together(ground: Ground, member: Member, group: readonly Place[]): Member {
  const stepA = Math.max(...group.map(({ outlet }) => outlet.stepA))
  const cars = group.filter(({ row }) => row.transactionId !== null)
  const capA = Math.min(Math.max(...cars.map(capOf)), ...group.map(({ outlet, profileCap }) => floorTo(Math.min(outlet.maxA, profileCap?.limitA ?? Infinity), stepA)))
  return {
    ...member, stepA, capA, minA: Math.max(...group.map((one) => ceilTo(startMinA(one), stepA))),
    bounds: sumBounds(group.map((one) => boundsAbove(ground, one, one.outlet.phases))),
  }
}

function sumBounds(lists: readonly (readonly { index: number; perAmp: number }[])[]): { index: number; perAmp: number }[] {
  const sums = new Map<number, number>()
  for (const { index, perAmp } of lists.flat()) sums.set(index, (sums.get(index) ?? 0) + perAmp)
  return [...sums].map(([index, perAmp]) => ({ index, perAmp }))
}

function capOf(place: Place): number {
  const { outlet, vehicleMaxA, profileCap, row } = place
  const vehicle = row.transactionId === null ? null : vehicleMaxA !== null && vehicleMaxA >= outlet.minA ? vehicleMaxA * stretchOf(place) : vehicleMaxA
  return floorTo(Math.min(outlet.maxA, vehicle ?? Infinity, profileCap?.limitA ?? Infinity), outlet.stepA)
}

/** The fallback as configured, or what people's profiles leave of it: a car that comes unseen is bound by them as well. */
function allowedFallback({ outlet, profileCap }: Place): number {
  if (profileCap === null || profileCap.limitA >= outlet.fallbackA) return outlet.fallbackA
  const capA = floorTo(profileCap.limitA, outlet.stepA)
  return capA < outlet.minA ? 0 : capA
}

function capSource({ outlet, vehicleMaxA, profileCap }: Place): string {
  if (profileCap !== null && profileCap.limitA < Math.min(outlet.maxA, vehicleMaxA ?? Infinity)) return profileCap.source
  return vehicleMaxA !== null && vehicleMaxA < outlet.maxA ? 'vehicle' : 'hardware'
}

function unsteered(place: Place, fallbackA: number): { allocatedA: number; binding: string } {
  if (place.outlet.control === 'none') return { allocatedA: place.outlet.maxA, binding: 'hardware' }
  const held = newest(place.row.tx)?.limitA ?? newest(place.row.default)?.limitA
  if (isSteered(place)) return { allocatedA: fallbackA, binding: fallbackA < place.outlet.fallbackA && fallbackA === allowedFallback(place) ? place.profileCap?.source ?? 'profile' : 'profile' }
  return held === undefined ? { allocatedA: place.row.contactedAtMs === null ? 0 : place.outlet.maxA, binding: 'hardware' } : { allocatedA: held, binding: 'profile' }
}

function atLeast(stuck: Load, anyCarA: number, thisCarA = anyCarA): Load {
  const any = Math.max(stuck.anyCarA, anyCarA)
  return { anyCarA: any, thisCarA: Math.max(stuck.thisCarA, thisCarA, any) }
}

/** Those that are on stay on; then the longest starved, the queue, the name. Class comes first of all. */
function compareByQueue(a: Place, b: Place): number {
  return b.priority - a.priority
    || Number(isOn(b.row)) - Number(isOn(a.row))
    || (a.row.starvedSinceMs ?? Infinity) - (b.row.starvedSinceMs ?? Infinity) || 0
    || a.queuedAtMs - b.queuedAtMs
    || (a.outlet.key < b.outlet.key ? -1 : 1)
}

function isOn(row: Row): boolean {
  return row.transactionId !== null && (newest(row[grantSlot(row)])?.limitA ?? 0) > 0
}
