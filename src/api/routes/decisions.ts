// Decisions: what the engine has changed, when, why and for whom, as JSON or as a table.
import { z } from 'zod'
import { decisionCauses } from '../../actors/decision-reader.ts'
import type { DecisionView } from '../../actors/decision-record.ts'
import { clientIDSchema, connectorSchema, siteSchema } from '../../power/site.ts'
import { nextLink, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'decisions'
const columns = ['id', 'at', 'siteID', 'cause', 'requestId', 'by', 'state', 'deficitA', 'effectiveA', 'effectiveW', 'limitedBy', 'connectors', 'lowerings', 'raisings', 'nextReviewAt', 'changes'] as const
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })

const query = z.strictObject({
  ...pageQuery,
  cursor: z.string().regex(/^[0-9a-z]{9}-[0-9a-z]{9,13}-[0-9a-z]{9,13}-[A-Za-z0-9._-]{1,48}$/, 'not a cursor of this list').optional().describe('`nextCursor` of the page before.'),
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional().describe('Only those that changed something at this charge point.'),
  connectorId: z.coerce.number().pipe(connectorSchema.shape.id).optional(),
  from: time.optional(),
  to: time.optional().describe('Exclusive.'),
  trigger: z.enum(decisionCauses).optional().describe('Only those that this set off.'),
})

export const decisionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/decisions`, operationId: 'listDecisions', tag, scope: 'read', reach: 'filtered',
    summary: 'Decisions of the engine, newest first; a page may be short and still have a next one, because 5,000 decisions are looked at for each',
    query,
    answers: {
      200: {
        description: 'A page of decisions; as CSV, with the changes as JSON, the next page is named by the Link header',
        content: { 'application/json': listOf(views.Decision), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    problems: [503],
    async handle({ query: asked, accepted, principal, room }) {
      const { cursor: after, ...rest } = asked
      const { data, next: nextCursor } = await room.house.decisions.list({ ...rest, covers: principal.covers, after })
      const headers = nextLink(`${base}/decisions`, asked, nextCursor)
      return accepted === 'text/csv'
        ? { status: 200, headers, table: { columns: columns, rows: data.map(flat) } }
        : { status: 200, headers, json: { data, nextCursor } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/decisions/{id}`, operationId: 'getDecision', tag, scope: 'read', reach: 'decision', summary: 'One decision',
    params: z.strictObject({ id: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'the id of a decision, e.g. dec_1_12') }),
    answers: { 200: { description: 'The decision', content: { 'application/json': views.Decision } } },
    problems: [503],
    handle: async ({ params, room }) => ({ status: 200, json: await room.house.decisions.get(params.id) }),
  }),
]

function flat({ trigger, inputs: { effective }, changes, lowerings, raisings, ...decision }: DecisionView): Record<(typeof columns)[number], unknown> {
  return {
    ...decision, cause: trigger.cause, requestId: trigger.requestId ?? null, by: trigger.by ?? null,
    effectiveA: effective.currentA, effectiveW: effective.powerW, limitedBy: effective.binding,
    connectors: changes.length, lowerings: lowerings.length, raisings: raisings.length, changes,
  }
}
