// Writes down when each connector was available: rows on change, so that it can be told later how much of the time.
import type { Subscription } from 'rxjs'
import { connectorKey } from '../power/site.ts'
import { availabilitySeries, availabilityTimes, type AvailabilityRow } from './availability-rows.ts'
import { connectorOf } from './charge-point.ts'
import type { Estate } from './estate.ts'
import { ShelfWriter } from './shelf-writer.ts'

/** So long after a start charge points may take to come back before they count as away. */
const returnMs = 120_000
const bootMs = 10_000
const hearsOf: readonly string[] = ['chargepoint.connected', 'chargepoint.disconnected', 'connector.status', 'chargepoint.accepted']

interface Shelf {
  readonly writer: ShelfWriter<{ readonly atMs: number; readonly row: AvailabilityRow }>
  /** As said last. */
  readonly states: Map<string, 0 | 1>
  readonly begunMono: number
  saidAllMono: number
}

export class Availability {
  private readonly estate: Estate
  private readonly shelves = new Map<string, Shelf>()
  /** Charge points of which something was heard, looked at together. */
  private readonly heardOf = new Set<string>()
  /** Those that have connected, until they are looked at once more. */
  private readonly booting = new Set<string>()
  private heard: Subscription | null = null
  private cancelTimer: () => void = () => undefined
  private stopped = false

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** From now on; whatever was written before the start no longer holds. */
  begin(): void {
    for (const siteID of this.estate.sites.keys()) this.shelf(siteID)
    this.heard = this.estate.events.facts$.subscribe(({ type, clientID }) => {
      if (clientID === undefined || !hearsOf.includes(type)) return
      this.look([clientID])
      if (type === 'chargepoint.connected') this.lookAgain(clientID)
    })
    this.pace(returnMs)
  }

  /** Resolves when what was said of a site can be read, or the store has refused it. */
  async settle(siteID: string): Promise<void> {
    await this.shelves.get(siteID)?.writer.flush()
  }

  /** Of a site that is no more. */
  async forget(siteID: string): Promise<void> {
    const { store, clock, log } = this.estate.options
    this.drop(siteID)
    await store.expire(siteID, availabilitySeries, clock.wall() + 2 * 86_400_000).catch((error: unknown) => log.warn({ siteID, error }, 'the availability of a deleted site could not be dropped'))
  }

  async stop(): Promise<void> {
    this.halt()
    await Promise.all([...this.shelves.values()].map(({ writer }) => { writer.stop(); return writer.flush() }))
  }

  /** As if killed. */
  abandon(): void {
    this.halt()
    for (const { writer } of this.shelves.values()) writer.abandon()
  }

  private halt(): void {
    this.stopped = true
    this.heard?.unsubscribe()
    this.cancelTimer()
  }

  private pace(delayMs: number): void {
    this.cancelTimer = this.estate.options.clock.after(delayMs, () => {
      this.beat()
      this.pace(availabilityTimes.beatMs)
    })
  }

  private shelf(siteID: string): Shelf {
    const known = this.shelves.get(siteID)
    if (known !== undefined) return known
    const { store, clock, log } = this.estate.options
    const made: Shelf = {
      writer: new ShelfWriter({
        siteID, clock, log, what: 'availability rows', mostRows: 5_000, mostBytes: 16 * 1024 * 1024, sizeOf: ({ row }) => ('s' in row ? 40 + 24 * Object.keys(row.s).length : 40),
        write: (rows) => store.append(siteID, availabilitySeries, rows.map(({ atMs, row }) => ({ atMs, value: row })), { keepMs: this.estate.retention.days('availability') * 86_400_000 }),
        tidy: () => Promise.resolve(),
      }),
      states: new Map(), begunMono: clock.mono(), saidAllMono: clock.mono(),
    }
    this.shelves.set(siteID, made)
    this.say(made, { k: 'start' })
    return made
  }

  private say(shelf: Shelf, row: AvailabilityRow): void {
    const { clock } = this.estate.options
    shelf.writer.add({ atMs: clock.wall(), row })
  }

  /** In the next turn: its actors may be in the middle of it. */
  private look(clientIDs: Iterable<string>): void {
    if (this.heardOf.size === 0) this.estate.options.clock.after(0, () => this.lookAtHeard())
    for (const clientID of clientIDs) this.heardOf.add(clientID)
  }

  /** A boot that is accepted is no event of its own, and follows a connection. */
  private lookAgain(clientID: string): void {
    if (this.booting.size === 0) this.estate.options.clock.after(bootMs, () => {
      this.look(this.booting)
      this.booting.clear()
    })
    this.booting.add(clientID)
  }

  private lookAtHeard(): void {
    if (this.stopped) return
    const changes = new Map<string, Record<string, 0 | 1>>()
    for (const clientID of this.heardOf) {
      const siteID = this.estate.point(clientID)?.record.config.site
      if (siteID === undefined) continue
      const { states } = this.shelf(siteID)
      for (const [key, is] of this.statesOf(clientID)) {
        if (states.get(key) === is) continue
        states.set(key, is)
        const others = changes.get(siteID) ?? {}
        others[key] = is
        changes.set(siteID, others)
      }
    }
    this.heardOf.clear()
    for (const [siteID, s] of changes) this.say(this.shelf(siteID), { k: 'change', s })
  }

  /** Everything is looked at, and said again from time to time; otherwise that somebody looks still. */
  private beat(): void {
    const { clock } = this.estate.options
    const bySite = new Map<string, Map<string, 0 | 1>>([...this.estate.sites.keys()].map((siteID) => [siteID, new Map()]))
    for (const { record: { config } } of this.estate.points.values()) for (const [key, is] of this.statesOf(config.id)) bySite.get(config.site)?.set(key, is)
    for (const [siteID, now] of bySite) {
      const shelf = this.shelf(siteID)
      const { states } = shelf
      if (clock.mono() < shelf.begunMono + returnMs) continue
      const same = now.size === states.size && [...now].every(([key, is]) => states.get(key) === is)
      if (!same || clock.mono() >= shelf.saidAllMono + availabilityTimes.allMs) {
        states.clear()
        for (const [key, is] of now) states.set(key, is)
        shelf.saidAllMono = clock.mono()
        this.say(shelf, { k: 'all', s: Object.fromEntries(now) })
      } else this.say(shelf, { k: 'beat' })
    }
    for (const siteID of this.shelves.keys()) if (!this.estate.sites.has(siteID)) this.drop(siteID)
  }

  private drop(siteID: string): void {
    this.shelves.get(siteID)?.writer.abandon()
    this.shelves.delete(siteID)
  }

  private statesOf(clientID: string): [key: string, is: 0 | 1][] {
    const point = this.estate.point(clientID)
    if (point === undefined) return []
    // One whose actors wait for their turn is not connected.
    const snapshot = point.opened?.station.snapshot()
    const online = snapshot !== undefined && snapshot.context.session !== null && snapshot.context.accepted && works(snapshot.context.whole?.status)
    return point.record.config.connectors.map(({ id }) => [connectorKey(point.record.config.id, id), online && works(connectorOf(snapshot, id)?.status) ? 1 : 0])
  }
}

/** One that has said nothing yet is taken to work. */
function works(status = 'Unknown'): boolean {
  return status !== 'Faulted' && status !== 'Unavailable'
}
