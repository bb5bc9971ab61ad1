// Who waits beyond its turn: what a site must be told of.
import { shortSlackMs, slackMs } from './slack.ts'
import type { Target, Targets } from './target.ts'
import { turnMs } from './turns.ts'

/** What a swap takes beyond its turn: lowered, settled, calm, raised. */
const swapMs = 2 * 60_000

/** By when a car that began to starve then has had its turn: with so many waiting for the places of so many, 15 min for each round. */
export function turnDueAtMs(starvedSinceMs: number, waiting: number, admitted: number): number {
  return admitted === 0 ? Infinity : starvedSinceMs + turnMs * Math.ceil(waiting / admitted)
}

/**
 * Keys of those that wait in a queue and should have had their turn, with when that was due; what a swap takes is allowed for.
 * Those before them by class are none of their queue. Under leastLaxity a car with time waits by design until its slack is short, and
 * one of which nobody knows when it leaves waits for those of which it is known.
 */
export function starvedBeyondTurn({ targets, ground }: Pick<Targets, 'targets' | 'ground'>, nowMs: number): ReadonlyMap<string, number> {
  const { policy, voltage } = ground.tree.site
  const late = new Map<string, number>()
  const queues = new Map<string, Target[]>()
  for (const one of targets.values()) {
    if (one.binding !== 'queue' || one.boundBy === null) continue
    const queue = `${one.boundBy.nodeID} ${one.boundBy.on} ${one.place.priority}`
    queues.set(queue, [...(queues.get(queue) ?? []), one])
  }
  for (const waiting of queues.values()) {
    const { place: { priority }, boundBy } = waiting[0]!
    const admitted = [...targets.values()].filter(({ place, allocatedA }) => allocatedA > 0 && place.row.transactionId !== null && place.priority === priority && place.outlet.path.includes(boundBy!.nodeID))
    const known = policy === 'leastLaxity' && admitted.some(({ place }) => slackMs(place, voltage, nowMs) !== Infinity)
    for (const { place } of waiting) {
      if (place.row.starvedSinceMs === null) continue
      const waitMs = policy === 'leastLaxity' ? slackMs(place, voltage, nowMs) : -Infinity
      const sinceMs = waitMs !== Infinity ? Math.max(place.row.starvedSinceMs, nowMs + waitMs - shortSlackMs) : known ? Infinity : place.row.starvedSinceMs
      const dueAtMs = turnDueAtMs(sinceMs, waiting.length, admitted.length)
      if (nowMs > dueAtMs + swapMs) late.set(place.outlet.key, dueAtMs)
    }
  }
  return late
}
