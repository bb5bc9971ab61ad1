// Certification cases of triggered messages.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RequestOf } from '../../src/protocol/messages/index.ts'
import { expectShown, report, start, startCentral, stopCentral, type Central } from './central.ts'
import type { Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

type Requested = RequestOf<'TriggerMessage'>
const now = () => new Date().toISOString()

/** What the charge point sends once it has promised to. */
const sends: Readonly<Record<Exclude<Requested['requestedMessage'], 'BootNotification'>, (station: Station, transactionId: number) => Promise<unknown>>> = {
  MeterValues: (station, transactionId) => station.send('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: now(), sampledValue: [{ value: '1234', context: 'Trigger' }] }] }),
  Heartbeat: (station) => station.send('Heartbeat', {}),
  StatusNotification: (station) => station.send('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp: now() }),
  DiagnosticsStatusNotification: (station) => station.send('DiagnosticsStatusNotification', { status: 'Idle' }),
  FirmwareStatusNotification: (station) => station.send('FirmwareStatusNotification', { status: 'Idle' }),
}

test('TC_054_CSMS trigger messages: each is asked for, promised, and confirmed when it comes', async () => {
  const station = await central.booted('TC-054')
  const transactionId = await start(station, { timestamp: new Date(Date.now() - 300_000).toISOString() })
  await report(station, 1, 'Charging')
  const wanted: readonly Requested[] = [
    { requestedMessage: 'MeterValues', connectorId: 1 }, { requestedMessage: 'Heartbeat' }, { requestedMessage: 'StatusNotification', connectorId: 1 },
    { requestedMessage: 'DiagnosticsStatusNotification' }, { requestedMessage: 'FirmwareStatusNotification' },
  ]
  for (const body of wanted) {
    const { requestedMessage } = body
    const { request, command } = await central.operate(station, 'trigger-message', body, { action: 'TriggerMessage', answer: { status: 'Accepted' }, matches: (each) => each.requestedMessage === requestedMessage })
    expect(request).toEqual(body)
    expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
    if (requestedMessage === 'BootNotification') continue
    const confirmed = await sends[requestedMessage](station, transactionId)
    if (requestedMessage === 'Heartbeat') expect(confirmed).toHaveProperty('currentTime')
    else expect(confirmed).toEqual({})
  }
  await expectShown(central, `/transactions/${transactionId}`, { energyWh: 234 })
  // Errata 3.40: never for a boot that was accepted.
  const refused = await central.request('POST', '/chargepoints/TC-054/trigger-message', { requestedMessage: 'BootNotification' })
  expect(refused).toMatchObject({ status: 409, body: { code: 'boot-already-accepted' } })
})

test('TC_055_CSMS a triggered message is refused: shown as rejected', async () => {
  const station = await central.booted('TC-055')
  const body = { requestedMessage: 'MeterValues', connectorId: 1 } as const
  const { request, command } = await central.operate(station, 'trigger-message', body, { action: 'TriggerMessage', answer: { status: 'Rejected' } })
  expect(request).toEqual(body)
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'Rejected' } })
})
