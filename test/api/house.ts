// A small house in memory, to speak to the REST room over real sockets; it knows no engine and decides nothing.
import { Subject } from 'rxjs'
import { Refusal, type BaseLoadInput, type House, type KwotaEvent, type Versioned } from '../../src/actors/house.ts'
import { DrawnPassword } from '../../src/actors/credentials.ts'
import type { AlertView, ChargePointView, ConnectorPatch, ConnectorView, GridLimitView, TransactionView } from '../../src/actors/views.ts'
import { chargePointSchema, siteSchema, type SiteConfig } from '../../src/power/site.ts'
import { smallRecords } from './small-records.ts'

const at = '2026-11-22T12:00:00.000Z'
const zero = { L1: 0, L2: 0, L3: 0 }

export interface TestHouse extends House {
  readonly events$: Subject<KwotaEvent>
  readonly kept: KwotaEvent[]
  readonly baseLoads: BaseLoadInput[]
  readonly passwords: Map<string, string | null>
  readonly transactionList: TransactionView[]
  readonly alertList: AlertView[]
  storeDown: boolean
  /** Reads fail with an error nobody foresaw. */
  broken: boolean
  /** Awaited by every write. */
  delay: Promise<void>
  /** Everything that a request could have changed, as one text. */
  fingerprint(): string
  emit(event: Omit<KwotaEvent, 'at' | 'siteID'> & { siteID?: string }): void
}

/** What it does not answer itself, the living house answers. */
export function createTestHouse(living: House): TestHouse {
  const sites = new Map<string, Versioned<SiteConfig>>()
  const limits = new Map<string, Versioned<GridLimitView>>()
  const points = new Map<string, Versioned<ChargePointView>>()
  const patches = new Map<string, ConnectorPatch>()

  function find<T>(map: ReadonlyMap<string, T>, key: string, kind: string): T {
    if (house.broken) throw new TypeError('inside: secret 4711')
    const found = map.get(key)
    if (found === undefined) throw new Refusal('not-found', `unknown-${kind}`, `There is no ${kind} ${key}.`)
    return found
  }
  async function write<T>(act: () => T): Promise<T> {
    const result = act()
    await house.delay
    if (house.storeDown) throw new Refusal('store-down', 'store-down', 'The store takes no writes.')
    return result
  }
  function bump<T>(map: Map<string, Versioned<T>>, key: string, value: T, by: string): { created: boolean; now: Versioned<T> } {
    const before = map.get(key)
    const now = { value, version: (before?.version ?? 0) + 1, changedAt: at, changedBy: by }
    map.set(key, now)
    return { created: before === undefined, now }
  }
  function limitView(site: SiteConfig, currentA: number | null, extra: Partial<GridLimitView> = {}): GridLimitView {
    const effectiveA = currentA ?? (typeof site.fuseA === 'number' ? site.fuseA : site.fuseA.L1)
    return {
      currentA, ...extra,
      effective: { currentA: effectiveA, powerW: effectiveA * 3 * site.voltage, binding: currentA === null ? 'fuse' : 'grid-limit' },
      next: null, state: 'enforced', propagation: { targets: 1, told: 1, confirmed: 0, waiting: ['CP1/1'] }, decisionId: 'dec_1',
    }
  }
  function power(clientID: string, connectorId: number) {
    return {
      clientID, connectorId, circuit: null, status: 'Charging', online: true, transactionId: 7, doing: 'charging' as const, requestedA: 32, allocatedA: 16,
      confirmedA: 16, reservedA: 16, measuredA: 15.5, measuredAt: at, binding: 'grid-limit',
    }
  }
  function config(clientID: string, connectorId: number) {
    const { value } = find(points, clientID, 'charge-point')
    const found = value.connectors.find(({ id }) => id === connectorId)
    if (found === undefined) throw new Refusal('not-found', 'unknown-connector', `${clientID} has no connector ${connectorId}.`)
    return { found, siteID: value.site }
  }

  const house: TestHouse = {
    apiKeys: living.apiKeys, inspection: living.inspection, webhooks: living.webhooks, maskTag: (idTag) => living.maskTag(idTag), audit: living.audit, commands: living.commands, configuration: living.configuration, settings: living.settings, idTags: living.idTags, tariffs: living.tariffs, terms: living.terms, authorisationCache: living.authorisationCache, reservations: living.reservations, localLists: living.localLists, uploads: living.uploads, lobby: living.lobby, limits: living.limits, messages: living.messages, meterValues: living.meterValues, decisions: living.decisions, limitPreviews: living.limitPreviews, overviews: living.overviews, checks: living.checks, bulk: living.bulk, orphans: living.orphans, retention: living.retention, analytics: living.analytics, erasure: living.erasure, security: living.security, vendors: living.vendors, profiles: living.profiles, replays: living.replays, quirks: living.quirks,
    storeDown: false, broken: false, delay: Promise.resolve(),
    events$: new Subject(), kept: [], baseLoads: [], passwords: new Map(), transactionList: [], alertList: [],
    fingerprint: () => JSON.stringify([[...sites], [...limits], [...points], [...patches], house.baseLoads, [...house.passwords], house.alertList, 'polluted' in {}]),
    emit(event) {
      const whole = { siteID: 'main', at, ...event }
      house.kept.push(whole)
      house.events$.next(whole)
    },
    sites: () => [...sites.values()],
    site: (siteID) => find(sites, siteID, 'site'),
    putSite: (site, caller) => write(() => {
      const { created, now } = bump(sites, site.id, site, caller.name)
      return { created, site: now }
    }),
    async deleteSite(siteID) {
      find(sites, siteID, 'site')
      if (siteID === 'main') throw new Refusal('conflict', 'site-in-use', 'main stays.')
      await write(() => sites.delete(siteID))
    },
    power(siteID) {
      const { value } = find(sites, siteID, 'site')
      return {
        siteID, at, effective: house.gridLimit(siteID).value.effective, baseLoad: { status: 'never', countedA: zero, at: null }, state: 'enforced',
        circuits: [{ id: value.id, parent: null, limitA: { L1: 63, L2: 63, L3: 63 }, binding: { L1: 'fuse', L2: 'fuse', L3: 'fuse' }, measuredA: zero, measured: 'all', reservedA: zero, headroomA: zero, shedding: false }],
        connectors: [...points.values()].flatMap((point) => point.value.connectors.map(({ id }) => power(point.value.id, id))), decisionId: null,
      }
    },
    gridLimit(siteID) {
      const { value } = find(sites, siteID, 'site')
      return limits.get(siteID) ?? { value: limitView(value, null), version: 0, changedAt: at, changedBy: 'nobody' }
    },
    async setGridLimit(siteID, limit, caller) {
      const { value } = find(sites, siteID, 'site')
      const currentA = limit.currentA ?? (limit.powerW ?? 0) / 3 / value.voltage
      if (currentA > 63) throw new Refusal('invalid', 'above-fuse', 'The fuse is 63 A.', { errors: [{ pointer: '/currentA', message: 'above the fuse' }] })
      const { reason, powerW } = limit
      return write(() => bump(limits, siteID, limitView(value, currentA, { setAt: at, ...(reason !== undefined && { reason }), ...(powerW !== undefined && { powerW }) }), caller.name).now)
    },
    async clearGridLimit(siteID, caller) {
      const { value } = find(sites, siteID, 'site')
      return write(() => bump(limits, siteID, limitView(value, null), caller.name).now)
    },
    pushBaseLoad(siteID, reading) {
      find(sites, siteID, 'site')
      house.baseLoads.push(reading)
    },
    chargePoints: () => [...points.values()],
    chargePoint: (clientID) => find(points, clientID, 'charge-point'),
    async putChargePoint(chargePoint, password, caller) {
      find(sites, chargePoint.site, 'site')
      return write(() => {
        if (password !== undefined) house.passwords.set(chargePoint.id, password instanceof DrawnPassword ? password.text : password)
        const view: ChargePointView = {
          ...chargePoint, hasPassword: typeof house.passwords.get(chargePoint.id) === 'string',
          connection: { state: 'never', since: null, remoteAddress: null, generation: 0 }, lastSeenAt: null, boot: null, quirks: {}, state: 'offline',
        }
        const { created, now } = bump(points, chargePoint.id, view, caller.name)
        return { created, chargePoint: now }
      })
    },
    async deleteChargePoint(clientID) {
      find(points, clientID, 'charge-point')
      await write(() => points.delete(clientID))
    },
    connector(clientID, connectorId): ConnectorView {
      const { found, siteID } = config(clientID, connectorId)
      const patch = patches.get(`${clientID}/${connectorId}`) ?? {}
      return {
        id: connectorId, clientID, siteID, status: 'Charging', errorCode: 'NoError', statusAt: at, transactionId: 7, priority: patch.priority ?? 0,
        weight: patch.weight ?? 1, departureAt: patch.departureAt ?? null, energyNeededWh: patch.energyNeededWh ?? null,
        vehicleMaxA: patch.vehicleMaxA ?? null, vehiclePhases: patch.vehiclePhases ?? null, power: power(clientID, connectorId), config: found,
      }
    },
    async patchConnector(clientID, connectorId, patch) {
      config(clientID, connectorId)
      const key = `${clientID}/${connectorId}`
      await write(() => patches.set(key, { ...patches.get(key), ...patch }))
      return house.connector(clientID, connectorId)
    },
    allocation(clientID, connectorId) {
      config(clientID, connectorId)
      return {
        requestedA: 32, allocatedA: 16, confirmedA: 16, reservedA: 16, measuredA: null, measuredAt: null, binding: 'grid-limit', summary: '16 A: the grid limit.',
        constraints: [{ id: 'fuse', limitA: 63, state: 'ok' }, { id: 'grid-limit', limitA: 16, shareA: 16, state: 'binding', until: at, inferred: false }],
        queue: { place: 1, of: 2 }, nextReviewAt: null, decisionId: 'dec_1',
      }
    },
    records: smallRecords(() => house.transactionList, living.records, (id) => find(new Map(house.transactionList.map((transaction) => [String(transaction.id), transaction])), id, 'transaction')),
    alerts: () => house.alertList,
    ackAlert(id, caller) {
      const index = house.alertList.findIndex((alert) => alert.id === id)
      const found = find(new Map(house.alertList.map((alert) => [alert.id, alert])), id, 'alert')
      return (house.alertList[index] = { ...found, ackedAt: at, ackedBy: caller.name })
    },
    demandOwner: () => undefined,
    inventory: () => ({ sites: [...sites.keys()].map((id) => ({ id, epoch: 1, lostTo: null, leaseEndsAt: null })), connections: 0, chargePoints: points.size, transactions: house.transactionList.length, alerts: house.alertList.length }),
    eventsSince(lastEventID) {
      const index = house.kept.findIndex(({ id }) => id === lastEventID)
      return index < 0 ? null : house.kept.slice(index + 1)
    },
    async health() {
      return { ready: !house.storeDown, checks: [{ name: 'store', ok: !house.storeDown, detail: house.storeDown ? 'no answer' : 'writes' }] }
    },
  }

  const caller = { name: 'seed', requestId: 'seed' }
  void house.putSite(siteSchema.parse({ id: 'main', fuseA: 63 }), caller)
  void house.putChargePoint(chargePointSchema.parse({ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }), undefined, caller)
  const transaction = { siteID: 'main', clientID: 'CP1', connectorId: 1, idTag: '=SUM(A1)', stoppedAt: null, stopReason: null, meterStartWh: 0, meterStopWh: null, energyWh: 10, cost: null, tariff: null, limits: {}, limitedS: {}, idleS: 0, anomalies: 0, stoppedBy: null }
  for (let id = 1; id <= 5; id++) house.transactionList.unshift({ ...transaction, id, status: id > 3 ? 'charging' : 'stopped', startedAt: `2026-11-22T1${id}:00:00.000Z` })
  const alert = { code: 'starved', severity: 'warning', siteID: 'main', clientID: null, connectorId: null, message: 'waits', ackedAt: null, ackedBy: null } as const
  house.alertList.push({ ...alert, id: 'a2', raisedAt: at, resolvedAt: null }, { ...alert, id: 'a1', raisedAt: '2026-11-22T11:00:00.000Z', resolvedAt: at })
  return house
}
