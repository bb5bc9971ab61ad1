// How charge points in the field misbehave, each as a small set of overrides of the honest one.
import type { ChargingProfile } from '../protocol/messages/index.ts'

export interface Behaviour {
  /** It takes profiles and charges as if there were none. */
  readonly ignoresProfiles?: true
  /** Accepted now, in force after this long. */
  readonly applyDelayMs?: number
  /** Every answer to the central system takes this long. */
  readonly answerDelayMs?: number
  readonly forgetsOnDisconnect?: true
  readonly forgetsOnReboot?: true
  /** After a pause it charges without limit until the next profile comes. */
  readonly fullPowerAfterPause?: true
  /** Why a profile is refused, and with which status; null = not by this behaviour. */
  readonly refuseProfile?: (connectorId: number, profile: ChargingProfile) => 'Rejected' | 'NotSupported' | null
  readonly rateUnits?: 'Current' | 'Power' | 'Current,Power'
  readonly onePhase?: true
  readonly meter?: 'none' | 'kilowatts' | 'negative' | 'backwards' | 'not-a-number' | 'zero'
  /** What it says its profiles come to: no limit at all, or nothing. */
  readonly composite?: 'lies' | 'none'
  readonly clockAheadMs?: number
  readonly repeatsStartTransaction?: true
  readonly reportsTransactionZero?: true
  /** Takes CALLs, answers and applies nothing, sends nothing. */
  readonly silent?: true
  readonly dropsSocketEveryMs?: number
}

export const behaviours = {
  'ignores-profiles': { ignoresProfiles: true },
  'applies-late': { applyDelayMs: 30_000 },
  'answers-late': { answerDelayMs: 20_000 },
  'forgets-on-disconnect': { forgetsOnDisconnect: true },
  'forgets-on-reboot': { forgetsOnReboot: true },
  'full-power-after-pause': { fullPowerAfterPause: true },
  'rejects-tx-profile': { refuseProfile: (_, profile) => profile.chargingProfilePurpose === 'TxProfile' ? 'Rejected' : null },
  'not-supported': { refuseProfile: () => 'NotSupported' },
  'watts-only': { rateUnits: 'Power', refuseProfile: (_, profile) => profile.chargingSchedule.chargingRateUnit === 'A' ? 'Rejected' : null },
  // After `watts-only`: it does not say so.
  'claims-amps': { rateUnits: 'Current,Power' },
  'connector-zero-only': { refuseProfile: (connectorId) => connectorId > 0 ? 'Rejected' : null },
  'single-phase': { onePhase: true },
  'no-meter': { meter: 'none' },
  'meter-in-kw': { meter: 'kilowatts' },
  'clock-ahead': { clockAheadMs: 3_600_000 },
  'repeats-start-transaction': { repeatsStartTransaction: true },
  'transaction-id-zero': { reportsTransactionZero: true },
  'lies-in-composite': { composite: 'lies' },
  'no-composite': { composite: 'none' },
  'meter-negative': { meter: 'negative' },
  'meter-backwards': { meter: 'backwards' },
  'meter-not-a-number': { meter: 'not-a-number' },
  // Whatever flows, it says that nothing does, and leaves its register out.
  'under-reports': { meter: 'zero' },
  silent: { silent: true },
  'drops-socket': { dropsSocketEveryMs: 60_000 },
} satisfies Record<string, Behaviour>

export type BehaviourName = keyof typeof behaviours

export const behaviourNames = Object.keys(behaviours) as [BehaviourName, ...BehaviourName[]]

/** Behaviours whose owner cannot be relied on to follow a limit it was sent, or to answer at all. */
export const unruly: ReadonlySet<BehaviourName> = new Set([
  'ignores-profiles', 'applies-late', 'answers-late', 'forgets-on-disconnect', 'forgets-on-reboot', 'full-power-after-pause',
  'not-supported', 'silent', 'drops-socket',
])

/** All of them at once; the first that refuses a profile decides. */
export function combineBehaviours(names: readonly BehaviourName[]): Behaviour {
  const chosen: Behaviour[] = names.map((name) => behaviours[name])
  return {
    ...Object.assign({}, ...chosen) as Behaviour,
    refuseProfile(connectorId, profile) {
      for (const each of chosen) {
        const status = each.refuseProfile?.(connectorId, profile) ?? null
        if (status !== null) return status
      }
      return null
    },
  }
}
