// Alerts: what needs somebody's attention, and what recently did, as JSON or as a table; somebody says that he has seen one.
import { z } from 'zod'
import { alertSeverity } from '../../actors/alerts.ts'
import type { AlertView } from '../../actors/views.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { nextLink, page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'alerts'
const columns = [
  'id', 'code', 'severity', 'siteID', 'clientID', 'connectorId', 'message', 'raisedAt', 'resolvedAt', 'ackedAt', 'ackedBy',
] as const satisfies readonly (keyof AlertView)[]

const query = z.strictObject({
  ...pageQuery,
  open: z.enum(['true', 'false']).optional().describe('true: only what is not resolved; false: only what is.'),
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  code: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a code in kebab-case, e.g. over-limit').optional().describe(`Raised are: ${Object.keys(alertSeverity).join(', ')}.`),
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
})

export const alertRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/alerts`, operationId: 'listAlerts', tag, summary: 'Alerts, newest first', scope: 'read', reach: 'filtered',
    query,
    answers: {
      200: {
        description: 'A page of alerts; as CSV the next page is named by the Link header',
        content: { 'application/json': listOf(views.Alert), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    handle({ query: asked, accepted, principal, room }) {
      const wanted = room.house.alerts().filter(
        (alert) =>
          principal.covers(alert.siteID) &&
          (asked.open === undefined || (asked.open === 'true') === (alert.resolvedAt === null)) &&
          (asked.clientID === undefined || alert.clientID?.toLowerCase() === asked.clientID.toLowerCase()) &&
          (['severity', 'code', 'siteID'] as const).every((name) => asked[name] === undefined || asked[name] === alert[name]),
      )
      const found = page(wanted, asked, ({ raisedAt, id }) => `${raisedAt} ${id}`, 'descending')
      const headers = nextLink(`${base}/alerts`, asked, found.nextCursor)
      return accepted === 'text/csv' ? { status: 200, headers, table: { columns: columns, rows: found.data } } : { status: 200, headers, json: found }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/alerts/{id}/ack`, operationId: 'ackAlert', tag, scope: 'commands:write', reach: 'alert',
    summary: 'Somebody has seen it; the first acknowledgement stays, in memory, as alerts do: what still holds after a restart is raised anew',
    params: z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/, 'the id of an alert, e.g. alr_1') }),
    answers: { 200: { description: 'The alert, acknowledged', content: { 'application/json': views.Alert } } },
    handle: ({ params, caller, room }) => ({ status: 200, json: room.house.ackAlert(params.id, caller) }),
  }),
]
