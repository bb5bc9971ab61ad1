// The records of a charge point's transactions as they are now: counted from what its tallies hold, once the history before a restart is back in them.
import { withTrail } from '../../sessions/record-parts.ts'
import { asRecord, hasEnded, recordKey, toView, type TransactionRecord } from '../../sessions/record.ts'
import { transactionState } from '../charge-point.ts'
import { recount } from '../recount.ts'
import { aroundMs, keptReadings } from '../kept-readings.ts'
import type { MeterShelf } from '../meter-history.ts'
import { rightWithinMs, saidTime } from './said-time.ts'
import { countedTime, ownPoints, saidAgain } from '../counted-time.ts'
import { newsOf, type Tally } from '../tallies.ts'
import type { Station } from './station.ts'

/** What only time changes, as its cost, is worked out again so often. */
const againMs = 10_000

/** Now as a stop would tell it that came now, and as it would count: where the clock of its charge point is off by other than it was pinned, by that. */
export function countedNow(station: Station, record: TransactionRecord, nowMs: number): number {
  const isRight = Math.abs(station.offsetMs - record.clockOffsetMs) < rightWithinMs
  return isRight ? nowMs : countedTime(record, saidTime(station, nowMs - station.offsetMs, nowMs))
}

/** The record of a running transaction as it is now: its energy, idle time and cost up to `nowMs`; null when it does not run here. */
export function recordOf(station: Station, transactionId: number, nowMs = station.clock.wall()): TransactionRecord | null {
  const tally = station.tallies.running.get(transactionId)
  const state = tally === undefined ? null : transactionState(station.snapshot(), transactionId)
  if (tally?.isRead === false) void readBack(station, tally)
  return tally === undefined || state === null ? null : { ...count(station, tally, nowMs), status: state.status }
}

/** Works out what a tally comes to, where that may have changed. Until its history is back, its last totals stand. */
export function count(station: Station, tally: Tally, nowMs = station.clock.wall()): TransactionRecord {
  const stands = tally.isCounted && (hasEnded(tally.record) || Math.abs(nowMs - tally.countedAtMs) < againMs)
  if (stands || !tally.isRead) return tally.record
  const { record } = tally
  const points = station.tallies.pointsOf(tally)
  // Its readings are kept no more, as those of the version before: what was counted stands until the next one.
  if (points.length === 0 && record.energyMWh > 0 && !hasEnded(record)) return record
  const limited = station.site.limitedOf(record.id)
  tally.record = recount(limited === null ? record : { ...record, ...limited, held: [...limited.held] }, points, countedNow(station, record, nowMs))
  tally.isCounted = true
  tally.countedAtMs = nowMs
  return tally.record
}

/** Numbers that are no transaction of the charge point, and whether they are another's: whoever repeats one costs no look into the store. The oldest go first. */
const mostStrangers = 50
const strangersOfEach = new WeakMap<Station, Map<number, boolean>>()

function strangersOf(station: Station): Map<number, boolean> {
  const known = strangersOfEach.get(station) ?? new Map<number, boolean>()
  strangersOfEach.set(station, known)
  return known
}

/** A transaction of this charge point, running or over, wherever it is; null = there is none, `ofAnother` = another charge point has it. */
export async function findTransaction(station: Station, transactionId: number): Promise<{ readonly tally: Tally | null; readonly ofAnother: boolean }> {
  const { tallies, scope, archive, clientID } = station
  const held = tallies.find(transactionId)
  if (held !== undefined) return { tally: held, ofAnother: false }
  const near = (): TransactionRecord | null => asRecord(scope.get(recordKey(transactionId)))
  let record = near()
  const strangers = strangersOf(station)
  if (record === null) {
    const stranger = strangers.get(transactionId)
    if (stranger !== undefined || transactionId <= 0) return { tally: null, ofAnother: stranger === true }
    const far = await archive.find(transactionId)
    record = near() ?? far
  }
  if (record === null || record.clientID !== clientID) {
    strangers.set(transactionId, record !== null)
    for (const id of strangers.keys()) if (strangers.size > mostStrangers) strangers.delete(id)
    return { tally: null, ofAnother: record !== null }
  }
  return { tally: tallies.find(transactionId) ?? tallies.takeUp(record), ofAnother: false }
}

const againAfterMs = 1_000
const mostTries = 3

/** Puts back what was read before a restart; while the store is down that waits for it. Never rejects: what is lost is lost, and said. */
export function readBack(station: Station, tally: Tally): Promise<void> {
  if (tally.isRead) return Promise.resolve()
  return tally.reading ??= readAll(station, tally).finally(() => { tally.reading = null })
}

const turns = new WeakMap<object, Promise<unknown>>()

/** One after the other: after a restart every transaction of a site is read back as its charge point speaks again. */
function inTurn<T>(history: object, read: () => Promise<T>): Promise<T> {
  const mine = (turns.get(history) ?? Promise.resolve()).then(read)
  turns.set(history, mine.catch(() => undefined))
  return mine
}

async function readAll(station: Station, tally: Tally): Promise<void> {
  const { id, connectorId, stoppedAtMs } = tally.record
  const history: Pick<MeterShelf, 'registersOf'> = { registersOf: (...asked) => inTurn(station.history, () => station.history.registersOf(...asked)) }
  for (let tries = 1; !tally.isRead; tries++) {
    try {
      const untilMs = (stoppedAtMs ?? station.clock.wall()) + aroundMs
      const kept = await keptReadings(history, tally.record, tally.readFromMs, untilMs)
      const before = ownPoints(tally.record, kept).filter(({ atMs, energyWh }) => !tally.news.has(newsOf(atMs, energyWh)))
      tally.isGone = tally.wasOver && before.length === 0 && isMoreThan(tally.record, station.clock.wall())
      tally.news.clear()
      for (const { atMs, energyWh, loose } of kept) {
        if (loose === undefined) tally.curve.note(atMs, energyWh)
        else station.tallies.noteLoose(connectorId, saidAgain(id, atMs, loose), energyWh)
      }
      tally.isRead = true
    } catch (error) {
      if (tries >= mostTries && station.scope.failure === null) {
        station.log.error({ clientID: station.clientID, transactionId: id, error }, 'the readings of a transaction before the restart cannot be read: it is counted without them')
        tally.isRead = true
      } else await new Promise<void>((resolve) => { station.clock.after(againAfterMs, resolve) })
    }
  }
  tally.isCounted = false
}

/** Has one that has ended been counted from readings that are not there? */
function isMoreThan(record: TransactionRecord, nowMs: number): boolean {
  if (!hasEnded(record)) return false
  const without = recount(record, [], nowMs)
  return without.energyMWh !== record.energyMWh || without.idleMs !== record.idleMs || without.cost?.amountMinor !== record.cost?.amountMinor
}

/** Who did it, where nobody asked for it. */
export const ownName = 'kwota'
const lateWhat = 'late-readings'

/** Counts an ended transaction again; what changed is kept, told, and durable once it resolves. Null = nothing has changed; `isNews` = its record has already. */
export function countAgain(station: Station, tally: Tally, isNews = false): Promise<void> | null {
  const before = tally.record
  const after = tally.isGone ? before : count(station, tally)
  if (!isNews && (after === before || JSON.stringify(after) === JSON.stringify(before))) return null
  tally.record = withLateReadings(before, after, station.clock.wall())
  station.scope.put(recordKey(after.id), tally.record)
  station.emit('transaction.updated', toView(tally.record), after.connectorId)
  return station.scope.durable()
}

/** Only what changed its money or energy is worth a line; what comes in a row is one. */
function withLateReadings(before: TransactionRecord, after: TransactionRecord, atMs: number): TransactionRecord {
  const was = totalsOf(before)
  const is = totalsOf(after)
  if (was.energyMWh === is.energyMWh && was.amountMinor === is.amountMinor) return after
  const last = after.trail.at(-1)
  const goesOn = last?.what === lateWhat && last.by === ownName
  const entry: TransactionRecord['trail'][number] = { atMs, by: ownName, what: lateWhat, before: (goesOn ? last.before : undefined) ?? was, after: is }
  return withTrail(goesOn ? { ...after, trail: after.trail.slice(0, -1) } : after, entry)
}

function totalsOf({ energyMWh, cost }: TransactionRecord) {
  return { energyMWh, amountMinor: cost?.amountMinor ?? null }
}
