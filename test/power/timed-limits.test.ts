// Limits of a site that hold for a time: which of them counts when, and what only costs money.
import { describe, expect, test } from 'vitest'
import { constraintsAt, effectiveLimit, isInForce, isPromised, siteLimitA, siteLimits, type TimedLimit } from '../../src/power/limits.ts'
import { plan } from '../../src/power/plan.ts'
import { perPhase } from '../../src/power/site.ts'
import { carPlace, makeTree, stations } from './fixtures.ts'

const tree = makeTree({ fuseA: 63, limitW: 40_000 }, stations(1))
const { site } = tree
const limit = (source: string, more: Partial<TimedLimit>): TimedLimit => ({ source, fromMs: 0, untilMs: Infinity, ...more })
const sourcesAt = (timed: readonly TimedLimit[], nowMs: number) => siteLimits(site, null, nowMs, timed).map(({ source }) => source)

describe('a limit for a time', () => {
  test.each([[-1, false], [0, true], [59_999, true], [60_000, false]])('holds from its beginning, and at its end no more (%d ms)', (nowMs, holds) => {
    expect(sourcesAt([limit('curtailment:a', { currentA: 20, untilMs: 60_000 })], nowMs).includes('curtailment:a')).toBe(holds)
  })

  test('is in amps on every phase, or in watts over all of them', () => {
    expect(siteLimits(site, null, 0, [limit('curtailment:a', { currentA: 20 })]).filter(({ source }) => source === 'curtailment:a')).toEqual(['L1', 'L2', 'L3'].map((on) => ({ nodeID: 'main', on, capacity: 20, source: 'curtailment:a' })))
    expect(siteLimits(site, null, 0, [limit('schedule:b', { powerW: 9_000 })]).at(-1)).toEqual({ nodeID: 'main', on: 'W', capacity: 9_000, source: 'schedule:b' })
  })

  const bindingOf = (timed: readonly TimedLimit[], currentA?: number) => constraintsAt(tree, currentA === undefined ? null : { currentA, setAtMs: 0 }, 0, [], timed).find(({ on }) => on === 'L1')
  test.each<[string, readonly TimedLimit[], number | undefined, string, number]>([
    ['the lowest', [limit('curtailment:a', { currentA: 30 }), limit('schedule:b', { currentA: 20 })], 40, 'schedule:b', 20],
    ['the fuse on a tie', [limit('schedule:b', { currentA: 63 })], undefined, 'fuse', 63],
    ['the standing limit on a tie', [limit('schedule:b', { currentA: 20 })], 20, 'grid-limit', 20],
    ['a schedule before a curtailment', [limit('curtailment:a', { currentA: 20 }), limit('schedule:b', { currentA: 20 })], undefined, 'schedule:b', 20],
    ['the first by name of one kind', [limit('curtailment:b', { currentA: 20 }), limit('curtailment:a', { currentA: 20 })], undefined, 'curtailment:a', 20],
    ['nothing above the fuse', [limit('curtailment:a', { currentA: 80 })], undefined, 'fuse', 63],
  ])('%s binds', (_, timed, currentA, source, capacity) => {
    expect(bindingOf(timed, currentA)).toMatchObject({ source, capacity })
    expect(bindingOf([...timed].reverse(), currentA)).toMatchObject({ source, capacity })
  })

  test('is planned with 6 s before it begins, so that it is kept from its first moment, and wakes the plan then and at its end', () => {
    const timed = [limit('curtailment:a', { currentA: 10, fromMs: 8_000, untilMs: 10_000 })]
    const at = (nowMs: number, all = timed) => plan({ tree, grid: null, baseA: perPhase(0), places: [carPlace(tree, 'CP1/1', { txA: 32 })], timed: all }, nowMs)
    expect([at(0).nextAtMs, at(6_000).nextAtMs, at(8_000).nextAtMs]).toEqual([2_000, 8_000, 10_000])
    expect([1_999, 2_000, 9_999, 10_000].map((ms) => at(ms).targets.get('CP1/1')!.allocatedA)).toEqual([32, 10, 10, 32])
    expect(at(2_000).targets.get('CP1/1')!.binding).toBe('curtailment:a')
    expect(at(2_000).lowerings).toMatchObject([{ key: 'CP1/1', limitA: 10 }])
  })

  test('drives lowerings before it begins, but nothing is over, missing or unenforceable until it does', () => {
    const bare = makeTree({ fuseA: 63 }, [{ id: 'CP1', control: 'none', connectors: [{ id: 1, maxA: 16 }] }])
    const timed = [limit('schedule:a', { currentA: 10, fromMs: 8_000, untilMs: 20_000 })]
    const grid = { currentA: 14, setAtMs: 0 }
    const at = (nowMs: number, standing: typeof grid | null = null) => plan({ tree: bare, grid: standing, baseA: perPhase(0), places: [carPlace(bare, 'CP1/1')], timed }, nowMs)
    const seen = (made: ReturnType<typeof at>) => [made.state, made.deficitA, made.missing.length]
    const overNow = (made: ReturnType<typeof at>) => made.over.filter(({ constraint }) => isInForce(constraint)).map(({ constraint, amount }) => `${constraint.source} ${constraint.on} ${amount}`)
    expect([1_999, 2_000, 7_999].map((ms) => seen(at(ms)))).toEqual([['enforced', 0, 0], ['enforced', 0, 0], ['enforced', 0, 0]])
    expect(seen(at(8_000))).toEqual(['unenforceable', 6, 3])
    expect(overNow(at(7_999))).toEqual([])
    expect(overNow(at(8_000))).toEqual(['L1', 'L2', 'L3'].map((on) => `schedule:a ${on} 6`))
    // What holds meanwhile goes on being judged by itself.
    expect(seen(at(7_999, grid))).toEqual(['unenforceable', 2, 3])
    expect(overNow(at(7_999, grid))).toEqual(['L1', 'L2', 'L3'].map((on) => `grid-limit ${on} 2`))
  })

  test('is shown as what holds only from its first moment', () => {
    const timed = [limit('curtailment:a', { currentA: 10, fromMs: 8_000, untilMs: 10_000 })]
    expect([7_999, 8_000].map((ms) => effectiveLimit(site, null, ms, timed).binding)).toEqual(['circuit:main', 'curtailment:a'])
  })

  test('what is only bought begins when it begins', () => {
    const timed = [limit('demand-window', { powerW: 6_900, fromMs: 8_000, untilMs: 10_000, economic: true })]
    const made = (nowMs: number) => plan({ tree, grid: null, baseA: perPhase(0), places: [carPlace(tree, 'CP1/1', { txA: 32 })], timed }, nowMs)
    expect([7_999, 8_000].map((ms) => made(ms).targets.get('CP1/1')!.allocatedA)).toEqual([32, 10])
  })

  test('is in what is shown, whatever its unit', () => {
    expect(effectiveLimit(site, null, 0, [limit('curtailment:a', { powerW: 6_900 })])).toEqual({ currentA: 10, powerW: 6_900, binding: 'curtailment:a' })
    expect(siteLimitA(site, null, 0, [limit('curtailment:a', { currentA: 12 })])).toEqual(perPhase(12))
  })
})

describe('what is bought and not fused', () => {
  const window = limit('demand-window', { powerW: 5_000, economic: true })

  test('stands beside what is fused, and is no promise', () => {
    const watts = constraintsAt(tree, null, 0, [], [window]).filter(({ on }) => on === 'W')
    expect(watts).toEqual([
      { nodeID: 'main', on: 'W', capacity: 40_000, source: 'circuit:main' },
      { nodeID: 'main', on: 'W', capacity: 5_000, source: 'demand-window', economic: true },
    ])
    expect(watts.map(isPromised)).toEqual([true, false])
  })

  test('a meter is not judged by it', () => {
    expect(siteLimitA(site, null, 0, [limit('demand-window', { currentA: 5, economic: true })])).toEqual(perPhase(63))
  })

  test('it is never over, and nobody is missing anything', () => {
    const made = plan({ tree, grid: null, baseA: perPhase(20), places: [carPlace(tree, 'CP1/1', { txA: 32 })], timed: [window] }, 0)
    expect(made.over).toEqual([])
    expect(made.missing).toEqual([])
    expect(made.targets.get('CP1/1')).toMatchObject({ allocatedA: 0 })
  })
})

describe('a limit in watts', () => {
  const fair = makeTree({ fuseA: 63 }, stations(3))
  const share = (powerW: number, baseA: { L1: number; L2: number; L3: number }, ...vehiclePhases: (number | null)[]) => {
    const places = vehiclePhases.map((count, index) => carPlace(fair, `CP${index + 1}/1`, { vehiclePhases: count, txA: 6 }))
    return places.map(({ outlet }) => plan({ tree: fair, grid: { powerW, setAtMs: 0 }, baseA, places }, 0).targets.get(outlet.key)!.allocatedA)
  }

  test.each<[string, number, { L1: number; L2: number; L3: number }, (number | null)[], number[]]>([
    ['bounds the sum over the phases, not each by a third', 16 * 230, perPhase(0), [1], [16]],
    ['of a car on three phases', 3 * 16 * 230, perPhase(0), [3], [16]],
    ['of cars on one and on three', (3 * 16 + 16) * 230, perPhase(0), [1, 3], [16, 16]],
    ['with the base load of every phase in it', (30 + 3 * 10) * 230, { L1: 20, L2: 10, L3: 0 }, [3], [10]],
    ['a car nobody told about may use all its phases', 3 * 10 * 230, perPhase(0), [null], [10]],
  ])('%s', (_, powerW, baseA, cars, expected) => {
    expect(share(powerW, baseA, ...cars)).toEqual(expected)
  })
})
