// Alerts: what needs somebody's attention, and what recently did.
import { z } from 'zod'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

export const alertRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/alerts`, operationId: 'listAlerts', tag: 'alerts', summary: 'Alerts, newest first', scope: 'read',
    query: z.strictObject({ ...pageQuery, open: z.enum(['true', 'false']).optional().describe('true: only what is not resolved; false: only what is.') }),
    answers: { 200: { description: 'A page of alerts', content: { 'application/json': listOf(views.Alert) } } },
    handle({ query, room }) {
      const wanted = room.house.alerts().filter(({ resolvedAt }) => query.open === undefined || (query.open === 'true') === (resolvedAt === null))
      return { status: 200, json: page(wanted, query, ({ raisedAt, id }) => `${raisedAt} ${id}`, 'descending') }
    },
  }),
]
