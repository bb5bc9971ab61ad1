// What a running transaction has reached of its limits, what is near, and when to look again.
import { describe, expect, test } from 'vitest'
import { energyToGo, limitState, lowestLimits, type Counted, type SessionLimits } from '../../src/sessions/session-limits.ts'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
const tariff = (rates: Record<string, unknown>) => tariffVersionSchema.parse({ id: 't', currency: 'EUR', version: 1, ...rates })
const counted = (energyWh: number, amountMinor: number | null = null, rates: Record<string, unknown> = {}): Counted => ({
  startedAtMs: 0, energyMWh: energyWh * 1000, tariff: amountMinor === null ? null : tariff(rates), cost: amountMinor === null ? null : { amountMinor, currency: 'EUR', lines: [] },
})

describe('energy', () => {
  test.each([[0, null, []], [8_999.999, null, []], [9_000, null, ['energy-limit']], [9_999.999, null, ['energy-limit']], [10_000, 'energy-limit', []], [20_000, 'energy-limit', []]])('%s of 10,000 Wh', (energyWh, reached, near) => {
    expect(limitState(counted(energyWh), { energyWh: 10_000 }, null, hourMs)).toEqual({ reached, near, nextAtMs: null })
  })
})

describe('duration', () => {
  test.each([
    [0, null, [], 55], [54, null, [], 55], [55, null, ['duration-limit'], 60], [59, null, ['duration-limit'], 60], [60, 'duration-limit', [], null], [99, 'duration-limit', [], null],
  ])('%s of 60 minutes', (minutes, reached, near, next) => {
    expect(limitState(counted(0), { durationS: 3_600 }, null, minutes * minuteMs)).toEqual({ reached, near, nextAtMs: next === null ? null : next * minuteMs })
  })
  test('one of less than 5 minutes is near from the start', () => {
    expect(limitState(counted(0), { durationS: 120 }, null, 0)).toEqual({ reached: null, near: ['duration-limit'], nextAtMs: 120_000 })
  })
  test('it is looked at a second later at the earliest', () => {
    expect(limitState(counted(0), { durationS: 3_600 }, null, hourMs - 1).nextAtMs).toBe(hourMs + 999)
  })
})

describe('cost', () => {
  test.each([[0, null, []], [899, null, []], [900, null, ['cost-limit']], [999, null, ['cost-limit']], [1_000, 'cost-limit', []]])('%s of 1,000', (amount, reached, near) => {
    expect(limitState(counted(0, amount), { costMinor: 1_000 }, null, hourMs)).toMatchObject({ reached, near })
  })
  test('without a tariff it bounds nothing', () => {
    expect(limitState(counted(1e9), { costMinor: 1 }, null, hourMs)).toEqual({ reached: null, near: [], nextAtMs: null })
  })
  test('time alone brings it there, no sooner than its dearest minute can', () => {
    const rates = { perMinuteMinor: 1, idlePerMinuteMinor: 4, blocks: [{ days: ['mon'], from: '00:00', to: '24:00', perMinuteMinor: 5 }] }
    expect(limitState(counted(0, 801, rates), { costMinor: 1_000 }, null, hourMs).nextAtMs).toBe(hourMs + Math.floor((98 / 9) * minuteMs))
    expect(limitState(counted(0, 901, rates), { costMinor: 1_000 }, null, hourMs).nextAtMs).toBe(hourMs + Math.floor((98 / 9) * minuteMs))
    expect(limitState(counted(0, 999, rates), { costMinor: 1_000 }, null, hourMs).nextAtMs).toBe(hourMs + 1_000)
    expect(limitState(counted(0, 0, { perKWhMinor: 30 }), { costMinor: 1_000 }, null, hourMs).nextAtMs).toBeNull()
  })
})

describe('idle time', () => {
  test.each<readonly [number | null, number, string | null, number | null]>([[null, 60, null, null], [50, 60, null, 80], [50, 79, null, 80], [50, 80, 'idle-timeout', null]])('since %s, at %s', (since, now, reached, next) => {
    expect(limitState(counted(0), { idleTimeoutS: 1_800 }, since === null ? null : since * minuteMs, now * minuteMs)).toEqual({ reached, near: [], nextAtMs: next === null ? null : next * minuteMs })
  })
})

describe('what has to flow before anything can change', () => {
  test.each<readonly [string, Counted, SessionLimits, number]>([
    ['nothing is limited that energy brings nearer', counted(5_000, 10, { perKWhMinor: 30 }), { durationS: 60, idleTimeoutS: 300 }, Infinity],
    ['no tariff, so no cost', counted(5_000), { costMinor: 5 }, Infinity],
    ['up to where it is near', counted(5_000), { energyWh: 10_000 }, 4_000],
    ['then up to its end', counted(9_000), { energyWh: 10_000 }, 1_000],
    ['it is there', counted(10_500), { energyWh: 10_000 }, -500],
    // 900 - 300 - 1 for the half unit, at the dearest of its rates.
    ['cost', counted(5_000, 300, { perKWhMinor: 30, blocks: [{ days: ['mon'], from: '10:00', to: '12:00', perKWhMinor: 59.9 }] }), { costMinor: 1_000 }, 10_000],
    ['cost, with half a minute and what any session costs', counted(0, 0, { perKWhMinor: 30, perMinuteMinor: 4, perSessionMinor: 297 }), { costMinor: 1_000 }, 20_000],
    ['cost that energy does not change', counted(5_000, 300, { perMinuteMinor: 1 }), { costMinor: 1_000 }, Infinity],
    ['cost that may be reached with the next rounding', counted(5_000, 899, { perKWhMinor: 30 }), { costMinor: 1_000 }, 0],
    ['the nearer of the two', counted(5_000, 300, { perKWhMinor: 59.9 }), { costMinor: 1_000, energyWh: 8_000 }, 2_200],
  ])('%s', (_, now, limits, wh) => expect(energyToGo(now, limits)).toBeCloseTo(wh * 1000, 3))
})

test('of several the first is told, and the earliest is waited for', () => {
  const all: SessionLimits = { energyWh: 10_000, durationS: 7_200, costMinor: 1_000, idleTimeoutS: 3_600 }
  expect(limitState(counted(10_000, 1_000), all, 0, 2 * hourMs).reached).toBe('energy-limit')
  expect(limitState(counted(9_500, 950), all, null, 2 * hourMs - minuteMs)).toMatchObject({ reached: null, near: ['energy-limit', 'duration-limit', 'cost-limit'], nextAtMs: 2 * hourMs })
  expect(limitState(counted(0, 0), all, 30 * minuteMs, hourMs).nextAtMs).toBe(90 * minuteMs)
})

test('of each limit the lowest holds', () => {
  expect(lowestLimits({ energyWh: 5, durationS: 60 }, undefined, { energyWh: 3, costMinor: undefined }, { costMinor: 9, idleTimeoutS: 4 })).toEqual({ energyWh: 3, durationS: 60, costMinor: 9, idleTimeoutS: 4 })
  expect(lowestLimits()).toEqual({})
})
