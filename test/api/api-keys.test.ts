// API keys over real sockets: made once, shown once, good for what they say, and for nothing once they are gone.
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiKeys } from '../../src/actors/api-keys.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { startServer, type Reply, type TestServer } from './server.ts'

const bootstrap = 'a-key-for-these-tests'
const path = '/api/v1/api-keys'
const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` })
const grid = '/api/v1/sites/main/grid-limit'
const unauthorized = { status: 401, code: 'unauthorized', detail: 'This API key is not known: it was removed, it expired, or it was mistyped.' }

let server: TestServer
afterEach(() => server.close())

interface Made { readonly id: string; readonly name: string; readonly secret: string }
async function make(given: object, as = bootstrap): Promise<Made> {
  const reply = await server.send('POST', path, given, bearer(as))
  expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 201 })
  return reply.json() as object as Made
}
const ask = (key: string, at = grid): Promise<Reply> => server.ask('GET', at, { headers: bearer(key) })

describe('beside a bootstrap key', () => {
  beforeEach(async () => { server = await startServer({ apiKey: bootstrap }) })

  it('a key opens what its scopes say, and what is changed bears its name', async () => {
    const { id, secret } = await make({ name: 'Manager', scopes: ['limits:write'] })
    expect(secret).toMatch(new RegExp(`^kwota_${id}_[A-Za-z0-9_-]{43}$`))
    expect((await ask(secret)).status).toBe(403)
    expect((await server.send('PUT', grid, { currentA: 9 }, bearer(secret))).status).toBe(200)
    expect(server.house.gridLimit('main').changedBy).toBe('Manager')
  })

  it('admin contains every scope', async () => {
    const { secret } = await make({ name: 'Second', scopes: ['admin'] })
    expect((await ask(secret)).status).toBe(200)
    await make({ name: 'Third', scopes: ['read'] }, secret)
  })

  it('the secret is answered once, and kept nowhere', async () => {
    const key = { 'Idempotency-Key': 'once', ...bearer(bootstrap) }
    const given = { name: 'Shown', scopes: ['read'] }
    const first = await server.send('POST', path, given, key)
    const again = await server.send('POST', path, given, key)
    const { secret, ...rest } = first.json() as object as Made
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json()).toEqual(rest)
    for (const at of [path, `${path}/${rest.id}`]) expect((await ask(bootstrap, at)).text).not.toContain(secret.slice(-20))
    expect(server.logged.map((line) => JSON.stringify(line)).join('\n')).not.toContain(secret.slice(-20))
  })

  it('two keys do not answer each other under the same Idempotency-Key, whatever they were called', async () => {
    const first = await make({ name: 'One', scopes: ['admin'] })
    const given = { name: 'X', scopes: ['read'] }
    await server.send('POST', path, given, { 'Idempotency-Key': 'same', ...bearer(first.secret) })
    await server.send('PATCH', `${path}/${first.id}`, { name: 'Was one' }, bearer(bootstrap))
    const second = await make({ name: 'One', scopes: ['admin'] })
    const reply = await server.send('POST', path, given, { 'Idempotency-Key': 'same', ...bearer(second.secret) })
    expect([reply.status, reply.headers['idempotent-replayed']]).toEqual([409, undefined])
  })

  it('is changed and removed at once, by who read it last', async () => {
    const { id, secret } = await make({ name: 'Short', scopes: ['read'] })
    expect((await ask(secret)).status).toBe(200)
    const changed = await server.send('PATCH', `${path}/${id}`, { scopes: ['config:write'], expiresAt: '2999-01-01T01:00:00+01:00' }, { ...bearer(bootstrap), 'If-Match': '"1"' })
    expect([changed.status, changed.headers['etag'], changed.json()['expiresAt']]).toEqual([200, '"2"', '2999-01-01T00:00:00.000Z'])
    expect((await ask(secret)).status).toBe(403)
    expect((await server.send('PATCH', `${path}/${id}`, { name: 'Late' }, { ...bearer(bootstrap), 'If-Match': '"1"' })).status).toBe(412)
    expect((await server.ask('DELETE', `${path}/${id}`, { headers: bearer(bootstrap) })).status).toBe(204)
    expect((await ask(secret)).json()).toMatchObject(unauthorized)
  })

  it('tells nobody whether it is unknown, wrong or expired', async () => {
    const { secret } = await make({ name: 'Old', scopes: ['read'], expiresAt: new Date(Date.now() + 1_500).toISOString() })
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`
    const unknown = `kwota_${'0'.repeat(12)}_${'A'.repeat(43)}`
    await expect.poll(async () => (await ask(secret)).status, { timeout: 10_000 }).toBe(401)
    const told = await Promise.all([secret, wrong, unknown, 'nonsense'].map(async (key) => {
      const { requestId: _, ...problem } = (await ask(key)).json()
      return JSON.stringify(problem)
    }))
    expect(new Set(told).size).toBe(1)
    expect(JSON.parse(told[0] ?? '')).toMatchObject(unauthorized)
  })

  it('says when it was used, to the minute', async () => {
    const { id, secret } = await make({ name: 'Used', scopes: ['read'] })
    const used = async (): Promise<unknown> => (await ask(bootstrap, `${path}/${id}`)).json()['lastUsedAt']
    expect(await used()).toBeNull()
    await ask(secret)
    const first = await used()
    expect(Date.now() - Date.parse(String(first))).toBeLessThan(60_000)
    await ask(secret)
    expect(await used()).toBe(first)
  })

  it('has a name of its own, that of nobody else', async () => {
    await make({ name: 'Manager', scopes: ['read'] })
    for (const name of ['Manager', 'manager', 'LOCAL', 'kwota.yaml']) {
      expect((await server.send('POST', path, { name, scopes: ['read'] }, bearer(bootstrap))).json()).toMatchObject({ status: 409, code: 'name-taken' })
    }
  })

  it('is neither made nor seen by a key for some sites', async () => {
    const { secret } = await make({ name: 'Of main', scopes: ['admin'], sites: ['main'] })
    expect((await ask(secret)).status).toBe(200)
    for (const [method, body] of [['GET', undefined], ['POST', { name: 'More', scopes: ['admin'] }]] as const) {
      expect((await server.send(method, path, body, bearer(secret))).json()).toMatchObject({ status: 403, code: 'needs-every-site' })
    }
  })

  it('reaches less at once when it is bound to sites, also by the cookie it was exchanged for; that cookie is kept for no replay', async () => {
    const { id, secret } = await make({ name: 'Page', scopes: ['read'] })
    const open = () => server.ask('POST', '/api/v1/session', { headers: { ...bearer(secret), 'Idempotency-Key': 'cookie' } })
    const cookies = [await open(), await open()].map(({ headers }) => String(headers['set-cookie']).split(';')[0] ?? '')
    expect(new Set(cookies).size).toBe(2)
    const ask = () => server.ask('GET', '/api/v1/system', { headers: { Cookie: cookies[0] ?? '' } })
    expect((await ask()).status).toBe(200)
    await server.send('PATCH', `${path}/${id}`, { sites: ['main'] }, bearer(bootstrap))
    expect((await ask()).json()).toMatchObject({ status: 403, code: 'needs-every-site' })
  })

  it('ends a stream that it has opened when it is removed', async () => {
    const { id, secret } = await make({ name: 'Viewer', scopes: ['read'] })
    const ended = new Promise<string>((resolve, reject) => {
      const stream = request({ host: '127.0.0.1', port: server.port, path: '/api/v1/events', headers: bearer(secret) }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          if (!text.includes('retry:')) return
          text = ''
          void server.ask('DELETE', `${path}/${id}`, { headers: bearer(bootstrap) }).then(() => server.house.emit({ id: '1', type: 'connector.status', data: {} }))
        }).on('end', () => resolve(text))
      })
      stream.on('error', reject).end()
    })
    expect(await ended).not.toContain('connector.status')
  })
})

describe('without any key', () => {
  beforeEach(async () => { server = await startServer() })

  it('the first is one that may do everything, and then a key is needed', async () => {
    expect((await server.send('POST', path, { name: 'Viewer', scopes: ['read'] })).json()).toMatchObject({ status: 422, code: 'first-key' })
    const admin = (await server.send('POST', path, { name: 'Admin', scopes: ['admin'] })).json() as object as Made
    expect((await server.ask('GET', grid)).json()).toMatchObject({ ...unauthorized, detail: 'This needs an API key.' })
    expect((await ask(admin.secret)).status).toBe(200)
    const viewer = await make({ name: 'Viewer', scopes: ['read'] }, admin.secret)
    expect((await ask(viewer.secret)).status).toBe(200)
  })

  it('the last that may do everything stays while there are others', async () => {
    const admin = (await server.send('POST', path, { name: 'Admin', scopes: ['admin'] })).json() as object as Made
    const { id } = await make({ name: 'Viewer', scopes: ['read'] }, admin.secret)
    const at = `${path}/${admin.id}`
    for (const body of [{ scopes: ['read'] }, { sites: ['main'] }, { expiresAt: '2999-01-01T00:00:00Z' }]) {
      expect((await server.send('PATCH', at, body, bearer(admin.secret))).json()).toMatchObject({ status: 409, code: 'last-admin-key' })
    }
    expect((await server.ask('DELETE', at, { headers: bearer(admin.secret) })).json()).toMatchObject({ status: 409, code: 'last-admin-key' })
    expect((await server.ask('DELETE', `${path}/${id}`, { headers: bearer(admin.secret) })).status).toBe(204)
    expect((await server.ask('DELETE', at, { headers: bearer(admin.secret) })).status).toBe(204)
    expect((await server.ask('GET', grid)).status).toBe(200)
  })
})

it('a guesser is made to wait, and the right key still enters from the same address', async () => {
  server = await startServer({ apiKey: bootstrap })
  const replies = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(`wrong-${index}`)))
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(10)
  const refused = replies.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(20)
  expect(refused[0]?.json()).toMatchObject({ code: 'too-many-wrong-keys' })
  expect(refused.map(({ headers }) => Number(headers['retry-after'])).every((seconds) => seconds >= 1 && seconds <= 6)).toBe(true)
  expect((await ask(bootstrap)).status).toBe(200)
  expect((await server.ask('GET', grid)).status).toBe(401)
  await server.clock.advance(6_000)
  expect((await ask('wrong-again')).status).toBe(401)
  expect((await ask('wrong-again')).status).toBe(429)
})

describe('on record', () => {
  beforeEach(async () => { server = await startServer() })
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

  it('there is a hash and no secret; what cannot be read opens nothing, and no door either', async () => {
    const store = createMemoryStore()
    const clock = new VirtualClock()
    const open = async () => {
      const scope = await openScope({ store, name: 'kwota', clock })
      return { scope, keys: new ApiKeys({ scope, log: quiet, wallMs: () => clock.wall(), hasSite: () => true }) }
    }
    const first = await open()
    expect(first.keys.configured()).toBe(false)
    const { key, secret } = await first.keys.create({ name: 'A', scopes: ['admin'], sites: null, expiresAt: null }, true, 'local')
    expect(first.keys.open(secret)?.name).toBe('A')
    await first.scope.flush()
    expect(JSON.stringify(first.scope.entries(''))).not.toContain(secret.slice(-20))
    const again = await open()
    expect(again.keys.open(secret)?.name).toBe('A')
    expect(again.keys.get(key.value.id).value.lastUsedAt).toBe(new Date(clock.wall()).toISOString())
    again.scope.put(`api-key:${key.value.id}`, { v: 9 })
    await again.scope.flush()
    const unread = (await open()).keys
    expect([unread.configured(), unread.open(secret)]).toEqual([true, null])
  })
})
