// The whole stack of limits of a site at an instant, and the day that follows.
import { z } from 'zod'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base, siteParams } from './identifiers.ts'

export const limitRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}/limits`, operationId: 'getLimits', tag: 'limits', scope: 'read', reach: 'site',
    summary: 'Every limit of a site at an instant, which of them binds, and what is in effect over the next 24 h',
    params: siteParams,
    query: z.strictObject({ at: z.iso.datetime({ offset: true }).optional().describe('Absent = now; not before the limits were last changed, at most a year ahead.') }),
    answers: { 200: { description: 'The stack', content: { 'application/json': views.LimitStack } } },
    handle: ({ params, query, room }) => ({ status: 200, json: room.house.limits.stack(params.siteID, query.at) }),
  }),
]
