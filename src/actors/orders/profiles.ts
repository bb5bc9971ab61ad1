// Charging profiles as people send them: only what leaves the engine's own in force and raises nobody above what is reserved.
import { runningAs } from '../handlers/running.ts'
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
    return station.site.refuseProfile(station.clientID, connectorId, profile)
  },
}

export const clearChargingProfile: Order<'ClearChargingProfile'> = {
  refuse: (station, request) => station.site.refuseClear(station.clientID, request),
}
