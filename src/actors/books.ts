// The site's books: the ledger rows and what is known of the car at each connector, kept in memory and put to the store.
import { book } from '../power/booking.ts'
import type { Fact, Row } from '../power/ledger.ts'
import type { Place } from '../power/loads.ts'
import { sharesOne, usualQuirks, type Quirks } from '../power/quirks.ts'
import { restoreRow, rewireRow } from '../power/restoring.ts'
import { shaped } from '../power/row-shape.ts'
import { isNews } from '../power/samples.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import { buildTree, type Outlet, type Tree } from '../power/tree.ts'
import { EnergyNeeds } from './energy-needs.ts'
import { isMadeOf, placeOf, type PlaceParts } from './place-parts.ts'
import { ProfileLimits } from './profile-limits.ts'
import { noteStep, steppedMs } from './engine-time.ts'
import { phasesUsed, type Reading } from './readings.ts'
import { bookSample } from './sample-fact.ts'
import type { Scope } from './scope.ts'
import type { CarFacts } from './site.ts'

export interface Wiring {
  readonly status: string
  readonly car: CarFacts
  readonly queuedAtMs: number
  /** The transaction that is given nothing, where it still runs. */
  readonly withheldFor?: number | null
  /** A commissioning check holds its transaction there, A; in memory only, so that no restart keeps it. */
  readonly checkCap?: { readonly transactionId: number; readonly limitA: number } | null
}

/** What is booked for one connector; the same object as long as it is configured. */
export interface Page { row: Row; wiring: Wiring }

export const noCar: CarFacts = { priority: 0, weight: 1, vehicleMaxA: null, vehiclePhases: null, departureAt: null, energyNeededWh: null }

export class Books {
  site: SiteConfig
  /** As configured now. */
  chargePoints: readonly ChargePointConfig[] = []
  tree: Tree
  private readonly pages = new Map<string, Page>()
  /** The connectors of each charge point: every message asks for them, and a site may have thousands of others. */
  private byClient: ReadonlyMap<string, readonly Outlet[]> = new Map()
  private readonly quirks = new Map<string, Quirks>()
  /** The places as they were shown last, and what each was made of. */
  private readonly shown = new Map<string, { readonly made: PlaceParts; readonly place: Place }>()
  private readonly scope: Scope
  readonly needs: EnergyNeeds
  /** Departures as read, by what was told. */
  private readonly departures = new WeakMap<CarFacts, number>()
  /** By how much the wall clock is ahead of the time of the records. */
  aheadMs = 0
  /** What people's charging profiles allow. */
  readonly limits: ProfileLimits

  /** Restores what the scope holds. Throws TreeError when the configuration cannot be built. */
  constructor(scope: Scope, site: SiteConfig, chargePoints: readonly ChargePointConfig[], nowMs: number) {
    const laterMs = steppedMs(scope)
    this.scope = scope
    this.needs = new EnergyNeeds(scope)
    this.limits = new ProfileLimits(scope, this)
    const restored = new Map(scope.entries('row:').map(([key, value]) => [key.slice(4), shaped(restoreRow(value as Row, nowMs, laterMs))]))
    if (laterMs !== 0) {
      for (const [key, row] of restored) scope.put(`row:${key}`, row)
      noteStep(scope, 0)
    }
    this.site = site
    this.tree = this.wire(site, chargePoints, restored)
  }

  row(key: string): Row | undefined {
    return this.pages.get(key)?.row
  }

  page(key: string): Page | undefined {
    return this.pages.get(key)
  }

  outletsOf(clientID: string): readonly Outlet[] {
    return this.byClient.get(clientID) ?? []
  }

  /** None of its connectors counted yet. */
  isNew(clientID: string): boolean {
    return this.outletsOf(clientID).some(({ key }) => this.row(key)?.contactedAtMs === null)
  }

  /** How a charge point wants its profiles. */
  quirksOf(clientID: string): Quirks {
    return this.quirks.get(clientID) ?? usualQuirks
  }

  /** What was learnt of a charge point; its ledger counts by it from now on. */
  setQuirks(clientID: string, quirks: Quirks): void {
    if (!this.byClient.has(clientID)) return
    this.quirks.set(clientID, quirks)
    for (const { key } of this.outletsOf(clientID)) this.book(key, { type: 'quirks', quirks })
  }

  /** The connectors that a profile for this one limits as well, itself included, the one that speaks for all first. */
  tiedTo(key: string): readonly string[] {
    const outlet = this.tree.outlets.get(key)
    const outlets = outlet === undefined ? [] : this.outletsOf(outlet.clientID)
    return outlets.length > 1 && sharesOne(this.quirksOf(outlets[0]!.clientID)) ? outlets.map((one) => one.key).sort() : [key]
  }

  clients(): Iterable<string> {
    return this.byClient.keys()
  }

  wiring(key: string): Wiring {
    return this.pages.get(key)?.wiring ?? { status: 'Unknown', car: noCar, queuedAtMs: 0 }
  }

  /** Caps of people's profiles are those of the last look at `limits`. A place is the same object while nothing that it is made of has changed. */
  places(isOnline: (clientID: string) => boolean): Place[] {
    return [...this.tree.outlets.values()].map((outlet) => {
      const { key, clientID } = outlet
      const { row, wiring } = this.pages.get(key)!
      const made = { outlet, row, wiring, online: isOnline(clientID), profileCap: this.limits.capOf(key), overruledA: this.limits.overruledA(outlet), remainingWh: this.needs.remainingWh(key), departureAtMs: this.departureMs(key) }
      const before = this.shown.get(key)
      if (before !== undefined && isMadeOf(before.made, made)) return before.place
      const place = placeOf(made)
      this.shown.set(key, { made, place })
      return place
    })
  }

  /** When the car there is said to leave, on the time of the records. */
  private departureMs(key: string): number | null {
    const { car } = this.wiring(key)
    if (car.departureAt === null) return null
    const wallMs = this.departures.get(car) ?? Date.parse(car.departureAt)
    this.departures.set(car, wallMs)
    return wallMs - this.aheadMs
  }

  /** Lowerings that time has proven. */
  settle(atMs: number): void {
    for (const [key, { row: { settling } }] of this.pages) if (settling !== null) this.bookRow(key, { type: 'settled', atMs })
  }

  /** Books a fact into a row; the row goes with the next commit when it says more than a measurement. */
  book(key: string, fact: Fact): void {
    if (fact.type === 'booked') for (const one of this.tiedTo(key)) this.bookRow(one, fact)
    // An answer belongs to every row that booked its order.
    else if ('seq' in fact) for (const one of this.outletsOf(this.tree.outlets.get(key)?.clientID ?? '')) this.bookRow(one.key, fact)
    else this.bookRow(key, fact)
  }

  private bookRow(key: string, fact: Fact): void {
    const page = this.pages.get(key)
    if (page === undefined) return
    const before = page.row
    const booked = book(before, fact)
    if (booked === before) return
    page.row = shaped(booked)
    this.keep(key, page.row)
  }

  private keep(key: string, row: Page['row']): void {
    this.scope.put(`row:${key}`, row)
  }

  /** Books a live sample, with what it is judged by besides the row. True = it is more than a measurement. */
  sampled(outlet: Outlet, page: Page, reading: Reading, atMs: number): boolean {
    const before = page.row
    const after = bookSample(before, outlet, reading, atMs, this.limits.overruledA(outlet), page.wiring.car.vehicleMaxA)
    if (after === before) return false
    // It changes no shape.
    page.row = after
    if (!isNews(before, after)) return false
    this.keep(outlet.key, after)
    return true
  }

  /** Until then nothing that this charge point says is taken up. */
  hold(clientID: string, untilMs: number): void {
    for (const { key } of this.outletsOf(clientID)) this.book(key, { type: 'held', untilMs })
  }

  change(key: string, change: Partial<Wiring>): void {
    const page = this.pages.get(key)
    if (page === undefined) return
    const before = page.wiring
    const wiring = { ...before, ...change }
    page.wiring = wiring
    // Who says something else of the car says nothing anew of its phases: what a total has overruled is not told by that.
    if (change.car !== undefined && change.car.vehiclePhases !== before.car.vehiclePhases) this.book(key, { type: 'told', phases: change.car.vehiclePhases })
    if (change.car !== undefined) this.needs.told(key, change.car.energyNeededWh)
    if (change.car !== undefined || change.queuedAtMs !== undefined) this.scope.put(`car:${key}`, { car: wiring.car, queuedAtMs: wiring.queuedAtMs })
  }

  /** What is measured overrides how many phases a car was said to use. */
  overruleCar(outlet: Outlet, { wiring: { car } }: Page, { siteA, provenPhases }: Reading): void {
    if (car.vehiclePhases === null) return
    const used = phasesUsed(outlet, siteA)
    if (used > car.vehiclePhases) this.overrule(outlet.key, used, provenPhases === used)
  }

  /** The car uses more phases than was said; only where each was measured may watts count as spread over them. */
  overrule(key: string, vehiclePhases: number, proven: boolean): void {
    const { car } = this.wiring(key)
    this.change(key, { car: { ...car, vehiclePhases } })
    this.book(key, { type: 'told', phases: proven ? vehiclePhases : car.vehiclePhases })
  }

  /** Takes a new configuration; rows of connectors that are gone go with them. Throws TreeError and changes nothing. */
  rewire(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): void {
    this.tree = this.wire(site, chargePoints)
    this.site = site
  }

  private wire(site: SiteConfig, chargePoints: readonly ChargePointConfig[], restored: ReadonlyMap<string, Row> = new Map()): Tree {
    const tree = buildTree(site, chargePoints)
    const byClient = new Map<string, Outlet[]>()
    for (const outlet of tree.outlets.values()) {
      byClient.set(outlet.clientID, [...(byClient.get(outlet.clientID) ?? []), outlet])
      const page = this.pages.get(outlet.key)
      const row = shaped(rewireRow(page?.row ?? restored.get(outlet.key), outlet.maxA, outlet.obeysLease, outlet.phases.length, (outlet.dc ?? null) !== null))
      if (page !== undefined) {
        page.row = row
        continue
      }
      const kept = this.scope.get(`car:${outlet.key}`) as Pick<Wiring, 'car' | 'queuedAtMs'> | undefined
      this.pages.set(outlet.key, { row, wiring: { status: 'Unknown', car: kept?.car ?? noCar, queuedAtMs: kept?.queuedAtMs ?? 0 } })
      this.needs.told(outlet.key, kept?.car.energyNeededWh ?? null)
    }
    this.byClient = byClient
    this.chargePoints = chargePoints
    for (const clientID of this.quirks.keys()) if (!byClient.has(clientID)) this.quirks.delete(clientID)
    for (const [clientID, outlets] of byClient) {
      const learnt = this.scope.get(`learnt:${clientID}`) as { readonly quirks?: Quirks } | undefined
      const quirks = this.quirks.get(clientID) ?? learnt?.quirks ?? usualQuirks
      this.quirks.set(clientID, quirks)
      for (const { key } of outlets) this.bookRow(key, { type: 'quirks', quirks })
    }
    for (const key of new Set([...this.pages.keys(), ...restored.keys()])) {
      if (tree.outlets.has(key)) continue
      this.pages.delete(key)
      this.shown.delete(key)
      this.needs.forget(key, true)
      this.scope.delete(`row:${key}`)
      this.scope.delete(`car:${key}`)
    }
    return tree
  }
}
