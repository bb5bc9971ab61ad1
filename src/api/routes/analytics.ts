// Analytics: one session in depth, a site over time, and reports by id tag and by charge point, as JSON or as a table.
import { z } from 'zod'
import type { BucketQuery, ChargePointReport, ReportQuery, Series, TagReport } from '../../actors/analytics-views.ts'
import { bucketNames } from '../../actors/time-buckets.ts'
import type { House } from '../../actors/house.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { bucketSchemas, chargePointReportSchema, tagReportSchema, transactionAnalyticsSchema } from '../analytics-schemas.ts'
import { nextLink, page, pageQuery } from '../paging.ts'
import { namedReachable, onlySite } from '../reach.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base } from './identifiers.ts'
import { transactionParams } from './transactions.ts'

const tag = 'analytics'
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })

const range = {
  from: time.optional().describe('Absent: a day before `to`, or 30 days where days are asked for.'),
  to: time.optional().describe('Exclusive; absent: now.'),
}
const bucketQuery = z.strictObject({
  ...pageQuery,
  cursor: z.string().regex(/^[0-9a-z]{1,9}$/, 'not a cursor of this list').optional().describe('`nextCursor` of the page before.'),
  siteID: siteSchema.shape.id.optional().describe('May be left out where clientID is given, or where there is one site only.'),
  clientID: clientIDSchema.optional(),
  ...range,
  bucket: z.enum(bucketNames).default('1h').describe('By the clock of the site: a day is from midnight to midnight there. Minutes of at most 31 days, and not of peaks.'),
})
const reportQuery = z.strictObject({ ...pageQuery, siteID: siteSchema.shape.id.optional(), from: time.optional().describe('Of the start; absent: 30 days before `to`.'), to: time.optional().describe('Of the start; exclusive; absent: now.') })

type Bucketed = keyof typeof bucketSchemas
const columns: { readonly [K in Bucketed]: readonly (keyof z.output<(typeof bucketSchemas)[K]> & string)[] } = {
  utilization: ['from', 'to', 'value', 'charging', 'sessions', 'connectors'],
  energy: ['from', 'to', 'value', 'sessions'],
  peaks: ['from', 'to', 'value', 'at', 'siteW', 'siteAt'],
  fairness: ['from', 'to', 'value', 'sessions'],
  availability: ['from', 'to', 'value', 'known', 'connectors'],
}
const sums = ['sessions', 'energyWh', 'costMinor', 'currency', 'durationS', 'idleS', 'averageW', 'peakW', 'lost', 'anomalies'] as const satisfies readonly (keyof TagReport | 'costMinor' | 'currency')[]

function bucketRoute<K extends Bucketed>(what: K, summary: string, ask: (house: House, query: BucketQuery) => Promise<Series<Omit<z.output<(typeof bucketSchemas)[K]>, 'from' | 'to'>>>): Route {
  return defineRoute({
    method: 'GET', path: `${base}/analytics/${what}`, operationId: `get${what.charAt(0).toUpperCase()}${what.slice(1)}`, tag, scope: 'read', reach: 'filtered', summary, query: bucketQuery,
    answers: {
      200: {
        description: 'A page of buckets, in order of time, shorter where it would be too much work; what is not known is null. As CSV the next page is named by the Link header',
        content: { 'application/json': listOf(bucketSchemas[what]).extend({ unit: z.string() }), 'text/csv': z.string() }, headers: ['Link'],
      },
    },
    problems: [404, 503],
    async handle({ query, accepted, principal, room }) {
      const { cursor: after, ...rest } = query
      await namedReachable(query, principal, room.house)
      const siteID = query.siteID ?? (query.clientID === undefined ? onlySite(principal, room.house) : undefined)
      const { data, next: nextCursor, unit } = await ask(room.house, { ...rest, siteID, after })
      const headers = nextLink(`${base}/analytics/${what}`, query, nextCursor)
      return accepted === 'text/csv'
        ? { status: 200, headers, table: { columns: columns[what], rows: data } }
        : { status: 200, headers, json: { data, nextCursor, unit } }
    },
  })
}

function reportRoute<R extends TagReport | ChargePointReport>(what: string, name: string, keys: readonly string[], schema: z.ZodType, keyOf: (row: R) => string, ask: (house: House, query: ReportQuery) => Promise<readonly R[]>): Route {
  return defineRoute({
    method: 'GET', path: `${base}/analytics/${what}`, operationId: `report${name}`, tag, scope: 'read', reach: 'filtered', ...(what === 'tags' && { also: 'pii:read' as const }),
    summary: `Sums of the sessions that began in a range, ${what === 'tags' ? 'by id tag' : 'by charge point'}`, query: reportQuery,
    answers: {
      200: {
        description: 'A page of sums. As CSV, what was lost to limits is JSON, and of several currencies each has a line of its own, with only who it is, costMinor and currency; the next page is named by the Link header',
        content: { 'application/json': listOf(schema), 'text/csv': z.string() }, headers: ['Link'],
      },
    },
    problems: [404, 503],
    async handle({ query, accepted, principal, room }) {
      await namedReachable(query, principal, room.house)
      const found = page(await ask(room.house, { ...query, covers: principal.covers }), query, keyOf, 'ascending')
      const headers = nextLink(`${base}/analytics/${what}`, query, found.nextCursor)
      return accepted === 'text/csv'
        ? { status: 200, headers, table: { columns: [...keys, ...sums], rows: found.data.flatMap((row) => linesOf(row, keys)) } }
        : { status: 200, headers, json: found }
    },
  })
}

/** Sums stand in the first line only: whoever adds a column up counts nothing twice. */
function linesOf({ costs: [first, ...others], ...row }: TagReport | ChargePointReport, keys: readonly string[]): Record<string, unknown>[] {
  const cells = { ...row, costMinor: first?.amountMinor ?? null, currency: first?.currency ?? null }
  const who = Object.fromEntries(Object.entries(cells).filter(([name]) => keys.includes(name)))
  return [cells, ...others.map(({ amountMinor, currency }) => ({ ...who, costMinor: amountMinor, currency }))]
}

export const analyticsRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}/analytics`, operationId: 'getTransactionAnalytics', tag, scope: 'read', reach: 'transaction',
    summary: 'One session in depth: its charging curve, taper, idle time, and what limits have cost it; as CSV, the curve',
    params: transactionParams,
    answers: { 200: { description: 'The session', content: { 'application/json': transactionAnalyticsSchema, 'text/csv': z.string() } } },
    problems: [503],
    async handle({ params, accepted, room }) {
      const found = await room.house.analytics.transaction(Number(params.id))
      return accepted === 'text/csv'
        ? { status: 200, table: { columns: ['from', 'to', 'powerW', 'socPercent'], rows: (found.curve?.points ?? []).map((point) => ({ socPercent: null, ...point })) } }
        : { status: 200, json: found }
    },
  }),
  bucketRoute('utilization', 'How much of the time connectors had a transaction, and energy flowing', (house, query) => house.analytics.utilization(query)),
  bucketRoute('energy', 'What flowed in each bucket, Wh: the sum of all buckets of a session is its energy', (house, query) => house.analytics.energy(query)),
  bucketRoute('peaks', 'The highest quarter of an hour in each bucket: of all cars, and of the whole site where its meter was fresh', (house, query) => house.analytics.peaks(query)),
  bucketRoute('fairness', 'Jain’s index of what the sessions of each bucket got of what they could have had: 1 = all the same share', (house, query) => house.analytics.fairness(query)),
  bucketRoute('availability', 'How much of the known time connectors were online and neither Faulted nor Unavailable', (house, query) => house.analytics.availability(query)),
  reportRoute<TagReport>('tags', 'Tags', ['idTag'], tagReportSchema, ({ idTag }) => idTag.toLowerCase(), (house, query) => house.analytics.tags(query)),
  reportRoute<ChargePointReport>('charge-points', 'ChargePoints', ['siteID', 'clientID'], chargePointReportSchema, ({ siteID, clientID }) => `${clientID}\n${siteID}`, (house, query) => house.analytics.chargePoints(query)),
]
