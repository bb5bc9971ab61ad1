// The lobby: who could not connect and why, who waits, and how to let them in.
import { z } from 'zod'
import { chargePointSchema, clientIDSchema } from '../../power/site.ts'
import { lobbyReasons, lobbyVerdicts } from '../contact-schemas.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { answer, generatePasswordSchema, passwordOf, passwordSchema, written } from './charge-points.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'lobby'
const accepted = { description: 'The charge point as it is configured now', content: written.content, headers: ['ETag'] } as const

export const lobbyRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/lobby`, operationId: 'listLobby', tag, scope: 'read', reach: 'filtered',
    summary: 'Refused connection attempts and charge points that wait, newest first, with what to change; in memory: whoever waits, and of attempts the newest 500, 50 of one address',
    query: z.strictObject({
      ...pageQuery, reason: z.enum(lobbyReasons).optional(), verdict: z.enum(lobbyVerdicts).optional(), clientID: clientIDSchema.optional(),
    }),
    answers: { 200: { description: 'A page of the lobby', content: { 'application/json': listOf(views.LobbyEntry) } } },
    handle({ query, principal, room }) {
      // Who is not configured belongs to no site.
      const covered = new Set(room.house.chargePoints().filter(({ value }) => principal.covers(value.site)).map(({ value }) => value.id.toLowerCase()))
      const wanted = room.house.lobby.list().filter((entry) =>
        (principal.everySite || covered.has(entry.clientID.toLowerCase())) &&
        (query.clientID === undefined || entry.clientID.toLowerCase() === query.clientID.toLowerCase()) &&
        (['reason', 'verdict'] as const).every((name) => query[name] === undefined || query[name] === entry[name]))
      return { status: 200, json: page(wanted, query, ({ lastAt, reason, clientID }) => `${lastAt} ${reason} ${clientID}`, 'descending') }
    },
  }),
  defineRoute({
    method: 'POST', path: `${base}/lobby/{clientID}/accept`, operationId: 'acceptFromLobby', tag, scope: 'config:write', reach: 'every-site',
    summary: 'Configures a charge point that waits or was refused, and has it connect again; the body may say how it is wired',
    params: chargePointParams,
    body: { types: ['application/json'], optional: true, schema: chargePointSchema.omit({ id: true }).extend({ password: passwordSchema, generatePassword: generatePasswordSchema }), hint: 'Leave id out: the identity is in the address; all other fields are those of a charge point.' },
    answers: { 200: accepted, 201: { ...accepted, headers: ['ETag', 'Location'] } },
    problems: [409],
    async handle({ params, body: { password, generatePassword, ...given }, caller, room: { house, writes } }) {
      const guarded = { what: `charge point ${params.clientID}`, ifMatch: undefined, caller, current: () => undefined }
      const secret = passwordOf(password, generatePassword)
      return writes.run(guarded, async () => answer(await house.lobby.accept(params.clientID, given, secret, caller), secret))
    },
  }),
]
