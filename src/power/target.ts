// What every connector should have now: fallbacks that fit, then the shares of the cars, counting what cannot be helped at its worst.
import { allocate, type Member, type Share } from './allocate.ts'
import { allowedFallback, fitFallbacks } from './fallbacks.ts'
import { grantSlot, newest } from './ledger.ts'
import { capacities, layGround, noLoad, subtract, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { isPromised, type Constraint } from './limits.ts'
import { capOf, capSource, memberOf, together } from './participant.ts'
import { queueOrder, standIn } from './queue.ts'
import { lowestA, tieUp } from './rungs.ts'
import { atLeast, isSteered, stuckLoad } from './stuck.ts'
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
  /** It is swapped in or out for its turn, and not there yet; since when the clock of its queue runs. Absent = takes no part. */
  readonly move?: 'coming' | 'going' | null
  readonly queueSinceMs?: number | null
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

/** The targets at `nowMs` of places that share the constraints: a whole site, or a zone of it. The same inputs give the same targets, in whatever order the places come. */
export function setTargets(tree: Tree, constraints: readonly Constraint[], baseA: BaseAmps, given: readonly Place[], nowMs: number): Targets {
  const ground = layGround(tree, constraints)
  const { voltage, policy } = tree.site
  const places = [...given].sort(queueOrder(voltage, nowMs))
  const stuck = new Map(places.map((place) => [place.outlet.key, stuckLoad(place, nowMs)]))
  const cars = places.filter((place) => isSteered(place) && place.row.transactionId !== null)
  const ties = tieUp(places.filter(isSteered))
  // Whose share a connector gets: its own car's; where one profile holds for several, that of the first car in the queue.
  const heads = new Map<string, string>()
  if (ties.size > 0) for (const { outlet } of cars) for (const key of ties.get(outlet.key) ?? []) if (!heads.has(key)) heads.set(key, outlet.key)
  const ranks = new Map(cars.map((place, rank) => [place.outlet.key, rank]))
  const standings = standIn(cars, policy, voltage, nowMs)
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
        const member = { ...memberOf(ground, place, fallbackA, ranks.get(key)!), ...standings.get(key) }
        members.push(tied === undefined ? member : together(ground, member, tied.map((one) => byPlace.get(one)!)))
      }
    }
    for (const one of allocate([...left, Infinity].map((capacity) => ({ capacity })), members.map((member) => underSomething(member, left.length)), policy, nowMs)) byKey.set(one.key, one)
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
    .sort((a, b) => Number(shareOf(a.outlet.key)!.move === 'going') - Number(shareOf(b.outlet.key)!.move === 'going'))
  const queuePlaces = new Map(waiting.map((place, index) => [place.outlet.key, index + 1]))
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
      queuePlace: one.boundBy === 'queue' ? queuePlaces.get(key) ?? null : null,
      move: one.move, queueSinceMs: one.clockMs,
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

/** Where no constraint of a zone stands above a car, the sky does: it has its cap. */
function underSomething(member: Member, sky: number): Member {
  return member.bounds.length === 0 ? { ...member, bounds: [{ index: sky, perAmp: 1 }] } : member
}

/** What is told for a share, in the slot it goes into at this charge point; null = no car is served. */
function toldTo(place: Place, fallbackA: number, shareA: number | null): { defaultA: number; txA: number } {
  const grantA = shareA === null ? fallbackA : Math.max(shareA, lowestA(place))
  return grantSlot(place.row) === 'tx' ? { defaultA: fallbackA, txA: grantA } : { defaultA: grantA, txA: 0 }
}

function unsteered(place: Place, fallbackA: number): { allocatedA: number; binding: string } {
  if (place.outlet.control === 'none') return { allocatedA: place.outlet.maxA, binding: 'hardware' }
  const held = newest(place.row.tx)?.limitA ?? newest(place.row.default)?.limitA
  if (isSteered(place)) return { allocatedA: fallbackA, binding: fallbackA < place.outlet.fallbackA && fallbackA === allowedFallback(place) ? place.profileCap?.source ?? 'profile' : 'profile' }
  return held === undefined ? { allocatedA: place.row.contactedAtMs === null ? 0 : place.outlet.maxA, binding: 'hardware' } : { allocatedA: held, binding: 'profile' }
}
