// What the house learns of charge points that refuse: found out once, kept over restarts, handed on to their model; never a storm.
import { describe, expect, test } from 'vitest'
import { openHouse, type HouseOptions } from './house-stand.ts'
import { accept, type Peer, type Profile, type Script } from './site-stand.ts'

type Refuse = (profile: NonNullable<Profile['csChargingProfiles']>, connectorId: number) => boolean
const refusing = (refuse: Refuse, status = 'Rejected'): Script => (action, payload) =>
  (action === 'SetChargingProfile' && refuse(payload.csChargingProfiles!, payload.connectorId!) ? { status } : accept(action, payload))
const limitOf = (profile: NonNullable<Profile['csChargingProfiles']>): number => profile.chargingSchedule.chargingSchedulePeriod[0]!.limit

const noTx = refusing((profile) => profile.chargingProfilePurpose === 'TxProfile')
const noZero = refusing((profile) => limitOf(profile) === 0)
const onlyZeroConnector = refusing((_, connectorId) => connectorId > 0)
const sets = (peer: Peer, from = 0): number => peer.profiles(from).length

async function meet(script: Script, options: HouseOptions = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }, { id: 'CP3' }], ...options })
  const peer = await stand.boot('CP1', (one) => { one.script = script })
  await stand.clock.advance(20_000)
  const quirks = (clientID = 'CP1') => stand.house.chargePoint(clientID).value.quirks
  return { ...stand, peer, quirks }
}

describe('a charge point that takes no TxProfile', () => {
  test('is asked once more and without the lease, then its TxDefaultProfile carries the grant; its model knows', async () => {
    const { peer, start, clock, quirks, house } = await meet(noTx)
    expect(quirks()).toMatchObject({ ladder: 'tx', from: 'default', stackLevel: 8 })
    const from = peer.calls.length
    await start(peer)
    await clock.advance(30_000)
    expect(peer.profiles(from)).toEqual(['TxProfile 1 32', 'TxProfile 1 32', 'TxProfile 1 32', 'TxDefaultProfile 1 32'])
    expect(quirks()).toMatchObject({ ladder: 'default', from: 'own', lease: true })
    expect(house.power('main').connectors.find(({ clientID }) => clientID === 'CP1')).toMatchObject({ allocatedA: 32, confirmedA: 32 })
    expect(house.quirks.list().map(({ value }) => value)).toMatchObject([{ vendor: 'Acme', model: 'One', firmware: '', ladder: 'default', source: 'learnt', seenOn: 1 }])
  })

  test('after a restart nothing is refused any more, nor at the third one of its model', async () => {
    const first = await meet(noTx)
    await first.start(first.peer)
    await first.clock.advance(30_000)
    const second = await first.boot('CP2', (one) => { one.script = noTx })
    await first.clock.advance(20_000)
    await first.start(second)
    await first.clock.advance(30_000)
    expect([first.quirks('CP2'), second.profiles().filter((one) => one.startsWith('TxProfile')).length]).toMatchObject([{ ladder: 'default', from: 'own' }, 3])
    const stand = await first.restart()
    const again = await stand.boot('CP1', (one) => { one.script = noTx })
    const other = await stand.boot('CP3', (one) => { one.script = noTx })
    await stand.clock.advance(20_000)
    await stand.start(other)
    await stand.clock.advance(120_000)
    for (const peer of [again, other]) expect(peer.profiles().filter((one) => one.startsWith('TxProfile'))).toEqual([])
    expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ ladder: 'default', from: 'own' })
    expect(stand.house.chargePoint('CP3').value.quirks).toMatchObject({ ladder: 'default', from: 'model' })
    expect(stand.house.quirks.list()[0]?.value).toMatchObject({ ladder: 'default', seenOn: 3 })
    expect(other.profiles().at(-1)).toMatch(/^TxDefaultProfile 1 /)
  })

  test('the end of its transaction within 10 s was the reason: everything is as before, and its model hears nothing', async () => {
    const { peer, start, call, clock, quirks, house } = await meet(noTx)
    const id = await start(peer)
    await clock.advance(4_000)
    expect(quirks()).toMatchObject({ ladder: 'default' })
    await call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(clock.wall()).toISOString() })
    await clock.advance(30_000)
    expect(quirks()).toMatchObject({ ladder: 'tx' })
    expect(house.quirks.list()[0]?.value).toMatchObject({ ladder: 'tx' })
  })

  test('the end of it later is not', async () => {
    const { peer, start, call, clock, quirks } = await meet(noTx)
    const id = await start(peer)
    await clock.advance(20_000)
    await call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(clock.wall()).toISOString() })
    await clock.advance(10_000)
    expect(quirks()).toMatchObject({ ladder: 'default' })
    expect(peer.profiles().at(-1)).toBe('TxDefaultProfile 1 0')
  })
})

test('a transaction that is noted late teaches nothing', async () => {
  let refused = 0
  const { peer, start, clock, quirks } = await meet(refusing((profile) => profile.chargingProfilePurpose === 'TxProfile' && ++refused === 1))
  const from = peer.calls.length
  await start(peer)
  await clock.advance(30_000)
  expect(peer.profiles(from)).toEqual(['TxProfile 1 32', 'TxProfile 1 32'])
  expect(quirks()).toMatchObject({ ladder: 'tx', lease: true, from: 'default' })
})

test('what takes no 0 is paused at 6 A, and the others give way', async () => {
  const { peer, clock, quirks, house, boot, start } = await meet(noZero, { sites: [{ fuseA: 20 }] })
  expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0', 'TxDefaultProfile 1 0', 'TxDefaultProfile 1 6', 'TxDefaultProfile 1 6'])
  expect(quirks()).toMatchObject({ pauseA: 6, unit: 'A', ladder: 'tx', from: 'own' })
  const other = await boot('CP2')
  await clock.advance(20_000)
  await start(other)
  await clock.advance(60_000)
  const of = (id: string) => house.power('main').connectors.find(({ clientID }) => clientID === id)
  expect([of('CP1')?.reservedA, of('CP2')?.allocatedA]).toEqual([6, 14])
})

test('two connectors of one that takes connector 0 only: those that wait for the answer go with it', async () => {
  const { peer, clock, quirks, house } = await meet(onlyZeroConnector, { chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }, { id: 3 }] }] })
  expect(quirks()).toMatchObject({ ladder: 'connector-0' })
  expect(peer.profiles().slice(-1)).toEqual(['TxDefaultProfile 0 0'])
  expect(house.power('main').connectors.map(({ reservedA }) => reservedA)).toEqual([0, 0, 0])
  const settled = sets(peer)
  await clock.advance(120_000)
  expect(sets(peer)).toBe(settled)
})

describe('who refuses everything', () => {
  test('is tried in rounds, one a minute, until there is nothing left to try; then once a minute, its hardware counted', async () => {
    const { peer, clock, house } = await meet(refusing(() => true))
    for (let minute = 0; minute < 8; minute++) {
      const from = peer.calls.length
      await clock.advance(60_000)
      expect(sets(peer, from)).toBeLessThanOrEqual(9)
    }
    const from = peer.calls.length
    await clock.advance(180_000)
    expect(sets(peer, from)).toBeLessThanOrEqual(4)
    expect(house.power('main').connectors.find(({ clientID }) => clientID === 'CP1')).toMatchObject({ reservedA: 32 })
    expect(house.chargePoint('CP1').value.quirks).toMatchObject({ unit: 'A', ladder: 'tx', from: 'default' })
    expect(house.quirks.list()).toEqual([])
  })

  test('because it does nothing of the kind is not negotiated with', async () => {
    for (const refusal of [refusing(() => true, 'NotSupported'), ((action, payload) => (action === 'SetChargingProfile' ? { error: 'NotImplemented' } : accept(action, payload))) as Script]) {
      const { peer, clock } = await meet(refusal)
      expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0'])
      await clock.advance(600_000)
      expect(sets(peer)).toBeLessThanOrEqual(13)
    }
  })

  test('although its model takes it: back to what the specification says', async () => {
    const { peer, clock, quirks, house, boot, start } = await meet(noTx)
    await start(peer)
    await clock.advance(30_000)
    expect(house.quirks.list()[0]?.value.ladder).toBe('default')
    const second = await boot('CP2', (one) => { one.script = noTx })
    await clock.advance(20_000)
    await start(second)
    await clock.advance(30_000)
    const other = await boot('CP3', (one) => { one.script = refusing(() => true) })
    await clock.advance(1_000)
    expect(quirks('CP3')).toMatchObject({ ladder: 'default', from: 'model' })
    await clock.advance(300_000)
    expect(quirks('CP3')).toMatchObject({ ladder: 'tx', from: 'own' })
    expect(other.profiles().length).toBeLessThan(40)
    expect(house.quirks.list()[0]?.value.ladder).toBe('default')
  })
})

test('a limit that is cut while its raising is negotiated is the last word', async () => {
  const { peer, start, clock, house } = await meet(noTx, { sites: [{ fuseA: 40 }] })
  await start(peer)
  await clock.advance(1_000)
  await house.setGridLimit('main', { currentA: 10 }, { name: 'anna', requestId: 'r' })
  // It goes down to nothing first: what it had before the raising. Then a minute of room.
  await clock.advance(90_000)
  const { allocatedA, confirmedA, reservedA } = house.power('main').connectors.find(({ clientID }) => clientID === 'CP1')!
  expect([allocatedA, confirmedA, reservedA]).toEqual([10, 10, 10])
  expect(peer.profiles().at(-1)).toBe('TxDefaultProfile 1 10')
})
