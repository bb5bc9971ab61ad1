// The counted base load: worst case when ignorant, up at once, down after a hold, and cars that ramp between their samples.
import { describe, expect, test } from 'vitest'
import { baseStatus, countedBase, countedBetween, nextChangeMs, noBase, readMeter, staleAtMs, type BaseSettings, type BaseState, type CarShare } from '../../src/power/base.ts'
import { perPhase } from '../../src/power/site.ts'

const settings: BaseSettings = { worstCaseA: perPhase(50), staleAfterMs: 15_000, creditExport: false, holdMs: 30_000, sampleIntervalMs: 10_000 }
const limit = perPhase(80)

function car(reservedA: number, measuredA: number | null, changedSinceSample = false, isRecent = true): CarShare {
  return { reservedA: perPhase(reservedA), measuredA: measuredA === null ? null : perPhase(measuredA), changedSinceSample, isRecent }
}

/** Readings of all phases alike every 5 s from 0 on; returns the state and when the last one came. */
function play(readings: readonly number[], options: { cars?: readonly CarShare[]; settings?: BaseSettings; stepMs?: number; from?: BaseState; fromMs?: number } = {}): BaseState {
  let state = options.from ?? noBase
  let nowMs = options.fromMs ?? 0
  for (const amps of readings) {
    state = readMeter(state, perPhase(amps), options.cars ?? [], limit, options.settings ?? settings, nowMs)
    nowMs += options.stepMs ?? 5_000
  }
  return state
}

/** Base counted right after each reading. */
function trace(readings: readonly number[], options: { settings?: BaseSettings; stepMs?: number; from?: BaseState; fromMs?: number } = {}): number[] {
  const { settings: by = settings, stepMs = 5_000, from = noBase, fromMs = 0 } = options
  return readings.map((_, index) => countedAt(play(readings.slice(0, index + 1), { settings: by, stepMs, from, fromMs }), fromMs + index * stepMs, by))
}

const steady = (amps: number, times: number) => Array.from({ length: times }, () => amps)
const countedAt = (state: BaseState, nowMs: number, by = settings) => countedBase(state, by, nowMs).L1

describe('fresh, stale, never', () => {
  test('a site without a reading counts its worst case and is not stale', () => {
    expect(baseStatus(noBase, settings, 1e12)).toBe('never')
    expect(countedBase(noBase, settings, 0)).toEqual(perPhase(50))
    expect(staleAtMs(noBase, settings, 0)).toBeNull()
    expect(nextChangeMs(noBase, settings)).toBeNull()
  })

  test('the first readings are believed after the whole hold', () => {
    expect(trace(steady(20, 8))).toEqual([50, 50, 50, 50, 50, 50, 20, 20])
    const state = play(steady(20, 6))
    expect([29_998, 29_999].map((now) => countedAt(state, now))).toEqual([50, 20])
  })

  test('the worst case counts again the moment the meter is stale, and for 30 s of fresh data after', () => {
    const state = play(steady(20, 13))
    expect(countedAt(state, 60_000)).toBe(20)
    expect([75_000, 75_001].map((now) => baseStatus(state, settings, now))).toEqual(['fresh', 'stale'])
    expect(staleAtMs(state, settings, 75_000)).toBe(75_001)
    expect(staleAtMs(state, settings, 75_001)).toBeNull()
    expect([75_000, 75_001].map((now) => countedAt(state, now))).toEqual([20, 50])
    expect(trace(steady(20, 7), { from: state, fromMs: 100_000 })).toEqual([50, 50, 50, 50, 50, 50, 20])
  })

  test('a worst case below what is measured hides nothing', () => {
    const low = { ...settings, worstCaseA: perPhase(5) }
    expect(countedAt(play([20], { settings: low }), 0, low)).toBe(20)
  })
})

describe('rising and falling', () => {
  const calm = play(steady(20, 8))

  test('a rise counts at once', () => {
    expect(countedAt(play([26], { from: calm, fromMs: 40_000 }), 40_000)).toBe(26)
  })

  test('a fall counts once it has held for 30 s', () => {
    // The first 10 is read at 40 s.
    expect(trace(steady(10, 7), { from: calm, fromMs: 40_000 })).toEqual([20, 20, 20, 20, 20, 20, 10])
    const state = play(steady(10, 4), { from: calm, fromMs: 40_000 })
    expect([69_998, 69_999].map((now) => countedAt(state, now))).toEqual([20, 10])
  })

  test('a fall that is broken by one high reading starts again', () => {
    expect(trace([10, 10, 10, 10, 18, ...steady(10, 7)], { from: calm, fromMs: 40_000 })).toEqual([...steady(20, 6), ...steady(18, 5), 10])
  })

  test('every phase on its own', () => {
    const state = readMeter(calm, { L1: 30, L2: 10, L3: 20 }, [], limit, settings, 40_000)
    expect(countedBase(state, settings, 40_000)).toEqual({ L1: 30, L2: 20, L3: 20 })
  })

  test('a slow EV sampling lengthens the hold', () => {
    const slow = { ...settings, holdMs: 60_000 }
    const seen = trace(steady(10, 13), { from: play(steady(20, 14), { settings: slow }), fromMs: 70_000, settings: slow })
    expect(seen).toEqual([...steady(20, 12), 10])
  })

  test('it says when it may fall next', () => {
    const state = play([10], { from: calm, fromMs: 40_000 })
    expect(nextChangeMs(state, settings, 65_000)).toBe(69_999)
    expect(nextChangeMs(state, settings, 69_999)).toBeNull()
    expect(nextChangeMs(play([40], { from: calm, fromMs: 40_000 }), settings, 40_000)).toBeNull()
  })

  test('a meter read ten times a second does not make it fall early, nor grow without end', () => {
    const falling = Array.from({ length: 400 }, (_, index) => 60 - index * 0.1)
    const state = play(falling, { stepMs: 100, from: play(steady(60, 7)), fromMs: 35_000 })
    // What was read 30 s before the last reading counts, or what was read a second earlier.
    const counted = countedAt(state, 35_000 + 399 * 100)
    expect(counted).toBeGreaterThanOrEqual(falling[100]!)
    expect(counted).toBeLessThanOrEqual(falling[88]!)
    expect(state.window.length).toBeLessThan(70)
  })
})

describe('the cars in the reading', () => {
  const counted = (cars: readonly CarShare[], amps = 40) => {
    const state = play(steady(amps, 8), { cars })
    return countedAt(state, 35_000)
  }

  test.each([
    ['what is measured is subtracted', [car(16, 15)], 25],
    ['a car without a fresh reading is not: counted twice, safe', [car(16, null)], 40],
    ['never more than is reserved', [car(10, 16)], 30],
    ['export counts as 0', [car(32, 30), car(32, 30)], 0],
  ])('%s', (_, cars, expected) => {
    expect(counted(cars)).toBe(expected)
  })

  test('export is credited where that is wanted, and only from fresh data', () => {
    const credit = { ...settings, creditExport: true }
    const state = play(steady(-6, 8), { settings: credit })
    expect(countedAt(state, 35_000, credit)).toBe(-6)
    expect(countedAt(state, 60_000, credit)).toBe(50)
    expect(countedAt(play(steady(-6, 8)), 35_000)).toBe(0)
  })
})

describe('a rise that cars between their samples may be', () => {
  const changed = [car(16, 6, true)]
  const calm = play(steady(26, 8), { cars: [car(16, 6)] })

  test('waits while they can explain it, at most one sample interval', () => {
    expect(countedAt(calm, 40_000)).toBe(20)
    const first = play([36], { from: calm, fromMs: 40_000, cars: changed })
    expect(countedAt(first, 40_000)).toBe(20)
    const second = play([36], { from: first, fromMs: 45_000, cars: changed })
    expect(countedAt(second, 45_000)).toBe(20)
    const third = play([36], { from: second, fromMs: 50_000, cars: changed })
    expect(countedAt(third, 50_000)).toBe(30)
  })

  test('counts after one sample interval, also when the meter is slow', () => {
    const slow = { ...settings, staleAfterMs: 180_000 }
    const waiting = play([36], { from: calm, fromMs: 40_000, cars: changed, settings: slow })
    expect(countedBase(waiting, slow, 49_999).L1).toBe(20)
    expect(nextChangeMs(waiting, slow, 40_000)).toBe(50_000)
    expect(countedBase(waiting, slow, 50_000).L1).toBe(30)
  })

  test('is forgotten when the next sample shows the car', () => {
    const waiting = play([36], { from: calm, fromMs: 40_000, cars: changed })
    const shown = play([36], { from: waiting, fromMs: 45_000, cars: [car(16, 16)] })
    expect(countedAt(shown, 45_000)).toBe(20)
    expect(shown.ramp).toBeNull()
  })

  test.each([
    ['larger than the cars could have grown', 36.6, changed, 30.6],
    ['of a car that did not change', 36, [car(16, 6)], 30],
    ['with the meter itself above the limit', 81, [car(80, 6, true)], 75],
  ])('counts at once: %s', (_, amps, cars, expected) => {
    expect(countedAt(play([amps], { from: calm, fromMs: 40_000, cars }), 40_000)).toBeCloseTo(expected, 9)
  })

  test('counts at once on every phase when one phase cannot be explained', () => {
    const state = readMeter(calm, { L1: 30, L2: 60, L3: 26 }, changed, limit, settings, 40_000)
    expect(countedBase(state, settings, 40_000)).toEqual({ L1: 24, L2: 54, L3: 20 })
  })

  test('counts as far as the cars cannot be it: what is half an amp or 1 % too much is noise of the meter, and the rest waits', () => {
    const noisy = play([36.4], { from: calm, fromMs: 40_000, cars: changed })
    expect(countedAt(noisy, 40_000)).toBeCloseTo(20.4, 9)
    expect(countedAt(play([36.4], { from: noisy, fromMs: 50_000, cars: changed }), 50_000)).toBeCloseTo(30.4, 9)
    // The sample shows the car: the noise has been counted, and nothing else.
    expect(countedAt(play([36.2], { from: noisy, fromMs: 45_000, cars: [car(16, 16)] }), 45_000)).toBeCloseTo(20.4, 9)
    const wide = play(steady(60, 8), { cars: [car(40, 10)] })
    const after = (amps: number) => countedAt(play([amps], { from: wide, fromMs: 40_000, cars: [car(20, 10, true)] }), 40_000)
    expect([70.7, 70.8].map(after)).toEqual([expect.closeTo(50.7, 9), expect.closeTo(60.8, 9)])
  })

  test('on one phase is not the building because another phase of the meter says a little more', () => {
    const one: CarShare = { reservedA: { L1: 16, L2: 0, L3: 0 }, measuredA: { L1: 6, L2: 0, L3: 0 }, changedSinceSample: true, isRecent: true }
    const from = play(steady(26, 8), { cars: [{ ...one, changedSinceSample: false }] })
    const state = readMeter(from, { L1: 36, L2: 26.3, L3: 26 }, [one], limit, settings, 40_000)
    expect(countedBase(state, settings, 40_000)).toEqual({ L1: 20, L2: expect.closeTo(26.3, 9), L3: 26 })
  })

  test('does not let a fall become true that had not held before it', () => {
    // A sample too high makes the building look like 17 A for one reading; then cars take up what they were given.
    let state = play([26], { from: calm, fromMs: 40_000, cars: [car(16, 9)] })
    const slow = { ...settings, sampleIntervalMs: 60_000, holdMs: 40_000 }
    const counted: number[] = []
    for (let nowMs = 45_000; nowMs <= 100_000; nowMs += 5_000) {
      state = readMeter(state, perPhase(36), changed, limit, slow, nowMs)
      counted.push(countedAt(state, nowMs, slow))
    }
    expect(new Set(counted)).toEqual(new Set([20]))
  })

  test('does not complete a fall that was seen for less than one sample interval, where nobody sees the building meanwhile', () => {
    // Down to 10 A from 0 on; at 58 s the building is back, and a car that was raised may be it.
    const slow = { ...settings, sampleIntervalMs: 60_000, holdMs: 78_000 }
    let state = play(steady(26, 20), { cars: [car(16, 6)], settings: slow, fromMs: -100_000 })
    const counted: number[] = []
    for (let nowMs = 0; nowMs <= 200_000; nowMs += 2_000) {
      state = readMeter(state, perPhase(nowMs < 58_000 ? 16 : 26), [{ ...car(16, 6, nowMs >= 56_000), changedAtMs: 56_000 }], limit, slow, nowMs)
      counted.push(countedAt(state, nowMs, slow))
    }
    expect(new Set(counted)).toEqual(new Set([20]))
  })

  test('does not wait when the meter has just come back', () => {
    const state = play([60], { from: calm, fromMs: 60_000, cars: changed })
    expect(countedAt(state, 60_000)).toBe(54)
  })
})

describe('cars that ramp while a fall has not held yet', () => {
  // The meter starts with the cars: the worst case holds for 30 s, and all that comes after it is what they take up.
  const ramp = (meterA: readonly number[], cars: (nowMs: number) => readonly CarShare[], by = settings) => {
    let state: BaseState = noBase
    return meterA.map((amps, index) => {
      state = readMeter(state, perPhase(amps), cars(index * 5_000), limit, by, index * 5_000)
      return countedAt(state, index * 5_000, by)
    })
  }

  test('are not taken for the building behind the worst case', () => {
    const seen = ramp([20, 40, 50, 50, 50, 50, 50, 50], (nowMs) => [car(15, nowMs < 10_000 ? null : 15, nowMs < 10_000), car(15, nowMs < 10_000 ? null : 15, nowMs < 10_000)])
    expect(seen.slice(5)).toEqual([50, 20, 20])
  })

  test('sampled once a minute, for as long as their sample takes', () => {
    const slow = { ...settings, holdMs: 75_000, sampleIntervalMs: 60_000 }
    const sampled = (nowMs: number) => [car(15, nowMs < 60_000 ? 0 : 15, nowMs < 60_000), car(15, nowMs < 60_000 ? 0 : 15, nowMs < 60_000)]
    expect(ramp([20, ...steady(50, 15)], sampled, slow).slice(-2)).toEqual([50, 20])
  })

  test('that the next sample does not show were the building', () => {
    const seen = ramp([20, 40, 50, ...steady(50, 8)], (nowMs) => [car(30, nowMs < 10_000 ? null : 0, nowMs < 10_000)])
    expect(seen.slice(-3)).toEqual([50, 50, 50])
  })
})

describe('cars that are told one thing after the other', () => {
  const calm = play(steady(26, 8), { cars: [car(16, 6)] })
  const at = (fromMs: number, cars: readonly CarShare[], times: number) => play(steady(36, times), { from: calm, fromMs, cars })

  test('have an interval for each of two, and none for a third', () => {
    const twice = [{ ...car(16, 6, true), changedAtMs: 47_000 }]
    expect([4, 5].map((times) => countedAt(at(40_000, twice, times), 40_000 + (times - 1) * 5_000))).toEqual([20, 30])
    expect(countedAt(at(40_000, [{ ...car(16, 6, true), changedAtMs: 39_000 }], 3), 50_000)).toBe(30)
  })
})

describe('a car that was lowered and one that is raised', () => {
  test('are not larger together than what the one may be', () => {
    // The first lets 12 A go unseen, then its sample says so while the second takes up 4 A.
    let state = play(steady(72, 8), { cars: [car(32, 32), car(20, 20)] })
    state = readMeter(state, perPhase(60), [car(32, 32, true), car(20, 20)], limit, settings, 40_000)
    state = readMeter(state, perPhase(64), [car(20, 20), car(24, 20, true)], limit, settings, 45_000)
    expect(state.ramp).not.toBeNull()
    expect(countedAt(state, 45_000)).toBe(20)
  })
})

describe('a car that was lowered and has not been heard since it should have followed', () => {
  const calm = play(steady(52, 8), { cars: [car(32, 32)] })
  const silent: CarShare = { ...car(32, 32, true), followedA: perPhase(10) }
  const after = (meterA: typeof limit, one: CarShare) => readMeter(calm, meterA, [one], limit, settings, 40_000)

  test.each([
    ['counts as if it had, with the meter above the limit', 85, silent, 75],
    ['counts as its sample says, with the meter at the limit', 80, silent, 48],
    ['counts as its sample says where it was heard', 85, car(32, 32, true), 53],
    ['never for more than its sample says', 85, { ...silent, measuredA: perPhase(6) }, 79],
    ['never where nothing is known of it', 85, { ...silent, measuredA: null }, 85],
  ])('%s', (_, amps, one, expected) => {
    expect(countedAt(after(perPhase(amps), one), 40_000)).toBeCloseTo(expected, 9)
  })

  test('counts so on the phases that are above the limit, and on no other', () => {
    expect(countedBase(after({ L1: 85, L2: 60, L3: 52 }, silent), settings, 40_000)).toEqual({ L1: 75, L2: 28, L3: 20 })
  })

  test('levels nothing: another phase is held against what its sample says', () => {
    const tilt = (one: CarShare) => countedBetween(after({ L1: 85, L2: 60, L3: 52 }, one), settings, 40_000)
    expect(tilt(silent)['L2-L1']).toBe(tilt(car(32, 32, true))['L2-L1'])
    expect(tilt(silent)['L1-L2']).toBeGreaterThanOrEqual(75 - 28)
  })
})

describe('cars that change what they draw by themselves', () => {
  // Two cars of 30 A on a building of 20 A; what they really draw, and what their samples of every 10 s say.
  const watch = (drawn: (nowMs: number) => number, untilMs: number) => {
    let state = play(steady(80, 13), { cars: [car(30, 30), car(30, 30)] })
    const seen: number[] = []
    for (let nowMs = 65_000; nowMs <= untilMs; nowMs += 5_000) {
      const sampledA = drawn(Math.floor((nowMs - 65_000) / 10_000) * 10_000 + 65_000)
      state = readMeter(state, perPhase(20 + 30 + drawn(nowMs)), [car(30, sampledA), car(30, 30)], perPhase(81), settings, nowMs)
      seen.push(countedAt(state, nowMs))
    }
    return seen
  }

  test('down and up and down again between their samples never make the building look emptier than it is', () => {
    const seen = watch((nowMs) => ((nowMs / 5_000) % 3 === 0 ? 12 : 30), 200_000)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(20)
  })
  test('down, and the samples follow: nothing changes', () => {
    expect(new Set(watch((nowMs) => (nowMs < 70_000 ? 30 : 12), 160_000))).toEqual(new Set([20]))
  })
  test('up in the time of a sample: counted at once, as they were told nothing, and forgotten when it has held', () => {
    const seen = watch((nowMs) => (nowMs < 80_000 ? 12 : 30), 160_000)
    expect(Math.max(...seen)).toBe(38)
    expect(seen.at(-1)).toBe(20)
  })
})

describe('what one phase carries more than another', () => {
  const between = (readings: readonly { readonly L1: number; readonly L2: number; readonly L3: number }[], by = settings, cars: readonly CarShare[] = []) => {
    let state: BaseState = noBase
    readings.forEach((meterA, index) => { state = readMeter(state, meterA, cars, limit, by, index * 5_000) })
    return { state, at: (nowMs: number) => countedBetween(state, by, nowMs) }
  }
  const tilted = { L1: 30, L2: 10, L3: 10 }
  const even = perPhase(20)

  test('is what the meter says', () => {
    expect(between(Array.from({ length: 15 }, () => tilted)).at(70_000)).toEqual({ 'L1-L2': 20, 'L1-L3': 20, 'L2-L1': -20, 'L2-L3': 0, 'L3-L1': -20, 'L3-L2': 0 })
  })
  test('is the most of the hold, as of a rise that is over', () => {
    const rows = [...Array.from({ length: 8 }, () => even), { ...even, L1: 40 }, even, even]
    expect(between(rows).at(50_000)).toMatchObject({ 'L1-L2': 20, 'L2-L1': 0 })
    expect(between([...rows, ...Array.from({ length: 11 }, () => even)]).at(105_000)).toMatchObject({ 'L1-L2': 0, 'L2-L1': 0 })
  })
  test('what a car on one phase lets go between its samples does not tilt the others', () => {
    const rows = [...Array.from({ length: 10 }, () => even), { L1: 4, L2: 20, L3: 20 }, even]
    expect(between(rows).at(55_000)).toMatchObject({ 'L2-L1': 0, 'L3-L1': 0 })
    // What stays low longer than a sample takes is the building.
    const low = Array.from({ length: 5 }, () => ({ L1: 4, L2: 20, L3: 20 }))
    expect(between([...rows.slice(0, 10), ...low]).at(70_000)).toMatchObject({ 'L2-L1': 16 })
  })
  test('of a meter that went silent is all that the worst case allows; of one that never spoke what it says', () => {
    const uneven = { ...settings, worstCaseA: { L1: 50, L2: 40, L3: 0 } }
    expect(between([even], uneven).at(16_000)).toEqual({ 'L1-L2': 50, 'L1-L3': 50, 'L2-L1': 40, 'L2-L3': 40, 'L3-L1': 0, 'L3-L2': 0 })
    expect(countedBetween(noBase, uneven, 0)).toMatchObject({ 'L1-L2': 10, 'L2-L1': -10, 'L1-L3': 50 })
  })
  test('export on one phase tilts the others, on all of them it tilts nothing', () => {
    const rows = (meterA: typeof even) => Array.from({ length: 14 }, () => meterA)
    expect(between(rows({ L1: 5, L2: -10, L3: 5 })).at(65_000)).toMatchObject({ 'L1-L2': 15, 'L2-L1': -5, 'L1-L3': 0 })
    expect(between(rows(perPhase(-10))).at(65_000)).toMatchObject({ 'L1-L2': 0, 'L2-L1': 0 })
    expect(between(rows({ L1: -10, L2: 5, L3: 5 }), { ...settings, creditExport: true }).at(65_000)).toMatchObject({ 'L1-L2': -15, 'L2-L1': 15 })
  })
  test.each([['a car that loads them alike tilts none when it stops unseen', true, 10], ['one that may load them unalike does', undefined, 42]])('%s', (_, isLevel, mostA) => {
    const by = { ...settings, holdMs: 45_000, sampleIntervalMs: 30_000 }
    const building = { L1: 8, L2: 10, L3: 18 }
    const one = (ageMs: number): CarShare => ({ ...car(32, ageMs <= 75_000 ? 32 : null, false, ageMs <= 35_000), ...(isLevel === undefined ? {} : { isLevel }) })
    let state: BaseState = noBase
    for (let nowMs = 0; nowMs <= 200_000; nowMs += 5_000) state = readMeter(state, { L1: 40, L2: 42, L3: 50 }, [one(0)], limit, by, nowMs)
    const seen: number[] = []
    for (let nowMs = 205_000; nowMs <= 500_000; nowMs += 5_000) {
      state = readMeter(state, building, [one(nowMs - 200_000)], limit, by, nowMs)
      seen.push(countedBetween(state, by, nowMs)['L3-L1'])
      expect(countedBase(state, by, nowMs)).toEqual(building)
    }
    expect([Math.max(...seen), seen.at(-1)]).toEqual([mostA, 10])
  })
  test('and the window stays small', () => {
    const noisy = Array.from({ length: 600 }, (_, index) => ({ L1: 20 + (index % 7), L2: 20 + (index % 5), L3: 20 + (index % 3) }))
    let state: BaseState = noBase
    noisy.forEach((meterA, index) => { state = readMeter(state, meterA, [], limit, settings, index * 100) })
    expect(state.window.length).toBeLessThan(70)
    expect(countedBetween(state, settings, 60_000)['L1-L3']).toBeGreaterThanOrEqual(4)
  })
})

test('a car that went silent does not make the building look emptier', () => {
  // It drew 30 A when it was last heard and stopped unseen: the meter falls to the 20 A of the building.
  let state = play([50, 50, 50, 50, 50, 50, 50, 50], { cars: [car(30, 30)] })
  for (let nowMs = 40_000; nowMs <= 120_000; nowMs += 5_000) {
    const ageMs = nowMs - 39_000
    state = readMeter(state, perPhase(20), [car(30, ageMs <= 30_000 ? 30 : null, false, ageMs <= 15_000)], limit, settings, nowMs)
    expect(countedBase(state, settings, nowMs).L1).toBe(20)
  }
})
