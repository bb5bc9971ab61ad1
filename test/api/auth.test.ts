// Who may enter: every route with no key, a wrong one, the right one, and one without the scope.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuth, scopes, type Auth, type Principal, type Scope } from '../../src/api/auth.ts'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { pageRoutes } from '../../src/api/routes/pages.ts'
import { anyPageFile } from './page-file.ts'
import { startServer, type TestServer } from './server.ts'

const key = 'a-key-for-these-tests'
const path = (route: Route): string => route.path.replace('{siteID}', 'main').replace('{clientID}', 'CP1').replace('{connectorID}', '1').replace('{operation}', 'reset').replace('{file}', anyPageFile).replace(/\{\w+\}/g, '1')
const streams = (route: Route): boolean => route.produces.includes('text/event-stream')
const somebody = (may: (scope: Scope) => boolean): Principal => ({ name: 'somebody', keyID: 'k1', everySite: true, may, covers: () => true, stands: () => true })
/** A HEAD of a stream ends at once. */
const method = (route: Route): string => (streams(route) ? 'HEAD' : route.method)

describe('with a key', () => {
  let server: TestServer
  beforeAll(async () => { server = await startServer({ auth: createAuth({ apiKey: key, open: false }), wrongKeyBurst: 10_000 }) })
  afterAll(() => server.close())

  const strangers: Record<string, Record<string, string>> = {
    'no key': {},
    'a wrong key': { Authorization: 'Bearer wrong' },
    'the beginning of the key': { Authorization: `Bearer ${key.slice(0, -1)}` },
    'the key and more': { Authorization: `Bearer ${key}x` },
    'another scheme': { Authorization: `Basic ${key}` },
    'an empty key': { Authorization: 'Bearer ' },
  }
  for (const route of routes) {
    for (const [name, headers] of Object.entries(strangers)) {
      it(`${route.method} ${route.path} with ${name}`, async () => {
        const before = server.house.fingerprint()
        const reply = await server.send(method(route), path(route), {}, headers)
        const { 'www-authenticate': challenge } = reply.headers
        expect({ status: reply.status, challenge }).toEqual(route.scope === 'public' ? { status: 200 } : { status: 401, challenge: 'Bearer realm="kwota"' })
        expect(server.house.fingerprint()).toBe(before)
      })
    }
    it(`${route.method} ${route.path} with the key`, async () => {
      const fresh = await startServer({ auth: createAuth({ apiKey: key, open: false }), wrongKeyBurst: 10_000 })
      const reply = await fresh.send(method(route), path(route), {}, { Authorization: `Bearer ${key}` })
      await fresh.close()
      expect([401, 403, 405, 500]).not.toContain(reply.status)
      // What an id names may not be there; the route is.
      if (!/\{(?!siteID|clientID|connectorID|operation)\w+\}/.test(route.path)) expect(reply.status === 404 && reply.json()['code'] !== 'no-check').toBe(false)
    })
  }

  it('leaves only probes and pages to strangers', () => {
    expect(routes.filter(({ scope }) => scope === 'public').map((route) => route.path)).toEqual(['/livez', '/readyz', ...pageRoutes.map(({ path }) => path)])
  })

  it('records whose key it was', async () => {
    await server.send('PUT', '/api/v1/sites/main/grid-limit', { currentA: 9 }, { Authorization: `Bearer ${key}` })
    expect(server.house.gridLimit('main').changedBy).toBe('bootstrap')
  })
})

describe('with single scopes', () => {
  const auth: Auth = {
    open: false, bootstrap: true,
    authenticate: (authorization) => somebody((scope) => authorization?.slice('Bearer '.length).split('+').includes(scope) === true),
  }
  let server: TestServer
  beforeAll(async () => { server = await startServer({ auth }) })
  afterAll(() => server.close())

  for (const route of routes.filter(({ scope }) => scope !== 'public')) {
    it(`${route.method} ${route.path} takes ${route.scope} and no other`, async () => {
      for (const scope of scopes.filter((other) => other !== route.scope)) {
        const before = server.house.fingerprint()
        const reply = await server.send(method(route), path(route), {}, { Authorization: `Bearer ${scope}` })
        expect({ status: reply.status, says: streams(route) || reply.text.includes('"code":"missing-scope"') }).toEqual({ status: 403, says: true })
        expect(server.house.fingerprint()).toBe(before)
      }
      const reply = await server.send(method(route), path(route), {}, { Authorization: `Bearer ${route.scope}+${route.also ?? ''}` })
      expect([401, 403]).not.toContain(reply.status)
    })
  }
})

describe('what a request says can need a second scope', () => {
  const auth: Auth = { open: false, bootstrap: true, authenticate: (authorization) => somebody((scope) => authorization?.slice('Bearer '.length).split('+').includes(scope) === true) }
  let server: TestServer
  beforeAll(async () => { server = await startServer({ auth }) })
  afterAll(() => server.close())

  it.each([
    ['GET', '/chargepoints/CP1/configuration?refresh=true', undefined, 'read', 'commands:write'],
    ['POST', '/bulk/configuration?dryRun=true', { selector: { siteID: 'main' }, body: { keys: { A: '1' } } }, 'commands:write', 'config:write'],
    ['POST', '/bulk/change-configuration', { selector: { siteID: 'main' }, body: { key: 'A', value: '1' } }, 'commands:write', 'config:write'],
  ])('%s %s', async (verb, at, body, first, second) => {
    const ask = (bearer: string) => server.send(verb, `/api/v1${at}`, body, { Authorization: `Bearer ${bearer}` })
    const refused = await ask(first)
    expect({ status: refused.status, json: refused.json() }).toMatchObject({ status: 403, json: { code: 'missing-scope', detail: `This needs a key with the scope ${second}.` } })
    expect([401, 403]).not.toContain((await ask(`${first}+${second}`)).status)
  })

  it('no more than what was named for a plain one', async () => {
    const known = await server.send('GET', '/api/v1/chargepoints/CP1/configuration', undefined, { Authorization: 'Bearer read' })
    const bulk = await server.send('POST', '/api/v1/bulk/clear-cache?dryRun=true', { selector: { siteID: 'main' } }, { Authorization: 'Bearer commands:write' })
    expect([401, 403]).not.toContain(known.status)
    expect(bulk.status).toBe(200)
  })
})

describe('createAuth', () => {
  it('lets nobody in without a key unless it is open', () => {
    expect(createAuth({ open: false }).authenticate(undefined)).toBeNull()
    expect(createAuth({ open: true }).authenticate(undefined)?.name).toBe('local')
  })
  it('asks for the key even when open, once there is one', () => {
    const auth = createAuth({ apiKey: key, open: true })
    expect(auth.open).toBe(false)
    expect(auth.authenticate(undefined)).toBeNull()
    expect(auth.authenticate(`bearer ${key}`)?.may('admin')).toBe(true)
  })
  it('refuses an empty key', () => {
    expect(() => createAuth({ apiKey: '', open: true })).toThrow(TypeError)
  })
})

describe('browsers', () => {
  let server: TestServer
  beforeAll(async () => { server = await startServer({ hosts: ['kwota.example'] }) })
  afterAll(() => server.close())
  const put = (headers: Record<string, string>) => server.send('PUT', '/api/v1/sites/main/grid-limit', { currentA: 5 }, headers)

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'nonsense'])('of the origin %s may not change anything', async (Origin) => {
    const before = server.house.fingerprint()
    const reply = await put({ Origin })
    expect(reply.status).toBe(403)
    expect(reply.json()).toMatchObject({ code: 'foreign-origin' })
    expect(server.house.fingerprint()).toBe(before)
  })

  it('of our own origin may', async () => {
    expect((await put({ Origin: `http://127.0.0.1:${server.port}` })).status).toBe(200)
    expect((await put({ Origin: 'https://kwota.example', Host: 'kwota.example' })).status).toBe(200)
  })

  it.each([['evil.example:8080', 403], ['127.0.0.1.evil.example', 403], ['localhost.evil.example', 403], ['localhost:8080', 200], ['[::1]:8080', 200], ['10.0.0.7', 200], ['KWOTA.example', 200]])('that were led here as "%s" get %i', async (Host, status) => {
    const reply = await server.ask('GET', '/api/v1/sites', { headers: { Host } })
    expect(reply.status).toBe(status)
    expect(reply.json()['code']).toBe(status === 403 ? 'unknown-host' : undefined)
  })

  it('is nobody who names no host at all', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET /api/v1/sites HTTP/1.0\r\n\r\n'))
      socket.on('data', (data) => { text += data.toString() }).on('end', () => resolve(text)).on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('get no permission for other origins', async () => {
    const reply = await server.ask('OPTIONS', '/api/v1/sites', { headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'PUT' } })
    expect(reply.status).toBe(204)
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})
