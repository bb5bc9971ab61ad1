// The scripted charge point notices what a central system may not do; else the whole suite would prove nothing.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { CallError, Station } from './station.ts'

let server: WebSocketServer
let station: Station
let central: WebSocket
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const arrived = once(server, 'connection')
  station = await Station.connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ocpp`, 'CP 1')
  ;[central] = await arrived as [WebSocket]
})
afterEach(async () => {
  await station.leave()
  await new Promise((resolve) => { server.close(resolve) })
})

/** What the charge point answers to a CALL. */
async function called(action: string, payload: unknown): Promise<unknown> {
  const answered = once(central, 'message')
  central.send(JSON.stringify([2, 'id-1', action, payload]))
  const [data] = await answered as [Buffer]
  return JSON.parse(data.toString())
}

test('what is in order is answered as told, and is no fault', async () => {
  const asked = station.expectCall('Reset', { status: 'Rejected' }, ({ type }) => type === 'Soft')
  expect(await called('Reset', { type: 'Soft' })).toEqual([3, 'id-1', { status: 'Rejected' }])
  expect(await asked).toEqual({ type: 'Soft' })
  const refused = station.expectCall('ClearCache', new CallError('NotSupported', 'none'))
  expect(await called('ClearCache', {})).toEqual([4, 'id-1', 'NotSupported', 'none', {}])
  await refused
  expect(await called('SetChargingProfile', { connectorId: 1, csChargingProfiles: { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.1 }] } } })).toEqual([3, 'id-1', { status: 'Accepted' }])
  expect(station.faults).toEqual([])
  expect(station.called).toEqual(['Reset', 'ClearCache', 'SetChargingProfile'])
})

test('a request that the schema forbids is a fault, each for what is wrong with it', async () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ['TriggerMessage', { requestedMessage: 'Nothing' }], ['TriggerMessage', { requestedMessage: 'Heartbeat', more: 1 }], ['ChangeConfiguration', { key: 'a' }], ['ClearChargingProfile', { id: 'a' }],
  ]
  for (const [action, payload] of wrong) await called(action, payload)
  expect(station.faults).toHaveLength(wrong.length)
  expect(station.faults.map((fault) => fault.split('.')[0])).toEqual(wrong.map(([action]) => action))
})

test('a CALL nobody expects is a fault, and so is one that does not match what is expected', async () => {
  const asked = station.expectCall('Reset', { status: 'Accepted' }, ({ type }) => type === 'Hard')
  expect(await called('Reset', { type: 'Soft' })).toEqual([4, 'id-1', 'NotImplemented', 'not expected', {}])
  expect(station.faults).toEqual([expect.stringContaining('Reset came unasked')])
  await called('Reset', { type: 'Hard' })
  await asked
})

test('an answer that the schema forbids is a fault; a CALLERROR rejects; an answer to nothing is a fault', async () => {
  const reply = (frame: (id: string) => unknown) => central.once('message', (data: Buffer) => {
    const [, id] = JSON.parse(data.toString()) as [number, string]
    central.send(JSON.stringify(frame(id)))
  })
  reply((id) => [3, id, { currentTime: 'soon' }])
  await station.send('Heartbeat', {})
  expect(station.faults).toEqual([expect.stringContaining('Heartbeat.conf')])
  reply((id) => [4, id, 'InternalError', 'broken', {}])
  await expect(station.send('Heartbeat', {})).rejects.toThrow(/InternalError broken/)
  reply((id) => [3, `not-${id}`, {}])
  const never = station.send('Heartbeat', {})
  await once(station.socket, 'message')
  expect(station.faults).toHaveLength(2)
  expect(station.faults[1]).toContain('an answer to nothing')
  reply((id) => [3, id, { currentTime: new Date().toISOString() }])
  await station.send('Heartbeat', {})
  central.send(JSON.stringify([3, 'CP 1-3', { currentTime: new Date().toISOString() }]))
  await never
})

test('frames that are none of OCPP-J are faults', async () => {
  const frames: readonly (string | Buffer)[] = ['nonsense', '{}', '[2,"x","Reset"]', '[7,"x",{}]', JSON.stringify([2, 'x'.repeat(37), 'ClearCache', {}]), Buffer.from([1, 2])]
  for (const [at, frame] of frames.entries()) {
    const seen = once(station.socket, 'message')
    central.send(frame)
    await seen
    expect(station.faults, String(frame)).toHaveLength(at + 1)
  }
})

test('what the test itself sends and answers is judged too', async () => {
  await expect(station.send('Authorize', { idTag: 'x'.repeat(21) })).rejects.toThrow(/the test sends what is invalid: Authorize\.req/)
  const asked = station.expectCall('GetDiagnostics', { fileName: 'x'.repeat(256) })
  await called('GetDiagnostics', { location: 'ftp://files.example/' })
  await asked
  expect(station.faults).toEqual([expect.stringContaining('the test answers what is invalid: GetDiagnostics.conf')])
})
