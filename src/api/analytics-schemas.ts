// Analytics over REST: one session in depth, a site over time in buckets, and sums by id tag and charge point.
import { z } from 'zod'
import type { AvailabilityView, ChargePointReport, EnergyView, FairnessView, LostView, PeakView, ReportSums, SpanView, TagReport, TransactionAnalytics, UtilizationView } from '../actors/analytics-views.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()
const span = { from: at, to: at }
const ratio = z.number().min(0).max(1)

const lost = viewOf<readonly LostView[]>()(z.array(z.strictObject({ reason: z.string().describe('The source of the limit, as in an allocation’s binding.'), seconds: z.number(), energyWh: z.number().describe('What could have been taken meanwhile, as far as that is known, less what its charge point had been told and had accepted; a car that rests by its meter loses nothing.') })).describe('By limit, what has cost most first.'))

export const transactionAnalyticsSchema = viewOf<TransactionAnalytics>()(z.strictObject({
  transactionId: z.int(), siteID: z.string(), clientID: z.string(), connectorId: z.int(),
  startedAt: at, untilAt: at.describe('Its stop; while it runs, now.'), durationS: z.number(),
  energyWh: z.number(),
  averageW: z.number().nullable().describe('Over the time in which 100 W or more flowed; null where none did.'), peakW: z.number().nullable().describe('The strongest whole minute.'),
  curve: z.strictObject({
    bucketS: z.int(), source: z.enum(['power', 'register']),
    points: z.array(z.strictObject({ ...span, powerW: z.number().nullable(), socPercent: z.number().exactOptional() })),
  }).nullable(),
  curveMissing: z.enum(['expired', 'no-readings']).nullable().describe('Why there is no curve.'),
  taper: z.strictObject({ ...span, energyWh: z.number() }).nullable().describe('From when on it never had 80 % of its highest power again, until the last 100 W.'),
  idleS: z.int(), idle: z.array(z.strictObject(span)).nullable().describe('null: the readings are gone.'),
  efficiency: z.number().nullable().describe('Register energy for each Wh of the measured power; null without power readings.'),
  lost, anomalies: z.int(),
}))

/** What each bucket says beside from and to, by the name of the analysis. */
export const bucketSchemas = {
  utilization: viewOf<SpanView & UtilizationView>()(z.strictObject({ ...span, value: ratio.nullable().describe('Share of connector time with a transaction.'), charging: ratio.nullable().describe('Share of connector time with at least 100 W.'), sessions: z.int(), connectors: z.int() })),
  energy: viewOf<SpanView & EnergyView>()(z.strictObject({ ...span, value: z.number().nullable(), sessions: z.int() })),
  peaks: viewOf<SpanView & PeakView>()(z.strictObject({ ...span, value: z.number().nullable().describe('Highest quarter of an hour of all cars together.'), at: at.nullable(), siteW: z.number().nullable().describe('Of building and cars; null where the site meter was not fresh for a quarter.'), siteAt: at.nullable() })),
  fairness: viewOf<SpanView & FairnessView>()(z.strictObject({ ...span, value: ratio.nullable().describe('Jain’s index of what sessions got of what they could have had.'), sessions: z.int() })),
  availability: viewOf<SpanView & AvailabilityView>()(z.strictObject({ ...span, value: ratio.nullable().describe('Of the time that is known.'), known: ratio.describe('Share of connector time of which something is known.'), connectors: z.int() })),
}

const sums = {
  sessions: z.int(), energyWh: z.number(), costs: z.array(z.strictObject({ currency: z.string(), amountMinor: z.int() })),
  durationS: z.number(), idleS: z.int(), averageW: z.number().nullable().describe('Over all of the time, also that without power.'), peakW: z.number().nullable().describe('The highest of a session.'), lost,
  anomalies: z.int().describe('Of all of them, what registers said that cannot be; not 0: the sums are doubtful.'),
} satisfies Record<keyof ReportSums, z.ZodType>

export const tagReportSchema = viewOf<TagReport>()(z.strictObject({ idTag: z.string(), ...sums }))
export const chargePointReportSchema = viewOf<ChargePointReport>()(z.strictObject({ siteID: z.string(), clientID: z.string(), ...sums }))
