// Metrics: what is pulled, what is fed, and that nobody outside can grow the label set.
import { expect, test } from 'vitest'
import { createMetrics, type MetricsReading } from '../src/observe.ts'

const reading: MetricsReading = {
  connections: 3, chargePoints: 5, storeUp: true, webhookEvents: 7, alerts: [{ code: 'over-limit', severity: 'critical', open: 1 }, { code: 'starved', severity: 'warning', open: 0 }],
  sites: [{ engineAgeS: 0.25, siteID: 'main', limitA: 40, currentA: { L1: 12.5, L2: 0, L3: 1 }, reservedA: { L1: 20, L2: 20, L3: 20 }, connectors: [{ clientID: 'CP-03', connectorId: 1, allocatedA: 10 }] }],
}

test('gauges are read at each scrape, and what is gone is gone', async () => {
  let now: MetricsReading = reading
  const metrics = createMetrics({ collect: () => now, actions: [], version: '1.2.3' })
  const first = await metrics.text()
  for (const line of [
    'kwota_connections 3', 'kwota_site_limit_amperes{site="main"} 40', 'kwota_site_current_amperes{site="main",phase="L1"} 12.5',
    'kwota_reserved_amperes{site="main",phase="L3"} 20', 'kwota_connector_allocated_amperes{site="main",charge_point="CP-03",connector="1"} 10',
    'kwota_limit_violation_seconds_total{site="main"} 0', 'kwota_charge_points 5', 'kwota_store_up 1', 'kwota_webhook_events_queued 7', 'kwota_engine_age_seconds{site="main"} 0.25', 'kwota_build_info{version="1.2.3"} 1',
    'kwota_alerts_open{code="over-limit",severity="critical"} 1', 'kwota_alerts_open{code="starved",severity="warning"} 0', 'kwota_connectors_left_out 0',
  ]) expect(first).toContain(`${line}\n`)
  now = { ...reading, connections: 0, storeUp: false, sites: [{ engineAgeS: 1, siteID: 'main', limitA: 20, currentA: null, reservedA: { L1: 0, L2: 0, L3: 0 }, connectors: [] }] }
  const second = await metrics.text()
  expect(second).toContain('kwota_site_limit_amperes{site="main"} 20\n')
  expect(second).not.toContain('kwota_site_current_amperes{')
  expect(second).not.toContain('CP-03')
  expect(second).toContain('kwota_store_up 0\n')
})

test('ten thousand connectors have series of their own, the rest is counted', async () => {
  const connectors = Array.from({ length: 6_000 }, (_, at) => ({ clientID: `CP-${at}`, connectorId: 1, allocatedA: 6 }))
  const sites = ['east', 'main', 'west'].map((siteID) => ({ ...reading.sites[0]!, siteID, connectors }))
  const text = await createMetrics({ collect: () => ({ ...reading, sites }), actions: [], version: '1.2.3' }).text()
  expect(text.match(/^kwota_connector_allocated_amperes\{/gm)).toHaveLength(10_000)
  expect(text).toContain('kwota_connectors_left_out 8000\n')
})

test('a site that is gone is counted no more, and one of the same name begins anew', async () => {
  const big = { engineAgeS: 0, siteID: 'big', limitA: 10, currentA: null, reservedA: { L1: 0, L2: 0, L3: 0 }, connectors: [] }
  let now: MetricsReading = { ...reading, sites: [...reading.sites, big] }
  const metrics = createMetrics({ collect: () => now, actions: [], version: '1.2.3' })
  for (const site of ['big', 'main']) {
    metrics.decision(site, 0.003)
    metrics.lowering(site, 0.2)
    metrics.limitViolation(site, 1)
  }
  expect(await metrics.text()).toContain('kwota_decision_duration_seconds_count{site="big"} 1\n')
  now = reading
  const without = await metrics.text()
  expect(without).not.toContain('site="big"')
  expect(without).toContain('kwota_decision_duration_seconds_count{site="main"} 1\n')
  now = { ...reading, sites: [...reading.sites, big] }
  metrics.decision('big', 0.003)
  expect(await metrics.text()).toContain('kwota_decision_duration_seconds_count{site="big"} 1\n')
})

test('counters and histograms are fed; the event loop is watched', async () => {
  const metrics = createMetrics({ collect: () => reading, actions: ['Heartbeat'], version: '1.2.3' })
  metrics.ocppMessage('Heartbeat', 'in', 'ok')
  for (let i = 0; i < 500; i++) metrics.ocppMessage(`Made-up-${i}`, 'in', 'error')
  metrics.decision('main', 0.003)
  metrics.lowering('main', 0.2)
  metrics.limitViolation('main', 1.5)
  const text = await metrics.text()
  expect(text).toContain('kwota_ocpp_messages_total{action="Heartbeat",direction="in",result="ok"} 1\n')
  expect(text).toContain('kwota_ocpp_messages_total{action="other",direction="in",result="error"} 500\n')
  expect(text).not.toContain('Made-up')
  expect(text).toContain('kwota_decision_duration_seconds_bucket{le="0.005",site="main"} 1\n')
  expect(text).toContain('kwota_lowering_latency_seconds_count{site="main"} 1\n')
  expect(text).toContain('kwota_limit_violation_seconds_total{site="main"} 1.5\n')
  expect(text).toContain('nodejs_eventloop_lag_seconds')
  expect(metrics.contentType).toContain('text/plain')
})

test('two registries live side by side', () => {
  expect(() => [createMetrics({ collect: () => reading, actions: [], version: '1.2.3' }), createMetrics({ collect: () => reading, actions: [], version: '1.2.3' })]).not.toThrow()
})
