// The answers of a charge point that keeps charging profiles as the specification has it, by the simulator's own memory of them.
import { messages, type ChargingProfile } from '../../src/protocol/messages/index.ts'
import { compositeSchedule } from '../../src/simulator/composite.ts'
import { createProfileMemory, usualLimits, type ProfileMemory, type Running } from '../../src/simulator/profile-memory.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import { accept, type Script } from './site-stand.ts'

export interface ConformingPeer { readonly script: Script; readonly memory: ProfileMemory; readonly running: Map<number, Running> }

/** Connectors of 32 A. */
export function conform(clock: VirtualClock, { connectors = 1 }: { connectors?: number } = {}): ConformingPeer {
  const memory = createProfileMemory({ ...usualLimits, connectors })
  const running = new Map<number, Running>()
  const script: Script = (action, payload) => {
    switch (action) {
      case 'SetChargingProfile': {
        const { connectorId, csChargingProfiles } = messages.SetChargingProfile.request.parse(payload)
        return { status: memory.install(connectorId, csChargingProfiles, running.get(connectorId) ?? null, clock.wall()).accepted ? 'Accepted' : 'Rejected' }
      }
      case 'ClearChargingProfile':
        return { status: memory.clear(messages.ClearChargingProfile.request.parse(payload)) > 0 ? 'Accepted' : 'Unknown' }
      case 'GetCompositeSchedule': {
        const places = Array.from({ length: connectors }, (_, index) => ({ connectorId: index + 1, maxA: 32, running: running.get(index + 1) ?? null }))
        return compositeSchedule(memory, places, messages.GetCompositeSchedule.request.parse(payload), clock.wall(), 230)
      }
      default: return accept(action, payload)
    }
  }
  return { script, memory, running }
}

/** A TxDefaultProfile of 6 A at level 0, in amps from now on, unless said otherwise. */
export function profile(wish: Partial<Omit<ChargingProfile, 'chargingSchedule'>> & { readonly limits?: readonly (readonly [startPeriod: number, limit: number])[]; readonly unit?: 'A' | 'W'; readonly startSchedule?: string; readonly duration?: number } = {}) {
  const { limits = [[0, 6]], unit = 'A', startSchedule, duration, ...rest } = wish
  return {
    stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' as const, chargingProfileKind: startSchedule === undefined ? 'Relative' as const : 'Absolute' as const, ...rest,
    chargingSchedule: {
      ...(duration === undefined ? {} : { duration }), ...(startSchedule === undefined ? {} : { startSchedule }),
      chargingRateUnit: unit, chargingSchedulePeriod: limits.map(([startPeriod, limit]) => ({ startPeriod, limit })),
    },
  }
}
