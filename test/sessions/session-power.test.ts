// The peak and the average of a session from its count.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countEnergy, energyAt, type Count } from '../../src/sessions/count.ts'
import { averageOf, peakOf, powerOf } from '../../src/sessions/session-power.ts'

const second = 1_000
function counted(stopS: number, stopWh: number, readings: readonly (readonly [seconds: number, wh: number])[] = []): Count {
  const session = { startedAtMs: 0, meterStartWh: 0, stoppedAtMs: stopS * second, meterStopWh: stopWh, maxPowerW: 1_000_000 }
  return countEnergy(session, readings.map(([seconds, energyWh]) => ({ atMs: seconds * second, energyWh })), 0)
}

test.each<readonly [string, Count, number | null, number | null]>([
  ['even flow', counted(3_600, 10_000), 10_000, 10_000],
  ['a peak within', counted(3_600, 10_000, [[600, 1_000], [660, 2_000]]), 60_000, 10_000],
  ['a minute that lies across points', counted(120, 300, [[30, 0], [60, 100], [90, 300]]), 18_000, 18_000],
  ['a coarse register makes no peak of a second', counted(600, 1_000, [[300, 0], [301, 100], [600, 1_000]]), 16_656, 12_000],
  ['half of the time at rest', counted(3_600, 5_000, [[1_800, 5_000]]), 10_000, 10_000],
  ['less than a minute', counted(30, 100), 12_000, 12_000],
  ['no energy', counted(3_600, 0), null, null],
  ['no time', counted(0, 100), null, null],
  ['a trickle is no flow', counted(3_600, 50), 50, null],
])('%s', (_, count, peakW, averageW) => {
  expect(peakOf(count)).toBe(peakW)
  expect(averageOf(count)).toBe(averageW)
})

test('no minute of it is stronger than its peak', () => {
  const readings = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 9_000 })), { maxLength: 15 })
    .map((all) => [...new Map(all)].toSorted(([a], [b]) => a - b))
  fc.assert(fc.property(readings, fc.integer({ min: 0, max: 840_000 }), (all, fromMs) => {
    const count = counted(900, 9_000, all)
    const minuteMWh = energyAt(count, fromMs + 60_000) - energyAt(count, fromMs)
    expect(minuteMWh * 0.06).toBeLessThanOrEqual((peakOf(count) ?? 0) + 1)
  }))
})

test('the average of a burst shorter than a minute is not above the peak', () => {
  const count = counted(180, 10, [[2, 2], [180, 10]])
  const burst = counted(180, 6, [[5, 5], [180, 6]])
  expect(averageOf(burst)!).toBeGreaterThan(peakOf(burst)!)
  expect(powerOf(burst)).toEqual({ peakW: peakOf(burst), averageW: peakOf(burst) })
  expect(powerOf(count).averageW!).toBeLessThanOrEqual(powerOf(count).peakW!)
  expect(powerOf(counted(3_600, 0))).toEqual({ peakW: null, averageW: null })
})
