// Charging transactions, newest first, as JSON or as a table, and one by one.
import { z } from 'zod'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import type { TransactionView } from '../../actors/views.ts'
import { idTagSchema } from '../../settings.ts'
import { nextLink, noCursor, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { transactionStatuses, views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'transactions'
const columns = [
  'id', 'siteID', 'clientID', 'connectorId', 'idTag', 'status', 'startedAt', 'stoppedAt', 'stopReason', 'meterStartWh', 'meterStopWh', 'energyWh', 'costMinor', 'currency', 'idleS', 'stoppedBy', 'anomalies',
] as const
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })
export const transactionParams = z.strictObject({ id: z.string().regex(/^\d{1,10}$/, 'a whole number') })

const query = z.strictObject({
  ...pageQuery,
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  connectorId: z.coerce.number({ error: 'a whole number from 1' }).int().min(1).max(2_147_483_647).optional().describe('Of each charge point, or of the one by its clientID.'),
  status: z.enum(transactionStatuses).optional(),
  idTag: idTagSchema.shape.id.optional(),
  from: time.optional().describe('Of the start.'),
  to: time.optional().describe('Of the start; exclusive.'),
})

export const transactionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/transactions`, operationId: 'listTransactions', tag, scope: 'read', reach: 'filtered',
    summary: 'Transactions, newest first; a page may be short and still have a next one, because 5,000 are looked at for each',
    query,
    answers: {
      200: {
        description: 'A page of transactions; as CSV the next page is named by the Link header',
        content: { 'application/json': listOf(views.Transaction), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    problems: [503],
    async handle({ query: asked, accepted, principal, demand, room }) {
      // Else one could ask until the tag is found.
      if (asked.idTag !== undefined) demand('pii:read')
      const { cursor: after, ...rest } = asked
      if (after !== undefined && !/^[0-9a-z]{9}-\d{10,16}$/.test(after)) throw noCursor()
      const { data, next: nextCursor } = await room.house.records.list({ ...rest, covers: principal.covers, after })
      const headers = nextLink(`${base}/transactions`, asked, nextCursor)
      return accepted === 'text/csv' ? { status: 200, headers, table: { columns: columns, rows: data.map(rowOf) } } : { status: 200, headers, json: { data, nextCursor } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}`, operationId: 'getTransaction', tag, summary: 'One transaction', scope: 'read', reach: 'transaction',
    params: transactionParams,
    answers: { 200: { description: 'The transaction', content: { 'application/json': views.Transaction } } },
    problems: [503],
    handle: async ({ params, room }) => ({ status: 200, json: await room.house.records.get(Number(params.id)) }),
  }),
]

/** By the names of the columns. */
function rowOf({ cost, stoppedBy, ...view }: TransactionView) {
  return { ...view, costMinor: cost?.amountMinor ?? null, currency: cost?.currency ?? null, stoppedBy: stoppedBy?.cause ?? null }
}
