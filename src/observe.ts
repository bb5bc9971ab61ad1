// What kwota counts and shows at /metrics: fed by events, and read from the live state at each scrape.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

type PhaseAmps = Readonly<Record<'L1' | 'L2' | 'L3', number>>

/** The state at one scrape. */
export interface MetricsReading {
  readonly connections: number
  /** Configured, or joined by themselves. */
  readonly chargePoints: number
  /** It takes writes, as far as is known. */
  readonly storeUp: boolean
  /** Events that wait for webhooks. */
  readonly webhookEvents: number
  /** One for each code. */
  readonly alerts: readonly { readonly code: string; readonly severity: string; readonly open: number }[]
  readonly sites: readonly {
    readonly siteID: string
    /** The lowest of all active limits, per phase. */
    readonly limitA: number
    /** Measured at the site; null while no fresh reading exists: the series is absent then, never 0. */
    readonly currentA: PhaseAmps | null
    readonly reservedA: PhaseAmps
    /** Since the site was looked at last. */
    readonly engineAgeS: number
    readonly connectors: readonly { readonly clientID: string; readonly connectorId: number; readonly allocatedA: number }[]
  }[]
}

export interface MetricsOptions {
  /** Asked at every scrape; must not wait. */
  readonly collect: () => MetricsReading
  /** Names that may become a label; any other action counts as `other`, so that nobody can grow the label set. */
  readonly actions: readonly string[]
  /** Of kwota. */
  readonly version: string
}

export interface Metrics {
  /** One OCPP message, as seen from kwota: `in` came from a charge point. */
  ocppMessage(action: string, direction: 'in' | 'out', result: 'ok' | 'error' | 'timed-out' | 'disconnected' | 'dropped'): void
  /** One run of the plan. */
  decision(siteID: string, durationS: number): void
  /** From the cause (sample, PUT of a limit) to the lowering on the wire. */
  lowering(siteID: string, durationS: number): void
  /** Time spent above the limit. */
  limitViolation(siteID: string, durationS: number): void
  /** The event loop stood still. */
  stalled(durationS: number): void
  /** The scrape; rejects when `collect` throws. */
  text(): Promise<string>
  readonly contentType: string
}

/** So many connectors have series of their own; the rest is counted. */
const mostConnectors = 10_000

const okOf = { in: 'in ok', out: 'out ok' } as const

/** A registry of its own, so that several can live in one process. */
export function createMetrics({ collect, actions, version }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const known = new Set(actions)

  new Gauge({ registers, name: 'kwota_build_info', help: 'Always 1; the label says which version runs', labelNames: ['version'] }).set({ version }, 1)
  const storeUp = new Gauge({ registers, name: 'kwota_store_up', help: '1 while the store takes writes, else 0' })
  const alertsOpen = new Gauge({ registers, name: 'kwota_alerts_open', help: 'Alerts of kwota that are open, by code', labelNames: ['code', 'severity'] })
  const webhookEvents = new Gauge({ registers, name: 'kwota_webhook_events_queued', help: 'Events that wait for webhooks' })
  const engineAge = new Gauge({ registers, name: 'kwota_engine_age_seconds', help: 'Time since the engine looked at the site last', labelNames: ['site'] })
  const chargePoints = new Gauge({ registers, name: 'kwota_charge_points', help: 'Charge points known, connected or not' })
  const leftOut = new Gauge({ registers, name: 'kwota_connectors_left_out', help: 'Connectors without series of their own: only the first 10,000 have them' })
  const connections = new Gauge({ registers, name: 'kwota_connections', help: 'Charge points connected now' })
  const limit = new Gauge({ registers, name: 'kwota_site_limit_amperes', help: 'Effective limit per phase: the lowest of all active ones', labelNames: ['site'] })
  const current = new Gauge({ registers, name: 'kwota_site_current_amperes', help: 'Measured current at the site; absent where not all of it is measured', labelNames: ['site', 'phase'] })
  const reserved = new Gauge({ registers, name: 'kwota_reserved_amperes', help: 'What the connectors of the site could be drawing', labelNames: ['site', 'phase'] })
  const allocated = new Gauge({ registers, name: 'kwota_connector_allocated_amperes', help: 'What the engine grants a connector', labelNames: ['site', 'charge_point', 'connector'] })
  const decisions = new Histogram({ registers, name: 'kwota_decision_duration_seconds', help: 'Time one decision takes', labelNames: ['site'], buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25] })
  const lowerings = new Histogram({ registers, name: 'kwota_lowering_latency_seconds', help: 'From the cause to the lowering on the wire', labelNames: ['site'], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] })
  const messages = new Counter({ registers, name: 'kwota_ocpp_messages_total', help: 'OCPP messages', labelNames: ['action', 'direction', 'result'] })
  const violations = new Counter({ registers, name: 'kwota_limit_violation_seconds_total', help: 'Time the site was above its limit', labelNames: ['site'] })
  const stalls = new Histogram({ registers, name: 'kwota_event_loop_stall_seconds', help: 'How long the event loop stood still, where that was more than 1 s', buckets: [1, 2, 5, 10] })

  /** Messages since the last scrape, by action, direction and result: they come by the thousand, and a counter with labels costs more than to count. */
  const uncounted = new Map<string, Map<string, number>>()
  function countMessage(action: string, outcome: string): void {
    let byOutcome = uncounted.get(action)
    if (byOutcome === undefined) uncounted.set(action, byOutcome = new Map<string, number>())
    byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + 1)
  }
  function countAll(): void {
    for (const [action, byOutcome] of uncounted) {
      for (const [outcome, count] of byOutcome) {
        const [direction = '', result = ''] = outcome.split(' ')
        messages.inc({ action, direction, result }, count)
      }
    }
    uncounted.clear()
  }

  /** Sites that something was counted of. */
  const counted = new Set<string>()
  function countedOf(site: string): { readonly site: string } {
    counted.add(site)
    return { site }
  }

  function forgetBut(there: ReadonlySet<string>): void {
    for (const site of counted) {
      if (there.has(site)) continue
      for (const series of [decisions, lowerings, violations]) series.remove({ site })
      counted.delete(site)
    }
  }

  function pull(): void {
    const reading = collect()
    forgetBut(new Set(reading.sites.map(({ siteID }) => siteID)))
    connections.set(reading.connections)
    chargePoints.set(reading.chargePoints)
    webhookEvents.set(reading.webhookEvents)
    storeUp.set(reading.storeUp ? 1 : 0)
    for (const gauge of [limit, current, reserved, allocated, alertsOpen, engineAge]) gauge.reset()
    for (const { code, severity, open } of reading.alerts) alertsOpen.set({ code, severity }, open)
    let room = mostConnectors
    let without = 0
    for (const { siteID: site, limitA, currentA, reservedA, connectors, engineAgeS } of reading.sites) {
      limit.set({ site }, limitA)
      engineAge.set({ site }, engineAgeS)
      for (const phase of ['L1', 'L2', 'L3'] as const) {
        if (currentA !== null) current.set({ site, phase }, currentA[phase])
        reserved.set({ site, phase }, reservedA[phase])
      }
      for (const { clientID, connectorId, allocatedA } of connectors.slice(0, room)) allocated.set({ site, charge_point: clientID, connector: String(connectorId) }, allocatedA)
      without += Math.max(0, connectors.length - room)
      room = Math.max(0, room - connectors.length)
      violations.inc(countedOf(site), 0)
    }
    leftOut.set(without)
  }

  return {
    ocppMessage: (action, direction, result) => countMessage(known.has(action) ? action : 'other', result === 'ok' ? okOf[direction] : `${direction} ${result}`),
    decision: (site, durationS) => decisions.observe(countedOf(site), durationS),
    lowering: (site, durationS) => lowerings.observe(countedOf(site), durationS),
    limitViolation: (site, durationS) => violations.inc(countedOf(site), durationS),
    stalled: (durationS) => stalls.observe(durationS),
    async text() {
      countAll()
      pull()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
