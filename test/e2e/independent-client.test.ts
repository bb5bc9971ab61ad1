// A strict OCPP client that is not ours against the real server: everything it may send, and everything kwota may send it over REST.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandNames, type CommandName } from '../../src/api/command-names.ts'
import { actions, messages, type StationAction } from '../../src/protocol/messages/index.ts'
import { createAuthority } from '../tls-certificates.ts'
import { RPCClient, type RpcClient } from './rpc-client.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { openTap, type Tap } from './wire-tap.ts'

const id = 'RPC-1'
const config = `
sites: [{ id: main, fuseA: 63 }]
chargePoints: [{ id: ${id}, control: none, connectors: [{ id: 1, maxA: 16 }, { id: 2, maxA: 16 }] }]
idTags: [{ id: TEST-001 }]
authorisation: [local]
`
const strictFailures: unknown[] = []
const asked: { readonly action: string; readonly params: unknown }[] = []
const opened: (() => Promise<unknown>)[] = []
let server: Server
let tap: Tap
let client: RpcClient
let transactionId = 0
let authorityCertificate = ''
let ownCertificate = ''

/** The first good response of the samples: what a charge point that is content answers. */
function contentAnswer(action: string): unknown {
  const samples = JSON.parse(readFileSync(new URL(`../protocol/samples/${action}.json`, import.meta.url), 'utf8')) as { response: { good: unknown[] } }
  return samples.response.good[0]
}

beforeAll(async () => {
  const authority = await createAuthority()
  authorityCertificate = authority.cert
  ownCertificate = (await authority.issue({ commonName: id, for: 'client' })).cert
  server = await startServer({ place: await newPlace(), config })
  tap = await openTap(server.ocppUrl)
  opened.push(() => tap.close())
  client = new RPCClient({ endpoint: tap.ocppUrl, identity: id, protocols: ['ocpp1.6'], strictMode: true, reconnect: false })
  opened.unshift(() => client.close({ force: true }))
  client.on('strictValidationFailure', (failure) => strictFailures.push(failure))
  client.on('badMessage', (bad) => strictFailures.push(bad))
  for (const action of Object.values(commandNames)) {
    client.handle(action, ({ params }) => {
      asked.push({ action, params })
      return contentAnswer(action)
    })
  }
  await client.connect()
}, 120_000)
afterAll(async () => {
  for (const close of opened.splice(0)) await close()
  await tidyUp()
})

const at = () => new Date().toISOString()
const sent: { readonly [A in StationAction]: () => Record<string, unknown> } = {
  BootNotification: () => ({ chargePointVendor: 'Elsewhere', chargePointModel: 'Strict', firmwareVersion: '1.0' }),
  Heartbeat: () => ({}),
  StatusNotification: () => ({ connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp: at() }),
  Authorize: () => ({ idTag: 'TEST-001' }),
  StartTransaction: () => ({ connectorId: 1, idTag: 'TEST-001', meterStart: 0, timestamp: at() }),
  MeterValues: () => ({ connectorId: 1, transactionId, meterValue: [{ timestamp: at(), sampledValue: [{ value: '8.1', measurand: 'Current.Import', unit: 'A', phase: 'L1' }, { value: '10' }] }] }),
  StopTransaction: () => ({ transactionId, meterStop: 10, timestamp: at(), reason: 'Local', idTag: 'TEST-001' }),
  DataTransfer: () => ({ vendorId: 'nobody', messageId: 'x', data: '1' }),
  DiagnosticsStatusNotification: () => ({ status: 'Idle' }),
  FirmwareStatusNotification: () => ({ status: 'Idle' }),
  LogStatusNotification: () => ({ status: 'Idle' }),
  SecurityEventNotification: () => ({ type: 'SettingSystemTime', timestamp: at() }),
  SignCertificate: () => ({ csr: '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----' }),
  SignedFirmwareStatusNotification: () => ({ status: 'Idle' }),
}

test('everything it may send is answered as the schemas want', async () => {
  for (const action of Object.keys(sent) as StationAction[]) {
    const answer = await client.call(action, sent[action]())
    if (action === 'StartTransaction') transactionId = answer['transactionId'] as number
  }
  expect([...tap.answered('station')].sort()).toEqual(actions.filter((action) => messages[action].direction !== 'central').sort())
  expect(await server.transactions()).toMatchObject([{ id: transactionId, status: 'stopped', energyWh: 10 }])
  expect({ strictFailures, faults: tap.faults }).toEqual({ strictFailures: [], faults: [] })
}, 60_000)

const profile = {
  chargingProfileId: 7, stackLevel: 1, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute',
  chargingSchedule: { startSchedule: '2026-01-01T00:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.1 }] },
}
const hashes = { hashAlgorithm: 'SHA256', issuerNameHash: 'ab', issuerKeyHash: 'cd', serialNumber: '01' }
const later = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

/** What each command takes over REST (rest-api.md). */
const bodies: { readonly [N in CommandName]: () => Record<string, unknown> } = {
  'cancel-reservation': () => ({ reservationId: 5 }),
  'certificate-signed': () => ({ certificateChain: ownCertificate }),
  'change-availability': () => ({ connectorId: 2, type: 'Operative' }),
  'change-configuration': () => ({ key: 'VendorThing', value: 'on' }),
  'clear-cache': () => ({}),
  'clear-charging-profile': () => ({ id: 7 }),
  'data-transfer': () => ({ vendorId: 'nobody', messageId: 'x', data: '1' }),
  'delete-certificate': () => ({ certificateHashData: hashes }),
  'extended-trigger-message': () => ({ requestedMessage: 'Heartbeat' }),
  'get-composite-schedule': () => ({ connectorId: 1, duration: 60, chargingRateUnit: 'A' }),
  'get-configuration': () => ({ key: ['HeartbeatInterval'] }),
  'get-diagnostics': () => ({ location: 'ftp://files.example/up', startTime: later(-1), stopTime: later(0), retries: 1, retryInterval: 5 }),
  'get-installed-certificate-ids': () => ({ certificateType: 'CentralSystemRootCertificate' }),
  'get-local-list-version': () => ({}),
  'get-log': () => ({ log: { remoteLocation: 'ftp://files.example/up' }, logType: 'SecurityLog', requestId: 1 }),
  'install-certificate': () => ({ certificateType: 'ManufacturerRootCertificate', certificate: authorityCertificate }),
  'remote-start': () => ({ connectorId: 1, idTag: 'TEST-001' }),
  'remote-stop': () => ({ transactionId: 4_711 }),
  'reserve-now': () => ({ connectorId: 1, expiryDate: later(1), idTag: 'TEST-001', reservationId: 5 }),
  reset: () => ({ type: 'Soft' }),
  'send-local-list': () => ({ listVersion: 1, updateType: 'Full', localAuthorizationList: [{ idTag: 'TEST-001', idTagInfo: { status: 'Accepted' } }] }),
  'set-charging-profile': () => ({ connectorId: 2, csChargingProfiles: profile }),
  'signed-update-firmware': () => ({ requestId: 1, firmware: { location: 'https://files.example/fw', retrieveDateTime: later(1), signingCertificate: authorityCertificate, signature: 'AAAA' } }),
  'trigger-message': () => ({ requestedMessage: 'StatusNotification', connectorId: 1 }),
  'unlock-connector': () => ({ connectorId: 2 }),
  'update-firmware': () => ({ location: 'https://files.example/fw', retrieveDate: later(1), retries: 2 }),
}

test.each(Object.entries(commandNames))('%s over REST reaches it as %s, and its answer comes back', async (name, action) => {
  const before = asked.length
  const { status, body } = await server.request('POST', `/api/v1/chargepoints/${id}/${name}`, bodies[name as CommandName](), { Prefer: 'wait=15' })
  expect({ status, body }).toMatchObject({ status: 200, body: { action, clientID: id, response: contentAnswer(action) } })
  expect(asked.slice(before).map((one) => one.action)).toContain(action)
  expect({ strictFailures, faults: tap.faults }).toEqual({ strictFailures: [], faults: [] })
}, 60_000)

test('all of it was said, both ways, without a fault that kwota had to let through', async () => {
  expect([...tap.answered('kwota')].sort()).toEqual(actions.filter((action) => messages[action].direction !== 'station').sort())
  expect((await server.request('GET', `/api/v1/chargepoints/${id}`)).body).toMatchObject({ quirks: { softFaults: 0, badSamples: 0 } })
  expect(server.output()).not.toMatch(/let through in spite of faults|frame cannot be read|handler failed|answer to no call/)
})
