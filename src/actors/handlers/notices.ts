// The notifications of firmware, diagnostics, logs and security: the last of each is kept, all are confirmed.
import { stationTime, type Handle, type Station } from './station.ts'
import type { NoticeTopic } from '../charge-point-facts.ts'

function keep(station: Station, topic: NoticeTopic, status: string, requestId?: number): Record<string, never> {
  station.send({ type: 'NOTICED', topic, status, atMs: station.clock.wall(), requestId: requestId ?? null })
  return {}
}

export const firmwareStatus: Handle<'FirmwareStatusNotification'> = (station, { status }) => keep(station, 'firmware', status)
export const diagnosticsStatus: Handle<'DiagnosticsStatusNotification'> = (station, { status }) => keep(station, 'diagnostics', status)
export const logStatus: Handle<'LogStatusNotification'> = (station, { status, requestId }) => keep(station, 'log', status, requestId)
export const signedFirmwareStatus: Handle<'SignedFirmwareStatusNotification'> = (station, { status, requestId }) => keep(station, 'signedFirmware', status, requestId)

export const securityEvent: Handle<'SecurityEventNotification'> = (station, { type, timestamp, techInfo }) => {
  const { atMs } = stationTime(station, timestamp, { measure: false })
  station.send({ type: 'SECURITY_EVENT', event: { type, timestamp, techInfo: techInfo ?? null, atMs } })
  station.log.warn({ clientID: station.clientID, type, techInfo }, 'security event reported by a charge point')
  return {}
}
