// Charge points: how they are wired and controlled, and how their connection stands.
import { z } from 'zod'
import type { House, Versioned } from '../../actors/house.ts'
import type { ChargePointView } from '../../actors/views.ts'
import { chargePointSchema, siteSchema } from '../../power/site.ts'
import { page, pageQuery } from '../paging.ts'
import { siteNamed } from '../reach.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, chargePointAddress, chargePointParams } from './identifiers.ts'
import { otherId } from './sites.ts'

const tag = 'charge points'
const one = { description: 'The charge point; never its password', content: { 'application/json': views.ChargePoint }, headers: ['ETag'] } as const
const readOnly = 'Leave hasPassword, connection, lastSeenAt, boot, quirks and state out: they can only be read.'

/** Security profile passwords have 16 to 20 bytes (OCPP 1.6 security whitepaper, AuthorizationKey). */
export const passwordSchema = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 16 && Buffer.byteLength(text) <= 20, '16 to 20 bytes are needed')
  .nullable()
  .exactOptional()
  .describe('Write-only. Absent leaves it, null removes it.')
  .meta({ writeOnly: true })
const newBody = chargePointSchema.extend({ password: passwordSchema })
const putBody = newBody.extend({ id: chargePointSchema.shape.id.optional() })

export const chargePointRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints`, operationId: 'listChargePoints', tag, summary: 'All charge points, by id', scope: 'read', reach: 'filtered',
    query: z.strictObject({ ...pageQuery, siteID: siteSchema.shape.id.optional().describe('Only those of this site.') }),
    answers: { 200: { description: 'A page of charge points', content: { 'application/json': listOf(views.ChargePoint) } } },
    handle({ query, principal, room }) {
      const wanted = room.house.chargePoints().map(({ value }) => value).filter(({ site }) => principal.covers(site) && (query.siteID === undefined || site === query.siteID))
      return { status: 200, json: page(wanted, query, ({ id }) => id, 'ascending') }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/chargepoints`, operationId: 'createChargePoint', tag, summary: 'A new charge point', scope: 'config:write', reach: 'filtered',
    body: { types: ['application/json'], schema: newBody, hint: readOnly },
    answers: { 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [404, 409],
    handle({ body: { password: secret, ...config }, caller, principal, room: { house, writes } }) {
      siteNamed(config.site, principal)
      const current = (): Versioned<ChargePointView> | undefined => find(house, config.id)
      const guarded = { what: `charge point ${config.id}`, ifMatch: undefined, creates: true, caller, current } as const
      return writes.run(guarded, async () => answer(await house.putChargePoint(config, secret, caller)))
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}`, operationId: 'getChargePoint', tag, summary: 'One charge point', scope: 'read', reach: 'charge-point',
    params: chargePointParams,
    answers: { 200: one },
    handle({ params, room }) {
      const chargePoint = room.house.chargePoint(params.clientID)
      return { status: 200, headers: { ETag: etag(chargePoint) }, json: chargePoint.value }
    },
  }),
  defineRoute({
    method: 'PUT', path: `${base}/chargepoints/{clientID}`, operationId: 'putChargePoint', tag, summary: 'Creates or replaces a charge point', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    body: { types: ['application/json'], schema: putBody, hint: readOnly },
    ifMatch: true,
    answers: { 200: one, 201: { ...one, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params, body: { password: secret, id, ...config }, caller, principal, room: { house } } = request
      if (id !== undefined && id !== params.clientID) throw otherId(params.clientID)
      siteNamed(config.site, principal)
      return writing(request, async () => answer(await house.putChargePoint({ ...config, id: params.clientID }, secret, caller)))
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/chargepoints/{clientID}`, operationId: 'deleteChargePoint', tag, summary: 'Removes a charge point without a running transaction', scope: 'config:write', reach: 'charge-point',
    params: chargePointParams,
    ifMatch: true,
    answers: { 204: { description: 'Removed' } },
    problems: [409],
    handle: (request) => writing(request, async () => {
      await request.room.house.deleteChargePoint(request.params.clientID, request.caller)
      return { status: 204 }
    }),
  }),
]

function writing<B>({ params, ifMatch, caller, room }: Request<{ clientID: string }, unknown, B>, write: () => Promise<Answer>): Promise<Answer> {
  const current = (): Versioned<ChargePointView> | undefined => find(room.house, params.clientID)
  return room.writes.run({ what: `charge point ${params.clientID}`, ifMatch, caller, current }, write)
}

function find(house: House, id: string): Versioned<ChargePointView> | undefined {
  return house.chargePoints().find(({ value }) => value.id.toLowerCase() === id.toLowerCase())
}

/** 201 with its address when it is new. */
export function answer({ created, chargePoint }: { created: boolean; chargePoint: Versioned<ChargePointView> }): Answer {
  const headers = { ETag: etag(chargePoint), ...(created && { Location: chargePointAddress(chargePoint.value.id) }) }
  return { status: created ? 201 : 200, headers, json: chargePoint.value }
}
