// Charging curve, taper and efficiency of sessions whose answers are worked out by hand.
import { describe, expect, test } from 'vitest'
import { chargingCurve, efficiencyOf, stretchS, taperOf, type Sampled } from '../../src/sessions/charging-curve.ts'
import { countEnergy, type Count } from '../../src/sessions/count.ts'

const minute = 60_000
const start = Date.UTC(2026, 5, 1, 8)

/** Minute by minute that many watts. */
function session(watts: readonly number[]): { count: Count; powers: Sampled[] } {
  let energyWh = 1_000
  const readings = watts.map((power, index) => ({ atMs: start + (index + 1) * minute, energyWh: energyWh += power / 60 }))
  const count = countEnergy({ startedAtMs: start, meterStartWh: 1_000, stoppedAtMs: start + watts.length * minute, meterStopWh: readings.at(-1)!.energyWh, maxPowerW: 22_000 }, readings, 0)
  const powers = watts.flatMap((value, index) => [{ atMs: start + index * minute, value }, { atMs: start + (index + 1) * minute - 1, value }])
  return { count, powers }
}

const tapering = [...Array<number>(60).fill(7_200), 6_000, 5_400, 4_200, 3_600, 3_000, 2_400, 1_800, 1_200, 600, 300, ...Array<number>(30).fill(0)]

describe('the charging curve', () => {
  test('by the register: the mean power of each stretch', () => {
    const { count } = session([6_000, 6_000, 3_000, 0])
    const { source, bucketS, points } = chargingCurve(count, [], [])
    expect([source, bucketS]).toEqual(['register', 60])
    expect(points.map(({ powerW }) => powerW)).toEqual([6_000, 6_000, 3_000, 0])
    expect(points[0]).toMatchObject({ fromMs: start, toMs: start + minute })
  })

  test('by measured power where there is any, nothing where it is silent, and the newest charge of the battery', () => {
    const { count } = session([6_000, 6_000, 6_000])
    const powers = [{ atMs: start, value: 4_000 }, { atMs: start + minute, value: 8_000 }, { atMs: start + 2 * minute, value: 8_000 }]
    const charges = [{ atMs: start + 5_000, value: 40 }, { atMs: start + 50_000, value: 41 }]
    expect(chargingCurve(count, powers, charges).points.map(({ powerW, socPercent }) => [powerW, socPercent])).toEqual([[6_000, 41], [8_000, null], [null, null]])
  })

  test('has at most 500 stretches, and none where only the ends are known', () => {
    expect([60_000, 500 * minute, 501 * minute, 30 * 86_400_000, 3 * 366 * 86_400_000].map(stretchS)).toEqual([60, 60, 120, 7_200, 3 * 86_400])
    const long = session(Array<number>(1_100).fill(1_200))
    expect(chargingCurve(long.count, [], []).points).toHaveLength(220)
    const ends = countEnergy({ startedAtMs: start, meterStartWh: 0, stoppedAtMs: start + 60 * minute, meterStopWh: 5_000, maxPowerW: 22_000 }, [], 0)
    expect(chargingCurve(ends, [], []).points).toEqual([])
  })

  test('the stretches of the register hold all of its energy', () => {
    const { count } = session(tapering)
    const { points } = chargingCurve(count, [], [])
    const sumWh = points.reduce((sum, { powerW, fromMs, toMs }) => sum + (powerW ?? 0) * (toMs - fromMs) / 3_600_000, 0)
    expect(sumWh).toBeCloseTo(count.energyMWh / 1000, 0)
  })
})

describe('the taper', () => {
  test('begins where 80 % of the highest power is left for good, and ends where nothing flows any more', () => {
    const { count } = session(tapering)
    const { points } = chargingCurve(count, [], [])
    // The 61st minute still has 6,000 of 7,200 W; the nine after it hold 22,500 W-minutes.
    expect(taperOf(points, count)).toEqual({ fromMs: start + 61 * minute, untilMs: start + 70 * minute, energyMWh: 22_500 / 60 * 1000 })
  })

  test('is none where a session ends at full power, or nothing flowed', () => {
    const { count } = session(Array<number>(30).fill(7_000))
    expect(taperOf(chargingCurve(count, [], []).points, count)).toBeNull()
    const still = session(Array<number>(30).fill(0))
    expect(taperOf(chargingCurve(still.count, [], []).points, still.count)).toBeNull()
  })
})

describe('efficiency', () => {
  test('is the register beside the power', () => {
    const { count, powers } = session(Array<number>(60).fill(6_000))
    expect(efficiencyOf(count, powers)).toBe(1)
    expect(efficiencyOf(count, powers.map(({ atMs, value }) => ({ atMs, value: value / 0.9 })))).toBe(0.9)
  })

  test('is not known without power, nor over gaps', () => {
    const { count } = session(Array<number>(60).fill(6_000))
    expect(efficiencyOf(count, [])).toBeNull()
    expect(efficiencyOf(count, [{ atMs: start, value: 6_000 }, { atMs: start + 20 * minute, value: 6_000 }])).toBeNull()
  })
})
