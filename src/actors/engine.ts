// The engine of one site: after every fact it plans, books, commits and sends.
import type { Fact } from '../power/ledger.ts'
import { siteLimitA, type GridLimit, type TimedLimit } from '../power/limits.ts'
import { openMemory } from '../power/memory.ts'
import { plan, type Plan, type PlanInputs } from '../power/plan.ts'
import { connectorKey, type SiteConfig } from '../power/site.ts'
import type { Outlet } from '../power/tree.ts'
import type { Session } from '../protocol/session.ts'
import { Books, noCar } from './books.ts'
import { Dispatch } from './dispatch.ts'
import type { EngineOptions } from './engine-options.ts'
import { noteStep, roundUp, stepMs } from './engine-time.ts'
import { readGridRecord } from './grid-limit.ts'
import { Presence } from './presence.ts'
import { awaitExcess, awaitProof, type ProofPorts } from './proof-reading.ts'
import { sampleMsOf } from './learnt.ts'
import { baseNow, keepReadings, openMeters, takeMeter, type CountedBase, type Meters } from './readings.ts'
import { SiteMeters } from './site-meters.ts'
import type { Reviewed, SiteEvent } from './site.ts'
import { hardwareOf, partFromUnsteered } from './station-lore.ts'
import { rewire, trustAgain } from './trust.ts'

export type { EngineOptions, EngineSettings, Review } from './engine-options.ts'

const trustedSkewMs = 30_000

export class Engine {
  readonly books: Books
  readonly meters: Meters = openMeters()
  grid: GridLimit | null
  plan: Plan | null = null
  /** When a charge point was last met for the first time: its fallbacks are not confirmed yet, and that is no alarm. */
  lastContactMs: number
  reviewedAtMs: number
  readonly siteMeters: SiteMeters
  private readonly memory = openMemory()
  private readonly dispatch: Dispatch
  private readonly options: EngineOptions
  private readonly presence: Presence
  private wallOffsetMs: number
  /** Not heard of since the wall clock stepped. */
  private stepped: Set<string>
  private stopped = false

  constructor(options: EngineOptions) {
    this.options = options
    this.books = new Books(options.scope, options.site, options.chargePoints, options.now())
    this.grid = readGridRecord(options.scope, options.now()).limit
    this.reviewedAtMs = this.lastContactMs = options.now()
    this.books.aheadMs = this.wallOffsetMs = options.wall() - this.reviewedAtMs
    this.stepped = new Set(options.setBack === true ? this.books.clients() : [])
    this.dispatch = new Dispatch({ ...options, books: this.books, plan: () => this.plan })
    this.siteMeters = new SiteMeters({
      ...options.readings, books: this.books, meters: this.meters, now: options.now, wall: options.wall, isStopped: () => this.stopped, learnt: () => this.dispatch.learnt,
      trustLeases: (clientID, skewMs) => this.trustLeases(clientID, skewMs),
      sampleMs: (clientID) => sampleMsOf(options.scope, clientID), suspect: (key) => this.dispatch.ladder.suspect(key), exceeded: (key, nowMs) => awaitExcess(this.proofs(), key, nowMs),
    })
    this.part()
    this.presence = new Presence([...this.books.tree.outlets.values()].filter(({ key }) => this.books.row(key)?.contactedAtMs !== null).map(({ clientID }) => clientID), options.now)
  }

  stop(): void {
    this.stopped = true
    this.presence.clear()
    this.dispatch.stop()
  }

  /** Some of those that the last plan lowers have not been told yet. */
  get isLowering(): boolean { return this.dispatch.isLowering }

  isOnline(clientID: string): boolean {
    return this.presence.isOnline(clientID)
  }

  /** A lease ends by the charge point's clock: it is believed only while that one is measured and right. */
  trustLeases(clientID: string, skewMs: number): void {
    for (const outlet of this.books.outletsOf(clientID)) {
      if (outlet.obeysLease) this.books.book(outlet.key, { type: 'lease-trusted', trusted: Math.abs(skewMs) <= trustedSkewMs })
    }
  }

  /** Takes a fact. */
  note(event: SiteEvent): void {
    const nowMs = this.options.now()
    const { books } = this
    switch (event.type) {
      case 'STATION_ONLINE':
        return this.greet(event.session, nowMs)
      case 'STATION_CONNECTED':
        this.presence.expect(event.clientID)
        return void this.contact(event.clientID, nowMs)
      case 'STATION_BOOTED':
        if (event.another === true) trustAgain(books, event.session.clientID)
        return this.bookBoot(event.session, nowMs)
      case 'PROFILES_DOUBTED':
        return this.sendAgain(event.session, nowMs)
      case 'STATION_OFFLINE':
        this.presence.left(event.clientID)
        return this.dispatch.leave(event.clientID)
      case 'STATUS_CHANGED': {
        // A car that came and went without charging takes along what was said of it; what was said before it came stays.
        const left = event.status === 'Available' && !['Available', 'Unknown'].includes(books.wiring(event.key).status) && books.row(event.key)?.transactionId === null
        return books.change(event.key, { status: event.status, ...(left ? { car: noCar } : {}) })
      }
      case 'TRANSACTION_STARTED': {
        const key = connectorKey(event.fact.clientID, event.fact.connectorId)
        books.change(key, { queuedAtMs: event.fact.startedAtMs })
        return books.book(key, { type: 'started', transactionId: event.fact.transactionId })
      }
      case 'TRANSACTION_STOPPED':
        if (books.row(event.key)?.transactionId === event.transactionId) books.change(event.key, { car: noCar })
        this.dispatch.transactionEnded(event.key, event.transactionId, event.endedAtMs)
        return books.book(event.key, { type: 'stopped', transactionId: event.transactionId })
      case 'PROFILE_ANSWERED':
        return this.bookAnswer(event.key, event.fact)
      case 'CAR_TOLD':
        return books.change(event.key, { car: event.facts })
      case 'TRANSACTION_WITHHELD': case 'CHECK_CAP_SET': return books.change(event.key, event.type === 'CHECK_CAP_SET' ? { checkCap: event.cap } : { withheldFor: event.transactionId })
      case 'SITE_LIMIT_SET':
        this.grid = event.grid
        return
      case 'BASE_LOAD_READ':
        return takeMeter(this.meters, books.site, this.options.settings.sampleIntervalMs, event, siteLimitA(books.site, this.grid, nowMs, this.timed(nowMs)), books.places((id) => this.presence.isWithinReach(id)), nowMs, (clientID) => sampleMsOf(this.options.scope, clientID))
      case 'RECONFIGURED':
        rewire(books, event.site, event.chargePoints)
        this.part()
        return this.forgetGone()
      case 'REVIEW': case 'DUE': case 'QUARANTINED':
        return
    }
  }

  /** plan → book → commit → send. Lowerings leave at once; raisings only when they are durable. */
  review(cause: string): Reviewed {
    const nowMs = this.options.now()
    const { scope } = this.options
    this.watchWall(nowMs)
    this.books.settle(nowMs)
    const base = this.baseOf(this.books.site, nowMs)
    this.dispatch.ladder.climb((clientID) => this.isOnline(clientID))
    const before = this.plan
    const result = plan(this.inputs(nowMs, base), nowMs, this.memory)
    this.plan = result
    this.reviewedAtMs = nowMs
    for (const { key, ...note } of result.notes) this.books.book(key, { type: 'noted', ...note })
    for (const { key, capA } of result.probes) this.books.book(key, { type: 'probed', capA, atMs: nowMs })
    this.dispatch.sendLowerings(result.lowerings)
    this.dispatch.bookRaisings([...result.renewals, ...result.raisings], nowMs)
    this.dispatch.clearLeft()
    this.dispatch.ladder.act()
    if (scope.waiting() > 0) scope.flush().catch(() => undefined)
    this.options.reviewed({ cause, plan: result, before, base, nowMs, changed: this.memory.effort.changed })
    return { type: 'REVIEWED', over: result.over.length > 0, deficitA: result.deficitA, nextAtMs: roundUp(Math.min(result.nextAtMs, base.nextAtMs ?? Infinity)) }
  }

  /** What the plan is made of now. */
  inputs(nowMs: number, base = this.baseOf(this.books.site, nowMs)): PlanInputs {
    const { books, grid } = this
    return { tree: books.tree, grid, baseA: base.amps, timed: this.timed(nowMs), imposed: books.limits.look(nowMs, this.options.wall()), places: books.places((id) => this.presence.isWithinReach(id)) }
  }

  timed(nowMs: number): readonly TimedLimit[] { return this.options.timed?.(nowMs) ?? [] }
  /** The base load as it is counted now, or would be if the site were described so. */
  baseOf(site: SiteConfig, nowMs: number): CountedBase {
    return baseNow(this.meters, site, this.options.settings.sampleIntervalMs, nowMs, this.meters.lent.size === 0 ? [] : this.books.places((id) => this.presence.isWithinReach(id)))
  }

  /** The plan failed for good: everybody who can be told goes down to the fallback, and nobody up. */
  holdFailsafe(): void {
    this.dispatch.holdFailsafe()
  }

  /** Whoever left the configuration leaves no trace for one that comes with the same name. */
  private forgetGone(): void {
    const { outlets } = this.books.tree
    const known = new Set(this.books.clients())
    this.presence.keepOnly(known)
    keepReadings(this.meters, outlets)
    this.siteMeters.keepOnly(outlets)
    this.dispatch.keepOnly(known)
  }

  /** Counted before the boot is answered, whatever becomes of the connection then; nothing is sent until it is online. */
  private bookBoot(session: Session, nowMs: number): void {
    const outlets = this.meet(session, nowMs)
    for (const outlet of outlets) this.books.book(outlet.key, { type: 'booted', atMs: nowMs, keepsProfiles: outlet.keepsProfiles })
    if (outlets[0]?.control === 'engine') this.dispatch.link(session.clientID).reboot(outlets[0].keepsProfiles)
  }

  private part(): void {
    partFromUnsteered(this.books, this.options.scope, (clientID) => this.dispatch.link(clientID).part())
  }

  private greet(session: Session, nowMs: number): void {
    if (this.stepped.has(session.clientID)) this.doubt(session.clientID, nowMs, { stepped: true })
    const outlets = this.meet(session, nowMs)
    if (outlets[0]?.control === 'engine') this.dispatch.link(session.clientID).join(session, ...hardwareOf(outlets, this.books.site.voltage))
  }

  private meet(session: Session, nowMs: number): readonly Outlet[] {
    this.presence.came(session)
    return this.contact(session.clientID, nowMs)
  }

  private contact(clientID: string, nowMs: number): readonly Outlet[] {
    const outlets = this.books.outletsOf(clientID)
    for (const { key } of outlets) {
      if (this.books.row(key)?.contactedAtMs === null) this.lastContactMs = nowMs
      this.books.book(key, { type: 'contacted', atMs: nowMs })
    }
    return outlets
  }

  /** A step of the wall clock moves every charge point's clock with its next heartbeat, and the profiles it holds begin at another time: all are sent again. */
  private watchWall(nowMs: number): void {
    const offsetMs = this.options.wall() - nowMs
    if (Math.abs(offsetMs - this.wallOffsetMs) <= stepMs) return
    this.books.aheadMs = this.wallOffsetMs = offsetMs
    noteStep(this.options.scope, offsetMs)
    this.stepped = new Set(this.books.clients())
    for (const clientID of this.stepped) if (this.isOnline(clientID)) this.doubt(clientID, nowMs, { stepped: true })
  }

  /** As after a reboot: what it holds may not be what it was sent. */
  private doubt(clientID: string, nowMs: number, why: { readonly stepped?: true } = {}): void {
    this.stepped.delete(clientID)
    for (const { key } of this.books.outletsOf(clientID)) this.books.book(key, { type: 'booted', atMs: nowMs, keepsProfiles: false, ...why })
  }

  /** It says that it would do something else: from its ChargePointMaxProfile on everything goes out once more. */
  private sendAgain(session: Session, nowMs: number): void {
    if (this.books.outletsOf(session.clientID)[0]?.control !== 'engine') return
    this.doubt(session.clientID, nowMs)
    this.dispatch.link(session.clientID).resend()
    this.greet(session, nowMs)
  }

  private bookAnswer(key: string, fact: Fact): void {
    const before = this.books.row(key)
    this.books.book(key, fact)
    awaitProof(this.proofs(), key, before, this.options.now())
  }

  private proofs(): ProofPorts {
    return { books: this.books, meters: this.meters, later: this.options.later, ask: ({ clientID, connectorId }) => void this.dispatch.link(clientID).askReading(connectorId), isStopped: () => this.stopped }
  }
}
