// The engine's line to one charge point: commissions it, and carries the orders for its connectors, each built as it leaves.
import type { Fact } from '../power/ledger.ts'
import type { Quirks } from '../power/quirks.ts'
import type { CallOutcome, Session } from '../protocol/session.ts'
import { levelInUse, type Learnt } from './learnt.ts'
import { maxProfileRequest } from './translate.ts'

export { levelInUse, type Learnt } from './learnt.ts'

/** An order as it leaves: null withdraws it. `seq` finds its row again when the answer comes. */
export interface Departure {
  readonly seq: number
  /** The request in the shape these quirks ask for: the same booked entry may be sent again in another. */
  readonly payload: (quirks: Quirks) => unknown
}

interface Queued {
  readonly key: string
  readonly mark: string
  readonly priority: 0 | 1
  readonly build: () => Departure | null
  readonly unsent: () => void
}

export interface LinkOptions {
  readonly now: () => number
  readonly wall: () => number
  readonly learnt: Learnt
  readonly learn: (learnt: Learnt) => void
  /** How the charge point wants its profiles, as the books say now. */
  readonly quirks: () => Quirks
  readonly answered: (key: string, fact: Fact) => void
  /** Runs as the frame of `seq` is handed to the socket. */
  readonly sent: (key: string, seq: number) => void
  /** A refusal with the charge point's own words, for people. */
  readonly refused: (what: string, why: string) => void
}

const urgentMs = 5_000
// These say that the request was not carried out; any other error leaves it open.
const refusals = new Set(['NotImplemented', 'NotSupported', 'SecurityError', 'ProtocolError', 'FormationViolation', 'PropertyConstraintViolation', 'OccurenceConstraintViolation', 'OccurrenceConstraintViolation', 'TypeConstraintViolation'])

export class StationLink {
  private session: Session | null = null
  private learnt: Learnt
  private readonly queued = new Set<string>()
  /** What waits until the stack level is known, since every profile carries it; null = nothing has to wait. */
  private gate: { readonly go: () => void; readonly unsent: () => void }[] | null = null
  /** The session whose charge point sends no reading on request. */
  private mute: string | null = null
  private readonly options: LinkOptions

  constructor(options: LinkOptions) {
    this.options = options
    this.learnt = options.learnt
  }

  get online(): boolean {
    return this.session !== null && this.session.open
  }

  /** For a profile that is about to be sent: from now on the level in use. */
  takeLevel(): number {
    const level = levelInUse(this.learnt)
    if (this.learnt.inUse !== level) this.remember({ ...this.learnt, inUse: level })
    return level
  }

  /** What it held may be gone: silent until it is joined again, and then it gets its ChargePointMaxProfile before anything else. */
  reboot(keepsProfiles: boolean): void {
    this.leave()
    const { inUse, ...rest } = this.learnt
    this.remember({ ...rest, maxA: null, ...(keepsProfiles && inUse !== undefined ? { inUse } : {}) })
  }

  /** Speaks to it from now on; on first contact and after a boot ChargePointMaxProfile goes first. */
  join(session: Session, maxA: number): void {
    if (this.session?.id !== session.id) this.leave()
    this.session = session
    if (this.learnt.stackLevel === null && this.gate === null) {
      this.gate = []
      this.readStackLevel(session).finally(() => this.openGate(session)).catch(this.failed('GetConfiguration'))
    }
    if (this.learnt.maxA !== maxA) this.pass(() => { this.capAll(session, maxA).catch(this.failed('ChargePointMaxProfile')) })
  }

  leave(): void {
    const waiting = this.gate ?? []
    this.session = null
    this.gate = null
    this.queued.clear()
    for (const { unsent } of waiting) unsent()
  }

  /** Queues an order under `mark`; one of a mark waits at a time, and `build` decides when it leaves. `unsent` = it never did. */
  send(key: string, mark: string, priority: 0 | 1, build: () => Departure | null, unsent: () => void = () => {}): void {
    const { session } = this
    if (session === null || this.queued.has(mark)) return unsent()
    this.queued.add(mark)
    this.pass(() => this.queue(session, { key, mark, priority, build, unsent }), unsent)
  }

  private pass(go: () => void, unsent: () => void = () => {}): void {
    if (this.gate === null) go()
    else this.gate.push({ go, unsent })
  }

  private openGate(session: Session): void {
    if (this.session?.id !== session.id) return
    const waiting = this.gate ?? []
    this.gate = null
    for (const { go } of waiting) go()
  }

  private queue(session: Session, { key, mark, priority, build, unsent }: Queued): void {
    let departure: Departure | null = null
    const answer = (outcome: CallOutcome) => {
      if (departure !== null) this.report(key, departure.seq, outcome)
    }
    void session.call('SetChargingProfile', () => {
      this.queued.delete(mark)
      departure = this.session?.id === session.id ? build() : null
      return departure?.payload(this.options.quirks()) ?? null
    }, {
      priority,
      onSent: () => { if (departure !== null) this.options.sent(key, departure.seq) },
      onLate: answer,
    }).then((outcome) => {
      if (this.session?.id === session.id) this.queued.delete(mark)
      if (departure === null) unsent()
      else answer(outcome)
    }, (error: unknown) => {
      // It could not be built or written, so it never left.
      this.queued.delete(mark)
      this.options.refused(`SetChargingProfile for ${key}`, error instanceof Error ? error.message : String(error))
      if (departure === null) unsent()
      else this.options.answered(key, { type: 'dropped', seq: departure.seq })
    })
  }

  /** Asks for a reading of a connector now; a charge point that cannot is not asked again in this connection. */
  async askReading(connectorId: number): Promise<void> {
    const { session } = this
    if (session === null || this.mute === session.id) return
    const outcome = await session.call('TriggerMessage', () => ({ requestedMessage: 'MeterValues', connectorId }), { priority: 1, timeoutMs: urgentMs }).catch(this.failed('TriggerMessage'))
    if (outcome?.type !== 'result' || statusOf(outcome.payload) === 'NotImplemented') this.mute = session.id
  }

  /** It could not be built or written. */
  private failed(what: string): (error: unknown) => void {
    return (error) => this.options.refused(what, error instanceof Error ? error.message : String(error))
  }

  private report(key: string, seq: number, outcome: CallOutcome): void {
    const atMs = this.options.now()
    switch (outcome.type) {
      case 'result': {
        const status = statusOf(outcome.payload)
        if (status === 'Accepted') return this.options.answered(key, { type: 'accepted', seq, atMs })
        this.options.refused(`SetChargingProfile for ${key}`, status)
        return this.options.answered(key, { type: 'refused', seq, atMs })
      }
      case 'error':
        this.options.refused(`SetChargingProfile for ${key}`, `${outcome.code} ${outcome.description}`.trim())
        return this.options.answered(key, refusals.has(outcome.code) ? { type: 'refused', seq, atMs } : { type: 'unanswered', seq })
      case 'timed-out':
      case 'disconnected':
        return this.options.answered(key, { type: 'unanswered', seq })
      case 'dropped':
        return this.options.answered(key, { type: 'dropped', seq })
    }
  }

  private async readStackLevel(session: Session): Promise<void> {
    const outcome = await session.call('GetConfiguration', () => ({ key: ['ChargeProfileMaxStackLevel'] }), { priority: 0, timeoutMs: urgentMs })
    if (outcome.type !== 'result') return
    const answer = outcome.payload as { configurationKey?: { key: string; value?: string }[] }
    const value = answer.configurationKey?.find((one) => one.key.toLowerCase() === 'chargeprofilemaxstacklevel')?.value
    if (value === undefined || !/^\d{1,4}$/.test(value.trim())) return
    this.remember({ ...this.learnt, stackLevel: Number(value) })
  }

  private remember(learnt: Learnt): void {
    this.learnt = learnt
    this.options.learn(learnt)
  }

  private async capAll(session: Session, maxA: number): Promise<void> {
    const outcome = await session.call('SetChargingProfile', () => maxProfileRequest(maxA, this.takeLevel(), this.options.wall()), { priority: 0 })
    if (outcome.type === 'result' || outcome.type === 'error') this.remember({ ...this.learnt, maxA, maxSet: { atMs: this.options.wall(), status: outcome.type === 'result' ? statusOf(outcome.payload) : outcome.code } })
  }
}

function statusOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'status' in payload && typeof payload.status === 'string' ? payload.status : 'no status'
}
