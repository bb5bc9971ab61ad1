// StatusNotification: a fact about a connector; it starts and ends no transaction, except one that a boot left in doubt.
import { hasEnded, recordKey } from '../../sessions/record.ts'
import { connectorOf } from '../charge-point.ts'
import { endOn } from '../reservation-desk.ts'
import type { SaidTime } from '../counted-time.ts'
import { meetConnector } from './connectors.ts'
import { recallEnded } from './late-readings.ts'
import { countAgain, readBack } from './counting.ts'
import { keepStatuses } from './kept-statuses.ts'
import { endTransaction, reportChange, runningOn, tellSite, unconfirmed } from './running.ts'
import { saidTime } from './said-time.ts'
import { stationTime, type Handle, type Station } from './station.ts'

export const statusNotification: Handle<'StatusNotification'> = (station, request) => {
  const { connectorId, status, errorCode } = request
  const time = stationTime(station, request.timestamp, { measure: true })
  if (connectorId !== 0 && !meetConnector(station, connectorId)) {
    station.log.warn({ clientID: station.clientID, connectorId }, 'status of a connector that cannot exist')
    return {}
  }
  const before = connectorOf(station.snapshot(), connectorId) ?? station.snapshot().context.whole
  const info = request.info ?? null
  station.send({ type: 'STATUS_REPORTED', connectorId, status, errorCode, info, vendorErrorCode: request.vendorErrorCode ?? null, atMs: time.atMs, stationMs: time.saidMs ?? time.atMs })
  if (connectorId > 0) countStatus(station, connectorId, saidTime(station, time.saidMs, time.receivedAtMs), status)
  endOn(station, { connectorId, status, atMs: time.atMs, live: time.live })
  if (connectorId > 0) informSite(station, { connectorId, status, live: time.live, receivedAtMs: time.receivedAtMs })
  if (before?.status !== status || before.errorCode !== errorCode || before.info !== info) {
    const statusAt = new Date(time.atMs).toISOString()
    station.emit('connector.status', { status, errorCode, ...(info === null ? {} : { info }), statusAt }, connectorId)
  }
  return {}
}

/** When it could charge and did not is a matter of its statuses, also of those that come late. */
function countStatus(station: Station, connectorId: number, time: SaidTime, status: string): void {
  recallEnded(station, connectorId, [time], true)
  const changed = station.tallies.noteStatus(connectorId, time, status)
  if (changed === null) return
  keepStatuses(station, connectorId)
  for (const tally of changed) {
    if (hasEnded(tally.record)) void readBack(station, tally).then(() => countAgain(station, tally, true))
    else station.scope.put(recordKey(tally.record.id), tally.record)
  }
}

function informSite(station: Station, fact: { connectorId: number; status: string; live: boolean; receivedAtMs: number }): void {
  const { connectorId, status } = fact
  const running = runningOn(station, connectorId)
  if (running !== null) {
    const bootedSince = station.snapshot().context.boots > running.bootsAtStart
    if (status === 'Available' && bootedSince) endTransaction(station, unconfirmed(running.record, fact.receivedAtMs, 'its charge point has begun anew, and its connector is Available'))
    // A refused tag makes a car wait, not charge: only its current would prove more.
    else if (status !== 'Available' && fact.live && running.record.idTagInfo.status === 'Accepted') tellSite(station, running.record.id)
    const still = runningOn(station, connectorId)
    if (still !== null && still.record.status !== running.record.status) reportChange(station, running.record.id)
  }
  station.site.statusChanged(station.clientID, connectorId, status)
}
