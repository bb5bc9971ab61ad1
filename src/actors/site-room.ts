// One site, running: its engine and actor, the meter stream into it, and what it tells the world.
import type { ActorRefLike } from 'xstate'
import { connectorKey, type ChargePointConfig, type PhaseAmps, type SiteConfig } from '../power/site.ts'
import type { Session } from '../protocol/session.ts'
import { DecisionLog } from './decision-log.ts'
import { changedAllocations, type Trigger } from './decision-record.ts'
import { Engine, type Review } from './engine.ts'
import { failsafeRetryMs, runAll } from './failsafe.ts'
import { EngineStart } from './engine-start.ts'
import { changeLimit, noteLapse, putGridRecord, readGridRecord, revisionOf, type GridRecord, type WantedLimit } from './grid-limit.ts'
import { LimitAccount } from './limit-account.ts'
import { LimitDesk } from './limit-desk.ts'
import type { Limited } from './limited.ts'
import { gridWords } from './limit-telling.ts'
import { concernedBy } from './propagation.ts'
import { Refusal, type Caller, type KwotaEvent, type Versioned } from './house.ts'
import type { AllocationView, ConnectorPowerView, GridLimitView, PowerView } from './views.ts'
import { openMeterStream, type MeterStream } from './meter-stream.ts'
import { Mirror } from './mirror.ts'
import { ProfileGuard } from './profile-guard.ts'
import type { ConnectorSample, SampleDesk, SiteDesk, TransactionFact } from './site-desk.ts'
import { comeInBursts, siteAlarm, siteMachine, type CarFacts, type SiteEvent } from './site.ts'
import { allocationView } from './allocation-view.ts'
import { connectorPower, gridLimitView, powerView, type SiteView } from './site-views.ts'
import type { SiteRoomOptions } from './site-room-options.ts'
import { SiteTrace } from './site-trace.ts'
import { SiteWatch } from './site-watch.ts'
import { superviseSite } from './site-supervision.ts'
import type { Supervised } from './supervise.ts'

export type { Gauge, SiteRoomOptions } from './site-room-options.ts'

const paceMs = 20

export class SiteRoom implements SiteDesk {
  readonly engine: Engine
  readonly profiles: ProfileGuard
  readonly limits: LimitDesk
  readonly decisions: DecisionLog
  private readonly options: SiteRoomOptions
  private readonly actor: Supervised<typeof siteMachine>
  private readonly stream: MeterStream
  private readonly watch: SiteWatch
  private readonly mirror: Mirror
  private readonly account: LimitAccount
  readonly trace: SiteTrace
  private readonly now: () => number
  private grid: GridRecord
  private concerned: readonly string[] = []
  private nextReviewAtMs = 0
  private reviewComing = false
  private stopped = false
  private asker: Omit<Trigger, 'cause'> = {}
  /** The actor that holds the failsafe once the plan has failed for good. */
  private held: ActorRefLike | null = null

  constructor(options: SiteRoomOptions) {
    const { clock, scope, log } = options
    this.options = options
    this.watch = new SiteWatch(options.alerts, options)
    this.mirror = new Mirror(clock, options.mirror)
    this.account = new LimitAccount(scope)
    this.trace = new SiteTrace(options)
    this.decisions = new DecisionLog(options.site.id, scope, { clock, log, append: options.append, expire: options.expire })
    // Steps of the wall clock move no limit: this process counts on from where it started.
    const start = new EngineStart({ scope, wallMs: clock.wall(), log })
    const [startWallMs, startMonoMs] = [start.atMs, clock.mono()]
    this.now = () => startWallMs + clock.mono() - startMonoMs
    this.grid = readGridRecord(scope, this.now())
    this.limits = new LimitDesk({
      scope, engine: () => this.engine, now: this.now, wall: () => clock.wall(), sampleIntervalMs: options.settings.sampleIntervalMs, laterMs: start.laterMs,
      impose: (cause, caller) => this.impose({ type: 'REVIEW', cause }, caller), emit: options.emit, alerts: options.alerts, log,
    })
    this.engine = new Engine({
      scope, site: options.site, chargePoints: options.chargePoints, settings: options.settings, now: this.now, wall: () => clock.wall(), setBack: start.setBack,
      later: (delayMs, fn) => void clock.after(delayMs, fn), timed: (nowMs) => this.limits.timed(nowMs),
      answered: (key, fact) => {
        this.tell({ type: 'PROFILE_ANSWERED', key, fact })
        if (fact.type === 'accepted' || fact.type === 'refused') this.emitFor(key, fact.type === 'accepted' ? 'profile.accepted' : 'profile.rejected', { limitA: this.engine.plan?.targets.get(key)?.allocatedA ?? null })
      },
      refused: (clientID, what, why) => log.warn({ clientID, what, why }, 'a charge point refused a profile'),
      reviewed: (review) => this.reviewed(review),
      lowered: (latencyMs) => options.gauge?.lowered(options.site.id, latencyMs),
      review: (cause) => this.tell({ type: 'REVIEW', cause }),
      readings: { account: this.account, material: () => this.stream.next() },
      ...(options.lore === undefined ? {} : { lore: options.lore }), ...(options.stopTransaction === undefined ? {} : { stopTransaction: options.stopTransaction }),
    })
    this.profiles = new ProfileGuard({ books: () => this.engine.books, scope, now: this.now, wall: () => clock.wall(), plan: () => this.engine.plan, changed: () => this.reviewSoon('charging-profiles') })
    const machine = siteMachine.provide({
      actors: { alarm: siteAlarm(clock, this.now) },
      actions: {
        take: ({ event, self }) => {
          if (event.type === 'REVIEWED') return
          this.engine.note(event)
          const cause = event.type === 'REVIEW' ? event.cause : event.type.toLowerCase().replaceAll('_', '-')
          if (comeInBursts.has(event.type)) return this.reviewSoon(cause)
          start.look(this.now(), clock.wall(), this.limits.curtailments)
          self.send(this.engine.review(cause))
        },
        holdFailsafe: ({ event, self }) => {
          runAll([() => { if (event.type !== 'REVIEWED') this.engine.note(event) }, () => this.engine.holdFailsafe()],
            (error) => log.error({ siteID: options.site.id, event: event.type, error }, 'the failsafe could not take an event'))
          self.send({ type: 'REVIEWED', over: false, deficitA: 0, nextAtMs: this.now() + failsafeRetryMs })
        },
      },
    })
    this.actor = superviseSite(options, machine, this.now, (actor) => { this.held = actor })
    this.stream = openMeterStream({ clock, review: () => this.tell({ type: 'REVIEW', cause: 'sample' }) })
    this.tell({ type: 'REVIEW', cause: 'start' })
  }

  get config(): SiteConfig { return this.engine.books.site }
  stationConnected(clientID: string): void { if (this.engine.books.isNew(clientID)) this.tell({ type: 'STATION_CONNECTED', clientID }) }
  stationBooted(session: Session, another = false): void { this.tell({ type: 'STATION_BOOTED', session, another }) }
  stationOnline(session: Session): void {
    this.showAgain(session.clientID)
    this.tell({ type: 'STATION_ONLINE', session })
  }
  /** Its actors have just begun: they have missed what was shown of its rows. */
  showAgain(clientID: string): void { this.mirror.repeat(this.engine.books.outletsOf(clientID).map(({ key }) => key)) }
  /** What it says is more than its profiles come to: they are sent again, and count as lost until they are confirmed (I5). */
  distrust(session: Session): void { this.tell({ type: 'PROFILES_DOUBTED', session }) }
  stationHeld(clientID: string, forMs: number): void { if (!this.stopped) this.engine.books.hold(clientID, this.now() + forMs) }
  stationOffline(clientID: string): void { this.tell({ type: 'STATION_OFFLINE', clientID }) }
  statusChanged(clientID: string, connectorId: number, status: string): void { this.tell({ type: 'STATUS_CHANGED', key: connectorKey(clientID, connectorId), status }) }
  transactionStarted(fact: TransactionFact): void { this.tell({ type: 'TRANSACTION_STARTED', fact }) }
  transactionStopped({ clientID, connectorId, ...end }: { clientID: string; connectorId: number; transactionId: number; endedAtMs?: number }): void {
    this.tell({ type: 'TRANSACTION_STOPPED', key: connectorKey(clientID, connectorId), ...end })
  }

  sampled(sample: ConnectorSample): void { this.engine.siteMeters.sampled(sample) }
  meterOf(clientID: string, connectorId: number): SampleDesk { return this.engine.siteMeters.at(clientID, connectorId) }

  limitedOf(transactionId: number): Limited | null { return this.account.of(transactionId, this.now(), this.options.clock.wall()) }
  clockMeasured(clientID: string, skewMs: number): void { this.engine.trustLeases(clientID, skewMs) }
  reconfigure(site: SiteConfig, chargePoints: readonly ChargePointConfig[], caller?: Caller): void { this.askedBy(caller, () => this.tell({ type: 'RECONFIGURED', site, chargePoints })) }
  capForCheck(key: string, cap: { readonly transactionId: number; readonly limitA: number } | null, caller?: Caller): void { this.askedBy(caller, () => this.tell({ type: 'CHECK_CAP_SET', key, cap })) }
  withhold(key: string, transactionId: number | null): void { this.tell({ type: 'TRANSACTION_WITHHELD', key, transactionId }) }
  tellCar(key: string, facts: CarFacts, caller?: Caller): void { this.askedBy(caller, () => this.tell({ type: 'CAR_TOLD', key, facts })) }
  readBaseLoad(meterA: PhaseAmps, ageMs: number): void { this.tell({ type: 'BASE_LOAD_READ', meterA, ageMs }) }

  gridLimit(): Versioned<GridLimitView> { return { ...revisionOf(this.grid), value: { ...gridLimitView(this.view(), this.concerned), next: this.limits.next() } } }

  /** Lowerings leave at once; rejects with Refusal store-down when the limit could not be made durable. */
  async setGridLimit(wanted: WantedLimit | null, changedBy: string, requestId?: string): Promise<Versioned<GridLimitView>> {
    const nowMs = this.now()
    const limit = changeLimit(this.config, this.grid.limit, wanted, nowMs)
    const mine = this.grid = putGridRecord(this.options.scope, this.grid, limit, changedBy, nowMs)
    this.impose({ type: 'SITE_LIMIT_SET', grid: limit }, requestId === undefined ? undefined : { name: changedBy, requestId })
    this.limits.announce('grid-limit', limit === null ? `The grid limit was lifted by ${changedBy}.` : `The ${gridWords(limit)} was set by ${changedBy}.`, { limit: limit === null ? null : { currentA: limit.currentA, powerW: limit.powerW }, reason: limit?.reason, changedBy })
    try {
      await Promise.all([this.options.scope.flush(), this.decisions.flush()])
    } catch (error) {
      throw new Refusal('store-down', 'store-down', `The limit holds in memory and lowerings have left, but it is not stored: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Repeat the request when /readyz says the store is back.' })
    }
    // Another may have set it meanwhile: whoever undoes by this version undoes only this.
    return { ...this.gridLimit(), ...revisionOf(mine) }
  }

  /** Carries out a change of the limits. */
  private impose(event: SiteEvent, caller?: Caller): void {
    const { plan: before } = this.engine
    this.askedBy(caller, () => this.tell(event))
    this.concerned = concernedBy(this.engine, before, gridLimitView(this.view(), this.concerned).propagation.waiting)
  }

  /** What is decided while `act` runs carries the request that asked for it. */
  askedBy(caller: Caller | undefined, act: () => void): void {
    this.asker = caller === undefined ? {} : { requestId: caller.requestId, by: caller.name }
    try { act() } finally { this.asker = {} }
  }

  power(): PowerView { return powerView(this.view()) }
  connectorPower(key: string): ConnectorPowerView { return connectorPower(this.view(), this.target(key)) }
  allocation(key: string): AllocationView { return allocationView({ ...this.view(), decisionId: this.decisions.standingBy(key) }, this.target(key), this.nextReviewAtMs) }

  /** Age of the last review, ms: the plan is looked at at least every 5 s. */
  get reviewAgeMs(): number { return this.now() - this.engine.reviewedAtMs }

  stop(): void {
    this.stopped = true
    this.stream.stop()
    this.mirror.stop()
    this.decisions.stop()
    this.engine.stop()
    this.actor.stop()
  }

  private target(key: string) {
    const target = this.engine.plan?.targets.get(key)
    if (target === undefined) throw new Refusal('not-found', 'unknown-connector', `There is no connector ${key}.`)
    return target
  }

  view(): SiteView {
    return { engine: this.engine, sampleIntervalMs: this.options.settings.sampleIntervalMs, decisionId: this.decisions.newestId, nowMs: this.now(), aheadMs: this.limits.aheadMs(), wordsOf: (source) => this.limits.wordsOf(source) }
  }

  private tell(event: SiteEvent): void {
    if (this.stopped) return
    try {
      // Nothing is planned any more, but who comes back must still be sent to its fallback.
      if (this.held === null) this.actor.send(event)
      else this.held.send(event)
    } catch (error) {
      this.options.log.error({ siteID: this.options.site.id, event: event.type, error }, 'the site could not take an event')
    }
  }

  /** At once where nothing was reviewed lately, otherwise with all that comes within the pace. */
  private reviewSoon(cause: string): void {
    if (this.reviewComing) return
    this.reviewComing = true
    const look = (): void => {
      // All who are to be lowered are told before anything is decided anew.
      if (this.engine.isLowering) return void this.options.clock.after(0, look)
      this.reviewComing = false
      this.tell({ type: 'REVIEW', cause })
    }
    this.options.clock.after(Math.max(0, paceMs - this.reviewAgeMs), look)
  }

  private reviewed(review: Review): void {
    const { plan, cause, nowMs } = review
    this.nextReviewAtMs = plan.nextAtMs
    this.grid = noteLapse(this.options.scope, this.grid, nowMs, this.options.lapsed)
    const made = this.decisions.take({ ...review, site: this.config, grid: this.engine.grid, timed: this.engine.timed(nowMs) }, { cause, ...this.asker })
    if (made !== null) this.options.emit({ type: 'decision.made', data: { decisionId: made.id, cause, ...this.asker, state: plan.state, lowerings: plan.lowerings.length, raisings: plan.raisings.length } })
    const moved = changedAllocations(review, made?.changed ?? [])
    for (const { key, ...change } of moved) this.emitFor(key, 'allocation.changed', { ...change, cause, decisionId: made!.id })
    this.mirror.reflect(plan, nowMs, review.changed)
    this.account.note(review, this.options.clock.wall(), this.config.voltage)
    this.trace.note(this.view(), review, made === null ? null : { id: made.id, cause, asked: this.asker.requestId !== undefined }, moved, this.options.clock.wall())
    this.limits.look(nowMs)
    this.watch.look(this.engine, review)
    this.options.gauge?.reviewed(this.config.id, review, this.now() - nowMs)
  }

  private emitFor(key: string, type: KwotaEvent['type'], data: Record<string, unknown>): void {
    const outlet = this.engine.books.tree.outlets.get(key)
    if (outlet !== undefined) this.options.emit({ type, clientID: outlet.clientID, connectorId: outlet.connectorId, data })
  }
}
