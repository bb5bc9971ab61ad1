// Plays a site against modelled charge points on its own time: plan → book → send, with losses, silences and restarts, and a witness.
import { book } from '../../src/power/booking.ts'
import { grantSlot, openRow, type Entry, type Fact, type Row } from '../../src/power/ledger.ts'
import type { GridLimit } from '../../src/power/limits.ts'
import type { Place } from '../../src/power/loads.ts'
import { openMemory } from '../../src/power/memory.ts'
import type { Plan } from '../../src/power/plan.ts'
import { sharesOne, usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { perPhase, type PhaseAmps } from '../../src/power/site.ts'
import type { Outlet, Tree } from '../../src/power/tree.ts'
import { provenPhases, spreadOf } from '../../src/power/watts.ts'
import { ModelledConnector, type Car, type Profile, type Treatment } from './modelled-charger.ts'
import { planTwice } from './plan-twice.ts'
import { Wire, type Sent, type Station } from './wire.ts'
import { Witness } from './witness.ts'

export interface PlayOptions {
  readonly tree: Tree
  readonly leaseMs?: number
  readonly followMs?: number
  readonly sampleMs?: number
  readonly commitMs?: number
  /** How charge points want their profiles; left out = as usual. */
  readonly quirks?: ReadonlyMap<string, Quirks>
  /** Those whose samples do not say on which phases the current flows. */
  readonly vague?: ReadonlySet<string>
  /** Looks at every plan, before it is booked. */
  readonly onPlan?: (play: Play, made: Plan) => void
}

export class Play {
  nowMs = 0
  grid: GridLimit | null = null
  baseA: PhaseAmps = perPhase(0)
  plan: Plan | null = null
  readonly tree: Tree
  readonly rows = new Map<string, Row>()
  readonly wire: Wire
  readonly connectors = new Map<string, ModelledConnector>()
  readonly witness: Witness
  private readonly quirks: Map<string, Quirks>
  private readonly cars = new Map<string, Partial<Place>>()
  private readonly shown = new Map<string, { readonly place: Place; readonly car: Partial<Place> | undefined }>()
  private memory = openMemory()
  private readonly agenda: { atMs: number; order: number; run: () => void }[] = []
  private readonly options: PlayOptions
  private order = 0
  private seq = 0
  private run = 0
  private dueAtMs = Infinity

  constructor(options: PlayOptions) {
    this.options = options
    this.quirks = new Map(options.quirks)
    this.tree = options.tree
    this.witness = new Witness(this)
    this.wire = new Wire(this)
    for (const outlet of options.tree.outlets.values()) {
      this.rows.set(outlet.key, book({ ...openRow(outlet.maxA, outlet.obeysLease, outlet.phases.length), ...((outlet.dc ?? null) === null ? {} : { direct: true as const }) }, { type: 'quirks', quirks: this.quirksOf(outlet.clientID) }))
      this.connectors.set(outlet.key, new ModelledConnector(outlet.maxA, outlet.obeysLease, outlet.phases, (outlet.dc ?? null) !== null))
    }
    this.every(options.sampleMs ?? 10_000, () => this.sample())
  }

  /** Plans `run` for `atMs` from the start. */
  at(atMs: number, run: () => void): void {
    this.agenda.push({ atMs: Math.max(atMs, this.nowMs), order: this.order++, run })
    this.agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run)
  }

  private every(periodMs: number, run: () => void): void {
    this.after(periodMs, () => {
      run()
      this.every(periodMs, run)
    })
  }

  /** Lets time go by; after every event the engine reviews its plan and the witness looks. */
  until(endMs: number): void {
    this.review()
    for (;;) {
      const atMs = Math.min(this.agenda[0]?.atMs ?? Infinity, this.dueAtMs)
      if (atMs > endMs) break
      this.nowMs = atMs
      if (this.agenda[0]?.atMs === atMs) this.agenda.shift()!.run()
      this.review()
      this.witness.look()
    }
    this.nowMs = endMs
  }

  get stations(): ReadonlyMap<string, Station> {
    return this.wire.stations
  }

  /** Everything that left, in order. */
  get sent(): readonly Sent[] {
    return this.wire.sent
  }

  // What happens outside.

  connect(stationID: string): void {
    const station = this.stations.get(stationID)!
    if (station.online || station.booting) return
    this.witness.excuse(`${stationID} is back`)
    station.online = true
    station.generation++
    for (const key of station.keys) this.book(key, { type: 'contacted', atMs: this.nowMs })
    for (const say of station.untold.splice(0)) say()
  }

  disconnect(stationID: string): void {
    const station = this.stations.get(stationID)!
    if (!station.online) return
    this.witness.excuse(`${stationID} is gone`)
    station.online = false
    station.generation++
    this.wire.hangUp(station)
  }

  /** Power off and on: the socket is gone at once, BootNotification comes after `bootMs`. Its transactions go on. */
  reboot(stationID: string, bootMs: number, forgets: boolean): void {
    const station = this.stations.get(stationID)!
    if (station.booting) return
    this.disconnect(stationID)
    station.booting = true
    if (forgets) for (const key of station.keys) this.changeTruth(key, (connector) => connector.forgetProfiles())
    this.witness.excuse(`${stationID} reboots`, bootMs)
    this.after(bootMs, () => {
      station.booting = false
      this.connect(stationID)
      for (const key of station.keys) this.book(key, { type: 'booted', atMs: this.nowMs, keepsProfiles: this.outlet(key).keepsProfiles })
    })
  }

  start(key: string, transactionId: number, car: Car, known: Partial<Place> = {}): void {
    this.changeTruth(key, (connector) => connector.plugIn(car, transactionId))
    this.tell(key, { type: 'started', transactionId }, () => {
      // What was said of it before it changed its phases holds no more.
      const vehiclePhases = this.connectors.get(key)!.switched ? null : (known.vehiclePhases ?? null)
      this.cars.set(key, { queuedAtMs: this.nowMs, ...known, vehiclePhases })
      this.book(key, { type: 'told', phases: vehiclePhases })
    })
  }

  /** The car goes on with other phases. */
  switchPhases(key: string, phases: number): void {
    if (this.connectors.get(key)!.car === null) return
    this.witness.excuse(`${key} changes its phases`)
    this.changeTruth(key, (connector) => connector.switchPhases(phases))
    if (this.cars.get(key)?.vehiclePhases !== null) this.cars.set(key, { ...this.cars.get(key), vehiclePhases: null })
  }

  stop(key: string): void {
    const { transactionId } = this.connectors.get(key)!
    if (transactionId === null) return
    this.changeTruth(key, (connector) => connector.unplug())
    this.tell(key, { type: 'stopped', transactionId }, () => this.book(key, { type: 'told', phases: null }))
  }

  limit(grid: GridLimit | null): void {
    this.witness.excuse('limit')
    this.grid = grid
  }

  base(baseA: PhaseAmps): void {
    this.witness.excuse('base load')
    this.baseA = baseA
  }

  /** kill -9 and start again: what is not in the ledger is gone; charge points are back within a second. */
  restart(): void {
    this.witness.excuse('restart')
    this.run++
    this.dueAtMs = this.nowMs
    this.plan = null
    this.memory = openMemory()
    for (const station of this.stations.values()) {
      if (!station.online) continue
      Object.assign(station, { online: false, generation: station.generation + 1, call: null, lowerings: [], raisings: [] })
      const { generation } = station
      this.after(800, () => { if (station.generation === generation) this.connect(station.id) })
    }
    for (const [key, row] of this.rows) this.rows.set(key, restoreRow(JSON.parse(JSON.stringify(row)) as Row, this.nowMs))
  }

  treat(stationID: string, treat: (profile: Profile) => Treatment): void {
    this.stations.get(stationID)!.treat = treat
  }

  // The engine's side.

  /** A place is the same object while nothing of it has changed. */
  places(): Place[] {
    return [...this.tree.outlets.values()].map((outlet) => {
      const { key } = outlet
      const [row, car, { online }] = [this.rows.get(key)!, this.cars.get(key), this.stations.get(outlet.clientID)!]
      const before = this.shown.get(key)
      if (before?.car === car && before?.place.row === row && before.place.online === online) return before.place
      const place: Place = { outlet, row, online, vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0, ...car }
      this.shown.set(key, { place, car })
      return place
    })
  }

  quirksOf(stationID: string): Quirks {
    return this.quirks.get(stationID) ?? usualQuirks
  }

  /** It takes its profiles otherwise from now on, and the engine knows; what stands there stays. */
  learn(stationID: string, quirks: Quirks): void {
    this.quirks.set(stationID, quirks)
    for (const key of this.stations.get(stationID)!.keys) this.book(key, { type: 'quirks', quirks })
    this.review()
  }

  /** All connectors that a profile for this one limits. */
  tiedTo(key: string): readonly string[] {
    const { clientID } = this.outlet(key)
    return sharesOne(this.quirksOf(clientID)) ? this.stations.get(clientID)!.keys : [key]
  }

  book(key: string, fact: Fact): void {
    const keys = fact.type === 'booked' ? this.tiedTo(key) : 'seq' in fact ? this.stations.get(this.outlet(key).clientID)!.keys : [key]
    for (const one of keys) this.rows.set(one, book(this.rows.get(one)!, fact))
  }

  outlet(key: string): Outlet {
    return this.tree.outlets.get(key)!
  }

  review(): void {
    this.excuseSwitches()
    const made = planTwice({ tree: this.tree, grid: this.grid, baseA: this.baseA, places: this.places() }, this.nowMs, this.memory)
    this.options.onPlan?.(this, made)
    this.plan = made
    this.dueAtMs = made.nextAtMs
    for (const { key, ...note } of made.notes) this.book(key, { type: 'noted', ...note })
    for (const { key, slot } of made.lowerings) this.wire.queue(key, { key, slot, seq: null })
    const { run } = this
    for (const order of [...made.renewals, ...made.raisings]) {
      const booked = this.entryFor(order.key, order.slot, order.limitA)
      this.book(order.key, { type: 'booked', entry: booked })
      this.after(this.options.commitMs ?? 20, () => {
        if (run === this.run && this.isBooked(order.key, booked)) this.wire.queue(order.key, { key: order.key, slot: order.slot, seq: booked.seq })
      })
    }
  }

  /** Watts on fewer phases than were proven: until that is measured, and lowered, nobody can know. */
  private excuseSwitches(): void {
    for (const [key, { car, switched }] of this.connectors) {
      if (switched && car !== null && car.phases < provenPhases(this.rows.get(key)!)) this.witness.excuse(`${key} uses fewer phases`)
    }
  }

  private tell(key: string, fact: Fact, change: () => void): void {
    const station = this.stations.get(this.outlet(key).clientID)!
    const say = () => {
      change()
      this.book(key, fact)
    }
    if (station.online) say()
    else station.untold.push(say)
  }

  private sample(): void {
    for (const [key, connector] of this.connectors) {
      if (!this.stations.get(this.outlet(key).clientID)!.online || connector.transactionId === null) continue
      const phases = this.options.vague?.has(this.outlet(key).clientID) || connector.drawnA <= 1 ? 0 : connector.car!.phases
      this.book(key, { type: 'sampled', highestA: connector.drawnA, measuredAtMs: this.nowMs - 100, atMs: this.nowMs, phases })
    }
  }

  changeTruth(key: string, change: (connector: ModelledConnector) => void): void {
    const connector = this.connectors.get(key)!
    change(connector)
    this.after(this.options.followMs ?? 3_000, () => connector.follow(this.nowMs))
    // A lease that ends is noticed by the car as well.
    for (const endsAtMs of connector.leasesEndAtMs) this.at(endsAtMs + (this.options.followMs ?? 3_000), () => connector.follow(this.nowMs))
  }

  entryFor(key: string, slot: 'default' | 'tx', limitA: number): Entry {
    const { fallbackA } = this.plan!.targets.get(key)!
    const row = this.rows.get(key)!
    const leased = row.quirks.lease && slot === grantSlot(row) && limitA > fallbackA
    const phases = row.quirks.unit === 'W' ? spreadOf(this.tiedTo(key).map((one) => this.rows.get(one)!), slot, limitA) : 1
    return { seq: ++this.seq, slot, limitA, ...(phases === 1 ? {} : { phases }), fallbackA, leaseEndsAtMs: leased ? this.nowMs + (this.options.leaseMs ?? 900_000) : null, bookedAtMs: this.nowMs, state: 'booked' }
  }

  isBooked(key: string, made: Entry): boolean {
    return this.rows.get(key)![made.slot].inFlight.some((one) => one.seq === made.seq && one.state === 'booked')
  }
}
