// A charge point as it truly is: the profiles it holds, the cars at it, and what they draw. Knows nothing of the engine.

export interface Profile {
  readonly slot: 'default' | 'tx'
  readonly limitA: number
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
  defaultA: number | null = null
  tx: Profile | null = null
  transactionId: number | null = null
  car: Car | null = null
  drawnA = 0
  readonly hardwareA: number
  readonly obeysLease: boolean
  readonly wiredPhases: readonly ('L1' | 'L2' | 'L3')[]
  constructor(hardwareA: number, obeysLease: boolean, wiredPhases: readonly ('L1' | 'L2' | 'L3')[]) {
    this.hardwareA = hardwareA
    this.obeysLease = obeysLease
    this.wiredPhases = wiredPhases
  }

  /** What its profiles let a car draw, the hardware when it holds none. */
  permittedA(nowMs: number): number {
    const { tx } = this
    const lapsed = tx?.leaseEndsAtMs !== null && tx !== null && this.obeysLease && nowMs >= tx.leaseEndsAtMs
    const limitA = tx === null ? this.defaultA : lapsed ? tx.fallbackA : tx.limitA
    return Math.min(this.hardwareA, limitA ?? this.hardwareA)
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

  /** The car follows what is permitted now. */
  follow(nowMs: number): void {
    this.drawnA = this.car === null || this.transactionId === null ? 0 : Math.min(this.car.demandA, this.permittedA(nowMs))
  }

  plugIn(car: Car, transactionId: number): void {
    this.car = car
    this.transactionId = transactionId
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
      this.defaultA = profile.limitA
      return true
    }
    if (profile.transactionId !== this.transactionId || this.transactionId === null) return false
    this.tx = profile
    return true
  }

  forgetProfiles(): void {
    this.defaultA = null
    this.tx = null
  }
}
