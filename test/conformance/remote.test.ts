// Certification cases of remote start and remote stop.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { authorise, charge, expectShown, report, start, startCentral, stop, stopCentral, tags, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const accepted = { status: 'accepted', response: { status: 'Accepted' }, error: null }
const startOnOne = { connectorId: 1, idTag: tags.valid }

test('TC_010_CSMS remote start, cable plugged in first: asked for the connector and the tag, then the transaction runs', async () => {
  const station = await central.booted('TC-010')
  await report(station, 1, 'Preparing')
  const { request, command } = await central.operate(station, 'remote-start', startOnOne, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  expect(request).toEqual(startOnOne)
  expect(command).toMatchObject(accepted)
  await authorise(station)
  const id = await start(station)
  await report(station, 1, 'Charging')
  await expectShown(central, `/transactions/${id}`, { clientID: 'TC-010', connectorId: 1, idTag: tags.valid, status: 'charging' })
})

test('TC_011_1_CSMS remote start first, cable after it: the transaction runs', async () => {
  const station = await central.booted('TC-011-1')
  const { request, command } = await central.operate(station, 'remote-start', startOnOne, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  expect(request).toEqual(startOnOne)
  expect(command).toMatchObject(accepted)
  const id = await charge(station)
  await expectShown(central, `/transactions/${id}`, { clientID: 'TC-011-1', status: 'charging' })
})

test('TC_011_2_CSMS remote start, no cable in time: the connector is free again and nothing was started', async () => {
  const station = await central.booted('TC-011-2')
  const { command } = await central.operate(station, 'remote-start', startOnOne, { action: 'RemoteStartTransaction', answer: { status: 'Accepted' } })
  expect(command).toMatchObject(accepted)
  await authorise(station)
  await report(station, 1, 'Preparing')
  await report(station, 1, 'Available')
  await expectShown(central, '/chargepoints/TC-011-2/connectors/1', { status: 'Available', transactionId: null })
  expect((await central.server.transactions()).filter(({ clientID }) => clientID === 'TC-011-2')).toEqual([])
})

test('TC_012_CSMS remote stop: asked for the transaction, which ends with Remote', async () => {
  const station = await central.booted('TC-012')
  const transactionId = await charge(station)
  const { request, command } = await central.operate(station, 'remote-stop', { transactionId }, { action: 'RemoteStopTransaction', answer: { status: 'Accepted' } })
  expect(request).toEqual({ transactionId })
  expect(command).toMatchObject(accepted)
  await stop(station, transactionId, 'Remote')
  await report(station, 1, 'Finishing')
  await report(station, 1, 'Available')
  await expectShown(central, `/transactions/${transactionId}`, { status: 'stopped', stopReason: 'Remote', energyWh: 3_000 })
  await expectShown(central, '/chargepoints/TC-012/connectors/1', { status: 'Available', transactionId: null })
})

test('TC_026_CSMS remote start rejected: shown as rejected, nothing was started', async () => {
  const station = await central.booted('TC-026')
  const { request, command } = await central.operate(station, 'remote-start', startOnOne, { action: 'RemoteStartTransaction', answer: { status: 'Rejected' } })
  expect(request).toEqual(startOnOne)
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'Rejected' }, error: null })
  expect((await central.server.transactions()).filter(({ clientID }) => clientID === 'TC-026')).toEqual([])
})

test('TC_028_CSMS remote stop of a transaction the charge point does not have: rejected, the running one goes on', async () => {
  const station = await central.booted('TC-028')
  const running = await charge(station)
  const transactionId = running === 1 ? 2 : 1
  const { request, command } = await central.operate(station, 'remote-stop', { transactionId }, { action: 'RemoteStopTransaction', answer: { status: 'Rejected' } })
  expect(request).toEqual({ transactionId })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'Rejected' } })
  await expectShown(central, `/transactions/${running}`, { status: 'charging', stoppedAt: null })
})
