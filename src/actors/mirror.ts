// The mirror of the ledger: tells the charge points' actors how their rows stand, once per change.
import type { Clock } from '../clock.ts'
import type { Plan } from '../power/plan.ts'
import type { LimitState } from './connector.ts'
import { limitState } from './site-watch.ts'

export type ShowRow = (clientID: string, connectorId: number, state: LimitState) => void

export class Mirror {
  private readonly shown = new Map<string, { readonly clientID: string; readonly state: LimitState }>()
  private readonly clock: Clock
  private readonly show: ShowRow
  private stopped = false

  constructor(clock: Clock, show: ShowRow) {
    this.clock = clock
    this.show = show
  }

  stop(): void {
    this.stopped = true
  }

  /** In the next turn: other actors are not told from within this one's action. */
  reflect(plan: Plan, nowMs: number): void {
    for (const key of this.shown.keys()) if (!plan.targets.has(key)) this.shown.delete(key)
    for (const { place: { outlet, row } } of plan.targets.values()) {
      const state = limitState(row, nowMs)
      if (this.shown.get(outlet.key)?.state === state) continue
      this.shown.set(outlet.key, { clientID: outlet.clientID, state })
      this.clock.after(0, () => { if (!this.stopped) this.show(outlet.clientID, outlet.connectorId, state) })
    }
  }

  /** Its actors may have begun anew: they are told all at the next look. */
  repeat(clientID: string): void {
    for (const [key, one] of this.shown) if (one.clientID === clientID) this.shown.delete(key)
  }
}
