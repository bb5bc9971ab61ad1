// Puts transactions right in the name of people: ends one that has no stop, corrects one that has; counted anew, kept in its trail, durable.
import { withTrail } from '../sessions/record-parts.ts'
import { hasEnded, recordKey, stopRecord, toView, type TransactionRecord } from '../sessions/record.ts'
import { connectorsOf } from './charge-point.ts'
import type { Estate } from './estate.ts'
import { count, readBack, recordOf } from './handlers/counting.ts'
import { tellDoubt } from './handlers/doubtful.ts'
import { endTransaction } from './handlers/running.ts'
import type { Station } from './handlers/station.ts'
import { Refusal, type Caller } from './house.ts'
import { storeDown, unreadable, write } from './records.ts'
import { recount } from './recount.ts'
import { pointsOf } from './session-readings.ts'
import type { Tally } from './tallies.ts'
import { findRecord } from './transaction-reader.ts'

/** How a transaction ended, as a person says it; without a time or a meter those of its newest reading. Times RFC 3339. */
export interface Closing { readonly stoppedAt?: string | undefined; readonly meterStopWh?: number | undefined; readonly reason: string }

/** What nobody said, and where it was taken from; where no reading came `taken-to-be-over` = when kwota gave it up, `start` = the meter it began at. */
export interface Assumed { readonly stoppedAt?: 'newest-reading' | 'taken-to-be-over'; readonly meterStopWh?: 'newest-reading' | 'start' }

/** What is other than it was on record; Wh, times RFC 3339. */
export interface Correction {
  readonly meterStartWh?: number | undefined
  readonly meterStopWh?: number | undefined
  readonly startedAt?: string | undefined
  readonly stoppedAt?: string | undefined
  readonly idTag?: string | undefined
  readonly reason: string
}

/** Rejects with Refusal: not-found, conflict (`transaction-stopped`, `transaction-charging`), invalid (a time or a meter that cannot be, or a time that nobody knows), store-down. */
export async function closeTransaction(estate: Estate, id: number, { stoppedAt, meterStopWh, reason }: Closing, caller: Caller): Promise<{ readonly record: TransactionRecord; readonly assumed: Assumed }> {
  const found = await findRecord(estate, id)
  refuseCharging(stationOf(estate, found), found.record)
  const atMs = estate.options.clock.wall()
  const readMs = (stoppedAt === undefined || meterStopWh === undefined) && found.record.status !== 'stopped' ? await newestReadingMs(estate, found) : null
  let assumed: Assumed = {}
  const closed = await settle(estate, found, (record) => {
    if (record.status === 'stopped') throw new Refusal('conflict', 'transaction-stopped', `Transaction ${id} has stopped at ${iso(record.stoppedAtMs ?? 0)}.`, { hint: `POST /api/v1/transactions/${id}/correct changes what is on record.` })
    const knownMs = readMs ?? record.stoppedAtMs
    if (stoppedAt === undefined && knownMs === null) throw wrong('/stoppedAt', 'is needed: no reading of it came that says how long it was there')
    const stoppedAtMs = stoppedAt === undefined ? Math.min(Math.max(knownMs ?? 0, record.startedAtMs), atMs) : Date.parse(stoppedAt)
    if (stoppedAtMs < record.startedAtMs) throw wrong('/stoppedAt', `is before its start at ${iso(record.startedAtMs)}`)
    if (stoppedAtMs > atMs) throw wrong('/stoppedAt', 'lies ahead')
    if (meterStopWh !== undefined && meterStopWh < record.meterStartWh) throw wrong('/meterStopWh', `the register would go from ${record.meterStartWh} Wh down to ${meterStopWh} Wh`)
    assumed = {
      ...(stoppedAt === undefined ? { stoppedAt: readMs === null ? 'taken-to-be-over' as const : 'newest-reading' as const } : {}),
      // Where its readings are kept no more, what was counted from them stands.
      ...(meterStopWh === undefined ? { meterStopWh: readMs === null && record.energyMWh === 0 ? 'start' as const : 'newest-reading' as const } : {}),
    }
    const stop = { meterStopWh: meterStopWh ?? (record.meterStartWh * 1000 + record.energyMWh) / 1000, stoppedAtMs, stoppedAtStation: stoppedAt ?? iso(stoppedAtMs), receivedAtMs: atMs, reason: 'Other', idTag: null }
    const stopped = { ...stopRecord(record, stop), stoppedBy: record.stoppedBy ?? { cause: 'correction' as const, by: caller.name, atMs } }
    const after = { ...valuesOf(stopped), ...(Object.keys(assumed).length === 0 ? {} : { assumed }) }
    return withTrail(stopped, { atMs, by: caller.name, requestId: caller.requestId, what: 'closed', reason, before: valuesOf(record), after })
  })
  return { record: closed, assumed }
}

/** The first values stay in its trail. Rejects with Refusal: not-found, conflict (`transaction-not-stopped`), invalid, store-down. */
export async function correctTransaction(estate: Estate, id: number, { reason, startedAt, stoppedAt, ...rest }: Correction, caller: Caller): Promise<TransactionRecord> {
  const found = await findRecord(estate, id)
  const atMs = estate.options.clock.wall()
  const said = {
    ...given(rest), ...(startedAt === undefined ? {} : { startedAtMs: Date.parse(startedAt), startedAtStation: startedAt }),
    ...(stoppedAt === undefined ? {} : { stoppedAtMs: Date.parse(stoppedAt), stoppedAtStation: stoppedAt }),
  }
  const nothing = () => new Refusal('invalid', 'nothing-to-correct', 'Nothing is said that is to be other than it is.', { hint: 'Name at least one of meterStartWh, meterStopWh, startedAt, stoppedAt and idTag, with another value.' })
  if (Object.keys(said).length === 0) throw nothing()
  return settle(estate, found, (record) => {
    if (record.status !== 'stopped') throw new Refusal('conflict', 'transaction-not-stopped', `Transaction ${id} is ${record.status}: only one that has stopped can be corrected.`, { hint: hasEnded(record) ? `End it first: POST /api/v1/transactions/${id}/close.` : 'Wait for its stop, or stop it first.' })
    const after = { ...record, ...said }
    if (after.startedAtMs > (after.stoppedAtMs ?? atMs)) throw wrong(startedAt === undefined ? '/stoppedAt' : '/startedAt', `the start (${iso(after.startedAtMs)}) would be after the stop (${iso(after.stoppedAtMs ?? atMs)})`)
    if (Math.max(after.startedAtMs, after.stoppedAtMs ?? 0) > atMs) throw wrong(startedAt === undefined ? '/stoppedAt' : '/startedAt', 'lies ahead')
    const metersSaid = rest.meterStartWh !== undefined || rest.meterStopWh !== undefined
    if (metersSaid && after.meterStopWh !== null && after.meterStopWh < after.meterStartWh) throw wrong(rest.meterStopWh === undefined ? '/meterStartWh' : '/meterStopWh', `the register would go from ${after.meterStartWh} Wh down to ${after.meterStopWh} Wh`)
    if (JSON.stringify(valuesOf(record)) === JSON.stringify(valuesOf(after))) throw nothing()
    return withTrail(after, { atMs, by: caller.name, requestId: caller.requestId, what: 'corrected', reason, before: valuesOf(record), after: valuesOf(after) })
  })
}

type Found = Awaited<ReturnType<typeof findRecord>>
const lines = new WeakMap<Estate, Promise<unknown>>()

interface Along {
  /** More of its site's scope, written with it. */
  readonly beside?: Readonly<Record<string, unknown>>
  /** Once `change` has let it pass: gives its tally more to count. */
  readonly meet?: (station: Station, tally: Tally) => void
}

/** Makes `change` of a transaction durable, counted anew; one at a time. Rejects with what `change` throws, and with Refusal store-down. */
export function settle(estate: Estate, found: Found, change: (record: TransactionRecord) => TransactionRecord, along: Along = {}): Promise<TransactionRecord> {
  const mine = (lines.get(estate) ?? Promise.resolve()).then(() => settleNow(estate, found, change, along))
  lines.set(estate, mine.catch(() => undefined))
  return mine
}

async function settleNow(estate: Estate, found: Found, change: (record: TransactionRecord) => TransactionRecord, { beside = {}, meet }: Along): Promise<TransactionRecord> {
  const { record: { id }, site } = found
  await estate.options.store.check().catch((error: unknown) => { throw storeDown(error) })
  const station = stationOf(estate, found)
  if (station === null) {
    const before = (await findRecord(estate, id)).record
    const changed = change(before)
    const after = isCountedAs(before, changed) ? changed : recount(changed, await pointsOf(estate, changed), estate.options.clock.wall())
    await write(site.scope, { ...beside, [recordKey(id)]: after })
    tell(estate, after)
    return after
  }
  const running = station.tallies.running.get(id)
  if (running !== undefined) {
    await readBack(station, running)
    const now = recordOf(station, id)
    if (now !== null) {
      const ended = change(now)
      meet?.(station, running)
      return endNow(station, ended, beside)
    }
  }
  const tally = station.tallies.find(id) ?? station.tallies.takeUp((await findRecord(estate, id)).record)
  await readBack(station, tally)
  const before = tally.record
  tally.record = change(before)
  meet?.(station, tally)
  tally.isCounted = false
  // Where its readings are kept no more, what does not change what was counted lets it stand.
  const stands = tally.isGone && meet === undefined && isCountedAs(before, tally.record)
  const after = stands ? tally.record : count(station, tally)
  try {
    await write(site.scope, { ...beside, [recordKey(id)]: after })
  } catch (error) {
    tally.record = before
    tally.isCounted = false
    throw error
  }
  const isNewest = before.stoppedAtMs !== null && before.stoppedAtMs >= station.tallies.past.newestStopMs(before.connectorId)
  station.tallies.past.note(after)
  // One that stopped later has had its say.
  if (isNewest && before.anomalies > 0 && after.anomalies === 0) tellDoubt(station, after)
  tell(estate, after)
  return after
}

/** Does all that is counted by stay as it was? */
function isCountedAs(before: TransactionRecord, after: TransactionRecord): boolean {
  return hasEnded(before) && hasEnded(after) && (['startedAtMs', 'stoppedAtMs', 'meterStartWh', 'meterStopWh', 'tariff'] as const).every((name) => before[name] === after[name])
}

/** What has ended for its actors cannot be taken back: while the store is down it waits there for it. */
async function endNow(station: Station, after: TransactionRecord, beside: Readonly<Record<string, unknown>>): Promise<TransactionRecord> {
  for (const [key, value] of Object.entries(beside)) station.scope.put(key, value)
  endTransaction(station, after)
  await station.scope.flush().catch((error: unknown) => {
    throw new Refusal('store-down', 'store-down', `The store does not take writes: ${error instanceof Error ? error.message : String(error)}. The transaction has ended, and is written as soon as the store takes it.`, { hint: `Look at it when /readyz says the store is back: GET /api/v1/transactions/${after.id}.` })
  })
  return station.tallies.find(after.id)?.record ?? after
}

function tell(estate: Estate, record: TransactionRecord): void {
  const { siteID, clientID, connectorId } = record
  estate.events.emit({ type: 'transaction.updated', siteID, clientID, connectorId, data: toView(record) })
}

/** The actors that know of it: those of its charge point, where that still belongs to its site. */
function stationOf(estate: Estate, { record: { clientID }, site }: Found): Station | null {
  if (estate.point(clientID)?.record.config.site !== site.record.site.id) return null
  return estate.familyOf(clientID)?.station ?? null
}

/** When the newest reading of its time was measured; null = none is known. Rejects with Refusal store-down. */
async function newestReadingMs(estate: Estate, found: Found): Promise<number | null> {
  const { record } = found
  const station = stationOf(estate, found)
  const tally = station === null ? null : station.tallies.running.get(record.id) ?? station.tallies.find(record.id) ?? station.tallies.takeUp(record)
  if (station !== null && tally !== null) await readBack(station, tally)
  const points = station === null || tally === null ? await pointsOf(estate, record).catch(unreadable) : station.tallies.pointsOf(tally)
  return points.findLast(({ atMs }) => atMs >= record.startedAtMs)?.atMs ?? null
}

const plugged = new Set(['Charging', 'SuspendedEV', 'SuspendedEVSE'])

function refuseCharging(station: Station | null, { id, connectorId, status, clientID }: TransactionRecord): void {
  if (station === null || station.session() === null || !station.tallies.running.has(id)) return
  const said = connectorsOf(station.snapshot()).find((one) => one.connectorId === connectorId)?.status ?? 'Unknown'
  if (status !== 'charging' && !plugged.has(said)) return
  throw new Refusal('conflict', 'transaction-charging', `${clientID} is online, and its connector ${connectorId} says ${said}: transaction ${id} runs.`, { hint: `Stop it: POST /api/v1/chargepoints/${encodeURIComponent(clientID)}/remote-stop with transactionId ${id}.` })
}

/** What people are billed by. */
function valuesOf({ meterStartWh, meterStopWh, startedAtMs, stoppedAtMs, idTag, status }: TransactionRecord): Record<string, unknown> {
  return { status, idTag, startedAt: iso(startedAtMs), stoppedAt: stoppedAtMs === null ? null : iso(stoppedAtMs), meterStartWh, meterStopWh }
}

function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }
}

function wrong(pointer: string, message: string): Refusal {
  return new Refusal('invalid', 'invalid', `${pointer}: ${message}`, { errors: [{ pointer, message }], hint: `Change ${pointer} so that the transaction has a start, and an end after it that is not ahead.` })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
