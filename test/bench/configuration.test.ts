// The configuration that the bench measures, started by the bench's own hands, is a kwota as it ships: it refuses what is no OCPP and counts it, and keeps through kill -9 what it acknowledged.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectors, depotConfig, grantA, pointNames, siteName } from '../../bench/depot.ts'
import { MeterTemplate } from '../../bench/meter-template.ts'
import { startKwota, type ServerProcess } from '../../bench/server-process.ts'
import { openWireStations, untilAllGranted, type WireStation } from '../../bench/wire-station.ts'
import { buildProduct } from '../e2e/build.ts'

const count = 3
let dir = ''
let main = ''
let server: ServerProcess
let stations: WireStation[] = []

beforeAll(async () => {
  main = await buildProduct()
  dir = mkdtempSync(join(tmpdir(), 'kwota-benched-'))
  server = await startKwota(depotConfig(count), { dir, main })
  stations = await openWireStations(server.ocppUrl, pointNames(count), { connectors, charging: true })
  await untilAllGranted(stations, grantA)
}, 240_000)
afterAll(async () => {
  for (const { wire } of stations) wire.close()
  await server.kill()
  rmSync(dir, { recursive: true, force: true })
})

/** What comes back for a text that is sent as it is. */
function said(station: WireStation, text: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    station.answered = (payload) => resolve(JSON.parse(payload.toString('utf8')) as unknown[])
    station.wire.send(text)
  })
}

function bytesSaid(station: WireStation, frame: Buffer): Promise<unknown[]> {
  return new Promise((resolve) => {
    station.answered = (payload) => resolve(JSON.parse(payload.toString('utf8')) as unknown[])
    station.wire.write(frame)
  })
}

async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(`${server.url}${path}`)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return await response.json() as Body
}

async function refusedSoFar(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return [...text.matchAll(/^kwota_ocpp_messages_total\{([^}]*)\} (\d+)/gm)].reduce((sum, [, labels, value]) => (/direction="in"/.test(labels!) && /result="error"/.test(labels!) ? sum + Number(value) : sum), 0)
}

const reading = (transactionId: number) => ({ connectorId: 1, transactionId, meterValue: [{ timestamp: '2026-01-02T03:04:05.000Z', sampledValue: [{ value: '1', measurand: 'Current.Import' }] }] })
const call = (action: string, payload: unknown): string => JSON.stringify([2, `bad-${action}`, action, payload])

describe('what is no OCPP 1.6 is refused and counted', () => {
  test('beside frames of the bench, which are answered', async () => {
    const template = new MeterTemplate(stations[0]!.transactionId)
    expect(await bytesSaid(stations[0]!, template.next(new Date().toISOString()))).toEqual([3, template.id, {}])
  })

  const valid = reading(1)
  test.each<[string, string, string]>([
    ['a connector that is no number', call('MeterValues', { ...valid, connectorId: 'one' }), 'TypeConstraintViolation'],
    ['no connector', call('MeterValues', { ...valid, connectorId: undefined }), 'OccurrenceConstraintViolation|OccurenceConstraintViolation|FormationViolation'],
    ['a reading without values', call('MeterValues', { ...valid, meterValue: [{ timestamp: valid.meterValue[0]!.timestamp }] }), 'Violation'],
    ['a time that is none', call('MeterValues', { ...valid, meterValue: [{ ...valid.meterValue[0]!, timestamp: 'yesterday' }] }), 'Violation'],
    ['a status that is none', call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Sleeping' }), 'Violation'],
    ['an action that is none', call('MeterValue', valid), 'NotImplemented|NotSupported'],
  ])('%s', async (_what, text, code) => {
    const before = await refusedSoFar()
    const answer = await said(stations[1]!, text)
    expect(answer[0], JSON.stringify(answer)).toBe(4)
    expect(answer[2]).toMatch(new RegExp(code))
    expect(await refusedSoFar()).toBe(before + 1)
  })

  test('a frame of the bench with one letter of JSON broken', async () => {
    const template = new MeterTemplate(stations[2]!.transactionId)
    const frame = template.next(new Date().toISOString())
    // Of `"connectorId":1` the colon; masked bytes differ as plain ones do.
    const at = frame.length - template.payloadBytes + template.plain.indexOf(':', template.plain.indexOf('connectorId'))
    frame[at] = frame[at]! ^ (':'.charCodeAt(0) ^ ';'.charCodeAt(0))
    expect((await bytesSaid(stations[2]!, frame))[0]).toBe(4)
    frame[at] = frame[at]! ^ (':'.charCodeAt(0) ^ ';'.charCodeAt(0))
    expect(await bytesSaid(stations[2]!, frame)).toEqual([3, template.id, {}])
  })
})

test('what was acknowledged is there after kill -9: transactions that run, one that was stopped, the limit', async () => {
  const [first, ...others] = stations
  const stopped = first!.transactionId
  first!.answered = () => undefined
  await first!.call('StopTransaction', { transactionId: stopped, meterStop: 4_321, timestamp: new Date().toISOString(), reason: 'Local' })
  const limit = await fetch(`${server.url}/api/v1/sites/${siteName(0)}/grid-limit`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ currentA: 40 }) })
  expect(limit.status).toBe(200)
  await server.kill()
  expect(await fetch(`${server.url}/livez`).then(() => 'answered', () => 'gone')).toBe('gone')

  server = await startKwota(depotConfig(count), { dir, main })
  const transaction = (id: number) => get<{ status: string; meterStopWh: number | null }>(`/api/v1/transactions/${id}`)
  expect(await transaction(stopped)).toMatchObject({ status: 'stopped', meterStopWh: 4_321 })
  for (const { transactionId } of others) expect((await transaction(transactionId)).status).toBe('charging')
  expect(await get(`/api/v1/sites/${siteName(0)}/grid-limit`)).toMatchObject({ currentA: 40 })
}, 120_000)
