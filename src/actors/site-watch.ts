// Watches the reviews of a site and says what people must know: alerts by level, each with its grace.
import { disobeys } from '../power/disobedience.ts'
import { expectedA, isSettling, isUnfollowed, type Row } from '../power/ledger.ts'
import { reservedLoad } from '../power/loads.ts'
import { phases } from '../power/site.ts'
import { starvedBeyondTurn } from '../power/turns.ts'
import { causeKey, type AlertCause, type Alerts } from './alerts.ts'
import type { LimitState } from './connector.ts'
import type { Engine, Review } from './engine.ts'
import { disobedienceInWords } from './ladder-words.ts'
import { placeOf } from './limit-words.ts'
import { firstContactMs } from './site-views.ts'

const overMs = 10_000
/** Lowerings that were accepted and only wait for their proof are no alarm: at most a sample interval, and the 10 s. */
const provingMs = 25_000
/** A lost connection usually comes back by itself. */
const offlineMs = 60_000

export class SiteWatch {
  private readonly since = new Map<string, number>()
  private readonly alerts: Alerts
  /** What held at the last look. */
  private open = new Map<string, AlertCause>()
  private seen = new Map<string, AlertCause>()

  constructor(alerts: Alerts) {
    this.alerts = alerts
  }

  look(engine: Engine, { plan, base, nowMs }: Review): void {
    const siteID = engine.books.site.id
    this.seen = new Map()
    const settled = nowMs >= engine.lastContactMs + firstContactMs
    const reducing = plan.over.length > 0 && [...plan.targets.values()].some(({ place: { row } }) => isSettling(row, nowMs) && !isUnfollowed(row, nowMs))
    for (const { constraint, amount: excess } of plan.over) {
      if (settled) this.raise({ code: 'over-limit', siteID, about: `${constraint.nodeID} ${constraint.on}` }, () => `${placeOf(constraint)} could be ${amount(excess, constraint.on)} over its limit (${constraint.source}) for more than 10 s.`, nowMs, reducing ? provingMs : overMs)
    }
    if (plan.state === 'unenforceable' && settled) this.raise({ code: 'unenforceable', siteID }, () => `Even with every charge point that listens at its least, ${Math.round(plan.deficitA * 10) / 10} A are missing: ${plan.missing.map(({ constraint, amount: lack }) => `${placeOf(constraint)} lacks ${amount(lack, constraint.on)}`).join(', ')}.`, nowMs)
    if (base.status === 'stale') this.raise({ code: 'meter-stale', siteID }, () => `The site meter is silent; the worst case of ${phases.map((phase) => base.amps[phase]).join('/')} A counts as base load.`, nowMs)
    const late = plan.waiting === 0 ? null : starvedBeyondTurn(plan.targets, nowMs)
    for (const { place, boundBy } of plan.targets.values()) {
      const { outlet, row } = place
      const { disobeying } = row
      if (row.refusedAtMs === null && (disobeying ?? null) === null && (place.online || row.transactionId === null) && late === null) continue
      const about = { siteID, clientID: outlet.clientID, connectorId: outlet.connectorId }
      if (row.refusedAtMs !== null) this.raise({ code: 'profile-rejected', ...about }, () => `${outlet.key} refused a charging profile; ${row.default.confirmed === null ? `its ${outlet.maxA} A count always` : 'its last limit stays'}.`, nowMs)
      if (disobeys(disobeying)) this.raise({ code: 'disobeying', ...about }, () => disobedienceInWords(outlet.key, disobeying, row.measuredA ?? disobeying.drawnA ?? 0, expectedA(row)), nowMs)
      if (!place.online && row.transactionId !== null) this.raise({ code: 'offline-in-transaction', ...about }, () => `${outlet.key} is out of reach while a transaction runs; ${Math.round(reservedLoad(place, nowMs).thisCarA * 10) / 10} A stay reserved for it.`, nowMs, offlineMs)
      if (late?.has(outlet.key) === true) this.raise({ code: 'starved', ...about }, () => `${outlet.key} waits beyond its turn: it should have had current ${Math.round((nowMs - late.get(outlet.key)!) / 60_000)} min ago, and ${boundBy?.source ?? 'nothing'} leaves it none.`, nowMs)
    }
    for (const [key, cause] of this.open) if (!this.seen.has(key)) this.alerts.set(cause, null, nowMs)
    for (const key of this.since.keys()) if (!this.seen.has(key)) this.since.delete(key)
    this.open = this.seen
  }

  /** It holds now: an alert once it has held for longer than `graceMs` without a break. What is not said at a look is over. */
  private raise(cause: AlertCause, message: () => string, nowMs: number, graceMs = -1): void {
    const key = causeKey(cause)
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
