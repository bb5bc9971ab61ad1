// The last thing a charger that disobeys is told: its transaction is ended by a command that people find among the others.
import { expect, test } from 'vitest'
import { meterValue } from './family-stand.ts'
import { charging } from './house-stand.ts'

test('a charger that goes on drawing 32 A is stopped by kwota, once, and stays everybody\'s alarm after its StopTransaction, until it has another firmware', async () => {
  const stand = await charging()
  const { clock, house, peer, id } = stand
  const { alerts, commands } = stand.directory.estate
  await house.setGridLimit('main', { currentA: 10 }, { name: 'tester', requestId: 'r1' })
  await clock.advance(20_000)
  for (let s = 0; s < 120; s += 10) {
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(new Date(clock.wall()).toISOString(), { currentA: 32 })] })
    await clock.advance(9_990)
  }
  const stops = peer.calls.filter(({ action }) => action === 'RemoteStopTransaction')
  expect(stops.map(({ payload }) => payload)).toEqual([{ transactionId: id }])
  const record = commands.views().find(({ action }) => action === 'RemoteStopTransaction')
  expect(record).toMatchObject({ clientID: 'CP1', status: 'accepted', createdBy: 'kwota', request: { transactionId: id } })
  const open = () => alerts.list().filter(({ code, resolvedAt }) => code === 'disobeying' && resolvedAt === null)
  expect(open().length).toBe(1)
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 1_000, timestamp: new Date(clock.wall()).toISOString() })
  await clock.advance(6_000)
  expect(open()).toMatchObject([{ clientID: 'CP1', connectorId: 1, message: 'CP1/1 drew 32 A whatever it was told; it counts 32 A, also without a car. Somebody must look at the charge point. That ends when a car draws just its limit for 30 s, one below 32 A and below what the car would take (a car that draws nothing proves nothing), or with a new firmware or a changed entry in the configuration.' }])
  const reserved = () => house.power('main').connectors[0]!.reservedA
  await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
  await clock.advance(6_000)
  expect([open().length, reserved()]).toEqual([1, 32])
  const boot = { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '2' }
  await stand.call(peer, 'BootNotification', boot)
  await clock.advance(6_000)
  expect([open(), reserved()]).toEqual([[], 0])
})
