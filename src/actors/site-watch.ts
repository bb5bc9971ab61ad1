// Watches the reviews of a site and says what people must know: alerts by level, each with its grace.
import { disobeys } from '../power/disobedience.ts'
import { expectedA, isSettling, isUnfollowed, type Row } from '../power/ledger.ts'
import { isInForce } from '../power/limits.ts'
import { reservedLoad } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import { phases } from '../power/site.ts'
import type { Target } from '../power/target.ts'
import { starvedBeyondTurn } from '../power/starving.ts'
import { causeKey, type AlertCause, type Alerts } from './alerts.ts'
import type { LimitState } from './connector.ts'
import type { Engine, Review } from './engine.ts'
import { disobedienceInWords, distrustInWords } from './ladder-words.ts'
import { excessWords, overInWords, placeOf } from './limit-words.ts'
import { olderInWords } from './older-store.ts'
import type { SiteRoomOptions } from './site-room-options.ts'
import { firstContactMs } from './site-views.ts'
import { UnderReportingWatch, usualMeterAlerts } from './under-reporting-watch.ts'

const overMs = 10_000
/** Lowerings that were accepted and only wait for their proof are no alarm: at most a sample interval, and the 10 s. */
const provingMs = 25_000
/** A lost connection usually comes back by itself. */
const offlineMs = 60_000

/** Whatever was missed, e.g. by a review that failed, is seen after so long. */
const allMs = 60_000

export class SiteWatch {
  private readonly since = new Map<string, number>()
  private readonly alerts: Alerts
  private readonly reported: UnderReportingWatch
  private readonly sampleIntervalMs: number
  private readonly scope: SiteRoomOptions['scope']
  /** What held at the last look. */
  private open = new Map<string, AlertCause>()
  private seen = new Map<string, AlertCause>()
  private readonly remarkable = new Set<string>()
  private lookedAtMs = -Infinity

  constructor(alerts: Alerts, { scope, settings, meterAlerts = usualMeterAlerts }: Pick<SiteRoomOptions, 'scope' | 'settings' | 'meterAlerts'>) {
    this.scope = scope
    this.alerts = alerts
    this.sampleIntervalMs = settings.sampleIntervalMs
    this.reported = new UnderReportingWatch(alerts, meterAlerts)
  }

  look(engine: Engine, review: Review): void {
    const { plan, base, nowMs, changed } = review
    this.reported.look(engine, review, this.sampleIntervalMs)
    const siteID = engine.books.site.id
    this.seen = new Map()
    const older = olderInWords(this.scope)
    if (older !== null) this.raise({ code: 'store-rolled-back', siteID }, () => older, nowMs)
    const settled = nowMs >= engine.lastContactMs + firstContactMs
    // Who comes for the first time makes nothing good that was wrong before.
    const isDue = (cause: AlertCause): boolean => settled || (this.since.get(causeKey(cause)) ?? Infinity) < engine.lastContactMs
    const reducing = plan.over.length > 0 && [...plan.targets.values()].some(({ place: { row } }) => isSettling(row, nowMs) && !isUnfollowed(row, nowMs))
    // One node is one cause: what is too much for a fuse is too much for its three phases.
    for (const [nodeID, over] of byNode(plan.over.filter((one) => isInForce(one.constraint)))) {
      const cause: AlertCause = { code: 'over-limit', siteID, about: nodeID }
      if (isDue(cause)) this.raise(cause, () => `${overInWords(over)} for more than 10 s.`, nowMs, reducing ? provingMs : overMs)
    }
    if (plan.state === 'unenforceable' && isDue({ code: 'unenforceable', siteID })) this.raise({ code: 'unenforceable', siteID }, () => `Even with every charge point that listens at its least, ${Math.round(plan.deficitA * 10) / 10} A are missing: ${plan.missing.map(({ constraint, amount: lack }) => `${placeOf(constraint)} lacks ${excessWords(lack, constraint.on)}`).join(', ')}.`, nowMs)
    if (base.status === 'stale') this.raise({ code: 'meter-stale', siteID }, () => `The site meter is silent; the worst case of ${phases.map((phase) => base.amps[phase]).join('/')} A counts as base load.`, nowMs)
    const late = plan.waiting === 0 ? null : starvedBeyondTurn(plan, nowMs)
    for (const { place, boundBy } of this.concerned(plan, changed, late, nowMs)) {
      const { outlet, row } = place
      const { disobeying, distrusted } = row
      const about = { siteID, clientID: outlet.clientID, connectorId: outlet.connectorId }
      if (row.refusedAtMs !== null) this.raise({ code: 'profile-rejected', ...about }, () => `${outlet.key} refused a charging profile; ${row.default.confirmed === null ? `its ${outlet.maxA} A count always` : 'its last limit stays'}.`, nowMs)
      if (disobeys(disobeying)) this.raise({ code: 'disobeying', ...about }, () => disobedienceInWords(outlet.key, disobeying, row.measuredA ?? disobeying.drawnA ?? 0, expectedA(row)), nowMs)
      else if (distrusted) this.raise({ code: 'disobeying', ...about }, () => distrustInWords(outlet.key, distrusted, row.hardwareA), nowMs)
      if (!place.online && row.transactionId !== null) this.raise({ code: 'offline-in-transaction', ...about }, () => `${outlet.key} is out of reach while a transaction runs; ${Math.round(reservedLoad(place, nowMs).thisCarA * 10) / 10} A stay reserved for it.`, nowMs, offlineMs)
      if (late?.has(outlet.key) === true) this.raise({ code: 'starved', ...about }, () => `${outlet.key} waits beyond its turn: it should have had current ${Math.round((nowMs - late.get(outlet.key)!) / 60_000)} min ago, and ${boundBy?.source ?? 'nothing'} leaves it none.`, nowMs)
    }
    for (const [key, cause] of this.open) if (!this.seen.has(key)) this.alerts.set(cause, null, nowMs)
    for (const key of this.since.keys()) if (!this.seen.has(key)) this.since.delete(key)
    this.open = this.seen
  }

  /** Those of whom something may have to be said: what a row says is another only where its target is, so all are looked at from time to time only. */
  private concerned(plan: Plan, changed: readonly string[], late: ReadonlyMap<string, number> | null, nowMs: number): Target[] {
    const all = nowMs - this.lookedAtMs >= allMs || nowMs < this.lookedAtMs
    if (all) {
      this.lookedAtMs = nowMs
      this.remarkable.clear()
    }
    for (const key of all ? plan.targets.keys() : changed) {
      const target = plan.targets.get(key)
      if (target !== undefined && isRemarkable(target)) this.remarkable.add(key)
      else this.remarkable.delete(key)
    }
    return [...new Set([...this.remarkable, ...(late?.keys() ?? [])])].flatMap((key) => plan.targets.get(key) ?? [])
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

function byNode(over: Plan['over']): ReadonlyMap<string, Plan['over']> {
  const nodes = new Map<string, Plan['over'][number][]>()
  for (const one of over) nodes.set(one.constraint.nodeID, [...nodes.get(one.constraint.nodeID) ?? [], one])
  return nodes
}

function isRemarkable({ place: { row, online } }: Target): boolean {
  return row.refusedAtMs !== null || (row.disobeying ?? null) !== null || (row.distrusted ?? null) !== null || (!online && row.transactionId !== null)
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
