// Certification cases of starting a session that is not allowed or that fails.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { authorise, expectShown, report, startCentral, stopCentral, tags, type Central } from './central.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

/** Authorize is refused; a start with that tag all the same gets the same answer, and is recorded. */
async function expectRefused(clientID: string, idTag: string, status: 'Invalid' | 'Expired' | 'Blocked'): Promise<void> {
  const station = await central.booted(clientID)
  expect((await station.send('Authorize', { idTag })).idTagInfo.status).toBe(status)
  await report(station, 1, 'Preparing')
  await report(station, 1, 'Available')
  expect((await central.server.transactions()).filter((each) => each.clientID === clientID)).toEqual([])
  const started = await station.send('StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp: new Date().toISOString() })
  expect(started.idTagInfo.status).toBe(status)
  await expectShown(central, `/transactions/${started.transactionId}`, { clientID, idTag })
}

test('TC_023_1_CSMS an id tag nobody knows: Invalid, also when it starts all the same', () => expectRefused('TC-023-1', tags.unknown, 'Invalid'))

test('TC_023_2_CSMS an expired id tag: Expired, also when it starts all the same', () => expectRefused('TC-023-2', tags.expired, 'Expired'))

test('TC_023_3_CSMS a blocked id tag: Blocked, also when it starts all the same', () => expectRefused('TC-023-3', tags.blocked, 'Blocked'))

test('TC_024_CSMS the connector lock fails: the fault is shown, nothing was started', async () => {
  const station = await central.booted('TC-024')
  await authorise(station)
  await report(station, 1, 'Preparing')
  await report(station, 1, 'Faulted', 'ConnectorLockFailure')
  await expectShown(central, '/chargepoints/TC-024/connectors/1', { status: 'Faulted', errorCode: 'ConnectorLockFailure', transactionId: null })
  expect((await central.server.transactions()).filter(({ clientID }) => clientID === 'TC-024')).toEqual([])
})
