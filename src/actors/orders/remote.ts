// RemoteStart and RemoteStop: not before the boot was accepted; a profile inside keeps to what is reserved; a stop is then expected.
import type { Station } from '../handlers/station.ts'
import { runningAs } from '../handlers/running.ts'
import type { Refusal } from '../house.ts'
import { messages, type RequestOf } from '../../protocol/messages/index.ts'
import { conflict, type Order } from './order.ts'
import { checkProfile } from './profiles.ts'

/** A charge point that accepted the stop has so long to send StopTransaction before it is shown as running again. */
const stopWithinMs = 60_000

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
  answered(station, { transactionId }, { status }) {
    if (status === 'Accepted' && runningAs(station, transactionId) !== null) station.send({ type: 'STOP_ORDERED', transactionId, dueAtMs: station.clock.wall() + stopWithinMs })
  },
}
