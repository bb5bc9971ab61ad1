// RemoteStart and RemoteStop: not before the boot was accepted; a profile inside keeps to what is reserved; a stop is then expected.
import type { Station } from '../handlers/station.ts'
import { reportChange, runningAs } from '../handlers/running.ts'
import type { CommandRecord } from '../command-record.ts'
import type { Refusal } from '../house.ts'
import { messages, type RequestOf } from '../../protocol/messages/index.ts'
import { noteRefused, noteStop, takeBackStop } from '../stop-cause.ts'
import { conflict, type Order } from './order.ts'
import { checkProfile } from './profiles.ts'

/** A charge point that accepted the stop has so long to send StopTransaction before it is shown as running again. */
const stopWithinMs = 60_000
const byPeople = new Set(['remote-stop'] as const)

/** The first who stops it stays on record. */
function noteByPeople(station: Station, transactionId: number, { createdBy, createdAtMs }: CommandRecord): void {
  if (createdBy === 'kwota' || station.tallies.running.get(transactionId)?.record.stoppedBy !== null) return
  noteStop(station, transactionId, { cause: 'remote-stop', by: createdBy, atMs: createdAtMs })
}

function refuseWhileHeld(station: Station): Refusal | null {
  const { held } = station.snapshot().context
  return held === null ? null : conflict('charge-point-pending', `${station.clientID} is ${held}: OCPP 1.6 (4.2.1) allows no remote start or stop before its boot is accepted.`, 'Accept it in the lobby first: POST /api/v1/lobby/{clientID}/accept.')
}

const { idTag } = messages.RemoteStartTransaction.request.shape
const body = messages.RemoteStartTransaction.request.extend({ idTag: idTag.min(1) })

export const remoteStart: Order<'RemoteStartTransaction'> = {
  body,
  prepare: (_, request: RequestOf<'RemoteStartTransaction'>) => {
    if (request.chargingProfile !== undefined) checkProfile(request.chargingProfile, '/chargingProfile')
    return request
  },
  refuse(station, { connectorId, chargingProfile }) {
    const held = refuseWhileHeld(station)
    if (held !== null || chargingProfile === undefined) return held
    if (chargingProfile.chargingProfilePurpose !== 'TxProfile') return conflict('not-a-tx-profile', `A profile inside a remote start must be a TxProfile, not a ${chargingProfile.chargingProfilePurpose} (OCPP 1.6, 5.16.2).`)
    if (chargingProfile.transactionId !== undefined) return conflict('transaction-id-in-remote-start', 'A profile inside a remote start has no transactionId: there is no transaction yet (errata 3.41).', 'Leave transactionId out.')
    return station.site.profiles.refuse(station.clientID, connectorId, chargingProfile, true)
  },
  issued(station, { connectorId, chargingProfile }) {
    if (chargingProfile !== undefined && connectorId !== undefined) station.site.profiles.note(station.clientID, connectorId, chargingProfile)
  },
}

export const remoteStop: Order<'RemoteStopTransaction'> = {
  refuse: (station) => refuseWhileHeld(station),
  // Durable with the command, and so before it is sent. What kwota stops by itself it has written down already.
  issued(station, { transactionId }, command) {
    if (command.expiresAtMs === null) noteByPeople(station, transactionId, command)
  },
  unanswered(station, { transactionId }, why, { createdBy }) {
    if (why === 'error' && createdBy === 'kwota') noteRefused(station, transactionId, 'the charge point answered the stop with an error')
    if (why !== 'timed-out') takeBackStop(station, transactionId, byPeople, 'the stop was not carried out')
  },
  answered(station, { transactionId }, { status }, command) {
    // One that may wait for its charge point may come too late: it counts from here.
    if (status === 'Accepted') noteByPeople(station, transactionId, command)
    if (status === 'Rejected') takeBackStop(station, transactionId, byPeople, 'the charge point rejected the stop')
    if (status === 'Rejected' && command.createdBy === 'kwota') noteRefused(station, transactionId, 'the charge point rejected the stop')
    if (status !== 'Accepted' || runningAs(station, transactionId) === null) return
    station.send({ type: 'STOP_ORDERED', transactionId, dueAtMs: station.clock.wall() + stopWithinMs })
    reportChange(station, transactionId)
  },
}
