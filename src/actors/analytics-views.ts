// What analytics answer: one session in depth, a site over time, and sums for tags and charge points.
import type { BucketName } from './time-buckets.ts'

/** What a limit has cost. */
export interface LostView { readonly reason: string; readonly seconds: number; readonly energyWh: number }
/** Times ISO 8601 UTC. */
export interface SpanView { readonly from: string; readonly to: string }

export interface TransactionAnalytics {
  readonly transactionId: number
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number
  readonly startedAt: string
  /** Its stop; while it runs, now. */
  readonly untilAt: string
  readonly durationS: number
  readonly energyWh: number
  readonly averageW: number | null
  readonly peakW: number | null
  /** At most 500 stretches, up to the newest reading; null: `curveMissing` says why. */
  readonly curve: { readonly bucketS: number; readonly source: 'power' | 'register'; readonly points: readonly (SpanView & { readonly powerW: number | null; readonly socPercent?: number })[] } | null
  /** `expired` = its meter values are older than what is kept; `no-readings` = it sent none. */
  readonly curveMissing: 'expired' | 'no-readings' | null
  readonly taper: (SpanView & { readonly energyWh: number }) | null
  readonly idleS: number
  /** null = they can no longer be worked out. */
  readonly idle: readonly SpanView[] | null
  /** Register energy for each Wh of the measured power; null = no power was measured. */
  readonly efficiency: number | null
  readonly lost: readonly LostView[]
  readonly anomalies: number
}

export interface BucketQuery {
  /** Absent: that of the charge point, or the only one. */
  readonly siteID?: string | undefined
  readonly clientID?: string | undefined
  /** RFC 3339; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly bucket: BucketName
  /** `next` of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface Series<T> { readonly data: readonly (SpanView & T)[]; readonly next: string | null; readonly unit: string }

export interface UtilizationView { readonly value: number | null; readonly charging: number | null; readonly sessions: number; readonly connectors: number }
export interface EnergyView { readonly value: number | null; readonly sessions: number }
export interface PeakView { readonly value: number | null; readonly at: string | null; readonly siteW: number | null; readonly siteAt: string | null }
export interface FairnessView { readonly value: number | null; readonly sessions: number }
export interface AvailabilityView { readonly value: number | null; readonly known: number; readonly connectors: number }

export interface ReportQuery {
  readonly siteID?: string | undefined
  /** Absent: every site. */
  readonly covers?: (siteID: string) => boolean
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Sums of the sessions that began in the range. */
export interface ReportSums {
  readonly sessions: number
  readonly energyWh: number
  readonly costs: readonly { readonly currency: string; readonly amountMinor: number }[]
  readonly durationS: number
  readonly idleS: number
  readonly averageW: number | null
  readonly peakW: number | null
  readonly lost: readonly LostView[]
  /** Of all of them: not 0 = what they come to is doubtful. */
  readonly anomalies: number
}
export interface TagReport extends ReportSums { readonly idTag: string }
export interface ChargePointReport extends ReportSums { readonly siteID: string; readonly clientID: string }
