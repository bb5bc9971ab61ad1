// A site at a glance, put together from what its engine, its charge points and its alerts say now.
import { connectorKey, perPhase } from '../power/site.ts'
import type { Target } from '../power/target.ts'
import { tellingOf } from './allocation-view.ts'
import { attentionOf, obedienceOf } from './attention.ts'
import { transactionState } from './charge-point.ts'
import { decisionWords, moves } from './decision-words.ts'
import { countDoing } from './doing.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { endsAtMs } from './limit-preview.ts'
import type { ConnectorOverview, OverviewView } from './overview-views.ts'
import { isFresh } from './readings.ts'
import { sentence, type Telling } from './sentence.ts'
import { levelOf, siteSentence } from './site-sentence.ts'
import { placeNow, powerView, type SiteView } from './site-views.ts'
import { toView } from '../sessions/record.ts'
import type { AlertView, ConnectorPowerView } from './views.ts'

const most = { alerts: 50, decisions: 10 }

export function overviewOf(estate: Estate, { record: { site }, room }: SiteEntry): OverviewView {
  const view = room.view()
  const wallMs = estate.options.clock.wall()
  const { connectors: powers, ...power } = powerView(view)
  const telling = tellingOf(view)
  const connectors = powers.map((own) => connectorOverview(estate, { view, telling }, view.engine.plan!.targets.get(connectorKey(own.clientID, own.connectorId))!, own))
  const open = openAlerts(estate.alerts.list(), site.id)
  const alertCounts = { critical: open.filter(({ severity }) => severity === 'critical').length, warning: open.filter(({ severity }) => severity === 'warning').length }
  const counts = countDoing(connectors)
  const configs = estate.configsOf(site.id)
  const health = { chargePoints: configs.length, online: configs.filter(({ id }) => view.engine.isOnline(id)).length, neverConnected: configs.filter(({ id }) => view.engine.books.isNew(id) && !view.engine.isOnline(id)).length }
  const decisions = room.decisions.recentOf(most.decisions, moves)
  const ends = endsAtMs(view.engine.grid, view.engine.timed(view.nowMs), power.effective.binding, view.nowMs)
  const facts = {
    power, counts, assumedA: site.fuseAssumed === true ? perPhase(site.fuseA).L1 : null, alertCounts, health, timezone: site.timezone, nowMs: wallMs, untilMs: ends === null ? null : ends + (view.aheadMs ?? 0),
    disobeying: connectors.filter(({ obeying }) => obeying === 'disobeying').map(({ clientID, connectorId }) => connectorKey(clientID, connectorId)),
  }
  return {
    site: { id: site.id, name: site.name ?? null, timezone: site.timezone, voltage: site.voltage, fuseA: perPhase(site.fuseA), ...(site.fuseAssumed === true && { fuseAssumed: true as const }), policy: site.policy, circuits: site.circuits },
    at: new Date(wallMs).toISOString(),
    engine: { tickAgeS: Math.round(room.reviewAgeMs / 100) / 10, lastDecisionAt: room.decisions.recent(1)[0]?.at ?? null },
    sentence: siteSentence(facts), level: levelOf(facts), counts, power, nextLimit: room.limits.next(), connectors,
    alerts: open.slice(0, most.alerts), alertCounts,
    decisions: decisions.map((one) => ({ id: one.id, at: one.at, cause: one.trigger.cause, words: decisionWords(one), state: one.state })),
    health,
  }
}

function connectorOverview(estate: Estate, { view, telling }: { readonly view: SiteView; readonly telling: Telling }, target: Target, power: ConnectorPowerView): ConnectorOverview {
  const { engine, nowMs } = view
  const { outlet, row } = placeNow(engine, target)
  const obeying = obedienceOf(row, isFresh(engine.meters.readings.get(outlet.key), view.sampleIntervalMs, nowMs), nowMs)
  const shown: ConnectorOverview = {
    // Named one by one: spread, it takes longer than all else here.
    clientID: power.clientID, connectorId: power.connectorId, circuit: power.circuit, status: power.status, online: power.online, transactionId: power.transactionId, doing: power.doing,
    requestedA: power.requestedA, allocatedA: power.allocatedA, confirmedA: power.confirmedA, reservedA: power.reservedA, measuredA: power.measuredA, measuredAt: power.measuredAt, binding: power.binding,
    why: sentence(telling, target),
    queue: target.queuePlace === null ? null : { place: target.queuePlace, of: engine.plan!.waiting },
    obeying, transaction: transactionOf(estate, outlet.clientID, row.transactionId),
    priority: engine.books.wiring(outlet.key).car.priority, minA: outlet.minA, maxA: outlet.maxA,
    attention: attentionOf(power, obeying, row.contactedAtMs !== null),
  }
  if (power.allocatedW === undefined && power.raising === undefined) return shown
  return { ...shown, ...(power.raising === undefined ? {} : { raising: power.raising }), ...(power.allocatedW === undefined ? {} : { allocatedW: power.allocatedW }), ...(power.measuredW === undefined ? {} : { measuredW: power.measuredW }) }
}

function transactionOf(estate: Estate, clientID: string, transactionId: number | null): ConnectorOverview['transaction'] {
  const station = transactionId === null ? undefined : estate.point(clientID)?.family?.station
  const running = station === undefined || transactionId === null ? null : transactionState(station.snapshot(), transactionId)
  if (station === undefined || transactionId === null || running === null) return null
  // As `runningAs`, without a copy of the whole record for each connector.
  const { id, idTag, startedAt, energyWh, cost } = toView(station.tallies.running.get(transactionId)?.record ?? running.context.record)
  return { id, idTag, status: running.status, startedAt, energyWh, cost }
}

/** Critical ones first, then newest. */
function openAlerts(all: readonly AlertView[], siteID: string): AlertView[] {
  const open = all.filter((alert) => alert.siteID === siteID && alert.resolvedAt === null)
  return [...open.filter(({ severity }) => severity === 'critical'), ...open.filter(({ severity }) => severity === 'warning')]
}
