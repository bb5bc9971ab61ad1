// What a charge point on a real socket was told and keeps, and what that lets it draw: read from the specification, not from src.
export interface ToldProfile {
  readonly chargingProfileId: number
  readonly transactionId?: number
  readonly stackLevel: number
  readonly chargingProfilePurpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  readonly chargingProfileKind: string
  readonly validFrom?: string
  readonly validTo?: string
  readonly chargingSchedule: {
    readonly duration?: number
    readonly startSchedule?: string
    readonly chargingRateUnit: 'A' | 'W'
    readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number; readonly numberPhases?: number }[]
  }
}

type Answer = 'Accepted' | 'Rejected'
const wattsPerAmp = 690

/** The profiles of a charge point with one three-phase connector; all limits in amps per phase. */
export class HeldProfiles {
  private held: readonly { readonly connectorId: number; readonly profile: ToldProfile }[] = []
  private readonly hardwareA: number

  constructor(hardwareA: number) {
    this.hardwareA = hardwareA
  }

  /** Keeps it in place of the one with its id, or with its purpose and stack level on that connector. */
  take(connectorId: number, profile: ToldProfile, transactionId: number | null): Answer {
    const { chargingProfilePurpose: purpose, chargingSchedule } = profile
    if (purpose === 'TxProfile' && (connectorId === 0 || transactionId === null || (profile.transactionId ?? transactionId) !== transactionId)) return 'Rejected'
    if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return 'Rejected'
    if (chargingSchedule.chargingSchedulePeriod[0]?.startPeriod !== 0) return 'Rejected'
    const rest = this.held.filter((other) => other.profile.chargingProfileId !== profile.chargingProfileId
      && !(other.connectorId === connectorId && other.profile.chargingProfilePurpose === purpose && other.profile.stackLevel === profile.stackLevel))
    this.held = [...rest, { connectorId, profile }]
    return 'Accepted'
  }

  /** TxProfiles end with their transaction. */
  endTransaction(): void {
    this.held = this.held.filter(({ profile }) => profile.chargingProfilePurpose !== 'TxProfile')
  }

  /** What connector 1 may draw at `atMs`: TxProfile over TxDefaultProfile, capped by ChargePointMaxProfile and the hardware. */
  limitA(atMs: number, transactionId: number | null): number {
    const own = (transactionId === null ? null : this.prevailing('TxProfile', atMs, transactionId)) ?? this.prevailing('TxDefaultProfile', atMs, transactionId)
    return Math.min(this.hardwareA, own ?? Infinity, this.prevailing('ChargePointMaxProfile', atMs, transactionId) ?? Infinity)
  }

  private prevailing(purpose: ToldProfile['chargingProfilePurpose'], atMs: number, transactionId: number | null): number | null {
    const ranked = this.held.filter(({ profile }) => profile.chargingProfilePurpose === purpose)
      .filter(({ profile }) => purpose !== 'TxProfile' || (profile.transactionId ?? transactionId) === transactionId)
      .sort((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.connectorId - a.connectorId)
    for (const { profile } of ranked) {
      const limit = limitAt(profile, atMs)
      if (limit !== null) return limit
    }
    return null
  }
}

/** The period in force; null = the schedule says nothing then. */
function limitAt({ validFrom, validTo, chargingSchedule }: ToldProfile, atMs: number): number | null {
  if (validFrom !== undefined && atMs < Date.parse(validFrom)) return null
  if (validTo !== undefined && atMs >= Date.parse(validTo)) return null
  const { startSchedule, duration, chargingRateUnit, chargingSchedulePeriod } = chargingSchedule
  const elapsedS = startSchedule === undefined ? 0 : (atMs - Date.parse(startSchedule)) / 1000
  if (elapsedS < 0 || (duration !== undefined && elapsedS >= duration)) return null
  const period = chargingSchedulePeriod.filter(({ startPeriod }) => startPeriod <= elapsedS).at(-1)
  if (period === undefined) return null
  return chargingRateUnit === 'A' ? period.limit : period.limit / wattsPerAmp
}
