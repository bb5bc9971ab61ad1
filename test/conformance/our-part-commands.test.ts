// Our part in certification cases that are written for charge points: commands that are refused, by them or by us before they are sent.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { charge, expectShown, report, start, startCentral, stopCentral, tags, type Central } from './central.ts'
import { CallError, type Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const byHand = { control: 'none' }
const profile = (more: Partial<ChargingProfile>): ChargingProfile => ({
  chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Relative',
  chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] }, ...more,
})

/** Refused by us with this status and code (and nothing is sent: what comes unasked is a fault). */
async function expectRefusedByUs(station: Station, command: string, body: unknown, status: number, code: string): Promise<void> {
  const called = station.called.filter((action) => action !== 'SetChargingProfile').length
  expect(await central.request('POST', `/chargepoints/${station.id}/${command}`, body, { Prefer: 'wait=5' })).toMatchObject({ status, body: { code } })
  expect(await station.send('Heartbeat', {})).toHaveProperty('currentTime')
  expect(station.called.filter((action) => action !== 'SetChargingProfile').length).toBe(called)
}

test('TC_007_2_CS remote start with a cached tag: started without Authorize, checked again, accepted', async () => {
  const station = await central.booted('TC-007-2')
  await central.operate(station, 'remote-start', { idTag: tags.valid }, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  await report(station, 1, 'Preparing')
  await expectShown(central, `/transactions/${await start(station)}`, { clientID: 'TC-007-2', idTag: tags.valid })
})

test('TC_018_2_CS unlock during a session, fixed cable: shown as not supported, the session goes on', async () => {
  const station = await central.booted('TC-018-2')
  const id = await charge(station)
  const { command } = await central.operate(station, 'unlock-connector', { connectorId: 1 }, { action: 'UnlockConnector', answer: { status: 'NotSupported' } })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'NotSupported' } })
  await expectShown(central, `/transactions/${id}`, { status: 'charging', stoppedAt: null })
})

test('TC_023_5_CS remote start with an invalid tag: the charge point asks, is told Invalid, and nothing is started', async () => {
  const station = await central.booted('TC-023-5')
  await central.operate(station, 'remote-start', { connectorId: 1, idTag: tags.unknown }, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  expect((await station.send('Authorize', { idTag: tags.unknown })).idTagInfo.status).toBe('Invalid')
  expect((await central.server.transactions()).filter(({ clientID }) => clientID === 'TC-023-5')).toEqual([])
})

test('TC_027_CS remote start on connector 0: refused by us, nothing is sent', async () => {
  await expectRefusedByUs(await central.booted('TC-027'), 'remote-start', { connectorId: 0, idTag: tags.valid }, 422, 'invalid')
})

test('TC_043_2_CS a differential local list of an old version: the mismatch is shown', async () => {
  const station = await central.booted('TC-043-2')
  const { command } = await central.operate(station, 'send-local-list', { listVersion: 1, updateType: 'Differential', localAuthorizationList: [{ idTag: tags.valid }] }, { action: 'SendLocalList', answer: { status: 'VersionMismatch' } })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'VersionMismatch' } })
})

test('TC_058_1_CS a profile for a transaction while none runs: refused by us', async () => {
  await expectRefusedByUs(await central.booted('TC-058-1', byHand), 'connectors/1/set-charging-profile', { chargingProfile: profile({ transactionId: 4_711 }) }, 409, 'no-such-transaction')
})

test('TC_058_2_CS a profile for another transaction than the one that runs: refused by us', async () => {
  const station = await central.booted('TC-058-2', byHand)
  const running = await charge(station)
  await expectRefusedByUs(station, 'connectors/1/set-charging-profile', { chargingProfile: profile({ transactionId: running === 1 ? 2 : 1 }) }, 409, 'no-such-transaction')
})

test('TC_060_CS remote start with a profile that is not for the transaction: refused by us; refused by the charge point, shown as rejected', async () => {
  const station = await central.booted('TC-060', byHand)
  await expectRefusedByUs(station, 'remote-start', { connectorId: 1, idTag: tags.valid, chargingProfile: profile({ chargingProfilePurpose: 'TxDefaultProfile' }) }, 409, 'not-a-tx-profile')
  const { command } = await central.operate(station, 'remote-start', { connectorId: 1, idTag: tags.valid, chargingProfile: profile({}) }, { action: 'RemoteStartTransaction', answer: { status: 'Rejected' } })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'Rejected' } })
})

test('TC_062_CS data transfer to the charge point: its data is shown, and so is each way of refusing', async () => {
  const station = await central.booted('TC-062')
  const body = { vendorId: 'org.example', messageId: 'ask', data: '{"a":1}' }
  const taken = await central.operate(station, 'data-transfer', body, { action: 'DataTransfer', answer: { status: 'Accepted', data: 'ok' } })
  expect(taken.request).toEqual(body)
  expect(taken.command).toMatchObject({ status: 'accepted', response: { status: 'Accepted', data: 'ok' } })
  for (const status of ['Rejected', 'UnknownMessageId', 'UnknownVendorId'] as const) {
    expect((await central.operate(station, 'data-transfer', body, { action: 'DataTransfer', answer: { status } })).command).toMatchObject({ status: 'rejected', response: { status } })
  }
  const broken = await central.operate(station, 'data-transfer', body, { action: 'DataTransfer', answer: new CallError('InternalError', 'out of memory') })
  expect(broken.command).toMatchObject({ status: 'failed', response: null, error: { code: 'InternalError', description: 'out of memory' } })
})

test('TC_072_CS stacked profiles: each is sent under its level', async () => {
  const station = await central.booted('TC-072', byHand)
  for (const stackLevel of [0, 1]) {
    const chargingProfile = profile({ chargingProfileId: 720 + stackLevel, stackLevel, chargingProfilePurpose: 'TxDefaultProfile' })
    const { request, command } = await central.operate(station, 'connectors/1/set-charging-profile', { chargingProfile }, { action: 'SetChargingProfile', answer: { status: 'Accepted' } })
    expect(request).toEqual({ connectorId: 1, csChargingProfiles: chargingProfile })
    expect(command.status).toBe('accepted')
  }
})

test('TC_082_CS a default profile during a session: sent, and the session goes on', async () => {
  const station = await central.booted('TC-082', byHand)
  const id = await charge(station)
  const chargingProfile = profile({ chargingProfilePurpose: 'TxDefaultProfile' })
  const { command } = await central.operate(station, 'connectors/1/set-charging-profile', { chargingProfile }, { action: 'SetChargingProfile', answer: { status: 'Accepted' } })
  expect(command.status).toBe('accepted')
  await expectShown(central, `/transactions/${id}`, { status: 'charging' })
})
