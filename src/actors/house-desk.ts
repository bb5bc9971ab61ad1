// The house answering its callers: reads views from the running actors, and makes every change durable before it says so.
import { chargePointSchema, connectorKey, type ChargePointConfig, type SiteConfig } from '../power/site.ts'
import { checkSite } from './check-site.ts'
import { AuthorisationCacheDesk } from './authorisation-face.ts'
import { pushBaseLoad } from './base-load.ts'
import type { GivenPassword } from './credentials.ts'
import { dropDecisions } from './decision-reader.ts'
import type { PointEntry, SiteEntry } from './estate.ts'
import type { SiteRecord } from './estate-records.ts'
import { Faces } from './faces.ts'
import { followSettings } from './follow-settings.ts'
import { Refusal, type BaseLoadInput, type Caller, type House, type KwotaEvent, type Versioned } from './house.ts'
import type { AlertView, AllocationView, ChargePointView, ConnectorPatch, ConnectorView, GridLimitView, Health, Inventory, PowerView } from './views.ts'
import { healthOf } from './health.ts'
import { acknowledge, inventoryOf } from './inventory.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { demandOwner } from './lost-site.ts'
import { deletePoint, putPoint } from './placement.ts'
import { storeDown, withoutSite, write } from './records.ts'
import { acceptPoint, acceptSite, shown } from './spoken-settings.ts'
import { shownQuirks } from './quirk-face.ts'
import { tendReservations } from './reservation-log.ts'

export class HouseDesk extends Faces implements House {
  get events$() { return this.estate.events.events$ }
  get idTags() { return this.estate.idTags }
  get tariffs() { return this.estate.tariffs }
  get authorisationCache() { return new AuthorisationCacheDesk(this.estate) }

  eventsSince(lastEventID: string): readonly KwotaEvent[] | null {
    return this.estate.events.since(lastEventID)
  }

  sites(): readonly Versioned<SiteConfig>[] {
    return [...this.estate.sites.values()].map(({ record }) => siteView(record)).sort((a, b) => (a.value.id < b.value.id ? -1 : 1))
  }

  site(siteID: string): Versioned<SiteConfig> {
    return siteView(this.siteEntry(siteID).record)
  }

  putSite(given: SiteConfig, caller: Caller): Promise<{ created: boolean; site: Versioned<SiteConfig> }> {
    const put = () => this.putSiteNow(given, caller)
    return given.settings?.tariffId === undefined ? put() : this.estate.tariffs.naming(put)
  }

  private async putSiteNow(given: SiteConfig, caller: Caller): Promise<{ created: boolean; site: Versioned<SiteConfig> }> {
    const known = this.estate.sites.get(given.id)
    const config = acceptSite(this.estate, given, known?.record.site)
    checkSite(config, this.estate.configsOf(config.id))
    const record: SiteRecord = { ...known?.record, ...this.estate.revise(known?.record, caller.name), site: config }
    if (known === undefined) {
      const scope = await this.estate.takeScope(config.id).catch((error: unknown) => { throw storeDown(error) })
      await write(scope, { config: record }).catch((error: unknown) => {
        // Its next try would come with an old epoch, when the site may have been made after all.
        scope.abandon()
        throw error
      })
      await this.estate.openSite(record, scope)
      return { created: true, site: siteView(record) }
    }
    await write(known.scope, { config: record })
    known.record = record
    this.estate.reconfigure(config.id, caller)
    for (const { family } of this.estate.points.ofSite(config.id)) if (family !== null) followSettings(family.station)
    return { created: false, site: siteView(record) }
  }

  async deleteSite(siteID: string): Promise<void> {
    const entry = this.siteEntry(siteID)
    if (siteID === 'main') throw new Refusal('conflict', 'site-in-use', 'The site main always exists.')
    const inUse = this.estate.configsOf(siteID)
    if (inUse.length > 0) throw new Refusal('conflict', 'site-in-use', `${inUse.length} charge points belong to site ${siteID}.`, { hint: 'Move or delete them first.' })
    await write(entry.scope, withoutSite(entry.scope))
    entry.room.stop()
    this.estate.sites.delete(siteID)
    this.estate.reservations.drop(entry.scope)
    this.estate.commands.drop(entry.scope)
    await entry.scope.close()
    await this.estate.messages.drop(siteID)
    await this.estate.meters.drop(siteID)
    await this.estate.availability.forget(siteID)
    await dropDecisions(this.estate, siteID)
  }

  power(siteID: string): PowerView { return this.siteEntry(siteID).room.power() }
  gridLimit(siteID: string): Versioned<GridLimitView> { return this.siteEntry(siteID).room.gridLimit() }

  setGridLimit(siteID: string, limit: { currentA?: number; powerW?: number; reason?: string; ttlS?: number }, caller: Caller): Promise<Versioned<GridLimitView>> {
    return this.siteEntry(siteID).room.setGridLimit(limit, caller.name, caller.requestId)
  }

  async clearGridLimit(siteID: string, caller: Caller): Promise<Versioned<GridLimitView>> {
    return this.siteEntry(siteID).room.setGridLimit(null, caller.name, caller.requestId)
  }

  pushBaseLoad(siteID: string, reading: BaseLoadInput): void { pushBaseLoad(this.estate, this.siteEntry(siteID), reading) }

  chargePoints(): readonly Versioned<ChargePointView>[] {
    return [...this.estate.points.values()].map((point) => this.pointView(point)).sort((a, b) => (a.value.id < b.value.id ? -1 : 1))
  }

  chargePoint(clientID: string): Versioned<ChargePointView> {
    return this.pointView(this.pointEntry(clientID))
  }

  putChargePoint(given: ChargePointConfig, password: GivenPassword, caller: Caller): Promise<{ created: boolean; chargePoint: Versioned<ChargePointView> }> {
    const put = () => this.putChargePointNow(given, password, caller)
    return given.settings?.tariffId === undefined ? put() : this.estate.tariffs.naming(put)
  }

  private async putChargePointNow(given: ChargePointConfig, password: GivenPassword, caller: Caller): Promise<{ created: boolean; chargePoint: Versioned<ChargePointView> }> {
    const { created, point } = await putPoint(this.estate, acceptPoint(this.estate, given, this.estate.point(given.id)?.record.config), password, caller.name, caller)
    this.resolveNewCharger(point.record.config.id)
    tendReservations(this.estate)
    if (created) this.estate.lobby.release(point.record.config.id, 'configured now; connect again')
    return { created, chargePoint: this.pointView(point) }
  }

  async deleteChargePoint(clientID: string, caller: Caller): Promise<void> {
    await deletePoint(this.estate, clientID, caller)
    tendReservations(this.estate)
  }

  connector(clientID: string, connectorId: number): ConnectorView {
    const point = this.pointEntry(clientID)
    const { config } = point.record
    const own = config.connectors.find((connector) => connector.id === connectorId)
    if (own === undefined) throw new Refusal('not-found', 'unknown-connector', `${config.id} has no connector ${connectorId}.`)
    const { room } = this.siteEntry(config.site)
    const seen = this.estate.familyOf(config.id)?.view().connectors.find((connector) => connector.id === connectorId)
    const { car } = room.engine.books.wiring(connectorKey(config.id, connectorId))
    return {
      id: connectorId, clientID: config.id, siteID: config.site,
      status: seen?.status ?? 'Unknown', errorCode: seen?.errorCode ?? 'NoError', ...(seen?.info === undefined ? {} : { info: seen.info }),
      statusAt: seen?.statusAt ?? null, transactionId: seen?.transactionId ?? null,
      priority: car.priority, weight: car.weight, departureAt: car.departureAt, energyNeededWh: car.energyNeededWh, vehicleMaxA: car.vehicleMaxA, vehiclePhases: car.vehiclePhases,
      power: room.connectorPower(connectorKey(config.id, connectorId)), config: own,
    }
  }

  async patchConnector(clientID: string, connectorId: number, patch: ConnectorPatch, caller: Caller): Promise<ConnectorView> {
    const { siteID, clientID: id } = this.connector(clientID, connectorId)
    const { room, scope } = this.siteEntry(siteID)
    const key = connectorKey(id, connectorId)
    const before = room.engine.books.wiring(key).car
    const after = { ...before, ...patch }
    room.tellCar(key, after, caller)
    await scope.flush().catch((error: unknown) => {
      if (room.engine.books.wiring(key).car === after) room.tellCar(key, before)
      throw storeDown(error)
    })
    return this.connector(id, connectorId)
  }

  allocation(clientID: string, connectorId: number): AllocationView {
    const { siteID, clientID: id } = this.connector(clientID, connectorId)
    return this.siteEntry(siteID).room.allocation(connectorKey(id, connectorId))
  }

  alerts(): readonly AlertView[] { return this.estate.alerts.list() }
  ackAlert(id: string, caller: Caller): AlertView { return acknowledge(this.estate, id, caller) }
  inventory(): Inventory { return inventoryOf(this.estate) }
  demandOwner(about: { readonly siteID?: string; readonly clientID?: string }): void { demandOwner(this.estate, about) }

  health(): Promise<Health> { return healthOf(this.estate) }

  private siteEntry(siteID: string): SiteEntry {
    return siteEntry(this.estate, siteID)
  }

  private pointEntry(clientID: string): PointEntry {
    return pointEntry(this.estate, clientID)
  }

  /** A person has put its entry: that is what the alert asked for. */
  private resolveNewCharger(id: string): void {
    const { alerts, options: { clock } } = this.estate
    for (const { code, siteID, clientID, connectorId } of alerts.list()) if (code === 'new-charger' && clientID === id) alerts.set({ code, siteID, clientID, ...(connectorId === null ? {} : { connectorId }) }, null, clock.wall())
  }

  private pointView(point: PointEntry): Versioned<ChargePointView> {
    const { config, password, version, changedAt, changedBy } = point.record
    const view = this.estate.familyOf(config.id)?.view()
    return {
      version, changedAt, changedBy,
      value: {
        ...shown(chargePointSchema.parse(config)), hasPassword: password !== null,
        connection: view?.connection ?? { state: 'never', since: null, remoteAddress: null, generation: 0 },
        lastSeenAt: view?.lastSeenAt ?? null, boot: view?.boot ?? null, quirks: { ...view?.quirks, ...shownQuirks(this.estate, config) }, state: view?.state ?? 'offline',
      },
    }
  }
}

function siteView({ site, version, changedAt, changedBy }: SiteRecord): Versioned<SiteConfig> {
  return { version, changedAt, changedBy, value: shown(site) }
}
