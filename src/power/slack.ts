// How near a deadline is: what time a car has left beyond what it needs at full power.
import { carPhases, type Place } from './loads.ts'

/** With less slack than this a car comes before others of its class (decision rule 3). */
export const shortSlackMs = 30 * 60_000

/** When it leaves, ms; Infinity = nobody said, or it stayed on. */
export function departureMs({ departureAtMs = null }: Place, nowMs: number): number {
  return departureAtMs === null || departureAtMs <= nowMs ? Infinity : departureAtMs
}

/** All that connector and car can take, A: what slack is measured against, whatever is granted. */
export function fullA({ outlet, vehicleMaxA }: Place): number {
  return Math.min(outlet.maxA, vehicleMaxA ?? Infinity)
}

/** It was said how much the car there needs, and it has got that. */
export function isSated({ row, remainingWh = null }: Place): boolean {
  return row.transactionId !== null && remainingWh !== null && remainingWh <= 0
}

/** How long it could still wait, ms, may be below 0; Infinity = without departure or energy it is never late. */
export function slackMs(place: Place, voltage: number, nowMs: number): number {
  const { outlet, row, remainingWh = null } = place
  const leavesAtMs = departureMs(place, nowMs)
  if (row.transactionId === null || leavesAtMs === Infinity || remainingWh === null || remainingWh <= 0) return Infinity
  const fullW = fullA(place) * (outlet.dc?.wattsPerA ?? voltage * carPhases(place).length)
  return fullW <= 0 ? Infinity : leavesAtMs - nowMs - (remainingWh / fullW) * 3_600_000
}
