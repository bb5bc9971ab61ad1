// Analytics towards people: what is asked is read and bounded here, and worked out beside.
import { availabilityOf } from './availability-shares.ts'
import type { AvailabilityView, BucketQuery, ChargePointReport, EnergyView, FairnessView, PeakView, ReportQuery, Series, TagReport, TransactionAnalytics, UtilizationView } from './analytics-views.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { meterPrefix } from './meter-row.ts'
import { unreadable } from './records.ts'
import { reportChargePoints, reportTags } from './session-reports.ts'
import { energyOf, fairnessOf, peaksOf, utilizationOf, type Asked } from './site-analytics.ts'
import { bucketsOver, type TimeBucket } from './time-buckets.ts'
import { analyse } from './transaction-analytics.ts'
import { asOfNow, findRecord } from './transaction-reader.ts'

/** A page of a series may be short and still have a next one: it is as long as its work may be. All reject with Refusal: not-found (`unknown-site`, `unknown-charge-point`, `unknown-transaction`), invalid (`range-too-long`, `range-backwards`, `site-needed`, `bucket-too-short`), store-down. */
export interface AnalyticsFace {
  transaction(id: number): Promise<TransactionAnalytics>
  utilization(query: BucketQuery): Promise<Series<UtilizationView>>
  energy(query: BucketQuery): Promise<Series<EnergyView>>
  peaks(query: BucketQuery): Promise<Series<PeakView>>
  fairness(query: BucketQuery): Promise<Series<FairnessView>>
  availability(query: BucketQuery): Promise<Series<AvailabilityView>>
  tags(query: ReportQuery): Promise<readonly TagReport[]>
  chargePoints(query: ReportQuery): Promise<readonly ChargePointReport[]>
}

const dayMs = 86_400_000
const longestMs = 1_100 * dayMs
const longestOfMinutesMs = 31 * dayMs

export class AnalyticsOffice implements AnalyticsFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  async transaction(id: number): Promise<TransactionAnalytics> {
    const { record } = await findRecord(this.estate, id)
    return analyse(this.estate, asOfNow(this.estate, record))
  }

  utilization(query: BucketQuery): Promise<Series<UtilizationView>> { return this.series(query, 'ratio', utilizationOf) }
  energy(query: BucketQuery): Promise<Series<EnergyView>> { return this.series(query, 'Wh', energyOf) }
  async peaks(query: BucketQuery): Promise<Series<PeakView>> {
    if (query.bucket === '1m') throw new Refusal('invalid', 'bucket-too-short', 'A peak is that of a whole quarter of an hour, and no minute holds one.', { hint: 'Send bucket=15m, 1h or 1d; the minutes of a meter are in /api/v1/meter-values.', errors: [{ pointer: '/bucket', message: 'is shorter than the quarter of an hour that a peak is measured over' }] })
    return this.series(query, 'W', peaksOf)
  }
  fairness(query: BucketQuery): Promise<Series<FairnessView>> { return this.series(query, 'ratio', fairnessOf) }
  availability(query: BucketQuery): Promise<Series<AvailabilityView>> { return this.series(query, 'ratio', availabilityOf) }

  async tags(query: ReportQuery): Promise<readonly TagReport[]> {
    return reportTags(this.estate, this.sitesOf(query), ...this.range(query, 30 * dayMs))
  }

  async chargePoints(query: ReportQuery): Promise<readonly ChargePointReport[]> {
    return reportChargePoints(this.estate, this.sitesOf(query), ...this.range(query, 30 * dayMs))
  }

  private sitesOf({ siteID, covers }: ReportQuery): readonly string[] {
    return siteID === undefined ? [...this.estate.sites.keys()].filter((id) => covers?.(id) !== false) : [siteEntry(this.estate, siteID).record.site.id]
  }

  private async series<T>(query: BucketQuery, unit: string, work: (estate: Estate, asked: Asked) => Promise<readonly T[]>): Promise<Series<T>> {
    const point = query.clientID === undefined ? undefined : pointEntry(this.estate, query.clientID).record.config
    const { record: { site } } = siteEntry(this.estate, query.siteID ?? point?.site ?? this.onlySite())
    if (point !== undefined && point.site !== site.id && !await this.wasAt(site.id, point.id)) throw new Refusal('not-found', 'unknown-charge-point', `${point.id} belongs to site ${point.site}.`, { hint: `Ask with siteID=${point.site}.` })
    const [fromMs, toMs] = this.range(query, query.bucket === '1d' ? 30 * dayMs : dayMs)
    if (query.bucket === '1m' && toMs - fromMs > longestOfMinutesMs) throw new Refusal('invalid', 'range-too-long', 'A range of minutes is at most 31 days long (44,640 buckets).', { hint: 'Ask for less at a time, or for bucket=15m.', errors: [{ pointer: '/from', message: 'is more than 31 days before to, too long for bucket=1m' }] })
    const startMs = query.after === undefined ? fromMs : Math.max(fromMs, parseInt(query.after, 36))
    const buckets = bucketsOver(site.timezone, query.bucket, startMs, toMs, query.limit)
    const configs = point === undefined ? this.estate.configsOf(site.id) : [point]
    const connectors = configs.reduce((count, config) => count + config.connectors.length, 0)
    const { shown, found } = await asManyAs(buckets, (some) => work(this.estate, { siteID: site.id, clientID: point?.id, timezone: site.timezone, buckets: some, connectors }))
    const last = shown.at(-1)
    return {
      data: shown.map((bucket, index) => ({ from: new Date(bucket.fromMs).toISOString(), to: new Date(bucket.toMs).toISOString(), ...found[index]! })),
      next: last === undefined || last.toMs >= toMs ? null : last.toMs.toString(36), unit,
    }
  }

  /** Before it moved: what it measured there is there. */
  private async wasAt(siteID: string, clientID: string): Promise<boolean> {
    return (await this.estate.options.store.series(siteID, `${meterPrefix}${clientID}/`).catch(unreadable)).length > 0
  }

  private onlySite(): string {
    const [only, ...others] = this.estate.sites.keys()
    if (only === undefined || others.length > 0) throw new Refusal('invalid', 'site-needed', 'There are several sites, and none is named.', { hint: 'Add siteID or clientID; GET /api/v1/sites lists the sites.', errors: [{ pointer: '/siteID', message: 'is needed where there are several sites' }] })
    return only
  }

  /** Absent: up to now, and as much before it. */
  private range({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }, usualMs: number): [fromMs: number, toMs: number] {
    const toMs = to === undefined ? this.estate.options.clock.wall() : Date.parse(to)
    const fromMs = from === undefined ? toMs - usualMs : Date.parse(from)
    const at = (message: string) => ({ errors: [{ pointer: '/from', message }] })
    if (fromMs >= toMs) throw new Refusal('invalid', 'range-backwards', 'from must be before to.', { hint: 'Without to, the range ends now.', ...at('must be before to') })
    if (toMs - fromMs > longestMs) throw new Refusal('invalid', 'range-too-long', 'A range is at most 1,100 days long.', { hint: 'Ask for less at a time.', ...at('is more than 1,100 days before to') })
    return [fromMs, toMs]
  }
}

/** What is too much for a page is asked for by half of it, down to a single bucket. */
async function asManyAs<T>(buckets: readonly TimeBucket[], work: (some: readonly TimeBucket[]) => Promise<readonly T[]>): Promise<{ readonly shown: readonly TimeBucket[]; readonly found: readonly T[] }> {
  for (let shown = buckets; ;) {
    try {
      return { shown, found: await work(shown) }
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'range-too-long' || shown.length <= 1) throw error
      shown = shown.slice(0, Math.floor(shown.length / 2))
    }
  }
}
