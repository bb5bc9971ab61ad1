// The orders in which cars are admitted and filled, and how each stands in the queue.
import type { Place } from './loads.ts'
import type { Turn } from './member.ts'
import type { Alarm } from './raising.ts'
import type { Policy } from './site.ts'
import { departureMs, shortSlackMs, slackMs } from './slack.ts'
import { onMs, standingRank, turnChangesAtMs, turnOf } from './turns.ts'

/** How a place stands in the queue at one instant: what it is compared by, first to last, and what that comes of. */
export interface Standing {
  readonly place: Place
  readonly urgent: boolean
  /** By how it stands in the taking of turns. */
  readonly group: number
  readonly starvedMs: number
  /** How long its car can wait; Infinity = it is never late, or none is there. */
  readonly waitMs: number
  /** Null = no car is there. */
  readonly turn: Turn | null
}

export function standingOf(place: Place, voltage: number, nowMs: number): Standing {
  const starvedMs = place.row.starvedSinceMs ?? Infinity
  if (place.row.transactionId === null) return { place, urgent: false, group: standingRank('off', false), starvedMs, waitMs: Infinity, turn: null }
  const waitMs = slackMs(place, voltage, nowMs)
  const turn = turnOf(place, nowMs)
  return { place, urgent: isUrgent(waitMs, turn), group: standingRank(turn.standing, turn.mayGo), starvedMs, waitMs, turn }
}

/**
 * Class, then whose deadline is near, who has its turn (in the least time on first), who waits for it; then the longest starved,
 * the queue, the name.
 */
export function compareStandings(a: Standing, b: Standing): number {
  return b.place.priority - a.place.priority || Number(b.urgent) - Number(a.urgent) || a.group - b.group
    || (a.starvedMs === b.starvedMs ? 0 : a.starvedMs - b.starvedMs)
    || compareArrival(a.place, b.place)
}

/** The same of places at one instant, each looked at once. */
export function queueOrder(voltage: number, nowMs: number): (a: Place, b: Place) => number {
  const standings = new Map<Place, Standing>()
  const of = (place: Place): Standing => {
    const known = standings.get(place)
    if (known !== undefined) return known
    const standing = standingOf(place, voltage, nowMs)
    standings.set(place, standing)
    return standing
  }
  return (a, b) => compareStandings(of(a), of(b))
}

/** The order of filling by the policy. Compares places at one instant. */
export function fillingOrder(policy: Policy, nowMs: number): (a: Place, b: Place) => number {
  const leavesAtMs = policy === 'earliestDeadline' ? (place: Place) => departureMs(place, nowMs) : () => 0
  return (a, b) => (leavesAtMs(a) === leavesAtMs(b) ? 0 : leavesAtMs(a) - leavesAtMs(b)) || compareArrival(a, b)
}

/** The instants at which the same row and car stand otherwise in the queue. */
export function watchTurns(place: Place, voltage: number, nowMs: number, wake: Alarm): void {
  if (place.row.transactionId === null) return
  const waitMs = slackMs(place, voltage, nowMs)
  if (waitMs !== Infinity) {
    // The first whole millisecond with less slack than that.
    for (const ms of [shortSlackMs, shortSlackMs + onMs]) wake.at(Math.floor(nowMs + waitMs - ms) + 1)
    wake.at(place.departureAtMs!)
  } else if (typeof place.departureAtMs === 'number') wake.at(place.departureAtMs)
  for (const ms of turnChangesAtMs(place)) wake.at(ms)
}

/** Who was let in for its deadline has not left it behind after the first half kilowatt hour: within its least time on it stays urgent. */
function isUrgent(waitMs: number, { standing, mayGo }: Turn): boolean {
  return waitMs < shortSlackMs + (standing === 'on' && !mayGo ? onMs : 0)
}

/** By plug-in, then by name. */
function compareArrival(a: Place, b: Place): number {
  return a.queuedAtMs - b.queuedAtMs || (a.outlet.key < b.outlet.key ? -1 : a.outlet.key > b.outlet.key ? 1 : 0)
}
