// Taking turns where there is not enough for all: who is on, who waits since when, and who may be swapped (decision rule 3).
import { grantSlot, newest, type Row } from './ledger.ts'
import type { Constraint } from './limits.ts'
import type { Place } from './loads.ts'
import type { Turn } from './member.ts'

/** Swaps come this long after the last one, or after the queue formed. */
export const turnMs = 15 * 60_000
/** At least so long on, and off once swapped out; and no more starts than that within an hour. */
export const onMs = 10 * 60_000
export const offMs = 5 * 60_000
const starts = { most: 4, withinMs: 3_600_000 }
/** What a swap takes beyond its turn: lowered, settled, calm, raised. */
const swapMs = 2 * 60_000

/** A transaction runs and was given something. */
export function isOn(row: Row): boolean {
  return row.transactionId !== null && (newest(row[grantSlot(row)])?.limitA ?? 0) > 0
}

/** How the car there stands; one that had current from the start is on since it came. */
export function turnOf({ row, queuedAtMs }: Place, nowMs: number): Turn {
  const { turn = null } = row
  const standing = isOn(row) ? (turn?.as === 'going' ? 'going' : 'on') : turn?.as === 'coming' ? 'coming' : 'off'
  const onSinceMs = standing === 'coming' ? turn!.atMs : (row.onSinceMs ?? queuedAtMs)
  const recent = (row.startsAtMs ?? []).filter((at) => nowMs - at < starts.withinMs)
  return {
    standing, onSinceMs,
    mayGo: standing !== 'off' && nowMs >= onSinceMs + onMs,
    mayCome: standing !== 'on' && nowMs >= (row.offSinceMs ?? -Infinity) + offMs && recent.length < starts.most,
    clockMs: row.queueSinceMs ?? null,
  }
}

/** Who has its turn comes before who waits, and first of all who must have it for a while yet; who is to go comes last. */
export function standingRank(standing: Turn['standing'], mayGo: boolean): number {
  return standing === 'off' ? 2 : standing === 'going' ? 3 : mayGo ? 1 : 0
}

/** When what `turnOf` says changes by time alone; what is over is among them. */
export function turnChangesAtMs({ row, queuedAtMs }: Place): number[] {
  const startsAtMs = row.startsAtMs ?? []
  return [
    (row.turn?.as === 'coming' && !isOn(row) ? row.turn.atMs : (row.onSinceMs ?? queuedAtMs)) + onMs,
    ...(typeof row.offSinceMs === 'number' ? [row.offSinceMs + offMs] : []),
    ...(typeof row.queueSinceMs === 'number' ? [row.queueSinceMs + turnMs] : []),
    ...(startsAtMs.length < starts.most ? [] : [startsAtMs[0]! + starts.withinMs]),
  ]
}

/** By when a car that began to starve then has had its turn: with so many waiting for the places of so many, 15 min for each round. */
export function turnDueAtMs(starvedSinceMs: number, waiting: number, admitted: number): number {
  return admitted === 0 ? Infinity : starvedSinceMs + turnMs * Math.ceil(waiting / admitted)
}

/** A car as far as turns go: as it is in the targets of a plan. */
export interface Waiting {
  readonly place: Place
  readonly allocatedA: number
  readonly binding: string
  readonly boundBy: Constraint | null
}

/**
 * Keys of those that wait in a queue and should have had their turn, with when that was due; what a swap takes is allowed for.
 * Those before them by class are none of their queue.
 */
export function starvedBeyondTurn(targets: ReadonlyMap<string, Waiting>, nowMs: number): ReadonlyMap<string, number> {
  const late = new Map<string, number>()
  const queues = new Map<string, Waiting[]>()
  for (const one of targets.values()) {
    if (one.binding !== 'queue' || one.boundBy === null) continue
    const queue = `${one.boundBy.nodeID} ${one.boundBy.on} ${one.place.priority}`
    queues.set(queue, [...(queues.get(queue) ?? []), one])
  }
  for (const waiting of queues.values()) {
    const { place: { priority }, boundBy } = waiting[0]!
    let admitted = 0
    for (const { place, allocatedA } of targets.values()) {
      if (allocatedA > 0 && place.row.transactionId !== null && place.priority === priority && place.outlet.path.includes(boundBy!.nodeID)) admitted += 1
    }
    for (const { place } of waiting) {
      if (place.row.starvedSinceMs === null) continue
      const dueAtMs = turnDueAtMs(place.row.starvedSinceMs, waiting.length, admitted)
      if (nowMs > dueAtMs + swapMs) late.set(place.outlet.key, dueAtMs)
    }
  }
  return late
}
