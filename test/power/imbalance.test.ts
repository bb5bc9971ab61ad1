// Limits between the phases: who tilts which pair, what is left for whom, and when a configuration tilts them by itself.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findMisfits } from '../../src/power/fit.ts'
import { constraintsAt, pairOf, pairs } from '../../src/power/limits.ts'
import { capacities, layGround, loadOn, subtract, type BaseAmps, type Place } from '../../src/power/loads.ts'
import { plan } from '../../src/power/plan.ts'
import { perPhase, phases, type ChargePointInput, type Phase, type SiteInput } from '../../src/power/site.ts'
import type { Tree } from '../../src/power/tree.ts'
import { carPlace, makePlace, makeTree, stations } from './fixtures.ts'

const wired = (...list: Phase[]): ChargePointInput => ({ id: 'CP1', connectors: [{ id: 1, phases: list }] })
const groundOf = (tree: Tree) => layGround(tree, constraintsAt(tree, null, 0))
const measuredAs = (place: Place, measured: number | null, told: number | null = null): Place => ({ ...place, row: { ...place.row, phases: { ...place.row.phases, measured, told } } })

describe('who tilts a pair', () => {
  const load = { anyCarA: 6, thisCarA: 16 }
  const tilted = (point: ChargePointInput, more: { vehiclePhases?: number | null; measured?: number | null; told?: number; idle?: boolean } = {}) => {
    const tree = makeTree({ imbalanceLimitA: 20 }, [point])
    const place = measuredAs((more.idle === true ? makePlace : carPlace)(tree, `${point.id}/1`, { vehiclePhases: more.vehiclePhases ?? null }), more.measured ?? null, more.told ?? null)
    const ground = groundOf(tree)
    return Object.fromEntries(pairs.map((on) => [on, loadOn(ground, place, more.idle === true ? { anyCarA: 6, thisCarA: 6 } : load, on)]).filter(([, amps]) => amps !== 0))
  }

  test.each<[string, Parameters<typeof tilted>, Record<string, number>]>([
    ['a car of three phases: only who may come after it, under the fallback', [wired('L1', 'L2', 'L3'), { vehiclePhases: 3 }], { 'L1-L2': 6, 'L1-L3': 6, 'L2-L3': 6 }],
    ['a car of one phase', [wired('L1', 'L2', 'L3'), { vehiclePhases: 1 }], { 'L1-L2': 16, 'L1-L3': 16, 'L2-L3': 6 }],
    ['a car of two phases', [wired('L1', 'L2', 'L3'), { vehiclePhases: 2 }], { 'L1-L2': 6, 'L1-L3': 16, 'L2-L3': 16 }],
    ['a car nobody knows: any first phases', [wired('L1', 'L2', 'L3')], { 'L1-L2': 16, 'L1-L3': 16, 'L2-L3': 16 }],
    ['what is measured overrides what was told', [wired('L1', 'L2', 'L3'), { vehiclePhases: 3, measured: 1 }], { 'L1-L2': 16, 'L1-L3': 16, 'L2-L3': 6 }],
    ['told as one phase, and a total was spread over all: nobody knows', [wired('L1', 'L2', 'L3'), { vehiclePhases: 3, told: 1 }], { 'L1-L2': 16, 'L1-L3': 16, 'L2-L3': 16 }],
    ['as it was told', [wired('L1', 'L2', 'L3'), { vehiclePhases: 1, told: 1 }], { 'L1-L2': 16, 'L1-L3': 16, 'L2-L3': 6 }],
    ['told as one phase, and measured to use all', [wired('L1', 'L2', 'L3'), { vehiclePhases: 3, told: 1, measured: 3 }], { 'L1-L2': 6, 'L1-L3': 6, 'L2-L3': 6 }],
    ['measured to use all', [wired('L1', 'L2', 'L3'), { measured: 3 }], { 'L1-L2': 6, 'L1-L3': 6, 'L2-L3': 6 }],
    ['in the order of the wires', [wired('L2', 'L3', 'L1'), { vehiclePhases: 1 }], { 'L2-L1': 16, 'L2-L3': 16, 'L3-L1': 6 }],
    ['a connector of one phase', [wired('L3')], { 'L3-L1': 16, 'L3-L2': 16 }],
    ['an idle connector: its fallback', [wired('L1', 'L2', 'L3'), { idle: true }], { 'L1-L2': 6, 'L1-L3': 6, 'L2-L3': 6 }],
    ['a DC connector never', [{ id: 'CP1', connectors: [{ id: 1, current: 'DC', maxW: 50_000 }] }, { vehiclePhases: 1, measured: 1 }], {}],
  ])('%s', (_, given, expected) => {
    expect(tilted(...given)).toEqual(expected)
  })
})

describe('what is shared', () => {
  const share = (site: Partial<SiteInput>, points: readonly ChargePointInput[], cars: readonly (number | null)[], baseA: BaseAmps = perPhase(0)) => {
    const tree = makeTree(site, points)
    const places = [...tree.outlets.values()].map(({ key }, index) => carPlace(tree, key, { vehiclePhases: cars[index] ?? null, queuedAtMs: index, txA: 6 }))
    const made = plan({ tree, grid: null, baseA, places }, 0)
    return places.map(({ outlet }) => [made.targets.get(outlet.key)!.allocatedA, made.targets.get(outlet.key)!.binding])
  }
  const onPhase = (phase: Phase, id: string): ChargePointInput => ({ id, connectors: [{ id: 1, phases: [phase] }] })

  test('one car on one phase has the limit', () => {
    expect(share({ imbalanceLimitA: 20 }, stations(1), [1])).toEqual([[20, 'imbalance:main']])
  })
  test('two share it', () => {
    expect(share({ imbalanceLimitA: 20 }, stations(2), [1, 1])).toEqual([[10, 'imbalance:main'], [10, 'imbalance:main']])
  })
  test('a car on three phases is not touched', () => {
    expect(share({ imbalanceLimitA: 20 }, stations(2), [1, 3])).toEqual([[20, 'imbalance:main'], [32, 'hardware']])
  })
  test('cars on other phases count 0, for they may go at any time', () => {
    expect(share({ imbalanceLimitA: 20 }, [onPhase('L1', 'CP1'), onPhase('L2', 'CP2')], [1, 1])).toEqual([[20, 'imbalance:main'], [20, 'imbalance:main']])
  })
  test('the building may tilt against them, or for them', () => {
    expect(share({ imbalanceLimitA: 20 }, stations(1), [1], { L1: 8, L2: 0, L3: 0 })).toEqual([[12, 'imbalance:main']])
    expect(share({ imbalanceLimitA: 20 }, stations(1), [1], { L1: 0, L2: 8, L3: 4 })).toEqual([[24, 'imbalance:main']])
    expect(share({ imbalanceLimitA: 20 }, stations(1), [1], { ...perPhase(8), between: { 'L1-L2': 5, 'L1-L3': 0 } })).toEqual([[15, 'imbalance:main']])
  })
  test('a circuit of its own', () => {
    const circuits = [{ id: 'garage', imbalanceLimitA: 10 }]
    expect(share({ imbalanceLimitA: 20, circuits }, [{ id: 'CP1', circuit: 'garage' }, { id: 'CP2' }], [1, 1], { L1: 30, L2: 30, L3: 30 })).toEqual([[10, 'imbalance:garage'], [10, 'imbalance:main']])
  })
  test('below the minimum nobody starts', () => {
    expect(share({ imbalanceLimitA: 5 }, stations(1), [1])).toEqual([[0, 'minimum']])
  })
  test('phases, rotation and a DC unit together', () => {
    const circuits = [{ id: 'east', rotation: ['L2', 'L3', 'L1'] as Phase[] }]
    const points: ChargePointInput[] = [{ id: 'CP1' }, { id: 'CP2', circuit: 'east' }, { id: 'CP3', connectors: [{ id: 1, current: 'DC', maxW: 50_000, efficiency: 1 }] }]
    // 40 A: the DC unit is on every phase, each car of one phase on another.
    expect(share({ fuseA: 40, imbalanceLimitA: 12, circuits }, points, [1, 1, 3])).toEqual([[12, 'imbalance:main'], [12, 'imbalance:main'], [28, 'fuse']])
  })

  test('a raising is held back where it would tilt, a lowering is asked for where it does', () => {
    const tree = makeTree({ imbalanceLimitA: 20 }, stations(2))
    const places = [carPlace(tree, 'CP1/1', { vehiclePhases: 1, txA: 16 }), carPlace(tree, 'CP2/1', { vehiclePhases: 1, txA: 16, queuedAtMs: 1 })]
    const made = plan({ tree, grid: null, baseA: perPhase(0), places }, 0)
    expect(made.over.map(({ constraint: { on }, amount }) => [on, amount])).toEqual([['L1-L2', 12], ['L1-L3', 12]])
    expect(made.lowerings.map(({ key, limitA }) => [key, limitA])).toEqual([['CP1/1', 10], ['CP2/1', 10]])
    expect(made.raisings).toEqual([])
  })
})

describe('a configuration', () => {
  test('whose fallbacks alone tilt the phases is refused', () => {
    const misfits = findMisfits(makeTree({ imbalanceLimitA: 20, baseLoad: { worstCaseA: 30 } }, stations(4, { fallbackA: 6 })))
    expect(misfits.map(({ nodeID, on, sum, limit }) => [nodeID, on, sum, limit])).toEqual([['main', 'L1-L2, L1-L3, L2-L3', 24, 20]])
    expect(misfits[0]!.message).toBe('main L1-L2, L1-L3, L2-L3: cars on one phase could tilt the phases by 24 A with the fallbacks alone, the limit (imbalance:main) is 20 A. Set fallbackA: 0 on some of CP1/1, CP2/1, CP3/1, CP4/1, or raise the limit.')
  })
  test.each<[string, Partial<SiteInput>, readonly ChargePointInput[]]>([
    ['fits with as much as the limit', { imbalanceLimitA: 24 }, stations(4, { fallbackA: 6 })],
    ['fits when the phases take turns', { imbalanceLimitA: 12 }, (['L1', 'L2', 'L3'] as const).map((phase, index) => ({ id: `CP${index}`, fallbackA: 6, connectors: [{ id: 1, phases: [phase] }] }))],
    ['fits whatever the building does', { imbalanceLimitA: 5, baseLoad: { worstCaseA: { L1: 60, L2: 0, L3: 0 } } }, stations(4)],
    ['fits with DC', { imbalanceLimitA: 5 }, [{ id: 'DC1', fallbackA: 10, connectors: [{ id: 1, current: 'DC', maxW: 50_000 }] }]],
  ])('%s', (_, site, points) => {
    expect(findMisfits(makeTree(site, points))).toEqual([])
  })
})

test('what is left between the phases is what every car at its worst leaves, whichever phases it uses', () => {
  const orders: Phase[][] = [['L1', 'L2', 'L3'], ['L2', 'L3', 'L1'], ['L3', 'L2', 'L1'], ['L1', 'L2'], ['L3', 'L1'], ['L2']]
  const car = fc.record({ order: fc.constantFrom(...orders), count: fc.constantFrom(null, 1, 2, 3), measured: fc.constantFrom(null, null, 1, 2, 3), anyA: fc.integer({ min: 0, max: 10 }), moreA: fc.integer({ min: 0, max: 30 }), dc: fc.boolean() })
  fc.assert(fc.property(fc.array(car, { minLength: 1, maxLength: 5 }), fc.record({ L1: fc.nat(40), L2: fc.nat(40), L3: fc.nat(40) }), (cars, baseA) => {
    const tree = makeTree({ imbalanceLimitA: 20 }, cars.map(({ order, dc }, index) => ({ id: `CP${index}`, connectors: [dc ? { id: 1, current: 'DC' as const, maxW: 50_000 } : { id: 1, phases: order }] })))
    const ground = groundOf(tree)
    const left = capacities(ground, baseA)
    cars.forEach(({ count, measured, anyA, moreA }, index) => subtract(ground, left, measuredAs(carPlace(tree, `CP${index}/1`, { vehiclePhases: count }), measured), { anyCarA: anyA, thisCarA: anyA + moreA }))
    ground.constraints.forEach(({ on, capacity }, index) => {
      const pair = pairOf(on)
      if (pair === null) return
      const [one, other] = pair
      let worst = baseA[one] - baseA[other]
      for (const { order, count, measured, anyA, moreA, dc } of cars) {
        if (dc) continue
        const tilts = (used: number) => order.slice(0, used).includes(one) && !order.slice(0, used).includes(other)
        const known = measured ?? count
        const own = (known === null ? [1, 2, 3] : [known]).some(tilts) ? anyA + moreA : 0
        worst += Math.max(own, [1, 2, 3].some(tilts) ? anyA : 0)
      }
      expect(left[index]).toBeCloseTo(capacity - worst, 9)
    })
  }))
  expect(phases).toHaveLength(3)
})
