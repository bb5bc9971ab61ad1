// A charge point that does something else than its profiles say is noticed, told again once, and people hear of it.
import { describe, expect, test } from 'vitest'
import type { HouseOptions } from './house-stand.ts'
import { caller, openHouse } from './house-stand.ts'
import { ProfileKeeper } from './profile-keeper.ts'
import { Peer } from './site-stand.ts'

const hourMs = 3_600_000

async function met(options: HouseOptions = {}, prepare: (keeper: ProfileKeeper) => void = () => undefined) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }] }], profileCheckRestMs: 60_000, ...options })
  const keeper = new ProfileKeeper(stand.clock)
  prepare(keeper)
  const peer = await stand.boot('CP1', (one) => { one.script = keeper.script })
  await stand.clock.advance(5_000)
  return {
    ...stand, keeper, peer,
    open: () => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'profile-drift' && resolvedAt === null),
    checks: () => stand.house.profiles.checks('CP1'),
    asked: () => composites(peer).length,
    /** The car takes no more than that. */
    async patched(vehicleMaxA: number) {
      await stand.house.patchConnector('CP1', 1, { vehicleMaxA }, caller)
      await stand.clock.advance(1_000)
    },
    /** A car at connector 1, with its profile. */
    async charge() {
      keeper.running = await stand.start(peer)
      await stand.clock.advance(20_000)
    },
  }
}

function composites(peer: Peer) {
  return peer.calls.filter(({ action }) => action === 'GetCompositeSchedule')
}

describe('a charge point that does as it was told', () => {
  test('is asked a minute after its boot, for the hour to come, and then every hour; nobody hears of it', async () => {
    const stand = await met()
    await stand.charge()
    await stand.clock.advance(20_000)
    expect(stand.asked()).toBe(0)
    await stand.clock.advance(25_000)
    expect(composites(stand.peer).map(({ payload }) => payload)).toEqual([{ connectorId: 1, duration: 3600, chargingRateUnit: 'A' }])
    expect(stand.checks()).toMatchObject([{ connectorId: 1, matches: true, reason: null, differences: [] }])
    await stand.clock.advance(hourMs - 60_000)
    expect(stand.asked()).toBe(1)
    await stand.clock.advance(120_000)
    expect(stand.asked()).toBe(2)
    expect(stand.open()).toEqual([])
  })
  test('whose clock is 20 s ahead is no liar: its lease ends by that clock', async () => {
    const stand = await met({}, (keeper) => { keeper.aheadMs = 20_000 })
    await stand.call(stand.peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: new Date(stand.clock.wall() + 20_000).toISOString() })
    await stand.charge()
    await stand.clock.advance(60_000)
    expect(stand.keeper.stack.some(({ profile }) => profile.chargingSchedule.chargingSchedulePeriod.length === 2)).toBe(true)
    expect(stand.checks()).toMatchObject([{ matches: true, differences: [] }])
  })
  test('is asked as often as is set, and never where that is 0', async () => {
    const often = await met({ defaults: { profileCheckIntervalS: 120 } })
    await often.clock.advance(310_000)
    expect(often.asked()).toBe(3)
    const never = await met({ defaults: { profileCheckIntervalS: 0 } })
    await never.clock.advance(2 * hourMs)
    expect(never.asked()).toBe(0)
  })
})

describe('a charge point that forgot', () => {
  test('is told again what it lost, and the alert ends with the next check', async () => {
    const stand = await met()
    await stand.charge()
    stand.keeper.stack = []
    await stand.patched(16)
    stand.keeper.stack = []
    const before = stand.peer.calls.length
    await stand.clock.advance(50_000)
    expect(stand.open()).toMatchObject([{ severity: 'warning', siteID: 'main', clientID: 'CP1', connectorId: 1 }])
    expect(stand.open()[0]?.message).toMatch(/^CP1 says that connector 1 may have 32 A for \d+ s from 2\S+Z, where its profiles come to 16 A.* Its profiles are sent again\.$/)
    expect(stand.checks()).toMatchObject([{ matches: false, unit: 'A', differences: [{ startPeriod: 0, expected: 16, reported: 32 }, { expected: 0, reported: 32 }] }])
    expect(stand.peer.profiles(before)).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0', 'TxProfile 1 16'])
    await stand.clock.advance(60_000)
    expect(stand.open()).toEqual([])
    expect(stand.checks()).toMatchObject([{ matches: true }])
  })
  test('as it lost its connection: it is asked a minute after it is back, whatever its interval', async () => {
    const stand = await met()
    await stand.charge()
    await stand.clock.advance(60_000)
    expect(stand.asked()).toBe(1)
    stand.peer.cut()
    stand.desk.disconnected(stand.peer, 1006, 'gone')
    stand.keeper.stack = []
    await stand.clock.advance(5_000)
    const back = new Peer(stand.clock, 'CP1', 50)
    back.script = stand.keeper.script
    stand.desk.connected(back)
    await stand.clock.advance(75_000)
    expect(composites(back)).toHaveLength(1)
    expect(stand.keeper.stack.map(({ profile }) => profile.chargingProfilePurpose)).toEqual(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'])
  })
  test('while it has no car: its fallback stands again before one comes', async () => {
    const stand = await met()
    stand.keeper.stack = []
    await stand.clock.advance(70_000)
    expect(stand.keeper.stack.map(({ profile }) => profile.chargingProfilePurpose)).toEqual(['ChargePointMaxProfile', 'TxDefaultProfile'])
    await stand.clock.advance(60_000)
    expect(stand.checks()).toMatchObject([{ matches: true }])
    expect(stand.open()).toEqual([])
  })
})

describe('a profile of somebody else', () => {
  test('that allows more: told again once, then only the alert stands, until it is gone', async () => {
    const stand = await met()
    await stand.charge()
    await stand.patched(16)
    stand.keeper.plant(1, 25, 99)
    await stand.clock.advance(50_000)
    expect(stand.open()[0]?.message).toContain('may have 25 A')
    const told = stand.peer.calls.length
    await stand.clock.advance(60_000)
    expect(stand.asked()).toBe(2)
    expect(stand.open()[0]?.message).toContain('Sending its profiles again did not help')
    await stand.clock.advance(3 * hourMs)
    expect(stand.asked()).toBe(5)
    expect(stand.peer.profiles(told).filter((one) => one.startsWith('ChargePointMax'))).toEqual([])
    expect(stand.open()).toHaveLength(1)
    stand.keeper.stack = stand.keeper.stack.filter(({ profile }) => profile.chargingProfileId !== 77)
    await stand.clock.advance(hourMs + 60_000)
    expect(stand.open()).toEqual([])
  })
  test('that allows less: an alert, and nothing is sent for it', async () => {
    const stand = await met()
    await stand.charge()
    stand.keeper.plant(1, 0, 99)
    const before = stand.peer.calls.length
    await stand.clock.advance(50_000)
    expect(stand.open()[0]?.message).toMatch(/may have 0 A .* where its profiles come to 32 A.* If it has a limit of its own, enter it as maxA of the connector\.$/)
    expect(stand.peer.profiles(before)).toEqual([])
  })
  test('goes with the charge point', async () => {
    const stand = await met()
    stand.keeper.plant(1, 20, 99, 'TxDefaultProfile')
    await stand.clock.advance(130_000)
    expect(stand.open()).toHaveLength(1)
    await stand.house.deleteChargePoint('CP1', caller)
    await stand.clock.advance(10_000)
    expect(stand.open()).toEqual([])
  })
})

describe('what cannot be judged', () => {
  test.each(['NotSupported', 'NotImplemented'])('%s: not asked again before its next boot', async (error) => {
    const stand = await met({}, (keeper) => { Object.defineProperty(keeper, 'script', { value: (action: string) => (action === 'GetCompositeSchedule' ? { error } : { status: 'Accepted' }) }) })
    await stand.clock.advance(3 * hourMs)
    expect(stand.asked()).toBe(1)
    expect(stand.checks()).toEqual([])
    await stand.call(stand.peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    await stand.clock.advance(70_000)
    expect(stand.asked()).toBe(2)
    expect(stand.open()).toEqual([])
  })
  test('while an answer to a profile is outstanding it is not even asked; soon afterwards it is', async () => {
    const stand = await met()
    await stand.charge()
    const usual = stand.peer.script
    stand.peer.script = (action, payload) => (action === 'SetChargingProfile' ? 'hold' : usual(action, payload))
    await stand.house.patchConnector('CP1', 1, { vehicleMaxA: 16 }, caller)
    await stand.clock.advance(50_000)
    expect(stand.asked()).toBe(0)
    expect(stand.checks()).toMatchObject([{ matches: null, reason: 'an answer to one of its profiles is still to come' }])
    stand.peer.script = usual
    await stand.clock.advance(180_000)
    expect(stand.checks()).toMatchObject([{ matches: true }])
    expect(stand.open()).toEqual([])
  })
  test.each([
    ['rejected', { status: 'Rejected' }, 'it rejected the question'], ['no schedule', { status: 'Accepted' }, 'its answer holds no schedule of that time'],
    ['an error', { error: 'InternalError' }, 'it answered InternalError'],
  ])('%s: no alert', async (_, answer, reason) => {
    const stand = await met()
    const usual = stand.peer.script
    stand.peer.script = (action, payload) => (action === 'GetCompositeSchedule' ? answer : usual(action, payload))
    await stand.clock.advance(70_000)
    expect(stand.checks()).toMatchObject([{ connectorId: 1, matches: null, reason }])
    expect(stand.open()).toEqual([])
    await stand.clock.advance(hourMs / 2)
    expect(stand.asked()).toBe(4)
  })
  test('one that leaves TxDefaultProfiles out while nothing charges is alerted and told again once, and then believed', async () => {
    const stand = await met({}, (keeper) => { keeper.hidesDefault = true })
    await stand.clock.advance(70_000)
    const told = stand.peer.calls.length
    // It may as well have lost them: that is told.
    expect(stand.checks()).toMatchObject([{ matches: false }])
    expect(stand.open()).toHaveLength(1)
    await stand.clock.advance(60_000)
    expect(stand.checks()).toMatchObject([{ matches: null, reason: 'no transaction runs, and it may leave TxDefaultProfiles out then', differences: [{ startPeriod: 0 }] }])
    await stand.clock.advance(2 * hourMs)
    expect(stand.peer.profiles(told)).toEqual([])
    expect(stand.open()).toEqual([])
    expect(stand.house.alerts().filter(({ code }) => code === 'profile-drift')).toHaveLength(1)
  })
})

test('of a site one charge point is asked at a time, and none that kwota does not steer is told again', async () => {
  const ids = ['CP1', 'CP2', 'CP3']
  const stand = await openHouse({ chargePoints: ids.map((id) => ({ id, connectors: [{ id: 1 }], control: id === 'CP3' ? 'none' as const : 'engine' as const })), profileCheckRestMs: 60_000 })
  const peers: Peer[] = []
  for (const id of ids) {
    const keeper = new ProfileKeeper(stand.clock)
    if (id === 'CP3') keeper.plant(1, 10, 0, 'TxDefaultProfile')
    peers.push(await stand.boot(id, (one) => { one.script = (action, payload) => (action === 'GetCompositeSchedule' ? 'hold' : keeper.script(action, payload)) }))
  }
  await stand.clock.advance(70_000)
  expect(peers.map((peer) => composites(peer).length)).toEqual([1, 0, 0])
  await stand.clock.advance(30_000)
  expect(peers.map((peer) => composites(peer).length)).toEqual([1, 1, 0])
  await stand.clock.advance(30_000)
  expect(peers.map((peer) => composites(peer).length)).toEqual([1, 1, 1])
  expect(peers[2]?.profiles()).toEqual([])
})
