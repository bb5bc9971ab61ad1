// What a charge point's meters said goes into the history as it came: at the time its transaction counts, under the transaction it belongs to.
import type { MeterValue, RequestOf } from '../../protocol/messages/index.ts'
import { PlainMeterValues } from '../../protocol/meter-shape.ts'
import { connectorKey } from '../../power/site.ts'
import { asRecord, recordKey, type TransactionRecord } from '../../sessions/record.ts'
import { countedTime, type SaidTime } from '../counted-time.ts'
import type { MeterRow, PlainRow } from '../meter-row.ts'
import { pinnedOffset, saidTime } from './said-time.ts'
import { plausibleTime, type Station } from './station.ts'

type Said = Pick<MeterRow, 'values'> | Pick<PlainRow, 'shape' | 'texts'>

/** Keeps each element of a message; of one that names no transaction, by when it was measured. */
export function keepHistory(station: Station, request: RequestOf<'MeterValues'>): void {
  const receivedAtMs = station.clock.wall()
  const named = request.transactionId === undefined ? null : ownRecord(station, request.transactionId)
  if (request instanceof PlainMeterValues) return keepElement(station, request, named, request.timestamp, { shape: request.shape, texts: request.values }, receivedAtMs)
  for (const { timestamp, sampledValue } of request.meterValue) keepElement(station, request, named, timestamp, { values: sampledValue }, receivedAtMs)
}

function keepElement(station: Station, { connectorId, transactionId }: { readonly connectorId: number; readonly transactionId?: number | undefined }, named: TransactionRecord | null, timestamp: string, said: Said, receivedAtMs: number): void {
  const time = saidTime(station, plausibleTime(timestamp, receivedAtMs), receivedAtMs)
  if (transactionId === undefined) keep(station, connectorId, said, time, receivedAtMs, station.tallies.ownerAt(connectorId, time)?.record ?? null, time.byStation ? time.atMs : null)
  else keep(station, connectorId, said, time, receivedAtMs, named)
}

/** The data of a stop belongs to what was stopped. */
export function keepData(station: Station, record: TransactionRecord, data: readonly MeterValue[]): void {
  const receivedAtMs = station.clock.wall()
  for (const { timestamp, sampledValue } of data) keep(station, record.connectorId, { values: sampledValue }, saidTime(station, plausibleTime(timestamp, receivedAtMs), receivedAtMs), receivedAtMs, record)
}

function keep(station: Station, connectorId: number, said: Said, time: SaidTime, receivedAtMs: number, record: TransactionRecord | null, looseMs?: number | null): void {
  const atMs = countedTime(record ?? { clockOffsetMs: pinnedOffset(station.offsetMs) }, time)
  // Under the connector it started on: there it is looked for.
  const key = connectorKey(station.clientID, record?.connectorId ?? connectorId)
  station.history.add({ key, atMs, receivedAtMs, transactionId: record?.id ?? null, ...(looseMs === undefined ? {} : { saidMs: looseMs }), ...said })
}

function ownRecord(station: Station, transactionId: number): TransactionRecord | null {
  const record = station.tallies.find(transactionId)?.record ?? asRecord(station.scope.get(recordKey(transactionId)))
  return record?.clientID === station.clientID ? record : null
}
