// The event streams: what happens in the house, or on one site, as Server-Sent Events.
import { z } from 'zod'
import type { KwotaEvent } from '../../actors/house.ts'
import { clientIDSchema } from '../../power/site.ts'
import { Problem } from '../problem.ts'
import { defineRoute, type Answer, type Request, type Route } from '../route.ts'
import { eventTypes, views } from '../schemas.ts'
import { base, siteParams } from './identifiers.ts'

const known: ReadonlySet<string> = new Set(eventTypes)
const query = z.strictObject({
  types: z.string().min(1).max(1000).optional().describe('Only these types, separated by commas.'),
  clientID: clientIDSchema.optional().describe('Only what concerns this charge point.'),
})
const shared = {
  method: 'GET', tag: 'events', scope: 'read', resumable: true, query,
  answers: {
    200: {
      description: 'Events as they happen, after those missed since Last-Event-ID (of `meter.sample` only the newest). An event `resync` instead of the missed ones says that they are no longer held, or over 512 KiB: read the present state again. A comment every 15 s; a reader with over 1 MiB waiting is cut.',
      content: { 'text/event-stream': views.Event },
    },
  },
  problems: [429],
} as const

export const eventRoutes: readonly Route[] = [
  defineRoute({
    ...shared, path: `${base}/events`, operationId: 'streamEvents', reach: 'filtered', summary: 'What happens on the sites of the key',
    handle: (request) => follow(request, () => true),
  }),
  defineRoute({
    ...shared, path: `${base}/sites/{siteID}/events`, operationId: 'streamSiteEvents', reach: 'site', summary: 'What happens on one site',
    params: siteParams,
    handle(request) {
      const siteID = request.room.house.site(request.params.siteID).value.id
      return follow(request, (event) => event.siteID === siteID)
    },
  }),
]

function follow<P>({ query: filter, lastEventID, principal, show, room: { streams } }: Request<P, z.output<typeof query>, unknown>, here: (event: KwotaEvent) => boolean): Answer {
  const types = filter.types === undefined ? null : new Set(filter.types.split(',').map((type) => type.trim()))
  const unknown = [...(types ?? [])].find((type) => !known.has(type))
  if (unknown !== undefined) throw unknownType(unknown)
  streams.admit()
  const clientID = filter.clientID?.toLowerCase()
  const wants = (event: KwotaEvent): boolean =>
    here(event) && principal.covers(event.siteID) && (types === null || types.has(event.type)) && (clientID === undefined || clientID === event.clientID?.toLowerCase())
  return { status: 200, stream: { type: 'text/event-stream', open: (response) => streams.open(response, { wants, lastEventID, show, stands: () => principal.stands() && principal.may('read') }) } }
}

function unknownType(type: string): Problem {
  const message = `${JSON.stringify(type.slice(0, 64))} is not an event type`
  return new Problem(422, 'invalid', `/types: ${message}`, { errors: [{ in: 'query', pointer: '/types', message }], hint: `Types are ${eventTypes.join(', ')}.` })
}
