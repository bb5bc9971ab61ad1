// A charge point that keeps charging profiles and answers GetCompositeSchedule from them; it can forget, and be wrong.
import { compositeSchedule } from '../../src/profiles/composite.ts'
import { clear, install, type Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile, RequestOf } from '../../src/protocol/messages/index.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import { accept, type Script } from './site-stand.ts'

export class ProfileKeeper {
  stack: Stack = []
  /** The transaction on connector 1. */
  running: number | null = null
  aheadMs = 0
  /** Leaves TxDefaultProfiles out of its answers while nothing charges. */
  hidesDefault = false
  asked: RequestOf<'GetCompositeSchedule'>[] = []
  readonly hardwareA: number
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock, hardwareA = 32) {
    this.clock = clock
    this.hardwareA = hardwareA
  }

  readonly script: Script = (action, payload) => {
    if (action === 'SetChargingProfile') {
      const outcome = install(this.stack, this.ground(), payload.connectorId ?? 0, payload.csChargingProfiles as ChargingProfile, this.nowMs())
      this.stack = outcome.stack
      return { status: outcome.status }
    }
    if (action === 'ClearChargingProfile') {
      const { stack, removed } = clear(this.stack, payload as RequestOf<'ClearChargingProfile'>)
      this.stack = stack
      return { status: removed.length > 0 ? 'Accepted' : 'Unknown' }
    }
    return action === 'GetCompositeSchedule' ? this.answer(payload as RequestOf<'GetCompositeSchedule'>) : accept(action, payload)
  }

  /** Put in on site, by nobody we know. */
  plant(connectorId: number, limit: number, stackLevel: number, purpose: ChargingProfile['chargingProfilePurpose'] = 'TxProfile'): void {
    this.stack = [...this.stack, { connectorId, installedAtMs: this.nowMs(), profile: {
      chargingProfileId: 77, stackLevel, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute', ...(purpose === 'TxProfile' && this.running !== null ? { transactionId: this.running } : {}),
      chargingSchedule: { startSchedule: '2020-01-01T00:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    } }]
  }

  private answer(request: RequestOf<'GetCompositeSchedule'>) {
    this.asked.push(request)
    const { connectorId, duration, chargingRateUnit: unit = 'A' } = request
    const stack = this.hidesDefault && this.running === null ? this.stack.filter(({ profile }) => profile.chargingProfilePurpose !== 'TxDefaultProfile') : this.stack
    const { scheduleStart, periods } = compositeSchedule(stack, this.ground(), { connectorId, durationS: duration, unit, startMs: this.nowMs() })
    return {
      status: 'Accepted', connectorId, scheduleStart,
      chargingSchedule: { duration, chargingRateUnit: unit, chargingSchedulePeriod: periods.map(({ startPeriod, limit }) => ({ startPeriod, limit: Math.min(limit ?? Infinity, this.hardwareA) })) },
    }
  }

  private nowMs(): number {
    return this.clock.wall() + this.aheadMs
  }

  private ground() {
    return { connectors: [1, 2], transactions: this.running === null ? [] : [{ connectorId: 1, transactionId: this.running, startedAtMs: this.nowMs() }], voltage: 230, phases: 3 }
  }
}
