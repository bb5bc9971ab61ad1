// How the site's orders get out: lowerings at once and built as they leave, raisings durable first and checked once more.
import { leastA, mayHaveLapsed } from '../power/least.ts'
import { grantSlot, mustTell, newest, type Entry, type Row } from '../power/ledger.ts'
import type { Plan } from '../power/plan.ts'
import type { Order } from '../power/raising.ts'
import type { Quirks } from '../power/quirks.ts'
import { shapedEntry } from '../power/row-shape.ts'
import { defaultNowA } from '../power/rungs.ts'
import type { Target } from '../power/target.ts'
import { spreadOf, worthA } from '../power/watts.ts'
import type { Books } from './books.ts'
import type { EngineOptions } from './engine.ts'
import { mustFallBack } from './failsafe.ts'
import { LadderDesk } from './ladder-desk.ts'
import { LeftProfiles } from './left-profiles.ts'
import { loreOf } from './station-lore.ts'
import { nothingLearnt, readLearnt } from './learnt.ts'
import { StationLink, type Departure } from './station-link.ts'
import { entryRequest } from './translate.ts'

export interface DispatchOptions extends Pick<EngineOptions, 'scope' | 'settings' | 'now' | 'wall' | 'later' | 'answered' | 'refused' | 'lowered' | 'review' | 'lore' | 'stopTransaction'> {
  readonly books: Books
  /** The plan of the last review. */
  readonly plan: () => Plan | null
}

/** Lowerings sent in one turn; the rest follow in the next, so that sockets are served in between. */
const perTurn = 1_024

export class Dispatch {
  private readonly links = new Map<string, StationLink>()
  readonly ladder: LadderDesk
  private readonly left: LeftProfiles
  private readonly options: DispatchOptions
  /** How often anything was learnt of a charge point. */
  learnt = 0
  private seq: number
  private stopped = false
  /** Reviews of which lowerings are still to be handed out. */
  private lowering = 0
  /** The plan has failed for good: no raising leaves any more. */
  private failed = false

  constructor(options: DispatchOptions) {
    this.options = options
    this.left = new LeftProfiles({ ...options, link: (clientID) => this.link(clientID) })
    this.ladder = new LadderDesk({ ...options, link: (clientID) => this.link(clientID), repeat: (key, slot) => this.repeat(key, slot) })
    // Numbers of this run begin above every number a former one can have used.
    this.seq = options.scope.epoch * 1e9
  }

  /** Drops the lines to everybody else. */
  keepOnly(known: ReadonlySet<string>): void {
    for (const [clientID, link] of this.links) {
      if (known.has(clientID)) continue
      link.leave()
      this.links.delete(clientID)
    }
  }

  transactionEnded(key: string, transactionId: number, endedAtMs?: number): void {
    const clientID = this.options.books.tree.outlets.get(key)?.clientID
    if (clientID !== undefined) this.links.get(clientID)?.transactionEnded(transactionId, endedAtMs)
  }

  leave(clientID: string): void {
    this.links.get(clientID)?.leave()
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.stopped = true
    for (const link of this.links.values()) link.leave()
  }

  /** The plan failed for good: everybody who can be told goes down to the fallback, and nobody up. */
  holdFailsafe(): void {
    this.failed = true
    for (const outlet of this.options.books.tree.outlets.values()) {
      const { key, clientID, fallbackA } = outlet
      const isDue = () => {
        const row = this.options.books.row(key)
        return !this.stopped && row !== undefined && mustFallBack(row, fallbackA, this.options.now())
      }
      if (isDue()) this.link(clientID).send(key, `${key} failsafe`, 0, () => (isDue() ? this.depart(key, { slot: grantSlot(this.options.books.row(key)!), limitA: fallbackA, fallbackA }) : null))
    }
  }

  /** Lowerings of the last review have not all been handed out yet: what needs no hurry waits. */
  get isLowering(): boolean {
    return this.lowering > 0
  }

  sendLowerings(orders: readonly Order[]): void {
    if (this.stopped || orders.length === 0) return
    const now = orders.slice(0, perTurn)
    for (const { key, slot } of now) this.linkOf(key)?.send(key, `${key} ${slot} lower`, 0, () => this.buildLowering(key, slot))
    // Before anything else follows from the decision; the first takes what the others said along.
    for (const { key } of now) this.linkOf(key)?.hasten()
    if (orders.length === now.length) return
    this.lowering++
    this.options.later(0, () => {
      this.lowering--
      this.sendLowerings(orders.slice(perTurn))
    })
  }

  /** Called as the frame leaves: what is wanted now, not what was wanted when it was queued. */
  private buildLowering(key: string, slot: 'default' | 'tx'): Departure | null {
    const { books } = this.options
    const nowMs = this.options.now()
    const keys = slot === 'default' ? books.tiedTo(key) : [key]
    const rows = keys.map((one) => books.row(one)).filter((row) => row !== undefined)
    const target = this.options.plan()?.targets.get(key)
    if (this.stopped || rows.length < keys.length || target === undefined || (slot === 'tx' && (rows[0]!.transactionId === null || grantSlot(rows[0]!) !== 'tx'))) return null
    const wantedA = slot === 'default' ? defaultNowA(rows, target.defaultA, nowMs) : target.txA
    const limitA = this.isOver(target) ? Math.min(wantedA, leastA(rows, slot, nowMs, true)) : wantedA
    const untold = (row: Row) => {
      // A later review may have sent the same already.
      const last = row[slot].inFlight.at(-1)
      return mustTell(row, slot, limitA, nowMs) && !(last?.state === 'sent' && last.limitA === limitA && worthA(last, row) <= limitA)
    }
    if (!rows.some(untold)) return null
    // A raising that has not left yet never will.
    for (const row of rows) for (const entry of row[slot].inFlight) if (entry.state === 'booked') books.book(key, { type: 'dropped', seq: entry.seq })
    // Where nothing else was too much, what is left to tell would be a raising.
    if (!keys.some((one) => untold(books.row(one)!))) return null
    return this.depart(key, { slot, limitA, fallbackA: target.fallbackA })
  }

  /** The limit that is confirmed in that slot goes out once more, unless another is on its way; of one whose lease may have ended what it must have fallen to, as more would be a raising. */
  private repeat(key: string, slot: 'default' | 'tx'): void {
    const [first = key] = slot === 'default' ? this.options.books.tiedTo(key) : [key]
    this.linkOf(first)?.send(first, `${first} ${slot} again`, 0, () => {
      const row = this.options.books.row(first)
      if (this.stopped || row === undefined || row[slot].confirmed === null || row[slot].inFlight.some(({ state }) => state !== 'unknown')) return null
      return this.depart(first, { slot, limitA: Math.min(row[slot].confirmed.limitA, leastA([row], slot, this.options.now(), true)), fallbackA: this.options.plan()?.targets.get(first)?.fallbackA ?? row[slot].confirmed.fallbackA })
    })
  }

  /** What stands where nothing goes any more, after everything that was asked for before. */
  clearLeft(): void {
    if (!this.stopped) this.left.look()
  }

  /** Booked now; on the wire only when durable, after one more look at the plan. */
  bookRaisings(orders: readonly Order[], nowMs: number): void {
    const { scope } = this.options
    const deliverable = orders.filter(({ key }) => this.linkOf(key)?.online)
    if (deliverable.length === 0 || this.stopped || scope.failure !== null) return
    const booked = deliverable.map(({ key, slot, limitA }) => {
      const entry = this.entryFor(key, { slot, limitA, fallbackA: this.options.plan()!.targets.get(key)!.fallbackA }, nowMs)
      this.options.books.book(key, { type: 'booked', entry })
      return { key, entry, drop: () => this.options.answered(key, { type: 'dropped', seq: entry.seq }) }
    })
    scope.flush().then(
      () => { for (const { key, entry, drop } of booked) this.linkOf(key)?.send(key, `${key} ${entry.seq}`, 1, () => this.checkRaising(key, entry), drop) },
      () => { for (const { drop } of booked) drop() },
    )
  }

  /** Once more against the plan of now, as it leaves; null = stale, dropped unsent. */
  private checkRaising(key: string, entry: Entry): Departure | null {
    const row = this.options.books.row(key)
    const target = this.options.plan()?.targets.get(key)
    if (this.stopped || this.failed || row === undefined || target === undefined) return null
    if (!row[entry.slot].inFlight.some((one) => one.seq === entry.seq && one.state === 'booked')) return null
    // It would leave without its second period, and that is not durable.
    if (entry.leaseEndsAtMs !== null && !row.quirks.lease) return null
    if ((entry.slot === 'default' ? target.defaultA : target.txA) < entry.limitA || (entry.slot === 'tx' && grantSlot(row) !== 'tx')) return null
    const { confirmed } = row[entry.slot]
    const renews = confirmed !== null && worthA(confirmed, row) >= worthA(entry, row) && !mayHaveLapsed(row, entry.slot, this.options.now())
    if (!renews && this.isOver(target)) return null
    return this.departure(key, entry)
  }

  private isOver({ place: { outlet } }: Target): boolean {
    return this.options.plan()!.over.some(({ constraint }) => outlet.path.includes(constraint.nodeID))
  }

  private depart(key: string, want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }): Departure {
    const entry = this.entryFor(key, want, this.options.now())
    this.options.books.book(key, { type: 'booked', entry })
    return this.departure(key, entry)
  }

  private departure(key: string, entry: Entry): Departure {
    const holds = (): boolean => {
      const row = this.options.books.row(key)
      return !this.stopped && row !== undefined && newest(row[entry.slot])?.seq === entry.seq
    }
    return { seq: entry.seq, payload: (quirks) => this.payloadOf(key, entry, quirks), holds, unlease: () => this.unlease(key, entry) }
  }

  /** As durable as a raising: without its second period it may stand for ever. */
  private unlease(key: string, { seq, leaseEndsAtMs }: Entry): Promise<void> {
    if (leaseEndsAtMs === null) return Promise.resolve()
    this.options.books.book(key, { type: 'unleased', seq })
    return this.options.scope.flush()
  }

  private payloadOf(key: string, entry: Entry, quirks: Quirks): unknown {
    const { books, now, wall } = this.options
    const outlet = books.tree.outlets.get(key)!
    return entryRequest(outlet, entry, books.row(key)!.transactionId, this.linkOf(key)!.takeLevel(), { nowMs: now(), wallMs: wall() }, quirks, books.site.voltage, books.outletsOf(outlet.clientID))
  }

  private entryFor(key: string, want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }, nowMs: number): Entry {
    const row = this.options.books.row(key)!
    const leased = row.quirks.lease && want.slot === grantSlot(row) && want.limitA > want.fallbackA
    const rows = this.options.books.tiedTo(key).flatMap((one) => this.options.books.row(one) ?? [])
    const phases = row.quirks.unit === 'W' ? spreadOf(rows, want.slot, want.limitA) : 1
    return shapedEntry({ seq: ++this.seq, slot: want.slot, limitA: want.limitA, fallbackA: want.fallbackA, phases: phases === 1 ? undefined : phases, leaseEndsAtMs: leased ? nowMs + this.options.settings.leaseMs : null, bookedAtMs: nowMs, state: 'booked' })
  }

  /** Undefined when the connector was removed meanwhile. */
  private linkOf(key: string): StationLink | undefined {
    const outlet = this.options.books.tree.outlets.get(key)
    return outlet && this.link(outlet.clientID)
  }

  /** The line to a charge point, made when first needed. */
  link(clientID: string): StationLink {
    const known = this.links.get(clientID)
    if (known !== undefined) return known
    const { scope, now, wall, answered, refused } = this.options
    const link = new StationLink({
      now, wall, answered,
      quirks: () => this.options.books.quirksOf(clientID),
      learnt: readLearnt(scope, clientID) ?? nothingLearnt,
      learn: (learnt) => {
        scope.put(`learnt:${clientID}`, learnt)
        this.learnt++
      },
      sent: (key, seq) => {
        const decidedAtMs = this.options.books.row(key)?.lowering?.decidedAtMs
        if (decidedAtMs !== undefined) this.options.lowered(now() - decidedAtMs)
        this.options.books.book(key, { type: 'sent', seq })
      },
      refused: (what, why) => refused(clientID, what, why),
      lore: loreOf(this.options, clientID),
    })
    this.links.set(clientID, link)
    return link
  }
}
