// Rows 27, 29, 31, 32, 33, 36 and 37 against the running product over sockets and REST: what charge points and managers say wrongly, twice, late, or of others.
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { RawStation } from '../e2e/raw-station.ts'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until } from '../e2e/yard.ts'

type Row = { readonly id: number; readonly clientID: string; readonly status: string; readonly startedAt: string; readonly stoppedAt: string | null; readonly meterStartWh: number; readonly meterStopWh: number | null; readonly energyWh: number }
const minuteMs = 60_000
const config = 'sites: [{ id: main, fuseA: 1000, failsafeA: 100 }]\nmessagesPerSecond: 0\n'
const limitPath = '/api/v1/sites/main/grid-limit'

let server: Server
const open: RawStation[] = []
beforeAll(async () => { server = await startServer({ place: await newPlace(), config }) }, 120_000)
afterEach(() => { for (const { socket } of open.splice(0)) socket.terminate() })
afterAll(tidyUp)

async function station(id: string): Promise<RawStation> {
  const one = await RawStation.connect(server.ocppUrl, id)
  open.push(one)
  return one.boot()
}
const iso = (ms = 0): string => new Date(Date.now() + ms).toISOString()
const get = async <T>(path: string): Promise<T> => (await server.request<T>('GET', `/api/v1${path}`)).body
const records = async (clientID: string): Promise<Row[]> => (await get<{ data: Row[] }>(`/transactions?clientID=${clientID}&limit=500`)).data
const stop = (transactionId: number, meterStop: number, timestamp = iso()) => ({ transactionId, meterStop, timestamp })
const alerts = async (code: string) => (await get<{ data: { code: string; clientID: string | null; resolvedAt: string | null }[] }>('/alerts?limit=500')).data.filter((alert) => alert.code === code)

test('threat 27: a register that falls, begins again, rolls over or jumps tenfold counts what can be, and moves no power', async () => {
  const one = await station('METER')
  const beginMs = -60 * minuteMs
  const id = await one.start(10_000, iso(beginMs))
  const before = await server.power()
  const registers = [10_500, 11_000, 4, 300, 999_999_999, 12_000, 120_000, 12_500]
  for (const [at, wh] of registers.entries()) {
    const reading = { timestamp: iso(beginMs + (at + 1) * 5 * minuteMs), sampledValue: [{ value: String(wh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }
    expect((await one.call('MeterValues', { connectorId: 1, transactionId: id, meterValue: [reading] }))[0]).toBe(3)
  }
  const after = await server.power()
  expect(after.connectors.find(({ clientID }) => clientID === 'METER')?.reservedA).toBe(before.connectors.find(({ clientID }) => clientID === 'METER')?.reservedA)
  expect((await one.call('StopTransaction', stop(id, 13_000)))[0]).toBe(3)
  const [record] = await records('METER')
  // An hour at 3 × 32 A × 230 V is 22 kWh: the jumps are not counted, the true parts between them are.
  expect(record).toMatchObject({ id, status: 'stopped', meterStopWh: 13_000 })
  expect(record!.energyWh).toBeGreaterThanOrEqual(1_000)
  expect(record!.energyWh).toBeLessThanOrEqual(22_080 * 1.2)
  const kept = await get<{ data: { value: number }[] }>(`/meter-values?clientID=METER&connectorId=1&measurand=Energy.Active.Import.Register&from=${iso(-120 * minuteMs)}&to=${iso(minuteMs)}`)
  expect(kept.data.map(({ value }) => value)).toEqual(expect.arrayContaining(registers))
  expect((await alerts('meter-anomaly')).map(({ clientID }) => clientID)).toContain('METER')
})

test('threat 29: times a century away, at a leap second, without a year that fits: answered, kept as they came, and nothing live moves by them', async () => {
  const one = await station('CLOCK')
  const said = ['1926-11-23T10:00:00Z', '2126-11-23T10:00:00Z', '222222017-10-27T10:00:00Z', '+222222-10-27T10:00:00Z', '2016-12-31T23:59:60Z', '2026-03-29T02:30:00+01:00', '2026-02-30T10:00:00Z', 'yesterday']
  const frames: unknown[][] = []
  for (const [at, timestamp] of said.entries()) frames.push(await one.call('StartTransaction', { connectorId: 1, idTag: `T${at}`, meterStart: at, timestamp }))
  for (const frame of frames) expect([3, 4]).toContain(frame[0])
  for (const timestamp of said) expect([3, 4]).toContain((await one.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging', timestamp }))[0])
  for (const { startedAt } of await records('CLOCK')) {
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.UTC(2010, 0))
    expect(Date.parse(startedAt)).toBeLessThanOrEqual(Date.now() + 25 * 60 * minuteMs)
  }
  expect((await one.call('Heartbeat', {}))[2]).toEqual({ currentTime: expect.stringMatching(/^20\d\d-/) })
  expect((await server.power()).connectors.filter(({ clientID }) => clientID === 'CLOCK').every(({ allocatedA }) => allocatedA <= 32)).toBe(true)
})

test('threat 31: 500 transactions of an outage, sent twice, are 500 records, and no power is given for them', async () => {
  const one = await station('OFFLINE')
  const given: number[] = []
  const play = async () => {
    for (let at = 0; at < 500; at++) {
      const fromMs = -(1_000 - at) * minuteMs
      const id = await one.start(at * 100, iso0(fromMs), 1, `TAG${at}`)
      given.push(id)
      expect((await one.call('StopTransaction', stop(id, at * 100 + 50, iso0(fromMs + minuteMs / 2))))[0]).toBe(3)
    }
  }
  const nowMs = Date.now()
  const iso0 = (ms: number): string => new Date(nowMs + ms).toISOString()
  await play()
  await play()
  expect(given.slice(500)).toEqual(given.slice(0, 500))
  expect(new Set(given).size).toBe(500)
  expect((await server.power()).connectors.find(({ clientID }) => clientID === 'OFFLINE')).toMatchObject({ transactionId: null, allocatedA: 0 })
  expect((await records('OFFLINE')).filter(({ status, energyWh }) => status === 'stopped' && energyWh === 50)).toHaveLength(500)
}, 60_000)

test('threat 32: a stop of a number nobody knows is confirmed, kept once, alerted, and ends nothing', async () => {
  const one = await station('STRANGE')
  const running = await one.start(0, iso())
  for (const transactionId of [0, -1, 4_711, 2_147_483_647]) for (let again = 0; again < 2; again++) expect(await one.call('StopTransaction', stop(transactionId, 10, '2026-01-01T00:00:00Z'))).toMatchObject([3, expect.any(String), {}])
  expect((await get<{ data: unknown[] }>('/orphans?clientID=STRANGE')).data).toHaveLength(4)
  expect((await records('STRANGE')).map(({ id, stoppedAt }) => ({ id, stoppedAt }))).toEqual([{ id: running, stoppedAt: null }])
  expect((await alerts('orphaned-stop')).filter(({ clientID, resolvedAt }) => clientID === 'STRANGE' && resolvedAt === null)).toHaveLength(1)
})

test('threat 33: of ten charge points none stops or meters what another runs; of two stops the first counts; numbers cannot be guessed', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, (_, at) => station(`CROSS-${at}`)))
  const ids = await Promise.all(all.map((one) => one.start(1_000, iso())))
  await Promise.all(all.flatMap((one, mine) => ids.filter((_, theirs) => theirs !== mine).map(async (id) => {
    expect((await one.call('StopTransaction', stop(id, 9_999)))[0]).toBe(3)
    expect((await one.call('MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: iso(), sampledValue: [{ value: '9999999' }] }] }))[0]).toBe(3)
  })))
  for (const at of all.keys()) expect((await records(`CROSS-${at}`)).map(({ id, stoppedAt, energyWh }) => ({ id, stoppedAt, energyWh }))).toEqual([{ id: ids[at], stoppedAt: null, energyWh: 0 }])
  await all[0]!.call('StopTransaction', stop(ids[0]!, 1_100))
  await all[0]!.call('StopTransaction', stop(ids[0]!, 5_000))
  expect((await records('CROSS-0'))[0]).toMatchObject({ status: 'stopped', meterStopWh: 1_100 })
  const steps = ids.toSorted((a, b) => a - b).map((id, at, sorted) => id - (sorted[at - 1] ?? 0))
  expect(steps.filter((step) => step < 1_000)).toEqual([])
})

test('threat 36: a limit that cannot be changes nothing, and of two managers who write at once one is told to look again', async () => {
  await server.request('PUT', limitPath, { currentA: 500 })
  const before = await server.gridLimit()
  for (const body of ['{"currentA":-1}', '{"currentA":1e999}', '{"powerW":-0.5}', '{"powerW":1e15}', '{"currentA":1001}', '{"limitKW":20}', '{"currentA":20,"powerW":20}', '{"currentA":"20"}', '{"currentA":20,"ttlS":0}']) {
    expect((await server.request('PUT', limitPath, body)).status, body).toBe(422)
  }
  expect((await server.request('PUT', limitPath, '{"currentA":NaN}')).status).toBe(400)
  expect((await server.gridLimit()).currentA).toBe(before.currentA)
  const tag = (await server.request('GET', limitPath)).headers.get('etag')!
  const both = await Promise.all([300, 400].map((currentA) => server.request('PUT', limitPath, { currentA }, { 'if-match': tag })))
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412])
  const won = both[0]!.status === 200 ? 300 : 400
  expect((await server.gridLimit()).currentA).toBe(won)
})

test('threat 37: a limit that is not refreshed in its time gives way to the failsafe, and only a fresh limit ends that', async () => {
  const one = await station('EMS')
  await server.request('PUT', limitPath, { currentA: 400, ttlS: 1 })
  await until('the failsafe', async () => (await server.gridLimit()).effective.binding === 'failsafe', () => server.gridLimit())
  expect((await server.gridLimit()).effective.currentA).toBe(100)
  // What says only that somebody is alive does not.
  for (let beat = 0; beat < 5; beat++) {
    await server.request('GET', limitPath)
    await server.request('GET', '/livez')
    await one.call('Heartbeat', {})
    await wait(50)
  }
  expect((await server.gridLimit()).effective).toMatchObject({ currentA: 100, binding: 'failsafe' })
  await server.request('PUT', limitPath, { currentA: 450 })
  expect((await server.gridLimit()).effective).toMatchObject({ currentA: 450, binding: 'grid-limit' })
})
