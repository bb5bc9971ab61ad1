// Charging transactions, newest first, as JSON or as a table.
import { z } from 'zod'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import type { TransactionView } from '../../actors/views.ts'
import { toCsv } from '../csv.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Route } from '../route.ts'
import { transactionStatuses, views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'transactions'
const columns = [
  'id', 'siteID', 'clientID', 'connectorId', 'idTag', 'status', 'startedAt', 'stoppedAt', 'stopReason', 'meterStartWh', 'meterStopWh', 'energyWh',
] as const satisfies readonly (keyof TransactionView)[]

const query = z.strictObject({
  ...pageQuery,
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  status: z.enum(transactionStatuses).optional(),
})

export const transactionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/transactions`, operationId: 'listTransactions', tag, summary: 'Transactions, newest first', scope: 'read',
    query,
    answers: {
      200: {
        description: 'A page of transactions; as CSV the next page is named by the Link header',
        content: { 'application/json': listOf(views.Transaction), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    handle({ query: asked, accepted, room }) {
      const wanted = room.house.transactions().filter(
        (transaction) =>
          (asked.siteID === undefined || transaction.siteID === asked.siteID) &&
          (asked.clientID === undefined || transaction.clientID.toLowerCase() === asked.clientID.toLowerCase()) &&
          (asked.status === undefined || transaction.status === asked.status),
      )
      const found = page(wanted, asked, ({ startedAt, id }) => `${startedAt} ${String(id).padStart(10, '0')}`, 'descending')
      const headers = next(asked, found.nextCursor)
      return accepted === 'text/csv' ? { status: 200, headers, text: { type: 'text/csv', content: toCsv(columns, found.data) } } : { status: 200, headers, json: found }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/transactions/{id}`, operationId: 'getTransaction', tag, summary: 'One transaction', scope: 'read',
    params: z.strictObject({ id: z.string().regex(/^\d{1,10}$/, 'a whole number') }),
    answers: { 200: { description: 'The transaction', content: { 'application/json': views.Transaction } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.transaction(Number(params.id)) }),
  }),
]

function next(asked: z.output<typeof query>, cursor: string | null): NonNullable<Answer['headers']> {
  if (cursor === null) return {}
  const search = new URLSearchParams({ cursor })
  for (const name of ['limit', 'siteID', 'clientID', 'status'] as const) if (asked[name] !== undefined) search.set(name, String(asked[name]))
  return { Link: `<${base}/transactions?${search}>; rel="next"` }
}
