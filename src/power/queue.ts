// The order in which cars are admitted, and what else of their place in the queue the sharing goes by.
import { grantSlot, newest } from './ledger.ts'
import type { Place } from './loads.ts'
import type { Member, Turn } from './member.ts'
import type { Alarm } from './raising.ts'
import type { Policy } from './site.ts'
import { departureMs, fullA, isSated, shortSlackMs, slackMs } from './slack.ts'
import { onMs, standingRank, turnChangesAtMs, turnOf } from './turns.ts'

/** What one place is compared by, first to last. */
interface Key { readonly priority: number; readonly urgent: boolean; readonly rank: number; readonly starvedMs: number }

/**
 * Class, then whose deadline is near, who has its turn (in the least time on first), who waits for it; then the longest starved,
 * the queue, the name. Compares places at one instant.
 */
export function queueOrder(voltage: number, nowMs: number): (a: Place, b: Place) => number {
  const keys = new Map<Place, Key>()
  const keyOf = (place: Place): Key => {
    const known = keys.get(place)
    if (known !== undefined) return known
    const { row, priority } = place
    const key: Key = row.transactionId === null ? { priority, urgent: false, rank: standingRank('off', false), starvedMs: row.starvedSinceMs ?? Infinity } : {
      priority, urgent: isUrgent(slackMs(place, voltage, nowMs), turnOf(place, nowMs)), rank: rankOf(place, nowMs), starvedMs: row.starvedSinceMs ?? Infinity,
    }
    keys.set(place, key)
    return key
  }
  return (a, b) => {
    const [one, other] = [keyOf(a), keyOf(b)]
    return other.priority - one.priority || Number(other.urgent) - Number(one.urgent) || one.rank - other.rank
      || (one.starvedMs === other.starvedMs ? 0 : one.starvedMs - other.starvedMs)
      || compareArrival(a, b)
  }
}

/** What a car brings besides its amps: its place in the order of filling by the policy, how near its deadline is, and its turn. By key. */
export function standIn(cars: readonly Place[], policy: Policy, voltage: number, nowMs: number): ReadonlyMap<string, Pick<Member, 'queue' | 'urgent' | 'latestMs' | 'fullA' | 'heldA' | 'turn' | 'sated'>> {
  const byDeadline = policy === 'earliestDeadline' ? (place: Place) => departureMs(place, nowMs) : () => 0
  const filling = [...cars].sort((a, b) => (byDeadline(a) === byDeadline(b) ? 0 : byDeadline(a) - byDeadline(b)) || compareArrival(a, b))
  return new Map(filling.map((place, queue) => {
    const waitMs = slackMs(place, voltage, nowMs)
    const turn = turnOf(place, nowMs)
    return [place.outlet.key, {
      queue, urgent: isUrgent(waitMs, turn), turn,
      ...(isSated(place) ? { sated: true as const } : {}),
      ...(waitMs === Infinity ? {} : { latestMs: Math.round(nowMs + waitMs), fullA: fullA(place), heldA: newest(place.row[grantSlot(place.row)])?.limitA ?? 0 }),
    }]
  }))
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

function rankOf(place: Place, nowMs: number): number {
  const { standing, mayGo } = turnOf(place, nowMs)
  return standingRank(standing, mayGo)
}

/** By plug-in, then by name. */
function compareArrival(a: Place, b: Place): number {
  return a.queuedAtMs - b.queuedAtMs || (a.outlet.key < b.outlet.key ? -1 : a.outlet.key > b.outlet.key ? 1 : 0)
}
