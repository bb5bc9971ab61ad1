// Certification cases of the core profile: booting, charging sessions, the authorisation cache, data transfer.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { authorise, boot, charge, expectShown, heartbeatS, report, start, startCentral, stop, stopCentral, tags, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

test('TC_001_CSMS cold boot: accepted with the interval and the time, every connector and every heartbeat confirmed', async () => {
  await central.enter('TC-001')
  const station = await central.connect('TC-001')
  const answer = await boot(station)
  expect(answer.interval).toBe(heartbeatS)
  expect(Math.abs(Date.parse(answer.currentTime) - Date.now())).toBeLessThan(60_000)
  const { currentTime } = await station.send('Heartbeat', {})
  expect(Date.parse(currentTime)).toBeGreaterThanOrEqual(Date.parse(answer.currentTime))
  await expectShown(central, '/chargepoints/TC-001', { connection: { state: 'online' }, boot: { chargePointVendor: 'Conformance', chargePointModel: 'Scripted', firmwareVersion: '1.0.0' } })
  for (const id of [1, 2]) await expectShown(central, `/chargepoints/TC-001/connectors/${id}`, { status: 'Available', errorCode: 'NoError' })
})

test('TC_003_CSMS regular session, plugged in first: the transaction runs and is shown', async () => {
  const station = await central.booted('TC-003')
  await report(station, 1, 'Preparing')
  await authorise(station)
  const id = await start(station)
  await report(station, 1, 'Charging')
  await expectShown(central, `/transactions/${id}`, { id, clientID: 'TC-003', connectorId: 1, idTag: tags.valid, status: 'charging', meterStartWh: 1_000, stoppedAt: null })
  await expectShown(central, '/chargepoints/TC-003/connectors/1', { status: 'Charging', transactionId: id })
})

test('TC_004_1_CSMS regular session, identified first: the transaction runs and is shown', async () => {
  const station = await central.booted('TC-004-1')
  const id = await charge(station)
  await expectShown(central, `/transactions/${id}`, { clientID: 'TC-004-1', idTag: tags.valid, status: 'charging' })
})

test('TC_004_2_CSMS identified first, connection time-out: the connector is free again, nothing was started', async () => {
  const station = await central.booted('TC-004-2')
  await authorise(station)
  await report(station, 1, 'Preparing')
  await expectShown(central, '/chargepoints/TC-004-2/connectors/1', { status: 'Preparing' })
  await report(station, 1, 'Available')
  await expectShown(central, '/chargepoints/TC-004-2/connectors/1', { status: 'Available', transactionId: null })
  expect((await transactionsOf('TC-004-2'))).toEqual([])
})

test('TC_005_1_CSMS the car is unplugged: the transaction ends with EVDisconnected and the connector is free again', async () => {
  const station = await central.booted('TC-005-1')
  const id = await charge(station)
  await report(station, 1, 'SuspendedEV')
  await expectShown(central, `/transactions/${id}`, { stoppedAt: null })
  const { idTagInfo } = await stop(station, id, 'EVDisconnected', { idTag: tags.valid })
  expect(idTagInfo?.status).toBe('Accepted')
  await report(station, 1, 'Finishing')
  await report(station, 1, 'Available')
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'EVDisconnected', meterStopWh: 4_000, energyWh: 3_000 })
  await expectShown(central, '/chargepoints/TC-005-1/connectors/1', { status: 'Available', transactionId: null })
})

test('TC_007_CSMS a cached id tag starts without Authorize: the tag is checked again and accepted', async () => {
  const station = await central.booted('TC-007')
  await report(station, 1, 'Preparing')
  const id = await start(station, { idTag: tags.valid.toLowerCase() })
  await report(station, 1, 'Charging')
  await expectShown(central, `/transactions/${id}`, { clientID: 'TC-007', status: 'charging' })
})

test('TC_061_CSMS clear the authorisation cache: asked for, accepted, shown', async () => {
  const station = await central.booted('TC-061')
  const { request, command } = await central.operate(station, 'clear-cache', {}, { action: 'ClearCache', answer: { status: 'Accepted' } })
  expect(request).toEqual({})
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
})

test('TC_064_CSMS data transfer of a vendor that is not known: answered as the specification says, and recorded', async () => {
  const station = await central.booted('TC-064')
  expect(await station.send('DataTransfer', { vendorId: 'org.example.nobody', messageId: 'hello', data: 'a word' })).toEqual({ status: 'UnknownVendorId' })
  await expectShown(central, '/chargepoints/TC-064/data-transfers', { data: [{ vendorId: 'org.example.nobody', messageId: 'hello' }] })
})

async function transactionsOf(clientID: string): Promise<unknown[]> {
  return (await central.server.transactions()).filter((each) => each.clientID === clientID)
}
