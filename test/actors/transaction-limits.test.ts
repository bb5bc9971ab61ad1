// Transactions end at their limits, whatever happens on the way; and a clock that is off is told.
import { expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { openStand, meterValue, type Stand } from './family-stand.ts'
import { Peer } from './site-stand.ts'

let generation = 0

async function comes(stand: Stand, boot = true, script: Peer['script'] = () => ({ status: 'Accepted' })): Promise<Peer> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  peer.script = script
  stand.family.connected(peer)
  if (boot) await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
  await stand.clock.advance(1_000)
  return peer
}

function goes(stand: Stand, peer: Peer): void {
  peer.cut()
  stand.family.disconnected(peer, 1006)
}

const start = async (stand: Stand, peer: Peer, connectorId = 1) => {
  const { transactionId } = await stand.send('StartTransaction', { connectorId, idTag: 'TAG', meterStart: 1_000, timestamp: stand.iso() }, peer)
  await stand.clock.advance(1_000)
  return transactionId
}
const meter = (stand: Stand, peer: Peer, transactionId: number, energyWh: number, connectorId = 1) =>
  stand.send('MeterValues', { connectorId, transactionId, meterValue: [meterValue(stand.iso(), { energyWh })] }, peer)
const stops = (peer: Peer) => peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').map(({ payload }) => (payload as { transactionId: number }).transactionId)
const open = (settings: Settings) => openStand({ settings })

test('at its energy: once, with the reason told', async () => {
  const stand = await open({ transactionLimits: { energyWh: 2_000 } })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  for (const energyWh of [1_500, 2_900]) {
    await stand.clock.advance(600_000)
    await meter(stand, peer, id, energyWh)
  }
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(600_000)
  await meter(stand, peer, id, 3_000)
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([id])
  expect(stand.logged).toContain('a transaction has reached its limit and is stopped')
  expect(stand.events).toContainEqual(expect.objectContaining({ type: 'transaction.updated', connectorId: 1, data: expect.objectContaining({ id, limitReached: 'energyWh' }) }))
})

test('at its time, although nobody says anything', async () => {
  const stand = await open({ transactionLimits: { durationS: 3_600 } })
  const peer = await comes(stand)
  const id = await start(stand, peer)
  await stand.clock.advance(3_590_000)
  expect(stops(peer)).toEqual([])
  await stand.clock.advance(15_000)
  expect(stops(peer)).toEqual([id])
})

test('no limit, no stop', async () => {
  const stand = await open({})
  const peer = await comes(stand)
  await start(stand, peer)
  await stand.clock.advance(90 * 86_400_000)
  expect(stops(peer)).toEqual([])
})

test('over a restart, and for one that was away when its time came: when it is back', async () => {
  const before = await open({ transactionLimits: { durationS: 3_600 } })
  const away = await comes(before)
  const id = await start(before, away)
  goes(before, away)
  const stand = await before.restart({ crash: false })
  await stand.clock.advance(7_200_000)
  const peer = await comes(stand)
  await stand.clock.advance(1_000)
  expect(stops(peer)).toEqual([id])
})

test('one that refuses is asked again, five times and not for ever; one that has stopped is left alone', async () => {
  const stand = await open({ transactionLimits: { durationS: 60 } })
  const peer = await comes(stand, true, () => ({ status: 'Rejected' }))
  const id = await start(stand, peer)
  await stand.clock.advance(3_600_000)
  expect(stops(peer)).toEqual([id, id, id, id, id])
  await stand.send('StopTransaction', { transactionId: id, meterStop: 1_100, timestamp: stand.iso() }, peer)
  const next = await start(stand, peer)
  await stand.clock.advance(90_000)
  await stand.send('StopTransaction', { transactionId: next, meterStop: 1_200, timestamp: stand.iso() }, peer)
  await stand.clock.advance(3_600_000)
  expect(stops(peer).slice(5)).toEqual([next])
})

test('a clock further off than it may be is told, and no longer once it is right', async () => {
  const stand = await open({ clockSkewAlertS: 20 })
  const peer = await comes(stand)
  const status = (aheadMs: number) => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(aheadMs) }, peer)
  await status(15_000)
  expect([...stand.conditions]).toEqual([])
  await status(45_000)
  expect([...stand.conditions]).toEqual([['clock-skew', 'The clock of CP1 is 45 s ahead; its times are corrected by that. Check its time source.']])
  for (let turn = 0; turn < 10; turn++) {
    await stand.clock.advance(30_000)
    await status(0)
  }
  expect([...stand.conditions]).toEqual([])
})
