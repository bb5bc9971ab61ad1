// Id tags: the cards and apps we know, one by one or as a table.
import { z } from 'zod'
import type { IdTagFace, StoredTag } from '../../actors/id-tags.ts'
import { idTagSchema } from '../../settings.ts'
import { columnHint, idTagTable, readIdTagTable } from '../id-tag-table.ts'
import { nextLink, page, pageQuery } from '../paging.ts'
import { Problem } from '../problem.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'id tags'
const one = { description: 'The id tag, as it was spelt first', content: { 'application/json': views.IdTag }, headers: ['ETag'] } as const
const params = z.strictObject({ idTag: idTagSchema.shape.id })
const usual = 50
/** 50,000 tags with everything said of each fit. */
const longestTableBytes = 16 * 1024 * 1024

const query = z.strictObject({
  ...pageQuery,
  limit: pageQuery.limit.unwrap().optional().describe('How many items at most; left out: 50 as JSON, all of them as CSV.'),
  status: idTagSchema.shape.status.unwrap().optional(),
  parentIdTag: idTagSchema.shape.id.optional(),
  text: z.string().min(1).max(64).optional().describe('Part of the id or of the parent.'),
})

function fits({ id, status, parentIdTag }: StoredTag, asked: z.output<typeof query>): boolean {
  const part = asked.text?.toLowerCase() ?? ''
  return (asked.status === undefined || status === asked.status)
    && (asked.parentIdTag === undefined || parentIdTag?.toLowerCase() === asked.parentIdTag.toLowerCase())
    && (id.toLowerCase().includes(part) || parentIdTag?.toLowerCase().includes(part) === true)
}

export const idTagRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/id-tags`, operationId: 'listIdTags', tag, summary: 'Id tags, by id; as CSV a table that import takes back', scope: 'read', reach: 'every-site', also: 'pii:read',
    query,
    answers: { 200: { description: 'A page of id tags; as CSV the next page is named by the Link header', content: { 'application/json': listOf(views.IdTag), 'text/csv': z.string() }, headers: ['Link'] } },
    handle({ query: asked, accepted, room }) {
      const wanted = room.house.idTags.list().map(({ value }) => value).filter((each) => fits(each, asked))
      const table = accepted === 'text/csv'
      const found = page(wanted, { cursor: asked.cursor, limit: asked.limit ?? (table ? Infinity : usual) }, ({ id }) => id, 'ascending')
      const headers = nextLink(`${base}/id-tags`, asked, found.nextCursor)
      return table ? { status: 200, headers, text: { type: 'text/csv', content: idTagTable(found.data) } } : { status: 200, headers, json: found }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/id-tags`, operationId: 'createIdTag', tag, summary: 'A new id tag', scope: 'config:write', reach: 'every-site', also: 'pii:read',
    body: { types: ['application/json'], schema: idTagSchema },
    answers: { 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle({ body, caller, room: { house: { idTags }, writes } }) {
      const guarded = { what: whatOf(body.id), ifMatch: undefined, creates: true, caller, current: () => idTags.find(body.id) } as const
      return writes.run(guarded, async () => answer(await idTags.put(body, caller)))
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/id-tags/import`, operationId: 'importIdTags', tag, summary: 'Takes a table of id tags, all of it or nothing', scope: 'config:write', reach: 'every-site', also: 'pii:read',
    query: z.strictObject({ mode: z.enum(['merge', 'replace']).default('merge').describe('`replace` also removes the id tags that are not in the table.') }),
    body: { types: ['text/csv'], schema: z.string(), hint: columnHint, longestBytes: longestTableBytes },
    answers: { 200: { description: 'What has changed', content: { 'application/json': z.strictObject({ created: z.int(), updated: z.int(), removed: z.int(), unchanged: z.int() }) } } },
    async handle({ body, query: { mode }, caller, room }) {
      const tags = await readIdTagTable(body, room.clock)
      if (mode === 'replace' && tags.length === 0) throw new Problem(422, 'empty-table', 'The table has no rows: to replace by it would remove every id tag.', { hint: 'Send the id tags that are to remain; to remove them all, DELETE each.' })
      return { status: 200, json: await room.house.idTags.import(tags, mode, caller) }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/id-tags/{idTag}`, operationId: 'getIdTag', tag, summary: 'One id tag, however it is spelt', scope: 'read', reach: 'every-site', also: 'pii:read',
    params,
    answers: { 200: one },
    handle({ params: { idTag }, room }) {
      const found = room.house.idTags.get(idTag)
      return { status: 200, headers: { ETag: etag(found) }, json: found.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${base}/id-tags/{idTag}`, operationId: 'putIdTag', tag, summary: 'Creates or replaces an id tag', scope: 'config:write', reach: 'every-site', also: 'pii:read',
    params,
    body: { types: ['application/json'], schema: idTagSchema.extend({ id: idTagSchema.shape.id.optional() }) },
    ifMatch: true,
    answers: { 200: one, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params: { idTag }, body: { id, ...rest }, caller, room: { house: { idTags } } } = request
      if (id !== undefined && id.toLowerCase() !== idTag.toLowerCase()) {
        const message = `must be ${idTag}, as in the path, or be left out`
        throw new Problem(422, 'invalid', `/id: ${message}`, { errors: [{ pointer: '/id', message }] })
      }
      return writing(request, async () => answer(await idTags.put({ ...rest, id: idTag }, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/id-tags/{idTag}`, operationId: 'deleteIdTag', tag, summary: 'Forgets an id tag', scope: 'config:write', reach: 'every-site', also: 'pii:read',
    params,
    ifMatch: true,
    answers: { 204: { description: 'Forgotten' } },
    handle: (request) => writing(request, async () => {
      await request.room.house.idTags.remove(request.params.idTag)
      return { status: 204 }
    }),
  }),
]

function whatOf(id: string): string {
  return `id tag ${id.toLowerCase()}`
}

function writing<B>({ params: { idTag }, ifMatch, caller, room }: Request<{ idTag: string }, unknown, B>, write: () => Promise<Answer>): Promise<Answer> {
  return room.writes.run({ what: whatOf(idTag), ifMatch, caller, current: () => room.house.idTags.find(idTag) }, write)
}

function answer({ created, idTag }: Awaited<ReturnType<IdTagFace['put']>>): Answer {
  const headers = { ETag: etag(idTag), ...(created && { Location: `${base}/id-tags/${encodeURIComponent(idTag.value.id)}` }) }
  return { status: created ? 201 : 200, headers, json: idTag.value }
}
