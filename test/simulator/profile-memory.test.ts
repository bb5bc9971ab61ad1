// What a simulated charge point makes of its profiles: purposes, stacks, kinds, leases and refusals.
import { describe, expect, test } from 'vitest'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { compositeSchedule } from '../../src/simulator/composite.ts'
import { ampsOf, createProfileMemory, usualLimits } from '../../src/simulator/profile-memory.ts'

const t0 = Date.UTC(2026, 0, 1)
const iso = (seconds: number) => new Date(t0 + seconds * 1000).toISOString()
const running = { transactionId: 7, startedMs: t0 }

type Patch = Partial<Omit<ChargingProfile, 'chargingSchedule'>> & { schedule?: Partial<ChargingProfile['chargingSchedule']>; limit?: number }
let nextID = 1
function profile(patch: Patch): ChargingProfile {
  const { schedule, limit, ...rest } = patch
  return {
    chargingProfileId: nextID++, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...rest,
    chargingSchedule: { chargingRateUnit: 'A', startSchedule: iso(-3600), chargingSchedulePeriod: [{ startPeriod: 0, limit: limit ?? 16 }], ...schedule },
  }
}
const memoryWith = (...entries: [number, ChargingProfile][]) => {
  const memory = createProfileMemory({ ...usualLimits, connectors: 2 })
  for (const [connectorId, each] of entries) expect(memory.install(connectorId, each, running, t0)).toEqual({ accepted: true })
  return memory
}
const tx = (patch: Patch) => profile({ chargingProfilePurpose: 'TxProfile', transactionId: 7, ...patch })

describe('what rules', () => {
  test('nothing installed limits nothing', () => expect(memoryWith().connectorRate(1, running, t0)).toBeNull())
  test('a default for every connector, replaced where a connector has its own', () => {
    const memory = memoryWith([0, profile({ limit: 6 })], [2, profile({ limit: 20 })])
    expect(memory.connectorRate(1, null, t0)?.limit).toBe(6)
    expect(memory.connectorRate(2, null, t0)?.limit).toBe(20)
  })
  test('a TxProfile overrules the default, also upwards, for its transaction only', () => {
    const memory = memoryWith([1, profile({ limit: 6 })], [1, tx({ limit: 32 })])
    expect(memory.connectorRate(1, running, t0)?.limit).toBe(32)
    expect(memory.connectorRate(1, { ...running, transactionId: 8 }, t0)?.limit).toBe(6)
    memory.endTransaction(1)
    expect(memory.connectorRate(1, running, t0)?.limit).toBe(6)
  })
  test('the highest stack level rules, not the lowest limit', () => {
    const memory = memoryWith([1, tx({ stackLevel: 1, limit: 10 })], [1, tx({ stackLevel: 5, limit: 30 })])
    expect(memory.connectorRate(1, running, t0)?.limit).toBe(30)
  })
  test('when the top schedule is over, the next level shows', () => {
    const memory = memoryWith([1, tx({ stackLevel: 0, limit: 8 })], [1, tx({ stackLevel: 1, limit: 30, schedule: { duration: 3660 } })])
    expect(memory.connectorRate(1, running, t0 + 59_000)?.limit).toBe(30)
    expect(memory.connectorRate(1, running, t0 + 60_000)?.limit).toBe(8)
  })
  test('validTo is exclusive, validFrom inclusive', () => {
    const memory = memoryWith([1, tx({ validFrom: iso(10), validTo: iso(20), limit: 9 })])
    expect([9_999, 10_000, 19_999, 20_000].map((ms) => memory.connectorRate(1, running, t0 + ms)?.limit)).toEqual([undefined, 9, 9, undefined])
  })
  test('a lease steps down by itself', () => {
    const memory = memoryWith([1, tx({ schedule: { startSchedule: iso(-3600), chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 3600 + 900, limit: 6 }] } })])
    expect(memory.connectorRate(1, running, t0 + 899_000)?.limit).toBe(16)
    expect(memory.connectorRate(1, running, t0 + 900_000)?.limit).toBe(6)
  })
  test('relative counts from the start of the transaction', () => {
    const memory = memoryWith([1, tx({ chargingProfileKind: 'Relative', schedule: { startSchedule: undefined, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 60, limit: 12 }] } })])
    expect(memory.connectorRate(1, running, t0 + 59_000)?.limit).toBe(6)
    expect(memory.connectorRate(1, running, t0 + 61_000)?.limit).toBe(12)
  })
  test('daily repeats, also before its start', () => {
    const memory = memoryWith([1, profile({ chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', schedule: { startSchedule: iso(86_400), chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 3600, limit: 20 }] } })])
    expect([0, 3599, 3600, 86_400 * 3 + 10].map((s) => memory.connectorRate(1, null, t0 + s * 1000)?.limit)).toEqual([6, 6, 20, 6])
  })
  test('watts become amps over the phases in use', () => {
    expect(ampsOf({ unit: 'W', limit: 6900 }, 3, 230)).toBe(10)
    expect(ampsOf({ unit: 'W', limit: 6900 }, 1, 230)).toBe(30)
    expect(ampsOf(null, 3, 230)).toBe(Infinity)
  })
  test('the charge point maximum is its own', () => {
    const memory = memoryWith([0, profile({ chargingProfilePurpose: 'ChargePointMaxProfile', limit: 40 })])
    expect(memory.wholeRate(t0)?.limit).toBe(40)
    expect(memory.connectorRate(1, running, t0)).toBeNull()
  })
})

describe('what is taken', () => {
  test.each<[string, number, ChargingProfile, boolean]>([
    ['a TxProfile of another transaction', 1, tx({ transactionId: 8 }), false],
    ['a TxProfile without transaction id, for the one that runs', 1, tx({ transactionId: undefined }), true],
    ['a schedule without length', 1, profile({ schedule: { duration: 0 } }), false],
    ['over before it is valid', 1, profile({ validFrom: iso(60), validTo: iso(60) }), false],
    ['four phases', 1, profile({ schedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 6, numberPhases: 4 }] } }), false],
    ['a TxProfile on connector 0', 0, tx({}), false],
    ['a maximum on a connector', 1, profile({ chargingProfilePurpose: 'ChargePointMaxProfile' }), false],
    ['an unknown connector', 3, profile({}), false],
    ['a first period after 0', 1, profile({ schedule: { chargingSchedulePeriod: [{ startPeriod: 1, limit: 6 }] } }), false],
    ['periods that do not ascend', 1, profile({ schedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 0, limit: 7 }] } }), false],
    ['too high a stack level', 1, profile({ stackLevel: 101 }), false],
    ['recurring without a kind', 1, profile({ chargingProfileKind: 'Recurring' }), false],
    ['an honest default', 1, profile({}), true],
  ])('%s', (_title, connectorId, each, accepted) => {
    const memory = memoryWith([1, profile({ limit: 6 })])
    const before = memory.installed
    expect(memory.install(connectorId, each, running, t0).accepted).toBe(accepted)
    if (!accepted) expect(memory.installed).toEqual(before)
  })
  test('no TxProfile without a transaction', () => {
    expect(createProfileMemory({ ...usualLimits, connectors: 1 }).install(1, tx({}), null, t0).accepted).toBe(false)
  })
  test('same id or same place replaces', () => {
    const memory = memoryWith([1, tx({ chargingProfileId: 1, limit: 10 })], [1, tx({ chargingProfileId: 2, limit: 12 })])
    expect(memory.installed.map((each) => each.profile.chargingProfileId)).toEqual([2])
    memory.install(1, tx({ chargingProfileId: 2, stackLevel: 3, limit: 13 }), running, t0)
    expect(memory.installed).toHaveLength(1)
  })
  test('one id serves two connectors, but only one purpose and level, and not beside connector 0', () => {
    const memory = memoryWith([1, profile({ chargingProfileId: 1 })], [2, profile({ chargingProfileId: 1 })])
    expect(memory.installed.map((each) => each.connectorId)).toEqual([1, 2])
    memory.install(1, profile({ chargingProfileId: 1, stackLevel: 4 }), running, t0)
    expect(memory.installed.map((each) => each.connectorId)).toEqual([1])
    memory.install(0, profile({ chargingProfileId: 1, stackLevel: 4 }), running, t0)
    expect(memory.installed.map((each) => each.connectorId)).toEqual([0])
  })
  test('a full memory refuses', () => {
    const memory = createProfileMemory({ ...usualLimits, connectors: 1, maxInstalled: 2 })
    for (const stackLevel of [0, 1]) memory.install(1, profile({ stackLevel }), null, t0)
    expect(memory.install(1, profile({ stackLevel: 2 }), null, t0).accepted).toBe(false)
    expect(memory.install(1, profile({ stackLevel: 1 }), null, t0).accepted).toBe(true)
  })
  test.each([
    [{ id: 11, connectorId: 2 }, 1], [{ connectorId: 0 }, 1], [{ chargingProfilePurpose: 'TxProfile' as const }, 1],
    [{ connectorId: 1, stackLevel: 0 }, 1], [{}, 3], [{ stackLevel: 9 }, 0],
  ])('clear %j removes %i', (filter, removed) => {
    const memory = memoryWith([0, profile({ chargingProfileId: 10 })], [1, profile({ chargingProfileId: 11 })], [1, tx({ chargingProfileId: 12, stackLevel: 1 })])
    expect(memory.clear(filter)).toBe(removed)
    expect(memory.installed).toHaveLength(3 - removed)
  })
})

describe('composite schedule', () => {
  const connectors = [{ connectorId: 1, maxA: 32, running }, { connectorId: 2, maxA: 32, running: null }]
  const ask = (memory: ReturnType<typeof memoryWith>, connectorId: number, duration: number, chargingRateUnit?: 'A' | 'W') =>
    compositeSchedule(memory, connectors, { connectorId, duration, ...(chargingRateUnit === undefined ? {} : { chargingRateUnit }) }, t0, 230).chargingSchedule?.chargingSchedulePeriod
  const lease = tx({ schedule: { startSchedule: iso(-3600), chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 3660, limit: 6 }] } })

  test('shows the step of a lease', () => expect(ask(memoryWith([1, lease]), 1, 120)).toEqual([{ startPeriod: 0, limit: 16 }, { startPeriod: 60, limit: 6 }]))
  test('stays inside the window', () => expect(ask(memoryWith([1, lease]), 1, 60)).toEqual([{ startPeriod: 0, limit: 16 }]))
  test('what changes in its last second is not in it any more', () => {
    const late = tx({ schedule: { startSchedule: new Date(t0 + 500).toISOString(), chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 59, limit: 6 }] } })
    expect(ask(memoryWith([1, late]), 1, 60)).toEqual([{ startPeriod: 0, limit: 32 }, { startPeriod: 1, limit: 16 }])
    expect(ask(memoryWith([1, late]), 1, 61)).toHaveLength(3)
  })
  test('connector 0 is the sum, capped by the maximum', () => {
    expect(ask(memoryWith([0, profile({ limit: 10 })]), 0, 10)).toEqual([{ startPeriod: 0, limit: 20 }])
    expect(ask(memoryWith([0, profile({ limit: 10 })], [0, profile({ chargingProfilePurpose: 'ChargePointMaxProfile', limit: 12.5 })]), 0, 10)).toEqual([{ startPeriod: 0, limit: 12.5 }])
  })
  test('in watts', () => expect(ask(memoryWith([0, profile({ limit: 10 })]), 1, 10, 'W')).toEqual([{ startPeriod: 0, limit: 6900 }]))
  test('daily periods repeat in a long window', () => {
    const daily = profile({ chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', schedule: { startSchedule: iso(0), chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { startPeriod: 3600, limit: 20 }] } })
    expect(ask(memoryWith([0, daily]), 1, 2 * 86_400)).toEqual([
      { startPeriod: 0, limit: 6 }, { startPeriod: 3600, limit: 20 }, { startPeriod: 86_400, limit: 6 }, { startPeriod: 90_000, limit: 20 },
    ])
  })
})
