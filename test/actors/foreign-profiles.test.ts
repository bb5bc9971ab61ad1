// What others left at a charge point: cleared at the first contact before any profile of ours, and never when something of ours or of people stands.
import { describe, expect, test } from 'vitest'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { accept, pointOf, type Peer, type Script } from './site-stand.ts'

const actions = (peer: Peer, from = 0): string[] => peer.calls.slice(from).map(({ action }) => action).filter((action) => ['GetConfiguration', 'ClearChargingProfile', 'SetChargingProfile'].includes(action))
/** One that boots after it was spoken to is asked the same again. */
const once = (list: readonly string[]): string[] => list.filter((action, index) => action === 'SetChargingProfile' || action !== list[index - 1])
const clearing = (answer: ReturnType<Script>): Script => (action, payload) => (action === 'ClearChargingProfile' ? answer : accept(action, payload))

async function meet(script: Script = accept, options: HouseOptions = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], ...options })
  const peer = await stand.boot('CP1', (one) => { one.script = script })
  const reserved = () => stand.house.power('main').connectors[0]?.reservedA
  const again = async (one: Script = accept) => {
    const next = await stand.boot('CP1', (each) => { each.script = one })
    await stand.clock.advance(20_000)
    return next
  }
  const leave = (one: Peer): void => {
    one.cut()
    stand.desk.disconnected(one, 1006, '')
  }
  return { ...stand, peer, reserved, again, leave }
}

describe('at the first contact', () => {
  test('everything is cleared before the first profile, and the hardware counts until the fallback is confirmed', async () => {
    const { peer, clock, reserved, logged, house } = await meet()
    await clock.advance(250)
    expect(actions(peer)).toEqual(['GetConfiguration', 'ClearChargingProfile', 'SetChargingProfile'])
    expect(peer.calls[1]?.payload).toEqual({})
    expect(reserved()).toBe(32)
    await clock.advance(20_000)
    expect(reserved()).toBe(0)
    expect(logged).toContain('charging profiles that somebody else may have left there were cleared')
    expect(house.chargePoint('CP1').value.quirks).toMatchObject({ clearedForeign: true })
  })

  test.each<[string, ReturnType<Script>]>([
    ['Unknown', { status: 'Unknown' }], ['NotSupported', { error: 'NotSupported' }], ['InternalError', { error: 'InternalError' }],
  ])('%s is an answer: it is not asked again', async (_, answer) => {
    const { peer, clock, again, reserved } = await meet(clearing(answer))
    await clock.advance(20_000)
    expect(actions(peer)).toEqual(['GetConfiguration', 'ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
    expect(reserved()).toBe(0)
    expect(actions(await again())).not.toContain('ClearChargingProfile')
  })

  test('no answer holds nothing up for longer than 5 s, and is no reason to clear what stands by then', async () => {
    const { peer, clock, again } = await meet(clearing('hold'))
    await clock.advance(5_000)
    expect(actions(peer)).toEqual(['GetConfiguration', 'ClearChargingProfile'])
    await clock.advance(1_000)
    expect(actions(peer)).toEqual(['GetConfiguration', 'ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
    expect(actions(await again())).not.toContain('ClearChargingProfile')
  })

  test('a connection that ends before the answer: at the next one, before the first profile', async () => {
    const { peer, clock, again, leave } = await meet(clearing('hold'))
    await clock.advance(1_000)
    leave(peer)
    const next = await again()
    expect(once(actions(next))).toEqual(['ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
    leave(next)
    expect(actions(await again())).not.toContain('ClearChargingProfile')
  })

  test('a fallback that was never answered is cleared with the rest: its late Accepted counts for nothing', async () => {
    const { peer, clock, again, reserved } = await meet((action) => (action === 'GetConfiguration' ? accept(action, {}) : 'hold'))
    await clock.advance(40_000)
    const held = peer.calls.find(({ payload }) => payload.csChargingProfiles?.chargingProfilePurpose === 'TxDefaultProfile')
    expect(held).toBeDefined()
    const next = await again((action) => (action === 'SetChargingProfile' ? 'hold' : accept(action, {})))
    expect(actions(next)).toContain('ClearChargingProfile')
    peer.answer(held!)
    await clock.advance(1_000)
    expect(reserved()).toBe(32)
  })

  test('foreignProfiles: keep leaves them', async () => {
    const { peer, clock } = await meet(accept, { defaults: { foreignProfiles: 'keep' } })
    await clock.advance(20_000)
    expect(actions(peer)).toEqual(['GetConfiguration', 'SetChargingProfile', 'SetChargingProfile'])
    const own = await meet(accept, { chargePoints: [{ id: 'CP1', settings: { foreignProfiles: 'keep' } }] })
    await own.clock.advance(20_000)
    expect(actions(own.peer)).not.toContain('ClearChargingProfile')
  })

  test('a charge point that is left to itself is asked and told nothing', async () => {
    const { peer, clock } = await meet(accept, { chargePoints: [{ id: 'CP1', control: 'none' }] })
    await clock.advance(20_000)
    expect(actions(peer)).toEqual([])
  })

  test('nothing is cleared after a restart, nor where an older kwota has left its own', async () => {
    const stand = await meet()
    await stand.clock.advance(20_000)
    const after = await stand.restart()
    const peer = await after.boot('CP1')
    await after.clock.advance(20_000)
    expect(actions(peer)).not.toContain('ClearChargingProfile')
    const { scope } = after.directory.estate.sites.get('main')!
    // As 0.2.0 kept it.
    scope.put('learnt:CP1', { stackLevel: 8, maxA: 32, inUse: 8 })
    await scope.flush()
    const older = await after.restart()
    const again = await older.boot('CP1')
    await older.clock.advance(20_000)
    expect(actions(again)).not.toContain('ClearChargingProfile')
    expect(older.house.chargePoint('CP1').value.quirks).toMatchObject({ stackLevel: 8, unit: 'A', ladder: 'tx', from: 'default' })
  })
})

describe('met again', () => {
  test('deleted and added: as at the first contact', async () => {
    const { peer, clock, house, again, leave } = await meet()
    await clock.advance(20_000)
    leave(peer)
    await house.deleteChargePoint('CP1', caller)
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    expect(actions(await again())).toEqual(['GetConfiguration', 'ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
  })

  test('left to itself and taken over: what was confirmed before counts for nothing, and everything is cleared', async () => {
    const { clock, house, again, reserved } = await meet()
    await clock.advance(20_000)
    expect(reserved()).toBe(0)
    await house.putChargePoint(pointOf({ id: 'CP1', control: 'none' }), undefined, caller)
    const alone = await again()
    expect(actions(alone)).toEqual([])
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    await clock.advance(1_000)
    expect(reserved()).toBe(32)
    const next = await again()
    expect(once(actions(next))).toEqual(['ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile'])
    expect(reserved()).toBe(0)
  })

  test('profiles of people that stand are not cleared', async () => {
    const { clock, house, again, directory } = await meet(clearing('hold'))
    await clock.advance(2_000)
    const { scope } = directory.estate.sites.get('main')!
    scope.put('profiles:CP1', { v: 1, profiles: [{ connectorId: 1, status: 'Unknown', setAtMs: 0, commandId: 'cmd_1', profile: { chargingProfileId: 5, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 }] } } }] })
    expect(actions(await again())).not.toContain('ClearChargingProfile')
    expect(house.profiles.list('CP1').map(({ chargingProfile }) => chargingProfile.chargingProfileId)).toContain(5)
  })
})
