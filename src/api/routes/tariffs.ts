// Tariffs: what charging costs, each change a version that stays as it is.
import { z } from 'zod'
import { tariffInputSchema, tariffView, tariffViewSchema, type KeptTariff } from '../../actors/tariff-shelf.ts'
import { page, pageQuery } from '../paging.ts'
import { Problem } from '../problem.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tariffIdSchema = tariffInputSchema.shape.id
const tag = 'tariffs'
const at = `${base}/tariffs`
const params = z.strictObject({ tariffId: tariffIdSchema })
const one = { description: 'The tariff in that version', content: { 'application/json': views.Tariff }, headers: ['ETag'] } as const
const version = z.string().regex(/^[1-9]\d{0,8}$/, 'a whole number from 1').transform(Number).optional().describe('As that version had it; left out: as it is now.')

export const tariffRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listTariffs', tag, summary: 'Tariffs as they are now, by id', scope: 'read', reach: 'anyone',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of tariffs', content: { 'application/json': listOf(views.Tariff) } } },
    handle: ({ query, room }) => ({ status: 200, json: page(room.house.tariffs.list().map(tariffView), query, ({ id }) => id, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createTariff', tag, summary: 'A new tariff', scope: 'config:write', reach: 'every-site',
    body: { types: ['application/json'], schema: tariffInputSchema },
    answers: { 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle({ body, caller, room: { house: { tariffs }, writes } }) {
      const guarded = { what: whatOf(body.id), ifMatch: undefined, creates: true, caller, current: () => tariffs.find(body.id) } as const
      return writes.run(guarded, async () => answer(await tariffs.put(body, caller)))
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{tariffId}`, operationId: 'getTariff', tag, summary: 'One tariff, as it is now or as a version had it', scope: 'read', reach: 'anyone',
    params,
    query: z.strictObject({ version }),
    answers: { 200: one },
    handle({ params: { tariffId }, query, room }) {
      const found = room.house.tariffs.get(tariffId, query.version)
      return { status: 200, headers: { ETag: etag(found) }, json: tariffView(found) }
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{tariffId}/versions`, operationId: 'listTariffVersions', tag, summary: 'Every version of a tariff, newest first, also of one that was removed', scope: 'read', reach: 'anyone',
    params,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of versions', content: { 'application/json': listOf(views.Tariff) } } },
    handle: ({ params: { tariffId }, query, room }) => ({ status: 200, json: page(room.house.tariffs.versions(tariffId).map(tariffView), query, ({ version: number }) => String(number).padStart(9, '0'), 'descending') }),
  }),
  defineRoute({
    method: 'PUT', path: `${at}/{tariffId}`, operationId: 'putTariff', tag, scope: 'config:write', reach: 'every-site',
    summary: 'Creates a tariff or its next version; the same again changes nothing. Transactions that have begun keep theirs. `version`, `changedAt` and `changedBy` may be sent back as they were read, and are ignored',
    params,
    body: { types: ['application/json'], schema: tariffInputSchema.extend({ id: tariffIdSchema.optional(), version: tariffViewSchema.shape.version.optional(), changedAt: tariffViewSchema.shape.changedAt.optional(), changedBy: tariffViewSchema.shape.changedBy.optional() }) },
    ifMatch: true,
    answers: { 200: one, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params: { tariffId }, body: { id, version: _, changedAt: __, changedBy: ___, ...rest }, caller, room } = request
      if (id !== undefined && id !== tariffId) {
        const message = `must be ${tariffId}, as in the path, or be left out`
        throw new Problem(422, 'invalid', `/id: ${message}`, { errors: [{ pointer: '/id', message }] })
      }
      return writing(request, async () => answer(await room.house.tariffs.put({ ...rest, id: tariffId }, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{tariffId}`, operationId: 'deleteTariff', tag, summary: 'Removes a tariff that nothing names; its versions stay', scope: 'config:write', reach: 'every-site',
    params,
    ifMatch: true,
    answers: { 204: { description: 'Removed' } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      await request.room.house.tariffs.remove(request.params.tariffId)
      return { status: 204 }
    }),
  }),
]

function whatOf(id: string): string {
  return `tariff ${id}`
}

function writing<B>({ params: { tariffId }, ifMatch, caller, room }: Request<{ tariffId: string }, unknown, B>, write: () => Promise<Answer>): Promise<Answer> {
  return room.writes.run({ what: whatOf(tariffId), ifMatch, caller, current: () => room.house.tariffs.find(tariffId) }, write)
}

function answer({ created, tariff }: { readonly created: boolean; readonly tariff: KeptTariff }): Answer {
  const headers = { ETag: etag(tariff), ...(created && { Location: `${at}/${encodeURIComponent(tariff.value.id)}` }) }
  return { status: created ? 201 : 200, headers, json: tariffView(tariff) }
}
