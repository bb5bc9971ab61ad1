// The engine of one site: after every fact it plans, books, commits and sends.
import { defaultWorstA, followMs, txWorstA, type Entry, type Fact } from '../power/ledger.ts'
import { siteLimitA, type GridLimit } from '../power/limits.ts'
import { plan, type Order, type Plan } from '../power/plan.ts'
import { connectorKey, type ChargePointConfig, type SiteConfig } from '../power/site.ts'
import { Books, noCar } from './books.ts'
import { mustFallBack } from './failsafe.ts'
import { baseNow, openMeters, takeMeter, type CountedBase, type Meters, type Reading } from './readings.ts'
import type { Scope } from './scope.ts'
import type { Reviewed, SiteEvent } from './site.ts'
import { StationLink, type Departure, type Learnt } from './station-link.ts'
import { entryRequest } from './translate.ts'

export interface EngineSettings {
  readonly leaseMs: number
  readonly sampleIntervalMs: number
}

export interface Review {
  readonly cause: string
  readonly plan: Plan
  readonly before: Plan | null
  readonly base: CountedBase
  readonly nowMs: number
}

export interface EngineOptions {
  readonly scope: Scope
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly settings: EngineSettings
  /** ms since the epoch that never step (wall clock at the start, then the monotonic clock). */
  readonly now: () => number
  /** Runs `fn` once, later in this process. */
  readonly later: (delayMs: number, fn: () => void) => void
  /** What became of a profile; to be sent back as a fact. */
  readonly answered: (key: string, fact: Fact) => void
  readonly refused: (clientID: string, what: string, why: string) => void
  readonly reviewed: (review: Review) => void
  /** A lowering went to the socket, so long after it was decided. */
  readonly lowered: (latencyMs: number) => void
}

/** Lowerings sent in one turn; the rest follow in the next, so that sockets are served in between. */
const perTurn = 256

export class Engine {
  readonly books: Books
  readonly meters: Meters = openMeters()
  grid: GridLimit | null
  plan: Plan | null = null
  /** When a charge point was last met for the first time: its fallbacks are not confirmed yet, and that is no alarm. */
  lastContactMs: number
  reviewedAtMs: number
  private readonly links = new Map<string, StationLink>()
  private readonly options: EngineOptions
  private seq: number
  private stopped = false

  constructor(options: EngineOptions) {
    this.options = options
    this.books = new Books(options.scope, options.site, options.chargePoints)
    this.grid = (options.scope.get('grid-limit') as { limit: GridLimit | null } | undefined)?.limit ?? null
    this.reviewedAtMs = this.lastContactMs = options.now()
    // Numbers of this run begin above every number a former one can have used.
    this.seq = options.scope.epoch * 1e9
  }

  stop(): void {
    this.stopped = true
    for (const link of this.links.values()) link.leave()
  }

  isOnline(clientID: string): boolean {
    return this.links.get(clientID)?.online ?? false
  }

  /** A live reading of a connector; true when it may change the plan. */
  read(key: string, reading: Reading): boolean {
    const before = this.books.row(key)
    this.meters.readings.set(key, reading)
    this.books.book(key, { type: 'sampled', highestA: reading.highestA, measuredAtMs: reading.measuredAtMs, atMs: this.options.now() })
    const after = this.books.row(key)
    return before?.settling !== after?.settling || before?.excess !== after?.excess || (after?.excess ?? false)
  }

  /** Takes a fact. */
  note(event: SiteEvent): void {
    const nowMs = this.options.now()
    const { books } = this
    switch (event.type) {
      case 'STATION_ONLINE':
        return this.greet(event, nowMs)
      case 'STATION_OFFLINE':
        return this.links.get(event.clientID)?.leave()
      case 'STATUS_CHANGED':
        return books.change(event.key, { status: event.status })
      case 'TRANSACTION_STARTED': {
        const key = connectorKey(event.fact.clientID, event.fact.connectorId)
        books.change(key, { queuedAtMs: event.fact.startedAtMs })
        return books.book(key, { type: 'started', transactionId: event.fact.transactionId })
      }
      case 'TRANSACTION_STOPPED':
        if (books.row(event.key)?.transactionId === event.transactionId) books.change(event.key, { car: noCar })
        return books.book(event.key, { type: 'stopped', transactionId: event.transactionId })
      case 'PROFILE_ANSWERED':
        return this.bookAnswer(event.key, event.fact)
      case 'CAR_TOLD':
        return books.change(event.key, { car: event.facts })
      case 'SITE_LIMIT_SET':
        this.grid = event.grid
        return
      case 'BASE_LOAD_READ':
        return takeMeter(this.meters, books.site, this.options.settings.sampleIntervalMs, event.meterA, siteLimitA(books.site, this.grid, nowMs), books.places((id) => this.isOnline(id)), nowMs)
      case 'RECONFIGURED':
        return books.rewire(event.site, event.chargePoints)
      case 'REVIEW':
      case 'DUE':
      case 'QUARANTINED':
        return
    }
  }

  /** plan → book → commit → send. Lowerings leave at once; raisings only when they are durable. */
  review(cause: string): Reviewed {
    const nowMs = this.options.now()
    const { settings, scope } = this.options
    const base = baseNow(this.meters, this.books.site, settings.sampleIntervalMs, nowMs)
    const before = this.plan
    const result = plan({ tree: this.books.tree, grid: this.grid, baseA: base.amps, places: this.books.places((id) => this.isOnline(id)) }, nowMs)
    this.plan = result
    this.reviewedAtMs = nowMs
    for (const { key, ...note } of result.notes) this.books.book(key, { type: 'noted', ...note })
    this.sendLowerings(result.lowerings)
    this.bookRaisings([...result.renewals, ...result.raisings], nowMs)
    if (scope.waiting > 0) scope.flush().catch(() => undefined)
    this.options.reviewed({ cause, plan: result, before, base, nowMs })
    return { type: 'REVIEWED', over: result.over.length > 0, deficitA: result.deficitA, nextAtMs: Math.min(result.nextAtMs, base.nextAtMs ?? Infinity) }
  }

  /** The plan failed for good: everybody who can be told goes down to the fallback, and nobody up. */
  holdFailsafe(): void {
    for (const outlet of this.books.tree.outlets.values()) {
      const { key, clientID, fallbackA } = outlet
      const isDue = () => {
        const row = this.books.row(key)
        return !this.stopped && row !== undefined && mustFallBack(row, fallbackA, this.options.now())
      }
      if (isDue()) this.link(clientID).send(key, `${key} failsafe`, 0, () => (isDue() ? this.depart(key, { slot: 'tx', limitA: fallbackA, fallbackA }) : null))
    }
  }

  private greet({ session, booted }: { session: Parameters<StationLink['join']>[0]; booted: boolean }, nowMs: number): void {
    const outlets = [...this.books.tree.outlets.values()].filter((outlet) => outlet.clientID === session.clientID)
    for (const outlet of outlets) {
      if (this.books.row(outlet.key)?.contactedAtMs === null) this.lastContactMs = nowMs
      this.books.book(outlet.key, { type: 'contacted', atMs: nowMs })
      if (booted) this.books.book(outlet.key, { type: 'booted', atMs: nowMs, keepsProfiles: outlet.keepsProfiles })
    }
    if (outlets[0]?.control !== 'engine') return
    this.link(session.clientID).join(session, booted, outlets.reduce((sum, outlet) => sum + outlet.maxA, 0))
  }

  /** A reading from after the car can have followed proves a lowering, or its disobedience, before the next sample is due. */
  private bookAnswer(key: string, fact: Fact): void {
    const before = this.books.row(key)?.settling
    this.books.book(key, fact)
    const settling = this.books.row(key)?.settling
    if (!settling || settling.acceptedAtMs === before?.acceptedAtMs) return
    this.options.later(followMs, () => {
      const outlet = this.books.tree.outlets.get(key)
      const row = this.books.row(key)
      const heard = (this.meters.readings.get(key)?.measuredAtMs ?? 0) >= settling.acceptedAtMs + followMs
      if (this.stopped || heard || outlet === undefined || !row || row.transactionId === null || row.settling?.acceptedAtMs !== settling.acceptedAtMs) return
      void this.link(outlet.clientID).askReading(outlet.connectorId)
    })
  }

  private sendLowerings(orders: readonly Order[]): void {
    if (this.stopped) return
    for (const { key, slot } of orders.slice(0, perTurn)) this.linkOf(key)?.send(key, `${key} ${slot} lower`, 0, () => this.buildLowering(key, slot))
    if (orders.length > perTurn) this.options.later(0, () => this.sendLowerings(orders.slice(perTurn)))
  }

  /** Called as the frame leaves: what is wanted now, not what was wanted when it was queued. */
  private buildLowering(key: string, slot: 'default' | 'tx'): Departure | null {
    const row = this.books.row(key)
    const target = this.plan?.targets.get(key)
    if (this.stopped || row === undefined || target === undefined || (slot === 'tx' && row.transactionId === null)) return null
    const nowMs = this.options.now()
    const limitA = slot === 'default' ? target.fallbackA : target.allocatedA
    const worstA = slot === 'default' ? defaultWorstA(row, nowMs) : txWorstA(row, nowMs)
    const unproven = slot === 'default' && (row.default.confirmed === null || row.doubtSinceMs !== null)
    if (worstA <= limitA && !unproven) return null
    // A raising that has not left yet never will.
    for (const entry of row[slot].inFlight) if (entry.state === 'booked') this.books.book(key, { type: 'dropped', seq: entry.seq })
    return this.depart(key, { slot, limitA, fallbackA: target.fallbackA })
  }

  private bookRaisings(orders: readonly Order[], nowMs: number): void {
    const { scope } = this.options
    if (orders.length === 0 || this.stopped || scope.failure !== null) return
    const booked = orders.map(({ key, slot, limitA }) => {
      const entry = this.entryFor({ slot, limitA, fallbackA: this.plan!.targets.get(key)!.fallbackA }, nowMs)
      this.books.book(key, { type: 'booked', entry })
      return { key, entry, drop: () => this.options.answered(key, { type: 'dropped', seq: entry.seq }) }
    })
    scope.flush().then(
      () => { for (const { key, entry, drop } of booked) this.linkOf(key)?.send(key, `${key} ${entry.seq}`, 1, () => this.checkRaising(key, entry), drop) },
      () => { for (const { drop } of booked) drop() },
    )
  }

  /** Once more against the plan of now, as it leaves; null = stale, dropped unsent. */
  private checkRaising(key: string, entry: Entry): Departure | null {
    const row = this.books.row(key)
    const target = this.plan?.targets.get(key)
    if (this.stopped || row === undefined || target === undefined) return null
    if (!row[entry.slot].inFlight.some((one) => one.seq === entry.seq && one.state === 'booked')) return null
    if ((entry.slot === 'default' ? target.fallbackA : target.allocatedA) < entry.limitA) return null
    const renews = row[entry.slot].confirmed?.limitA === entry.limitA
    if (!renews && this.plan!.over.some(({ constraint }) => target.place.outlet.path.includes(constraint.nodeID))) return null
    return { seq: entry.seq, payload: this.payloadOf(key, entry) }
  }

  private depart(key: string, want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }): Departure {
    const entry = this.entryFor(want, this.options.now())
    this.books.book(key, { type: 'booked', entry })
    return { seq: entry.seq, payload: this.payloadOf(key, entry) }
  }

  private payloadOf(key: string, entry: Entry): unknown {
    return entryRequest(this.books.tree.outlets.get(key)!, entry, this.books.row(key)!.transactionId, this.linkOf(key)!.stackLevel, this.options.now())
  }

  private entryFor(want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }, nowMs: number): Entry {
    const leased = want.slot === 'tx' && want.limitA > want.fallbackA
    return { seq: ++this.seq, ...want, leaseEndsAtMs: leased ? nowMs + this.options.settings.leaseMs : null, bookedAtMs: nowMs, state: 'booked' }
  }

  /** Undefined when the connector was removed meanwhile. */
  private linkOf(key: string): StationLink | undefined {
    const outlet = this.books.tree.outlets.get(key)
    return outlet && this.link(outlet.clientID)
  }

  private link(clientID: string): StationLink {
    const known = this.links.get(clientID)
    if (known !== undefined) return known
    const { scope, now, answered, refused } = this.options
    const link = new StationLink({
      now, answered,
      learnt: (scope.get(`learnt:${clientID}`) as Learnt | undefined) ?? { stackLevel: null, maxA: null },
      learn: (learnt) => scope.put(`learnt:${clientID}`, learnt),
      sent: (key, seq) => {
        const decidedAtMs = this.books.row(key)?.lowering?.decidedAtMs
        if (decidedAtMs !== undefined) this.options.lowered(now() - decidedAtMs)
        this.books.book(key, { type: 'sent', seq })
      },
      refused: (what, why) => refused(clientID, what, why),
    })
    this.links.set(clientID, link)
    return link
  }
}
