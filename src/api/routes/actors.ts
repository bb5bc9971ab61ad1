// Actors: those that live now, how each stands, and its last transitions.
import { z } from 'zod'
import { machineTypes } from '../../actors/inspection/machine-types.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { actorIDSchema } from '../inspection-query.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'inspection'
const type = 'application/json'
const params = z.strictObject({ actorID: actorIDSchema })
const query = z.strictObject({ ...pageQuery, siteID: siteSchema.shape.id.optional(), clientID: clientIDSchema.optional(), type: z.enum(machineTypes).optional() })

export const actorRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/actors`, operationId: 'listActors', tag, scope: 'inspect', reach: 'filtered', summary: 'The actors that live now, by id; a charge point that was not needed since the start has none',
    query,
    answers: { 200: { description: 'A page of them', content: { [type]: listOf(views.Actor) } } },
    handle({ query: { type: wanted, siteID, clientID, ...asked }, principal, room }) {
      const found = room.house.inspection.actors({ siteID, clientID, types: wanted === undefined ? undefined : [wanted], covers: principal.covers })
      return { status: 200, json: page(found, asked, ({ id }) => id, 'ascending') }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/actors/{actorID}`, operationId: 'getActor', tag, scope: 'inspect', reach: 'actor', summary: 'An actor with its context, cut at 4 KiB; id tags are hashed, also for pii:read',
    params, query: z.strictObject({ full: z.enum(['true', 'false']).optional().describe('true: the context cut at 256 KiB.') }),
    answers: { 200: { description: 'The actor', content: { [type]: views.ActorDetail } } },
    // As text: what is hashed already is not masked once more.
    handle: ({ params: asked, query: { full }, room }) => ({ status: 200, text: { type, content: JSON.stringify(room.house.inspection.actor(asked.actorID, full === 'true')) } }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/actors/{actorID}/history`, operationId: 'listActorTransitions', tag, scope: 'inspect', reach: 'actor', summary: 'The last transitions of an actor, newest first, among the last 64 of its charge point or site',
    params,
    answers: { 200: { description: 'All that are kept, since its actors began', content: { [type]: listOf(views.ActorTransition) } } },
    handle: ({ params: asked, room }) => ({ status: 200, json: { data: room.house.inspection.history(asked.actorID), nextCursor: null } }),
  }),
]
