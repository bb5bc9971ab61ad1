// Charge points: how they are wired and controlled, and how their connection stands.
import { z } from 'zod'
import type { House, Versioned } from '../../actors/house.ts'
import { DrawnPassword, type GivenPassword } from '../../actors/credentials.ts'
import type { ChargePointView } from '../../actors/views.ts'
import { chargePointSchema, siteSchema } from '../../power/site.ts'
import { page, pageQuery } from '../paging.ts'
import { siteNamed } from '../reach.ts'
import { Problem } from '../problem.ts'
import { defineRoute, listOf, type Answer, type Request, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { etag } from '../writes.ts'
import { base, chargePointAddress, chargePointParams } from './identifiers.ts'
import { otherId } from './sites.ts'

const tag = 'charge points'
const shown = views.ChargePoint.extend({ password: z.string().exactOptional().describe('Only in the answer to generatePassword, and never again, also not under the same Idempotency-Key.') })
const one = { description: 'The charge point; never its password', content: { 'application/json': views.ChargePoint }, headers: ['ETag'] } as const
export const written = { ...one, content: { 'application/json': shown } } as const
const readOnly = 'Leave hasPassword, connection, lastSeenAt, boot, quirks and state out: they can only be read.'

/** Security profile passwords have 16 to 20 bytes (OCPP 1.6 security whitepaper, AuthorizationKey). */
export const passwordSchema = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 16 && Buffer.byteLength(text) <= 20, '16 to 20 bytes are needed')
  .nullable()
  .exactOptional()
  .describe('Write-only. Absent leaves it, null removes it.')
  .meta({ writeOnly: true })
export const generatePasswordSchema = z.literal(true).exactOptional().describe('kwota draws a password, in place of `password`; the answer shows it, and nobody again.').meta({ writeOnly: true })
const newBody = chargePointSchema.extend({ password: passwordSchema, generatePassword: generatePasswordSchema })
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
    answers: { 201: { ...written, headers: ['ETag', 'Location'] } },
    problems: [404, 409],
    handle({ body: { password, generatePassword, ...config }, caller, principal, room: { house, writes } }) {
      siteNamed(config.site, principal)
      const current = (): Versioned<ChargePointView> | undefined => find(house, config.id)
      const guarded = { what: `charge point ${config.id}`, ifMatch: undefined, creates: true, caller, current } as const
      const secret = passwordOf(password, generatePassword)
      return writes.run(guarded, async () => answer(await house.putChargePoint(config, secret, caller), secret))
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
    answers: { 200: written, 201: { ...written, headers: ['ETag', 'Location'] } },
    problems: [409],
    handle(request) {
      const { params, body: { password, generatePassword, id, ...config }, caller, principal, room: { house } } = request
      if (id !== undefined && id !== params.clientID) throw otherId(params.clientID)
      siteNamed(config.site, principal)
      const secret = passwordOf(password, generatePassword)
      return writing(request, async () => answer(await house.putChargePoint({ ...config, id: params.clientID }, secret, caller), secret))
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

/** Problem 422 when one is given and another is to be drawn. */
export function passwordOf(given: string | null | undefined, generate: true | undefined): GivenPassword {
  if (generate === undefined) return given
  if (given !== undefined) throw new Problem(422, 'two-passwords', 'Either password or generatePassword, not both.', { errors: [{ pointer: '/generatePassword', message: 'leave it out, or password' }] })
  return new DrawnPassword()
}

/** 201 with its address when it is new. What was drawn is shown this once. */
export function answer({ created, chargePoint }: { created: boolean; chargePoint: Versioned<ChargePointView> }, secret?: GivenPassword): Answer {
  const headers = { ETag: etag(chargePoint), ...(created && { Location: chargePointAddress(chargePoint.value.id) }) }
  return { status: created ? 201 : 200, headers, ...(secret instanceof DrawnPassword ? { json: { ...chargePoint.value, password: secret.text }, keptJson: chargePoint.value } : { json: chargePoint.value }) }
}
