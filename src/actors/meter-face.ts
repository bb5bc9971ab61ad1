// Meter values towards people: the samples as they came, or what they come to in buckets of time; of a connector or of a transaction.
import type { SampledValue } from '../protocol/messages/index.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { foldBuckets } from './meter-buckets.ts'
import type { Fold } from './meter-fold.ts'
import { locations, measurands, type MeterRow } from './meter-row.ts'
import { codeOf, isRegister, kindOf, unitOf, usualMeasurand, type Measurand } from './meter-units.ts'
import { unreadable } from './records.ts'
import { bucketsOver, type BucketName } from './time-buckets.ts'
import { covers, saidAgain } from './counted-time.ts'
import { findRecord } from './transaction-reader.ts'

export const aggregates = ['avg', 'min', 'max', 'last', 'delta'] as const
export type Aggregate = (typeof aggregates)[number]

export interface MeterQuery {
  /** Absent: `Energy.Active.Import.Register`. */
  readonly measurand?: Measurand | undefined
  /** Absent: of samples all; of buckets all together, summed where that means something. */
  readonly phase?: SampledValue['phase'] | undefined
  /** Absent: of samples all; of buckets the outlet, or where else there are values. */
  readonly location?: SampledValue['location'] | undefined
  /** RFC 3339; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly bucket?: BucketName | undefined
  /** Absent: `delta` of registers, `avg` of the others. */
  readonly agg?: Aggregate | undefined
  /** A `next` of before. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface BucketView { readonly from: string; readonly to: string; readonly value: number | null }

export interface SampleView {
  readonly at: string
  readonly receivedAt: string
  /** In `unit`; null = what came is no number, see `raw`. */
  readonly value: number | null
  readonly unit: string
  readonly transactionId: number | null
  readonly phase?: string
  readonly context?: string
  readonly location?: string
  readonly format?: string
  readonly raw?: string
}

/** Of samples `unit` is null: each has its own. */
export interface MeterPage { readonly data: readonly (BucketView | SampleView)[]; readonly unit: string | null; readonly next: string | null }

/** All reject with Refusal: not-found (`unknown-charge-point`, `unknown-transaction`), invalid (`range-backwards`, `not-a-register`, `agg-without-bucket`, `phase-needed`), store-down. */
export interface MeterFace {
  /** `connectorId` 0 = the main meter. `siteID`: where the charge point was then, absent = where it is. Samples: at most 20,000 rows are looked at, a page may be short and still have a next. */
  ofConnector(clientID: string, connectorId: number, query: MeterQuery & { readonly siteID?: string | undefined }): Promise<MeterPage>
  /** Absent `from` and `to`: from its start to its stop, or now. */
  ofTransaction(id: number, query: MeterQuery): Promise<MeterPage>
}

interface Asked { readonly siteID: string; readonly key: string; readonly fromMs: number; readonly toMs: number; readonly isAsked: (row: MeterRow) => boolean }

const dayMs = 86_400_000
const mostLookedAt = 20_000
const pageRows = 1_000
/** What belongs to a transaction may have been measured so long before or after. */
const aroundMs = 3_600_000
const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/

export class MeterOffice implements MeterFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  ofConnector(clientID: string, connectorId: number, query: MeterQuery & { readonly siteID?: string | undefined }): Promise<MeterPage> {
    return this.answer(query, async () => {
      const { id, site: siteNow } = pointEntry(this.estate, clientID).record.config
      const site = query.siteID === undefined ? siteNow : siteEntry(this.estate, query.siteID).record.site.id
      const toMs = readMs(query.to) ?? this.estate.options.clock.wall()
      return { siteID: site, key: `${id}/${connectorId}`, fromMs: readMs(query.from) ?? toMs - (query.bucket === '1d' ? 30 * dayMs : dayMs), toMs, isAsked: () => true }
    })
  }

  ofTransaction(id: number, query: MeterQuery): Promise<MeterPage> {
    return this.answer(query, async () => {
      const { record, site } = await findRecord(this.estate, id)
      const aroundThese = query.bucket === undefined ? aroundMs : 0
      return {
        siteID: this.estate.sites.has(record.siteID) ? record.siteID : site.record.site.id, key: `${record.clientID}/${record.connectorId}`, isAsked: (row) => isOf(record, row),
        fromMs: readMs(query.from) ?? record.startedAtMs - aroundThese,
        // What is measured as it stops belongs to it.
        toMs: readMs(query.to) ?? (record.stoppedAtMs === null ? this.estate.options.clock.wall() : record.stoppedAtMs + 1) + aroundThese,
      }
    })
  }

  private async answer(query: MeterQuery, ask: () => Promise<Asked>): Promise<MeterPage> {
    const { measurand = usualMeasurand, agg, bucket } = query
    if (agg !== undefined && bucket === undefined) throw invalid('agg-without-bucket', '/agg', `Without a bucket the samples come as they are, so there is no ${agg} of them.`, 'Send bucket=1m, 15m, 1h or 1d, or leave agg out.')
    if (agg === 'delta' && !isRegister(measurand)) throw invalid('not-a-register', '/agg', `${measurand} does not count up, so it has no delta.`, `Ask for avg, min, max or last, or for one of ${measurands.filter(isRegister).join(', ')}.`)
    try {
      const asked = await ask()
      if (asked.fromMs >= asked.toMs) throw invalid('range-backwards', '/from', 'The range ends before it begins.', 'Send a from that is before to.')
      return bucket === undefined ? await this.samples(asked, measurand, query) : await this.buckets(asked, measurand, query)
    } catch (error) {
      unreadable(error)
    }
  }

  private async samples({ siteID, key, fromMs, toMs, isAsked }: Asked, measurand: Measurand, query: MeterQuery): Promise<MeterPage> {
    const [startMs, given] = readCursor(query.after) ?? [fromMs, 0]
    const data: SampleView[] = []
    let [lookedAt, atMs, atOnce] = [0, startMs, 0]
    for await (const rows of this.estate.meters.of(siteID).history.pages(key, Math.max(fromMs, startMs), toMs, pageRows)) {
      for (const row of rows) {
        if (lookedAt++ >= mostLookedAt && row.atMs > startMs) return { data, unit: null, next: writeCursor(row.atMs, row.atMs === atMs ? atOnce : 0) }
        if (row.atMs !== atMs) [atMs, atOnce] = [row.atMs, 0]
        if (!isAsked(row)) continue
        for (const sample of row.values) {
          if ((sample.measurand ?? usualMeasurand) !== measurand || !fits(sample, query)) continue
          if (atMs === startMs && atOnce < given) {
            atOnce++
            continue
          }
          if (data.length >= query.limit) return { data, unit: null, next: writeCursor(atMs, atOnce) }
          atOnce++
          data.push(sampleView(row, sample, measurand))
        }
      }
    }
    return { data, unit: null, next: null }
  }

  private async buckets({ siteID, key, fromMs, toMs }: Asked, measurand: Measurand, query: MeterQuery): Promise<MeterPage> {
    const { estate: { meters, sites } } = this
    const [startMs] = readCursor(query.after) ?? [fromMs]
    const buckets = bucketsOver(sites.get(siteID)?.record.site.timezone ?? 'UTC', query.bucket ?? '15m', Math.max(0, fromMs, startMs), toMs, query.limit)
    const folds = await foldBuckets({ ...meters.of(siteID), key, maxPowerW: meters.maxPowerW(siteID, key) }, buckets)
    const code = codeIn(folds.flatMap((some) => [...some.keys()]), measurand, query)
    const agg = query.agg ?? (isRegister(measurand) ? 'delta' : 'avg')
    const untilMs = buckets.at(-1)?.toMs ?? toMs
    return {
      data: buckets.map((bucket, index) => ({ from: iso(bucket.fromMs), to: iso(bucket.toMs), value: valueOf(folds[index]?.get(code), agg) })),
      unit: unitOf(measurand), next: untilMs < toMs ? writeCursor(untilMs, 0) : null,
    }
  }
}

/** Named, or while it ran where none was and it seemed to be no other's: a start may be told after it. */
function isOf(record: TransactionRecord, { atMs, saidMs, transactionId }: MeterRow): boolean {
  return transactionId === record.id || (transactionId === null && saidMs !== undefined && covers(record, saidAgain(record.id, atMs, { transactionId, saidMs })))
}

function fits(sample: SampledValue, { phase, location }: MeterQuery): boolean {
  return (phase === undefined || sample.phase === phase) && (location === undefined || (sample.location ?? 'Outlet') === location)
}

function sampleView({ atMs, receivedAtMs, transactionId }: MeterRow, { value, unit, phase, context, location, format }: SampledValue, measurand: Measurand): SampleView {
  const number = format !== 'SignedData' && decimal.test(value) ? Number(value) : null
  return {
    at: iso(atMs), receivedAt: iso(receivedAtMs), value: number, unit: unit ?? unitOf(measurand), transactionId,
    ...(phase === undefined ? {} : { phase }), ...(context === undefined ? {} : { context }), ...(location === undefined ? {} : { location }),
    ...(format === undefined ? {} : { format }), ...(number === null ? { raw: value } : {}),
  }
}

/** Of what there is, what was asked for. */
function codeIn(codes: readonly string[], measurand: Measurand, { phase, location }: MeterQuery): string {
  const there = new Set(codes)
  const named = phase?.endsWith('-N') === true ? phase.slice(0, 2) : phase ?? ''
  const places = location === undefined ? locations : [location]
  const found = places.map((place) => codeOf({ measurand, phase: named, location: place })).find((code) => there.has(code))
  if (found !== undefined) return found
  const others = [...new Set([...there].map(kindOf).filter((kind) => kind?.measurand === measurand && kind.phase !== '').map((kind) => kind?.phase))].sort()
  if (phase === undefined && others.length > 0) throw invalid('phase-needed', '/phase', `${measurand} comes by phase here: ${others.join(', ')}.`, 'Send the phase you mean.')
  return codeOf({ measurand, phase: named, location: location ?? 'Outlet' })
}

function valueOf(fold: Fold | undefined, agg: Aggregate): number | null {
  if (fold === undefined) return null
  const thousandths = agg === 'avg' ? Math.round(fold.min + fold.above / fold.count) : fold[agg]
  return thousandths === null ? null : thousandths / 1000
}

function readMs(text: string | undefined): number | undefined { return text === undefined ? undefined : Date.parse(text) }
function iso(ms: number): string { return new Date(ms).toISOString() }

/** Where to go on, and how much of that instant was there already. */
function writeCursor(ms: number, given: number): string { return `${ms.toString(36)}-${given}` }

function readCursor(cursor: string | undefined): [number, number] | null {
  const [ms, given] = cursor?.split('-') ?? []
  return ms === undefined ? null : [parseInt(ms, 36), Number(given ?? 0)]
}

function invalid(code: string, pointer: string, message: string, hint: string): Refusal {
  return new Refusal('invalid', code, message, { hint, errors: [{ pointer, message }] })
}
