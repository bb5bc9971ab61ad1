// A charge point simulator that is not ours runs its flows against the real server; every frame is judged by schemas that are not ours either.
import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { openTap, type Tap } from './wire-tap.ts'
import { until } from './yard.ts'

type Payload = Record<string, unknown>
interface Asked { readonly uniqueId: string; readonly payload: Payload }
type Answer = (request: Asked) => Promise<void> | void

/** The part of the simulator's face that is used; a CALLERROR comes back as a string. */
interface Simulator {
  sendBootnotification(payload: Payload): Promise<Payload>
  sendHeartbeat(): Promise<Payload>
  sendStatusNotification(payload: Payload): Promise<Payload>
  sendAuthorize(payload: Payload): Promise<Payload>
  startTransaction(payload: Payload): Promise<{ readonly transactionId: number }>
  stopTransaction(payload: Payload): Promise<Payload>
  meterValues(payload: Payload): Promise<Payload>
  sendDiagnosticsStatusNotification(payload: Payload): Promise<Payload>
  sendFirmwareStatusNotification(payload: Payload): Promise<Payload>
  sendSignCertificate(payload: Payload): Promise<Payload>
  sendResponse(uniqueId: string, payload: Payload): void
  /** How it keeps every `answer…` below. */
  readonly registeredCallbacks: Map<string, { readonly cb: Answer }>
  reConnect(): Promise<void>
  answerGetDiagnostics(answer: Answer): void
  answerUpdateFirmware(answer: Answer): void
  answerReset(answer: Answer): void
  answerGetConfiguration(answer: Answer): void
  answerChangeConfiguration(answer: Answer): void
  answerChangeAvailability(answer: Answer): void
  answerRemoteStartTransaction(answer: Answer): void
  answerRemoteStopTransaction(answer: Answer): void
  answerDataTransfer(answer: Answer): void
  answerCertificateSigned(answer: Answer): void
  answerClearChargingProfile(answer: Answer): void
  answerTriggerMessage(message: string, answer: Answer): void
  answerExtendedTriggerMessage(message: string, answer: Answer): void
}
const { chargepointFactory } = createRequire(import.meta.url)('em-ocpp-chargepoint-simulator/build/src/chargepoint.js') as {
  chargepointFactory(url: string, id: string): Promise<Simulator>
}

const id = 'SIM-1'
// The simulator has no way to answer SetChargingProfile: such a charge point is entered as one that cannot be steered.
const config = `
sites: [{ id: main, fuseA: 63 }]
chargePoints: [{ id: ${id}, control: none, connectors: [{ id: 1, maxA: 16 }] }, { id: SIM-2, connectors: [{ id: 1 }] }]
idTags: [{ id: TEST-001 }]
authorisation: [local]
engine: { callTimeoutS: 2 }
`
const boot = { chargePointVendor: 'Elsewhere', chargePointModel: 'Scriptable' }
const opened: (() => Promise<void>)[] = []
let server: Server
let tap: Tap
let cp: Simulator
let transactionId = 0
let meterWh = 1_000

beforeEach(async () => {
  server = await startServer({ place: await newPlace(), config })
  tap = await openTap(server.ocppUrl)
  opened.push(() => tap.close())
  cp = await chargepointFactory(`${tap.ocppUrl}/${id}`, id)
  takeOrders()
  await cp.sendBootnotification(boot)
  await report('Available')
}, 120_000)
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
  await tidyUp()
})

const now = () => new Date().toISOString()
const report = (status: string) => cp.sendStatusNotification({ connectorId: 1, errorCode: 'NoError', status, timestamp: now() })
const measure = () => cp.meterValues({ connectorId: 1, transactionId, meterValue: [{ timestamp: now(), sampledValue: [{ value: String(meterWh += 100) }, { value: '10.5', measurand: 'Current.Import', unit: 'A', phase: 'L1' }] }] })

async function start(idTag: string): Promise<void> {
  await report('Preparing')
  transactionId = (await cp.startTransaction({ connectorId: 1, idTag, meterStart: meterWh, timestamp: now() })).transactionId
  await report('Charging')
}
async function stop(reason: string): Promise<void> {
  await cp.stopTransaction({ transactionId, meterStop: meterWh, timestamp: now(), reason })
  await report('Finishing')
  await report('Available')
}

/** Answers first, then does what it was told, as its own examples do. */
function takeOrders(): void {
  const take = (status: string, then: (payload: Payload) => Promise<unknown> = async () => undefined): Answer => async ({ uniqueId, payload }) => {
    cp.sendResponse(uniqueId, { status })
    await then(payload)
  }
  cp.answerRemoteStartTransaction(take('Accepted', ({ idTag }) => start(String(idTag))))
  cp.answerRemoteStopTransaction(take('Accepted', () => stop('Remote')))
  cp.answerReset(take('Accepted', async () => {
    await cp.reConnect()
    await cp.sendBootnotification(boot)
    await report('Available')
  }))
  cp.answerGetConfiguration(({ uniqueId }) => cp.sendResponse(uniqueId, { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }, { key: 'NumberOfConnectors', readonly: true, value: '1' }, { key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }))
  cp.answerChangeConfiguration(take('Accepted'))
  cp.answerChangeAvailability(take('Accepted', ({ type }) => report(type === 'Operative' ? 'Available' : 'Unavailable')))
  cp.answerDataTransfer(take('UnknownVendorId'))
  cp.answerCertificateSigned(take('Rejected'))
  cp.answerClearChargingProfile(take('Unknown'))
  cp.answerGetDiagnostics(async ({ uniqueId }) => {
    cp.sendResponse(uniqueId, { fileName: 'sim.txt' })
    for (const status of ['Uploading', 'Uploaded']) await cp.sendDiagnosticsStatusNotification({ status })
  })
  cp.answerUpdateFirmware(async ({ uniqueId }) => {
    cp.sendResponse(uniqueId, {})
    for (const status of ['Downloading', 'Downloaded', 'Installing', 'Installed']) await cp.sendFirmwareStatusNotification({ status })
  })
  const triggered: Record<string, () => Promise<unknown>> = {
    Heartbeat: () => cp.sendHeartbeat(), StatusNotification: () => report('Available'), MeterValues: measure,
    DiagnosticsStatusNotification: () => cp.sendDiagnosticsStatusNotification({ status: 'Idle' }), FirmwareStatusNotification: () => cp.sendFirmwareStatusNotification({ status: 'Idle' }),
  }
  for (const [message, send] of Object.entries(triggered)) cp.answerTriggerMessage(message, take('Accepted', send))
  cp.answerExtendedTriggerMessage('SignChargePointCertificate', take('Accepted', () => cp.sendSignCertificate({ csr: '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----' })))
}

/** Sends it over REST and waits for the charge point's own answer. */
async function command(name: string, body: Payload): Promise<{ status: number; body: Payload }> {
  return server.request('POST', `/api/v1/chargepoints/${id}/${name}`, body, { Prefer: 'wait=10' })
}
const point = async () => (await server.request('GET', `/api/v1/chargepoints/${id}`)).body
const calls = (action: string) => tap.heard.filter(({ from, frame }) => from === 'station' && frame[0] === 2 && frame[2] === action).length

/** `unanswered` = the actions that the simulator does not know. */
async function expectCleanWire(unanswered: readonly string[] = []): Promise<void> {
  expect(tap.faults).toEqual([])
  expect(await point()).toMatchObject({ boot, quirks: { softFaults: 0, badSamples: 0 } })
  const logged = async (query: string) => (await server.request<{ data: { action: string; status: string }[] }>('GET', `/api/v1/messages?clientID=${id}&${query}`)).body.data
  expect((await logged('action=BootNotification')).map(({ status }) => status)).toContain('answered')
  expect((await logged('errorsOnly=true')).map(({ action }) => action)).toEqual(unanswered)
  expect(server.output()).not.toMatch(/let through in spite of faults|frame cannot be read|handler failed|answer to no call/)
}

test('boots, authorises, charges, and stops by itself', async () => {
  expect(await cp.sendAuthorize({ idTag: 'TEST-001' })).toMatchObject({ idTagInfo: { status: 'Accepted' } })
  expect(await cp.sendAuthorize({ idTag: 'NOBODY' })).toMatchObject({ idTagInfo: { status: 'Invalid' } })
  expect(Date.parse(String((await cp.sendHeartbeat())['currentTime']))).toBeGreaterThan(0)
  await start('TEST-001')
  expect(await measure()).toEqual({})
  await stop('Local')
  expect(await server.transactions()).toMatchObject([{ id: transactionId, clientID: id, idTag: 'TEST-001', status: 'stopped', stopReason: 'Local', energyWh: 100 }])
  expect([...tap.answered('station')].sort()).toEqual(['Authorize', 'BootNotification', 'Heartbeat', 'MeterValues', 'StartTransaction', 'StatusNotification', 'StopTransaction'])
  await expectCleanWire()
}, 60_000)

test('is started, stopped, configured, triggered, updated and reset over REST', async () => {
  expect(await command('remote-start', { connectorId: 1, idTag: 'TEST-001' })).toMatchObject({ status: 200, body: { status: 'accepted', response: { status: 'Accepted' } } })
  await until('the transaction to charge', async () => (await server.transactions()).some(({ id: one, status }) => one === transactionId && status === 'charging'))
  expect(await command('trigger-message', { requestedMessage: 'MeterValues', connectorId: 1 })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('the triggered values', () => calls('MeterValues') > 0)
  expect(await command('remote-stop', { transactionId })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('the stop', async () => (await server.transactions())[0]?.stopReason === 'Remote')

  for (const message of ['Heartbeat', 'StatusNotification', 'DiagnosticsStatusNotification', 'FirmwareStatusNotification']) {
    const before = calls(message)
    expect(await command('trigger-message', { requestedMessage: message }), message).toMatchObject({ status: 200, body: { status: 'accepted' } })
    await until(`the triggered ${message}`, () => calls(message) > before)
  }
  expect(await command('trigger-message', { requestedMessage: 'BootNotification' }), 'refused by kwota').toMatchObject({ status: 409 })
  expect(await command('extended-trigger-message', { requestedMessage: 'SignChargePointCertificate' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('the request for a certificate', () => tap.answered('station').has('SignCertificate'))

  expect(await command('get-configuration', {})).toMatchObject({ status: 200, body: { response: { configurationKey: [{ key: 'HeartbeatInterval' }, { key: 'NumberOfConnectors' }, { key: 'ChargeProfileMaxStackLevel' }] } } })
  expect(await command('change-configuration', { key: 'HeartbeatInterval', value: '600' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  expect(await command('change-availability', { connectorId: 1, type: 'Inoperative' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('out of service', async () => (await server.request('GET', `/api/v1/chargepoints/${id}/connectors/1`)).body['status'] === 'Unavailable')
  expect(await command('change-availability', { connectorId: 1, type: 'Operative' })).toMatchObject({ status: 200 })
  expect(await command('data-transfer', { vendorId: 'nobody' })).toMatchObject({ status: 200, body: { response: { status: 'UnknownVendorId' } } })
  expect(await command('clear-charging-profile', { id: 4_711 })).toMatchObject({ status: 200, body: { response: { status: 'Unknown' } } })

  expect(await command('get-diagnostics', { location: 'ftp://files.example/up' })).toMatchObject({ status: 200, body: { status: 'accepted', response: { fileName: 'sim.txt' } } })
  await until('the upload', () => tap.heard.some(({ frame }) => frame[2] === 'DiagnosticsStatusNotification' && JSON.stringify(frame[3]) === '{"status":"Uploaded"}'))
  expect(await command('update-firmware', { location: 'ftp://files.example/fw.bin', retrieveDate: now() })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('the installation', () => tap.heard.some(({ frame }) => frame[2] === 'FirmwareStatusNotification' && JSON.stringify(frame[3]) === '{"status":"Installed"}'))

  const boots = calls('BootNotification')
  expect(await command('reset', { type: 'Soft' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await until('the boot after the reset', () => calls('BootNotification') > boots)
  await until('it to be back', async () => (await point())['state'] === 'online', point)
  expect(await point()).toMatchObject({ connection: { generation: 2 } })
  await expectCleanWire()
}, 120_000)

test('what it cannot answer times out, and it goes on charging', async () => {
  await start('TEST-001')
  expect(await command('clear-cache', {}), 'the simulator leaves what it does not know unanswered').toMatchObject({ status: 200, body: { status: 'timed-out' } })
  expect(await measure()).toEqual({})
  expect(await command('get-configuration', {})).toMatchObject({ status: 200, body: { status: 'accepted' } })
  await stop('Local')
  expect((await server.transactions())[0]).toMatchObject({ status: 'stopped' })
  await expectCleanWire(['ClearCache'])
}, 60_000)

test('taught to answer SetChargingProfile, it is steered: fallbacks first, a grant, a lowering', async () => {
  const told: { readonly purpose: string; readonly limitA: number }[] = []
  cp = await chargepointFactory(`${tap.ocppUrl}/SIM-2`, 'SIM-2')
  takeOrders()
  cp.registeredCallbacks.set('SetChargingProfile', {
    cb({ uniqueId, payload }) {
      const profile = payload['csChargingProfiles'] as { chargingProfilePurpose: string; chargingSchedule: { chargingSchedulePeriod: { limit: number }[] } }
      told.push({ purpose: profile.chargingProfilePurpose, limitA: profile.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? NaN })
      cp.sendResponse(uniqueId, { status: 'Accepted' })
    },
  })
  await cp.sendBootnotification(boot)
  await report('Available')
  await until('its fallback', () => told.some(({ purpose }) => purpose === 'TxDefaultProfile'))
  expect(told.map(({ purpose }) => purpose)).toEqual(['ChargePointMaxProfile', 'TxDefaultProfile'])
  await start('TEST-001')
  await until('its grant', () => told.some(({ purpose, limitA }) => purpose === 'TxProfile' && limitA === 32), () => told)
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 30 })).status).toBe(200)
  await until('the lowering', () => told.some(({ purpose, limitA }) => purpose === 'TxProfile' && limitA === 14), () => told)
  await stop('Local')
  expect(tap.faults).toEqual([])
}, 60_000)
