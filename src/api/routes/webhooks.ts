// Webhooks: what happens is sent to an address, signed as Standard Webhooks are; the secret is shown once, when it is made.
import { z } from 'zod'
import type { Versioned } from '../../actors/house.ts'
import { deliveryStatuses, type DeliveryView, type GivenWebhook, type WebhookView } from '../../actors/webhook-record.ts'
import { siteSchema } from '../../power/site.ts'
import type { Principal } from '../auth.ts'
import { page, pageQuery } from '../paging.ts'
import { onlySite, siteNamed } from '../reach.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { eventTypes } from '../schemas.ts'
import { viewOf } from '../view-of.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'webhooks'
const at = `${base}/webhooks`
const params = z.strictObject({ webhookID: z.string().regex(/^(?:whk_)?[0-9a-f]{1,32}$/, 'the id of a webhook, e.g. whk_0f6c1d2e3a4b') })

const url = z.url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' }).max(2_048).refine((text) => !/\/\/[^/]*@/.test(text), 'a URL must not hold a user name or password; requests are signed').describe('To a public address, unless kwota.yaml says webhooks.allowPrivate.')
const description = z.string().trim().max(200).regex(/^[^\p{Cc}\p{Cf}]*$/u, 'no control characters')
const types = z.array(z.enum(eventTypes)).min(1).max(eventTypes.length).refine((given) => new Set(given).size === given.length, 'each type once').nullable().describe('Only these; null = all but meter.sample.')
const siteID = siteSchema.shape.id.nullable().describe('Only what happens on this site; null = on every one.')
const showIdTags = z.boolean().describe('Id tags as they are, else masked; needs pii:read.')
const secret = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'whsec_ and 24 to 64 bytes in base64')
  .refine((text) => { const { length } = Buffer.from(text.slice(6), 'base64'); return length >= 24 && length <= 64 }, '24 to 64 bytes in base64').describe('Absent: kwota makes one.')

const given = z.strictObject({ url, description: description.default(''), types: types.default(null), siteID: siteID.exactOptional(), showIdTags: showIdTags.default(false), enabled: z.boolean().default(true) })
const changes = z.strictObject({ url: url.exactOptional(), description: description.exactOptional(), types: types.exactOptional(), siteID: siteID.exactOptional(), showIdTags: showIdTags.exactOptional(), enabled: z.boolean().exactOptional().describe('true also takes back that kwota has disabled it; what waits is sent at once.') })
  .refine((change) => Object.keys(change).length > 0, 'name at least one field')
const rotation = z.strictObject({ secret: secret.exactOptional(), keepFormerS: z.int().min(0).max(604_800).default(86_400).describe('So long requests are signed with the secret before as well.') })
const hint = 'Send { "url" } and, if you like, "types", "siteID", "description"; the secret is made by kwota unless it is given.'

const time = z.iso.datetime()
const shape = {
  id: z.string(), url: z.string(), description: z.string(), types: z.array(z.string()).nullable(), siteID: z.string().nullable(), showIdTags: z.boolean(), enabled: z.boolean(),
  disabledReason: z.string().nullable().describe('Why kwota has disabled it: 410 Gone, or nothing was taken for three days.'), formerSecretUntil: time.nullable(),
  queued: z.int().describe('Events that wait.'), dropped: z.int().describe('Events that found no room since kwota was started.'), lastDeliveredAt: time.nullable(), createdAt: time, createdBy: z.string(),
}
const view = viewOf<WebhookView>()(z.strictObject(shape))
const made = z.strictObject({ ...shape, secret: z.string().exactOptional().describe('Shown here and never again, also not under the same Idempotency-Key.') })
const delivery = viewOf<DeliveryView>()(z.strictObject({
  id: z.string(), webhookID: z.string(), eventId: z.string().describe('Sent as webhook-id, the same at every attempt.'), type: z.string(), siteID: z.string(), at: time, status: z.enum(deliveryStatuses),
  attempts: z.int(), lastAttemptAt: time.nullable(), nextAttemptAt: time.nullable(), responseStatus: z.int().nullable().describe('Of the last attempt; null = there was no answer.'), error: z.string().nullable(),
}))
const one = { description: 'The webhook, without its secret', content: { 'application/json': view }, headers: ['ETag'] } as const

export const webhookRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listWebhooks', tag, summary: 'Webhooks by id, never their secrets', scope: 'read', reach: 'filtered',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of webhooks', content: { 'application/json': listOf(view) } } },
    handle: ({ query, principal, room }) => ({ status: 200, json: page(room.house.webhooks.list().map(({ value }) => value).filter((hook) => principal.covers(hook.siteID ?? '')), query, ({ id }) => id, 'ascending') }),
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createWebhook', tag, summary: 'A new webhook: from now on what happens is sent there', scope: 'config:write', reach: 'filtered',
    body: { types: ['application/json'], schema: given.extend({ secret: secret.exactOptional() }), hint },
    answers: { 201: { description: 'The webhook, with its secret for this once', content: { 'application/json': made }, headers: ['ETag', 'Location'] } },
    problems: [409],
    async handle({ body: { secret: own, ...wanted }, caller, principal, demand, room }) {
      if (wanted.showIdTags) demand('pii:read')
      if (typeof wanted.siteID === 'string') siteNamed(wanted.siteID, principal)
      const { webhook, secret: shown } = await room.house.webhooks.create({ ...wanted, siteID: wanted.siteID ?? onlySite(principal, room.house) ?? null }, own, caller.name)
      return { status: 201, headers: { ETag: etag(webhook), Location: `${at}/${webhook.value.id}` }, json: { ...webhook.value, secret: shown }, keptJson: webhook.value }
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{webhookID}`, operationId: 'getWebhook', tag, summary: 'One webhook, never its secret', scope: 'read', reach: 'webhook',
    params,
    answers: { 200: one },
    handle: ({ params: { webhookID }, room }) => answer(room.house.webhooks.get(webhookID)),
  }),
  defineRoute({
    method: 'PUT', path: `${at}/{webhookID}`, operationId: 'putWebhook', tag, summary: 'Replaces what is said of a webhook; its secret and what waits stay', scope: 'config:write', reach: 'webhook',
    params, ifMatch: true,
    body: { types: ['application/json'], schema: given },
    answers: { 200: one },
    handle: (request) => change(request, { ...request.body, siteID: request.body.siteID ?? onlySite(request.principal, request.room.house) ?? null }),
  }),
  defineRoute({
    method: 'PATCH', path: `${at}/{webhookID}`, operationId: 'changeWebhook', tag, summary: 'Changes a webhook, or enables one that was disabled', scope: 'config:write', reach: 'webhook',
    params, ifMatch: true,
    body: { types: ['application/json'], schema: changes },
    answers: { 200: one },
    handle: (request) => change(request, request.body),
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{webhookID}`, operationId: 'deleteWebhook', tag, summary: 'Removes a webhook, with what waits for it', scope: 'config:write', reach: 'webhook',
    params, ifMatch: true,
    answers: { 204: { description: 'Removed' } },
    handle: (request) => writing(request, async () => {
      await request.room.house.webhooks.remove(request.params.webhookID)
      return { status: 204 }
    }),
  }),
  defineRoute({
    method: 'POST', path: `${at}/{webhookID}/rotate-secret`, operationId: 'rotateWebhookSecret', tag, summary: 'A new secret; for a while requests are signed with both', scope: 'config:write', reach: 'webhook',
    params, ifMatch: true,
    body: { types: ['application/json'], schema: rotation, optional: true },
    answers: { 200: { description: 'The webhook, with its new secret for this once', content: { 'application/json': made }, headers: ['ETag'] } },
    handle: (request) => writing(request, async () => {
      const { webhook, secret: shown } = await request.room.house.webhooks.rotate(request.params.webhookID, request.body.secret, request.body.keepFormerS, request.caller.name)
      return { ...answer(webhook), json: { ...webhook.value, secret: shown }, keptJson: webhook.value }
    }),
  }),
  defineRoute({
    method: 'POST', path: `${at}/{webhookID}/test`, operationId: 'testWebhook', tag, summary: 'Sends one event of the type webhook.test, once, and says what became of it', scope: 'config:write', reach: 'webhook',
    params,
    answers: { 200: { description: 'The delivery, delivered or failed', content: { 'application/json': delivery } } },
    problems: [409],
    handle: async ({ params: { webhookID }, room }) => ({ status: 200, json: await room.house.webhooks.test(webhookID) }),
  }),
  defineRoute({
    method: 'GET', path: `${at}/{webhookID}/deliveries`, operationId: 'listWebhookDeliveries', tag, summary: 'What waits, and the newest 200 of what was delivered or failed, newest first', scope: 'read', reach: 'webhook',
    params,
    query: z.strictObject({ ...pageQuery, status: z.enum(deliveryStatuses).optional() }),
    answers: { 200: { description: 'A page of deliveries', content: { 'application/json': listOf(delivery) } } },
    handle({ params: { webhookID }, query, room }) {
      const found = room.house.webhooks.deliveries(webhookID).filter(({ status }) => query.status === undefined || query.status === status)
      return { status: 200, json: page(found, query, ({ id }) => id.slice(webhookID.length + 1).padStart(15, '0'), 'descending') }
    },
  }),
]

type Asking<B> = Pick<Request<{ webhookID: string }, unknown, B>, 'params' | 'ifMatch' | 'caller' | 'principal' | 'demand' | 'room'>

function change<B>(request: Asking<B>, wanted: Partial<GivenWebhook>): Promise<Answer> {
  const { params: { webhookID }, principal, demand, caller, room: { house } } = request
  // Whoever may not see id tags may not lead those that are shown elsewhere either.
  if (wanted.showIdTags === true || house.webhooks.get(webhookID).value.showIdTags) demand('pii:read')
  if (wanted.siteID !== undefined) placed(wanted.siteID, principal)
  return writing(request, async () => answer(await house.webhooks.change(webhookID, wanted, caller.name)))
}

function placed(wanted: string | null, principal: Principal): void {
  if (wanted !== null) siteNamed(wanted, principal)
  else if (!principal.everySite) siteNamed('', principal)
}

function writing<B, A extends Answer>({ params: { webhookID }, ifMatch, caller, room }: Pick<Asking<B>, 'params' | 'ifMatch' | 'caller' | 'room'>, write: () => Promise<A>): Promise<A> {
  const current = (): Versioned<WebhookView> => room.house.webhooks.get(webhookID)
  return room.writes.run({ what: `webhook ${webhookID}`, ifMatch, caller, current }, write)
}

function answer(hook: Versioned<WebhookView>): Answer {
  return { status: 200, headers: { ETag: etag(hook) }, json: hook.value }
}
