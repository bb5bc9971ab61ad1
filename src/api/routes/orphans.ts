// Orphans: messages about transactions that could not be matched, and what people make of them.
import { z } from 'zod'
import { orphanKinds, orphanStates, type OrphanView } from '../../actors/orphan-record.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { nextLink, page, pageQuery } from '../paging.ts'
import { reachable } from '../reach.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'
import { reasonSchema } from './transaction-changes.ts'

const tag = 'transactions'
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,48}$/, 'the id of an orphan, e.g. orp_1f2e') })
const one = { description: 'The orphan', content: { 'application/json': views.Orphan } } as const
const columns = ['id', 'kind', 'siteID', 'clientID', 'connectorId', 'transactionId', 'cause', 'receivedAt', 'lastReceivedAt', 'count', 'state', 'closedAt', 'closedBy', 'reason', 'assignedTo', 'request', 'candidates'] as const satisfies readonly (keyof OrphanView)[]

const query = z.strictObject({
  ...pageQuery,
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  kind: z.enum(orphanKinds).optional(),
  state: z.enum(orphanStates).optional(),
})

export const orphanRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/orphans`, operationId: 'listOrphans', tag, scope: 'read', reach: 'filtered',
    summary: 'Stops, starts and readings that belong to no transaction known here, newest first',
    query,
    answers: { 200: { description: 'A page of orphans; as CSV, with the request as JSON, the next page is named by the Link header', content: { 'application/json': listOf(views.Orphan), 'text/csv': z.string() }, headers: ['Link'] } },
    handle({ query: asked, accepted, principal, room }) {
      const found = page(room.house.orphans.list(asked).filter(({ siteID }) => principal.covers(siteID)), asked, ({ receivedAt, id }) => `${receivedAt} ${id}`, 'descending')
      const headers = nextLink(`${base}/orphans`, asked, found.nextCursor)
      return accepted === 'text/csv' ? { status: 200, headers, table: { columns: columns, rows: found.data } } : { status: 200, headers, json: found }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/orphans/{id}`, operationId: 'getOrphan', tag, summary: 'One orphan', scope: 'read', reach: 'orphan',
    params,
    answers: { 200: one },
    handle: ({ params: { id }, room }) => ({ status: 200, json: room.house.orphans.get(id) }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/orphans/{id}/assign`, operationId: 'assignOrphan', tag, summary: 'Ends a transaction of the same charge point by this stop: one that began at no higher meter, and not later', scope: 'config:write', reach: 'orphan',
    params,
    body: { types: ['application/json'], schema: z.strictObject({ transactionId: z.int().positive(), reason: reasonSchema }) },
    answers: { 200: one },
    problems: [409],
    async handle({ params: { id }, body, caller, principal, room }) {
      await reachable('transaction', String(body.transactionId), principal, room.house)
      return { status: 200, json: await room.house.orphans.assign(id, body, caller) }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/orphans/{id}/dismiss`, operationId: 'dismissOrphan', tag, summary: 'Says that nothing follows from it', scope: 'config:write', reach: 'orphan',
    params,
    body: { types: ['application/json'], schema: z.strictObject({ reason: reasonSchema }) },
    answers: { 200: one },
    problems: [409],
    handle: async ({ params: { id }, body, caller, room }) => ({ status: 200, json: await room.house.orphans.dismiss(id, body, caller) }),
  }),
]
