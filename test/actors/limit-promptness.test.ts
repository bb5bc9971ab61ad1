// A limit that a reading brings a transaction to is seen with that reading, whatever was told of it shortly before, and wherever the reading comes from.
import { expect, test } from 'vitest'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'
import type { Settings } from '../../src/settings.ts'
import { openStand, meterValue, type Stand, type StandOptions } from './family-stand.ts'
import { Peer } from './site-stand.ts'

async function charging(settings: Settings, more: StandOptions = {}) {
  const stand = await openStand({ settings, ...more })
  const peer = new Peer(stand.clock, 'CP1', 1)
  peer.script = () => ({ status: 'Accepted' })
  stand.family.connected(peer)
  await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
  const { transactionId: id } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 1_000, timestamp: stand.iso() }, peer)
  await stand.clock.advance(1_000)
  const meter = (energyWh: number, connectorId = 1) => stand.send('MeterValues', { connectorId, transactionId: id, meterValue: [meterValue(stand.iso(), { energyWh })] }, peer)
  return { stand, peer, id, meter }
}
const stops = (peer: Peer) => peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').length
const warned = (stand: Stand) => stand.events.filter(({ type }) => type === 'transaction.warning').map(({ data }) => data['limit'])
const billing = () => ({ timezone: 'UTC', tariff: tariffVersionSchema.parse({ id: 'kwh', currency: 'EUR', perKWhMinor: 40, perSessionMinor: 20, version: 1 }) })
const withTag = (limits: NonNullable<Settings['transactionLimits']>): StandOptions => ({ policy: ['local'], idTags: [{ id: 'TAG', status: 'Accepted', limits }] })

test.each<[string, Settings, StandOptions, number]>([
  ['energy', { transactionLimits: { energyWh: 500 } }, {}, 500],
  ['energy of its tag', {}, withTag({ energyWh: 400 }), 400],
  ['cost', { transactionLimits: { costMinor: 32 } }, { billing }, 300],
])('%s: warned and stopped with the reading that says so, one a second', async (_, settings, more, limitWh) => {
  // When it is told of anyhow depends on its number: not at all three of them.
  for (const waitMs of [0, 3_000, 6_000]) {
    const { stand, peer, meter } = await charging(settings, more)
    await stand.clock.advance(waitMs)
    for (let wh = 5; wh < limitWh + 200 && stops(peer) === 0; wh += 5) {
      await meter(1_000 + wh)
      await stand.clock.advance(10)
      // The half unit by which an amount is rounded up.
      if (stops(peer) > 0) expect([wh <= limitWh, wh > limitWh - 15]).toEqual([true, true])
      if (wh > limitWh * 0.9) expect(warned(stand).length).toBe(1)
      await stand.clock.advance(990)
    }
    expect(stops(peer)).toBe(1)
  }
})

test.each([0, 2])('readings that come over connector %s: told within 10 s, and a limit is seen at once', async (connectorId) => {
  const { stand, peer, id, meter } = await charging({ transactionLimits: { energyWh: 3_000 } })
  for (const wh of [1_000, 2_000]) {
    await stand.clock.advance(600_000)
    await meter(1_000 + wh, connectorId)
    await stand.clock.advance(10_000)
    expect(stand.events.findLast(({ type }) => type === 'transaction.updated')).toMatchObject({ connectorId: 1, data: { id, energyWh: wh } })
  }
  await stand.clock.advance(600_000)
  await meter(4_000, connectorId)
  await stand.clock.advance(10)
  expect(stops(peer)).toBe(1)
})

test('what nothing limits is not looked at with its readings', async () => {
  const { stand, meter } = await charging({})
  await stand.clock.advance(600_000)
  const before = stand.clock.pending
  await meter(1_001)
  const after = stand.clock.pending
  for (let wh = 2; wh < 9; wh++) await meter(1_000 + wh)
  // One timer for what is told of it, none for each reading.
  expect([after - before, stand.clock.pending - after]).toEqual([1, 0])
})
