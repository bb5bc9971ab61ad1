// Watches the reviews of a site and says what people must know: alerts by level, each with its grace.
import { disobeys } from '../power/disobedience.ts'
import { expectedA, isSettling, isUnfollowed, type Row } from '../power/ledger.ts'
import { phases } from '../power/site.ts'
import { causeKey, type AlertCause, type Alerts } from './alerts.ts'
import type { LimitState } from './connector.ts'
import type { Engine, Review } from './engine.ts'
import { disobedienceInWords } from './ladder-words.ts'
import { firstContactMs } from './site-views.ts'

const overMs = 10_000
/** Lowerings that were accepted and only wait for their proof are no alarm: at most a sample interval, and the 10 s. */
const provingMs = 25_000

export class SiteWatch {
  private readonly since = new Map<string, number>()
  private readonly alerts: Alerts
  /** Causes open at the last look: what they are about may be gone at the next. */
  private open = new Map<string, AlertCause>()
  private seen = new Map<string, AlertCause>()

  constructor(alerts: Alerts) {
    this.alerts = alerts
  }

  look(engine: Engine, { plan, base, nowMs }: Review): void {
    const siteID = engine.books.site.id
    this.seen = new Map()
    const settled = nowMs >= engine.lastContactMs + firstContactMs
    const reducing = [...plan.targets.values()].some(({ place: { row } }) => isSettling(row, nowMs) && !isUnfollowed(row, nowMs))
    for (const { nodeID, on, source } of plan.ground.constraints) {
      const excess = plan.over.find(({ constraint }) => constraint.nodeID === nodeID && constraint.on === on)
      const cause: AlertCause = { code: 'over-limit', siteID, about: `${nodeID} ${on}` }
      this.after(cause, excess !== undefined && settled, reducing ? provingMs : overMs, nowMs, () =>
        `${nodeID} ${on === 'W' ? 'in total' : on} could be ${amount(excess!.amount, on)} over its limit (${source}) for more than 10 s.`)
    }
    this.set({ code: 'unenforceable', siteID }, plan.state === 'unenforceable' && settled
      ? `Even with every charge point that listens at its least, ${Math.round(plan.deficitA * 10) / 10} A are missing: ${plan.missing.map(({ constraint, amount: lack }) => `${constraint.nodeID} ${constraint.on} lacks ${amount(lack, constraint.on)}`).join(', ')}.`
      : null, nowMs)
    this.set({ code: 'meter-stale', siteID }, base.status === 'stale'
      ? `The site meter is silent; the worst case of ${phases.map((phase) => base.amps[phase]).join('/')} A counts as base load.` : null, nowMs)
    for (const { place } of plan.targets.values()) {
      const { outlet, row } = place
      const about = { siteID, clientID: outlet.clientID, connectorId: outlet.connectorId }
      this.set({ code: 'profile-rejected', ...about }, row.refusedAtMs !== null
        ? `${outlet.key} refused a charging profile; ${row.default.confirmed === null ? `its ${outlet.maxA} A count always` : 'its last limit stays'}.` : null, nowMs)
      const { disobeying } = row
      this.set({ code: 'disobeying', ...about }, disobeys(disobeying) ? disobedienceInWords(outlet.key, disobeying, row.measuredA ?? disobeying.drawnA ?? 0, expectedA(row)) : null, nowMs)
    }
    for (const [key, cause] of this.open) if (!this.seen.has(key)) this.alerts.set(cause, null, nowMs)
    for (const key of this.since.keys()) if (!this.seen.has(key)) this.since.delete(key)
    this.open = this.seen
  }

  private set(cause: AlertCause, message: string | null, nowMs: number): void {
    this.seen.set(causeKey(cause), cause)
    this.alerts.set(cause, message, nowMs)
  }

  /** Raised once `holds` has held for `graceMs`; resolved as soon as it does not. */
  private after(cause: AlertCause, holds: boolean, graceMs: number, nowMs: number, message: () => string): void {
    const key = causeKey(cause)
    if (!holds) {
      this.since.delete(key)
      return this.set(cause, null, nowMs)
    }
    const sinceMs = this.since.get(key) ?? nowMs
    this.since.set(key, sinceMs)
    this.seen.set(key, cause)
    if (nowMs - sinceMs > graceMs) this.alerts.set(cause, message(), nowMs)
  }
}

/** A row as people see it beside its connector. */
export function limitState(row: Row, nowMs: number): LimitState {
  const inFlight = [...row.default.inFlight, ...row.tx.inFlight]
  if (row.refusedAtMs !== null) return 'refused'
  if (inFlight.some((entry) => entry.state === 'unknown')) return 'unknown'
  if (inFlight.length > 0) return 'sending'
  if (row.tx.confirmed === null && row.default.confirmed === null) return 'none'
  return isSettling(row, nowMs) ? 'confirmed' : 'settled'
}

function amount(value: number, on: string): string {
  return `${Math.round(value * 10) / 10} ${on === 'W' ? 'W' : 'A'}`
}
