// StopTransaction: always confirmed, durable first; it never stops what belongs to somebody else, and loses nothing.
import type { IdTagInfo, RequestOf, ResponseOf } from '../../protocol/messages/index.ts'
import { hasEnded, recordKey, stopRecord, toView, type TransactionRecord } from '../../sessions/record.ts'
import { keepStop } from '../orphans.ts'
import { countedTime } from '../counted-time.ts'
import type { Tally } from '../tallies.ts'
import { count, countAgain, findTransaction, readBack } from './counting.ts'
import { tellDoubt } from './doubtful.ts'
import { keepData } from './history.ts'
import { readMessage } from './meter-values.ts'
import { endTransaction } from './running.ts'
import { saidTime } from './said-time.ts'
import { stationTime, type Handle, type Station, type StationTime } from './station.ts'
import { askAbout } from './tags.ts'

type Request = RequestOf<'StopTransaction'>

export const stopTransaction: Handle<'StopTransaction'> = async (station, request) => {
  const time = stationTime(station, request.timestamp, { measure: false })
  const { tally: found, ofAnother } = await findTransaction(station, request.transactionId)
  if (found === null) {
    keepStop(station, request, time.receivedAtMs, ofAnother)
    await station.scope.durable()
    return request.idTag === undefined ? {} : answerTag(station, request.idTag, { starter: null, repeated: false })
  }
  // What it comes to is worked out from all that was read, also before a restart.
  let tally = found
  for (; !tally.isRead; tally = station.tallies.find(request.transactionId) ?? tally) await readBack(station, tally)
  const starter = tally.record
  stop(station, tally, request, time)
  await station.scope.durable()
  return request.idTag === undefined ? {} : answerTag(station, request.idTag, { starter, repeated: starter.status === 'stopped' })
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

/** Ends it, completes one that nobody knew the end of, or is known already; one that contradicts the first is kept beside it. */
function stop(station: Station, tally: Tally, request: Request, time: StationTime): void {
  const { record } = tally
  const said = stopRecord(record, {
    meterStopWh: request.meterStop,
    stoppedAtMs: countedTime(record, saidTime(station, time.saidMs, time.receivedAtMs)),
    stoppedAtStation: request.timestamp,
    receivedAtMs: time.receivedAtMs,
    reason: request.reason ?? 'Local',
    idTag: request.idTag ?? null,
  })
  const isConflict = said.conflicts.length > record.conflicts.length
  takeData(station, tally, request, said !== record && !isConflict)
  if (!hasEnded(record)) {
    endTransaction(station, said)
    return tellDoubt(station, tally.record)
  }
  if (isConflict) contradict(station, tally, said)
  if (isConflict || said === record) return void countAgain(station, tally)
  station.tallies.end(said, tally)
  station.tallies.takeStatuses(tally)
  station.scope.put(recordKey(record.id), count(station, tally))
  station.emit('transaction.stopped', toView(tally.record), record.connectorId)
  tellDoubt(station, tally.record)
}

/** What it brings along belongs to its transaction, whichever stop it comes with; of one that has its stop only what says something new is kept once more. */
function takeData(station: Station, tally: Tally, { transactionData = [] }: Request, isFirst: boolean): void {
  let isNews = false
  for (const one of readMessage(station, tally.record.connectorId, transactionData)) {
    if (one.reading.energyWh !== null && station.tallies.note(tally, one, one.reading.energyWh)) isNews = true
  }
  if (isFirst || (isNews && !tally.isGone)) keepData(station, tally.record, transactionData)
}

function contradict(station: Station, tally: Tally, record: TransactionRecord): void {
  const other = record.conflicts.at(-1)
  tally.record = record
  station.scope.put(recordKey(record.id), record)
  station.alert({
    code: 'stop-conflict', severity: 'warning', connectorId: record.connectorId,
    message: `transaction ${record.id} was stopped at ${record.meterStopWh} Wh (${record.stoppedAtStation}) and again at ${other?.meterStopWh} Wh (${other?.stoppedAtStation}); the first stop counts`,
  })
}
