// Certification cases of power failure and of what a charge point tells afterwards about its time without connection.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { boot, charge, expectShown, report, start, startCentral, stop, stopCentral, tags, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

test('TC_032_1_CSMS power failure, configured to stop the transaction: after the boot it ends with PowerLoss', async () => {
  const before = await central.booted('TC-032-1')
  const id = await charge(before)
  await before.vanish()
  const station = await central.connect('TC-032-1')
  await boot(station, { 0: 'Available', 1: 'Finishing', 2: 'Available' })
  const { idTagInfo } = await stop(station, id, 'PowerLoss', { idTag: tags.valid })
  expect(idTagInfo?.status).toBe('Accepted')
  await expectShown(central, `/transactions/${id}`, { status: 'stopped', stopReason: 'PowerLoss', energyWh: 3_000 })
  await expectShown(central, '/chargepoints/TC-032-1/connectors/1', { status: 'Finishing', transactionId: null })
  await report(station, 1, 'Available')
})

test('TC_037_1_CSMS started offline with a valid id tag: accepted late, recorded at the time it happened', async () => {
  await (await central.booted('TC-037-1')).vanish()
  const station = await central.connect('TC-037-1')
  const startedAt = ago(10)
  const id = await start(station, { timestamp: startedAt })
  await report(station, 1, 'Charging')
  await expectShown(central, `/transactions/${id}`, { clientID: 'TC-037-1', startedAt, status: 'charging', stoppedAt: null })
  await expectShown(central, '/chargepoints/TC-037-1/connectors/1', { status: 'Charging', transactionId: id })
})

test('TC_037_3_CSMS started offline with an invalid id tag: Invalid, yet recorded, and its end with DeAuthorized is taken', async () => {
  await (await central.booted('TC-037-3')).vanish()
  const station = await central.connect('TC-037-3')
  const startedAt = ago(10)
  const { idTagInfo, transactionId } = await station.send('StartTransaction', { connectorId: 1, idTag: tags.unknown, meterStart: 1_000, timestamp: startedAt })
  expect(idTagInfo.status).toBe('Invalid')
  expect(transactionId).toBeGreaterThan(0)
  await report(station, 1, 'Charging')
  await stop(station, transactionId, 'DeAuthorized', { meterStop: 1_010 })
  await report(station, 1, 'Finishing')
  await expectShown(central, `/transactions/${transactionId}`, { idTag: tags.unknown, startedAt, status: 'stopped', stopReason: 'DeAuthorized', energyWh: 10 })
  await expectShown(central, '/chargepoints/TC-037-3/connectors/1', { status: 'Finishing', transactionId: null })
})

test('TC_039_CSMS a whole transaction offline: start and end are recorded at their times, and the connector is not taken', async () => {
  await (await central.booted('TC-039')).vanish()
  const station = await central.connect('TC-039')
  const [startedAt, stoppedAt] = [ago(40), ago(5)]
  const id = await start(station, { timestamp: startedAt })
  expect(await station.send('MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: ago(20), sampledValue: [{ value: '2500' }] }] })).toEqual({})
  const { idTagInfo } = await stop(station, id, 'Local', { idTag: tags.valid, timestamp: stoppedAt })
  expect(idTagInfo?.status).toBe('Accepted')
  await expectShown(central, `/transactions/${id}`, { startedAt, stoppedAt, status: 'stopped', stopReason: 'Local', meterStartWh: 1_000, meterStopWh: 4_000, energyWh: 3_000 })
  await expectShown(central, '/chargepoints/TC-039/connectors/1', { status: 'Available', transactionId: null })
  expect((await central.server.transactions()).filter(({ clientID }) => clientID === 'TC-039')).toHaveLength(1)
})
