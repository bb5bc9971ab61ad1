// TriggerMessage and ExtendedTriggerMessage: never for a boot that was accepted (errata 3.40); while pending they open the way for what they ask.
import { conflict, type Order } from './order.ts'
import type { Refusal } from '../house.ts'
import type { Station } from '../handlers/station.ts'

function refuseBoot(station: Station, requestedMessage: string): Refusal | null {
  if (requestedMessage !== 'BootNotification' || !station.snapshot().context.accepted) return null
  return conflict('boot-already-accepted', `The boot of ${station.clientID} was accepted; OCPP 1.6 (errata 3.40) forbids asking for another.`, 'Reset it instead: it boots again.')
}

/** What the charge point will send for what was asked. */
const sends: Readonly<Record<string, string>> = { SignChargePointCertificate: 'SignCertificate', FirmwareStatusNotification: 'SignedFirmwareStatusNotification' }

export const trigger: Order<'TriggerMessage'> = {
  refuse: (station, { requestedMessage }) => refuseBoot(station, requestedMessage),
  issued: (station, { requestedMessage }) => station.expect(requestedMessage),
}

export const extendedTrigger: Order<'ExtendedTriggerMessage'> = {
  refuse: (station, { requestedMessage }) => refuseBoot(station, requestedMessage),
  issued: (station, { requestedMessage }) => station.expect(sends[requestedMessage] ?? requestedMessage),
}
