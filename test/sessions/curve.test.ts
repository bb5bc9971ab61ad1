// The curve of a transaction: first and last of each minute, whatever the order, and stretches that widen when there are many.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Curve, type Point } from '../../src/sessions/curve.ts'

const minuteMs = 60_000
const points = (...pairs: readonly (readonly [number, number])[]): Point[] => pairs.map(([atMs, energyWh]) => ({ atMs, energyWh }))

/** The rule of the page in the plainest way: all readings, thinned at the end. */
function thinned(notes: readonly Point[], mostStretches = 3_000): Point[] {
  const largest = new Map<number, number>()
  for (const { atMs, energyWh } of notes) largest.set(atMs, Math.max(largest.get(atMs) ?? 0, energyWh))
  const all = [...largest].toSorted(([a], [b]) => a - b)
  for (const minutes of [1, 5, 15, 60, 1440]) {
    const stretches = new Map<number, (readonly [number, number])[]>()
    for (const one of all) {
      const stretch = Math.floor(one[0] / (minutes * minuteMs))
      stretches.set(stretch, [...stretches.get(stretch) ?? [], one])
    }
    if (stretches.size <= mostStretches || minutes === 1440) {
      return [...stretches.values()].flatMap((group) => (group.length === 1 ? group : [group[0]!, group.at(-1)!])).map(([atMs, energyWh]) => ({ atMs, energyWh }))
    }
  }
  return []
}

describe('what is kept', () => {
  test.each([
    ['one', points([5, 1]), points([5, 1])],
    ['first and last of a minute', points([0, 1], [20_000, 2], [59_999, 3]), points([0, 1], [59_999, 3])],
    ['the next minute has its own', points([0, 1], [59_999, 3], [60_000, 4]), points([0, 1], [59_999, 3], [60_000, 4])],
    ['of two at one instant the larger', points([0, 5], [0, 9], [0, 7]), points([0, 9])],
    ['the larger also where it is the first or the last', points([0, 5], [9, 6], [0, 7], [9, 8]), points([0, 7], [9, 8])],
    ['one between changes nothing', points([0, 1], [9, 3], [5, 1e6]), points([0, 1], [9, 3])],
    ['late, into a minute of its own', points([minuteMs * 5, 9], [minuteMs * 3, 7], [minuteMs, 5]), points([minuteMs, 5], [minuteMs * 3, 7], [minuteMs * 5, 9])],
    ['before the epoch of minutes', points([-1, 3], [0, 4]), points([-1, 3], [0, 4])],
    ['rounded to 0.001 Wh', points([0, 1.23449], [1, 0.1 + 0.2]), points([0, 1.234], [1, 0.3])],
    ['what is no reading does not exist', points([0, -1], [1, Number.NaN], [2, 1e12 + 1], [Number.NaN, 4]), []],
    ['the highest that may be', points([0, 1e12]), points([0, 1e12])],
  ])('%s', (_, notes, kept) => {
    const curve = Curve.from(notes)
    expect(curve.points()).toEqual(kept)
    expect(curve.size).toBe(kept.length)
  })
  test('it says whether a note was news', () => {
    const curve = new Curve()
    expect([[0, 1], [0, 1], [0, 2], [9, 3], [5, 3], [9, 3]].map(([atMs, wh]) => curve.note(atMs!, wh!))).toEqual([true, false, true, true, false, false])
  })
})

describe('more than 3,000 minutes', () => {
  const every = (count: number, minutes: number) => Array.from({ length: count }, (_, at): Point => ({ atMs: at * minutes * minuteMs + 7, energyWh: at }))
  test.each([
    ['3,000 minutes stay', 3_000, 1, 3_000],
    ['3,001 become 601 of five', 3_001, 1, 1_201],
    ['3,001 of five become 1,001 of fifteen', 3_001, 5, 2_001],
    ['3,001 of fifteen become 751 hours', 3_001, 15, 1_501],
    ['3,001 hours become 126 days', 3_001, 60, 251],
    ['days stay', 3_100, 1440, 3_100],
  ])('%s', (_, count, minutes, size) => {
    const all = every(count, minutes)
    const curve = Curve.from(all)
    expect(curve.size).toBe(size)
    expect(curve.points()).toEqual(thinned(all))
    expect(Curve.from(all.toReversed()).points()).toEqual(curve.points())
  })
  test('a month of readings every minute is hours', () => {
    const all = every(30 * 1440, 1)
    expect(Curve.from(all).size).toBe(thinned(all).length)
  })
})

test('any order and any duplication give the same points, those of the plain rule', () => {
  const note = fc.record({ atMs: fc.integer({ min: -5, max: 5_000_000 }), energyWh: fc.double({ min: 0, max: 1e6, noNaN: true }).map((wh) => Math.round(wh * 1000) / 1000) })
  fc.assert(fc.property(fc.array(note, { maxLength: 120 }).chain((notes) => fc.tuple(fc.constant(notes), fc.shuffledSubarray([...notes, ...notes], { minLength: 2 * notes.length }))), ([notes, shuffled]) => {
    const kept = Curve.from(notes).points()
    expect(kept).toEqual(thinned(notes))
    expect(Curve.from(shuffled).points()).toEqual(kept)
    expect(Curve.from(kept).points()).toEqual(kept)
  }))
})

test('the order changes nothing where stretches widen meanwhile', () => {
  fc.assert(fc.property(fc.integer({ min: 2_950, max: 3_300 }), fc.integer({ min: 1, max: 8_999 }), (count, stride) => {
    // A stride that shares no factor with 9,001, which is prime, meets every minute once.
    const notes = Array.from({ length: count }, (_, at) => ((at + 1) * stride) % 9_001).map((minute) => ({ atMs: minute * minuteMs + minute, energyWh: minute }))
    const sorted = notes.toSorted((a, b) => a.atMs - b.atMs)
    expect(Curve.from(notes).points()).toEqual(thinned(notes))
    expect(Curve.from(sorted).points()).toEqual(thinned(notes))
  }), { numRuns: 8, endOnFailure: true })
})

test('a copy is thinned on as the curve itself, also where its stretches have widened', () => {
  const notes = Array.from({ length: 3_200 }, (_, at) => ({ atMs: at * minuteMs, energyWh: at }))
  const some = notes.filter((_, at) => at % 50 !== 27)
  const curve = Curve.from(some)
  const copy = curve.copy()
  for (const { atMs, energyWh } of notes) copy.note(atMs, energyWh)
  expect(copy.points()).toEqual(thinned(notes))
  expect(curve.points()).toEqual(thinned(some))
})
