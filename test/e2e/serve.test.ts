// Starting and stopping the product: what it refuses and how it says so, who may talk to it, and what a restart keeps.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { buildProduct } from './build.ts'
import { newPlace, runServer, startServer, tidyUp } from './server.ts'

afterEach(tidyUp)
const minute = 60_000
const key = 'a-key-of-the-test-0123456789'

test('a port in use: says so, and exits 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const { code, output } = await runServer({ place: await newPlace(), port: address.port })
  await new Promise((resolve) => other.close(resolve))
  expect(output).toMatch(new RegExp(`^kwota: .*${address.port}.*another program listens there.*--port`, 'm'))
  expect(output).not.toMatch(/\n {4}at /)
  expect(code).toBe(1)
}, minute)

test('whoever reads only the beginning of the output is no failure', async () => {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', '"$0" "$1" openapi | head -c 1; echo " ${PIPESTATUS[0]}"', process.execPath, await buildProduct()])
  expect(stdout).toBe('{ 0\n')
  expect(stderr).toBe('')
}, minute)

test('a mistake in kwota.yaml: line, problem and fix, and exit 2', async () => {
  const { code, output } = await runServer({ place: await newPlace(), config: 'sites:\n  - id: main\n    fuseA: 63 A\nchargePoints:\n  - { id: CP-1, circiut: yard }\n' })
  expect(output).toMatch(/kwota\.yaml:3 \/sites\/0\/fuseA: .+ \(.+\)/)
  expect(output).toMatch(/kwota\.yaml:5 .*circiut.* \(.+\)/)
  expect(output).not.toMatch(/\n {4}at /)
  expect(code).toBe(2)
}, minute)

test('a tariff in kwota.yaml that is nowhere: each line, those there are, and exit 2', async () => {
  const config = 'tariffs:\n  - { id: day, currency: EUR }\nsites:\n  - id: main\n    fuseA: 63\n    settings:\n      tariffId: dya\nidTags:\n  - id: A\n  - { id: B, tariffId: night }\n'
  const { code, output } = await runServer({ place: await newPlace(), config })
  expect(output).toMatch(/kwota\.yaml:7 \/sites\/0\/settings\/tariffId: there is no tariff dya \(.*tariffs.*day.*\)/)
  expect(output).toMatch(/kwota\.yaml:10 \/idTags\/1\/tariffId: there is no tariff night/)
  expect(output).not.toMatch(/\n {4}at /)
  expect(code).toBe(2)
}, minute)

test('a configuration file that is not there: exit 2', async () => {
  const { code, output } = await runServer({ place: await newPlace(), args: ['--config', 'nowhere.yaml'] })
  expect(output).toContain('nowhere.yaml')
  expect(code).toBe(2)
}, minute)

test('fallbacks that do not fit: node, phase and sum, and exit 2', async () => {
  const connectors = '[{ id: 1, phases: [L2, L3, L1] }]'
  const config = `sites:\n  - { id: main, fuseA: 63, baseLoad: { worstCaseA: 30 }, circuits: [{ id: yard, limitA: 16 }] }\nchargePoints:\n  - { id: CP-1, circuit: yard, fallbackA: 10, connectors: ${connectors} }\n  - { id: CP-2, circuit: yard, fallbackA: 8, connectors: ${connectors} }\n`
  const { code, output } = await runServer({ place: await newPlace(), config })
  expect(output).toMatch(/^kwota: .*yard/m)
  expect(output).toMatch(/L[123]/)
  expect(output).toMatch(/\b18\b/)
  expect(output).toMatch(/\b16\b/)
  expect(output).toMatch(/CP-1\/1|CP-2\/1/)
  expect(code).toBe(2)
}, minute)

test('any address but loopback without a key: refused, and what to do', async () => {
  const { code, output } = await runServer({ place: await newPlace(), args: ['--host', '0.0.0.0'] })
  expect(output).toMatch(/KWOTA_API_KEY/)
  expect(code).toBe(2)
  const open = await startServer({ place: await newPlace(), args: ['--host', '0.0.0.0'], env: { KWOTA_API_KEY: key } })
  expect((await fetch(`http://127.0.0.1:${open.port}/api/v1/sites`)).status).toBe(401)
  expect(await open.stop()).toBe(0)
}, minute)

test('a second process on the same data: refused, and the first goes on', async () => {
  const place = await newPlace()
  const first = await startServer({ place })
  const { code, output } = await runServer({ place })
  expect(output).toMatch(/^kwota: .*(?:in use|another|already)/m)
  expect(output).toContain('data')
  expect(code).toBe(1)
  expect((await first.request('GET', '/readyz')).status).toBe(200)
}, minute)

test('SIGTERM: charge points are told with 1012, and the exit code is 0', async () => {
  const server = await startServer({ place: await newPlace() })
  const sockets = ['CP-1', 'CP-2'].map((id) => new WebSocket(`${server.ocppUrl}/${id}`, 'ocpp1.6'))
  await Promise.all(sockets.map((socket) => once(socket, 'open')))
  const codes = sockets.map(async (socket) => (await once(socket, 'close'))[0] as number)
  const stream = await fetch(`${server.url}/api/v1/events`)
  expect(await server.stop()).toBe(0)
  expect(await Promise.all(codes)).toEqual([1012, 1012])
  await stream.text().catch(() => undefined)
}, minute)

test('a configured key is asked for, and a wrong one is refused', async () => {
  const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: key } })
  const limit = { currentA: 10 }
  const put = (headers: Record<string, string>) => server.request('PUT', '/api/v1/sites/main/grid-limit', limit, headers)
  expect(await put({})).toMatchObject({ status: 401, body: { status: 401 } })
  expect((await put({ authorization: `Bearer ${key}x` })).status).toBe(401)
  expect((await server.request('GET', '/livez')).status, 'a probe needs none').toBe(200)
  expect(await put({ authorization: `Bearer ${key}` })).toMatchObject({ status: 200, body: { currentA: 10 } })
  expect(server.output(), 'a key is never logged').not.toContain(key)
}, minute)

test('a restart keeps what REST made', async () => {
  const place = await newPlace()
  const before = await startServer({ place })
  const site = { id: 'north', name: 'North yard', fuseA: { L1: 80, L2: 80, L3: 63 }, circuits: [{ id: 'row', limitA: 40 }], baseLoad: { worstCaseA: 10 } }
  const point = { id: 'CP-7', site: 'north', circuit: 'row', fallbackA: 6, connectors: [{ id: 1, maxA: 16 }, { id: 2 }] }
  expect((await before.request('POST', '/api/v1/sites', site)).status).toBe(201)
  expect((await before.request('POST', '/api/v1/chargepoints', { ...point, password: '0123456789abcdef' })).status).toBe(201)
  expect((await before.request('PUT', '/api/v1/sites/north/grid-limit', { powerW: 27_600, reason: 'agreed' })).status).toBe(200)
  expect((await before.request('PATCH', '/api/v1/chargepoints/CP-7/connectors/2', { priority: 3 })).status).toBe(200)
  const read = async (server: typeof before) => {
    const paths = ['/api/v1/sites/north', '/api/v1/chargepoints/CP-7', '/api/v1/sites/north/grid-limit', '/api/v1/chargepoints/CP-7/connectors/2']
    return Promise.all(paths.map(async (path) => {
      const { status, body, headers } = await server.request('GET', path)
      const { decisionId: _, ...kept } = body
      return { path, status, etag: headers.get('etag'), kept }
    }))
  }
  const was = await read(before)
  expect(was.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(await before.stop()).toBe(0)
  const after = await startServer({ place })
  expect(await read(after)).toEqual(was)
  expect((await after.request('DELETE', '/api/v1/chargepoints/CP-7')).status).toBe(204)
  expect((await after.request('DELETE', '/api/v1/sites/north')).status).toBe(204)
  await after.kill9()
  const again = await startServer({ place })
  expect((await again.request('GET', '/api/v1/sites/north')).status, 'what was deleted stays deleted').toBe(404)
}, minute)
