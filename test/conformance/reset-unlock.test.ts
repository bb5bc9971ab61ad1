// Certification cases of resets and of unlocking connectors.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { boot, charge, expectShown, report, startCentral, stop, stopCentral, type Central } from './central.ts'
import type { Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

/** Asked for and accepted; it goes, comes back and boots. */
async function expectReset(before: Station, type: 'Hard' | 'Soft', lastWords: () => Promise<unknown> = () => Promise.resolve()): Promise<Station> {
  const { request, command } = await central.operate(before, 'reset', { type }, { action: 'Reset', answer: { status: 'Accepted' } })
  expect(request).toEqual({ type })
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  await lastWords()
  await before.vanish()
  const station = await central.connect(before.id)
  await boot(station)
  await expectShown(central, `/chargepoints/${before.id}`, { connection: { state: 'online' } })
  for (const id of [1, 2]) await expectShown(central, `/chargepoints/${before.id}/connectors/${id}`, { status: 'Available', transactionId: null })
  return station
}

test('TC_013_CSMS hard reset: asked for and accepted, it boots again and is available', async () => {
  await expectReset(await central.booted('TC-013'), 'Hard')
})

test('TC_014_CSMS soft reset: asked for and accepted, it boots again and is available', async () => {
  await expectReset(await central.booted('TC-014'), 'Soft')
})

const unlockOne = { connectorId: 1 }

test('TC_017_1_CSMS unlock without a session, cable not fixed: unlocked', async () => {
  const station = await central.booted('TC-017-1')
  const { request, command } = await central.operate(station, 'unlock-connector', unlockOne, { action: 'UnlockConnector', answer: { status: 'Unlocked' } })
  expect(request).toEqual(unlockOne)
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Unlocked' } })
})

test('TC_017_2_CSMS unlock without a session, fixed cable: shown as not supported', async () => {
  const station = await central.booted('TC-017-2')
  const { request, command } = await central.operate(station, 'unlock-connector', unlockOne, { action: 'UnlockConnector', answer: { status: 'NotSupported' } })
  expect(request).toEqual(unlockOne)
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'NotSupported' } })
})

test('TC_018_1_CSMS unlock during a session: unlocked, and the transaction ends with UnlockCommand', async () => {
  const station = await central.booted('TC-018-1')
  const transactionId = await charge(station)
  const { request, command } = await central.operate(station, 'unlock-connector', unlockOne, { action: 'UnlockConnector', answer: { status: 'Unlocked' } })
  expect(request).toEqual(unlockOne)
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Unlocked' } })
  await report(station, 1, 'Finishing')
  await stop(station, transactionId, 'UnlockCommand')
  await report(station, 1, 'Available')
  await expectShown(central, `/transactions/${transactionId}`, { status: 'stopped', stopReason: 'UnlockCommand' })
  await expectShown(central, '/chargepoints/TC-018-1/connectors/1', { status: 'Available', transactionId: null })
})

test('TC_030_CSMS unlock fails: shown as rejected with UnlockFailed', async () => {
  const station = await central.booted('TC-030')
  const { command } = await central.operate(station, 'unlock-connector', unlockOne, { action: 'UnlockConnector', answer: { status: 'UnlockFailed' } })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'UnlockFailed' } })
})

test('TC_031_CSMS unlock a connector that neither side knows: passed on, shown as not supported', async () => {
  const station = await central.booted('TC-031')
  const { request, command } = await central.operate(station, 'unlock-connector', { connectorId: 99 }, { action: 'UnlockConnector', answer: { status: 'NotSupported' } })
  expect(request).toEqual({ connectorId: 99 })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'NotSupported' } })
})
