// The engine of a site over scripted charge points: commissioning, leases, and what a restart does.
import { describe, expect, test } from 'vitest'
import { accept, charging, openRoom, type Script } from './site-stand.ts'

const hold: Script = () => 'hold'
const caller = 'local'

describe('first contact', () => {
  test('GetConfiguration, ChargePointMaxProfile, TxDefaultProfile, and only then grants; top stack level, fixed ids', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }, { id: 2, maxA: 16 }] }] })
    plugIn('CP1', 7)
    const peer = connect('CP1')
    await clock.advance(2_000)
    expect(peer.calls.map(({ action }) => action).slice(0, 4)).toEqual(['GetConfiguration', 'SetChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
    expect(peer.profiles()[0]).toBe('ChargePointMaxProfile 0 48')
    expect(peer.profiles().filter((profile) => profile.startsWith('TxDefault'))).toEqual(['TxDefaultProfile 1 6', 'TxDefaultProfile 2 6'])
    expect(room.power().state).toBe('enforcing')
    await clock.advance(20_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
    const firstGrant = peer.profiles().findIndex((profile) => profile.startsWith('TxProfile'))
    expect(firstGrant).toBeGreaterThan(2)
    const profiles = peer.calls.flatMap(({ payload }) => payload.csChargingProfiles ?? [])
    expect(new Set(profiles.map(({ stackLevel }) => stackLevel))).toEqual(new Set([8]))
    expect(profiles.slice(0, 3).map(({ chargingProfileId }) => chargingProfileId - 1_000_000_000)).toEqual([0, 11, 21])
    expect(profiles.at(-1)).toMatchObject({ chargingProfileId: 1_000_000_012, transactionId: 7 })
  })

  test('no grant before the fallback is accepted', async () => {
    const { clock, connect, plugIn } = await openRoom()
    const peer = connect('CP1', true, (action, payload) => (action === 'SetChargingProfile' ? { status: 'Rejected' } : accept(action, payload)))
    plugIn('CP1', 7)
    await clock.advance(120_000)
    expect(peer.profiles().filter((profile) => profile.startsWith('TxProfile'))).toEqual([])
    expect(peer.profiles().filter((profile) => profile === 'TxDefaultProfile 1 0').length).toBeGreaterThan(1)
  })

  test('a charge point under control none is never told anything', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ chargePoints: [{ id: 'CP1', control: 'none' }] })
    const peer = connect('CP1')
    plugIn('CP1', 1)
    await clock.advance(60_000)
    expect(peer.calls).toEqual([])
    expect(room.power().connectors[0]).toMatchObject({ reservedA: 32, allocatedA: 32 })
  })

  test('a reboot: fallbacks go first again, before any grant', async () => {
    const { clock, room, gone, connect, one } = await charging()
    gone(one)
    await clock.advance(2_000)
    const back = connect('CP1', true)
    await clock.advance(1_000)
    expect(back.profiles().slice(0, 2)).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0'])
    expect(room.power().connectors[0]?.reservedA).toBe(32)
  })

  test('a mere reconnection of a charge point that keeps its profiles sends nothing', async () => {
    const { clock, gone, connect, one } = await charging()
    gone(one)
    await clock.advance(2_000)
    const back = connect('CP1', false)
    await clock.advance(10_000)
    expect(back.profiles()).toEqual([])
  })
})

describe('lease', () => {
  test('the profile steps down to the fallback when its lease ends; it is renewed at half-life with the same limit', async () => {
    const { clock, connect, plugIn } = await openRoom({ chargePoints: [{ id: 'CP1', fallbackA: 6 }], leaseMs: 600_000 })
    const peer = connect('CP1')
    await clock.advance(15_000)
    plugIn('CP1', 7)
    await clock.advance(1_000)
    const grant = peer.last()
    expect(grant.payload.csChargingProfiles?.chargingSchedule.chargingSchedulePeriod).toEqual([{ startPeriod: 0, limit: 32 }, { startPeriod: 4_200, limit: 6 }])
    const before = peer.calls.length
    await clock.advance(298_000)
    expect(peer.profiles(before)).toEqual([])
    await clock.advance(8_000)
    expect(peer.profiles(before)).toEqual(['TxProfile 1 32'])
    expect(peer.last().payload.csChargingProfiles?.chargingProfileId).toBe(grant.payload.csChargingProfiles?.chargingProfileId)
  })

  test('a grant at or below the fallback has no lease, and is not renewed', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ chargePoints: [{ id: 'CP1', fallbackA: 6 }], leaseMs: 600_000 })
    const peer = connect('CP1')
    await clock.advance(15_000)
    plugIn('CP1', 7)
    await clock.advance(20_000)
    await room.setGridLimit({ currentA: 6 }, caller)
    await clock.advance(20_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 6')
    expect(peer.calls.findLast(({ action }) => action === 'SetChargingProfile')?.payload.csChargingProfiles?.chargingSchedule.chargingSchedulePeriod).toEqual([{ startPeriod: 0, limit: 6 }])
    const count = peer.profiles().length
    await clock.advance(1_200_000)
    expect(peer.profiles().length).toBe(count)
  })

  test('renewals go on while the site is shedding', async () => {
    const { clock, connect, plugIn, room } = await openRoom({ site: { fuseA: 32 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2', connectors: [{ id: 1, maxA: 6 }] }], leaseMs: 600_000 })
    const peer = connect('CP1')
    const silent = connect('CP2')
    await clock.advance(20_000)
    plugIn('CP1', 7)
    plugIn('CP2', 8)
    await clock.advance(60_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 26')
    silent.script = hold
    await room.setGridLimit({ currentA: 30 }, caller)
    await clock.advance(1_000)
    const at = peer.profiles().length
    await clock.advance(600_000)
    expect(peer.profiles().length).toBeGreaterThan(at)
  })
})

describe('restart', () => {
  test('what was in flight is unknown and counts; the first message is the lowering, and nothing is raised blindly', async () => {
    const { room, clock, one, two, restart, fresh } = await charging()
    await room.setGridLimit({ currentA: 24 }, caller)
    await clock.advance(15_000)
    room.tellCar('CP2/1', { priority: 0, weight: 1, vehicleMaxA: 6, vehiclePhases: null, departureAt: null, energyNeededWh: null })
    one.script = hold
    await clock.advance(20_000)
    expect([fresh(one), fresh(two)]).toEqual([['TxProfile 1 12', 'TxProfile 1 18'], ['TxProfile 1 12', 'TxProfile 1 6']])
    await room.setGridLimit({ currentA: 20 }, caller)
    const again = await restart()
    expect(again.room.gridLimit().value.currentA).toBe(20)
    expect(again.room.power().connectors.map(({ reservedA, confirmedA }) => [reservedA, confirmedA])).toEqual([[18, 12], [6, 6]])
    const back = again.connect('CP1', false)
    const other = again.connect('CP2', false)
    await clock.advance(500)
    // 12 or 18 A: while 18 are too much, nothing between them, as that may be a raising.
    expect(back.profiles()).toEqual(['TxProfile 1 12'])
    await clock.advance(60_000)
    expect(back.profiles()).toEqual(['TxProfile 1 12', 'TxProfile 1 14'])
    expect(other.profiles()).toEqual([])
    expect(again.room.power()).toMatchObject({ state: 'enforced' })
    expect(again.room.power().connectors.map(({ reservedA }) => reservedA)).toEqual([14, 6])
  })

  test('while nobody is connected nothing can be sent, and everything stays reserved', async () => {
    const { restart, clock } = await charging()
    const again = await restart()
    await clock.advance(120_000)
    expect(again.room.power().connectors.map(({ reservedA, online }) => [reservedA, online])).toEqual([[32, false], [32, false]])
  })

  test('a late answer of the former process means nothing to the new one', async () => {
    const { room, clock, one, restart } = await charging()
    one.script = hold
    void room.setGridLimit({ currentA: 24 }, caller).catch(() => undefined)
    const lost = one.last()
    await clock.advance(500)
    const again = await restart()
    one.answer(lost)
    await clock.advance(100)
    expect(again.room.power().connectors[0]).toMatchObject({ confirmedA: 32, reservedA: 32 })
  })

  test('numbers of a new run are above all former ones', async () => {
    const first = await charging()
    const highest = Math.max(...['CP1/1', 'CP2/1'].map((key) => first.room.engine.books.row(key)?.tx.confirmed?.seq ?? 0))
    const again = await first.restart()
    const peer = again.connect('CP1', false)
    void again.room.setGridLimit({ currentA: 12 }, caller)
    await first.clock.advance(1_000)
    expect(peer.profiles().length).toBe(1)
    expect(again.room.engine.books.row('CP1/1')?.tx.confirmed?.seq).toBeGreaterThan(highest)
  })

  test('after stop() nothing leaves any more, whatever comes', async () => {
    const { room, clock, one, fresh, plugIn } = await charging()
    room.stop()
    room.stationBooted(one)
    room.stationOnline(one)
    plugIn('CP1', 9)
    await room.setGridLimit({ currentA: 6 }, caller)
    await clock.advance(60_000)
    expect(fresh(one)).toEqual([])
  })

  test('another process takes the site: raisings stop for lack of a store', async () => {
    const { store, clock, room, one, fresh } = await charging()
    await store.own('main')
    await expect(room.setGridLimit({ currentA: 60 }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    await clock.advance(1_000)
    const after = fresh(one).length
    await expect(room.setGridLimit(null, caller)).rejects.toMatchObject({ kind: 'store-down' })
    await clock.advance(120_000)
    expect(fresh(one).length).toBe(after)
  })
})
