// Our part in certification cases that are written for charge points: booting, sessions, resets, losses of power and connection.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { authorise, boot, charge, expectShown, report, start, startCentral, stop, stopCentral, tags, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const bootRequest = { chargePointVendor: 'Conformance', chargePointModel: 'Scripted' }

test('TC_002_CS cold boot, pending: it may be configured but not started, is told to wait for anything else, and once accepted its next boot is', async () => {
  await central.enter('TC-002', { settings: { bootPolicy: 'pending' } })
  const station = await central.connect('TC-002')
  const answer = await station.send('BootNotification', bootRequest)
  expect(answer).toMatchObject({ status: 'Pending' })
  expect(answer.interval).toBeGreaterThan(0)
  await expect(station.send('StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })).rejects.toThrow(/SecurityError/)
  const keys = { key: ['HeartbeatInterval'] }
  const read = await central.operate(station, 'get-configuration', keys, { action: 'GetConfiguration', answer: { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '60' }] } })
  expect(read.command.status).toBe('accepted')
  const remote = await central.request('POST', '/chargepoints/TC-002/remote-start', { connectorId: 1, idTag: tags.valid })
  expect(remote).toMatchObject({ status: 409, body: { code: 'charge-point-pending' } })
  expect((await central.request('POST', '/lobby/TC-002/accept', {})).status).toBeLessThan(300)
  await station.leave()
  await boot(await central.connect('TC-002'))
  await expectShown(central, '/chargepoints/TC-002', { connection: { state: 'online' } })
})

test('TC_005_3_CS the car is unplugged and the session goes on: the same transaction, until it ends', async () => {
  const station = await central.booted('TC-005-3')
  const id = await charge(station)
  for (const status of ['SuspendedEV', 'Charging'] as const) {
    await report(station, 1, status)
    await expectShown(central, `/transactions/${id}`, { stoppedAt: null })
  }
  await stop(station, id, 'Local', { idTag: tags.valid })
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'Local' })
})

test('TC_015_CS hard reset during a session: its end is told after the boot and recorded with HardReset', async () => {
  const before = await central.booted('TC-015')
  const id = await charge(before)
  await central.operate(before, 'reset', { type: 'Hard' }, { action: 'Reset', answer: { status: 'Accepted' } })
  await before.vanish()
  const station = await central.connect('TC-015')
  await boot(station, { 0: 'Available', 1: 'Finishing', 2: 'Available' })
  await stop(station, id, 'HardReset', { timestamp: ago(1) })
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'HardReset' })
  await expectShown(central, '/chargepoints/TC-015/connectors/1', { status: 'Finishing', transactionId: null })
})

test('TC_016_CS soft reset during a session: it ends with SoftReset before the boot', async () => {
  const before = await central.booted('TC-016')
  const id = await charge(before)
  await central.operate(before, 'reset', { type: 'Soft' }, { action: 'Reset', answer: { status: 'Accepted' } })
  await stop(before, id, 'SoftReset')
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'SoftReset', energyWh: 3_000 })
  await before.leave()
  await boot(await central.connect('TC-016'))
  await expectShown(central, '/chargepoints/TC-016/connectors/1', { status: 'Available', transactionId: null })
})

test('TC_032_2_CS power failure, the end told later: recorded with PowerLoss at the time it happened', async () => {
  const before = await central.booted('TC-032-2')
  const id = await start(before, { timestamp: ago(30) })
  await before.vanish()
  const station = await central.connect('TC-032-2')
  await boot(station)
  const stoppedAt = ago(10)
  await stop(station, id, 'PowerLoss', { timestamp: stoppedAt })
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'PowerLoss', stoppedAt })
})

test('TC_034_CS power failure while out of service: still unavailable after the boot, until it is put into service', async () => {
  const before = await central.booted('TC-034')
  const change = (type: 'Inoperative' | 'Operative') => ({ connectorId: 1, type })
  await central.operate(before, 'change-availability', change('Inoperative'), { action: 'ChangeAvailability', answer: { status: 'Accepted' } })
  await report(before, 1, 'Unavailable')
  await before.vanish()
  const station = await central.connect('TC-034')
  await boot(station, { 0: 'Available', 1: 'Unavailable', 2: 'Available' })
  await expectShown(central, '/chargepoints/TC-034/connectors/1', { status: 'Unavailable' })
  const { command } = await central.operate(station, 'change-availability', change('Operative'), { action: 'ChangeAvailability', answer: { status: 'Scheduled' } })
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Scheduled' } })
  await report(station, 1, 'Available')
  await expectShown(central, '/chargepoints/TC-034/connectors/1', { status: 'Available' })
})

test('TC_036_CS connection lost during a session: it comes back without a boot, and the transaction has gone on', async () => {
  const before = await central.booted('TC-036')
  const id = await start(before, { timestamp: ago(30) })
  await report(before, 1, 'Charging')
  await before.vanish()
  const station = await central.connect('TC-036')
  for (const [minutes, value] of [[20, '2000'], [10, '3000']] as const) {
    expect(await station.send('MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: ago(minutes), sampledValue: [{ value }] }] })).toEqual({})
  }
  await expectShown(central, `/transactions/${id}`, { status: 'charging', stoppedAt: null, energyWh: 2_000 })
})

test('TC_037_2_CS started offline with an invalid id tag, and not ended for it: recorded, suspended, ended when the car leaves', async () => {
  await (await central.booted('TC-037-2')).vanish()
  const station = await central.connect('TC-037-2')
  const { idTagInfo, transactionId } = await station.send('StartTransaction', { connectorId: 1, idTag: tags.blocked, meterStart: 1_000, timestamp: ago(5) })
  expect(idTagInfo.status).toBe('Blocked')
  await report(station, 1, 'SuspendedEVSE')
  await expectShown(central, `/transactions/${transactionId}`, { stoppedAt: null })
  await stop(station, transactionId, 'EVDisconnected', { meterStop: 1_000 })
  await expectShown(central, `/transactions/${transactionId}`, { status: 'stopped', energyWh: 0 })
})

test('TC_038_CS ended offline: the end is recorded at the time it happened', async () => {
  const before = await central.booted('TC-038')
  const id = await start(before, { timestamp: ago(60) })
  await before.vanish()
  const station = await central.connect('TC-038')
  const stoppedAt = ago(15)
  const { idTagInfo } = await stop(station, id, 'Local', { idTag: tags.valid, timestamp: stoppedAt })
  expect(idTagInfo?.status).toBe('Accepted')
  await report(station, 1, 'Available')
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stoppedAt, energyWh: 3_000 })
})

test('TC_041_CS a fault and its end: both are shown', async () => {
  const station = await central.booted('TC-041')
  await report(station, 1, 'Faulted', 'GroundFailure')
  await expectShown(central, '/chargepoints/TC-041/connectors/1', { status: 'Faulted', errorCode: 'GroundFailure' })
  await report(station, 1, 'Available')
  await expectShown(central, '/chargepoints/TC-041/connectors/1', { status: 'Available', errorCode: 'NoError' })
})

test('TC_068_CS ended by the tag that started it: accepted', async () => {
  const station = await central.booted('TC-068')
  const id = await charge(station)
  expect((await stop(station, id, 'Local', { idTag: tags.valid })).idTagInfo?.status).toBe('Accepted')
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'Local', idTag: tags.valid })
})

test('TC_069_CS ended by another tag of the same parent: the answer says so, the transaction keeps its own tag', async () => {
  const station = await central.booted('TC-069')
  await authorise(station)
  const id = await start(station)
  expect((await station.send('Authorize', { idTag: tags.sibling })).idTagInfo).toMatchObject({ status: 'Accepted', parentIdTag: tags.parent })
  const { idTagInfo } = await stop(station, id, 'Local', { idTag: tags.sibling })
  expect(idTagInfo).toMatchObject({ status: 'Accepted', parentIdTag: tags.parent })
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', idTag: tags.valid })
})

/** Confirmed, and counted to the transaction. */
async function expectCounted(clientID: string, context: 'Sample.Periodic' | 'Sample.Clock'): Promise<void> {
  const station = await central.booted(clientID)
  const transactionId = await start(station, { timestamp: ago(30) })
  for (const [minutes, value] of [[20, '1500'], [10, '2000']] as const) {
    expect(await station.send('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: ago(minutes), sampledValue: [{ value, context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }] })).toEqual({})
  }
  await expectShown(central, `/transactions/${transactionId}`, { energyWh: 1_000 })
}

test('TC_070_CS sampled meter values: confirmed, and counted to the transaction', () => expectCounted('TC-070', 'Sample.Periodic'))

test('TC_071_CS clock-aligned meter values: confirmed, and counted to the transaction', () => expectCounted('TC-071', 'Sample.Clock'))
