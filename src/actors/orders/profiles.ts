// Charging profiles as people send them: only what leaves the engine's own in force and raises nobody above what is reserved; kept with the answer.
import { runningAs } from '../handlers/running.ts'
import { answerProfile, dropProfiles, keepProfile, mostProfiles, readProfiles } from '../stored-profiles.ts'
import { conflict, type Order } from './order.ts'

export const setChargingProfile: Order<'SetChargingProfile'> = {
  refuse(station, { connectorId, csChargingProfiles: profile }) {
    const { chargingProfilePurpose: purpose, transactionId } = profile
    if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return conflict('not-on-connector-0', 'A ChargePointMaxProfile stands on connector 0 only (OCPP 1.6, 3.13.1).')
    if (purpose === 'TxProfile') {
      if (connectorId === 0) return conflict('tx-profile-on-connector-0', 'A TxProfile stands on the connector of its transaction, never on connector 0 (OCPP 1.6, 3.13.1).')
      const running = transactionId === undefined ? null : runningAs(station, transactionId)
      if (running?.record.connectorId !== connectorId) {
        return conflict('no-such-transaction', transactionId === undefined
          ? 'A TxProfile names the transaction it is for (errata: transactionId SHALL be included).'
          : `Transaction ${transactionId} does not run on connector ${connectorId} of ${station.clientID}.`, 'GET /api/v1/transactions?status=charging lists what runs.')
      }
    }
    const kept = readProfiles(station.scope, station.clientID)
    if (kept.length >= mostProfiles && kept.every((one) => one.profile.chargingProfileId !== profile.chargingProfileId)) return conflict('too-many-profiles', `${mostProfiles} profiles are kept for ${station.clientID}.`, 'Clear some first.')
    return station.site.refuseProfile(station.clientID, connectorId, profile)
  },
  issued: (station, { connectorId, csChargingProfiles }, { id }) => keepProfile(station.scope, station.clientID, { connectorId, profile: csChargingProfiles, status: 'Sent', setAtMs: station.clock.wall(), commandId: id }),
  answered: (station, _, { status }, { id }) => answerProfile(station.scope, station.clientID, id, status),
  unanswered: (station, _, how, { id }) => answerProfile(station.scope, station.clientID, id, how === 'timed-out' ? 'Unknown' : how === 'error' ? 'Failed' : null),
}

export const clearChargingProfile: Order<'ClearChargingProfile'> = {
  refuse: (station, request) => station.site.refuseClear(station.clientID, request),
  answered(station, request, { status }, command) {
    // Unknown says that nothing there fits: what we still kept of it is gone too, but was not removed by this.
    const gone = dropProfiles(station.scope, station.clientID, request)
    const removed = status === 'Accepted' ? gone : []
    station.keepResult(command, { removed, count: removed.length })
  },
}
