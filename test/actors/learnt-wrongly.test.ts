// What a charge point or its model taught wrongly does no harm: one moment of refusing, a lie, a maximum of before, an older transaction.
import { expect, test } from 'vitest'
import { givenQuirksSchema, entryID } from '../../src/actors/quirk-book.ts'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform, type ConformingPeer } from './conforming-peer.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { accept, Peer, type Script } from './site-stand.ts'

const purposeOf = (payload: Parameters<Script>[1]): string => payload.csChargingProfiles!.chargingProfilePurpose
const limitOf = (payload: Parameters<Script>[1]): number => payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit

function mayDraw({ memory, running }: ConformingPeer, clock: VirtualClock): number {
  return Math.min(32, ampsOf(memory.connectorRate(1, running.get(1) ?? null, clock.wall()), 3, 230), ampsOf(memory.wholeRate(clock.wall()), 3, 230))
}

async function plugIn(stand: HouseStand, peer: Peer, { running }: ConformingPeer): Promise<number> {
  const transactionId = await stand.start(peer)
  running.set(1, { transactionId, startedMs: stand.clock.wall() })
  return transactionId
}

function leave(stand: HouseStand, peer: Peer): void {
  peer.cut()
  stand.desk.disconnected(peer, 1006, 'cut')
}

async function comeBack(stand: HouseStand, clientID: string, script: Script, generation: number): Promise<Peer> {
  if (!(await stand.admit(clientID)).admitted) throw new Error('not admitted')
  const peer = new Peer(stand.clock, clientID, generation)
  peer.script = script
  stand.desk.connected(peer)
  return peer
}

test('one moment of refusing teaches nothing: the same goes out once more', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let rejects = 1
  const stand = await openHouse({ clock, sites: [{ fuseA: 16 }], chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1', (one) => { one.script = (action, payload) => (action === 'SetChargingProfile' && purposeOf(payload) === 'TxDefaultProfile' && rejects-- > 0 ? { status: 'Rejected' } : cp.script(action, payload)) })
  await clock.advance(20_000)
  expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0', 'TxDefaultProfile 1 0'])
  expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ pauseA: 0, from: 'default' })
})

test('a pause of 6 A is not handed on, and 0 is asked for again after a reconnect and after an hour', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let takesZero = false
  const script: Script = (action, payload) => (action === 'SetChargingProfile' && !takesZero && limitOf(payload) === 0 ? { status: 'Rejected' } : cp.script(action, payload))
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  const quirks = () => stand.house.chargePoint('CP1').value.quirks
  const reserved = () => stand.house.power('main').connectors.map(({ reservedA }) => reservedA)
  let peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(90_000)
  expect([quirks().pauseA, reserved()]).toEqual([6, [6]])
  expect(stand.house.quirks.list().map(({ value }) => value.pauseA)).toEqual([0])
  leave(stand, peer)
  peer = await comeBack(stand, 'CP1', script, 50)
  await clock.advance(20_000)
  expect(peer.profiles()).toEqual(['TxDefaultProfile 1 0'])
  expect([quirks().pauseA, reserved()]).toEqual([6, [6]])
  const from = peer.calls.length
  takesZero = true
  await clock.advance(3_600_000)
  expect(peer.profiles(from)).toEqual(['TxDefaultProfile 1 0'])
  await clock.advance(30_000)
  expect([quirks().pauseA, reserved(), mayDraw(cp, clock)]).toEqual([0, [0], 0])
})

test('a maximum of the last rung is lifted once limits stand elsewhere, however often that is refused at first', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  const given = givenQuirksSchema.parse({ vendor: 'Acme', model: 'One', ladder: 'max-0' })
  await stand.house.quirks.put(entryID(given), given, caller)
  let refuses = false
  const script: Script = (action, payload) => (refuses && action === 'SetChargingProfile' ? { status: 'Rejected' } : cp.script(action, payload))
  let peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(30_000)
  expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 0'])
  leave(stand, peer)
  refuses = true
  peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(240_000)
  expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ ladder: 'tx', from: 'own' })
  expect(peer.profiles()).not.toContain('ChargePointMaxProfile 0 32')
  refuses = false
  await clock.advance(240_000)
  await plugIn(stand, peer, cp)
  await clock.advance(120_000)
  expect(stand.house.power('main').connectors[0]).toMatchObject({ allocatedA: 32, confirmedA: 32 })
  expect(mayDraw(cp, clock)).toBe(32)
})

test('the maximum that was cleared along with the profiles of others is sent again', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let [clears, defaults] = [0, 0]
  const script: Script = (action, payload) => {
    if (action === 'ClearChargingProfile' && clears++ === 0) return 'hold'
    if (action === 'SetChargingProfile' && purposeOf(payload) === 'TxDefaultProfile' && defaults++ === 0) return 'hold'
    return cp.script(action, payload)
  }
  const stand = await openHouse({ clock, chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(7_000)
  leave(stand, peer)
  const again = await comeBack(stand, 'CP1', script, 50)
  await clock.advance(60_000)
  expect(again.calls.map(({ action }) => action)).toContain('ClearChargingProfile')
  expect(cp.memory.installed.map(({ profile }) => profile.chargingProfilePurpose).toSorted()).toEqual(['ChargePointMaxProfile', 'TxDefaultProfile'])
})

test('what one charge point says of its model serves nobody else, until a second one says the same', async () => {
  const clock = new VirtualClock()
  const maxOnly: Script = (action, payload) => (action === 'SetChargingProfile' && (purposeOf(payload) !== 'ChargePointMaxProfile' || limitOf(payload) > 31) ? { status: 'Rejected' } : accept(action, payload))
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: ['A', 'B', 'C', 'D'].map((id) => ({ id })) })
  const quirks = (id: string) => stand.house.chargePoint(id).value.quirks
  await stand.boot('A', (one) => { one.script = maxOnly })
  await clock.advance(300_000)
  expect(quirks('A')).toMatchObject({ ladder: 'max-0', from: 'own' })
  const honest = conform(clock)
  const peer = await stand.boot('B', (one) => { one.script = honest.script })
  await clock.advance(60_000)
  expect([quirks('B'), peer.profiles()]).toMatchObject([{ ladder: 'tx', from: 'default' }, ['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0']])
  await stand.boot('C', (one) => { one.script = maxOnly })
  await clock.advance(300_000)
  const fourth = await stand.boot('D', (one) => { one.script = maxOnly })
  await clock.advance(30_000)
  expect([quirks('D'), fourth.profiles()]).toMatchObject([{ ladder: 'max-0', from: 'model' }, ['ChargePointMaxProfile 0 0']])
  expect(stand.house.quirks.list().map(({ value }) => value)).toMatchObject([{ ladder: 'max-0', source: 'learnt' }])
})

test.each(['keeps', 'comes after 25 s', 'comes after a minute'])('profiles refused for a transaction that a power cut ended teach nothing (%s)', async (what) => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const stand = await openHouse({ clock, chargePoints: [{ id: 'CP1' }] })
  let peer = await stand.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(20_000)
  const id = await plugIn(stand, peer, cp)
  await clock.advance(20_000)
  leave(stand, peer)
  const endedAt = new Date(clock.wall()).toISOString()
  cp.running.clear()
  cp.memory.endTransaction(1)
  await clock.advance(60_000)
  peer = await stand.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(what === 'comes after 25 s' ? 25_000 : 60_000)
  if (what !== 'keeps') await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: endedAt, reason: 'PowerLoss' })
  await clock.advance(30_000)
  expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ ladder: 'tx', lease: true })
  expect(stand.house.quirks.list()[0]?.value).toMatchObject({ ladder: 'tx' })
})

test('a transaction whose stop says that it had ended before its profile was refused takes back what that taught, however late it comes', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const stand = await openHouse({ clock, chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(20_000)
  const id = await stand.start(peer)
  const endedAt = new Date(clock.wall()).toISOString()
  await clock.advance(60_000)
  expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ ladder: 'default' })
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: endedAt })
  await clock.advance(30_000)
  expect(stand.house.chargePoint('CP1').value.quirks).toMatchObject({ ladder: 'tx' })
})

test('a charge point that worked is not met by its model again: a level that another one said is not sent to it', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const script: Script = (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [] } : action === 'SetChargingProfile' && payload.csChargingProfiles!.stackLevel > 8 ? { status: 'Rejected' } : cp.script(action, payload))
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  let peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(60_000)
  const given = givenQuirksSchema.parse({ vendor: 'Acme', model: 'One', stackLevel: 9999 })
  await stand.house.quirks.put(entryID(given), given, caller)
  leave(stand, peer)
  cp.memory.clear({})
  peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(120_000)
  expect([...new Set(peer.calls.flatMap(({ payload }) => payload.csChargingProfiles?.stackLevel ?? []))]).toEqual([0])
  expect(mayDraw(cp, clock)).toBe(0)
})

test('a level of its model that a new one does not take is given up, down to 0', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const script: Script = (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [] } : action === 'SetChargingProfile' && payload.csChargingProfiles!.stackLevel > 0 ? { status: 'Rejected' } : cp.script(action, payload))
  const stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  const given = givenQuirksSchema.parse({ vendor: 'Acme', model: 'One', stackLevel: 9 })
  await stand.house.quirks.put(entryID(given), given, caller)
  await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(200_000)
  expect([stand.house.chargePoint('CP1').value.quirks.stackLevel, mayDraw(cp, clock)]).toEqual([0, 0])
})
