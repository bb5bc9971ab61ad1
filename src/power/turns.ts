// Taking turns where there is not enough for all: who is on, who waits since when, and who may be swapped (decision rule 3).
import { grantSlot, newest, type Row } from './ledger.ts'
import type { Place } from './loads.ts'
import type { Turn } from './member.ts'

/** Swaps come this long after the last one, or after the queue formed. */
export const turnMs = 15 * 60_000
/** At least so long on, and off once swapped out; and no more starts than that within an hour. */
export const onMs = 10 * 60_000
export const offMs = 5 * 60_000
const starts = { most: 4, withinMs: 3_600_000 }

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
