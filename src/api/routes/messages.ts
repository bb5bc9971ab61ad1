// The message log: what charge points and kwota said to each other, as JSON or as a table.
import { z } from 'zod'
import type { MessageView } from '../../actors/message-row.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { messageDirections } from '../contact-schemas.ts'
import { nextLink, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const columns = ['id', 'at', 'siteID', 'clientID', 'direction', 'action', 'messageId', 'status', 'errorCode', 'latencyMs', 'bytes', 'request', 'response'] as const
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })

const query = z.strictObject({
  ...pageQuery,
  cursor: z.string().regex(/^[0-9a-z]{9}-[0-9a-z]{8,20}$/, 'not a cursor of this list').optional().describe('`nextCursor` of the page before.'),
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  action: z.string().regex(/^\w{1,64}$/, 'the name of an OCPP action').optional(),
  direction: z.enum(messageDirections).optional(),
  errorsOnly: z.enum(['true', 'false']).optional().describe('true: only what was not answered with a result.'),
  from: time.optional(),
  to: time.optional().describe('Exclusive.'),
  text: z.string().min(1).max(200).optional().describe('Part of the request or the answer as it came, without regard to case.'),
})

export const messageRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/messages`, operationId: 'listMessages', tag: 'messages', scope: 'read', reach: 'filtered',
    summary: 'OCPP messages, requests with their answers, newest first; a page may be short and still have a next one, because 20,000 messages are looked at for each',
    query,
    answers: {
      200: {
        description: 'A page of messages; as CSV the next page is named by the Link header',
        content: { 'application/json': listOf(views.Message), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    problems: [503],
    async handle({ query: asked, accepted, principal, demand, room }) {
      // Else one could ask until an id tag is found.
      if (asked.text !== undefined) demand('pii:read')
      const { cursor: after, errorsOnly, ...rest } = asked
      const { data, next: nextCursor } = await room.house.messages.list({ ...rest, covers: principal.covers, after, errorsOnly: errorsOnly === 'true' })
      const headers = nextLink(`${base}/messages`, asked, nextCursor)
      return accepted === 'text/csv'
        ? { status: 200, headers, table: { columns: columns, rows: data.map(flat) } }
        : { status: 200, headers, json: { data, nextCursor } }
    },
  }),
]

function flat({ raw, error, ...message }: MessageView): Record<(typeof columns)[number], unknown> {
  return { ...message, errorCode: error?.code ?? null, request: raw.request, response: raw.response }
}
