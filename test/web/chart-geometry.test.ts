// Marks and lines of charts: round numbers, whole hours, gaps that stay gaps.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathOf, roundTicks, timeTicks, valueAt } from '../../web/src/parts/chart-geometry.ts'

describe('the geometry of a chart', () => {
  it('has round marks that reach beyond the largest value', () => {
    expect(roundTicks(11)).toEqual([0, 5, 10, 15])
    expect(roundTicks(0)).toEqual([0, 1])
    fc.assert(fc.property(fc.double({ min: 0.001, max: 1e7, noNaN: true }), (max) => {
      const ticks = roundTicks(max)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-9))
      expect(ticks.length).toBeLessThan(9)
    }))
  })

  it('marks whole hours of a clock that is ahead of UTC', () => {
    const [from, to] = [Date.parse('2026-11-24T10:10:00Z'), Date.parse('2026-11-25T10:10:00Z')]
    expect(timeTicks(from, to, 4, 3_600_000).map((ms) => new Date(ms).toISOString().slice(11, 16))).toEqual(['11:00', '17:00', '23:00', '05:00'])
  })

  it('draws steps, and nothing where nothing is known', () => {
    const same = (value: number): number => value
    expect(pathOf([[0, 5], [10, 3], [20, null], [30, 4], [40, 4]], same, same, true)).toBe('M0 5H10V3H20M30 4H40V4')
    expect(pathOf([[0, 5], [10, 3]], same, same, false)).toBe('M0 5L10 3')
  })

  it('reads a value between two points, as a step or on the way', () => {
    const points = [[0, 10], [10, 20], [20, null]] as const
    expect([valueAt(points, -1, true), valueAt(points, 5, true), valueAt(points, 5, false), valueAt(points, 15, false), valueAt(points, 25, true)]).toEqual([null, 10, 15, 20, null])
  })
})
