// Holds what charge points report against the site meter and tells people where something is missing; it moves no limit: what may be drawn stays counted.
import { reservedLoad } from '../power/loads.ts'
import { perPhase, type Phase } from '../power/site.ts'
import { aboveWorstCase, UnderReporting, type Reporter, type Suspicion, type SuspicionRule } from '../power/under-reporting.ts'
import { defaultMeterAlerts, type MeterAlerts } from '../settings.ts'
import type { AlertCause, Alerts } from './alerts.ts'
import type { Engine, Review } from './engine.ts'
import { isFresh } from './readings.ts'

/** What the settings of a charge point say. */
export type MeterAlertsOf = (clientID: string) => MeterAlerts
export const usualMeterAlerts: MeterAlertsOf = () => defaultMeterAlerts

/** What the settings say is asked again after so long. */
const askedMs = 10_000

export class UnderReportingWatch {
  private readonly alerts: Alerts
  private readonly settingsOf: MeterAlertsOf
  private readonly suspects = new UnderReporting()
  private rules = new Map<string, SuspicionRule>()
  private askedAtMs = -Infinity
  private seenAtMs: number | null = null
  /** Since when the building is above its worst case; null = it is not. */
  private aboveSinceMs: number | null = null
  private open = new Map<string, AlertCause>()

  constructor(alerts: Alerts, settingsOf: MeterAlertsOf) {
    this.alerts = alerts
    this.settingsOf = settingsOf
  }

  /** After a review: a new reading of the site meter is looked at once. `sampleIntervalMs` = of those whose own is not known. */
  look(engine: Engine, { plan, base, nowMs }: Review, sampleIntervalMs: number): void {
    const { meterA, meterAtMs } = engine.meters.base
    if (meterA === null || meterAtMs === this.seenAtMs) return
    this.seenAtMs = meterAtMs
    if (nowMs - this.askedAtMs >= askedMs || nowMs < this.askedAtMs) {
      this.askedAtMs = nowMs
      this.rules.clear()
    }
    const reporters: Reporter[] = []
    for (const { place } of plan.targets.values()) {
      const { outlet, row } = place
      if (row.transactionId === null && !this.suspects.isWatched(outlet.key)) continue
      const heard = engine.meters.readings.get(outlet.key)
      const reading = row.transactionId !== null && heard?.transactionId === row.transactionId && isFresh(heard, sampleIntervalMs, nowMs) ? heard : undefined
      reporters.push({
        key: outlet.key, transactionId: row.transactionId, phases: outlet.phases, grantedA: row.transactionId === null ? 0 : reservedLoad(place, nowMs).thisCarA, maxA: outlet.maxA,
        reportedA: reading?.siteA ?? null, reportedAtMs: reading?.receivedAtMs ?? -Infinity,
      })
    }
    const clientOf = (key: string): string => engine.books.tree.outlets.get(key)?.clientID ?? ''
    const ruleOf = (key: string): SuspicionRule => this.ruleOf(clientOf(key))
    this.suspects.look(meterA, reporters, ruleOf, nowMs)
    const { site } = engine.books
    const found = new Map<string, readonly [AlertCause, string]>()
    for (const suspicion of this.suspects.suspicions()) {
      const outlet = engine.books.tree.outlets.get(suspicion.key)
      if (outlet !== undefined) found.set(suspicion.key, [{ code: 'under-reporting', siteID: site.id, clientID: outlet.clientID, connectorId: outlet.connectorId }, inWords(suspicion)])
    }
    const above = base.status === 'fresh' ? aboveWorstCase(base.amps, perPhase(site.baseLoad.worstCaseA), reporters, ruleOf) : null
    this.aboveSinceMs = above === null ? null : this.aboveSinceMs ?? nowMs
    if (above !== null && nowMs - this.aboveSinceMs! >= ruleOf(above.keys[0]!).ms) found.set('', [{ code: 'under-reporting', siteID: site.id, about: 'building' }, aboveInWords(above, perPhase(site.baseLoad.worstCaseA)[above.phase])])
    for (const [key, [cause, message]] of found) {
      this.open.set(key, cause)
      this.alerts.set(cause, message, nowMs)
    }
    for (const [key, cause] of this.open) {
      if (found.has(key)) continue
      this.open.delete(key)
      this.alerts.set(cause, null, nowMs)
    }
  }

  private ruleOf(clientID: string): SuspicionRule {
    const known = this.rules.get(clientID)
    if (known !== undefined) return known
    const { underReportingA, underReportingS } = this.settingsOf(clientID)
    const rule = { amps: underReportingA, ms: underReportingS * 1000 }
    this.rules.set(clientID, rule)
    return rule
  }
}

function inWords({ key, phases, unexplainedA, reportedA, confirmed }: Suspicion): string {
  const what = `${key} reports ${amount(reportedA)} A, and the site meter has seen ${amount(unexplainedA)} A more on ${phases.join(', ')} since it began or was raised that nobody reports`
  return confirmed ? `${what}; that went as its transaction ended. Have its meter checked. What it may draw is counted whatever it reports.` : `${what}. What it may draw is counted whatever it reports; have its meter checked, unless something else was switched on then.`
}

function aboveInWords({ phase, countedA, keys }: { readonly phase: Phase; readonly countedA: number; readonly keys: readonly string[] }, worstA: number): string {
  return `The building takes ${amount(countedA)} A on ${phase}, more than its worst case of ${amount(worstA)} A: enter a larger baseLoad.worstCaseA, or look who draws more than it reports: ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' and others' : ''}.`
}

function amount(amps: number): number {
  return Math.round(amps * 10) / 10
}
