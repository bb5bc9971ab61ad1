// API keys: who may do what and where; the secret is shown once, when the key is made.
import { z } from 'zod'
import type { ApiKeyView } from '../../actors/api-key-record.ts'
import type { Versioned } from '../../actors/house.ts'
import { siteSchema } from '../../power/site.ts'
import { scopes } from '../auth.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { viewOf } from '../view-of.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'api keys'
const at = `${base}/api-keys`
const params = z.strictObject({ keyID: z.string().regex(/^[0-9a-f]{1,32}$/, 'the id of an API key, e.g. 0f6c1d2e3a4b') })

const name = z.string().trim().min(1).max(64).regex(/^[^\p{Cc}\p{Cf}]+$/u, 'no control characters').describe('Kept with everything that is changed with it; unique.')
const scopeList = z.array(z.enum(scopes)).min(1).max(scopes.length).refine((given) => new Set(given).size === given.length, 'each scope once').describe('admin contains every other.')
const sites = z.array(siteSchema.shape.id).min(1).max(1_000).nullable().describe('The only sites it is for; null = every site, those to come as well, and what belongs to none.')
const expiresAt = z.iso.datetime({ offset: true }).nullable().describe('From then on it opens nothing; null = it does not expire.')
const hint = 'Send { "name", "scopes" } and, if you like, "sites" and "expiresAt"; the secret is made by kwota.'

const time = z.iso.datetime()
const shape = {
  id: z.string(), name: z.string(), scopes: z.array(z.enum(scopes)), sites: z.array(z.string()).nullable(),
  createdAt: time, createdBy: z.string(), expiresAt: time.nullable(), lastUsedAt: time.nullable().describe('To the minute.'),
}
const view = viewOf<ApiKeyView>()(z.strictObject(shape))
const made = z.strictObject({ ...shape, secret: z.string().exactOptional().describe('What to send as Authorization: Bearer …. It is shown here and never again, also not under the same Idempotency-Key.') })
const one = { description: 'The key, without its secret', content: { 'application/json': view }, headers: ['ETag'] } as const

export const apiKeyRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listApiKeys', tag, summary: 'API keys by name, never their secrets', scope: 'admin', reach: 'every-site',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of keys', content: { 'application/json': listOf(view) } } },
    handle: ({ query, room }) => ({ status: 200, json: page(room.house.apiKeys.list().map(({ value }) => value), query, (key) => key.name, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createApiKey', tag, scope: 'admin', reach: 'every-site',
    summary: 'A new API key; on a loopback address without any, the first must be one that may do everything: from then on a key is needed',
    body: { types: ['application/json'], schema: z.strictObject({ name, scopes: scopeList, sites: sites.default(null), expiresAt: expiresAt.default(null) }), hint },
    answers: { 201: { description: 'The key, with its secret for this once', content: { 'application/json': made }, headers: ['ETag', 'Location'] } },
    problems: [409],
    async handle({ body, caller, room: { house, auth } }) {
      const { key, secret } = await house.apiKeys.create(body, !auth.bootstrap, caller.name)
      return { status: 201, headers: { ETag: etag(key), Location: `${at}/${key.value.id}` }, json: { ...key.value, secret }, keptJson: key.value }
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{keyID}`, operationId: 'getApiKey', tag, summary: 'One API key, never its secret', scope: 'admin', reach: 'every-site',
    params,
    answers: { 200: one },
    handle: ({ params: { keyID }, room }) => answer(room.house.apiKeys.get(keyID)),
  }),
  defineRoute({
    method: 'PATCH', path: `${at}/{keyID}`, operationId: 'changeApiKey', tag, summary: 'Changes what a key is called, may do, is for, or when it expires; it holds at once, also for streams that are open', scope: 'admin', reach: 'every-site',
    params, ifMatch: true,
    body: { types: ['application/json'], schema: z.strictObject({ name: name.exactOptional(), scopes: scopeList.exactOptional(), sites: sites.exactOptional(), expiresAt: expiresAt.exactOptional() }).refine((change) => Object.keys(change).length > 0, 'name at least one field') },
    answers: { 200: one },
    problems: [409],
    handle: (request) => writing(request, async () => answer(await request.room.house.apiKeys.change(request.params.keyID, request.body, !request.room.auth.bootstrap, request.caller.name))),
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{keyID}`, operationId: 'deleteApiKey', tag, summary: 'Revokes a key: it opens nothing any more, and its streams end', scope: 'admin', reach: 'every-site',
    params, ifMatch: true,
    answers: { 204: { description: 'Revoked' } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      await request.room.house.apiKeys.remove(request.params.keyID, !request.room.auth.bootstrap)
      return { status: 204 }
    }),
  }),
]

function writing<B>({ params: { keyID }, ifMatch, caller, room }: Request<{ keyID: string }, unknown, B>, write: () => Promise<Answer>): Promise<Answer> {
  const current = (): Versioned<ApiKeyView> => room.house.apiKeys.get(keyID)
  return room.writes.run({ what: `API key ${keyID}`, ifMatch, caller, current }, write)
}

function answer(key: Versioned<ApiKeyView>): Answer {
  return { status: 200, headers: { ETag: etag(key) }, json: key.value }
}
