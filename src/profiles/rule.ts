// The limit that charging profiles set at one instant, and when it may change next.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { lanesOf, seekAll, tenths, verdictOf, type Verdict } from './lanes.ts'
import type { Ground, Stack } from './stack.ts'

export interface Source { readonly purpose: ChargingProfile['chargingProfilePurpose']; readonly chargingProfileId: number; readonly stackLevel: number }
/** `limit` in the asked unit (A per phase, W in all), one decimal, rounded down; null = nothing limits. A sum over connectors has no one source. */
export interface RuledLimit { readonly limit: number | null; readonly numberPhases?: number; readonly source?: Source }

/** What holds on a connector at `atMs`, or for all together on connector 0 (OCPP 1.6, 3.13; protocol.md "Smart charging"). */
export function limitAt(stack: Stack, ground: Ground, connectorId: number, unit: 'A' | 'W', atMs: number): RuledLimit {
  const lanes = lanesOf(stack, ground, connectorId, null)
  seekAll(lanes, atMs)
  return ruledBy(verdictOf(lanes, ground, unit))
}

/** The next instant after `atMs`, and at or before `untilMs`, at which `limitAt` may change while the same transactions run; null = none. */
export function nextChangeMs(stack: Stack, ground: Ground, connectorId: number, atMs: number, untilMs: number): number | null {
  const nextMs = seekAll(lanesOf(stack, ground, connectorId, null), atMs)
  return nextMs <= untilMs ? nextMs : null
}

/** As it is shown. */
export function ruledBy({ limit, spell, numberPhases }: Verdict): RuledLimit {
  if (spell === null) return { limit: tenths(limit), ...(numberPhases === undefined ? {} : { numberPhases }) }
  const { chargingProfilePurpose: purpose, chargingProfileId, stackLevel } = spell.entry.profile
  return { limit: tenths(limit), ...(numberPhases === undefined ? {} : { numberPhases }), source: { purpose, chargingProfileId, stackLevel } }
}
