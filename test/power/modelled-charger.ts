// A charge point as it truly is: the profiles it holds, the cars at it, and what they draw. Knows nothing of the engine.
import type { Quirks } from '../../src/power/quirks.ts'

export interface Profile {
  readonly slot: 'default' | 'tx'
  /** On the connector, on connector 0 as TxDefaultProfile, or there as ChargePointMaxProfile. */
  readonly ladder: Quirks['ladder']
  /** Per phase; in watts for `spread` phases together. */
  readonly limitA: number
  readonly unit: 'A' | 'W'
  readonly spread: number
  readonly fallbackA: number
  readonly leaseEndsAtMs: number | null
  readonly transactionId: number | null
}

/** What becomes of a SetChargingProfile: when it is applied and answered (ms from its arrival; null = never), and how. */
export interface Treatment {
  readonly applyMs: number | null
  readonly answerMs: number | null
  readonly verdict: 'Accepted' | 'Rejected'
}

export const prompt: Treatment = { applyMs: 200, answerMs: 500, verdict: 'Accepted' }

export interface Car {
  readonly demandA: number
  readonly phases: number
}

export class ModelledConnector {
  own: Profile | null = null
  zero: Profile | null = null
  max: Profile | null = null
  tx: Profile | null = null
  transactionId: number | null = null
  car: Car | null = null
  drawnA = 0
  /** The car changed its phases in this transaction: nobody could know before it is measured. */
  switched = false
  readonly hardwareA: number
  readonly obeysLease: boolean
  readonly wiredPhases: readonly ('L1' | 'L2' | 'L3')[]
  /** Direct current: whatever hangs there loads all its phases alike. */
  readonly direct: boolean
  constructor(hardwareA: number, obeysLease: boolean, wiredPhases: readonly ('L1' | 'L2' | 'L3')[], direct = false) {
    this.direct = direct
    this.hardwareA = hardwareA
    this.obeysLease = obeysLease
    this.wiredPhases = wiredPhases
  }

  /** What its profiles let a car draw on each of its phases, the hardware when it holds none. */
  permittedA(nowMs: number): number {
    const rules = this.tx ?? this.own ?? this.zero
    return Math.min(this.hardwareA, this.allows(rules, nowMs), this.allows(this.max, nowMs))
  }

  private allows(profile: Profile | null, nowMs: number): number {
    if (profile === null) return Infinity
    const lapsed = profile.leaseEndsAtMs !== null && this.obeysLease && nowMs >= profile.leaseEndsAtMs
    const limitA = lapsed ? profile.fallbackA : profile.limitA * profile.spread
    // Watts are the total: a car on one phase, and one that may come, takes them all there.
    return profile.unit === 'W' ? limitA / this.leastPhases : limitA
  }

  /** On how many phases watts may end up at worst: those of the car, or the one of a car that may come. */
  private get leastPhases(): number {
    return this.direct ? this.wiredPhases.length : this.car?.phases ?? 1
  }

  /** When a lease that it holds ends next, ms. */
  get leasesEndAtMs(): number[] {
    return [this.tx, this.own, this.zero, this.max].flatMap((profile) => profile?.leaseEndsAtMs ?? [])
  }

  /** Amps per site phase that must be reckoned with: what is permitted, or still drawn although it is not any more. */
  couldDrawA(nowMs: number): Record<'L1' | 'L2' | 'L3', number> {
    const load = { L1: 0, L2: 0, L3: 0 }
    const permittedA = this.permittedA(nowMs)
    // Without a car, any car may come and begin under the TxDefaultProfile.
    const used = this.car === null ? this.wiredPhases : this.wiredPhases.slice(0, this.car.phases)
    for (const phase of used) load[phase] = Math.max(permittedA, this.drawnA)
    return load
  }

  /** Its car, or without one some car that may come, loads the first phase and not the second. */
  loadsOnly(one: 'L1' | 'L2' | 'L3', other: 'L1' | 'L2' | 'L3'): boolean {
    const at = [this.wiredPhases.indexOf(one), this.wiredPhases.indexOf(other)] as const
    const used = this.direct || this.car !== null ? this.car?.phases ?? this.wiredPhases.length : at[0] + 1
    return at[0] >= 0 && at[0] < used && (at[1] < 0 || at[1] >= used)
  }

  /** The car follows what is permitted now. */
  follow(nowMs: number): void {
    this.drawnA = this.car === null || this.transactionId === null ? 0 : Math.min(this.car.demandA, this.permittedA(nowMs))
  }

  plugIn(car: Car, transactionId: number): void {
    this.car = car
    this.transactionId = transactionId
    this.switched = false
  }

  /** The car goes on with other phases: as many as its profiles let it take there, at once. */
  switchPhases(phases: number): void {
    if (this.car === null) return
    this.car = { ...this.car, phases }
    this.switched = true
  }

  unplug(): void {
    this.car = null
    this.transactionId = null
    this.tx = null
    this.drawnA = 0
  }

  /** Installs a profile as the specification says: a TxProfile only for the transaction that runs. */
  apply(profile: Profile): boolean {
    if (profile.slot === 'default') {
      if (profile.ladder === 'connector-0') this.zero = profile
      else if (profile.ladder === 'max-0') this.max = profile
      else this.own = profile
      return true
    }
    if (profile.transactionId !== this.transactionId || this.transactionId === null) return false
    this.tx = profile
    return true
  }

  forgetProfiles(): void {
    this.own = null
    this.zero = null
    this.max = null
    this.tx = null
  }
}

/** Why a charge point with these quirks would refuse the profile; null = it takes it. The engine knows them, so it never should. */
export function refusalOf(quirks: Quirks, { slot, limitA, unit, spread, leaseEndsAtMs }: Profile): string | null {
  if (unit !== quirks.unit) return `${unit} where it takes ${quirks.unit}`
  if (unit === 'A' && spread !== 1) return 'amps for several phases'
  if (slot === 'tx' && quirks.ladder !== 'tx') return 'a TxProfile'
  if (limitA < quirks.pauseA) return `${limitA} A, below its lowest limit`
  return leaseEndsAtMs !== null && !quirks.lease ? 'a second period' : null
}
