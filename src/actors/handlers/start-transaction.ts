// StartTransaction: always a transaction, never two for one start, answered once it is durable.
import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { readDateTime, type RequestOf } from '../../protocol/messages/index.ts'
import { asRecord, openRecord, recordKey, type TransactionRecord } from '../../sessions/record.ts'
import { use } from '../reservation-desk.ts'
import { maxPowerW } from './connectors.ts'
import { openTransaction, tellSite } from './running.ts'
import type { Scope } from '../scope.ts'
import { pinnedOffset } from './said-time.ts'
import { stationTime, type Handle, type Station, type StationTime } from './station.ts'
import { askAbout } from './tags.ts'

type Request = RequestOf<'StartTransaction'>

/** One key per start, however often it is repeated: charge point, connector, tag without case, instant, meter. */
export function startKey(clientID: string, request: Request): string {
  const instant = readDateTime(request.timestamp) ?? request.timestamp
  const text = JSON.stringify([clientID, request.connectorId, request.idTag.toLowerCase(), instant, request.meterStart])
  return `start:${createHash('sha256').update(text).digest('hex').slice(0, 40)}`
}

// A start repeated on a new connection while the first is still waiting for its number joins it.
const inFlight = new WeakMap<Station, Map<string, { readonly connectorId: number; readonly record: Promise<TransactionRecord> }>>()

/** The connectors with a start that waits for its number or for the verdict on its tag. */
export function startsInFlight(station: Station): readonly number[] {
  return [...inFlight.get(station)?.values() ?? []].map(({ connectorId }) => connectorId)
}

export const startTransaction: Handle<'StartTransaction'> = async (station, request) => {
  const key = startKey(station.clientID, request)
  const record = known(station, key) ?? await joinOrBegin(station, key, request)
  await station.scope.durable()
  return { idTagInfo: record.idTagInfo, transactionId: record.id }
}

function known(station: Station, key: string): TransactionRecord | null {
  const id = station.scope.get(key)
  return typeof id === 'number' ? asRecord(station.scope.get(recordKey(id))) : null
}

/** A start that is repeated long after its transaction has left the scope. */
async function archivedStart(station: Station, key: string): Promise<TransactionRecord | null> {
  const id = await station.archive.startOf(key)
  return id === null ? null : asRecord(station.scope.get(recordKey(id))) ?? station.archive.find(id)
}

async function joinOrBegin(station: Station, key: string, request: Request): Promise<TransactionRecord> {
  const waiting = inFlight.get(station) ?? new Map<string, { connectorId: number; record: Promise<TransactionRecord> }>()
  inFlight.set(station, waiting)
  const other = waiting.get(key)
  if (other !== undefined) return other.record
  const mine = begin(station, key, request)
  waiting.set(key, { connectorId: request.connectorId, record: mine })
  try {
    return await mine
  } finally {
    waiting.delete(key)
  }
}

async function begin(station: Station, key: string, request: Request): Promise<TransactionRecord> {
  const time = stationTime(station, request.timestamp, { measure: true })
  const { idTag, connectorId } = request
  const [id, { idTagInfo }, archived] = await Promise.all([station.claimTransactionId(), askAbout(station, { idTag, connectorId, reason: 'start' }), archivedStart(station, key)])
  if (archived !== null) return archived
  const billed = billingTime(station, time)
  const record = openRecord({
    ...station.billing(idTag, connectorId, billed.atMs),
    id,
    siteID: station.siteID,
    clientID: station.clientID,
    connectorId,
    idTag,
    idTagInfo,
    startedAtMs: billed.atMs,
    clockOffsetMs: billed.offsetMs,
    maxPowerW: maxPowerW(station, connectorId),
    startedAtStation: request.timestamp,
    receivedAtMs: time.receivedAtMs,
    meterStartWh: request.meterStart,
    reservationId: request.reservationId ?? null,
  })
  openTransaction(station, record)
  use(station, record, time.live)
  station.scope.put(key, id)
  // The charge point must know the number before anybody sends it a profile for it: next turn, after the answer.
  if (time.live && record.idTagInfo.status === 'Accepted') {
    void station.scope.durable().then(() => station.clock.after(0, () => tellSite(station, id)))
  }
  return record
}

/** The charge point's own time counts, unless its clock is off by so much that it cannot (docs/transactions.md, When). */
function billingTime(station: Station, { atMs, saidMs }: StationTime): { readonly atMs: number; readonly offsetMs: number } {
  const offsetMs = pinnedOffset(station.offsetMs)
  return { atMs: saidMs === null ? atMs : saidMs + offsetMs, offsetMs }
}

const claimAgainMs = 1_000

/** Asks until there is a number that this site has never used: while the store is down a start waits unanswered, it is not refused. */
export async function claimPatiently(claim: () => Promise<number>, ports: { scope: Scope; clock: Clock; log: Log }): Promise<number> {
  for (;;) {
    try {
      const id = await claim()
      if (ports.scope.get(recordKey(id)) === undefined) return id
    } catch (error) {
      ports.log.warn({ error }, 'no transaction id could be claimed, trying again')
    }
    await new Promise<void>((resolve) => { ports.clock.after(claimAgainMs, resolve) })
  }
}
