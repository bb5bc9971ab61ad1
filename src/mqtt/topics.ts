// What MQTT shows: a topic for each site, charge point and connector, and what stands there as JSON. Pure; no id tags.
import type { OverviewView, ConnectorOverview } from '../actors/overview-views.ts'
import type { ChargePointView } from '../actors/views.ts'

/** What one look at a site says. */
export interface SiteReading {
  readonly overview: OverviewView
  /** The standing limit, A per phase; null when none is set. */
  readonly gridLimitA: number | null
  readonly chargePoints: readonly ChargePointView[]
}

/** Of anything that people have named: as a part of a topic, it is one level and no wildcard. */
export function level(name: string): string {
  return encodeURIComponent(name)
}

export const statusTopic = (prefix: string): string => `${prefix}/status`
export const siteTopic = (prefix: string, siteID: string): string => `${prefix}/site/${level(siteID)}`
export const chargePointTopic = (prefix: string, clientID: string): string => `${prefix}/chargepoint/${level(clientID)}`
export const connectorTopic = (prefix: string, clientID: string, connectorId: number): string => `${prefix}/connector/${level(clientID)}/${connectorId}`
export const limitCommandTopic = (prefix: string, siteID: string): string => `${siteTopic(prefix, siteID)}/limit/set`

/** The site that a command is for; null when the topic is none of ours. */
export function siteOfCommand(prefix: string, topic: string): string | null {
  const begin = `${prefix}/site/`
  const end = '/limit/set'
  if (!topic.startsWith(begin) || !topic.endsWith(end) || topic.length <= begin.length + end.length) return null
  try {
    return decodeURIComponent(topic.slice(begin.length, -end.length))
  } catch {
    return null
  }
}

/** By topic, what stands there now. Amps are per phase; what is not measured is null. */
export function statesOf(prefix: string, { overview, gridLimitA, chargePoints }: SiteReading): ReadonlyMap<string, string> {
  const { site, power, sentence, alertCounts, counts, health, connectors, alerts } = overview
  const root = power.circuits.find(({ parent }) => parent === null)
  const states = new Map<string, string>()
  const put = (topic: string, state: object): void => void states.set(topic, JSON.stringify(state))
  put(siteTopic(prefix, site.id), {
    name: site.name ?? site.id, limitA: round(power.effective.currentA), limitW: Math.round(power.effective.powerW), limitedBy: power.effective.binding, gridLimitA, state: power.state, sentence,
    measuredA: root?.measured === 'all' ? rounded(root.measuredA) : null, reservedA: root === undefined ? null : rounded(root.reservedA),
    charging: counts.charging, waiting: counts.waiting, paused: counts.paused, chargePoints: health.chargePoints, online: health.online,
    alerts: { critical: alertCounts.critical, warning: alertCounts.warning, codes: [...new Set(alerts.map(({ code }) => code))].toSorted() },
  })
  for (const { id, connection: { state, since } } of chargePoints) put(chargePointTopic(prefix, id), { siteID: site.id, connection: state, since })
  for (const connector of connectors) put(connectorTopic(prefix, connector.clientID, connector.connectorId), connectorState(site.id, connector))
  return states
}

function connectorState(siteID: string, { status, online, doing, allocatedA, confirmedA, reservedA, measuredA, binding, why, obeying, transaction }: ConnectorOverview): object {
  return {
    siteID, status, online, allocatedA: round(allocatedA), confirmedA: confirmedA === null ? null : round(confirmedA), reservedA: round(reservedA), measuredA: measuredA === null ? null : round(measuredA),
    limitedBy: binding, why, obeying, charging: doing === 'charging', doing, energyWh: transaction === null ? 0 : Math.round(transaction.energyWh),
  }
}

function rounded({ L1, L2, L3 }: { readonly L1: number; readonly L2: number; readonly L3: number }): object {
  return { L1: round(L1), L2: round(L2), L3: round(L3) }
}

/** To a tenth: what flickers below is no news. */
function round(amps: number): number {
  return Math.round(amps * 10) / 10
}
