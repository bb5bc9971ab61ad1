// A page exchanges its key for a cookie: who has it is who had the key, as long as the key stands, and no longer than it lasts.
import { afterEach, expect, test } from 'vitest'
import { master } from '../../src/api/auth.ts'
import { createKeySessions } from '../../src/api/key-sessions.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { startServer, type TestServer } from './server.ts'

const bootstrap = 'a-key-of-the-test-0001'
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })
let server: TestServer
const started: TestServer[] = []
afterEach(async () => { for (const one of started.splice(0)) await one.close() })

async function start(): Promise<void> {
  server = await startServer({ apiKey: bootstrap })
  started.push(server)
}

async function enter(key: string): Promise<string> {
  const reply = await server.ask('POST', '/api/v1/session', { headers: bearer(key) })
  expect(reply.status).toBe(201)
  return String(reply.headers['set-cookie']?.[0])
}
const withCookie = (cookie: string, headers = {}) => ({ headers: { Cookie: cookie.split(';')[0] ?? '', ...headers } })

test('the cookie is out of reach of scripts and of other origins, and opens what the key opens', async () => {
  await start()
  const cookie = await enter(bootstrap)
  expect(cookie).toMatch(/^kwota_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
  expect((await server.ask('GET', '/api/v1/session', withCookie(cookie))).json()).toMatchObject({ name: 'bootstrap', sites: null })
  expect((await server.ask('GET', '/api/v1/sites', { headers: { Cookie: `other=1; ${cookie.split(';')[0] ?? ''}` } })).status).toBe(200)
  expect((await server.ask('PUT', '/api/v1/sites/main/grid-limit', { ...withCookie(cookie, { 'Content-Type': 'application/json', Origin: 'http://evil.example' }), body: '{"currentA":10}' })).json()).toMatchObject({ status: 403, code: 'foreign-origin' })
  expect((await server.send('PUT', '/api/v1/sites/main/grid-limit', { currentA: 10 }, withCookie(cookie).headers)).status).toBe(200)
  expect(server.house.gridLimit('main').changedBy).toBe('bootstrap')
})

test('a wrong key gets none, a made-up cookie opens nothing, and a wrong key counts before a right cookie', async () => {
  await start()
  const wrong = await server.ask('POST', '/api/v1/session', { headers: bearer('wrong') })
  expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined])
  expect((await server.ask('GET', '/api/v1/sites', withCookie(`kwota_session=${'A'.repeat(43)}`))).status).toBe(401)
  const cookie = await enter(bootstrap)
  expect((await server.ask('GET', '/api/v1/sites', withCookie(cookie, bearer('wrong')))).status).toBe(401)
})

test('it has the scopes and sites of its key, and ends with it', async () => {
  await start()
  const made = await server.send('POST', '/api/v1/api-keys', { name: 'Reader', scopes: ['read'], sites: ['main'] }, bearer(bootstrap))
  const cookie = await enter(String(made.json()['secret']))
  expect((await server.ask('GET', '/api/v1/session', withCookie(cookie))).json()).toEqual({ name: 'Reader', scopes: ['read'], sites: ['main'] })
  expect((await server.send('PUT', '/api/v1/sites/main/grid-limit', { currentA: 10 }, withCookie(cookie).headers)).status).toBe(403)
  await server.ask('DELETE', `/api/v1/api-keys/${String(made.json()['id'])}`, { headers: bearer(bootstrap) })
  expect((await server.ask('GET', '/api/v1/sites', withCookie(cookie))).status).toBe(401)
})

test('ended, or twelve hours old, it opens nothing', async () => {
  await start()
  const [first, second] = [await enter(bootstrap), await enter(bootstrap)]
  const ended = await server.ask('DELETE', '/api/v1/session', withCookie(first))
  expect([ended.status, ended.headers['set-cookie']?.[0]]).toEqual([204, 'kwota_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0'])
  expect((await server.ask('GET', '/api/v1/sites', withCookie(first))).status).toBe(401)
  expect((await server.ask('GET', '/api/v1/sites', withCookie(second))).status).toBe(200)
  await server.clock.advance(12 * 3_600_000)
  expect((await server.ask('GET', '/api/v1/sites', withCookie(second))).status).toBe(401)
})

test('of more than a thousand the oldest ends', () => {
  const sessions = createKeySessions(new VirtualClock())
  const opened = Array.from({ length: 1_001 }, () => sessions.open(master('somebody'), true).cookie)
  expect([0, 1, 1_000].map((at) => sessions.find(opened[at])?.name)).toEqual([undefined, 'somebody', 'somebody'])
  expect(opened[0]).toMatch(/; Secure$/)
})
