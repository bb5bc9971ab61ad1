// What one scrape of /metrics reads from the living state: sites, connectors, open alerts, the store. Waits for nothing.
import { alertSeverity } from './actors/alerts.ts'
import type { Estate } from './actors/estate.ts'
import type { House } from './actors/house.ts'
import type { MetricsReading } from './observe.ts'

/** Before the store is there. */
export const unopened: MetricsReading = { connections: 0, chargePoints: 0, storeUp: false, webhookEvents: 0, alerts: [], sites: [] }

export function scrape(house: House, estate: Estate, connections: number): MetricsReading {
  const open = new Map<string, number>()
  for (const { code, resolvedAt } of house.alerts()) if (resolvedAt === null) open.set(code, (open.get(code) ?? 0) + 1)
  return {
    connections,
    chargePoints: estate.points.size,
    storeUp: !open.has('store-down') && estate.global.failure === null,
    webhookEvents: house.webhooks.list().reduce((sum, { value }) => sum + value.queued, 0),
    // Also those that nobody raised: a series that comes from nowhere has no increase.
    alerts: Object.entries(alertSeverity).map(([code, severity]) => ({ code, severity, open: open.get(code) ?? 0 })),
    sites: house.sites().map(({ value: site }) => {
      const power = house.power(site.id)
      const root = power.circuits.find((circuit) => circuit.parent === null)
      return {
        siteID: site.id, limitA: power.effective.currentA,
        currentA: root?.measured === 'all' ? root.measuredA : null,
        reservedA: root?.reservedA ?? { L1: 0, L2: 0, L3: 0 }, connectors: power.connectors,
        engineAgeS: (estate.sites.get(site.id)?.room.reviewAgeMs ?? 0) / 1000,
      }
    }),
  }
}
