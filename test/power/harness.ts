// Plays a site against modelled charge points on its own time: plan → book → send, with losses, silences and restarts, and a witness.
import { book, restoreRow } from '../../src/power/booking.ts'
import { defaultWorstA, openRow, txWorstA, type Entry, type Fact, type Row } from '../../src/power/ledger.ts'
import type { GridLimit } from '../../src/power/limits.ts'
import type { Place } from '../../src/power/loads.ts'
import { plan, type Plan } from '../../src/power/plan.ts'
import { perPhase, type PhaseAmps } from '../../src/power/site.ts'
import type { Outlet, Tree } from '../../src/power/tree.ts'
import { ModelledConnector, prompt, type Car, type Profile, type Treatment } from './modelled-charger.ts'
import { Witness } from './witness.ts'

interface Job { readonly key: string; readonly slot: 'default' | 'tx'; readonly seq: number | null }
interface Call { readonly key: string; readonly entry: Entry; readonly timeoutMs: number }

interface Station {
  readonly id: string
  readonly keys: readonly string[]
  online: boolean
  /** Off, or not yet heard of since. */
  booting: boolean
  /** Changes with every connection: what was under way on an older one is lost. */
  generation: number
  call: Call | null
  lowerings: Job[]
  raisings: Job[]
  /** It works off what it gets in order. */
  busyUntilMs: number
  treat: (profile: Profile) => Treatment
  /** What it has to say once it is connected again: transactions begun and ended meanwhile. */
  untold: (() => void)[]
}

export interface Sent { readonly atMs: number; readonly key: string; readonly slot: 'default' | 'tx'; readonly limitA: number; readonly kind: 'lower' | 'raise' }

export interface PlayOptions {
  readonly tree: Tree
  readonly leaseMs?: number
  readonly followMs?: number
  readonly sampleMs?: number
  readonly commitMs?: number
  /** Looks at every plan, before it is booked. */
  readonly onPlan?: (play: Play, made: Plan) => void
}

const callTimeoutMs = 30_000
const inFrontMs = 5_000

export class Play {
  nowMs = 0
  grid: GridLimit | null = null
  baseA: PhaseAmps = perPhase(0)
  plan: Plan | null = null
  readonly tree: Tree
  readonly rows = new Map<string, Row>()
  readonly stations = new Map<string, Station>()
  readonly connectors = new Map<string, ModelledConnector>()
  readonly sent: Sent[] = []
  readonly witness: Witness
  private readonly cars = new Map<string, Partial<Place>>()
  private readonly agenda: { atMs: number; order: number; run: () => void }[] = []
  private readonly options: PlayOptions
  private order = 0
  private seq = 0
  private run = 0
  private dueAtMs = Infinity

  constructor(options: PlayOptions) {
    this.options = options
    this.tree = options.tree
    this.witness = new Witness(this)
    for (const outlet of options.tree.outlets.values()) {
      this.rows.set(outlet.key, openRow(outlet.maxA, outlet.obeysLease))
      this.connectors.set(outlet.key, new ModelledConnector(outlet.maxA, outlet.obeysLease, outlet.phases))
      const known = this.stations.get(outlet.clientID)
      if (known !== undefined) this.stations.set(outlet.clientID, { ...known, keys: [...known.keys, outlet.key] })
      else {
        this.stations.set(outlet.clientID, {
          id: outlet.clientID, keys: [outlet.key], online: false, booting: false, generation: 0, call: null, lowerings: [], raisings: [], busyUntilMs: 0,
          treat: () => prompt, untold: [],
        })
      }
    }
    this.every(options.sampleMs ?? 10_000, () => this.sample())
  }

  /** Plans `run` for `atMs` from the start. */
  at(atMs: number, run: () => void): void {
    this.agenda.push({ atMs, order: this.order++, run })
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
    this.hangUp(station)
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
    this.tell(key, { type: 'started', transactionId }, () => this.cars.set(key, { queuedAtMs: this.nowMs, ...known }))
  }

  stop(key: string): void {
    const { transactionId } = this.connectors.get(key)!
    if (transactionId === null) return
    this.changeTruth(key, (connector) => connector.unplug())
    this.tell(key, { type: 'stopped', transactionId }, () => undefined)
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
    for (const station of this.stations.values()) {
      if (!station.online) continue
      Object.assign(station, { online: false, generation: station.generation + 1, call: null, lowerings: [], raisings: [] })
      const { generation } = station
      this.after(800, () => { if (station.generation === generation) this.connect(station.id) })
    }
    for (const [key, row] of this.rows) this.rows.set(key, restoreRow(JSON.parse(JSON.stringify(row)) as Row))
  }

  treat(stationID: string, treat: (profile: Profile) => Treatment): void {
    this.stations.get(stationID)!.treat = treat
  }

  // The engine's side.

  places(): Place[] {
    return [...this.tree.outlets.values()].map((outlet) => ({
      outlet, row: this.rows.get(outlet.key)!, online: this.stations.get(outlet.clientID)!.online,
      vehiclePhases: null, vehicleMaxA: null, priority: 0, weight: 1, queuedAtMs: 0, ...this.cars.get(outlet.key),
    }))
  }

  book(key: string, fact: Fact): void {
    this.rows.set(key, book(this.rows.get(key)!, fact))
  }

  outlet(key: string): Outlet {
    return this.tree.outlets.get(key)!
  }

  private review(): void {
    const made = plan({ tree: this.tree, grid: this.grid, baseA: this.baseA, places: this.places() }, this.nowMs)
    this.options.onPlan?.(this, made)
    this.plan = made
    this.dueAtMs = made.nextAtMs
    for (const { key, ...note } of made.notes) this.book(key, { type: 'noted', ...note })
    for (const { key, slot } of made.lowerings) this.queue(key, { key, slot, seq: null })
    const { run } = this
    for (const order of [...made.renewals, ...made.raisings]) {
      const booked = this.entryFor(order.key, order.slot, order.limitA)
      this.book(order.key, { type: 'booked', entry: booked })
      this.after(this.options.commitMs ?? 20, () => {
        if (run === this.run && this.isBooked(order.key, booked)) this.queue(order.key, { key: order.key, slot: order.slot, seq: booked.seq })
      })
    }
  }

  private queue(key: string, job: Job): void {
    const station = this.stations.get(this.outlet(key).clientID)!
    if (!station.online) {
      if (job.seq !== null) this.book(key, { type: 'dropped', seq: job.seq })
      return
    }
    if (job.seq !== null) station.raisings.push(job)
    else if (!station.lowerings.some((one) => one.key === key && one.slot === job.slot)) station.lowerings.push(job)
    this.sendNext(station)
    if (station.lowerings.length > 0 && station.call !== null) this.armTimeout(station, station.call, Math.max(this.nowMs, station.call.timeoutMs - callTimeoutMs + inFrontMs))
  }

  private sendNext(station: Station): void {
    while (station.call === null && station.online) {
      const job = station.lowerings.shift() ?? station.raisings.shift()
      if (job === undefined) return
      const ready = job.seq === null ? this.buildLowering(job) : this.checkRaising(job)
      if (ready !== null) this.send(station, ready, job.seq === null ? 'lower' : 'raise')
    }
  }

  private buildLowering({ key, slot }: Job): Entry | null {
    const row = this.rows.get(key)!
    const target = this.plan!.targets.get(key)!
    if (slot === 'tx' && row.transactionId === null) return null
    const limitA = slot === 'default' ? target.fallbackA : target.allocatedA
    const unproven = slot === 'default' && (row.default.confirmed === null || row.doubtSinceMs !== null)
    if ((slot === 'default' ? defaultWorstA : txWorstA)(row, this.nowMs) <= limitA && !unproven) return null
    for (const waiting of row[slot].inFlight) if (waiting.state === 'booked') this.book(key, { type: 'dropped', seq: waiting.seq })
    const made = this.entryFor(key, slot, limitA)
    this.book(key, { type: 'booked', entry: made })
    return made
  }

  private checkRaising({ key, slot, seq }: Job): Entry | null {
    const made = this.rows.get(key)![slot].inFlight.find((one) => one.seq === seq && one.state === 'booked')
    if (made === undefined) return null
    const target = this.plan!.targets.get(key)!
    const renews = this.rows.get(key)![slot].confirmed?.limitA === made.limitA
    const stale = (slot === 'default' ? target.fallbackA : target.allocatedA) < made.limitA
      || (!renews && this.plan!.over.some(({ constraint }) => target.place.outlet.path.includes(constraint.nodeID)))
    if (!stale) return made
    this.book(key, { type: 'dropped', seq: made.seq })
    return null
  }

  private send(station: Station, made: Entry, kind: 'lower' | 'raise'): void {
    const key = station.keys.find((one) => this.isBooked(one, made))!
    this.sent.push({ atMs: this.nowMs, key, slot: made.slot, limitA: made.limitA, kind })
    this.book(key, { type: 'sent', seq: made.seq })
    const call: Call = { key, entry: made, timeoutMs: this.nowMs + callTimeoutMs }
    station.call = call
    const profile: Profile = { ...made, transactionId: made.slot === 'tx' ? this.rows.get(key)!.transactionId : null }
    const treatment = station.treat(profile)
    const late = treatment.applyMs === null || treatment.answerMs === null || treatment.answerMs > 1_000
    if (late || treatment.verdict === 'Rejected') this.witness.excuse(`${station.id} does not follow`, Math.max(treatment.applyMs ?? 0, treatment.answerMs ?? 0))
    const startsMs = Math.max(this.nowMs, station.busyUntilMs)
    let applied = treatment.verdict === 'Accepted'
    if (treatment.applyMs !== null && applied) {
      station.busyUntilMs = startsMs + treatment.applyMs
      const { generation } = station
      // What has reached it is worked off even when the socket drops meanwhile, unless it answers only to the living.
      this.at(station.busyUntilMs, () => {
        if (station.generation === generation || treatment.answerMs === null) this.changeTruth(key, (connector) => { applied = connector.apply(profile) })
      })
    }
    if (treatment.answerMs !== null) {
      const answerAtMs = Math.max(startsMs + treatment.answerMs, station.busyUntilMs)
      station.busyUntilMs = answerAtMs
      const { generation } = station
      this.at(answerAtMs, () => {
        if (station.generation !== generation) return
        if (station.call === call) station.call = null
        this.book(key, { type: applied ? 'accepted' : 'refused', seq: made.seq, atMs: this.nowMs })
        this.sendNext(station)
      })
    }
    this.armTimeout(station, call, station.lowerings.length > 0 ? this.nowMs + inFrontMs : call.timeoutMs)
  }

  private armTimeout(station: Station, call: Call, atMs: number): void {
    this.at(atMs, () => {
      if (station.call !== call) return
      station.call = null
      this.book(call.key, { type: 'unanswered', seq: call.entry.seq })
      this.review()
      this.sendNext(station)
    })
  }

  private hangUp(station: Station): void {
    for (const key of station.keys) {
      for (const slot of ['default', 'tx'] as const) {
        for (const made of this.rows.get(key)![slot].inFlight) {
          if (made.state === 'booked') this.book(key, { type: 'dropped', seq: made.seq })
          if (made.state === 'sent') this.book(key, { type: 'unanswered', seq: made.seq })
        }
      }
    }
    Object.assign(station, { call: null, lowerings: [], raisings: [] })
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
      this.book(key, { type: 'sampled', highestA: connector.drawnA, measuredAtMs: this.nowMs - 100, atMs: this.nowMs })
    }
  }

  private changeTruth(key: string, change: (connector: ModelledConnector) => void): void {
    const connector = this.connectors.get(key)!
    change(connector)
    this.after(this.options.followMs ?? 3_000, () => connector.follow(this.nowMs))
    // A lease that ends is noticed by the car as well.
    const endsAtMs = connector.tx?.leaseEndsAtMs ?? null
    if (endsAtMs !== null) this.at(endsAtMs + (this.options.followMs ?? 3_000), () => connector.follow(this.nowMs))
  }

  private entryFor(key: string, slot: 'default' | 'tx', limitA: number): Entry {
    const { fallbackA } = this.plan!.targets.get(key)!
    const leased = slot === 'tx' && limitA > fallbackA
    return { seq: ++this.seq, slot, limitA, fallbackA, leaseEndsAtMs: leased ? this.nowMs + (this.options.leaseMs ?? 900_000) : null, bookedAtMs: this.nowMs, state: 'booked' }
  }

  private isBooked(key: string, made: Entry): boolean {
    return this.rows.get(key)![made.slot].inFlight.some((one) => one.seq === made.seq && one.state === 'booked')
  }
}
