// The mirror of the ledger: tells the charge points' actors how their rows stand, once per change.
import type { Clock } from '../clock.ts'
import type { Plan } from '../power/plan.ts'
import type { LimitState } from './connector.ts'
import { limitState } from './site-watch.ts'

export type ShowRow = (clientID: string, connectorId: number, state: LimitState) => void

/** Whatever was missed, e.g. by a review that failed, is shown after so long. */
const allMs = 60_000

export class Mirror {
  private readonly shown = new Map<string, LimitState>()
  private readonly clock: Clock
  private readonly show: ShowRow
  /** To be told in the next turn. */
  private due: [clientID: string, connectorId: number, state: LimitState][] = []
  /** To be told anew at the next look. */
  private readonly again = new Set<string>()
  private lookedAtMs = -Infinity
  private stopped = false

  constructor(clock: Clock, show: ShowRow) {
    this.clock = clock
    this.show = show
  }

  stop(): void {
    this.stopped = true
  }

  /** In the next turn: other actors are not told from within this one's action. `changed` = whose row is another than in the plan before; from time to time all are looked at. */
  reflect(plan: Plan, nowMs: number, changed: readonly string[]): void {
    const all = nowMs - this.lookedAtMs >= allMs || nowMs < this.lookedAtMs
    if (all) this.lookedAtMs = nowMs
    if (all || this.shown.size > plan.targets.size) for (const key of this.shown.keys()) if (!plan.targets.has(key)) this.shown.delete(key)
    for (const key of all ? plan.targets.keys() : [...changed, ...this.again]) this.look(plan, key, nowMs)
    this.again.clear()
  }

  private look(plan: Plan, key: string, nowMs: number): void {
    const target = plan.targets.get(key)
    if (target === undefined) return void this.shown.delete(key)
    const { outlet, row } = target.place
    const state = limitState(row, nowMs)
    if (this.shown.get(key) === state) return
    this.shown.set(key, state)
    if (this.due.length === 0) this.clock.after(0, () => this.showDue())
    this.due.push([outlet.clientID, outlet.connectorId, state])
  }

  private showDue(): void {
    const due = this.due
    this.due = []
    if (!this.stopped) for (const [clientID, connectorId, state] of due) this.show(clientID, connectorId, state)
  }

  /** The actors of these connectors may have begun anew: they are told all at the next look. */
  repeat(keys: Iterable<string>): void {
    for (const key of keys) if (this.shown.delete(key)) this.again.add(key)
  }
}
