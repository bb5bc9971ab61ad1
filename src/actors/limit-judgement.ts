// What a running transaction has reached of its limits: by its newest reading where the one before is not long ago, else by two, since one may say nonsense.
import { idlePieces, idleSince, leastIdleMs } from '../sessions/idle.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import { limitState, nearMs, type LimitCause, type SessionLimits } from '../sessions/session-limits.ts'
import { countedNow, recordOf } from './handlers/counting.ts'
import type { Station } from './handlers/station.ts'
import { countOf, recount } from './recount.ts'
import { draws } from './transaction.ts'

/** What each cause is called where limits are set. */
export const limitOf = { 'energy-limit': 'energyWh', 'duration-limit': 'durationS', 'cost-limit': 'costMinor', 'idle-timeout': 'idleTimeoutS' } as const satisfies Record<LimitCause, keyof SessionLimits>

/** A meter that has said nothing for longer does not say that the car still rests. */
const newestWithinMs = 1_200_000
/** A start that was told so much later than it was may be one by a slow clock, until that is measured. */
const lateMs = 60_000
const measuredWithinMs = 150_000
/** In that time the hardware bounds what one reading may be wrong by: a step beyond it is not counted. */
const regularMs = 900_000

export interface Judgement {
  /** What ends it; null = nothing. */
  readonly reached: LimitCause | null
  /** It may have reached something, and the next reading will tell. */
  readonly isDoubtful: boolean
  readonly near: readonly LimitCause[]
  /** Before then time alone changes nothing; null = only new readings can. */
  readonly nextAtMs: number | null
  /** When its idle time ends it, where it is idle and that is limited. */
  readonly idleDueAtMs: number | null
}

/** Since when it runs, for how long it may: by the clock as it is measured now where that says later, and not later than it was told. */
export function ranSince(station: Station, { startedAtMs, clockOffsetMs, startReceivedAtMs }: TransactionRecord): number {
  return Math.min(Math.max(startedAtMs, startedAtMs - clockOffsetMs + station.offsetMs), Math.max(startedAtMs, startReceivedAtMs))
}

/** Until when nobody knows whether a start was told late or by a slow clock, which takes some messages to be measured. */
export function doubtfulUntil({ startedAtMs, startReceivedAtMs }: TransactionRecord): number {
  return startReceivedAtMs - startedAtMs < lateMs ? -Infinity : startReceivedAtMs + measuredWithinMs
}

/** Null when it does not run here. */
export function judge(station: Station, transactionId: number, limits: SessionLimits, nowMs: number): Judgement | null {
  const record = recordOf(station, transactionId, nowMs)
  const tally = station.tallies.running.get(transactionId)
  if (record === null || tally === undefined) return null
  const timeoutMs = limits.idleTimeoutS === undefined ? null : limits.idleTimeoutS * 1000
  const { idleSinceMs, restsSinceMs } = timeoutMs === null ? neither : restOf(station, record, nowMs, timeoutMs)
  const idleDueAtMs = restsSinceMs === null || timeoutMs === null ? null : restsSinceMs + timeoutMs
  const startedAtMs = ranSince(station, record)
  const state = (counted: TransactionRecord) => limitState({ ...counted, startedAtMs }, limits, idleSinceMs, nowMs)
  const now = state(record)
  const idleNear: LimitCause[] = idleDueAtMs !== null && nowMs >= idleDueAtMs - nearMs && nowMs < idleDueAtMs ? ['idle-timeout'] : []
  const idleNearAtMs = idleDueAtMs === null || nowMs >= idleDueAtMs - nearMs ? Infinity : idleDueAtMs - nearMs
  if (now.reached === null && now.near.length === 0) return { reached: null, isDoubtful: false, near: idleNear, nextAtMs: earliest(now.nextAtMs, idleNearAtMs), idleDueAtMs }
  // Whatever one of the newest two readings says, it must hold without it too; the newest alone will do where one came shortly before.
  const points = station.tallies.pointsOf(tally)
  const isRegular = (points.at(-1)?.atMs ?? -Infinity) - (points.at(-2)?.atMs ?? record.startedAtMs) <= regularMs
  const without = [isRegular ? points : points.slice(0, -1), points.toSpliced(-2, points.length > 1 ? 1 : 0)].map((some) => state(recount(record, some, countedNow(station, record, nowMs))))
  const isSure = without.every(({ reached }) => reached !== null)
  return {
    reached: now.reached !== null && isSure ? without[0]!.reached : null,
    isDoubtful: now.reached !== null && !isSure,
    near: [...now.near.filter((cause) => without.every(({ near, reached }) => near.includes(cause) || reached === cause)), ...idleNear],
    nextAtMs: [now, ...without].reduce((soonest, { nextAtMs }) => earliest(soonest, nextAtMs ?? Infinity), earliest(null, idleNearAtMs)), idleDueAtMs,
  }
}

interface Rest {
  /** Idle time counts from then on; null = it is not idle. */
  readonly idleSinceMs: number | null
  /** The same, and also of one that rests for half of what it may, and is not idle yet: people are to hear of a short time-out before it is there. */
  readonly restsSinceMs: number | null
}

const neither: Rest = { idleSinceMs: null, restsSinceMs: null }

/** By our clock. */
function restOf(station: Station, record: TransactionRecord, nowMs: number, timeoutMs: number): Rest {
  const tally = station.tallies.running.get(record.id)
  if (tally === undefined || !tally.isRead) return neither
  const thenMs = countedNow(station, record, nowMs)
  const { count, idle } = countOf(record, station.tallies.pointsOf(tally), thenMs)
  const newestMs = count.points.at(-1)?.atMs ?? -Infinity
  if (thenMs - newestMs > newestWithinMs || mayHaveEnded(station, record, newestMs)) return neither
  const ours = (sinceMs: number | null): number | null => (sinceMs === null ? null : sinceMs + nowMs - thenMs)
  const idleSinceMs = ours(idleSince(count, idle))
  if (idleSinceMs !== null || timeoutMs >= 2 * leastIdleMs) return { idleSinceMs, restsSinceMs: idleSinceMs }
  return { idleSinceMs, restsSinceMs: ours(idleSince(count, idlePieces(count, record, record.statuses, record.held, timeoutMs / 2))) }
}

/** Since its newest register reading something was said by which it rests no more, or is made to: the next reading tells. */
function mayHaveEnded(station: Station, record: TransactionRecord, newestMs: number): boolean {
  const spoke = record.statuses.some(([atMs]) => atMs >= record.startedAtMs)
  if (!spoke && record.held.some(({ untilMs }) => untilMs > newestMs)) return true
  if (record.statuses.some(([atMs, status]) => atMs >= newestMs && (status === 'Charging' || status === 'SuspendedEVSE'))) return true
  const reading = station.readings.get(record.connectorId)
  return reading !== undefined && reading.measuredAtMs - station.offsetMs + record.clockOffsetMs > newestMs && draws(reading) === true
}

function earliest(oneMs: number | null, otherMs: number): number | null {
  const ms = Math.min(oneMs ?? Infinity, otherMs)
  return ms === Infinity ? null : ms
}
