// What every connector should have now: fallbacks that fit, then the shares of the cars, counting what cannot be helped at its worst.
import { allocate, type Bound, type Member, type Share } from './allocate.ts'
import { allowedFallback, fitFallbacks, type FallbackLine } from './fallbacks.ts'
import { grantSlot, newest } from './ledger.ts'
import { capacities, layGround, noLoad, reservedLoad, subtract, type BaseAmps, type Ground, type Load, type Place } from './loads.ts'
import { isInForce, type Constraint } from './limits.ts'
import { capOf, capSource, memberOf, together, type Sharer } from './participant.ts'
import { compareStandings, fillingOrder, standingOf } from './queue.ts'
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
  readonly move?: 'coming' | 'going' | null | undefined
  readonly queueSinceMs?: number | null | undefined
  /** After how many swaps all in its queue have had their turn; null = it does not wait. */
  readonly rounds?: number | null | undefined
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

/** With what the ledger must assume of each, in the order of the targets. */
export interface ZoneTargets extends Targets {
  readonly targets: Map<string, Target>
  readonly reserved: readonly Load[]
}

/** The targets at `nowMs` of places that share the constraints: a whole site, or a zone of it. The same inputs give the same targets, in whatever order the places come. */
export function setTargets(tree: Tree, constraints: readonly Constraint[], baseA: BaseAmps, given: readonly Place[], nowMs: number): ZoneTargets {
  const ground = layGround(tree, constraints)
  const { voltage, policy } = tree.site
  const lines = given.map((place) => lineOf(place, voltage, nowMs)).sort((a, b) => compareStandings(a.standing, b.standing))
  const cars = lines.filter(({ steered, place }) => steered && place.row.transactionId !== null)
  cars.forEach((line, rank) => {
    line.rank = rank
    line.head = line
  })
  const compareFilling = fillingOrder(policy, nowMs)
  for (const [queue, line] of [...cars].sort((a, b) => compareFilling(a.place, b.place)).entries()) line.queue = queue
  const ties = tieUp(lines.flatMap(({ steered, place }) => (steered ? place : [])))
  if (ties.size > 0) tieLines(lines, cars, ties)
  for (;;) {
    for (const line of lines) line.counted = !line.steered || line.fixedA !== null ? line.stuck : noLoad
    fitFallbacks(ground, baseA, lines)
    const left = capacities(ground, baseA)
    const heads: Line[] = []
    const members: Member[] = []
    for (const line of lines) {
      const { place, head, fallbackA } = line
      if (head === null || line.fixedA !== null) subtract(ground, left, place, atLeast(line.counted, line.steered ? fallbackA : 0))
      else {
        // Phases the car does not use still hold the fallback: another car may come unseen.
        if (line.onTx) subtract(ground, left, place, { anyCarA: fallbackA, thisCarA: 0 })
        if (head !== line) continue
        const member = memberOf(ground, line, nowMs)
        heads.push(line)
        members.push(underSomething(line.tied === null ? member : together(ground, member, line.tied.map((one) => one.place)), left.length))
      }
    }
    for (const [index, share] of allocate(boundsOf(constraints, left), members, policy, nowMs).entries()) heads[index]!.share = share
    // Whoever does not follow takes from the others, and among them may be more who do not follow.
    const unmoved = lines.filter((line) => {
      const { stuck } = line
      if (!line.steered || line.fixedA !== null || (stuck.anyCarA === 0 && stuck.thisCarA === 0)) return false
      const { defaultA, txA } = toldTo(line)
      return stuck.anyCarA > defaultA + 1e-9 || stuck.thisCarA > Math.max(defaultA, txA) + 1e-9
    })
    if (unmoved.length === 0) break
    for (const line of unmoved) for (const one of line.tied ?? [line]) one.fixedA = one.fallbackA
  }
  const waiting = cars.filter((line) => shareOf(line)!.boundBy === 'queue').sort((a, b) => Number(shareOf(a)!.move === 'going') - Number(shareOf(b)!.move === 'going'))
  const queuePlaces = new Map(waiting.map((line, index) => [line, index + 1]))
  const targets = new Map<string, Target>()
  const left = capacities(ground, baseA)
  for (const line of lines) {
    const { place, stuck, fallbackA, capA } = line
    const one = shareOf(line)
    const { defaultA, txA } = toldTo(line)
    const index = one === null ? null : typeof one.boundBy === 'number' ? one.boundBy : one.blockedBy
    const given = one === null ? unsteered(place, fallbackA)
      : { allocatedA: one.allocatedA, binding: typeof one.boundBy === 'number' ? constraints[one.boundBy]!.source : one.boundBy === 'cap' ? capSource(place) : one.boundBy }
    targets.set(line.key, {
      place, requestedA: capA, fallbackA, allocatedA: given.allocatedA, defaultA, txA, tied: ties.get(line.key) ?? null,
      binding: given.binding, boundBy: index === null ? null : constraints[index]!, queuePlace: one?.boundBy === 'queue' ? queuePlaces.get(line) ?? null : null,
      move: one?.move, queueSinceMs: one?.clockMs, rounds: one?.rounds, stuck,
    })
    if (left.length > 0) subtract(ground, left, place, line.steered ? atLeast(stuck, defaultA, Math.max(fallbackA, txA)) : stuck)
  }
  const missing = constraints.flatMap((constraint, index) => (left[index]! < -1e-6 && isInForce(constraint) ? [{ constraint, amount: -left[index]! }] : []))
  return { ground, targets, missing, waiting: waiting.length, reserved: lines.map(({ reserved }) => reserved) }
}

/** A place on its way to its target. Set apart (`fixedA`) with its fallback, it is asked for what it would get if it followed, else what the others give up would be its own and nothing asked of it. */
interface Line extends FallbackLine, Sharer {
  readonly key: string
  readonly steered: boolean
  readonly onTx: boolean
  /** What the ledger must assume. */
  readonly reserved: Load
  readonly stuck: Load
  counted: Load
  fixedA: number | null
  tied: readonly Line[] | null
  /** Whose share it gets: its own car's; where one profile holds for several, that of the first car in the queue. */
  head: Line | null
  /** In the queue of the cars; -1 = no car is served. */
  rank: number
  queue: number
  fallbackA: number
  share: Share | null
}

function lineOf(place: Place, voltage: number, nowMs: number): Line {
  return {
    place, key: place.outlet.key, steered: isSteered(place), onTx: grantSlot(place.row) === 'tx', standing: standingOf(place, voltage, nowMs), reserved: reservedLoad(place, nowMs), stuck: stuckLoad(place, nowMs),
    capA: capOf(place), counted: noLoad, fixedA: null, tied: null, head: null, rank: -1, queue: -1, fallbackA: 0, share: null,
  }
}

function tieLines(lines: readonly Line[], cars: readonly Line[], ties: ReadonlyMap<string, readonly string[]>): void {
  const byKey = new Map(lines.map((line) => [line.key, line]))
  for (const line of lines) {
    const keys = ties.get(line.key)
    if (keys !== undefined) Object.assign(line, { tied: keys.map((key) => byKey.get(key)!), head: null })
  }
  for (const line of cars) for (const one of line.tied ?? []) one.head ??= line
}

function shareOf(line: Line): Share | null {
  return line.head?.share ?? null
}

/** What is left of each constraint, and the sky above them all. */
function boundsOf(constraints: readonly Constraint[], left: readonly number[]): Bound[] {
  return [...left.map((capacity, index) => ({ capacity, ...(constraints[index]!.economic === true ? { economic: true as const } : {}) })), { capacity: Infinity }]
}

/** Where no constraint of a zone stands above a car, the sky does: it has its cap. */
function underSomething(member: Member, sky: number): Member {
  return member.bounds.length === 0 ? { ...member, bounds: [{ index: sky, perAmp: 1 }] } : member
}

/** What is told for a share, in the slot it goes into at this charge point; without one no car is served. */
function toldTo(line: Line): { defaultA: number; txA: number } {
  const { place, fallbackA } = line
  const share = shareOf(line)
  const grantA = share === null ? fallbackA : Math.max(share.allocatedA, lowestA(place))
  return line.onTx ? { defaultA: fallbackA, txA: grantA } : { defaultA: grantA, txA: 0 }
}

/** What is told because nothing lower can be (the pause of some charge points) grants nobody anything. */
function grantedA(place: Place, toldA: number): number {
  return toldA < place.outlet.minA && toldA <= lowestA(place) ? 0 : toldA
}

function unsteered(place: Place, fallbackA: number): { allocatedA: number; binding: string } {
  if (place.outlet.control === 'none') return { allocatedA: place.outlet.maxA, binding: 'hardware' }
  const held = newest(place.row.tx)?.limitA ?? newest(place.row.default)?.limitA
  if (isSteered(place)) return { allocatedA: grantedA(place, fallbackA), binding: fallbackA < place.outlet.fallbackA && fallbackA === allowedFallback(place) ? place.profileCap?.source ?? 'profile' : 'profile' }
  return held === undefined ? { allocatedA: place.row.contactedAtMs === null ? 0 : place.outlet.maxA, binding: 'hardware' } : { allocatedA: grantedA(place, held), binding: 'profile' }
}
