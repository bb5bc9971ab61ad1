// All that is configured and running: the sites with their rooms and scopes, the charge points with their families.
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import { hasEnded, listTransactions } from '../sessions/record.ts'
import { Alerts } from './alerts.ts'
import { ApiKeys } from './api-keys.ts'
import { tellAside } from './aside-alerts.ts'
import { Archive } from './archive.ts'
import { AuditLog } from './audit-log.ts'
import { ofLapse, ProvisionNotes } from './audit-notes.ts'
import { Availability } from './availability.ts'
import { openAuthorisation, type Authorisation } from './authorisation.ts'
import { Batches } from './batches.ts'
import { findMisfit } from './check-site.ts'
import { CommandLog } from './command-log.ts'
import { defaultSettings, settingsOf, type Layers, type Settings } from '../settings.ts'
import { EventLog } from './event-log.ts'
import type { EstateOptions } from './estate-options.ts'
import type { PointRecord, Revision, SiteRecord } from './estate-records.ts'
import { openFamilyOf } from './estate-family.ts'
import type { Family } from './family.ts'
import { Refusal, type Caller } from './house.ts'
import { Inspection } from './inspection/inspection.ts'
import { Lobby } from './lobby.ts'
import { stopDisobeying } from './ladder-stop.ts'
import { openLocalLists, type LocalLists } from './local-lists.ts'
import { bookOlderStore } from './older-store.ts'
import { openMessageLog, type MessageLog } from './message-log.ts'
import { PointBook, PointEntry } from './point-book.ts'
import { MeterLog } from './meter-log.ts'
import { estateLore } from './estate-lore.ts'
import { QuirkBook } from './quirk-book.ts'
import { belongings, storeDown, write } from './records.ts'
import { openReservationLog, tendReservations, type ReservationLog } from './reservation-log.ts'
import { DriftWatch } from './drift-watch.ts'
import { Replays } from './replays.ts'
import { Retention } from './retention.ts'
import type { Scope } from './scope.ts'
import { SiteRoom } from './site-room.ts'
import { openSiteScope } from './site-scope.ts'
import { withRoomFor } from './stand-ins.ts'
import { TagMask } from './tag-mask.ts'
import { TariffShelf } from './tariff-shelf.ts'
import { checkTagTariffs, usersOf } from './tariff-use.ts'
import { Uploads } from './uploads.ts'
import { Waking } from './waking.ts'

export type { PointEntry }
export interface SiteEntry { record: SiteRecord; readonly scope: Scope; readonly room: SiteRoom; readonly archive: Archive }

export class Estate {
  readonly sites = new Map<string, SiteEntry>()
  readonly points = new PointBook()
  readonly waking = new Waking(this)
  readonly events: EventLog
  readonly alerts: Alerts
  readonly commands: CommandLog
  readonly reservations: ReservationLog
  readonly lobby: Lobby
  readonly messages: MessageLog
  readonly options: EstateOptions
  /** The records of what belongs to no site. */
  readonly global: Scope
  readonly audit: AuditLog
  readonly notes: ProvisionNotes
  readonly batches: Batches
  readonly replays: Replays
  readonly uploads = new Uploads(this)
  readonly retention = new Retention(this)
  readonly inspection = new Inspection(this)
  readonly availability = new Availability(this)
  readonly meters = new MeterLog(this)
  readonly authorisation: Authorisation
  readonly localLists: LocalLists
  readonly drift: DriftWatch
  readonly quirks: QuirkBook
  readonly tariffs: TariffShelf
  readonly apiKeys: ApiKeys
  readonly tagMask: TagMask
  private readonly everybody: Settings
  /** Identities whose charge point is being added, moved or removed. */
  private readonly placing = new Set<string>()

  constructor(options: EstateOptions, global: Scope) {
    this.options = options
    this.everybody = { ...defaultSettings, ...options.defaults }
    this.global = global
    this.notes = new ProvisionNotes(this.audit = new AuditLog({ ...options, scope: global }))
    this.batches = new Batches({ scope: global, wall: () => options.clock.wall(), newId: () => options.ids.opaque(), command: (id) => this.commands.get(id) })
    this.replays = new Replays(global, () => options.clock.wall())
    const { clock } = options
    const run = options.ids.opaque().slice(0, 12)
    this.events = new EventLog(clock, run)
    this.alerts = new Alerts((alert, type) => this.events.emit({
      type, siteID: alert.siteID, ...(alert.clientID === null ? {} : { clientID: alert.clientID }), ...(alert.connectorId === null ? {} : { connectorId: alert.connectorId }), data: { ...alert },
    }), (alert, count) => options.log.warn({ code: alert.code, siteID: alert.siteID, clientID: alert.clientID, count }, 'alerts were dropped: too many are open'), run)
    this.apiKeys = new ApiKeys({ scope: global, log: options.log, wallMs: () => clock.wall(), hasSite: (siteID) => this.sites.has(siteID) })
    this.tagMask = new TagMask(global)
    this.lobby = new Lobby(() => clock.wall())
    this.messages = openMessageLog(this)
    this.commands = new CommandLog({ clock, emit: (event) => this.events.emit(event) })
    this.reservations = openReservationLog(this)
    this.tariffs = new TariffShelf({ scope: global, log: options.log, wallMs: () => clock.wall(), usersOf: (id) => usersOf(this, id) })
    this.notes.around('tariff', (options.tariffs ?? []).map(({ id }) => id), (id) => this.tariffs.find(id)?.value, () => this.tariffs.provision(options.tariffs ?? [], 'kwota.yaml'))
    this.authorisation = this.notes.tags(global, options.idTags ?? [], () => openAuthorisation({ check: (tags, at) => checkTagTariffs(this, tags, at), naming: (change) => this.tariffs.naming(change), scope: global, clock, log: options.log, alerts: this.alerts, provision: options.idTags ?? [], external: options.externalAuthority ?? null, pause: options.pause ?? (() => new Promise((resolve) => { clock.after(0, resolve) })) }))
    this.localLists = openLocalLists(this)
    this.drift = new DriftWatch(this, options.profileCheckRestMs ?? null)
    this.quirks = new QuirkBook(global, () => clock.wall())
    tellAside(this, global)
  }

  get idTags() { return this.authorisation.idTags }

  /** Charge points of a site as configured. */
  configsOf(siteID: string): ChargePointConfig[] {
    return this.points.ofSite(siteID).map(({ record }) => record.config)
  }

  private steered(site: SiteConfig): SiteConfig { return withRoomFor(site, this.points.ofSite(site.id).map(({ record }) => record)) }

  point(clientID: string): PointEntry | undefined { return this.points.get(clientID.toLowerCase()) }

  /** The site's room takes what is configured now. */
  reconfigure(siteID: string, caller?: Caller): void {
    const site = this.sites.get(siteID)
    if (site === undefined) return
    site.room.reconfigure(this.steered(site.record.site), this.configsOf(siteID), caller)
    this.tellFit(site.record.site)
  }

  /** What joined by itself, or was there before the file changed, may not fit: the engine copes, and people are told (decision 13). */
  private tellFit(site: SiteConfig): void {
    const misfit = findMisfit(site, this.configsOf(site.id))
    if (misfit !== null) this.options.log.warn({ siteID: site.id, detail: misfit.message }, 'the stored configuration does not fit')
    this.alerts.set({ code: 'unenforceable', siteID: site.id, about: 'configuration' }, misfit?.message ?? null, this.options.clock.wall())
  }

  /** Opens a site: takes its scope (or the one handed in), restores, and begins to steer. */
  async openSite(record: SiteRecord, opened?: Scope): Promise<SiteEntry> {
    const { clock, log, store, settings } = this.options
    const siteID = record.site.id
    const scope = opened ?? await this.takeScope(siteID)
    bookOlderStore(scope, record.site, this.configsOf(siteID), clock.wall())
    const room = new SiteRoom({
      scope, site: this.steered(record.site), chargePoints: this.configsOf(siteID), clock, log, alerts: this.alerts,
      settings: { leaseMs: settings?.leaseMs ?? 900_000, sampleIntervalMs: settings?.sampleIntervalMs ?? 10_000 },
      emit: (event) => this.events.emit({ ...event, siteID }), running: (actor) => this.inspection.roots.begin({ siteID, clientID: null }, actor),
      append: (series, entries) => store.append(siteID, series, entries), expire: (series, beforeMs) => store.expire(siteID, series, beforeMs),
      lapsed: (limit) => this.audit.note(ofLapse(siteID, this.sites.get(siteID)?.record.site ?? record.site, limit)),
      mirror: (clientID, connectorId, state) => this.point(clientID)?.opened?.mirror(connectorId, state),
      ...(this.options.gauge === undefined ? {} : { gauge: this.options.gauge }), lore: estateLore(this), meterAlerts: (clientID) => settingsOf(this.layersOf(clientID)).meterAlerts, stopTransaction: (clientID, transactionId) => stopDisobeying(this, clientID, transactionId),
    })
    this.commands.restore(scope)
    this.commands.endStrays(scope, (clientID) => this.point(clientID)?.record.config.site)
    this.reservations.restore(scope)
    const entry = { record, scope, room, archive: new Archive({ siteID, store, clock }) }
    this.sites.set(siteID, entry)
    this.tellFit(record.site)
    for (const transaction of listTransactions(scope)) if (!hasEnded(transaction)) this.waking.await(transaction.clientID, transaction)
    // So are commands that wait: their time may come before their charge point does.
    for (const clientID of this.commands.unfinished(siteID)) this.waking.await(clientID)
    tendReservations(this)
    return entry
  }

  takeScope(siteID: string): Promise<Scope> { return openSiteScope(this, siteID) }

  /** The actors of a charge point, restored or begun when first needed; null while it is on its way elsewhere, and where its site is lost to another process. */
  familyOf(clientID: string): Family | null {
    const point = this.point(clientID)
    const site = point === undefined ? undefined : this.sites.get(point.record.config.site)
    if (point === undefined || site === undefined || site.scope.lost) return null
    if (point.opened === null && this.placing.has(clientID.toLowerCase())) return null
    if (point.opened === null) this.waking.begins(point)
    return point.opened ??= openFamilyOf(this, point.record.config, site)
  }

  /** What is said for everybody, its site, itself and its connectors, as of now. */
  layersOf(clientID: string): Layers {
    const config = this.point(clientID)?.record.config
    const site = config === undefined ? undefined : this.sites.get(config.site)
    return {
      default: this.everybody,
      site: site?.record.site.settings, chargePoint: config?.settings,
      connectors: Object.fromEntries((config?.connectors ?? []).map(({ id, settings }) => [id, settings ?? {}])),
    }
  }

  /**
   * Makes a new or moved charge point durable in its site, with all that belongs to it, and takes it into the estate; `known` = what
   * the caller saw there, `check` = what must hold as its actors end. Rejects with Refusal: conflict while another owns the
   * identity, store-down when nothing was changed.
   */
  placePoint(record: PointRecord, known: PointEntry | undefined, check: () => void = () => undefined): Promise<PointEntry> {
    const { id, site } = record.config
    return this.alone(id, known, async () => {
      const key = id.toLowerCase()
      const owner = await this.claimPoint(key, site).catch((error: unknown) => { throw storeDown(error) })
      if (owner !== site) throw new Refusal('conflict', 'charge-point-exists', `${id} belongs to site ${owner}.`)
      check()
      // Nothing is written for it where it was while it is on its way.
      if (known !== undefined) this.closeFamily(known, 'moved to another site')
      const from = known === undefined ? undefined : this.sites.get(known.record.config.site)
      await write(this.sites.get(site)!.scope, { ...(from === undefined ? {} : belongings(from.scope, id)), [`chargepoint:${id}`]: record })
      const point = known ?? new PointEntry(record)
      point.record = record
      this.points.set(key, point)
      return point
    })
  }

  /** One at a time adds, moves or removes an identity. Once its actors have ended they begin again only afterwards; who connects meanwhile comes again. */
  async alone<T>(clientID: string, known: PointEntry | undefined, act: () => Promise<T>): Promise<T> {
    const key = clientID.toLowerCase()
    if (this.placing.has(key) || this.points.get(key) !== known) throw new Refusal('conflict', 'charge-point-exists', `${clientID} is being added, moved or deleted by somebody else.`)
    this.placing.add(key)
    try {
      return await act()
    } finally {
      this.placing.delete(key)
      if (known !== undefined && known.family === null) {
        known.session?.close(1012, 'it was changed meanwhile')
        known.session = null
      }
    }
  }

  /** Who owns the identity now. A claim of another site of ours is one that was left behind (or moved away from): it yields. */
  private async claimPoint(key: string, siteID: string): Promise<string> {
    const { store } = this.options
    const owner = await store.claim('chargepoint', key, siteID)
    if (owner === siteID || !this.sites.has(owner)) return owner
    await store.release('chargepoint', key, owner)
    return store.claim('chargepoint', key, siteID)
  }

  /** Ends the actors of a charge point so that they begin again with its new configuration. */
  closeFamily(point: PointEntry, why: string): void {
    point.session?.close(1012, why)
    point.session = null
    if (point.family === null) return
    point.family.stop()
    point.close()
    this.sites.get(point.record.config.site)?.room.stationOffline(point.record.config.id)
  }

  revise(before: Revision | undefined, changedBy: string): Revision {
    return { version: (before?.version ?? 0) + 1, changedAt: new Date(this.options.clock.wall()).toISOString(), changedBy }
  }
}
