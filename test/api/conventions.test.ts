// What holds on every address: methods, formats, sizes, headers, versions, pages, and how trouble inside is told.
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { routes } from '../../src/api/routes.ts'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeEach(async () => { server = await startServer() })
afterEach(() => server.close())

const limit = '/api/v1/sites/main/grid-limit'
const at = (path: string): string => path.replace('{siteID}', 'main').replace('{clientID}', 'CP1').replace('{connectorID}', '1').replace('{operation}', 'reset').replace(/\{\w+\}/g, '1')

describe('methods', () => {
  it('answers 405 with Allow on every address', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      // `/id-tags/import` is an address of its own and one of a tag as well.
      const offered = routes.filter((route) => route.path === path || new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(at(path))).map(({ method }) => method)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter((name) => !offered.some((known) => known === name))) {
        const reply = await server.ask(method, at(path))
        expect(reply.status, `${method} ${path}`).toBe(405)
        expect(reply.json()).toMatchObject({ code: 'method-not-allowed' })
        expect(reply.headers.allow?.split(', ')).toEqual(expect.arrayContaining([...offered, 'OPTIONS']))
        expect(reply.headers.allow).not.toContain(method)
      }
    }
  })

  it('answers 404 where nothing is', async () => {
    for (const path of ['/nothing', '/api', '/api/v1', '/api/v2/sites', '/api/v1/sites/main/power/x', '/api/v1/%2e%2e/%2e%2e/etc', '/__proto__']) {
      const reply = await server.ask('GET', path)
      expect(reply.status, path).toBe(404)
      expect(reply.json()).toMatchObject({ code: 'not-found' })
    }
  })

  it('answers HEAD like GET without the body', async () => {
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const reply = await server.ask('HEAD', at(route.path))
      // What is not there is not there for GET either.
      const got = route.produces.includes('text/event-stream') ? 200 : (await server.ask('GET', at(route.path))).status
      expect(reply.status, route.path).toBe(got)
      expect(reply.text).toBe('')
    }
  })
})

describe('bodies', () => {
  const withBody = routes.filter(({ body }) => body !== null)

  it('must be of a known type', async () => {
    for (const route of withBody) {
      for (const type of ['application/xml', 'application/x-www-form-urlencoded', '']) {
        const reply = await server.ask(route.method, at(route.path), { headers: type === '' ? {} : { 'Content-Type': type }, body: '{}' })
        expect(reply.status, `${route.path} ${type}`).toBe(415)
        expect(reply.json()).toMatchObject({ code: 'unsupported-media-type' })
      }
    }
  })

  it('must be JSON where JSON is expected', async () => {
    for (const route of withBody.filter(({ body }) => body?.types[0] === 'application/json')) {
      for (const body of ['', '{', '{"a":1,}', 'NaN', '{"a":01}', "{'a':1}", '\ufeff\ufeff{}', '[1'.repeat(10_000)]) {
        if (body === '' && route.body?.optional === true) continue
        const reply = await server.ask(route.method, at(route.path), { headers: { 'Content-Type': 'application/json; charset=utf-8' }, body })
        expect(reply.status, `${route.path} ${body.slice(0, 20)}`).toBe(400)
        expect(reply.json()).toMatchObject({ code: 'not-json' })
      }
    }
  })

  it('must be UTF-8 and not compressed', async () => {
    const headers = { 'Content-Type': 'application/json' }
    expect((await server.ask('PUT', limit, { headers, body: Buffer.from('7b22c328223a317d', 'hex') })).json()).toMatchObject({ status: 400, code: 'not-utf-8' })
    expect((await server.ask('PUT', limit, { headers: { ...headers, 'Content-Encoding': 'gzip' }, body: '{}' })).json()).toMatchObject({ status: 415, code: 'unsupported-encoding' })
  })

  it('may have 256 KiB, declared or not', async () => {
    const body = (bytes: number): string => `{"reason":"${'x'.repeat(bytes - 13)}"}`
    for (const route of withBody) {
      const type = route.body?.types[0] ?? ''
      // Tables of id tags may be longer; they say so.
      const whole = route.body?.longestBytes ?? 256 * 1024
      expect((await server.ask(route.method, at(route.path), { headers: { 'Content-Type': type }, body: body(whole) })).status).toBe(422)
      expect((await server.ask(route.method, at(route.path), { headers: { 'Content-Type': type }, body: body(whole + 1) })).json()).toMatchObject({ status: 413, code: 'body-too-large' })
    }
    const chunk = `${(200_000).toString(16)}\r\n${'x'.repeat(200_000)}\r\n`
    const head = `PUT ${limit} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(server.port, '127.0.0.1', () => socket.write(`${head}${chunk}${chunk}0\r\n\r\n`))
      socket.on('data', (data) => { text += data.toString() }).on('end', () => resolve(text)).on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('that break off change nothing and hurt nobody', async () => {
    const before = server.house.fingerprint()
    const closed = new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(`PUT ${limit} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"currentA":`, () => socket.destroy())
      })
      socket.on('close', resolve)
    })
    await closed
    expect((await server.ask('GET', '/livez')).status).toBe(200)
    expect(server.house.fingerprint()).toBe(before)
  })

  it('with a key twice mean the last', async () => {
    const reply = await server.ask('PUT', limit, { headers: { 'Content-Type': 'application/json' }, body: '{"currentA":60,"currentA":6}' })
    expect(reply.json()).toMatchObject({ currentA: 6 })
  })
})

describe('what a 422 says', () => {
  const text = { 'Content-Type': 'text/plain' }
  const asked = (method: string, path: string, body?: unknown) => (body === undefined ? server.ask(method, path) : typeof body === 'string' ? server.ask(method, path, { headers: text, body }) : server.send(method, path, body))
  const whole = 'a whole number from 1 to 500'
  const amps = 'a number, or {L1, L2, L3}'
  it.each<[string, string, unknown, [string, string][]]>([
    ['POST', '/api/v1/sites', {}, [['/id', 'missing'], ['/fuseA', 'missing']]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: { L1: 1 } }, [['/fuseA/L2', 'missing'], ['/fuseA/L3', 'missing']]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: 'sixty' }, [['/fuseA', amps]]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: null }, [['/fuseA', amps]]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: -1 }, [['/fuseA', 'Too small: expected number to be >=0']]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: { L1: 1, L2: 1, L3: 1, N: 1 } }, [['/fuseA/N', 'unknown field']]],
    ['POST', '/api/v1/sites', { id: 'a', fuseA: 1, settings: { transactionLimits: { costMinor: 0.5 } }, mine: 1 }, [['/settings/transactionLimits/costMinor', 'expected int, received number'], ['/mine', 'unknown field']]],
    ['PUT', '/api/v1/chargepoints/CP1', { securityProfile: 4 }, [['/securityProfile', 'expected 0, 1, 2 or 3']]],
    ['POST', '/api/v1/sites/main/base-load', { currentA: { L1: 1, L2: 1 } }, [['/currentA/L3', 'missing']]],
    ['PUT', `${limit}/value`, 'abc', [['', 'a plain number of watts is expected, like 27600']]],
    ['PUT', `${limit}/value`, '9999999999', [['', 'at most 1000000000']]],
    ...['abc', '0', '0.5', '501', '', '1&limit=2'].map((given): [string, string, unknown, [string, string][]] => ['GET', `/api/v1/sites?limit=${given}`, undefined, [['/limit', whole]]]),
  ])('%s %s %j', async (method, path, body, errors) => {
    const reply = (await asked(method, path, body)).json()
    expect(reply).toMatchObject({ status: 422, detail: expect.stringContaining(errors[0]?.[1] ?? '') })
    expect((reply['errors'] as { pointer: string; message: string }[]).map(({ pointer, message }) => [pointer, message])).toEqual(errors)
  })
})

describe('headers', () => {
  it('negotiate the format, 406 otherwise', async () => {
    expect((await server.ask('GET', '/api/v1/sites', { headers: { Accept: 'image/png' } })).json()).toMatchObject({ status: 406, code: 'not-acceptable' })
    expect((await server.ask('GET', '/api/v1/sites', { headers: { Accept: 'text/html,*/*;q=0.1' } })).status).toBe(200)
    expect((await server.ask('GET', '/api/v1/transactions', { headers: { Accept: 'text/csv' } })).headers['content-type']).toMatch(/^text\/csv/)
  })

  it('forbid browsers what they need not do, on every answer', async () => {
    for (const path of ['/assets/nothing.js', '/livez', '/api/v1/sites', '/api/v1/nothing', '/api/v1/sites/nowhere']) {
      expect((await server.ask('GET', path)).headers, path).toMatchObject({
        'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'content-security-policy': expect.stringContaining("default-src 'self'"), 'cache-control': 'no-store',
      })
    }
  })

  it('carry the request id: the given one when it is sane, a new one otherwise', async () => {
    const id = async (given: string) => (await server.ask('GET', '/livez', { headers: { 'X-Request-Id': given } })).headers['x-request-id']
    expect(await id('abc-123')).toBe('abc-123')
    expect(await id('x'.repeat(128))).toBe('x'.repeat(128))
    for (const insane of ['x'.repeat(129), 'two words', 'é', '']) expect(await id(insane)).toMatch(/^made-\d+$/)
  })
})

describe('versions', () => {
  it.each([
    ['/api/v1/sites/main', { fuseA: 63 }],
    ['/api/v1/chargepoints/CP1', {}],
    [limit, { currentA: 20 }],
  ])('guard %s against a stale overwrite', async (path, body) => {
    const tag = (await server.ask('GET', path)).headers.etag ?? ''
    expect(tag).toMatch(/^"\d+"$/)
    const first = await server.send('PUT', path, body, { 'If-Match': tag })
    expect(first.status).toBe(200)
    expect(first.headers.etag).not.toBe(tag)
    const before = server.house.fingerprint()
    for (const method of ['PUT', 'DELETE']) {
      const stale = await server.send(method, path, body, { 'If-Match': tag })
      expect(stale.json()).toMatchObject({ status: 412, code: 'stale', detail: expect.stringMatching(/changed by local at 2026-11-22T12:00:00\.000Z/) })
    }
    expect(server.house.fingerprint()).toBe(before)
    expect((await server.send('PUT', path, body, { 'If-Match': `"0", W/${first.headers.etag}` })).status).toBe(200)
    expect((await server.send('PUT', path, body, { 'If-Match': '*' })).status).toBe(200)
  })

  it('refuse to change what does not exist', async () => {
    expect((await server.send('PUT', '/api/v1/sites/new', { fuseA: 1 }, { 'If-Match': '*' })).status).toBe(412)
  })

  it('let one of two managers win who write at the same time', async () => {
    const tag = (await server.ask('GET', limit)).headers.etag ?? ''
    let release = (): void => undefined
    server.house.delay = new Promise((resolve) => { release = resolve })
    const both = [20, 30].map((currentA) => server.send('PUT', limit, { currentA }, { 'If-Match': tag }))
    const lost = await Promise.race(both)
    release()
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    expect(lost.json()).toMatchObject({ status: 412, detail: expect.stringContaining('being changed by local') })
    expect(statuses.sort()).toEqual([200, 412])
    expect((await server.send('PUT', limit, { currentA: 10 }, { 'If-Match': (await server.ask('GET', limit)).headers.etag ?? '' })).status).toBe(200)
  })
})

describe('creating', () => {
  it('answers where the new thing is', async () => {
    const made = await server.send('POST', '/api/v1/chargepoints', { id: 'CP:2|a', connectors: [{ id: 1 }] })
    expect(made.headers.location).toBe('/api/v1/chargepoints/CP%3A2%7Ca')
    expect((await server.ask('GET', made.headers.location ?? '')).json()).toMatchObject({ id: 'CP:2|a' })
    const site = await server.send('PUT', '/api/v1/sites/east', { fuseA: 10 })
    expect(site.headers.location).toBe('/api/v1/sites/east')
  })

  it('never tells a password', async () => {
    const secret = 'very-secret-1234'
    const made = await server.send('PUT', '/api/v1/chargepoints/CP1', { password: secret })
    expect(made.json()).toMatchObject({ hasPassword: true })
    expect(server.house.passwords.get('CP1')).toBe(secret)
    for (const path of ['/api/v1/chargepoints', '/api/v1/chargepoints/CP1']) expect((await server.ask('GET', path)).text).not.toContain(secret)
    expect(JSON.stringify(server.logged)).not.toContain(secret)
    await server.send('PUT', '/api/v1/chargepoints/CP1', {})
    expect(server.house.passwords.get('CP1')).toBe(secret)
    await server.send('PUT', '/api/v1/chargepoints/CP1', { password: null })
    expect(server.house.passwords.get('CP1')).toBeNull()
  })
})

describe('lists', () => {
  it('come in pages that survive change', async () => {
    const first = (await server.ask('GET', '/api/v1/transactions?limit=2')).json()
    expect(first).toMatchObject({ data: [{ id: 5 }, { id: 4 }], nextCursor: expect.any(String) })
    server.house.transactionList.splice(1, 1)
    const second = (await server.ask('GET', `/api/v1/transactions?limit=2&cursor=${String(first['nextCursor'])}`)).json()
    expect(second).toMatchObject({ data: [{ id: 3 }, { id: 2 }] })
    expect((await server.ask('GET', `/api/v1/transactions?limit=2&cursor=${String(second['nextCursor'])}`)).json()).toMatchObject({ data: [{ id: 1 }], nextCursor: null })
  })

  it('are filtered', async () => {
    const ids = async (search: string) => JSON.stringify((await server.ask('GET', search)).json()['data'])
    expect(JSON.parse(await ids('/api/v1/transactions?status=charging'))).toHaveLength(2)
    expect(JSON.parse(await ids('/api/v1/transactions?siteID=other'))).toHaveLength(0)
    expect(JSON.parse(await ids('/api/v1/alerts?open=true'))).toMatchObject([{ id: 'a2' }])
    expect(JSON.parse(await ids('/api/v1/alerts?open=false'))).toMatchObject([{ id: 'a1' }])
    expect(JSON.parse(await ids('/api/v1/alerts'))).toHaveLength(2)
    await server.send('PUT', '/api/v1/sites/annex', { fuseA: 20 })
    await server.send('PUT', '/api/v1/chargepoints/CP2', { site: 'annex' })
    expect(JSON.parse(await ids('/api/v1/chargepoints?siteID=annex'))).toMatchObject([{ id: 'CP2' }])
    expect(JSON.parse(await ids('/api/v1/chargepoints?siteID=main'))).toMatchObject([{ id: 'CP1' }])
    expect(JSON.parse(await ids('/api/v1/chargepoints?siteID=nowhere'))).toEqual([])
  })

  it('name their next page as CSV in Link', async () => {
    const reply = await server.ask('GET', '/api/v1/transactions?limit=2&siteID=main', { headers: { Accept: 'text/csv' } })
    const [header, ...rows] = reply.text.trimEnd().split('\r\n')
    expect(header).toMatch(/^id,siteID,clientID.*,anomalies$/)
    expect(rows.map((row) => row.split(',')[0])).toEqual(['5', '4'])
    const next = /^<(.*)>; rel="next"$/.exec(String(reply.headers['link']))?.[1] ?? ''
    expect((await server.ask('GET', next)).json()).toMatchObject({ data: [{ id: 3 }, { id: 2 }] })
  })
})

describe('trouble inside', () => {
  it('is 503 with Retry-After while the store is down', async () => {
    server.house.storeDown = true
    const reply = await server.send('PUT', limit, { currentA: 20 })
    expect(reply.json()).toMatchObject({ status: 503, code: 'store-down' })
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    const ready = await server.ask('GET', '/readyz')
    expect(ready.status).toBe(503)
    expect(ready.json()).toMatchObject({ ready: false, checks: [{ name: 'store', ok: false, detail: 'no answer' }] })
    expect((await server.ask('GET', '/livez')).status).toBe(200)
  })

  it('is 500 that tells nothing, while the log tells all', async () => {
    server.house.broken = true
    const reply = await server.ask('GET', '/api/v1/sites/main', { headers: { 'X-Request-Id': 'find-me' } })
    expect(reply.json()).toMatchObject({ status: 500, code: 'internal', requestId: 'find-me' })
    expect(reply.text).not.toContain('4711')
    expect(server.logged).toContainEqual(expect.objectContaining({ level: 'error', fields: expect.objectContaining({ requestId: 'find-me', err: expect.any(TypeError) }) }))
  })
})
