// Ways in which too little could be reserved, each once found in review: restarts, reboots in doubt, clocks that step, meters that lie by omission.
import { describe, expect, test } from 'vitest'
import { accept, openRoom, type RoomStand, type Script } from './site-stand.ts'

const caller = 'local'
const hold: Script = () => 'hold'
const two = [{ id: 'CP1' }, { id: 'CP2' }]

async function bothCharging(fuseA: number) {
  const stand = await openRoom({ site: { fuseA }, chargePoints: two })
  const one = stand.connect('CP1')
  const other = stand.connect('CP2')
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(1_000)
  stand.plugIn('CP2', 2)
  await stand.clock.advance(60_000)
  return { ...stand, one, other }
}

function reserved(stand: RoomStand): number[] {
  return stand.room.power().connectors.map(({ reservedA }) => reservedA)
}

describe('a restart', () => {
  test('remembers who disobeyed: nobody is raised on amps that were still drawn', async () => {
    const stand = await bothCharging(48)
    await stand.room.setGridLimit({ currentA: 32 }, caller)
    for (let i = 0; i < 15; i++) {
      stand.sample('CP1', 24)
      stand.sample('CP2', 8)
      await stand.clock.advance(10_000)
    }
    // Both are counted at 1.05 times what they draw: the one that disobeys, and the one that had to give way to it.
    expect(reserved(stand)).toEqual([25.2, 8.4])
    const again = await stand.restart()
    const other = again.connect('CP2', false)
    await again.clock.advance(500)
    again.connect('CP1', false)
    await again.clock.advance(10_000)
    // It disobeys too, and is held down by its maximum again.
    expect(other.profiles()).toEqual(['ChargePointMaxProfile 0 6'])
    expect(reserved(again)).toEqual([25.2, 8.4])
  })

  test('begins the proof of an unproven lowering again, however long it was away', async () => {
    const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: two })
    stand.connect('CP1')
    stand.connect('CP2')
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 1)
    await stand.clock.advance(20_000)
    stand.sample('CP1', 32)
    stand.plugIn('CP2', 2)
    await stand.clock.advance(500)
    stand.sample('CP1', 32)
    stand.scope.abandon()
    stand.room.stop()
    await stand.clock.advance(20_000)
    const again = await stand.restart()
    again.connect('CP1', false)
    const other = again.connect('CP2', false)
    await again.clock.advance(4_000)
    again.sample('CP1', 32)
    await again.clock.advance(8_000)
    expect(other.profiles()).toEqual([])
    expect(reserved(again)[0]).toBe(32)
  })
})

test('a fallback in doubt is put back as it was: more than that is a raising, which waits for room and for the store', async () => {
  const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1', fallbackA: 10 }, { id: 'CP2' }] })
  const one = stand.connect('CP1')
  stand.connect('CP2')
  await stand.clock.advance(15_000)
  stand.plugIn('CP2', 2)
  await stand.clock.advance(30_000)
  await stand.room.setGridLimit({ currentA: 8 }, caller)
  await stand.clock.advance(30_000)
  stand.gone(one)
  await stand.room.setGridLimit(null, caller)
  await stand.clock.advance(100_000)
  stand.trouble.store = true
  const back = stand.connect('CP1', true)
  await stand.clock.advance(1_000)
  expect(back.profiles().filter((profile) => profile.startsWith('TxDefault'))).toEqual(['TxDefaultProfile 1 0'])
})

describe('the wall clock steps', () => {
  test.each([['back', -2 * 3_600_000], ['ahead', 2 * 3_600_000]])('%s by two hours: every profile is sent again, by the time charge points are set to', async (_, stepMs) => {
    const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1' }] })
    const peer = stand.connect('CP1')
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 1)
    await stand.clock.advance(20_000)
    const before = peer.calls.length
    stand.clock.jumpWall(stepMs)
    await stand.clock.advance(20_000)
    const again = peer.calls.slice(before).flatMap(({ payload }) => payload.csChargingProfiles ?? [])
    expect(again.map(({ chargingProfilePurpose }) => chargingProfilePurpose)).toEqual(expect.arrayContaining(['TxDefaultProfile', 'TxProfile']))
    for (const profile of again) expect(Date.parse(profile.chargingSchedule.startSchedule)).toBeLessThan(stand.clock.wall())
    const lease = again.findLast(({ chargingProfilePurpose }) => chargingProfilePurpose === 'TxProfile')!.chargingSchedule
    const endsAtMs = Date.parse(lease.startSchedule) + lease.chargingSchedulePeriod[1]!.startPeriod * 1_000
    expect(Math.abs(endsAtMs - stand.clock.wall() - 900_000)).toBeLessThan(30_000)
  })
})

test('a lease frees amps only where the clock of the charge point was measured and is right', async () => {
  const after = async (skewMs: number | null) => {
    const stand = await openRoom({ chargePoints: [{ id: 'CP1', obeysLease: true }] })
    const peer = stand.connect('CP1')
    if (skewMs !== null) stand.room.clockMeasured('CP1', skewMs)
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 1)
    await stand.clock.advance(20_000)
    stand.gone(peer)
    await stand.clock.advance(17 * 60_000)
    return reserved(stand)
  }
  expect(await after(null)).toEqual([32])
  expect(await after(7_200_000)).toEqual([32])
  expect(await after(-5_000)).toEqual([0])
})

test('what is measured overrides the phases a car was said to use', async () => {
  const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1' }] })
  stand.connect('CP1')
  await stand.clock.advance(15_000)
  stand.room.tellCar('CP1/1', { priority: 0, weight: 1, vehicleMaxA: 16, vehiclePhases: 1, departureAt: null, energyNeededWh: null })
  stand.plugIn('CP1', 1)
  await stand.clock.advance(20_000)
  expect(stand.room.power().circuits[0]!.reservedA).toEqual({ L1: 16, L2: 0, L3: 0 })
  stand.sample('CP1', 16)
  await stand.clock.advance(6_000)
  expect(stand.room.power().circuits[0]!.reservedA).toEqual({ L1: 16, L2: 16, L3: 16 })
})

test('a newer cut waits 5 s behind an unanswered profile of ours, not 30', async () => {
  const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1' }] })
  const peer = stand.connect('CP1')
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(20_000)
  peer.script = hold
  const before = peer.calls.length
  const fromMs = stand.clock.mono()
  await stand.room.setGridLimit({ currentA: 20 }, caller)
  await stand.clock.advance(1_000)
  await stand.room.setGridLimit({ currentA: 10 }, caller)
  await stand.clock.advance(10_000)
  const cuts = peer.calls.slice(before).filter(({ action }) => action === 'SetChargingProfile')
  expect(cuts.slice(0, 2).map((call) => call.payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit)).toEqual([20, 10])
  expect(cuts[1]!.atMs - fromMs).toBeLessThanOrEqual(5_100)
})

test('a renewal that went unanswered is tried again, also while the site sheds', async () => {
  const stand = await openRoom({ site: { fuseA: 32 }, chargePoints: two, leaseMs: 120_000 })
  const one = stand.connect('CP1')
  stand.connect('CP2')
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(5_000)
  one.script = hold
  await stand.clock.advance(100_000)
  one.script = accept
  const before = one.calls.length
  await stand.clock.advance(120_000)
  expect(one.profiles(before).filter((profile) => profile === 'TxProfile 1 32').length).toBeGreaterThan(0)
})
