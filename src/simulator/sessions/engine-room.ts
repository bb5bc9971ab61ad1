// The engine of a player: the real plan and ledger, with one call at a time to each charge point, lowerings first.
import { book } from '../../power/booking.ts'
import { grantSlot, mustTell, openRow, type Entry, type Row } from '../../power/ledger.ts'
import type { GridLimit } from '../../power/limits.ts'
import type { Place } from '../../power/loads.ts'
import { plan, type Plan } from '../../power/plan.ts'
import { defaultNowA } from '../../power/rungs.ts'
import { worthA } from '../../power/watts.ts'
import type { PhaseAmps } from '../../power/site.ts'
import type { Outlet, Tree } from '../../power/tree.ts'
import type { SiteLimits } from './site-limits.ts'

type Slot = Entry['slot']
interface Call { readonly key: string; readonly entry: Entry; readonly renews: boolean }
/** `seq` null = a lowering, built as it leaves. */
interface Job { readonly key: string; readonly slot: Slot; readonly seq: number | null; readonly renews: boolean }
interface Station { call: Call | null; lowerings: Job[]; raisings: Job[] }

/** What the engine is told of a car. */
export interface Told {
  readonly queuedAtMs: number
  readonly vehiclePhases: number | null
  readonly vehicleMaxA: number | null
  /** As its driver said; null = not at all. */
  readonly departureAtMs: number | null
  /** What it still needs by what was measured; null = nobody said. */
  readonly remainingWh: number | null
}

export interface EngineRoomOptions {
  readonly tree: Tree
  readonly grid: GridLimit | null
  readonly limits: SiteLimits
  readonly leaseMs: number
  /** A profile is on the wire; it is answered with `answered`. */
  readonly send: (key: string, entry: Entry) => void
}

/** A pause between two plans while nothing is under way, ms: renewals and raisings that may wait are taken together. */
const quietMs = 30_000
const longestMs = 300_000

export class EngineRoom {
  baseA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  /** When it must look again, ms. */
  dueAtMs = 0
  profilesSent = 0
  private made: Plan | null = null
  private readonly options: EngineRoomOptions
  private readonly rows = new Map<string, Row>()
  private readonly told = new Map<string, Told>()
  private readonly stations = new Map<string, Station>()
  private readonly places = new Map<string, Place>()
  private calls = 0
  private seq = 0

  constructor(options: EngineRoomOptions, nowMs: number) {
    this.options = options
    for (const outlet of options.tree.outlets.values()) {
      this.stations.set(outlet.clientID, { call: null, lowerings: [], raisings: [] })
      this.put(outlet, book(openRow(outlet.maxA, outlet.obeysLease, outlet.phases.length), { type: 'contacted', atMs: nowMs }))
    }
  }

  row(key: string): Row {
    return this.rows.get(key)!
  }

  started(key: string, transactionId: number, told: Told): void {
    this.told.set(key, told)
    this.change(key, { type: 'started', transactionId })
    this.change(key, { type: 'told', phases: told.vehiclePhases })
  }

  stopped(key: string): void {
    const { transactionId } = this.row(key)
    this.told.delete(key)
    if (transactionId !== null) this.change(key, { type: 'stopped', transactionId })
    this.change(key, { type: 'told', phases: null })
  }

  /** A live sample; true when it may change the plan. */
  sampled(key: string, highestA: number, phases: number, nowMs: number, remainingWh: number | null): boolean {
    const before = this.row(key)
    const told = this.told.get(key)
    if (told !== undefined && remainingWh !== null) this.told.set(key, { ...told, remainingWh })
    this.change(key, { type: 'sampled', highestA, phases: highestA > 0.5 ? phases : 0, leastA: this.outlet(key).minA, measuredAtMs: nowMs - 100, atMs: nowMs })
    const after = this.row(key)
    return before.settling !== after.settling || before.excess !== after.excess || before.phases !== after.phases || before.reclaim?.capA !== after.reclaim?.capA || (remainingWh === 0 && (told?.remainingWh ?? 0) > 0)
  }

  /** It took the profile; true when that may change the plan (a renewal does not). */
  accepted(key: string, nowMs: number): boolean {
    const { clientID } = this.outlet(key)
    const station = this.stations.get(clientID)!
    const { call } = station
    if (call === null) return false
    station.call = null
    this.calls--
    this.change(call.key, { type: 'accepted', seq: call.entry.seq, atMs: nowMs, unit: 'A', ladder: 'tx' })
    this.sendNext(station, nowMs)
    return !call.renews
  }

  review(nowMs: number): void {
    const { tree, grid, limits } = this.options
    const timed = limits.timed(nowMs)
    const lookAgainMs = limits.lookAgainMs(nowMs) ?? longestMs
    for (const [key, row] of this.rows) if (row.settling !== null) this.change(key, { type: 'settled', atMs: nowMs })
    const made = plan({ tree, grid, baseA: this.baseA, places: [...this.places.values()].filter(matters), timed, longestMs: lookAgainMs }, nowMs)
    this.made = made
    for (const { key, ...note } of made.notes) this.change(key, { type: 'noted', ...note })
    for (const { key, capA } of made.probes) this.change(key, { type: 'probed', capA, atMs: nowMs })
    for (const { key, slot } of made.lowerings) {
      const { lowerings } = this.stationOf(key)
      if (!lowerings.some((one) => one.key === key && one.slot === slot)) lowerings.push({ key, slot, seq: null, renews: false })
    }
    for (const { key } of made.lowerings) this.sendNext(this.stationOf(key), nowMs)
    this.raise(made, nowMs)
    const quiet = this.calls === 0 && made.state === 'enforced' && lookAgainMs >= quietMs
    this.dueAtMs = quiet ? Math.min(Math.ceil(made.nextAtMs / quietMs) * quietMs, limits.nextEdgeMs(timed, nowMs)) : made.nextAtMs
  }

  private raise(made: Plan, nowMs: number): void {
    for (const [orders, renews] of [[made.renewals, true], [made.raisings, false]] as const) {
      for (const { key, slot, limitA } of orders) {
        const entry = this.entryFor(key, slot, limitA, nowMs)
        this.change(key, { type: 'booked', entry })
        const station = this.stationOf(key)
        station.raisings.push({ key, slot, seq: entry.seq, renews })
        this.sendNext(station, nowMs)
      }
    }
  }

  private sendNext(station: Station, nowMs: number): void {
    while (station.call === null) {
      const job = station.lowerings.shift() ?? station.raisings.shift()
      if (job === undefined) return
      const entry = job.seq === null ? this.buildLowering(job, nowMs) : this.checkRaising(job)
      if (entry === null) continue
      station.call = { key: job.key, entry, renews: job.renews }
      this.calls++
      this.profilesSent++
      this.change(job.key, { type: 'sent', seq: entry.seq })
      this.options.send(job.key, entry)
    }
  }

  private buildLowering({ key, slot }: Job, nowMs: number): Entry | null {
    const row = this.row(key)
    const target = this.made?.targets.get(key)
    if (target === undefined || (slot === 'tx' && (row.transactionId === null || grantSlot(row) !== 'tx'))) return null
    const limitA = slot === 'default' ? defaultNowA([row], target.defaultA, nowMs) : target.txA
    if (!mustTell(row, slot, limitA, nowMs)) return null
    for (const waiting of row[slot].inFlight) if (waiting.state === 'booked') this.change(key, { type: 'dropped', seq: waiting.seq })
    // Where nothing else was too much, what is left to tell would be a raising.
    if (!mustTell(this.row(key), slot, limitA, nowMs)) return null
    const entry = this.entryFor(key, slot, limitA, nowMs)
    this.change(key, { type: 'booked', entry })
    return entry
  }

  private checkRaising({ key, slot, seq }: Job): Entry | null {
    const row = this.row(key)
    const entry = row[slot].inFlight.find((one) => one.seq === seq && one.state === 'booked')
    const target = this.made?.targets.get(key)
    if (entry === undefined || target === undefined) return null
    const { confirmed } = row[slot]
    const renews = confirmed !== null && worthA(confirmed, row) >= worthA(entry, row)
    const shed = this.made!.over.some(({ constraint }) => target.place.outlet.path.includes(constraint.nodeID))
    if ((slot === 'default' ? target.defaultA : target.txA) >= entry.limitA && (renews || !shed)) return entry
    this.change(key, { type: 'dropped', seq: entry.seq })
    return null
  }

  private entryFor(key: string, slot: Slot, limitA: number, nowMs: number): Entry {
    const fallbackA = this.made?.targets.get(key)?.fallbackA ?? 0
    const leased = slot === 'tx' && limitA > fallbackA
    return { seq: ++this.seq, slot, limitA, fallbackA, leaseEndsAtMs: leased ? nowMs + this.options.leaseMs : null, bookedAtMs: nowMs, state: 'booked' }
  }

  private outlet(key: string): Outlet {
    return this.options.tree.outlets.get(key)!
  }

  private stationOf(key: string): Station {
    return this.stations.get(this.outlet(key).clientID)!
  }

  private change(key: string, fact: Parameters<typeof book>[1]): void {
    this.put(this.outlet(key), book(this.row(key), fact))
  }

  private put(outlet: Outlet, row: Row): void {
    const { key } = outlet
    this.rows.set(key, row)
    this.places.set(key, {
      outlet, row, online: true, vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0, ...this.told.get(key),
    })
  }
}

/** An idle connector that holds a confirmed 0 counts nothing and needs nothing: the plan is the same without it. */
function matters({ row, outlet }: Place): boolean {
  const rests = row.transactionId === null && row.settling === null && row.lowering === null && outlet.control === 'engine' && outlet.fallbackA === 0
  return !rests || row.default.confirmed?.limitA !== 0 || row.default.inFlight.length > 0
}
