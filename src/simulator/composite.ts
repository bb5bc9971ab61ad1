// GetCompositeSchedule as a simulated charge point answers it: what its profiles together allow over the coming seconds.
import type { RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import { ampsOf, anchorOf, type ProfileMemory, type Running } from './profile-memory.ts'
import { changesOf } from './profile-schedule.ts'

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
  const moments = new Set([nowMs])
  for (const entry of memory.installed) {
    const running = connectors.find((each) => each.connectorId === entry.connectorId)?.running ?? null
    for (const ms of changesOf(entry.profile, anchorOf(entry, running, nowMs), nowMs, untilMs)) moments.add(ms)
  }

  function ampsAt(atMs: number): number {
    const own = (each: CompositeConnector) => Math.min(each.maxA, ampsOf(memory.connectorRate(each.connectorId, each.running, atMs), phases, voltage))
    const asked = connectors.filter((each) => request.connectorId === 0 || each.connectorId === request.connectorId).reduce((sum, each) => sum + own(each), 0)
    return Math.min(asked, ampsOf(memory.wholeRate(atMs), phases, voltage))
  }

  const periods: { startPeriod: number; limit: number }[] = []
  for (const atMs of [...moments].sort((a, b) => a - b).slice(0, maxPeriods)) {
    const amps = ampsAt(atMs)
    const limit = Math.floor((unit === 'A' ? amps : amps * voltage * phases) * 10 + 1e-6) / 10
    const startPeriod = Math.ceil((atMs - nowMs) / 1000)
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
