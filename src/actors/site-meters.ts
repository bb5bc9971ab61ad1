// Where the live readings of a site's connectors go: what each concerns is looked up once for as long as the site is wired so, since they come by the thousand.
import { connectorKey } from '../power/site.ts'
import type { Outlet, Tree } from '../power/tree.ts'
import type { Books, Page } from './books.ts'
import type { Count } from './energy-needs.ts'
import type { Heard } from './heard.ts'
import type { LimitAccount, Running } from './limit-account.ts'
import { heardOf, noteHeard, type Meters } from './readings.ts'
import type { ConnectorSample, MeterSample, SampleDesk } from './site-desk.ts'
import { phasesProven, sampleOnSite, totalOf } from './translate.ts'

export interface SiteMeterPorts {
  readonly books: Books
  readonly meters: Meters
  readonly account: LimitAccount
  /** ms since the epoch that never step. */
  readonly now: () => number
  readonly wall: () => number
  /** How far the samples of a charge point are apart as it says, ms; 0 = it did not. */
  readonly sampleMs: (clientID: string) => number
  /** How often anything was learnt of a charge point. */
  readonly learnt: () => number
  /** How far the clock of a charge point is off, as measured now. */
  readonly trustLeases: (clientID: string, skewMs: number) => void
  /** It draws more than it accepted. */
  readonly suspect: (key: string) => void
  /** The first sample above its limit. */
  readonly exceeded: (key: string, nowMs: number) => void
  /** The plan may be another. */
  readonly material: () => void
  readonly isStopped: () => boolean
}

/** What readings of one connector concern, in a tree. */
interface Wires { readonly tree: Tree; readonly outlet: Outlet; readonly page: Page; readonly heard: Heard; readonly count: Count; readonly hasLease: boolean }

export class SiteMeters {
  private readonly ports: SiteMeterPorts
  /** Of connectors that are configured, or were when they were last heard. */
  private readonly meters = new Map<string, SiteMeter>()

  constructor(ports: SiteMeterPorts) {
    this.ports = ports
  }

  at(clientID: string, connectorId: number): SiteMeter {
    const key = connectorKey(clientID, connectorId)
    const known = this.meters.get(key)
    if (known !== undefined) return known
    const fresh = new SiteMeter(this.ports, clientID, key)
    if (this.ports.books.tree.outlets.has(key)) this.meters.set(key, fresh)
    return fresh
  }

  sampled(sample: ConnectorSample): void {
    if (sample.live) this.at(sample.clientID, sample.connectorId).take(sample)
  }

  /** Those of connectors that are gone go with them. */
  keepOnly(known: ReadonlyMap<string, unknown>): void {
    for (const key of this.meters.keys()) if (!known.has(key)) this.meters.delete(key)
  }
}

export class SiteMeter implements SampleDesk {
  private readonly ports: SiteMeterPorts
  private readonly clientID: string
  private readonly key: string
  private wires: Wires | null = null
  private running: Running | undefined = undefined
  private sampleMs = 0
  private learnt = -1

  constructor(ports: SiteMeterPorts, clientID: string, key: string) {
    this.ports = ports
    this.clientID = clientID
    this.key = key
  }

  /** A live sample: what it says is counted, booked, and planned by where it matters. */
  take(sample: MeterSample): void {
    const { ports } = this
    const wires = this.wiresNow()
    if (wires === null || ports.isStopped()) return
    const { outlet, page } = wires
    const { energyWh } = sample
    const receivedAtMs = ports.now()
    const measuredAtMs = receivedAtMs - Math.max(0, sample.receivedAtMs - sample.measuredAtMs)
    if (energyWh !== null) this.account(energyWh, measuredAtMs, receivedAtMs)
    const siteA = sampleOnSite(outlet, sample)
    if (siteA === null) return
    const highestA = Math.max(siteA.L1, siteA.L2, siteA.L3)
    if (!Number.isFinite(highestA)) return
    const { books } = ports
    const reading = { siteA, provenPhases: phasesProven(outlet, sample, siteA), spread: sample.spread === true, totalA: totalOf(sample, siteA), highestA, powerW: sample.powerW, energyWh, measuredAtMs, receivedAtMs }
    books.overruleCar(outlet, page, reading)
    const { transactionId, excess } = page.row
    noteHeard(ports.meters, this.key, wires.heard, reading, transactionId, this.toldMs(outlet))
    const isNews = books.sampled(outlet, page, reading, receivedAtMs)
    const after = page.row
    if (after.disobeying) ports.suspect(this.key)
    if (!excess && after.excess) ports.exceeded(this.key, receivedAtMs)
    const needsOther = books.needs.read(this.key, energyWh, wires.count)
    if (needsOther || isNews || after.excess) ports.material()
  }

  /** Most have no lease that could be trusted. */
  clockMeasured(skewMs: number): void {
    const wires = this.wiresNow()
    if (wires === null || wires.hasLease) this.ports.trustLeases(this.clientID, skewMs)
  }

  private wiresNow(): Wires | null {
    return this.wires?.tree === this.ports.books.tree ? this.wires : this.rewire()
  }

  private rewire(): Wires | null {
    const { books, meters } = this.ports
    const { tree } = books
    const outlet = tree.outlets.get(this.key)
    const page = books.page(this.key)
    this.learnt = -1
    if (outlet === undefined || page === undefined) return this.wires = null
    return this.wires = { tree, outlet, page, heard: heardOf(meters, this.key), count: books.needs.at(this.key), hasLease: books.outletsOf(outlet.clientID).some(({ obeysLease }) => obeysLease) }
  }

  private account(energyWh: number, measuredAtMs: number, nowMs: number): void {
    const { account, wall } = this.ports
    if (this.running === undefined || this.running.isOver) this.running = account.at(this.key)
    if (this.running !== undefined) account.read(this.running, energyWh, measuredAtMs, nowMs, wall)
  }

  private toldMs({ clientID }: Outlet): number {
    const learnt = this.ports.learnt()
    if (this.learnt === learnt) return this.sampleMs
    this.learnt = learnt
    return this.sampleMs = this.ports.sampleMs(clientID)
  }
}
