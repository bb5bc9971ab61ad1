// StopTransaction: always confirmed, durable first; it never stops what belongs to somebody else, and loses nothing.
import type { IdTagInfo, RequestOf, ResponseOf } from '../../protocol/messages/index.ts'
import { asRecord, meterRecord, recordKey, stopRecord, toView, type Stop, type TransactionRecord } from '../../sessions/record.ts'
import { keepStop } from '../orphans.ts'
import { maxPowerW } from './connectors.ts'
import { readMessage, registersOf } from './meter-values.ts'
import { endTransaction, runningAs } from './running.ts'
import type { TransactionContext } from '../transaction.ts'
import { stationTime, type Handle, type Station } from './station.ts'
import { askAbout } from './tags.ts'

type Request = RequestOf<'StopTransaction'>

export const stopTransaction: Handle<'StopTransaction'> = async (station, request) => {
  const time = stationTime(station, request.timestamp, { measure: false })
  const stop: Stop = {
    meterStopWh: request.meterStop,
    stoppedAtMs: time.atMs,
    stoppedAtStation: request.timestamp,
    receivedAtMs: time.receivedAtMs,
    reason: request.reason ?? 'Local',
    idTag: request.idTag ?? null,
  }
  const running = runningAs(station, request.transactionId)
  const past = running === null ? await pastOf(station, request.transactionId) : null
  if (running !== null) stopRunning(station, running, request, stop)
  else if (past !== null && past.clientID === station.clientID) stopPast(station, past, stop)
  else keepStop(station, request, time.receivedAtMs, past !== null)
  await station.scope.durable()
  return request.idTag === undefined ? {} : answerTag(station, request.idTag, { starter: running?.record ?? past, repeated: past?.status === 'stopped' })
}

/** One that has ended, also long ago. */
async function pastOf(station: Station, id: number): Promise<TransactionRecord | null> {
  const held = (): TransactionRecord | null => asRecord(station.scope.get(recordKey(id)))
  const near = held()
  if (near !== null) return near
  const far = await station.archive.find(id)
  return held() ?? far
}

/** What holds for the tag in general: a charge point may remember it. Who stops what it may not is written to the log; the energy has stopped all the same. */
async function answerTag(station: Station, idTag: string, { starter, repeated }: { starter: TransactionRecord | null; repeated: boolean }): Promise<ResponseOf<'StopTransaction'>> {
  const { idTagInfo, by } = await askAbout(station, { idTag, connectorId: starter?.connectorId, reason: 'stop', repeated })
  if (repeated && by === 'nobody') return {}
  if (starter !== null && !mayStop(starter, idTag, idTagInfo)) station.log.warn({ clientID: station.clientID, transactionId: starter.id }, 'stopped with an id tag that is neither its own nor of its group')
  return { idTagInfo }
}

/** The tag that started, or one with the same parent (OCPP 1.6 3.4, parent id tags). */
export function mayStop(starter: Pick<TransactionRecord, 'idTag' | 'idTagInfo'>, idTag: string, { parentIdTag }: IdTagInfo): boolean {
  const group = starter.idTagInfo.parentIdTag
  return starter.idTag.toLowerCase() === idTag.toLowerCase() || (group !== undefined && group.toLowerCase() === parentIdTag?.toLowerCase())
}

function stopRunning(station: Station, running: TransactionContext, request: Request, stop: Stop): void {
  const { maxPowerW: hardwareW, record } = running
  const registers = registersOf(readMessage(station, record.connectorId, request.transactionData ?? []))
  const metered = registers.reduce((sum, { energyWh, atMs }) => meterRecord(sum, energyWh, atMs, hardwareW), record)
  endTransaction(station, stopRecord(metered, stop, hardwareW))
}

/** The stop of one that is over: completes an unconfirmed one, is known already, or contradicts the first. */
function stopPast(station: Station, past: TransactionRecord, stop: Stop): void {
  const record = stopRecord(past, stop, maxPowerW(station, past.connectorId))
  if (record === past) return
  station.scope.put(recordKey(record.id), record)
  if (past.status !== 'stopped') {
    station.emit('transaction.stopped', toView(record), record.connectorId)
    return
  }
  station.alert({
    code: 'stop-conflict', severity: 'warning', connectorId: record.connectorId,
    message: `transaction ${record.id} was stopped at ${past.meterStopWh} Wh and again at ${stop.meterStopWh} Wh; the first stop counts`,
  })
}
