// Charging profiles as people send them: only what leaves the engine's own in force and raises nobody above what is reserved; kept with the answer.
import { profileFault, type Abilities } from '../../profiles/check.ts'
import { messages, type ChargingProfile } from '../../protocol/messages/index.ts'
import { abilitiesOf, completeProfile, givenProfileSchema, refuseCrowd, type GivenRequest } from '../given-profile.ts'
import { runningAs } from '../handlers/running.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'
import { answerProfile, dropProfiles, keepProfile, keptBeside, mostProfiles, type Answered } from '../stored-profiles.ts'
import { conflict, type Order } from './order.ts'

/** Refusal invalid for a profile that OCPP does not allow, or that this charge point has said it does not take. */
export function checkProfile(profile: ChargingProfile, pointer: string, abilities?: Abilities): void {
  const fault = profileFault(profile, abilities)
  if (fault !== null) throw new Refusal('invalid', 'invalid-profile', `${pointer}${fault.pointer}: ${fault.message}.`, { errors: [{ pointer: pointer + fault.pointer, message: fault.message }] })
}

const body = messages.SetChargingProfile.request.extend({ csChargingProfiles: givenProfileSchema })

export const setChargingProfile: Order<'SetChargingProfile'> = {
  body,
  prepare(station, given: GivenRequest) {
    const csChargingProfiles = completeProfile(station, given)
    checkProfile(csChargingProfiles, given.templateId === undefined ? '/chargingProfile' : '/templateId', abilitiesOf(station))
    // As it leaves it is among them itself, so only now.
    if (keptBeside(station.scope, station.clientID, { connectorId: given.connectorId, profile: csChargingProfiles }).length >= mostProfiles) throw conflict('too-many-profiles', `${mostProfiles} profiles are kept for ${station.clientID}.`, 'Clear some first.')
    return { connectorId: given.connectorId, csChargingProfiles }
  },
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
    return refuseCrowd(station, connectorId, profile) ?? station.site.profiles.refuse(station.clientID, connectorId, profile)
  },
  issued(station, { connectorId, csChargingProfiles }, { id }) {
    keepProfile(station.scope, station.clientID, { connectorId, profile: csChargingProfiles, status: 'Sent', setAtMs: station.clock.wall(), commandId: id })
    station.site.profiles.note(station.clientID, connectorId, csChargingProfiles)
  },
  answered: (station, _, { status }, { id }) => conclude(station, id, { status, answeredAtMs: station.clock.wall() }),
  unanswered(station, _, how, { id, error }) {
    const answeredAtMs = station.clock.wall()
    if (how === 'unsent') {
      answerProfile(station.scope, station.clientID, id, null)
      station.site.profiles.changed()
    }
    else if (how === 'timed-out') conclude(station, id, { status: 'Unknown', answeredAtMs, reason: 'no answer came in time, so it may stand or not' })
    else conclude(station, id, { status: 'Failed', answeredAtMs, ...(error === null ? {} : { reason: `${error.code} ${error.description}`.trim() }) })
  },
}

/** Keeps what it answered and tells people. */
function conclude(station: Station, commandId: string, answer: Answered): void {
  const stored = answerProfile(station.scope, station.clientID, commandId, answer)
  station.site.profiles.changed()
  if (stored === null || stored.status === 'Unknown') return
  const { connectorId, status, reason, profile: { chargingProfileId, chargingProfilePurpose: purpose, stackLevel } } = stored
  station.emit(status === 'Accepted' ? 'profile.accepted' : 'profile.rejected', { owner: 'user', chargingProfileId, purpose, stackLevel, status, commandId, ...(reason === undefined ? {} : { reason }) }, connectorId)
}

export const clearChargingProfile: Order<'ClearChargingProfile'> = {
  refuse: (station, request) => station.site.profiles.refuseClear(station.clientID, request),
  answered(station, request, { status }, command) {
    // Unknown says that nothing there fits: what we still kept of it is gone too, but was not removed by this.
    const gone = dropProfiles(station.scope, station.clientID, request)
    station.site.profiles.changed()
    const removed = status === 'Accepted' ? gone : []
    station.keepResult(command, { removed, count: removed.length })
  },
}
