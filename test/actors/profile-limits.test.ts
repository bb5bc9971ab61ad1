// Charging profiles of people as limits of the engine: what the plan gives, what the charge point is told, what the site manager reads.
import { describe, expect, test } from 'vitest'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { accept, type Script } from './site-stand.ts'

interface Wish {
  readonly id?: number
  readonly level?: number
  readonly purpose?: ChargingProfile['chargingProfilePurpose']
  readonly unit?: 'A' | 'W'
  /** startPeriod → limit. */
  readonly periods: Readonly<Record<number, number>>
  readonly transactionId?: number
  readonly daily?: string
  readonly duration?: number
  readonly validTo?: string
}

function profile({ id = 7, level = 1, purpose = 'TxDefaultProfile', unit = 'A', periods, transactionId, daily, duration, validTo }: Wish): ChargingProfile {
  return {
    chargingProfileId: id, stackLevel: level, chargingProfilePurpose: purpose, ...(transactionId === undefined ? {} : { transactionId }), ...(validTo === undefined ? {} : { validTo }),
    ...(daily === undefined ? { chargingProfileKind: 'Relative' as const } : { chargingProfileKind: 'Recurring' as const, recurrencyKind: 'Daily' as const }),
    chargingSchedule: {
      chargingRateUnit: unit, ...(daily === undefined ? {} : { startSchedule: daily }), ...(duration === undefined ? {} : { duration }),
      chargingSchedulePeriod: Object.entries(periods).map(([startPeriod, limit]) => ({ startPeriod: Number(startPeriod), limit })),
    },
  }
}

/** Commissioned at 2024-05-01T10:00:40Z, nobody charges yet. */
async function depot(options: HouseOptions = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', connectors: [{ id: 1, maxA: 16 }] }], ...options })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(40_000)
  const { engine } = stand.directory.estate.sites.get('main')!.room
  let mark = peer.calls.length
  /** Profiles the engine has sent since the last time it was asked. */
  function told(): string[] {
    const fresh = peer.calls.slice(mark).filter(({ payload }) => (payload.csChargingProfiles?.chargingProfileId ?? 0) >= 1_000_000_000)
    mark = peer.calls.length
    return fresh.map(({ payload }) => `${payload.csChargingProfiles!.chargingProfilePurpose} ${payload.connectorId} ${payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit}`)
  }
  async function ask(action: 'SetChargingProfile' | 'ClearChargingProfile', body: object, waitMs = 3_000): Promise<string> {
    const asked = stand.house.commands.issue('CP1', action, body, { waitMs: 2_000 }, caller).then(({ status }) => status as string, (error: unknown) => (error instanceof Error ? error.message : String(error)))
    await stand.clock.advance(waitMs)
    return asked
  }
  const set = (wish: Wish, connectorId = 1) => ask('SetChargingProfile', { connectorId, csChargingProfiles: profile(wish) })
  const clear = (id = 7) => ask('ClearChargingProfile', { id })
  async function start(connectorId = 1): Promise<number> {
    const answer = await stand.call(peer, 'StartTransaction', { connectorId, idTag: `TAG${connectorId}`, meterStart: 0, timestamp: new Date(stand.clock.wall()).toISOString() })
    await stand.clock.advance(15_000)
    return (answer as { transactionId: number }).transactionId
  }
  const stop = (transactionId: number) => stand.call(peer, 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
  const of = (connectorId = 1) => stand.house.allocation('CP1', connectorId)
  const amps = (connectorId = 1) => of(connectorId).allocatedA
  const until = async (time: string) => stand.clock.advance(Date.parse(`2024-05-01T${time}Z`) - stand.clock.wall())
  return { ...stand, peer, engine, told, set, clear, start, stop, of, amps, until }
}

const lastRow = (rows: readonly { readonly id: string }[], id: string) => rows.find((row) => row.id === id)

describe('a TxDefaultProfile of people', () => {
  test('lowers the car at once by the engine\'s TxProfile, and lets it rise when it is cleared', async () => {
    const { set, clear, start, of, amps, told, clock, house } = await depot()
    await start()
    expect([amps(), told()]).toEqual([16, ['TxProfile 1 16']])
    expect(await set({ periods: { 0: 10 } })).toBe('accepted')
    expect(told()).toEqual(['TxProfile 1 10'])
    await clock.advance(20_000)
    expect(of()).toMatchObject({ allocatedA: 10, requestedA: 10, confirmedA: 10, reservedA: 10, binding: 'profile:7', summary: '10 A: charging profile 7 allows no more.' })
    expect(lastRow(of().constraints, 'profile:7')).toEqual({ id: 'profile:7', limitA: 10, state: 'binding' })
    expect(house.connector('CP1', 1).power.binding).toBe('profile:7')
    expect(await clear()).toBe('accepted')
    await clock.advance(30_000)
    expect([amps(), told(), of().binding]).toEqual([16, ['TxProfile 1 16'], 'hardware'])
  })
  test('below the minimum is a pause, which starves nobody', async () => {
    const { set, start, of, told, engine, clear, clock } = await depot()
    await start()
    told()
    await set({ periods: { 0: 4 } })
    expect(told()).toEqual(['TxProfile 1 0'])
    expect(of()).toMatchObject({ allocatedA: 0, requestedA: 4, binding: 'profile:7', summary: expect.stringContaining('0 A: charging profile 7 allows 4 A, less than the 6 A a car needs.') as string })
    await clock.advance(30_000)
    expect(engine.books.row('CP1/1')!.starvedSinceMs).toBeNull()
    await clear()
    await clock.advance(90_000)
    expect(told()).toEqual(['TxProfile 1 16'])
  })
  test('bounds the fallback of an idle connector too', async () => {
    const { set, clear, of, told, clock } = await depot({ chargePoints: [{ id: 'CP1', fallbackA: 10, connectors: [{ id: 1, maxA: 16 }] }] })
    told()
    await set({ periods: { 0: 8 } })
    expect(told()).toEqual(['TxDefaultProfile 1 8'])
    expect(of()).toMatchObject({ allocatedA: 8, binding: 'profile:7', summary: 'No car is charging; 8 A are set as its fallback: charging profile 7 allows no more.' })
    await set({ periods: { 0: 5 } })
    expect(told()).toEqual(['TxDefaultProfile 1 0'])
    await clear()
    await clock.advance(70_000)
    expect(told()).toEqual(['TxDefaultProfile 1 10'])
    expect(of().binding).toBe('profile')
  })
  test('that is daily lowers at its boundary and not before, and says until when', async () => {
    const { set, start, of, amps, told, until, clock } = await depot({ sites: [{ timezone: 'Europe/Berlin' }] })
    await start()
    await set({ daily: '2024-04-01T10:30:00Z', duration: 1_800, periods: { 0: 12, 600: 8 } })
    told()
    await until('10:29:59')
    expect([amps(), new Set(told()), lastRow(of().constraints, 'profile:7')]).toEqual([16, new Set(['TxProfile 1 16']), undefined])
    await clock.advance(1_200)
    expect(told()).toEqual(['TxProfile 1 12'])
    await clock.advance(20_000)
    expect(of().summary).toBe('12 A: charging profile 7 allows no more until 12:40.')
    expect(lastRow(of().constraints, 'profile:7')).toEqual({ id: 'profile:7', limitA: 12, state: 'binding', until: '2024-05-01T10:40:00.000Z' })
    await until('10:40:00')
    await clock.advance(200)
    expect(told().at(-1)).toBe('TxProfile 1 8')
    await until('11:00:00')
    await clock.advance(20_000)
    expect([amps(), told().at(-1)]).toEqual([16, 'TxProfile 1 16'])
  })
  test('on connector 0 bounds each connector, unless one has its own', async () => {
    const { set, start, amps } = await depot({ chargePoints: [{ id: 'CP1', connectors: [{ id: 1, maxA: 16 }, { id: 2, maxA: 16 }] }] })
    await start(1)
    await start(2)
    await set({ periods: { 0: 8 } }, 0)
    await set({ id: 8, periods: { 0: 12 } }, 2)
    expect([amps(1), amps(2)]).toEqual([8, 12])
  })
  test('in watts is shared over the phases the car is known to use', async () => {
    const { set, start, amps, house, clock } = await depot()
    await start()
    await set({ unit: 'W', periods: { 0: 4_600 } })
    expect(amps()).toBe(6)
    await house.patchConnector('CP1', 1, { vehiclePhases: 2 }, caller)
    await clock.advance(6_000)
    expect(amps()).toBe(10)
  })
  test('that does not bind is a limit among the others', async () => {
    const { set, start, of, house, clock } = await depot()
    await start()
    await set({ periods: { 0: 12 } })
    void house.setGridLimit('main', { currentA: 9 }, caller)
    await clock.advance(1_000)
    expect(of()).toMatchObject({ allocatedA: 9, requestedA: 12, binding: 'grid-limit' })
    expect(lastRow(of().constraints, 'profile:7')).toEqual({ id: 'profile:7', limitA: 12, state: 'ok' })
  })
})

describe('a TxProfile of people', () => {
  test('rules over their TxDefaultProfile, and goes with its transaction', async () => {
    const { set, start, stop, amps, of } = await depot()
    const transactionId = await start()
    await set({ id: 3, periods: { 0: 8 } })
    await set({ id: 4, purpose: 'TxProfile', transactionId, periods: { 0: 7 } })
    expect([amps(), of().binding]).toEqual([7, 'profile:4'])
    await stop(transactionId)
    await start()
    expect([amps(), of().binding]).toEqual([8, 'profile:3'])
  })
})

describe('a ChargePointMaxProfile of people', () => {
  const two: HouseOptions = { chargePoints: [{ id: 'CP1', connectors: [{ id: 1, maxA: 16 }, { id: 2, maxA: 16 }] }, { id: 'CP2', connectors: [{ id: 1, maxA: 16 }] }] }
  test('bounds all its connectors together, and no circuit is called so', async () => {
    const { set, clear, start, amps, of, house, clock } = await depot(two)
    await start(1)
    await start(2)
    expect([amps(1), amps(2)]).toEqual([16, 16])
    await set({ purpose: 'ChargePointMaxProfile', periods: { 0: 20 } }, 0)
    expect([amps(1), amps(2)]).toEqual([10, 10])
    await clock.advance(30_000)
    expect(of(1)).toMatchObject({ binding: 'profile:7', confirmedA: 10, reservedA: 10, summary: '10 A: charging profile 7 allows the whole charge point 20 A, shared by 2 cars.' })
    expect(lastRow(of(1).constraints, 'profile:7')).toMatchObject({ limitA: 20, shareA: 10, state: 'binding' })
    const power = house.power('main')
    expect(power.circuits.map(({ id }) => id)).toEqual(['main'])
    expect(power.connectors.map(({ circuit }) => circuit)).toEqual([null, null, null])
    expect(power.state).toBe('enforced')
    await clear()
    await clock.advance(30_000)
    expect([amps(1), amps(2)]).toEqual([16, 16])
  })
  test('in watts bounds their sum, whatever their phases', async () => {
    const { set, start, amps, of, house, clock } = await depot(two)
    await start(1)
    await start(2)
    await house.patchConnector('CP1', 1, { vehiclePhases: 1 }, caller)
    await set({ purpose: 'ChargePointMaxProfile', unit: 'W', periods: { 0: 9_200 } }, 0)
    await clock.advance(6_000)
    expect([amps(1), amps(2)]).toEqual([10, 10])
    expect(of(1)).toMatchObject({ binding: 'profile:7', summary: expect.stringContaining('10 A: charging profile 7 allows the whole charge point 9200 W, shared by 2 cars.') as string })
  })
  test('that cannot be had is no alarm of the site: no fuse is in danger', async () => {
    const { set, start, house, clock, desk, peer, alerts } = await depot(two).then((stand) => ({ ...stand, alerts: () => stand.house.alerts().map(({ code }) => code) }))
    await clock.advance(60_000)
    await start(1)
    peer.script = (action, payload) => (payload.csChargingProfiles?.chargingProfilePurpose === 'TxProfile' ? 'hold' : accept(action, payload))
    await set({ purpose: 'ChargePointMaxProfile', periods: { 0: 6 } }, 0)
    peer.cut()
    desk.disconnected(peer, 1006, 'cut')
    await clock.advance(60_000)
    expect(house.power('main').state).not.toBe('unenforceable')
    expect(alerts()).not.toContain('over-limit')
    expect(alerts()).not.toContain('unenforceable')
  })
})

describe('what counts', () => {
  const answer = (status: string | 'hold'): Script => (action, payload) => ((payload.csChargingProfiles?.chargingProfileId ?? 1e9) >= 1_000_000_000 ? accept(action, payload) : status === 'hold' ? 'hold' : { status })
  test.each([['Rejected', 16], ['NotSupported', 16], ['Accepted', 10], ['hold', 10]])('a profile that was answered with %s leaves %i A', async (status, expected) => {
    const { set, start, amps, peer, clock } = await depot()
    await start()
    peer.script = answer(status)
    await set({ periods: { 0: 10 } })
    await clock.advance(90_000)
    expect(amps()).toBe(expected)
  })
  test('the lower one, while it is not known which of two stands', async () => {
    const { set, start, amps, peer, clock } = await depot()
    await start()
    await set({ periods: { 0: 8 } })
    peer.script = answer('hold')
    await set({ periods: { 0: 12 } })
    expect(amps()).toBe(8)
    peer.answer(peer.calls.findLast(({ payload }) => payload.csChargingProfiles?.chargingProfileId === 7)!)
    await clock.advance(30_000)
    expect(amps()).toBe(12)
  })
  test('after a restart of kwota as well', async () => {
    const { set, start, restart } = await depot()
    await start()
    await set({ periods: { 0: 10 } })
    const again = await restart()
    await again.boot('CP1')
    await again.clock.advance(40_000)
    expect(again.house.allocation('CP1', 1)).toMatchObject({ allocatedA: 10, binding: 'profile:7' })
  })
  test('nothing of what stands at a charge point the engine does not steer', async () => {
    const { set, of } = await depot({ chargePoints: [{ id: 'CP1', control: 'none', connectors: [{ id: 1, maxA: 16 }] }] })
    await set({ periods: { 0: 10 } })
    expect(of()).toMatchObject({ allocatedA: 16, binding: 'hardware' })
  })
})
