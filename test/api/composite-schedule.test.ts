// What REST makes of a charge point's own word on its plans: an answer in its own way, one that cannot be had, one beside a profile nobody answered.
import { expect, test } from 'vitest'
import { conform, profile } from '../actors/conforming-peer.ts'
import { openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const connector = { clientID: 'CP1', connectorID: '1' }

async function unsteered() {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', control: 'none', connectors: [{ id: 1 }] }] })
  const point = conform(stand.clock)
  const peer = await stand.boot('CP1')
  peer.script = point.script
  await stand.clock.advance(40_000)
  return { stand, peer, ask: askOf(stand), ...point }
}

test.each<[string, readonly object[]]>([['no period', []], ['-1', [{ startPeriod: 0, limit: -1 }]]])('%s means that nothing limits', async (_title, chargingSchedulePeriod) => {
  const { peer, ask, script } = await unsteered()
  peer.script = (action, payload) => (action === 'GetCompositeSchedule' ? { status: 'Accepted', chargingSchedule: { duration: 3_600, chargingRateUnit: 'A', chargingSchedulePeriod } } : script(action, payload))
  expect((await ask('getCompositeSchedule', { params: connector })).json).toMatchObject({ reported: { status: 'Accepted', chargingSchedule: { chargingSchedulePeriod } }, matches: true, differences: [] })
  await ask('createChargingProfile', { params: { clientID: 'CP1' }, json: { connectorId: 1, chargingProfile: profile() }, waitS: 10 })
  expect((await ask('getCompositeSchedule', { params: connector })).json).toMatchObject({ matches: false, differences: [{ startPeriod: 0, durationS: 3_600, expected: 6, reported: null }] })
})

test('a charge point that is away cannot be asked, and the hint says what can', async () => {
  const { stand, peer, ask } = await unsteered()
  peer.cut()
  stand.desk.disconnected(peer, 1006, 'gone')
  for (const query of [{}, { source: 'reported' }]) {
    await expect(ask('getCompositeSchedule', { params: connector, query })).rejects.toMatchObject({ kind: 'conflict', code: 'charge-point-offline', hint: expect.stringContaining('source=expected') as string })
  }
  expect((await ask('getCompositeSchedule', { params: connector, query: { source: 'expected' } })).status).toBe(200)
})

test('a profile that was never answered may stand or not: the answer is right with it and without', async () => {
  for (const stands of [true, false]) {
    const { peer, ask, script } = await unsteered()
    peer.script = (action, payload) => {
      if (action !== 'SetChargingProfile') return script(action, payload)
      if (stands) script(action, payload)
      return 'hold'
    }
    await ask('createChargingProfile', { params: { clientID: 'CP1' }, json: { connectorId: 1, chargingProfile: profile() }, waitS: 50 })
    expect((await ask('getCompositeSchedule', { params: connector })).json).toMatchObject({ reported: { status: 'Accepted' }, matches: true, differences: [] })
  }
})
