// Meter values of a connector or of a transaction: samples as they came, or in buckets of time, as JSON or as a table.
import { z } from 'zod'
import { aggregates, type BucketView, type MeterPage, type SampleView } from '../../actors/meter-face.ts'
import { locations, measurands, phaseNames } from '../../actors/meter-row.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { meterBucketSchema, meterSampleSchema } from '../meter-schemas.ts'
import { nextLink, pageQuery } from '../paging.ts'
import { namedReachable } from '../reach.ts'
import { defineRoute, type Answer, type Request, type Route } from '../route.ts'
import { base } from './identifiers.ts'
import { transactionParams } from './transactions.ts'

const tag = 'meter-values'
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })
const sampleColumns = ['at', 'receivedAt', 'measurand', 'value', 'unit', 'transactionId', 'phase', 'context', 'location', 'format', 'raw'] as const satisfies readonly (keyof SampleView | 'measurand')[]
const bucketColumns = ['from', 'to', 'measurand', 'value', 'unit'] as const satisfies readonly (keyof BucketView | 'measurand' | 'unit')[]
const named = (what: string, names: readonly string[]): string => `no ${what}; there are ${names.join(', ')}`

const query = z.strictObject({
  ...pageQuery,
  cursor: z.string().regex(/^[0-9a-z]{1,9}-\d{1,6}$/, 'not a cursor of this list').optional().describe('`nextCursor` of the page before.'),
  measurand: z.enum(measurands, { error: 'no measurand of OCPP 1.6; there are Energy.Active.Import.Register, Power.Active.Import, Current.Import, Voltage, SoC, Temperature, and what else its section 7.31 names' }).default('Energy.Active.Import.Register'),
  phase: z.enum(phaseNames, { error: named('phase', phaseNames) }).optional().describe('Absent: of samples all; of buckets all together, the sum of power and energy.'),
  location: z.enum(locations, { error: named('location', locations) }).optional().describe('Absent: of samples all; of buckets the outlet, or where else there are values.'),
  from: time.optional().describe('Absent: a day before `to`, or 30 days where days are asked for; of a transaction, its start.'),
  to: time.optional().describe('Exclusive; absent: now; of a transaction, its stop.'),
  bucket: z.enum(['1m', '15m', '1h', '1d']).optional().describe('By the clock of the site; absent: the samples as they came.'),
  agg: z.enum(aggregates).optional().describe('With `bucket`; absent: `delta` of registers, `avg` of the others. A delta is what the readings have gone up by, from the one before the bucket; what flowed before the first of all is in `/transactions` and `/analytics/energy`.'),
})
const connectorQuery = query.extend({
  clientID: clientIDSchema,
  siteID: siteSchema.shape.id.optional().describe('Where the charge point was then; absent: where it is now.'),
  connectorId: z.coerce.number({ error: 'a whole number from 0' }).int().min(0).max(2_147_483_647).describe('0 = the main meter of the charge point, 1 and up its connectors.'),
})
type Asked = z.output<typeof query>

const bucketList = z.strictObject({ data: z.array(meterBucketSchema), unit: z.string(), nextCursor: z.string().nullable() })
const sampleList = z.strictObject({ data: z.array(meterSampleSchema), nextCursor: z.string().nullable() })
const answers = {
  200: {
    description: 'A page of buckets, or of samples where no bucket is asked for, in order of time; as CSV each line names the measurand and its unit, and the next page is named by the Link header',
    content: { 'application/json': z.union([bucketList, sampleList]), 'text/csv': z.string() }, headers: ['Link' as const],
  },
}

export const meterValueRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/meter-values`, operationId: 'listMeterValues', tag, scope: 'read', reach: 'filtered',
    summary: 'Meter values of a connector: samples as they came, or in buckets; what has just come is included, gaps are null',
    query: connectorQuery, answers, problems: [404, 503],
    async handle({ query: asked, accepted, principal, room }) {
      const { clientID, connectorId, ...rest } = asked
      await namedReachable(asked, principal, room.house)
      return answer(`${base}/meter-values`, asked, accepted, await room.house.meterValues.ofConnector(clientID, connectorId, { ...rest, after: rest.cursor }))
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}/meter-values`, operationId: 'listTransactionMeterValues', tag, scope: 'read', reach: 'transaction',
    summary: 'Meter values of one transaction: samples as they came, or in buckets',
    params: transactionParams, query, answers, problems: [404, 503],
    async handle({ params, query: asked, accepted, room }) {
      return answer(`${base}/transactions/${params.id}/meter-values`, asked, accepted, await room.house.meterValues.ofTransaction(Number(params.id), { ...asked, after: asked.cursor }))
    },
  }),
]

function answer(path: string, asked: Asked, accepted: Request<unknown, unknown, unknown>['accepted'], { data, unit, next }: MeterPage): Answer {
  const headers = nextLink(path, asked, next)
  if (accepted === 'text/csv') return { status: 200, headers, table: { columns: asked.bucket === undefined ? sampleColumns : bucketColumns, rows: data.map((row) => ({ measurand: asked.measurand, unit, ...row })) } }
  return { status: 200, headers, json: unit === null ? { data, nextCursor: next } : { data, unit, nextCursor: next } }
}
