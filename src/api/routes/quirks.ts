// The quirk book: how charge points of a vendor, model and firmware want their charging profiles; exported as it is listed.
import { z } from 'zod'
import { givenQuirksSchema, mostEntries, quirkEntrySchema } from '../../actors/quirk-book.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'quirks'
const one = { description: 'The entry', content: { 'application/json': views.Quirks }, headers: ['ETag'] } as const
const params = z.strictObject({ quirkID: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'letters a to z, digits and hyphens') })
const address = (id: string): string => `${base}/quirks/${id}`
const hint = 'Leave id, source, learntAt and seenOn out: they can only be read.'

const putBody = givenQuirksSchema.extend({ id: z.string().optional() })
const importBody = z.strictObject({
  data: z.array(givenQuirksSchema.extend({
    id: z.string().optional(), seenOn: z.int().optional(), source: quirkEntrySchema.shape.source.optional(), learntAt: quirkEntrySchema.shape.learntAt.optional(),
  })).max(mostEntries),
  nextCursor: z.null().optional(),
})

/** What an export says that is not taken over. */
function withoutOwn(exported: z.output<typeof importBody>['data'][number]) {
  const { id: _, seenOn: __, ...entry } = exported
  return entry
}

const imported = z.strictObject({ created: z.int(), updated: z.int(), unchanged: z.int() })

export const quirkRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/quirks`, operationId: 'listQuirks', tag, scope: 'read', reach: 'anyone',
    summary: 'How charge points of a model want their charging profiles, by id; what is listed can be imported elsewhere',
    query: z.strictObject({ ...pageQuery, source: quirkEntrySchema.shape.source.optional(), vendor: z.string().min(1).max(255).optional().describe('Without regard to case.') }),
    answers: { 200: { description: 'A page of entries', content: { 'application/json': listOf(views.Quirks) } } },
    handle({ query, room }) {
      const wanted = room.house.quirks.list().map(({ value }) => value).filter(({ source, vendor }) =>
        (query.source === undefined || query.source === source) && (query.vendor === undefined || query.vendor.toLowerCase() === vendor.toLowerCase()))
      return { status: 200, json: page(wanted, query, ({ id }) => id, 'ascending') }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/quirks/import`, operationId: 'importQuirks', tag, scope: 'config:write', reach: 'every-site', summary: 'Takes entries as they were listed, all of them or none; those of the same model are replaced',
    body: { types: ['application/json'], schema: importBody, hint: 'Send { "data": [...] } as GET /api/v1/quirks answers; id and seenOn are not taken over.', longestBytes: 1024 * 1024 },
    answers: { 200: { description: 'What has changed', content: { 'application/json': imported } } },
    problems: [409],
    async handle({ body: { data }, caller, room: { house: { quirks }, writes } }) {
      return writes.run({ what: 'quirk book', ifMatch: undefined, caller, current: () => undefined }, async () => ({ status: 200, json: await quirks.import(data.map(withoutOwn), caller) }))
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/quirks/{quirkID}`, operationId: 'getQuirks', tag, summary: 'One entry', scope: 'read', reach: 'anyone',
    params,
    answers: { 200: one },
    handle({ params: { quirkID }, room }) {
      const entry = room.house.quirks.get(quirkID)
      return { status: 200, headers: { ETag: etag(entry) }, json: entry.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${base}/quirks/{quirkID}`, operationId: 'putQuirks', tag, summary: 'Creates or replaces an entry; charge points of the model that are met from now on begin with it, and nothing that is learnt overrules it', scope: 'config:write', reach: 'every-site',
    params, ifMatch: true,
    body: { types: ['application/json'], schema: putBody, hint },
    answers: { 200: one, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle({ params: { quirkID }, body, ifMatch, caller, room: { house: { quirks }, writes } }) {
      const { id: _, ...given } = body
      return writes.run({ what: `quirks ${quirkID}`, ifMatch, caller, current: () => quirks.find(quirkID) }, async () => {
        const { created, entry } = await quirks.put(quirkID, given, caller)
        return { status: created ? 201 : 200, headers: { ETag: etag(entry), ...(created && { Location: address(entry.value.id) }) }, json: entry.value }
      })
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/quirks/{quirkID}`, operationId: 'deleteQuirks', tag, summary: 'Removes an entry; charge points that have begun with it keep what they have', scope: 'config:write', reach: 'every-site',
    params, ifMatch: true,
    answers: { 204: { description: 'Removed' } },
    handle({ params: { quirkID }, ifMatch, caller, room: { house: { quirks }, writes } }) {
      return writes.run({ what: `quirks ${quirkID}`, ifMatch, caller, current: () => quirks.find(quirkID) }, async () => {
        await quirks.remove(quirkID)
        return { status: 204 }
      })
    },
  }),
]
