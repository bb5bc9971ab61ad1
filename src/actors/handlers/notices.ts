// The notifications of firmware, diagnostics and logs: the last of each is kept, all are confirmed.
import type { NoticeTopic } from '../charge-point-facts.ts'
import { noteProgress } from '../firmware-progress.ts'
import type { Handle, Station } from './station.ts'

async function keep(station: Station, topic: NoticeTopic, status: string, requestId?: number): Promise<Record<string, never>> {
  station.send({ type: 'NOTICED', topic, status, atMs: station.clock.wall(), requestId: requestId ?? null })
  noteProgress(station, topic, status, requestId)
  // Confirmed also while the store is down: no charge point would say it again.
  await station.scope.flush().catch(() => undefined)
  return {}
}

export const firmwareStatus: Handle<'FirmwareStatusNotification'> = (station, { status }) => keep(station, 'firmware', status)
export const diagnosticsStatus: Handle<'DiagnosticsStatusNotification'> = (station, { status }) => keep(station, 'diagnostics', status)
export const logStatus: Handle<'LogStatusNotification'> = (station, { status, requestId }) => keep(station, 'log', status, requestId)
export const signedFirmwareStatus: Handle<'SignedFirmwareStatusNotification'> = (station, { status, requestId }) => keep(station, 'signedFirmware', status, requestId)
