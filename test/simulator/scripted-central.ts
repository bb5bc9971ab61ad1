// A scripted central system at the other end of a simulated charge point's line: accepts everything unless told otherwise.
import { readFrame, writeCall, writeError, writeResult } from '../../src/protocol/frames.ts'
import { judge } from '../../src/protocol/judge.ts'
import type { ChargingProfile, RequestOf, SampledValue } from '../../src/protocol/messages/index.ts'
import { createChargePoint, type ChargePointFact, type ChargePointSetup } from '../../src/simulator/charge-point.ts'
import type { Dial, LineEnds } from '../../src/simulator/link.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts'

export interface Heard { readonly atMs: number; readonly action: string; readonly payload: Record<string, unknown> }

export class ScriptedCentral {
  readonly heard: Heard[] = []
  readonly answers = new Map<string, { atMs: number; payload?: unknown; errorCode?: string }>()
  /** Answers by action; null = none. */
  readonly script = new Map<string, (payload: Record<string, unknown>) => unknown>()
  dials = 0
  listening = true
  private ends: LineEnds | null = null
  private sent = 0
  private nextTransaction = 100
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  readonly dial: Dial = (_clientID, ends) => {
    this.dials++
    if (!this.listening) {
      this.clock.after(10, () => ends.closed())
      return
    }
    this.ends = ends
    ends.opened({ send: (text) => this.received(text), close: () => { this.ends = null; this.clock.after(1, () => ends.closed()) } })
  }

  drop(): void {
    const ends = this.ends
    this.ends = null
    ends?.closed()
  }

  /** Sends a CALL; its answer lands in `answers` under the returned id. */
  call(action: string, payload: unknown): string {
    const id = `c${++this.sent}`
    this.ends?.received(writeCall(id, action, payload))
    return id
  }

  of(action: string): Record<string, unknown>[] {
    return this.heard.filter((each) => each.action === action).map((each) => each.payload)
  }

  private received(text: string): void {
    const frame = readFrame(text)
    if (frame.type === 'result') this.answers.set(frame.id, { atMs: this.clock.mono(), payload: frame.payload })
    else if (frame.type === 'error') this.answers.set(frame.id, { atMs: this.clock.mono(), errorCode: frame.code })
    else if (frame.type === 'call') {
      const judged = judge(frame.action, frame.payload, { strict: true })
      if (!judged.ok) throw new Error(`${frame.action}: ${judged.code} ${judged.description}`)
      const payload = frame.payload as Record<string, unknown>
      this.heard.push({ atMs: this.clock.mono(), action: frame.action, payload })
      const ends = this.ends
      const answer = (this.script.get(frame.action) ?? ((each) => this.usual(frame.action, each)))(payload)
      this.clock.after(20, () => {
        if (answer === null || ends !== this.ends) return
        ends?.received(typeof answer === 'string' ? writeError(frame.id, 'SecurityError', answer) : writeResult(frame.id, answer))
      })
    } else throw new Error(`unreadable: ${text}`)
  }

  private usual(action: string, _payload: Record<string, unknown>): unknown {
    const currentTime = new Date(this.clock.wall()).toISOString()
    if (action === 'BootNotification') return { status: 'Accepted', currentTime, interval: 300 }
    if (action === 'Heartbeat') return { currentTime }
    if (action === 'StartTransaction') return { transactionId: this.nextTransaction++, idTagInfo: { status: 'Accepted' } }
    if (action === 'Authorize' || action === 'StopTransaction') return { idTagInfo: { status: 'Accepted' } }
    return {}
  }
}

/** The sampled values of a MeterValues message. */
export function samplesOf(message: Record<string, unknown> | undefined): readonly SampledValue[] {
  return (message as RequestOf<'MeterValues'> | undefined)?.meterValue[0]?.sampledValue ?? []
}

/** A charge point `CP1` with one three-phase 32 A connector on a line to a scripted central system; its cars step every second. */
export function createBench(patch: Partial<ChargePointSetup> = {}) {
  const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) })
  const central = new ScriptedCentral(clock)
  const facts: ChargePointFact[] = []
  const chargePoint = createChargePoint({
    id: 'CP1', connectors: [{ id: 1, maxA: 32, phases: 3 }], voltage: 230, sampleS: 10, behaviours: [], idTag: 'TAG', clock, random: createRandom(1),
    dial: central.dial, tell: (fact) => facts.push(fact), ...patch,
  })
  const tick = () => {
    chargePoint.step()
    clock.after(1000, tick)
  }
  tick()
  const setProfile = (connectorId: number, limit: number, more: Partial<ChargingProfile> = {}, unit: 'A' | 'W' = 'A') => central.call('SetChargingProfile', {
    connectorId,
    csChargingProfiles: {
      chargingProfileId: more.chargingProfileId ?? 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...more,
      chargingSchedule: { startSchedule: new Date(clock.wall() - 3_600_000).toISOString(), chargingRateUnit: unit, chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    },
  })
  const look = () => {
    const [first] = chargePoint.look()
    if (first === undefined) throw new Error('no connector')
    return first
  }
  return { clock, central, chargePoint, facts, setProfile, look, run: (seconds: number) => clock.runUntil(clock.mono() + seconds * 1000) }
}
