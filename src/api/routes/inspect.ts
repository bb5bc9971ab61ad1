// The recorded past of inspection, for a scrubber: its events, and how everything stood at an instant.
import { z } from 'zod'
import { filterOf, watchQuery } from '../inspection-query.ts'
import { noCursor, page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'inspection'
const type = 'application/json'
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })
const firstCursor = /^e([0-9]{1,15})$/

export const inspectRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/inspect/history`, operationId: 'listInspectionEvents', tag, scope: 'inspect', reach: 'filtered',
    summary: 'What the WebSocket /api/v1/inspect told: of the last 20,000 events (32 MiB) recorded while somebody watched those that are wanted',
    query: z.strictObject({
      ...pageQuery, ...watchQuery, from: time.optional(), to: time.optional().describe('Exclusive.'),
      order: z.enum(['ascending', 'descending']).default('ascending').describe('In time.'),
    }),
    answers: { 200: { description: 'A page of events, without definitions of machines', content: { [type]: listOf(views.InspectionEvent) } } },
    handle({ query: { from, to, order, limit, cursor, ...asked }, principal, room }) {
      const after = cursor === undefined ? null : Number(firstCursor.exec(cursor)?.[1] ?? NaN)
      if (Number.isNaN(after)) throw noCursor()
      const { texts, next } = room.house.inspection.past({
        ...filterOf(asked, principal.covers, false), order, limit, after, fromMs: from === undefined ? -Infinity : Date.parse(from), toMs: to === undefined ? Infinity : Date.parse(to),
      })
      // As text: it is JSON already, and what is hashed in it is not masked once more.
      return { status: 200, text: { type, content: `{"data":[${texts.join(',')}],"nextCursor":${next === null ? 'null' : `"e${next}"`}}` } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/inspect/states`, operationId: 'listPastStates', tag, scope: 'inspect', reach: 'filtered',
    summary: 'How the actors stood at an instant of the recorded past, by id; who had no event since the recording began is as it was then',
    query: z.strictObject({ ...pageQuery, siteID: watchQuery.siteID, clientID: watchQuery.clientID, types: watchQuery.types, at: time }),
    answers: { 200: { description: 'A page of them; none where nothing was recorded', content: { [type]: listOf(views.PastActor) } } },
    handle({ query: { at, limit, cursor, ...asked }, principal, room }) {
      return { status: 200, json: page(room.house.inspection.states(Date.parse(at), { ...asked, covers: principal.covers }), { limit, cursor }, ({ id }) => id, 'ascending') }
    },
  }),
]
