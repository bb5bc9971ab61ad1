// Watches the limits of running transactions: warns before the end, and ends what has reached one. Looked at on every fact of them, and when time or a reading may bring them there.
import type { TransactionRecord } from '../sessions/record.ts'
import { energyToGo, type LimitCause, type SessionLimits } from '../sessions/session-limits.ts'
import { readBack, recordOf } from './handlers/counting.ts'
import type { Station } from './handlers/station.ts'
import { doubtfulUntil, judge, limitOf, ranSince, type Judgement } from './limit-judgement.ts'
import { limitsFor } from './limits-in-force.ts'
import { noteTrail } from './stop-cause.ts'
import { isAtLimit, isToBeStopped, StopLadder } from './stop-ladder.ts'
import type { Tally } from './tallies.ts'

/** What limits one may change without a fact of it, as with its id tag. */
const longestMs = 300_000
/** In its trail: people were told that its end is near. */
const warned = 'limit-warning'

export interface LimitWatch {
  cancel: (() => void) | null
  readonly ladders: Map<number, StopLadder>
  /** By transaction: a register from which on a reading is looked at. None where only time can bring it to a limit. */
  readonly fromWh: Map<number, number>
}
const watches = new WeakMap<Station, LimitWatch>()

export function limitWatchOf(station: Station): LimitWatch {
  const watch = watches.get(station) ?? { cancel: null, ladders: new Map(), fromWh: new Map() }
  watches.set(station, watch)
  return watch
}

/** Looks at every running transaction, and again when the next one may have to be warned of or stopped; what is due comes from records, so a restart loses nothing. */
export function watchLimits(station: Station): void {
  const watch = limitWatchOf(station)
  watch.cancel?.()
  watch.cancel = null
  const nowMs = station.clock.wall()
  for (const [id, ladder] of watch.ladders) {
    if (station.tallies.running.has(id)) continue
    ladder.release()
    watch.ladders.delete(id)
  }
  for (const id of watch.fromWh.keys()) if (!station.tallies.running.has(id)) watch.fromWh.delete(id)
  const due = [...station.tallies.running.keys()].map((id) => look(station, watch, id, nowMs) ?? Infinity)
  if (due.length > 0) watch.cancel = station.clock.after(Math.min(Math.max(Math.min(...due) - nowMs, 0), longestMs), () => watchLimits(station))
}

/** A running transaction has a reading of its register: where that may bring it to a limit, it is looked at in the next turn, and not when its progress is told. Costs nothing else. */
export function watchReading(station: Station, transactionId: number, energyWh: number, { fromWh } = limitWatchOf(station)): void {
  if (fromWh.size === 0) return
  const from = fromWh.get(transactionId)
  if (from === undefined || energyWh < from) return
  // Once for all that come before it was looked at.
  fromWh.delete(transactionId)
  station.clock.after(0, () => watchLimits(station))
}

/** The step after a boot. */
export function tendLimits(station: Station): Promise<void> {
  watchLimits(station)
  return Promise.resolve()
}

/** When to look at it again; null = when something comes of it. */
function look(station: Station, watch: LimitWatch, id: number, nowMs: number): number | null {
  const tally = station.tallies.running.get(id)
  watch.fromWh.delete(id)
  if (tally === undefined) return null
  const limits = limitsFor(station, tally.record)
  if (Object.keys(limits).length === 0 && !isAtLimit(tally.record) && !watch.ladders.has(id)) return null
  // Who was given nothing is given nothing while its readings are being read back.
  if (isAtLimit(tally.record)) ladderOf(station, watch, tally.record)
  if (!tally.isRead && tally.reading === null) void readBack(station, tally).then(() => watchLimits(station))
  const doubtfulMs = doubtfulUntil(tally.record)
  if (nowMs < doubtfulMs) return doubtfulMs
  const judged = judge(station, id, limits, nowMs)
  const record = recordOf(station, id, nowMs)
  if (judged === null || record === null) return null
  for (const cause of judged.near) warn(station, record, cause, limits, judged)
  if (judged.reached === null) {
    const toGoMWh = energyToGo(record, limits)
    if (toGoMWh < Infinity) watch.fromWh.set(id, registerOf(station, tally) + toGoMWh / 1000)
    if (judged.isDoubtful) return judged.nextAtMs
    const againAtMs = watch.ladders.get(id)?.callOff(record, nowMs) ?? null
    if (againAtMs === null) watch.ladders.delete(id)
    return Math.min(judged.nextAtMs ?? Infinity, againAtMs ?? Infinity)
  }
  // Who hears of an end has heard that it is near, also where one reading leads past both.
  if (isToBeStopped(record)) warn(station, record, judged.reached, limits, judged)
  return ladderOf(station, watch, record).climb(record, judged.reached, nowMs, () => watchLimits(station))
}

/** What it has counted is at least up to there: of the newest reading it may not be sure yet. */
function registerOf(station: Station, tally: Tally): number {
  const [before, newest] = [tally.record.meterStartWh, ...station.tallies.pointsOf(tally).map(({ energyWh }) => energyWh)].slice(-2)
  return Math.min(before ?? 0, newest ?? Infinity)
}

function ladderOf(station: Station, watch: LimitWatch, record: TransactionRecord): StopLadder {
  const ladder = watch.ladders.get(record.id) ?? new StopLadder(station, record)
  watch.ladders.set(record.id, ladder)
  return ladder
}

/** Once for each limit, over restarts too; of idle time once for each time that it rests. */
function warn(station: Station, record: TransactionRecord, cause: LimitCause, limits: SessionLimits, { idleDueAtMs }: Judgement): void {
  const limit = limitOf[cause]
  const value = limits[limit]
  if (value === undefined) return
  const sinceMs = cause === 'idle-timeout' && idleDueAtMs !== null ? idleDueAtMs - value * 1000 : -Infinity
  if (record.trail.some(({ what, after, atMs }) => what === warned && after?.['limit'] === limit && after['value'] === value && atMs >= sinceMs)) return
  const after = { limit, value }
  noteTrail(station, record.id, { what: warned, after })
  const dueMs = cause === 'duration-limit' ? ranSince(station, record) + value * 1000 : cause === 'idle-timeout' ? idleDueAtMs : null
  station.emit('transaction.warning', {
    transactionId: record.id, idTag: record.idTag, limit, value, at: dueMs === null ? null : new Date(dueMs).toISOString(),
    ...(dueMs === null ? {} : { remainingS: Math.max(0, Math.round((dueMs - station.clock.wall()) / 1000)) }),
    ...(cause === 'energy-limit' ? { remainingWh: Math.max(0, Math.floor(value - record.energyMWh / 1000)) } : {}),
    ...(cause === 'cost-limit' && record.cost !== null ? { remainingMinor: Math.max(0, value - record.cost.amountMinor), currency: record.cost.currency } : {}),
  }, record.connectorId)
}
