// What a site has looked up for the readings of a connector is looked up again when it is another's.
import { expect, test } from 'vitest'
import { accept, charging, openRoom, type RoomStand } from './site-stand.ts'

const reads = ({ room, clock }: RoomStand, energyWh: number): void => room.sampled({ clientID: 'CP1', connectorId: 1, currentA: null, powerW: null, energyWh, voltageV: null, measuredAtMs: clock.wall(), receivedAtMs: clock.wall(), live: true })

test('the next transaction at a connector rests by its own readings', async () => {
  const stand = await charging()
  const { room, clock } = stand
  await room.setGridLimit({ currentA: 20 }, 'tester')
  await clock.advance(1_000)
  reads(stand, 1_000)
  room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 101 })
  await clock.advance(1_000)
  stand.plugIn('CP1', 201)
  await clock.advance(1_000)
  for (let s = 0; s <= 1_200; s += 60) {
    reads(stand, 1_000)
    await clock.advance(60_000)
  }
  expect(room.limitedOf(201)?.limitedS['grid-limit'] ?? 0).toBeLessThan(120)
})

test('how often it samples counts from when its charge point has said it', async () => {
  const stand = await openRoom()
  const script: typeof accept = (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }, { key: 'MeterValueSampleInterval', readonly: false, value: '60' }], unknownKey: [] } : accept(action, payload))
  const interval = async (): Promise<number | undefined> => {
    await stand.clock.advance(1_000)
    stand.sample('CP1', 0)
    return stand.room.engine.meters.readings.get('CP1/1')?.intervalMs
  }
  expect(await interval()).toBeUndefined()
  stand.connect('CP1', true, script)
  await stand.clock.advance(5_000)
  expect(await interval()).toBe(60_000)
})
