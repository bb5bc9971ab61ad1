// Idle time, sentence by sentence of docs/transactions.md.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countEnergy, type Session } from '../../src/sessions/count.ts'
import { Curve } from '../../src/sessions/curve.ts'
import { idleBeyond, idlePieces, idleSince, type Piece, type StatusAt } from '../../src/sessions/idle.ts'

const minuteMs = 60_000
type Pair = readonly [minutes: number, value: number]
const session = (stop: Pair | null): Session => ({ startedAtMs: 0, meterStartWh: 0, stoppedAtMs: stop === null ? null : stop[0] * minuteMs, meterStopWh: stop?.[1] ?? null, maxPowerW: 22_000 })
const pieces = (all: readonly Piece[]): Pair[] => all.map(({ fromMs, untilMs }) => [fromMs / minuteMs, untilMs / minuteMs])
function idle(stop: Pair | null, readings: readonly Pair[], statuses: readonly (readonly [number, string])[] = [], held: readonly Pair[] = [], nowMinutes = 60): Pair[] {
  const one = session(stop)
  const count = countEnergy(one, Curve.from(readings.map(([minutes, energyWh]) => ({ atMs: minutes * minuteMs, energyWh }))).points(), nowMinutes * minuteMs)
  const said = statuses.map(([minutes, status]): StatusAt => [minutes * minuteMs, status])
  return pieces(idlePieces(count, one, said, held.map(([from, until]) => ({ fromMs: from * minuteMs, untilMs: until * minuteMs }))))
}
/** Charges for 20 minutes, then rests until it is stopped at 60. */
const rested: readonly Pair[] = [[20, 4_000], [40, 4_000]]
const stop: Pair = [60, 4_000]

describe('at rest', () => {
  test.each<readonly [string, Pair | null, readonly Pair[], readonly Pair[]]>([
    ['neighbouring stretches are one', stop, rested, [[20, 60]]],
    ['148 W after 20 minutes', [60, 4_099], [[20, 4_000]], []],
    ['60 min at 99.999 W', [60, 99.999], [], [[0, 60]]],
    ['60 min at 100 W', [60, 100], [], []],
    ['nothing between start and stop', [60, 0], [], [[0, 60]]],
    ['299 s are not enough', [20 + 299 / 60, 4_000], [[20, 4_000]], []],
    ['300 s are', [25, 4_000], [[20, 4_000]], [[20, 25]]],
    ['two pieces with flow between', [90, 4_000], [[20, 0], [40, 4_000]], [[0, 20], [40, 90]]],
    ['of a step that cannot be nobody knows', [60, 900_000], [[20, 4_000]], []],
    ['nor where the register fell', [60, 900_000], [[20, 4_000], [40, 4_000], [41, 0], [50, 0]], [[20, 40], [41, 50]]],
    ['nor where its stop says more than can be', [60, 9_000_000], [], []],
    ['where two steps say that the hardware is stronger, it flowed', [60, 60_000], [[10, 30_000], [20, 60_000]], [[20, 60]]],
    ['no time at all', [0, 0], [], []],
  ])('%s', (_, end, readings, expected) => {
    expect(idle(end, readings)).toEqual(expected)
  })
  test('while it runs nothing is known after the newest reading', () => {
    expect(idle(null, rested)).toEqual([[20, 40]])
    expect(idle(null, [])).toEqual([])
  })
})

describe('taken out', () => {
  test.each<readonly [string, readonly (readonly [number, string])[], readonly Pair[], readonly Pair[]]>([
    ['while its charge point paused it', [[1, 'Charging'], [25, 'SuspendedEVSE'], [45, 'SuspendedEV']], [], [[20, 25], [45, 60]]],
    ['until the stop, when nothing follows', [[1, 'Charging'], [50, 'SuspendedEVSE']], [], [[20, 50]]],
    ['the last one before the start holds until the first after it', [[-9, 'Charging'], [-5, 'SuspendedEVSE'], [30, 'SuspendedEV']], [], [[30, 60]]],
    ['what remains must be one piece of 300 s', [[1, 'Charging'], [24, 'SuspendedEVSE'], [56, 'SuspendedEV']], [], []],
    ['the car that does not want is idle', [[1, 'Charging'], [20, 'SuspendedEV']], [], [[20, 60]]],
    ['what kwota held counts only where no status came', [[1, 'Charging']], [[20, 60]], [[20, 60]]],
    ['without a status: what kwota held', [], [[25, 30], [30, 35], [28, 33]], [[20, 25], [35, 60]]],
    ['one before the start is none that came while it ran', [[-5, 'SuspendedEVSE']], [[30, 60]], [[20, 30]]],
    ['one after the stop neither', [[61, 'SuspendedEVSE']], [[30, 60]], [[20, 30]]],
    ['at the very start it came', [[0, 'SuspendedEVSE']], [], []],
    ['held all of the time', [], [[-10, 100]], []],
    ['held for no time', [], [[30, 30]], [[20, 60]]],
  ])('%s', (_, statuses, held, expected) => expect(idle(stop, rested, statuses, held)).toEqual(expected))
})

test('of each piece the grace is free', () => {
  const two = [{ fromMs: 0, untilMs: 400_000 }, { fromMs: 1_000_000, untilMs: 1_300_001 }]
  expect([0, 300, 350, 400, 9_999].map((graceS) => idleBeyond(two, graceS))).toEqual([700_001, 100_001, 50_000, 0, 0])
})

test('idle since: only where it lasts until the newest counted point', () => {
  const since = (readings: readonly Pair[]): number | null => {
    const one = session(null)
    const count = countEnergy(one, readings.map(([minutes, energyWh]) => ({ atMs: minutes * minuteMs, energyWh })), 60 * minuteMs)
    return idleSince(count, idlePieces(count, one, [], []))
  }
  expect(since(rested)).toBe(20 * minuteMs)
  expect(since([...rested, [45, 5_000]])).toBeNull()
  expect(since([])).toBeNull()
  expect(since([...rested, [45, 900_000]])).toBeNull()
})

test('pieces lie apart, in order, within the transaction, outside of what is taken out, and are never short', () => {
  const minute = fc.integer({ min: -20, max: 120 })
  const held = fc.array(fc.tuple(minute, minute).map(([a, b]): Pair => [Math.min(a, b), Math.max(a, b)]), { maxLength: 8 })
  const readings = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 20 }).map((step) => step * 300)), { maxLength: 20 }).map((all): Pair[] => all.toSorted(([a], [b]) => a - b))
  fc.assert(fc.property(readings, held, (all, taken) => {
    const found = idle([100, 6_000], all, [], taken)
    for (const [index, [from, until]] of found.entries()) {
      expect(until - from).toBeGreaterThanOrEqual(5)
      expect(from).toBeGreaterThanOrEqual(found[index - 1]?.[1] ?? 0)
      expect(until).toBeLessThanOrEqual(100)
      for (const [begin, end] of taken) expect(begin === end || end <= from || begin >= until).toBe(true)
    }
  }))
})
