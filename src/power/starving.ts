// Who waits beyond its turn: what a site must be told of.
import { shortSlackMs, slackMs } from './slack.ts'
import type { Targets } from './target.ts'
import { offMs, turnMs } from './turns.ts'

/** What a swap takes beyond its turn: lowered, settled, calm, raised. */
const swapMs = 2 * 60_000

/** By when a car that began to starve then has had its turn: 15 min for each swap until all in its queue have had theirs. */
export function turnDueAtMs(starvedSinceMs: number, rounds: number): number {
  return starvedSinceMs + turnMs * rounds
}

/**
 * Keys of those that wait in a queue and should have had their turn, with when that was due; what a swap takes is allowed for.
 * Those before them by class are none of their queue. Under leastLaxity a car with time waits by design until its slack is short, and
 * one of which nobody knows when it leaves waits for those of which it is known.
 */
export function starvedBeyondTurn({ targets, ground }: Pick<Targets, 'targets' | 'ground'>, nowMs: number): ReadonlyMap<string, number> {
  const { policy, voltage } = ground.tree.site
  const late = new Map<string, number>()
  /** Of whom it is known when they leave, and who charge: by class and node. */
  let known: Set<string> | null = null
  for (const { binding, boundBy, rounds, place } of targets.values()) {
    const { starvedSinceMs } = place.row
    if (binding !== 'queue' || boundBy === null || typeof rounds !== 'number' || starvedSinceMs === null) continue
    const waitMs = policy === 'leastLaxity' ? slackMs(place, voltage, nowMs) : -Infinity
    if (waitMs === Infinity) {
      known ??= knownAt(targets, voltage, nowMs)
      if (known.has(`${place.priority} ${boundBy.nodeID}`)) continue
    }
    // Who was swapped out may not come again at a swap within its least time off.
    const mayComeAtMs = starvedSinceMs + (place.row.pausedByTurn === true ? offMs : 0)
    const sinceMs = waitMs === Infinity ? mayComeAtMs : Math.max(mayComeAtMs, nowMs + waitMs - shortSlackMs)
    const dueAtMs = turnDueAtMs(sinceMs, rounds)
    if (nowMs > dueAtMs + swapMs) late.set(place.outlet.key, dueAtMs)
  }
  return late
}

function knownAt(targets: Targets['targets'], voltage: number, nowMs: number): Set<string> {
  const known = new Set<string>()
  for (const { allocatedA, place } of targets.values()) {
    if (allocatedA <= 0 || place.row.transactionId === null || slackMs(place, voltage, nowMs) === Infinity) continue
    for (const nodeID of place.outlet.path) known.add(`${place.priority} ${nodeID}`)
  }
  return known
}
