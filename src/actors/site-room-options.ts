// What the room of a site is given: its records and configuration, and whom it tells what.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { GridLimit } from '../power/limits.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { SeriesEntry } from '../store/port.ts'
import type { Alerts } from './alerts.ts'
import type { EngineSettings, Review } from './engine-options.ts'
import type { Running } from './family-actor.ts'
import type { KwotaEvent } from './house.ts'
import type { ShowRow } from './mirror.ts'
import type { Scope } from './scope.ts'
import type { MeterAlertsOf } from './under-reporting-watch.ts'
import type { EstateLore } from './station-lore.ts'

export interface SiteRoomOptions {
  readonly scope: Scope
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly settings: EngineSettings
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly emit: (event: Omit<KwotaEvent, 'id' | 'at' | 'siteID'>) => void
  /** Adds to the site's history; may fail without consequence for the power. */
  readonly append: (series: string, entries: readonly SeriesEntry[]) => Promise<void>
  /** Drops what is older from the site's history; absent: nothing ever is. */
  readonly expire?: (series: string, beforeMs: number) => Promise<void>
  /** The connector's row as people see it: none, sending, confirmed, settled, unknown, refused. */
  readonly mirror: ShowRow
  readonly gauge?: Gauge
  /** The grid limit was not renewed in time; told once for each. */
  readonly lapsed?: (limit: GridLimit) => void
  /** Ends a transaction of a charger that goes on disobeying; absent: nobody can. */
  readonly stopTransaction?: (clientID: string, transactionId: number) => void
  /** From where on what a charge point reports is doubted; absent: as usual. */
  readonly meterAlerts?: MeterAlertsOf
  /** Absent: nothing is known of models, and nothing is cleared. */
  readonly lore?: EstateLore
  /** Told the site's actor once it runs; absent: nobody looks in. */
  readonly running?: Running
}

/** Told what takes how long, for metrics. */
export interface Gauge {
  reviewed(siteID: string, review: Review, durationMs: number): void
  lowered(siteID: string, latencyMs: number): void
}
