// How the site's orders get out: lowerings at once and built as they leave, raisings durable first and checked once more.
import { fallbackNowA, mustTell, type Entry } from '../power/ledger.ts'
import type { Order, Plan } from '../power/plan.ts'
import type { Books } from './books.ts'
import type { EngineOptions } from './engine.ts'
import { mustFallBack } from './failsafe.ts'
import { StationLink, type Departure, type Learnt } from './station-link.ts'
import { entryRequest } from './translate.ts'

export interface DispatchOptions extends Pick<EngineOptions, 'scope' | 'settings' | 'now' | 'wall' | 'later' | 'answered' | 'refused' | 'lowered'> {
  readonly books: Books
  /** The plan of the last review. */
  readonly plan: () => Plan | null
}

/** Lowerings sent in one turn; the rest follow in the next, so that sockets are served in between. */
const perTurn = 256

export class Dispatch {
  private readonly links = new Map<string, StationLink>()
  private readonly options: DispatchOptions
  private seq: number
  private stopped = false
  /** The plan has failed for good: no raising leaves any more. */
  private failed = false

  constructor(options: DispatchOptions) {
    this.options = options
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
      if (isDue()) this.link(clientID).send(key, `${key} failsafe`, 0, () => (isDue() ? this.depart(key, { slot: 'tx', limitA: fallbackA, fallbackA }) : null))
    }
  }

  sendLowerings(orders: readonly Order[]): void {
    if (this.stopped) return
    for (const { key, slot } of orders.slice(0, perTurn)) this.linkOf(key)?.send(key, `${key} ${slot} lower`, 0, () => this.buildLowering(key, slot))
    if (orders.length > perTurn) this.options.later(0, () => this.sendLowerings(orders.slice(perTurn)))
  }

  /** Called as the frame leaves: what is wanted now, not what was wanted when it was queued. */
  private buildLowering(key: string, slot: 'default' | 'tx'): Departure | null {
    const row = this.options.books.row(key)
    const target = this.options.plan()?.targets.get(key)
    if (this.stopped || row === undefined || target === undefined || (slot === 'tx' && row.transactionId === null)) return null
    const limitA = slot === 'default' ? fallbackNowA(row, target.fallbackA) : target.allocatedA
    if (!mustTell(row, slot, limitA, this.options.now())) return null
    // A later review may have sent the same already.
    const last = row[slot].inFlight.at(-1)
    if (last?.state === 'sent' && last.limitA === limitA) return null
    // A raising that has not left yet never will.
    for (const entry of row[slot].inFlight) if (entry.state === 'booked') this.options.books.book(key, { type: 'dropped', seq: entry.seq })
    return this.depart(key, { slot, limitA, fallbackA: target.fallbackA })
  }

  /** Booked now; on the wire only when durable, after one more look at the plan. */
  bookRaisings(orders: readonly Order[], nowMs: number): void {
    const { scope } = this.options
    const deliverable = orders.filter(({ key }) => this.linkOf(key)?.online)
    if (deliverable.length === 0 || this.stopped || scope.failure !== null) return
    const booked = deliverable.map(({ key, slot, limitA }) => {
      const entry = this.entryFor({ slot, limitA, fallbackA: this.options.plan()!.targets.get(key)!.fallbackA }, nowMs)
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
    if ((entry.slot === 'default' ? target.fallbackA : target.allocatedA) < entry.limitA) return null
    const renews = row[entry.slot].confirmed?.limitA === entry.limitA
    if (!renews && this.options.plan()!.over.some(({ constraint }) => target.place.outlet.path.includes(constraint.nodeID))) return null
    return { seq: entry.seq, payload: () => this.payloadOf(key, entry) }
  }

  private depart(key: string, want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }): Departure {
    const entry = this.entryFor(want, this.options.now())
    this.options.books.book(key, { type: 'booked', entry })
    return { seq: entry.seq, payload: () => this.payloadOf(key, entry) }
  }

  private payloadOf(key: string, entry: Entry): unknown {
    return entryRequest(this.options.books.tree.outlets.get(key)!, entry, this.options.books.row(key)!.transactionId, this.linkOf(key)!.takeLevel(), { nowMs: this.options.now(), wallMs: this.options.wall() })
  }

  private entryFor(want: { slot: 'default' | 'tx'; limitA: number; fallbackA: number }, nowMs: number): Entry {
    const leased = want.slot === 'tx' && want.limitA > want.fallbackA
    return { seq: ++this.seq, ...want, leaseEndsAtMs: leased ? nowMs + this.options.settings.leaseMs : null, bookedAtMs: nowMs, state: 'booked' }
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
      learnt: (scope.get(`learnt:${clientID}`) as Learnt | undefined) ?? { stackLevel: null, maxA: null },
      learn: (learnt) => scope.put(`learnt:${clientID}`, learnt),
      sent: (key, seq) => {
        const decidedAtMs = this.options.books.row(key)?.lowering?.decidedAtMs
        if (decidedAtMs !== undefined) this.options.lowered(now() - decidedAtMs)
        this.options.books.book(key, { type: 'sent', seq })
      },
      refused: (what, why) => refused(clientID, what, why),
    })
    this.links.set(clientID, link)
    return link
  }
}
