// SecurityEventNotification: kept, durable before it is confirmed, and alerted by how critical it is.
import { keepSecurityEvent, levelOf } from '../security-events.ts'
import { stationTime, type Handle, type Station } from './station.ts'

const recentlyMs = 10 * 60_000
/** An alert about a type of event stands until a day has passed without another. */
const quietMs = 24 * 3_600_000

export const securityEvent: Handle<'SecurityEventNotification'> = async (station, { type, timestamp, techInfo }) => {
  const { atMs, receivedAtMs } = stationTime(station, timestamp, { measure: false })
  const level = levelOf(type, circumstances(station, receivedAtMs))
  station.send({ type: 'SECURITY_EVENT', event: { type, timestamp, techInfo: techInfo ?? null, atMs } })
  keepSecurityEvent(station.scope, station.clientID, { type, timestamp, atMs, receivedAtMs, techInfo: techInfo ?? null, level })
  station.log.warn({ clientID: station.clientID, type, techInfo, level }, 'security event reported by a charge point')
  if (level !== 'info') raise(station, level === 'critical' ? 'security-event-critical' : 'security-event', type, techInfo)
  await station.scope.durable()
  return {}
}

function circumstances(station: Station, nowMs: number) {
  const lately = (ms: number | null | undefined): boolean => ms !== null && ms !== undefined && nowMs - ms < recentlyMs
  const reset = station.newestCommand('Reset', ({ status }) => status === 'accepted')
  const firmware = [station.newestCommand('UpdateFirmware'), station.newestCommand('SignedUpdateFirmware')]
  const updatedAtMs = firmware.flatMap((command) => [command?.sentAtMs, command?.progress.at(-1)?.atMs])
  return { booted: lately(station.snapshot().context.bootedAtMs) || lately(reset?.sentAtMs), updated: updatedAtMs.some((ms) => ms !== null && ms !== undefined && nowMs - ms < quietMs) }
}

const quieting = new WeakMap<Station, Map<string, () => void>>()

function raise(station: Station, code: 'security-event' | 'security-event-critical', type: string, techInfo: string | undefined): void {
  station.condition(code, `${station.clientID} reports ${type}${techInfo === undefined ? '' : `: ${techInfo}`}.`, type)
  const timers = quieting.get(station) ?? new Map<string, () => void>()
  quieting.set(station, timers)
  timers.get(type)?.()
  // A charge point may invent types: of more than 100 the oldest alert stands until a restart.
  if (timers.size >= 100 && !timers.has(type)) timers.delete(timers.keys().next().value ?? '')
  timers.set(type, station.clock.after(quietMs, () => {
    timers.delete(type)
    station.condition(code, null, type)
  }))
}
