// GetCompositeSchedule as a simulated charge point answers it: what its profiles together allow over the coming seconds.
import type { RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import { anchorOf, type ProfileMemory, type Running } from './profile-memory.ts'
import { changesOf, type Rate } from './profile-schedule.ts'

export interface CompositeConnector { readonly connectorId: number; readonly maxA: number; readonly running: Running | null }

const phases = 3
const longestS = 7 * 86_400
const maxPeriods = 200

/** `request.connectorId` 0 = the sum over all connectors. Limits never exceed the hardware; one decimal, rounded down. */
export function compositeSchedule(
  memory: ProfileMemory, connectors: readonly CompositeConnector[], request: RequestOf<'GetCompositeSchedule'>, nowMs: number, voltage: number,
): ResponseOf<'GetCompositeSchedule'> {
  const durationS = Math.min(request.duration, longestS)
  const untilMs = nowMs + durationS * 1000
  const unit = request.chargingRateUnit ?? 'A'
  const asked = connectors.filter((each) => request.connectorId === 0 || each.connectorId === request.connectorId)
  const moments = new Set([nowMs])
  for (const entry of memory.installed) {
    for (const { running } of asked) for (const ms of changesOf(entry.profile, anchorOf(entry, running, nowMs), nowMs, untilMs)) moments.add(ms)
  }

  /** By the phases it names, watts are all of them together; null = no limit. */
  function inUnit(rate: Rate | null): number {
    if (rate === null) return Infinity
    const perAmp = voltage * (rate.numberPhases ?? phases)
    return rate.unit === unit ? rate.limit : unit === 'W' ? rate.limit * perAmp : rate.limit / perAmp
  }

  function limitAt(atMs: number): number {
    const own = (each: CompositeConnector) => Math.min(inUnit({ unit: 'A', limit: each.maxA }), inUnit(memory.connectorRate(each.connectorId, each.running, atMs, nowMs)))
    return Math.min(asked.reduce((sum, each) => sum + own(each), 0), inUnit(memory.wholeRate(atMs)))
  }

  const periods: { startPeriod: number; limit: number }[] = []
  for (const atMs of [...moments].sort((a, b) => a - b).slice(0, maxPeriods)) {
    const limit = Math.floor(limitAt(atMs) * 10 + 1e-6) / 10
    const startPeriod = Math.ceil((atMs - nowMs) / 1000)
    if (startPeriod > 0 && startPeriod >= durationS) break
    const last = periods.at(-1)
    if (last?.limit === limit) continue
    if (last?.startPeriod === startPeriod) last.limit = limit
    else periods.push({ startPeriod, limit })
  }
  return {
    status: 'Accepted',
    connectorId: request.connectorId,
    scheduleStart: new Date(nowMs).toISOString(),
    chargingSchedule: { duration: durationS, chargingRateUnit: unit, chargingSchedulePeriod: periods },
  }
}
