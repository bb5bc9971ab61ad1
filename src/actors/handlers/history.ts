// What a charge point's meters said goes into the history as it came: at the time its transaction counts, under the transaction it belongs to.
import type { MeterValue, RequestOf } from '../../protocol/messages/index.ts'
import { connectorKey } from '../../power/site.ts'
import { asRecord, recordKey, type TransactionRecord } from '../../sessions/record.ts'
import { countedTime, type SaidTime } from '../counted-time.ts'
import { pinnedOffset, saidTime } from './said-time.ts'
import { plausibleTime, type Station } from './station.ts'

/** Keeps each element of a message; of one that names no transaction, by when it was measured. */
export function keepHistory(station: Station, { connectorId, transactionId, meterValue }: RequestOf<'MeterValues'>): void {
  const receivedAtMs = station.clock.wall()
  const named = transactionId === undefined ? null : ownRecord(station, transactionId)
  for (const value of meterValue) {
    const time = saidTime(station, plausibleTime(value.timestamp, receivedAtMs), receivedAtMs)
    if (transactionId === undefined) keep(station, connectorId, value, time, receivedAtMs, station.tallies.ownerAt(connectorId, time)?.record ?? null, time.byStation ? time.atMs : null)
    else keep(station, connectorId, value, time, receivedAtMs, named)
  }
}

/** The data of a stop belongs to what was stopped. */
export function keepData(station: Station, record: TransactionRecord, data: readonly MeterValue[]): void {
  const receivedAtMs = station.clock.wall()
  for (const value of data) keep(station, record.connectorId, value, saidTime(station, plausibleTime(value.timestamp, receivedAtMs), receivedAtMs), receivedAtMs, record)
}

function keep(station: Station, connectorId: number, { sampledValue }: MeterValue, time: SaidTime, receivedAtMs: number, record: TransactionRecord | null, looseMs?: number | null): void {
  const atMs = countedTime(record ?? { clockOffsetMs: pinnedOffset(station.offsetMs) }, time)
  // Under the connector it started on: there it is looked for.
  const key = connectorKey(station.clientID, record?.connectorId ?? connectorId)
  station.history.add({ key, atMs, receivedAtMs, transactionId: record?.id ?? null, ...(looseMs === undefined ? {} : { saidMs: looseMs }), values: sampledValue })
}

function ownRecord(station: Station, transactionId: number): TransactionRecord | null {
  const record = station.tallies.find(transactionId)?.record ?? asRecord(station.scope.get(recordKey(transactionId)))
  return record?.clientID === station.clientID ? record : null
}
