// The engine's line to one charge point: commissions it, and carries the orders for its connectors, each built as it leaves.
import type { CallOutcome, Session } from '../protocol/session.ts'
import { Acquaintance } from './acquaintance.ts'
import { Bargain, type Attempt } from './bargain.ts'
import { askedKeys, type Learnt } from './learnt.ts'
import type { Departure, LinkOptions } from './link-options.ts'
import type { Lore } from './lore.ts'
import { Maximum } from './maximum.ts'
import { limitOf, type ProfileRequest, type Shape } from './negotiation.ts'
import { statusOf } from './verdict.ts'

export type { Learnt } from './learnt.ts'
export type { Departure, LinkOptions } from './link-options.ts'

interface Queued {
  readonly key: string
  readonly mark: string
  readonly priority: 0 | 1
  readonly build: () => Departure | null
  readonly unsent: () => void
}

const urgentMs = 5_000

export class StationLink {
  private session: Session | null = null
  private readonly known: Acquaintance
  private readonly bargain: Bargain
  private readonly queued = new Set<string>()
  /** What waits until the stack level is known, since every profile carries it; null = nothing has to wait. */
  private gate: { readonly go: () => void; readonly unsent: () => void }[] | null = null
  /** The session whose charge point sends no reading on request. */
  private mute: string | null = null
  private readonly maximum: Maximum
  private readonly options: LinkOptions

  constructor(options: LinkOptions) {
    this.options = options
    const learn = (learnt: Learnt): void => {
      options.learn(learnt)
      if (this.session !== null) this.maximum.watch(this.session, this.isOn(this.session))
    }
    this.known = new Acquaintance(options.learnt, learn, options.lore ?? null)
    this.maximum = new Maximum(this.known, options)
    this.bargain = new Bargain(this.known, { now: options.now, wall: options.wall, lore: options.lore ?? null, answered: options.answered, refused: options.refused, adopted: () => this.capAgain() })
  }

  get online(): boolean {
    return this.session !== null && this.session.open
  }

  /** For a profile that is about to be sent: from now on the level in use. */
  takeLevel(): number {
    return this.known.takeLevel()
  }

  /** What it held may be gone: silent until it is joined again, and then it gets its ChargePointMaxProfile before anything else. */
  reboot(keepsProfiles: boolean): void {
    this.leave()
    this.known.reboot(keepsProfiles)
    this.bargain.reboot()
  }

  /** What it holds is not what it was told: silent until it is joined again, and then told everything once more. */
  resend(): void {
    this.leave()
    this.known.resend()
  }

  /** It is left to itself from now on. */
  part(): void {
    this.leave()
    this.known.part()
  }

  /** StopTransaction came; `endedAtMs` = when it says that was, by the wall clock. */
  transactionEnded(transactionId: number, endedAtMs?: number): void {
    this.bargain.transactionEnded(transactionId, endedAtMs)
  }

  /** Speaks to it from now on; on first contact and after a boot ChargePointMaxProfile goes first. `maxW` = the same in watts, where it takes these; `direct` = it has DC connectors and is told these. */
  join(session: Session, maxA: number, maxW?: number, direct = false): void {
    const comes = this.session?.id !== session.id
    if (comes) this.leave()
    this.session = session
    const [asks, clears] = [this.known.begin(), this.foreign()?.mayClear() === true]
    if ((asks || clears) && this.gate === null) {
      this.gate = []
      this.meet(session, asks).finally(() => this.openGate(session)).catch(this.failed('GetConfiguration'))
    }
    if (comes) this.bargain.doubtPause()
    // Decided once it was met: what was cleared there took the maximum along.
    this.pass(() => this.maximum.tell(session, { maxA, maxW, direct }, this.isOn(session)))
  }

  leave(): void {
    const waiting = this.gate ?? []
    this.session = null
    this.gate = null
    this.queued.clear()
    this.bargain.leave()
    for (const { unsent } of waiting) unsent()
  }

  /** Queues an order under `mark`; one of a mark waits at a time, and `build` decides when it leaves. `unsent` = it never did. */
  send(key: string, mark: string, priority: 0 | 1, build: () => Departure | null, unsent: () => void = () => {}): void {
    const { session } = this
    if (session === null || this.queued.has(mark)) return unsent()
    this.queued.add(mark)
    this.pass(() => this.queue(session, { key, mark, priority, build, unsent }), unsent)
  }

  /** What was sent leaves now. */
  hasten(): void { this.session?.hasten?.() }

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
    let attempt: Attempt | null = null
    void session.call('SetChargingProfile', () => {
      this.queued.delete(mark)
      departure = this.session?.id === session.id ? build() : null
      if (departure === null) return null
      const shape = { quirks: this.options.quirks(), level: this.known.shape.level }
      attempt = this.attempt(session, key, priority, departure, shape, departure.payload(shape.quirks) as ProfileRequest)
      return attempt.request
    }, {
      priority, lowers: priority === 0,
      onSent: () => { if (departure !== null) this.options.sent(key, departure.seq) },
      onEnd: (outcome) => { if (attempt !== null) this.bargain.judge(attempt, outcome) },
      onLate: (outcome) => { if (attempt !== null) this.bargain.late(attempt, outcome) },
    }).then((outcome) => {
      if (this.session?.id === session.id) this.queued.delete(mark)
      if (attempt === null) unsent()
      else if (outcome.type === 'dropped' || outcome.type === 'disconnected') this.bargain.judge(attempt, outcome)
    }, (error: unknown) => {
      // It could not be built or written, so it never left.
      this.queued.delete(mark)
      this.failed(`SetChargingProfile for ${key}`)(error)
      if (departure === null) unsent()
      else this.options.answered(key, { type: 'dropped', seq: departure.seq })
    })
  }

  private attempt(session: Session, key: string, priority: 0 | 1, departure: Departure, shape: Shape, request: ProfileRequest, first?: Attempt['first']): Attempt {
    const origin = first ?? { request, shape }
    const booked = shape.quirks.pauseA === 0 ? request : departure.payload({ ...shape.quirks, pauseA: 0 }) as ProfileRequest
    return {
      key, seq: departure.seq, request, shape, first: origin, trial: first !== undefined,
      asBooked: limitOf(request) === limitOf(booked),
      holds: () => this.session?.id === session.id && departure.holds?.() === true,
      again: (next) => this.again(session, key, priority, departure, next, origin),
    }
  }

  private again(session: Session, key: string, priority: 0 | 1, departure: Departure, shape: Shape, first: Attempt['first']): void {
    // Until it is built it is as the first was.
    let attempt = this.attempt(session, key, priority, departure, shape, first.request, first)
    const leave = (): Promise<CallOutcome> => session.call('SetChargingProfile', () => {
      if (!attempt.holds()) return null
      attempt = this.attempt(session, key, priority, departure, shape, this.known.at(shape, () => departure.payload(shape.quirks)) as ProfileRequest, first)
      return attempt.request
    }, { priority, lowers: priority === 0, onEnd: (outcome) => this.bargain.judge(attempt, outcome), onLate: (outcome) => this.bargain.late(attempt, outcome) })
    const { unlease } = departure
    void (unlease === undefined || shape.quirks.lease || !first.shape.quirks.lease ? leave() : unlease().then(leave)).then((outcome) => { if (outcome.type === 'dropped' || outcome.type === 'disconnected') this.bargain.judge(attempt, outcome) }, (error: unknown) => {
      this.failed(`SetChargingProfile for ${key}`)(error)
      this.bargain.judge(attempt, { type: 'dropped', reason: 'withdrawn' })
    })
  }

  /** Clears one profile of ours, behind what takes something away; null = it never left. */
  async clear(id: number, isDue: () => boolean): Promise<CallOutcome | null> {
    const { session } = this
    if (session === null || this.gate !== null) return null
    const outcome = await session.call('ClearChargingProfile', () => (this.session?.id === session.id && isDue() ? { id } : null), { priority: 1 })
    return outcome.type === 'dropped' ? null : outcome
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

  /** What it answers when asked for its composite schedule of the next minute; null = nothing. */
  async askSchedule(connectorId: number, unit = this.options.quirks().unit): Promise<unknown> {
    const { session } = this
    const outcome = await session?.call('GetCompositeSchedule', () => ({ connectorId, duration: 60, chargingRateUnit: unit }), { priority: 1, timeoutMs: urgentMs }).catch(this.failed('GetCompositeSchedule'))
    return outcome?.type === 'result' ? outcome.payload : null
  }

  /** Its ChargePointMaxProfile stays there until it is told otherwise, A; null = back to the hardware. */
  holdMaximum(limitA: number | null): void {
    const { session } = this
    this.maximum.hold(limitA)
    if (session !== null) this.pass(() => this.maximum.keep(session, this.isOn(session)))
  }

  private async meet(session: Session, asks: boolean): Promise<void> {
    if (asks) {
      const outcome = await session.call('GetConfiguration', () => ({ key: [...askedKeys] }), { priority: 0, timeoutMs: urgentMs })
      if (outcome.type === 'result') this.known.hear(outcome.payload as Parameters<Acquaintance['hear']>[0])
    }
    const lore = this.foreign()
    if (this.session?.id !== session.id || lore?.mayClear() !== true) return
    const answered = (outcome: CallOutcome): void => {
      if (outcome.type !== 'result' && outcome.type !== 'error') return
      this.known.remember({ ...this.known.learnt, clearedForeign: true })
      lore.cleared(outcome.type === 'error' ? outcome.code : statusOf(outcome.payload))
    }
    answered(await session.call('ClearChargingProfile', () => {
      if (!lore.beginClearing()) return null
      this.known.forgetMaximum()
      return {}
    }, { priority: 0, timeoutMs: urgentMs, onLate: answered }))
  }

  /** Null where others' profiles are none of our business any more. */
  private foreign(): Lore | null {
    return this.known.learnt.clearedForeign === true ? null : (this.options.lore ?? null)
  }

  private isOn(session: Session): () => boolean {
    return () => this.session?.id === session.id
  }

  /** A maximum that was refused as it was goes out once more in the shape that is taken. */
  private capAgain(): void {
    const { session } = this
    if (session !== null) this.maximum.tellAgain(session, this.isOn(session))
  }
}
