// The meter values of all sites: one history and its quarter hours each, opened when first needed, ended with the house.
import { connectorKey } from '../power/site.ts'
import type { Estate } from './estate.ts'
import { lateSeries } from './late-quarters.ts'
import { siteEntry } from './lookup.ts'
import { MeterHistory } from './meter-history.ts'
import { meterPrefix } from './meter-row.ts'
import { Rollups, rollupPrefix } from './rollups.ts'

export interface SiteMeters { readonly history: MeterHistory; readonly rollups: Rollups }

const dayMs = 86_400_000

export class MeterLog {
  private readonly estate: Estate
  private readonly sites = new Map<string, SiteMeters>()
  /** The quarters of all sites close at once: side by side they would hold up whatever else there is. */
  private making: Promise<unknown> = Promise.resolve()

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** Of a site that is open. Throws Refusal not-found `unknown-site`: it may have been deleted while somebody asked. */
  of(siteID: string): SiteMeters {
    const known = this.sites.get(siteID)
    if (known !== undefined) return known
    const { estate } = this
    const { store, clock, log } = estate.options
    const { scope } = siteEntry(estate, siteID)
    const { retention } = estate
    const history = new MeterHistory({ siteID, store, clock, log, keepMs: () => retention.days('meterValues') * dayMs, noted: (key, atMs) => rollups.noted(key, atMs) })
    const rollups = new Rollups({
      siteID, store, scope, clock, log, history: () => history, maxPowerW: (key) => this.maxPowerW(siteID, key), inTurn: (act) => this.inTurn(act),
      keepMs: () => retention.days('rollups') * dayMs, rowsFromMs: () => retention.meterValuesFromMs(),
    })
    const meters = { history, rollups }
    this.sites.set(siteID, meters)
    void this.nameOld(siteID)
    return meters
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.making.then(act)
    this.making = turn.catch(() => undefined)
    return turn
  }

  /** Samples that 0.4 kept have no names in some stores, by which they could be swept. */
  private async nameOld(siteID: string): Promise<void> {
    const { store } = this.estate.options
    const keys = this.estate.configsOf(siteID).flatMap(({ id, connectors }) => connectors.map((connector) => connectorKey(id, connector.id)))
    for (const key of keys) await store.expire(siteID, `samples:${key}`, 1).catch(() => undefined)
  }

  /** What waits is written. */
  async stop(): Promise<void> {
    await Promise.all([...this.sites.values()].map(({ history, rollups }) => {
      rollups.stop()
      history.stop()
      return history.flush()
    }))
  }

  /** As if killed. */
  abandon(): void {
    for (const { history, rollups } of this.sites.values()) {
      rollups.stop()
      history.abandon()
    }
  }

  /** Forgets a site that is no more. */
  async drop(siteID: string): Promise<void> {
    const { store, clock, log } = this.estate.options
    const meters = this.sites.get(siteID)
    meters?.rollups.stop()
    meters?.history.abandon()
    this.sites.delete(siteID)
    try {
      for (const prefix of [meterPrefix, rollupPrefix, lateSeries]) {
        for (const name of await store.series(siteID, prefix)) await store.expire(siteID, name, clock.wall() + 2 * dayMs)
      }
    } catch (error) {
      log.warn({ siteID, error }, 'the meter values of a deleted site could not be dropped')
    }
  }

  /** What the hardware can deliver at most: of the main meter, that of all connectors; of what is not configured nobody knows. */
  maxPowerW(siteID: string, key: string): number {
    const [clientID, connectorId] = [key.slice(0, key.lastIndexOf('/')), Number(key.slice(key.lastIndexOf('/') + 1))]
    const config = this.estate.point(clientID)?.record.config
    const voltage = this.estate.sites.get(siteID)?.record.site.voltage ?? 230
    const named = config?.connectors.filter(({ id }) => id === connectorId || connectorId === 0) ?? []
    return named.length === 0 ? Infinity : named.reduce((sum, { maxA, maxW, phases }) => sum + (maxW ?? maxA * (phases?.length ?? 3) * voltage), 0)
  }
}
