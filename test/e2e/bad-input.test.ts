// Bad input against the running product, over sockets and REST: the right error, nothing changed, everybody else still served.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawStation } from './raw-station.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { until } from './yard.ts'

let server: Server
let good: RawStation
const stations: RawStation[] = []

async function connect(id: string): Promise<RawStation> {
  const station = await RawStation.connect(server.ocppUrl, id)
  stations.push(station)
  return station
}

/** Everything a caller can see that must not change; times and numbers of reviews left out. */
async function state(): Promise<unknown> {
  const [sites, points, limit, power, transactions] = await Promise.all(['sites', 'chargepoints', 'sites/main/grid-limit', 'sites/main/power', 'transactions'].map(async (path) => (await server.request('GET', `/api/v1/${path}`)).body))
  const { at: _, decisionId: __, ...shown } = power as Record<string, unknown>
  const moving = new Set(['lastSeenAt', 'decisionId'])
  return JSON.parse(JSON.stringify({ sites, points, limit, shown, transactions }, (name, value: unknown) => (moving.has(name) ? undefined : value)))
}

async function expectServed(): Promise<void> {
  expect(server.alive()).toBe(true)
  expect((await good.call('Heartbeat', {}))[2]).toHaveProperty('currentTime')
  expect((await server.request('GET', '/readyz')).status).toBe(200)
}

beforeAll(async () => {
  server = await startServer({ place: await newPlace() })
  good = await connect('GOOD')
  await good.boot()
  await good.call('StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: new Date().toISOString() })
  await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 40, reason: 'before' })
  await until('a quiet site', async () => {
    const { state: standing, connectors, effective } = await server.power()
    return standing === 'enforced' && connectors[0]?.confirmedA === 32 && effective.currentA === 40
  }, () => server.power())
}, 120_000)
afterAll(async () => {
  for (const { socket } of stations.splice(0)) socket.terminate()
  await tidyUp()
})

test('frames that cannot be read, or ask for what cannot be', async () => {
  const bad = await connect('BAD')
  await bad.boot()
  await until('BAD to be commissioned', async () => (await server.power()).connectors.find(({ clientID }) => clientID === 'BAD')?.confirmedA === 0)
  const before = await state()
  const faults: [string, string, string | null][] = [
    ['unknown action', '[2,"a1","FlyToTheMoon",{}]', 'NotImplemented'],
    ['an action of ours', '[2,"a2","SetChargingProfile",{}]', 'NotSupported'],
    ['a field is missing', '[2,"a3","StartTransaction",{"connectorId":1}]', 'OccurenceConstraintViolation'],
    ['a wrong type', '[2,"a4","StartTransaction",{"connectorId":"1","idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}]', 'TypeConstraintViolation'],
    ['a value out of range', '[2,"a5","BootNotification",{"chargePointVendor":"a vendor with far too long a name","chargePointModel":"M"}]', 'PropertyConstraintViolation'],
    ['too many parts', '[2,"a6","Heartbeat",{},{}]', 'FormationViolation'],
    ['payload is no object', '[2,"a7","Heartbeat",[]]', 'TypeConstraintViolation'],
    ['deeply nested', `[2,"a8","DataTransfer",{"vendorId":"V","data":${'['.repeat(500)}${']'.repeat(500)}}]`, 'FormationViolation'],
    ['a prototype', '[2,"a9","__proto__",{}]', 'NotImplemented'],
  ]
  for (const [title, text, code] of faults) expect(await bad.answer(text), title).toEqual([4, expect.any(String), code, expect.any(String), {}])
  for (const text of ['', 'not JSON', '{"a":', '[', '{}', '[]', 'null', '17', '[2]', '[9,"x","Heartbeat",{}]', '[3,"nobody asked",{}]', '[4,"nobody asked","GenericError","",{}]', `[2,"${'x'.repeat(500)}","Heartbeat",{}]`, '[['.repeat(2_000)]) bad.send(text)
  expect((await bad.call('Heartbeat', {}))[2], 'it is still heard after all of that').toHaveProperty('currentTime')
  expect(await state()).toEqual(before)
  await expectServed()
}, 60_000)

test('frames that end the connection', async () => {
  const closing: [string, string | Buffer, number][] = [
    ['oversize', `[2,"b1","DataTransfer",{"vendorId":"V","data":"${'x'.repeat(70_000)}"}]`, 1009],
    ['binary', Buffer.from('[2,"b2","Heartbeat",{}]'), 1003],
  ]
  for (const [title, data, code] of closing) {
    const bad = await connect('GOOD-2')
    await bad.boot()
    expect(await bad.answer(data), title).toBe(code)
    await until('it to be gone', async () => {
      const { body } = await server.request<{ connection: { state: string } }>('GET', '/api/v1/chargepoints/GOOD-2')
      return body.connection.state !== 'online'
    }, async () => (await server.request('GET', '/api/v1/chargepoints/GOOD-2')).body)
  }
  await expectServed()
}, 60_000)

test('before its boot a charge point changes nothing', async () => {
  const bad = await connect('EARLY')
  for (const [action, payload] of [['Heartbeat', {}], ['StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2026-01-01T00:00:00Z' }], ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' }]] as const) {
    expect(await bad.call(action, payload), action).toEqual([4, expect.any(String), 'SecurityError', expect.any(String), {}])
  }
  expect((await server.transactions()).length).toBe(1)
  await expectServed()
}, 60_000)

test('a stop of somebody else, of nothing, and twice', async () => {
  const [mine] = await server.transactions()
  const bad = await connect('THIEF')
  await bad.boot()
  for (const transactionId of [mine!.id, 0, -1, 4711, 2_147_483_647]) {
    expect(await bad.call('StopTransaction', { transactionId, meterStop: 10, timestamp: new Date().toISOString() }), `stop of ${transactionId}`).toMatchObject([3, expect.any(String), {}])
  }
  expect((await server.transactions()).map(({ id, stoppedAt }) => ({ id, stoppedAt })), 'it stops no stranger\'s transaction').toEqual([{ id: mine!.id, stoppedAt: null }])
  await expectServed()
}, 60_000)

test('limits that cannot be, bodies that cannot be read, places that are not there', async () => {
  const before = await state()
  const path = '/api/v1/sites/main/grid-limit'
  const cases: [string, string, string, unknown, Record<string, string>, number, string | null][] = [
    ['not JSON', 'PUT', path, '{"currentA":', {}, 400, null],
    ['empty', 'PUT', path, '', {}, 400, null],
    ['negative', 'PUT', path, { currentA: -1 }, {}, 422, null],
    ['without its unit', 'PUT', path, { limit: 20 }, {}, 422, null],
    ['a bare number', 'PUT', path, '20', {}, 422, null],
    ['both units', 'PUT', path, { currentA: 20, powerW: 20 }, {}, 422, null],
    ['a text', 'PUT', path, { currentA: '20' }, {}, 422, null],
    ['null', 'PUT', path, { currentA: null }, {}, 422, null],
    ['NaN', 'PUT', path, '{"currentA":NaN}', {}, 400, null],
    ['huge', 'PUT', path, '{"currentA":1e308}', {}, 422, null],
    ['beyond numbers', 'PUT', path, '{"currentA":1e999}', {}, 422, null],
    ['above the fuse', 'PUT', path, { currentA: 64 }, {}, 422, 'above-fuse'],
    ['above the fuse in watts', 'PUT', path, { powerW: 43_471 }, {}, 422, 'above-fuse'],
    ['a time to live of nothing', 'PUT', path, { currentA: 20, ttlS: 0 }, {}, 422, null],
    ['an extra field', 'PUT', path, { currentA: 20, force: true }, {}, 422, null],
    ['a key used as a prototype', 'PUT', path, '{"__proto__":{"currentA":5}}', {}, 422, null],
    ['deeply nested', 'PUT', path, `{"currentA":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, {}, 422, null],
    ['the watts as a sentence', 'PUT', `${path}/value`, 'ten thousand', { 'content-type': 'text/plain' }, 422, null],
    ['negative watts', 'PUT', `${path}/value`, '-1', { 'content-type': 'text/plain' }, 422, null],
    ['another content type', 'PUT', path, '<limit>20</limit>', { 'content-type': 'application/xml' }, 415, null],
    ['a form', 'PUT', path, 'currentA=20', { 'content-type': 'application/x-www-form-urlencoded' }, 415, null],
    ['more than 256 KiB', 'PUT', path, JSON.stringify({ currentA: 20, reason: 'x'.repeat(300_000) }), {}, 413, null],
    ['an unknown site', 'PUT', '/api/v1/sites/elsewhere/grid-limit', { currentA: 20 }, {}, 404, 'unknown-site'],
    ['an old version', 'PUT', path, { currentA: 20 }, { 'if-match': '"0"' }, 412, null],
    ['a method that is not offered', 'POST', path, { currentA: 20 }, {}, 405, null],
    ['a path that is not there', 'GET', '/api/v1/sights', undefined, {}, 404, null],
    ['a list too long', 'GET', '/api/v1/chargepoints?limit=501', undefined, {}, 422, null],
    ['an unknown connector', 'GET', '/api/v1/chargepoints/GOOD/connectors/9/allocation', undefined, {}, 404, 'unknown-connector'],
    ['a negative weight', 'PATCH', '/api/v1/chargepoints/GOOD/connectors/1', { weight: -1 }, {}, 422, null],
    ['a site under a fuse of nothing', 'POST', '/api/v1/sites', { id: 'x', fuseA: -5 }, {}, 422, null],
    ['a site that is there', 'POST', '/api/v1/sites', { id: 'main', fuseA: 63 }, {}, 409, null],
    ['a charge point on an unknown circuit', 'POST', '/api/v1/chargepoints', { id: 'CP-9', site: 'main', circuit: 'nowhere' }, {}, 422, null],
    ['a fallback that does not fit', 'POST', '/api/v1/chargepoints', { id: 'CP-9', site: 'main', fallbackA: 32, connectors: [{ id: 1 }, { id: 2 }] }, {}, 422, 'fallbacks-do-not-fit'],
  ]
  for (const [title, method, at, body, headers, status, code] of cases) {
    const answer = await server.request(method, at, body, headers)
    expect.soft(answer, title).toMatchObject({ status, body: { status, code: code ?? expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), detail: expect.any(String) } })
    expect.soft(answer.headers.get('content-type'), title).toMatch(/^application\/problem\+json/)
  }
  expect(await state()).toEqual(before)
  await expectServed()
}, 60_000)
