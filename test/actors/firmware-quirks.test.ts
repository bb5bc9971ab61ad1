// A charge point that says it is another model or firmware begins again, with what that has taught or as is usual, once nothing runs there.
import { expect, test } from 'vitest'
import { entryID, givenQuirksSchema } from '../../src/actors/quirk-book.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { accept, type Peer, type Script } from './site-stand.ts'

const noTx: Script = (action, payload) => (action === 'SetChargingProfile' && payload.csChargingProfiles!.chargingProfilePurpose === 'TxProfile' ? { status: 'Rejected' } : accept(action, payload))

async function give(house: HouseStand['house'], quirks: object): Promise<string> {
  const given = givenQuirksSchema.parse({ vendor: 'Acme', model: 'One', firmware: '2.0', ...quirks })
  await house.quirks.put(entryID(given), given, caller)
  return entryID(given)
}

/** CP1 has learnt that it takes no TxProfile; its transaction runs. */
async function learnt(options: HouseOptions = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], ...options })
  const peer = await stand.boot('CP1', (one) => { one.script = noTx })
  await stand.clock.advance(20_000)
  const id = await stand.start(peer)
  await stand.clock.advance(30_000)
  const quirks = () => stand.house.chargePoint('CP1').value.quirks
  expect(quirks()).toMatchObject({ ladder: 'default', from: 'own' })
  const row = () => stand.house.power('main').connectors.find(({ clientID }) => clientID === 'CP1')
  const update = async (one: Peer, firmwareVersion: string) => {
    one.script = accept
    await stand.call(one, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion })
    await stand.clock.advance(60)
  }
  const stop = () => stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
  return { ...stand, peer, id, quirks, row, update, stop }
}

test('the usual quirks, its stack level asked anew; what it held counts until it is lowered', async () => {
  const { clock, peer, quirks, update, stop, start, row } = await learnt()
  await stop()
  await clock.advance(30_000)
  const from = peer.calls.length
  await update(peer, '2.0')
  expect(quirks()).toMatchObject({ ladder: 'tx', from: 'default', stackLevel: 8 })
  await clock.advance(30_000)
  expect(peer.calls.slice(from).map(({ action }) => action)).toContain('GetConfiguration')
  await start(peer)
  await clock.advance(30_000)
  expect(peer.profiles(from).at(-1)).toMatch(/^TxProfile 1 32/)
  expect(row()).toMatchObject({ confirmedA: 32 })
  const { length } = peer.calls
  await update(peer, '2.0')
  expect(quirks()).toMatchObject({ ladder: 'tx' })
  expect(peer.calls.slice(length).map(({ action }) => action)).not.toContain('GetConfiguration')
})

test('the same firmware again, or a boot that names no model, is no news', async () => {
  const { clock, peer, quirks, stop, call } = await learnt()
  await stop()
  await clock.advance(30_000)
  await call(peer, 'BootNotification', { chargePointVendor: 'ACME', chargePointModel: 'One' })
  await clock.advance(30_000)
  await call(peer, 'BootNotification', { chargePointVendor: '', chargePointModel: '' })
  await clock.advance(30_000)
  expect(quirks()).toMatchObject({ ladder: 'default', from: 'own' })
})

test('what people have given for the new firmware', async () => {
  const { house, clock, peer, quirks, update, stop } = await learnt()
  const id = await give(house, { ladder: 'default', unit: 'W', stackLevel: 3 })
  await stop()
  await clock.advance(30_000)
  await update(peer, '2.0')
  expect(quirks()).toMatchObject({ ladder: 'default', unit: 'W', from: 'model', model: id })
})

test('not while a transaction runs: a TxProfile would take no order any more on another rung', async () => {
  const { house, clock, peer, quirks, update } = await learnt()
  await give(house, { ladder: 'connector-0' })
  await update(peer, '2.0')
  await clock.advance(30_000)
  expect(quirks()).toMatchObject({ ladder: 'default', from: 'own' })
})
