// Sharing: the worked rows of the design, what bound every number, who waits, and what cannot be steered.
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/power/loads.ts'
import type { Target } from '../../src/power/target.ts'
import { bookAll, entry, amps, carPlace, makePlace, makeTree, settledRow, sharesOf, stations, targetsOf } from './fixtures.ts'

describe('worked rows', () => {
  test('32 A, two cars: 16 each', () => {
    const tree = makeTree({ fuseA: 32 }, stations(2))
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1')]))).toEqual({ 'CP1/1': 16, 'CP2/1': 16 })
  })

  test('the second takes 8 at most: 24 and 8', () => {
    const tree = makeTree({ fuseA: 32 }, stations(2))
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1', { vehicleMaxA: 8 })])
    expect(sharesOf(targets)).toEqual({ 'CP1/1': 24, 'CP2/1': 8 })
    expect([...targets.targets].map(([, { binding }]) => binding)).toEqual(['fuse', 'vehicle'])
  })

  test('the second is idle with a start reserve of 6: 26', () => {
    const tree = makeTree({ fuseA: 32 }, [{ id: 'CP1' }, { id: 'CP2', fallbackA: 6 }])
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1'), makePlace(tree, 'CP2/1')]))).toEqual({ 'CP1/1': 26, 'CP2/1': 6 })
  })

  test('two circuits under a root: 11/11/10 and 31', () => {
    const tree = makeTree({ fuseA: 63, circuits: [{ id: 'A', limitA: 32 }, { id: 'B', limitA: 32 }] }, stations(4).map((one, index) => ({ ...one, circuit: index < 3 ? 'A' : 'B' })))
    const targets = targetsOf(tree, [1, 2, 3, 4].map((n) => carPlace(tree, `CP${n}/1`)))
    expect(sharesOf(targets)).toEqual({ 'CP1/1': 11, 'CP2/1': 11, 'CP3/1': 10, 'CP4/1': 31 })
    expect(targets.targets.get('CP1/1')).toMatchObject({ binding: 'circuit:A', boundBy: { nodeID: 'A', on: 'L1' } })
    expect(targets.targets.get('CP4/1')).toMatchObject({ binding: 'fuse' })
  })

  test('one car on L1 and one on L2 share nothing', () => {
    const tree = makeTree({ fuseA: 16 }, [{ id: 'CP1' }, { id: 'CP2', connectors: [{ id: 1, phases: ['L2', 'L3', 'L1'] }] }])
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1', { vehiclePhases: 1 }), carPlace(tree, 'CP2/1', { vehiclePhases: 1 })]))).toEqual({ 'CP1/1': 16, 'CP2/1': 16 })
  })

  test.each([
    ['charger', makeTree({ fuseA: 20 }, [{ id: 'CP1', connectors: [{ id: 1, phases: ['L2', 'L3', 'L1'] }] }, { id: 'CP2' }])],
    ['circuit', makeTree({ fuseA: 20, circuits: [{ id: 'c', rotation: ['L2', 'L3', 'L1'] }] }, [{ id: 'CP1', circuit: 'c' }, { id: 'CP2' }])],
  ])('a %s wired L2-L3-L1: a car on one phase loads site L2 only', (_, tree) => {
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1', { vehiclePhases: 1 }), carPlace(tree, 'CP2/1', { vehiclePhases: 1 })])
    expect(sharesOf(targets)).toEqual({ 'CP1/1': 20, 'CP2/1': 20 })
    expect([...targets.targets.values()].map(({ boundBy }) => boundBy?.on)).toEqual(['L2', 'L1'])
    // Unknown phases are all of them.
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1', { vehiclePhases: 1 })]))).toEqual({ 'CP1/1': 10, 'CP2/1': 10 })
  })

  test('a higher class is served first, above the minimum of the others; weights share instead', () => {
    const equal = makeTree({ fuseA: 32 }, stations(3))
    expect(sharesOf(targetsOf(equal, [carPlace(equal, 'CP1/1', { priority: 1 }), carPlace(equal, 'CP2/1'), carPlace(equal, 'CP3/1')]))).toEqual({ 'CP1/1': 20, 'CP2/1': 6, 'CP3/1': 6 })
    const weighted = makeTree({ fuseA: 32, policy: 'weighted' }, stations(3))
    const places = (tree: typeof weighted) => [carPlace(tree, 'CP1/1', { weight: 2 }), carPlace(tree, 'CP2/1'), carPlace(tree, 'CP3/1')]
    expect(sharesOf(targetsOf(weighted, places(weighted)))).toEqual({ 'CP1/1': 16, 'CP2/1': 8, 'CP3/1': 8 })
    expect(sharesOf(targetsOf(equal, places(equal)))).toEqual({ 'CP1/1': 11, 'CP2/1': 11, 'CP3/1': 10 })
  })

  test('a limit of 5 A: nobody, bound by the minimum; of 6 A: the longest starved, then the queue', () => {
    const tree = makeTree({ fuseA: 32 }, stations(2))
    const cars = (one: Partial<Place>, two: Partial<Place>) => [carPlace(tree, 'CP1/1', { queuedAtMs: 1, ...one }), carPlace(tree, 'CP2/1', { queuedAtMs: 2, ...two })]
    const none = targetsOf(tree, cars({}, {}), { grid: amps(5) })
    expect([...none.targets.values()].map(({ allocatedA, binding, boundBy, queuePlace }) => [allocatedA, binding, boundBy?.source, queuePlace])).toEqual([[0, 'minimum', 'grid-limit', null], [0, 'minimum', 'grid-limit', null]])
    const one = targetsOf(tree, cars({}, {}), { grid: amps(6) })
    expect([...one.targets.values()].map(({ allocatedA, binding, queuePlace }) => [allocatedA, binding, queuePlace])).toEqual([[6, 'grid-limit', null], [0, 'queue', 1]])
    const starved = (since: number) => ({ row: { ...settledRow({ txA: 0 }), starvedSinceMs: since } })
    expect(sharesOf(targetsOf(tree, cars(starved(20), starved(10)), { grid: amps(6) }))).toEqual({ 'CP1/1': 0, 'CP2/1': 6 })
    expect(sharesOf(targetsOf(tree, cars(starved(10), starved(10)), { grid: amps(6) }))).toEqual({ 'CP1/1': 6, 'CP2/1': 0 })
  })
})

describe('who is admitted', () => {
  test('one blocked car does not block cars on other phases or circuits', () => {
    const tree = makeTree({ fuseA: 32, circuits: [{ id: 'tight', limitA: 5 }] }, [{ id: 'CP1', circuit: 'tight' }, { id: 'CP2' }])
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1', { queuedAtMs: 1 }), carPlace(tree, 'CP2/1', { queuedAtMs: 2 })])
    expect(sharesOf(targets)).toEqual({ 'CP1/1': 0, 'CP2/1': 32 })
    expect(targets.targets.get('CP1/1')).toMatchObject({ binding: 'minimum', boundBy: { source: 'circuit:tight' }, queuePlace: null })
  })

  test('the queue has its places by class, time, name', () => {
    const tree = makeTree({ fuseA: 7 }, stations(4))
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1', { queuedAtMs: 9 }), carPlace(tree, 'CP2/1', { queuedAtMs: 5 }), carPlace(tree, 'CP3/1', { queuedAtMs: 5 }), carPlace(tree, 'CP4/1', { queuedAtMs: 99, priority: 1 })])
    expect([...targets.targets].map(([key, { allocatedA, queuePlace }]) => [key, allocatedA, queuePlace])).toEqual([['CP4/1', 7, null], ['CP2/1', 0, 1], ['CP3/1', 0, 2], ['CP1/1', 0, 3]])
    expect(targets.waiting).toBe(3)
  })

  test('whoever is on stays on, unless a higher class comes', () => {
    const tree = makeTree({ fuseA: 7 }, stations(2))
    const on = carPlace(tree, 'CP2/1', { txA: 7, queuedAtMs: 50 })
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1'), on]))).toEqual({ 'CP1/1': 0, 'CP2/1': 7 })
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1', { priority: 1 }), on]))).toEqual({ 'CP1/1': 7, 'CP2/1': 0 })
  })

  test('a car that needs 8 A is skipped where 7 are left, and one that needs 6 gets them', () => {
    const tree = makeTree({ fuseA: 7 }, [{ id: 'CP1', connectors: [{ id: 1, minA: 8 }] }, { id: 'CP2' }])
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1')])
    expect([...targets.targets.values()].map(({ allocatedA, binding }) => [allocatedA, binding])).toEqual([[0, 'minimum'], [7, 'fuse']])
  })

  test('a maximum below the minimum gets 0 for its own sake', () => {
    const tree = makeTree({ fuseA: 32 }, [{ id: 'CP1', connectors: [{ id: 1, maxA: 5 }] }, { id: 'CP2' }])
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1', { vehicleMaxA: 5 })])
    expect([...targets.targets.values()].map(({ allocatedA, binding }) => [allocatedA, binding])).toEqual([[0, 'hardware'], [0, 'vehicle']])
  })

  test('the minimum is a whole number of steps', () => {
    const tree = makeTree({ fuseA: 7 }, [{ id: 'CP1', connectors: [{ id: 1, stepA: 4 }] }])
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1')]))).toEqual({ 'CP1/1': 0 })
    expect(sharesOf(targetsOf(makeTree({ fuseA: 13 }, [{ id: 'CP1', connectors: [{ id: 1, stepA: 4 }] }]), [carPlace(tree, 'CP1/1')]))).toEqual({ 'CP1/1': 12 })
  })
})

describe('power limits', () => {
  test('bound the sum over the phases, not each phase by a third', () => {
    const tree = makeTree({ fuseA: 32, limitW: 230 * 30 }, stations(2))
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1', { vehiclePhases: 1 })]))['CP1/1']).toBe(30)
    const equal = targetsOf(tree, [carPlace(tree, 'CP1/1', { vehiclePhases: 1 }), carPlace(tree, 'CP2/1', { vehiclePhases: 3 })])
    // 7.5 each by level; the first in the queue gets the step that fits, the other three times as much would not.
    expect(sharesOf(equal)).toEqual({ 'CP1/1': 8, 'CP2/1': 7 })
    expect(equal.targets.get('CP1/1')!.boundBy).toMatchObject({ on: 'W', source: 'circuit:main' })
  })

  test('the base load takes its watts from the site, not from its circuits', () => {
    const tree = makeTree({ fuseA: 63, limitW: 230 * 90, circuits: [{ id: 'c', limitW: 230 * 60 }] }, [{ id: 'CP1', circuit: 'c' }])
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1')]))['CP1/1']).toBe(20)
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1')], { baseA: 12 }))['CP1/1']).toBe(18)
  })
})

describe('what cannot be steered', () => {
  const tree = makeTree({ fuseA: 63 }, stations(3))
  const refusing = (started: boolean) => {
    const row = bookAll(settledRow({ transactionId: started ? 7 : null }), { type: 'noted', lowering: { toA: 0, decidedAtMs: -10 }, wantedSinceMs: null, starvedSinceMs: null })
    return { ...row, default: { confirmed: null, inFlight: [], refused: { limitA: 0, atMs: -5 } }, refusedAtMs: -5 }
  }

  test.each([['with a car', true], ['idle', false]])('a charger that cannot be limited counts its 32 A always (%s); the others share 31', (_, started) => {
    const targets = targetsOf(tree, [carPlace(tree, 'CP1/1'), carPlace(tree, 'CP2/1'), makePlace(tree, 'CP3/1', { row: refusing(started) })])
    expect([targets.targets.get('CP1/1')!.allocatedA, targets.targets.get('CP2/1')!.allocatedA]).toEqual([16, 15])
    expect(targets.targets.get('CP3/1')!.stuck.thisCarA).toBe(32)
    expect(targets.missing).toEqual([])
  })

  test('control: none counts its maximum, in contact or not', () => {
    const other = makeTree({ fuseA: 40 }, [{ id: 'CP1' }, { id: 'CP2', control: 'none', connectors: [{ id: 1, maxA: 22 }] }])
    const targets = targetsOf(other, [carPlace(other, 'CP1/1'), makePlace(other, 'CP2/1', { online: false })])
    expect(sharesOf(targets)).toEqual({ 'CP1/1': 18, 'CP2/1': 22 })
  })

  test('out of reach counts what it may hold; too much of it is missing', () => {
    const away = carPlace(tree, 'CP1/1', { txA: 30, online: false })
    expect(sharesOf(targetsOf(tree, [away, carPlace(tree, 'CP2/1')], { grid: amps(40) }))).toEqual({ 'CP1/1': 30, 'CP2/1': 10 })
    const short = targetsOf(tree, [away, carPlace(tree, 'CP2/1')], { grid: amps(20) })
    expect(short.targets.get('CP2/1')).toMatchObject({ allocatedA: 0, binding: 'minimum' })
    expect(short.missing.map(({ constraint, amount }) => [constraint.on, amount])).toEqual([['L1', 10], ['L2', 10], ['L3', 10]])
  })

  test('one that does not follow makes others give way, and among those are more who do not', () => {
    const late = (txA: number, toA: number) => ({ ...settledRow({ txA }), lowering: { toA, decidedAtMs: -6_000 } })
    const places = [carPlace(tree, 'CP1/1', { row: late(32, 21) }), carPlace(tree, 'CP2/1', { row: late(20, 15) }), carPlace(tree, 'CP3/1')]
    const targets = targetsOf(tree, places)
    // 63 − 32 leaves 15.5 to each of the others; the second holds 20, so the third gets 11.
    expect(targets.targets.get('CP3/1')!.allocatedA).toBe(11)
    expect(targets.missing).toEqual([])
  })

  test('an old fallback that cannot be lowered counts on the phases the car does not use', () => {
    const row = { ...settledRow({ fallbackA: 20, txA: 20 }), lowering: { toA: 0, decidedAtMs: -6_000 } }
    const idle = makeTree({ fuseA: 32 }, [{ id: 'CP1' }, { id: 'CP2', connectors: [{ id: 1, phases: ['L2'] }] }])
    const targets = targetsOf(idle, [makePlace(idle, 'CP1/1', { row, vehiclePhases: 1 }), carPlace(idle, 'CP2/1')])
    expect(targets.targets.get('CP2/1')!.allocatedA).toBe(12)
  })

  test('draw above the limit counts although the profile is fine', () => {
    const row = bookAll(settledRow({ txA: 10 }), { type: 'sampled', highestA: 20, measuredAtMs: -1, atMs: -1 })
    const targets = targetsOf(tree, [makePlace(tree, 'CP1/1', { row }), carPlace(tree, 'CP2/1'), carPlace(tree, 'CP3/1')], { grid: amps(30) })
    expect([targets.targets.get('CP2/1')!.allocatedA, targets.targets.get('CP3/1')!.allocatedA]).toEqual([10, 0])
  })
})

describe('fallbacks', () => {
  test('that do not fit go to 0, the idle ones first, the last in the queue first', () => {
    const tree = makeTree({ fuseA: 63 }, stations(3, { fallbackA: 8 }))
    const places = [carPlace(tree, 'CP1/1', { queuedAtMs: 9 }), makePlace(tree, 'CP2/1', { queuedAtMs: 1 }), makePlace(tree, 'CP3/1', { queuedAtMs: 2 })]
    const fallbacks = (limitA: number) => Object.fromEntries([...targetsOf(tree, places, { grid: amps(limitA) }).targets].map(([key, { fallbackA }]) => [key, fallbackA]).sort())
    expect(fallbacks(24)).toEqual({ 'CP1/1': 8, 'CP2/1': 8, 'CP3/1': 8 })
    expect(fallbacks(23)).toEqual({ 'CP1/1': 8, 'CP2/1': 8, 'CP3/1': 0 })
    expect(fallbacks(15)).toEqual({ 'CP1/1': 8, 'CP2/1': 0, 'CP3/1': 0 })
    expect(fallbacks(7)).toEqual({ 'CP1/1': 0, 'CP2/1': 0, 'CP3/1': 0 })
  })

  test('only those under the limit that is over', () => {
    const tree = makeTree({ fuseA: 63, circuits: [{ id: 'c', limitA: 10 }] }, [{ id: 'CP1', fallbackA: 8 }, { id: 'CP2', fallbackA: 8, circuit: 'c' }, { id: 'CP3', fallbackA: 8, circuit: 'c' }])
    const targets = targetsOf(tree, ['CP1/1', 'CP2/1', 'CP3/1'].map((key) => makePlace(tree, key)))
    expect([...targets.targets.values()].map(({ fallbackA }) => fallbackA)).toEqual([8, 8, 0])
  })

  test('count on every phase of the connector while a car on one phase takes its share', () => {
    const tree = makeTree({ fuseA: 16 }, [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2', connectors: [{ id: 1, phases: ['L2'] }] }])
    expect(sharesOf(targetsOf(tree, [carPlace(tree, 'CP1/1', { vehiclePhases: 1 }), carPlace(tree, 'CP2/1')]))).toEqual({ 'CP1/1': 16, 'CP2/1': 10 })
  })
})

test('offline, idle and uncontrolled places say what they are', () => {
  const tree = makeTree({ fuseA: 100 }, [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2' }, { id: 'CP3' }])
  const never = { ...settledRow(), contactedAtMs: null, default: { confirmed: null, inFlight: [], refused: null } }
  const described = (target: Target | undefined) => [target?.allocatedA, target?.binding, target?.queuePlace]
  const targets = targetsOf(tree, [makePlace(tree, 'CP1/1'), makePlace(tree, 'CP2/1', { online: false, row: never }), makePlace(tree, 'CP3/1', { online: false, row: bookAll(settledRow({ txA: 12 }), { type: 'booked', entry: entry(1, 'tx', 10) }) })])
  expect(described(targets.targets.get('CP1/1'))).toEqual([6, 'profile', null])
  expect(described(targets.targets.get('CP2/1'))).toEqual([0, 'hardware', null])
  expect(described(targets.targets.get('CP3/1'))).toEqual([10, 'profile', null])
})
