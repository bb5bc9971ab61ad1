// The session of a browser: a key is exchanged for a cookie, once; whose it is can be asked, and it can be ended.
import { z } from 'zod'
import { scopes, type Principal } from '../auth.ts'
import { defineRoute, type Route } from '../route.ts'
import { base } from './identifiers.ts'

const tag = 'api keys'
const path = `${base}/session`
const who = z.strictObject({
  name: z.string().describe('Of the key; kept with everything that is changed with it.'),
  scopes: z.array(z.enum(scopes)),
  sites: z.array(z.string()).nullable().describe('null = every site.'),
})
const opened = who.extend({ expiresAt: z.iso.datetime().nullable().describe('When the cookie ends; null where none is needed.') })

export const keySessionRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST', path, operationId: 'openSession', tag, scope: 'read', reach: 'anyone', keyOnly: true,
    summary: 'Exchanges the key that is sent as Authorization: Bearer … for a cookie (HttpOnly, SameSite=Strict, 12 hours), so that a page need not hold it',
    answers: { 201: { description: 'Whose session it is; the cookie is in Set-Cookie', content: { 'application/json': opened } } },
    handle({ principal, secure, room }) {
      if (room.auth.open) return { status: 201, json: { ...shown(principal, room.house.sites()), expiresAt: null } }
      const { cookie, expiresAtMs } = room.keySessions.open(principal, secure)
      return { status: 201, headers: { 'Set-Cookie': cookie }, json: { ...shown(principal, room.house.sites()), expiresAt: new Date(expiresAtMs).toISOString() } }
    },
  }),
  defineRoute({
    method: 'GET', path, operationId: 'getSession', tag, summary: 'Who asks, by key or cookie: its name, scopes and sites', scope: 'read', reach: 'anyone',
    answers: { 200: { description: 'Who asks', content: { 'application/json': who } } },
    handle: ({ principal, room }) => ({ status: 200, json: shown(principal, room.house.sites()) }),
  }),
  defineRoute({
    method: 'DELETE', path, operationId: 'endSession', tag, summary: 'Ends the session of the cookie that is sent', scope: 'read', reach: 'anyone',
    answers: { 204: { description: 'It is over' } },
    handle: ({ cookies, room }) => ({ status: 204, headers: { 'Set-Cookie': room.keySessions.end(cookies) } }),
  }),
]

function shown(principal: Principal, sites: readonly { readonly value: { readonly id: string } }[]) {
  return {
    name: principal.name, scopes: scopes.filter((scope) => principal.may(scope)),
    sites: principal.everySite ? null : sites.map(({ value }) => value.id).filter((siteID) => principal.covers(siteID)),
  }
}
