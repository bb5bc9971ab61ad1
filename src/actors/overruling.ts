// Which profiles of people would rule where the engine's own should: it stands on another rung, or at a lower stack level, than when they were let through.
import type { Quirks } from '../power/quirks.ts'
import type { Outlet } from '../power/tree.ts'
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { mayStand, type StoredProfile } from './stored-profiles.ts'

/** The most that people's TxDefaultProfiles may let any car take on a connector whatever the engine's say, A on a phase, never above what the connector can give; 0 = the engine's stand above all. */
export function overruling(stored: readonly StoredProfile[], outlet: Outlet, engineLevel: number, ladder: Quirks['ladder'], voltage: number): number {
  // A ChargePointMaxProfile holds whatever stands beside it.
  if (outlet.control !== 'engine' || ladder === 'max-0') return 0
  const engineOn = ladder === 'connector-0' ? 0 : outlet.connectorId
  const rules = ({ connectorId, profile: { chargingProfilePurpose, stackLevel }, status }: StoredProfile): boolean => chargingProfilePurpose === 'TxDefaultProfile' && mayStand(status)
    && (connectorId === engineOn ? stackLevel >= engineLevel : connectorId === outlet.connectorId)
  return Math.min(outlet.maxA, stored.filter(rules).reduce((most, { profile }) => Math.max(most, highestA(profile, voltage, outlet)), 0))
}

/** The most a profile ever allows, A on a phase. Watts may all flow on one phase: which a car uses is not known before it draws. What amps are behind a DC connector nobody knows: all it can draw. */
export function highestA({ chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } }: ChargingProfile, voltage: number, { dc = null, maxA }: Pick<Outlet, 'dc' | 'maxA'>): number {
  if (dc !== null) return chargingRateUnit === 'A' && chargingSchedulePeriod.some(({ limit }) => limit > 0) ? maxA : Math.max(...chargingSchedulePeriod.map(({ limit }) => limit / dc.wattsPerA))
  return Math.max(...chargingSchedulePeriod.map(({ limit }) => (chargingRateUnit === 'A' ? limit : limit / voltage)))
}
