// An OCPP client we did not write, in its strict mode, against our server: both directions, crossing, late, and with a password.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CallOutcome } from '../../src/protocol/session.ts'
import { startServer, type Running } from './station-server.ts'

interface RpcClient extends EventEmitter {
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
  handle(action: string, handler: (call: { readonly params: Record<string, unknown> }) => unknown): void
  sendRaw(text: string): void
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }

let running: Running
const clients: RpcClient[] = []
const strictFailures: unknown[] = []
beforeEach(async () => {
  running = await startServer()
  strictFailures.length = 0
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })))
  await running.stop()
})

async function station(identity: string, options: object = {}): Promise<RpcClient> {
  const client = new RPCClient({ endpoint: `${running.endpoint}/ocpp`, identity, protocols: ['ocpp1.6'], strictMode: true, reconnect: false, ...options })
  client.on('strictValidationFailure', (failure) => strictFailures.push(failure))
  clients.push(client)
  await client.connect()
  return client
}

const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
const profile = {
  chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute',
  chargingSchedule: { startSchedule: '2024-01-01T00:00:00.000Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.1 }, { startPeriod: 60, limit: 1500.1 }] },
}
const session = () => {
  const [first] = running.desk.sessions
  if (first === undefined) throw new Error('nobody connected')
  return first
}

test('boot, heartbeat, a transaction, and a profile from us', async () => {
  const cp = await station('CP 1')
  const received: unknown[] = []
  cp.handle('SetChargingProfile', ({ params }) => { received.push(params); return { status: 'Accepted' } })
  expect(await cp.call('BootNotification', boot)).toMatchObject({ status: 'Accepted', interval: 300 })
  expect(await cp.call('Heartbeat', {})).toEqual({ currentTime: '2024-05-01T10:00:00.000Z' })
  expect(await cp.call('StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2024-05-01T10:00:00Z' })).toMatchObject({ transactionId: 7 })
  expect(await cp.call('MeterValues', { connectorId: 1, transactionId: 7, meterValue: [{ timestamp: '2024-05-01T10:00:00Z', sampledValue: [{ value: '16', measurand: 'Current.Import', unit: 'A' }] }] })).toEqual({})
  const outcome = await session().call('SetChargingProfile', () => ({ connectorId: 1, csChargingProfiles: profile }), { priority: 0 })
  expect(outcome).toEqual({ type: 'result', payload: { status: 'Accepted' } })
  expect(received).toEqual([{ connectorId: 1, csChargingProfiles: profile }])
  expect(strictFailures).toEqual([])
  expect(running.desk.handled.map(({ action }) => action)).toEqual(['BootNotification', 'Heartbeat', 'StartTransaction', 'MeterValues'])
})

test('errors arrive with the code of the specification', async () => {
  const cp = await station('CP1', { strictMode: false })
  await expect(cp.call('Reset', { type: 'Hard' })).rejects.toMatchObject({ rpcErrorCode: 'NotSupported' })
  await expect(cp.call('CustomOperation', {})).rejects.toMatchObject({ rpcErrorCode: 'NotImplemented' })
  await expect(cp.call('Authorize', { idTag: 'x'.repeat(300) })).rejects.toMatchObject({ rpcErrorCode: 'PropertyConstraintViolation' })
  await expect(cp.call('Authorize', {})).rejects.toMatchObject({ rpcErrorCode: 'OccurenceConstraintViolation' })
  await expect(cp.call('Authorize', { idTag: 5 })).rejects.toMatchObject({ rpcErrorCode: 'TypeConstraintViolation' })
  expect(await session().call('ClearCache', () => ({}))).toMatchObject({ type: 'error', code: 'NotImplemented' })
})

test('CALLs cross: each side answers while its own is outstanding', async () => {
  const cp = await station('CP1')
  let rounds = 0
  cp.handle('TriggerMessage', async () => {
    await cp.call('Heartbeat', {})
    rounds++
    return { status: 'Accepted' }
  })
  const ours: Promise<CallOutcome>[] = []
  running.desk.onHandle = (one) => {
    if (ours.length < 20) ours.push(one.call('TriggerMessage', () => ({ requestedMessage: 'Heartbeat' })))
  }
  await cp.call('BootNotification', boot)
  while (rounds < 20) await once(cp, 'message')
  expect(new Set((await Promise.all(ours)).map(({ type }) => type))).toEqual(new Set(['result']))
  expect(strictFailures).toEqual([])
})

test('an answer after the time-out goes to its own call', async () => {
  const cp = await station('CP1')
  let release: (() => void) | undefined
  cp.handle('ChangeConfiguration', async () => {
    await new Promise<void>((resolve) => { release = resolve })
    return { status: 'Rejected' }
  })
  cp.handle('ClearCache', () => ({ status: 'Accepted' }))
  const late = new Promise<CallOutcome>((resolve) => {
    void session().call('ChangeConfiguration', () => ({ key: 'k', value: 'v' }), { timeoutMs: 50, onLate: resolve }).then(async (outcome) => {
      expect(outcome).toEqual({ type: 'timed-out' })
      expect(await session().call('ClearCache', () => ({}))).toEqual({ type: 'result', payload: { status: 'Accepted' } })
      release?.()
    })
  })
  expect(await late).toEqual({ type: 'result', payload: { status: 'Rejected' } })
})

test('its password arrives as it was given', async () => {
  running.desk.decide = (attempt) => attempt.credentials?.username === 'CP1' && attempt.credentials.password.equals(Buffer.from('pass:word'))
    ? { admitted: true, clientID: 'CP1' }
    : { admitted: false, status: 401, reason: 'auth-wrong' }
  await expect(station('CP1', { password: 'wrong' })).rejects.toMatchObject({ code: 401 })
  const cp = await station('CP1', { password: 'pass:word' })
  expect(await cp.call('Heartbeat', {})).toHaveProperty('currentTime')
})

test('when it goes away, what it was asked is disconnected', async () => {
  const cp = await station('CP1')
  cp.handle('Reset', () => new Promise(() => undefined))
  const outcome = session().call('Reset', () => ({ type: 'Soft' }))
  await cp.close({ force: true })
  expect(await outcome).toEqual({ type: 'disconnected' })
  expect(await running.desk.until('disconnected CP1')).toMatch(/^disconnected CP1 1 1006/)
})
