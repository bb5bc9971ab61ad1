// The energy of transactions, sentence by sentence of docs/transactions.md, and against a plain reimplementation.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countEnergy, energyAt, type Session } from '../../src/sessions/count.ts'
import { Curve, type Point } from '../../src/sessions/curve.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
/** 22 kW: in an hour no more than 26,400 + 100 Wh. */
const session = (stop: readonly [minutes: number, wh: number] | null, more: Partial<Session> = {}): Session => ({
  startedAtMs: 0, meterStartWh: 1_000, stoppedAtMs: stop === null ? null : stop[0] * minuteMs, meterStopWh: stop === null ? null : stop[1], maxPowerW: 22_000, ...more,
})
type Pair = readonly [minutes: number, wh: number]
const at = (pairs: readonly Pair[]): Point[] => pairs.map(([minutes, energyWh]) => ({ atMs: minutes * minuteMs, energyWh }))
const shown = (points: readonly { atMs: number; mWh: number }[]): Pair[] => points.map(({ atMs, mWh }) => [atMs / minuteMs, mWh / 1000])

describe('whole', () => {
  const rows: readonly (readonly [string, Session, readonly Pair[], number, readonly Pair[]])[] = [
    ['no reading between', session([60, 16_000]), [], 15_000, [[0, 0], [60, 15_000]]],
    ['readings say when it flowed', session([60, 16_000]), [[30, 6_000]], 15_000, [[0, 0], [30, 5_000], [60, 15_000]]],
    ['a spike is left out', session([60, 16_000]), [[20, 500_000], [30, 6_000]], 15_000, [[0, 0], [30, 5_000], [60, 15_000]]],
    ['a dip below the start too', session([60, 16_000]), [[20, 0], [30, 6_000]], 15_000, [[0, 0], [30, 5_000], [60, 15_000]]],
    ['a spike between the two: the longest sequence that never falls', session([60, 16_000]), [[10, 2_000], [20, 15_000], [30, 6_000], [40, 7_000]], 15_000, [[0, 0], [10, 1_000], [30, 5_000], [40, 6_000], [60, 15_000]]],
    ['a dip between the two', session([60, 16_000]), [[10, 5_000], [15, 5_500], [20, 2_000], [30, 6_000]], 15_000, [[0, 0], [10, 4_000], [15, 4_500], [30, 5_000], [60, 15_000]]],
    ['of two equally long the one that ends lower', session([60, 16_000]), [[10, 9_000], [20, 5_000]], 15_000, [[0, 0], [20, 4_000], [60, 15_000]]],
    ['looked at from its end: the end is the same, the one before is lower', session([60, 16_000]), [[10, 7_000], [20, 3_000], [30, 9_000]], 15_000, [[0, 0], [20, 2_000], [30, 8_000], [60, 15_000]]],
    ['a standing register is a sequence', session([60, 16_000]), [[10, 5_000], [20, 5_000], [30, 5_000]], 15_000, [[0, 0], [10, 4_000], [20, 4_000], [30, 4_000], [60, 15_000]]],
    ['readings at both ends', session([60, 16_000]), [[0, 1_000], [60, 16_000]], 15_000, [[0, 0], [0, 0], [60, 15_000], [60, 15_000]]],
    ['before the start and after the stop they say nothing', session([60, 16_000]), [[-1, 1_100], [61, 15_000]], 15_000, [[0, 0], [60, 15_000]]],
    ['kWh with three decimals', session([60, 1_002], { meterStartWh: 1_000.123 }), [[30, 1_001.5]], 1.877, [[0, 0], [30, 1.377], [60, 1.877]]],
    ['nothing charged', session([60, 1_000]), [[30, 1_000]], 0, [[0, 0], [30, 0], [60, 0]]],
    ['no time, a little energy', session([0, 1_100]), [], 100, [[0, 0], [0, 100]]],
    ['stopped before it began: no time', session([-5, 1_050]), [], 50, [[0, 0], [0, 50]]],
    ['30 days', session([43_200, 2_001_000]), [[20_000, 500_000]], 2_000_000, [[0, 0], [20_000, 499_000], [43_200, 2_000_000]]],
  ]
  test.each(rows)('%s', (_, one, pairs, energyWh, points) => {
    const count = countEnergy(one, at(pairs), 0)
    expect(count).toMatchObject({ mode: 'whole', energyMWh: energyWh * 1000, anomalies: 0, untilMs: Math.max(one.stoppedAtMs!, 0) })
    expect(shown(count.points)).toEqual(points)
  })
})

describe('whole too, where nothing else was said than the two', () => {
  const rows: readonly (readonly [string, Session, readonly Pair[], number, readonly Pair[]])[] = [
    ['more than can flow', session([60, 900_000]), [], 899_000, [[0, 0], [60, 899_000]]],
    ['no time and much energy', session([0, 50_000]), [], 49_000, [[0, 0], [0, 49_000]]],
    ['the two said again', session([1, 4_000]), [[0, 1_000], [1, 4_000]], 3_000, [[0, 0], [0, 0], [1, 3_000], [1, 3_000]]],
    ['1 MWh', session([60, 1_001_000]), [], 1_000_000, [[0, 0], [60, 1_000_000]]],
    ['one of them too early', session([1, 4_000]), [[0.1, 4_000], [0.2, 1_000]], 3_000, [[0, 0], [0.2, 0], [1, 3_000]]],
  ]
  test.each(rows)('%s', (_, one, pairs, energyWh, points) => {
    const count = countEnergy(one, at(pairs), 0)
    expect(count).toMatchObject({ mode: 'whole', energyMWh: energyWh * 1000, anomalies: 1 })
    expect(shown(count.points)).toEqual(points)
  })
  test('not while it runs: a spike before the newest reading', () => {
    expect(countEnergy(session(null), at([[30, 900_000], [40, 9_000]]), 50 * minuteMs)).toMatchObject({ mode: 'steps', energyMWh: 0 })
  })
})

describe('steps', () => {
  const rows: readonly (readonly [string, Session, readonly Pair[], number, number, readonly Pair[]])[] = [
    ['a reset: what was counted before and after', session([60, 900]), [[30, 6_000], [36, 0]], 5_900, 1, [[0, 0], [30, 5_000], [36, 5_000], [60, 5_900]]],
    ['more than 1 MWh, though nothing else was said', session([60, 1_001_000.001]), [], 0, 1, [[0, 0], [60, 0]]],
    ['the same, said again by readings', session([60, 9_000_000]), [[0, 1_000], [60, 9_000_000]], 0, 1, [[0, 0], [0, 0], [60, 0], [60, 0]]],
    ['a stop below the start, nothing between', session([60, 10]), [], 0, 1, [[0, 0], [60, 0]]],
    ['more than can flow, and something else between', session([60, 900_000]), [[30, 1_001]], 1, 1, [[0, 0], [30, 1], [60, 1]]],
    ['more than can flow, and what is known of it', session([60, 900_000]), [[30, 6_000]], 5_000, 1, [[0, 0], [30, 5_000], [60, 5_000]]],
    ['a roll-over', session([60, 4_000], { meterStartWh: 999_990_000 }), [[20, 999_995_000], [40, 1_000]], 8_000, 1, [[0, 0], [20, 5_000], [40, 5_000], [60, 8_000]]],
    ['a spike on the way is two anomalies', session([60, 500]), [[10, 2_000], [20, 900_000], [30, 3_000]], 1_000, 3, [[0, 0], [10, 1_000], [20, 1_000], [30, 1_000], [60, 1_000]]],
    ['no time and much energy, and something else between', session([0, 50_000]), [[0, 1_050]], 50, 1, [[0, 0], [0, 50], [0, 50]]],
    ['a negative meter that comes up slowly', session([60, 500], { meterStartWh: -900_000 }), [[30, 100]], 400, 1, [[0, 0], [30, 0], [60, 400]]],
  ]
  test.each(rows)('%s', (_, one, pairs, energyWh, anomalies, points) => {
    const count = countEnergy(one, at(pairs), 0)
    expect(count).toMatchObject({ mode: 'steps', energyMWh: energyWh * 1000, anomalies })
    expect(shown(count.points)).toEqual(points)
  })
})

describe('steps of hardware that is stronger than it was entered', () => {
  // 50 kW: 12,500 Wh in a quarter of an hour, of which 6,700 Wh are plausible and 67,000 Wh doubtful.
  const rows: readonly (readonly [string, Session, readonly Pair[], number, number])[] = [
    ['all of them, where the register never falls', session([60, 51_000]), [[15, 13_500], [30, 26_000], [45, 38_500]], 50_000, 4],
    ['the plausible ones too', session([60, 45_000]), [[15, 13_500], [30, 26_000], [45, 38_500]], 44_000, 3],
    ['not where it falls', session([60, 51_000]), [[15, 13_500], [30, 13_499], [45, 38_500]], 0, 4],
    ['one alone is a jump', session([60, 40_000]), [[15, 2_000], [30, 4_000], [45, 6_000]], 5_000, 1],
    ['a meter that was exchanged for one that shows more', session([60, 3_051_000]), [[15, 13_500], [30, 26_000], [45, 3_038_500]], 37_500, 4],
    ['the same behind hardware as it was entered', session([60, 3_006_500]), [[15, 2_500], [30, 4_000], [45, 3_005_000]], 4_500, 1],
    ['a stop that says 9 MWh more', session([60, 9_051_000]), [[15, 13_500], [30, 26_000], [45, 38_500]], 37_500, 4],
    ['ten times as much as was entered, and more', session([60, 301_000]), [[15, 76_000], [30, 142_000], [45, 200_000]], 124_000, 4],
  ]
  test.each(rows)('%s', (_, one, pairs, energyWh, anomalies) => {
    expect(countEnergy(one, at(pairs), 0)).toMatchObject({ mode: 'steps', energyMWh: energyWh * 1000, anomalies })
  })
  test('while it runs they count up to the one before the newest', () => {
    const running = (pairs: readonly Pair[]) => countEnergy(session(null), at(pairs), 60 * minuteMs)
    expect(running([[15, 13_500]])).toMatchObject({ energyMWh: 0, anomalies: 1, isBehind: true })
    expect(running([[15, 13_500], [30, 26_000]])).toMatchObject({ energyMWh: 12_500_000, anomalies: 2, isBehind: true })
    expect(running([[15, 13_500], [30, 26_000], [45, 25_000]])).toMatchObject({ energyMWh: 0, anomalies: 3, isBehind: true })
  })
})

describe('an end beyond 10^12 Wh is no reading', () => {
  const beyond = 1e12 + 1
  test('of the start: the first reading stands for it, else the stop', () => {
    expect(countEnergy(session([60, 16_000], { meterStartWh: beyond }), at([[20, 6_000], [40, 11_000]]), 0)).toMatchObject({ mode: 'whole', energyMWh: 10_000_000, anomalies: 1, untilMs: hourMs })
    expect(countEnergy(session([60, 16_000], { meterStartWh: beyond }), [], 0)).toMatchObject({ energyMWh: 0, anomalies: 1 })
    expect(countEnergy(session(null, { meterStartWh: beyond }), at([[20, 6_000], [40, 11_000]]), hourMs)).toMatchObject({ energyMWh: 5_000_000, anomalies: 1 })
    expect(countEnergy(session(null, { meterStartWh: -beyond }), [], hourMs)).toMatchObject({ energyMWh: 0, anomalies: 1 })
  })
  test('of the stop: the newest reading stands for it, until then', () => {
    expect(countEnergy(session([60, beyond]), at([[20, 6_000], [40, 11_000], [70, 12_000]]), 0)).toMatchObject({ mode: 'whole', energyMWh: 10_000_000, anomalies: 1, untilMs: hourMs })
    expect(countEnergy(session([60, beyond]), [], 0)).toMatchObject({ energyMWh: 0, anomalies: 1, untilMs: hourMs })
  })
  test('both', () => {
    expect(countEnergy(session([60, Number.MAX_SAFE_INTEGER], { meterStartWh: Number.MAX_SAFE_INTEGER - 5 }), at([[20, 6_000], [40, 11_000]]), 0)).toMatchObject({ energyMWh: 5_000_000, anomalies: 2 })
  })
  test('10^12 Wh are one', () => {
    expect(countEnergy(session([60, 1e12], { meterStartWh: 1e12 - 5 }), [], 0)).toMatchObject({ mode: 'whole', energyMWh: 5_000, anomalies: 0 })
  })
})

describe('while it runs', () => {
  const rows: readonly (readonly [string, readonly Pair[], number, number])[] = [
    ['nothing read yet', [], 0, 50],
    ['the newest reading stands for the stop', [[20, 4_000], [40, 9_000]], 8_000, 50],
    ['when its step is not plausible, the one before', [[20, 4_000], [40, 900_000]], 3_000, 50],
    ['also when it fell', [[20, 4_000], [40, 0]], 3_000, 50],
    ['a single one that cannot be is nothing', [[40, 900_000]], 0, 50],
    ['what follows a spike waits for one more', [[20, 4_000], [30, 900_000], [40, 9_000]], 3_000, 50],
    ['an old spike does not stay', [[20, 900_000], [40, 9_000], [45, 9_500]], 8_500, 50],
    ['after a reset the steps count', [[20, 9_000], [30, 0], [40, 900]], 8_900, 50],
    ['a clock that is a little ahead', [[55, 9_000]], 8_000, 55],
  ]
  test.each(rows)('%s', (_, pairs, energyWh, untilMinutes) => {
    expect(countEnergy(session(null), at(pairs), 50 * minuteMs)).toMatchObject({ energyMWh: energyWh * 1000, untilMs: untilMinutes * minuteMs })
  })
  test('what waits for one more is an anomaly, for those that ended without a stop too', () => {
    expect(countEnergy({ ...session(null), stoppedAtMs: 45 * minuteMs }, at([[20, 4_000], [40, 900_000]]), 0)).toMatchObject({ mode: 'whole', energyMWh: 3_000_000, anomalies: 1, isBehind: true })
  })
  test('one that nobody stopped ends when it was given up', () => {
    const given = { ...session(null), stoppedAtMs: 45 * minuteMs }
    expect(countEnergy(given, at([[20, 4_000]]), 90 * minuteMs)).toMatchObject({ energyMWh: 3_000_000, untilMs: 45 * minuteMs })
    expect(countEnergy(given, at([[20, 4_000], [50, 9_000]]), 90 * minuteMs)).toMatchObject({ energyMWh: 8_000_000, untilMs: 50 * minuteMs })
  })
})

describe('energy up to an instant', () => {
  const count = countEnergy(session([60, 16_000]), at([[30, 6_000]]), 0)
  test.each([[-1, 0], [0, 0], [15, 2_500_000], [30, 5_000_000], [45, 10_000_000], [60, 15_000_000], [99, 15_000_000]])('minute %s', (minutes, mWh) => {
    expect(energyAt(count, minutes * minuteMs)).toBe(mWh)
  })
  test('rounded down to whole mWh', () => {
    const third = countEnergy({ ...session(null), stoppedAtMs: 3, meterStopWh: 1_000.002 }, [], 0)
    expect([0, 1, 2, 3].map((ms) => energyAt(third, ms))).toEqual([0, 0, 1, 2])
  })
  test('before the first reading it flows from the start, after the last until the stop', () => {
    const flat = countEnergy(session([60, 16_000]), at([[20, 1_000], [40, 16_000]]), 0)
    expect([10, 20, 30, 40, 50].map((minutes) => energyAt(flat, minutes * minuteMs))).toEqual([0, 0, 7_500_000, 15_000_000, 15_000_000])
  })
  test('a session without time holds all of it at its end', () => {
    expect(energyAt(countEnergy(session([0, 1_100]), [], 0), 0)).toBe(100_000)
  })
  test('exact where the product is more than a double holds', () => {
    const long = countEnergy({ startedAtMs: 0, meterStartWh: 0, stoppedAtMs: 30 * 24 * hourMs, meterStopWh: 250_000_000.001, maxPowerW: 350_000 }, [], 0)
    expect(energyAt(long, 1_234_567_891)).toBe(Number((250_000_000_001n * 1_234_567_891n) / 2_592_000_000n))
  })
})

const reading = fc.record({ atMs: fc.integer({ min: -600_000, max: 4_200_000 }), energyWh: fc.oneof(fc.integer({ min: 0, max: 30_000_000 }).map((mWh) => mWh / 1000), fc.integer({ min: 0, max: 60 }).map((steps) => steps * 5_000), fc.constantFrom(0, 1e9, 1e12, 999_999.999)) })
const anySession = fc.record({
  startedAtMs: fc.integer({ min: -60_000, max: 60_000 }), meterStartWh: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -5, max: 20_000 }) }, { weight: 1, arbitrary: fc.constant(2e12) }),
  stop: fc.option(fc.record({ stoppedAtMs: fc.integer({ min: -100_000, max: 3_900_000 }), meterStopWh: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.constantFrom(900_000, 10_000_000, 2e12)) })),
  maxPowerW: fc.constantFrom(3_680, 22_000, 350_000, 12_345.678),
}).map(({ stop, ...rest }): Session => ({ ...rest, stoppedAtMs: stop?.stoppedAtMs ?? null, meterStopWh: stop?.meterStopWh ?? null }))

interface Plain { readonly energyMWh: number; readonly anomalies: number; readonly points: readonly (readonly [number, number])[] }
type Spot = readonly [atMs: number, mWh: number]

/** The page again, slowly: every subsequence is tried. */
function plainly(one: Session, kept: readonly Point[]): Plain | null {
  if (one.stoppedAtMs === null || one.meterStopWh === null) return null
  const mWh = (wh: number) => Math.round(wh * 1000)
  const stopMs = Math.max(one.stoppedAtMs, one.startedAtMs)
  const may = (from: Spot, to: Spot, times = 1) => to[1] >= from[1] && to[1] - from[1] <= times * ((1.2 * one.maxPowerW * (to[0] - from[0])) / 3_600 + 100_000)
  const doubts = (from: Spot, to: Spot) => !may(from, to) && may(from, to, 10) && to[1] - from[1] <= 1e9
  const read = kept.filter(({ atMs }) => atMs >= one.startedAtMs && atMs <= stopMs).map(({ atMs, energyWh }): Spot => [atMs, mWh(energyWh)])
  const start: Spot = one.meterStartWh <= 1e12 ? [one.startedAtMs, mWh(one.meterStartWh)] : read[0] ?? [stopMs, mWh(one.meterStopWh)]
  const missing = one.meterStartWh <= 1e12 ? 0 : 1
  // A stop that is no reading is left to the rows above.
  if (one.meterStopWh > 1e12) return null
  const stop: Spot = [stopMs, mWh(one.meterStopWh)]
  const between = read
  const isAll = stop[1] >= start[1] && stop[1] - start[1] <= 1e9 && between.every(([, value]) => value === start[1] || value === stop[1])
  if (!may(start, stop) && !isAll) {
    let energyMWh = 0
    let anomalies = missing
    const chain = [start, ...between, stop]
    const steps = chain.slice(1).map((mark, index) => [chain[index]!, mark] as const)
    const isStronger = steps.every(([from, to]) => to[1] >= from[1]) && steps.filter(([from, to]) => doubts(from, to)).length > 1
    const points = chain.map((mark, index) => {
      const from = chain[index - 1]
      if (from !== undefined && (may(from, mark) || (isStronger && doubts(from, mark)))) energyMWh += mark[1] - from[1]
      if (from !== undefined && !may(from, mark)) anomalies++
      return [mark[0], energyMWh] as const
    })
    return { energyMWh, anomalies, points }
  }
  const inside = between.filter(([, value]) => value >= start[1] && value <= stop[1])
  let best: (readonly [number, number])[] = []
  for (let mask = 0; mask < 2 ** inside.length; mask++) {
    const some = inside.filter((__, index) => (mask >> index) % 2 === 1)
    if (some.some(([, value], index) => index > 0 && value < some[index - 1]![1]) || some.length < best.length) continue
    const differs = some.findLastIndex(([, value], index) => value !== best[index]?.[1])
    if (some.length > best.length || (differs >= 0 && some[differs]![1] < best[differs]![1])) best = some
  }
  return { energyMWh: stop[1] - start[1], anomalies: missing + (may(start, stop) ? 0 : 1), points: [start, ...best, stop].map(([atMs, value]) => [atMs, value - start[1]]) }
}

describe('whatever is read', () => {
  test('the count is that of the page, done slowly', () => {
    fc.assert(fc.property(anySession, fc.array(reading, { maxLength: 8 }), (one, readings) => {
      const kept = Curve.from(readings).points()
      const plain = plainly(one, kept)
      fc.pre(plain !== null)
      const count = countEnergy(one, kept, 0)
      expect({ energyMWh: count.energyMWh, anomalies: count.anomalies, points: count.points.map(({ atMs, mWh }) => [atMs, mWh]) }).toEqual(plain)
    }), { numRuns: 500 })
  })
  test('energy is never negative, never more than can flow, never falls, and pieces add up', () => {
    fc.assert(fc.property(anySession, fc.array(reading, { maxLength: 30 }), fc.array(fc.integer({ min: -100_000, max: 4_300_000 })), (one, readings, cuts) => {
      const count = countEnergy(one, Curve.from(readings).points(), 4_000_000)
      const steps = count.mode === 'whole' ? 1 : count.points.length - 1
      const last = count.points.at(-1)!
      expect(count.energyMWh).toBeGreaterThanOrEqual(0)
      const times = count.anomalies === 0 ? 1 : 10
      const canFlowMWh = times * ((1.2 * one.maxPowerW * (last.atMs - count.points[0]!.atMs)) / 3_600 + steps * 100_000) + 1
      expect(count.energyMWh).toBeLessThanOrEqual(count.mode === 'whole' && count.anomalies > 0 ? Math.max(1e9, canFlowMWh) : canFlowMWh)
      expect(last.mWh).toBe(count.energyMWh)
      const instants = [one.startedAtMs, ...cuts.filter((ms) => ms > one.startedAtMs && ms < count.untilMs).toSorted((a, b) => a - b), count.untilMs]
      const energies = instants.map((ms) => energyAt(count, ms))
      for (let index = 1; index < energies.length; index++) expect(energies[index]).toBeGreaterThanOrEqual(energies[index - 1]!)
      // So the pieces of any cut add up to all of it.
      expect(energies[0]).toBe(one.startedAtMs === count.untilMs ? count.energyMWh : 0)
      expect(energies.at(-1)).toBe(count.energyMWh)
      expect(energies.every(Number.isSafeInteger)).toBe(true)
    }), { numRuns: 300 })
  })
  test('the order and the number of readings change nothing', () => {
    const shuffled = fc.array(reading, { maxLength: 30 }).chain((readings) => fc.tuple(fc.constant(readings), fc.shuffledSubarray([...readings, ...readings], { minLength: 2 * readings.length })))
    fc.assert(fc.property(anySession, shuffled, (one, [readings, again]) => {
      expect(countEnergy(one, Curve.from(again).points(), 0)).toEqual(countEnergy(one, Curve.from(readings).points(), 0))
    }))
  })
})
