// What the external authorisation service last said of each id tag at a charge point.
import { z } from 'zod'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'id tags'
const path = `${base}/chargepoints/{clientID}/authorization-cache`

export const authorizationCacheRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'listAuthorizationCache', tag, summary: 'Answers of the external authorisation service that are kept for a charge point, newest first', scope: 'read', reach: 'charge-point', also: 'pii:read',
    params: chargePointParams,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of answers', content: { 'application/json': listOf(views.CachedAnswer) } } },
    handle: ({ params, query, room }) => ({
      status: 200, json: page(room.house.authorisationCache.list(params.clientID), query, ({ answeredAt, idTag }) => `${answeredAt} ${idTag.toLowerCase()}`, 'descending'),
    }),
  }),
  defineRoute({
    method: 'DELETE', path, operationId: 'clearAuthorizationCache', tag, summary: 'Forgets them; the charge point\'s own cache is cleared with clear-cache', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    answers: { 204: { description: 'Forgotten' } },
    async handle({ params, room }) {
      await room.house.authorisationCache.clear(params.clientID)
      return { status: 204 }
    },
  }),
]
