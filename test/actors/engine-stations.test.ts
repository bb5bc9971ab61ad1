// Who is there, as the site sees it: present or not, gone for good, and told again how its rows stand.
import { expect, test } from 'vitest'
import { caller, openHouse } from './house-stand.ts'
import { openRoom, Peer, pointOf } from './site-stand.ts'

test('a charge point that is not steered is shown as online while it is connected', async () => {
  const { clock, room, connect, gone } = await openRoom({ chargePoints: [{ id: 'CP1', control: 'none' }] })
  expect(room.power().connectors[0]).toMatchObject({ online: false })
  const peer = connect('CP1')
  expect(room.power().connectors[0]).toMatchObject({ online: true })
  gone(peer)
  await clock.advance(100)
  expect(room.power().connectors[0]).toMatchObject({ online: false })
})

test('while a boot waits for its answer nobody is told anything, and nobody gives way for it yet', async () => {
  const { clock, room, connect, plugIn } = await openRoom({ site: { fuseA: 40 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const one = connect('CP1')
  await clock.advance(15_000)
  plugIn('CP1', 101)
  await clock.advance(20_000)
  const before = one.calls.length
  const two = new Peer(clock, 'CP2')
  room.stationBooted(two)
  await clock.advance(2_000)
  expect(room.power().connectors).toMatchObject([{ reservedA: 32 }, { reservedA: 32, online: true }])
  expect([one.profiles(before), two.calls]).toEqual([[], []])
  room.stationOnline(two)
  await clock.advance(1_000)
  expect([one.profiles(before), two.profiles()]).toEqual([[], ['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0']])
})

test('nothing that was learnt of a deleted charge point is believed of the next one with its name', async () => {
  const { clock, house, boot } = await openHouse({ chargePoints: [] })
  await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
  const first = await boot('CP1')
  await clock.advance(2_000)
  expect(first.calls[0]?.action).toBe('GetConfiguration')
  await house.deleteChargePoint('CP1', caller)
  await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
  const second = await boot('CP1')
  await clock.advance(2_000)
  expect(second.calls[0]?.action).toBe('GetConfiguration')
})

test('a charge point that comes back is told how its rows stand, changed or not', async () => {
  const { clock, connect, gone, mirrored } = await openRoom({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const peer = connect('CP1')
  connect('CP2')
  await clock.advance(20_000)
  expect([...mirrored].sort()).toEqual([['CP1/1', 'settled'], ['CP2/1', 'settled']])
  mirrored.clear()
  gone(peer)
  connect('CP1', false)
  await clock.advance(1_000)
  expect([...mirrored]).toEqual([['CP1/1', 'settled']])
})
