// Opens everything that lives: restores sites and charge points from the store, adds what the file provisions, and gives the two faces.
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { StationDesk } from '../protocol/session.ts'
import { ChargePointDesk } from './charge-point-desk.ts'
import { ofLimit, provisioner } from './audit-notes.ts'
import { PasswordCheck } from './credentials.ts'
import { checkFit, checkSite, findMisfit } from './check-site.ts'
import { tellUnconfigured } from './aside-alerts.ts'
import { Estate } from './estate.ts'
import { readPointRecords, readSiteRecord, type PointRecord, type SiteRecord } from './estate-records.ts'
import type { EstateOptions } from './estate-options.ts'
import { Deferred } from './deferred.ts'
import { globalScope, openGlobalScope } from './global-scope.ts'
import { keepRunning } from './handlers/running.ts'
import { HouseDesk } from './house-desk.ts'
import { asideKey } from './set-aside.ts'
import { StoreWatch } from './store-watch.ts'
import { TickWatch } from './tick-watch.ts'
import { ZombieWatch } from './zombies.ts'
import { LocalListWatch } from './local-list-watch.ts'
import { Refusal, type House } from './house.ts'
import { holdBack, runningIn } from './in-use.ts'
import { closeAll, writeOut, type Unwritten } from './last-writes.ts'
import { claimTogether } from './new-claims.ts'
import { PointEntry } from './point-book.ts'
import { layPassword, withProvenProfile } from './point-record.ts'
import { tellAllOrphans } from './orphan-office.ts'
import { provisionSite } from './provisioned-site.ts'
import { belongings, withoutPoint } from './records.ts'
import { standInPoints } from './stand-ins.ts'
import { Sweeper } from './sweeper.ts'
import type { Scope } from './scope.ts'
import { checkFileTariffs } from './tariff-use.ts'

export interface DirectoryOptions extends EstateOptions {
  /** What the file says; it wins over what is stored, at every start. */
  readonly provision: {
    readonly sites: readonly SiteConfig[]
    readonly chargePoints: readonly (ChargePointConfig & { readonly password?: string | undefined })[]
  }
  readonly unknownChargePoints: 'reject' | 'pending' | 'accept'
  /** Unknown identities are answered 404 instead of what a wrong password is answered; default false. */
  readonly revealUnknown?: boolean
  readonly messagesPerSecond?: number
}

export interface Directory {
  readonly house: House
  readonly desk: StationDesk
  /** What both faces stand on. */
  readonly estate: Estate
  /** Orderly: no more raisings, everything flushed. `patienceMs` = how long a store that takes nothing is waited for (default 0: tried once); resolves with what could not be written. */
  stop(patienceMs?: number): Promise<readonly Unwritten[]>
  /** As if killed: no more effects, nothing flushed. */
  crash(): void
}

const passwords = new PasswordCheck()

/** Rejects with Refusal when a configuration cannot be safe, with StoreUnavailable when there is no store; nothing goes on then. */
export async function openDirectory(options: DirectoryOptions): Promise<Directory> {
  const estate = new Estate(options, await openGlobalScope(options))
  const scopes = new Map<string, Scope>()
  try {
    return await openEstate(options, estate, scopes)
  } catch (error) {
    // Whoever tries again takes these scopes anew: nothing may be written for them meanwhile.
    for (const scope of [estate.global, ...scopes.values()]) scope.abandon()
    for (const { room } of estate.sites.values()) room.stop()
    estate.waking.stop()
    for (const { opened } of estate.points.values()) opened?.stop({ save: false })
    estate.authorisation.stop()
    throw error
  }
}

/** `scopes` takes those of the sites as they are opened. */
async function openEstate(options: DirectoryOptions, estate: Estate, scopes: Map<string, Scope>): Promise<Directory> {
  const { store, provision } = options
  checkFileTariffs(estate, provision)
  const provisioned = new Map(provision.sites.map((site) => [site.id, site]))
  const records: { record: SiteRecord; scope: Scope }[] = []
  const owners = await store.claims('chargepoint')
  const ofFile = new Set(provision.chargePoints.map(({ id }) => id.toLowerCase()))
  const deferred = new Deferred(estate, provisioner)
  const running = new Map<Scope, ReturnType<typeof runningIn>>()
  /** Where charge points were that the file has moved. */
  const left: [Scope, string][] = []
  for (const siteID of new Set([...await store.scopes(), ...provisioned.keys()])) {
    if (siteID === globalScope) continue
    const scope = await estate.takeScope(siteID)
    const stored = readSiteRecord(scope)
    const known = provisioned.get(siteID)
    // The built-in site gives way also to what cannot be read: it may have said less.
    const isLost = known?.fuseAssumed === true && stored === null && scope.get(asideKey('config')) !== undefined
    const given = isLost ? undefined : known
    if (given === undefined && stored === null) {
      tellUnconfigured(estate, scope, isLost)
      await scope.close()
      continue
    }
    const record = given === undefined ? stored! : provisionSite(stored, given, provisioner, () => estate.revise(stored ?? undefined, provisioner))
    scopes.set(siteID, scope)
    records.push({ record, scope })
    if (record !== stored) {
      scope.put('config', record)
      estate.notes.site(stored, record)
    }
    for (const point of readPointRecords(scope)) adopt(point)
    for (const point of standInPoints(scope, siteID, ofFile, estate.revise(undefined, 'kwota'))) {
      scope.put(`chargepoint:${point.config.id}`, point)
      adopt(point)
    }
  }
  const claimed = await claimTogether(store, provision.chargePoints.filter(({ id, site }) => scopes.has(site) && estate.point(id) === undefined))
  for (const { password, ...config } of provision.chargePoints) await provisionPoint(config, password)
  for (const { record: { site } } of records) {
    // The file must fit by itself; what else is stored only has to be possible, so that no charge point can keep kwota from starting.
    const given = provisioned.get(site.id)
    const ofFile = provision.chargePoints.filter((config) => config.site === site.id)
    if (given === undefined || given.fuseAssumed === true) checkFit(site, ofFile)
    else checkSite(given, ofFile)
    findMisfit(site, estate.configsOf(site.id))
  }
  // Said before it is done: killed in between, the next start says and does it again.
  await estate.notes.write()
  for (const { scope } of records) await scope.flush()
  // What was moved is durable where it is now.
  for (const [scope, clientID] of left) {
    for (const key of Object.keys(withoutPoint(clientID))) scope.delete(key)
    await scope.flush()
  }
  await estate.global.flush()
  for (const { record, scope } of records) tellAllOrphans(estate, await estate.openSite(record, scope))
  estate.waking.begin()
  const limits = estate.events.facts$.subscribe((event) => {
    const entry = ofLimit(event)
    if (entry !== null) estate.audit.note(entry)
  })
  await estate.uploads.begin()
  estate.drift.open()
  estate.availability.begin()
  deferred.begin()
  const lists = new LocalListWatch(estate)
  const ticks = new TickWatch(estate)
  const stores = new StoreWatch(estate)
  const [sweeper, zombies] = [new Sweeper(estate), new ZombieWatch(estate)]
  const desk = new ChargePointDesk({
    estate, unknownChargePoints: options.unknownChargePoints, revealUnknown: options.revealUnknown ?? false, passwords, ...(options.messagesPerSecond === undefined ? {} : { messagesPerSecond: options.messagesPerSecond }),
  })

  /** Of a charge point that was being moved when we stopped two records are left; the claim says which one holds. */
  function adopt(record: PointRecord): void {
    const { id, site } = record.config
    const twin = estate.point(id)
    const holds = twin === undefined || owners.get(id.toLowerCase()) === site
    const stale = holds ? twin?.record.config : record.config
    if (twin !== undefined && stale !== undefined && twin.record.config.site !== site) for (const key of Object.keys(withoutPoint(stale.id))) scopes.get(stale.site)?.delete(key)
    if (holds) estate.points.set(id.toLowerCase(), new PointEntry(record))
  }

  async function provisionPoint(given: ChargePointConfig, password: string | undefined): Promise<void> {
    if (!scopes.has(given.site)) throw new Refusal('invalid', 'unknown-site', `${given.id} belongs to site ${given.site}, which does not exist.`)
    const known = estate.point(given.id)
    const wanted = withProvenProfile({ ...given, id: known?.record.config.id ?? given.id }, known?.record)
    const config = known === undefined ? wanted : possibleNow(known.record.config, wanted)
    const from = known?.record.config.site
    if (from !== config.site) {
      if (from !== undefined) await store.release('chargepoint', config.id.toLowerCase(), from)
      if (!claimed.has(config.id.toLowerCase())) await store.claim('chargepoint', config.id.toLowerCase(), config.site)
    }
    const proofs = await layPassword(known?.record, password, passwords)
    const unchanged = known !== undefined && known.record.standIn !== true && same(known.record.config, config) && proofs.password === known.record.password
    const record: PointRecord = { ...(unchanged ? known.record : estate.revise(known?.record, provisioner)), config, ...proofs }
    if (!same(config, wanted)) deferred.add(wanted, record)
    if (unchanged && record.filePassword === known.record.filePassword) return
    const before = from === undefined || from === config.site ? undefined : scopes.get(from)
    if (before !== undefined) {
      left.push([before, config.id])
      for (const [key, value] of Object.entries(belongings(before, config.id))) scopes.get(config.site)!.put(key, value)
    }
    scopes.get(config.site)!.put(`chargepoint:${config.id}`, record)
    estate.notes.point(known?.record, record)
    estate.points.set(config.id.toLowerCase(), new PointEntry(record))
  }

  /** What of the file's entry can hold while transactions run (decision 14). */
  function possibleNow(before: ChargePointConfig, wanted: ChargePointConfig): ChargePointConfig {
    const site = records.find(({ record }) => record.site.id === before.site)
    if (site === undefined || same(before, wanted) || estate.point(before.id)?.record.standIn === true) return wanted
    running.set(site.scope, running.get(site.scope) ?? runningIn(site.scope))
    return holdBack(before, wanted, running.get(site.scope)!.get(before.id) ?? new Set(), site.record.site)
  }

  const house = new HouseDesk(estate)
  house.erasure.resume()
  house.webhooks.begin()

  const end = (save: boolean) => {
    estate.waking.stop()
    for (const { opened } of estate.points.values()) {
      if (save && opened !== null) keepRunning(opened.station)
      opened?.stop({ save })
    }
    for (const { room } of estate.sites.values()) room.stop()
    house.webhooks.stop()
    house.checks.stop()
    estate.batches.stop()
    estate.audit.stop()
    limits.unsubscribe()
    estate.uploads.stop()
    deferred.stop()
    lists.stop()
    estate.drift.stop()
    ticks.stop()
    stores.stop()
    sweeper.stop()
    zombies.stop()
    estate.authorisation.stop()
    estate.inspection.stop()
  }
  return {
    house, desk, estate,
    async stop(patienceMs = 0) {
      end(true)
      const all = [...[...estate.sites.values()].map(({ scope }) => scope), estate.global]
      await writeOut(all, options.clock, patienceMs)
      await estate.messages.stop()
      await estate.availability.stop()
      await estate.meters.stop()
      await Promise.all([...estate.sites.values()].map(({ room }) => room.decisions.flush()))
      return closeAll(all)
    },
    crash() {
      for (const { scope, room } of estate.sites.values()) {
        scope.abandon()
        room.decisions.abandon()
      }
      estate.global.abandon()
      estate.messages.abandon()
      estate.availability.abandon()
      estate.meters.abandon()
      end(false)
    },
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
