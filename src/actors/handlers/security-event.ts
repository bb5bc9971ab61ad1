// SecurityEventNotification: kept, durable before it is confirmed, and alerted by how critical it is.
import { keepSecurityEvent, kindOf, levelOf } from '../security-events.ts'
import { stationTime, type Handle, type Station } from './station.ts'

const recentlyMs = 10 * 60_000
/** An alert about a type of event stands until a day has passed without another. */
const quietMs = 24 * 3_600_000
/** One line a minute for each kind: the events themselves are kept. */
const loggedEveryMs = 60_000

export const securityEvent: Handle<'SecurityEventNotification'> = async (station, { type, timestamp, techInfo }) => {
  const { atMs, receivedAtMs } = stationTime(station, timestamp, { measure: false })
  const level = levelOf(type, circumstances(station, receivedAtMs))
  station.send({ type: 'SECURITY_EVENT', event: { type, timestamp, techInfo: techInfo ?? null, atMs } })
  keepSecurityEvent(station.scope, station.clientID, { type, timestamp, atMs, receivedAtMs, techInfo: techInfo ?? null, level })
  if (isNews(station, kindOf(type), receivedAtMs)) station.log.warn({ clientID: station.clientID, type, techInfo, level }, 'security event reported by a charge point')
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
  const kind = kindOf(type)
  const said = `${type}${techInfo === undefined ? '' : `: ${techInfo}`}`
  station.condition(code, kind === 'other' ? `${station.clientID} reports other security events; the newest is ${said}.` : `${station.clientID} reports ${said}.`, kind)
  const timers = quieting.get(station) ?? new Map<string, () => void>()
  quieting.set(station, timers)
  timers.get(kind)?.()
  timers.set(kind, station.clock.after(quietMs, () => {
    timers.delete(kind)
    station.condition(code, null, kind)
  }))
}

const loggedAtMs = new WeakMap<Station, Map<string, number>>()

function isNews(station: Station, kind: string, nowMs: number): boolean {
  const logged = loggedAtMs.get(station) ?? new Map<string, number>()
  loggedAtMs.set(station, logged)
  if (nowMs - (logged.get(kind) ?? -Infinity) < loggedEveryMs) return false
  logged.set(kind, nowMs)
  return true
}
