// A car that has got all that was asked for: it keeps nobody from anything, and shares what the others leave.
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/power/plan.ts'
import { perPhase } from '../../src/power/site.ts'
import { amps, carPlace, makeTree, planOf, sharesOf, stations, targetsOf } from './fixtures.ts'

const tree = makeTree({}, stations(3))

describe('a car that has what it asked for', () => {
  test('leaves all of it to those that still need something', () => {
    const places = [carPlace(tree, 'CP1/1', { remainingWh: 0 }), carPlace(tree, 'CP2/1', { remainingWh: 5_000 }), carPlace(tree, 'CP3/1')]
    expect(sharesOf(targetsOf(tree, places, { grid: amps(32) }))).toEqual({ 'CP1/1': 0, 'CP2/1': 16, 'CP3/1': 16 })
  })
  test('takes what they cannot use', () => {
    const places = [carPlace(tree, 'CP1/1', { remainingWh: 0 }), carPlace(tree, 'CP2/1', { remainingWh: 5_000, vehicleMaxA: 10 }), carPlace(tree, 'CP3/1', { vehicleMaxA: 12 })]
    expect(sharesOf(targetsOf(tree, places, { grid: amps(32) }))).toEqual({ 'CP1/1': 10, 'CP2/1': 10, 'CP3/1': 12 })
  })
  test('waits in no queue, whatever it came before', () => {
    const places = [carPlace(tree, 'CP1/1', { remainingWh: 0, txA: 10 }), carPlace(tree, 'CP2/1', { remainingWh: 5_000, queuedAtMs: 5 }), carPlace(tree, 'CP3/1', { queuedAtMs: 6 })]
    const { targets, waiting } = planOf(tree, places, { grid: amps(12), nowMs: 10 })
    expect([...targets.values()].map(({ allocatedA, binding, queuePlace }) => [allocatedA, binding, queuePlace])).toEqual([[0, 'vehicle', null], [6, 'grid-limit', null], [6, 'grid-limit', null]])
    expect(waiting).toBe(0)
  })
  test('is owed no minimum under a limit that is bought', () => {
    const timed = [{ source: 'demand-window', powerW: 13_800, fromMs: 0, untilMs: Infinity, economic: true as const }]
    const places = [carPlace(tree, 'CP1/1', { remainingWh: 5_000 }), carPlace(tree, 'CP2/1', { remainingWh: 0, priority: 1 })]
    expect(sharesOf(plan({ tree, grid: null, baseA: perPhase(0), places, timed }, 0))).toEqual({ 'CP1/1': 20, 'CP2/1': 0 })
    // One that still needs something is.
    const both = [places[0]!, carPlace(tree, 'CP2/1', { remainingWh: 5_000, priority: 1, vehicleMaxA: 6 })]
    expect(sharesOf(plan({ tree, grid: null, baseA: perPhase(0), places: both, timed }, 0))).toEqual({ 'CP1/1': 14, 'CP2/1': 6 })
  })
  test('is never one of whose need nobody spoke', () => {
    const places = [carPlace(tree, 'CP1/1', { remainingWh: null }), carPlace(tree, 'CP2/1')]
    expect(sharesOf(targetsOf(tree, places, { grid: amps(20) }))).toEqual({ 'CP1/1': 10, 'CP2/1': 10 })
  })
})

describe('leastLaxity where there is not enough for all', () => {
  const tight = makeTree({ policy: 'leastLaxity' }, stations(3))
  const hour = 3_600_000
  // 22.08 kW at full power: 20 kWh take 54 min, so that the first has 6 min of slack.
  const late = { departureAtMs: hour, remainingWh: 20_000 }
  const early = { departureAtMs: 9 * hour, remainingWh: 20_000 }

  test('where every minimum fits everybody keeps it; where some wait, whoever cannot wait much longer has all it can use before others begin', () => {
    const places = [carPlace(tight, 'CP1/1', late), carPlace(tight, 'CP2/1', early), carPlace(tight, 'CP3/1', early)]
    expect(sharesOf(targetsOf(tight, places, { grid: amps(40) }))).toEqual({ 'CP1/1': 28, 'CP2/1': 6, 'CP3/1': 6 })
    expect(sharesOf(targetsOf(tight, places, { grid: amps(18) }))).toEqual({ 'CP1/1': 6, 'CP2/1': 6, 'CP3/1': 6 })
    expect(sharesOf(targetsOf(tight, places, { grid: amps(17) }))).toEqual({ 'CP1/1': 17, 'CP2/1': 0, 'CP3/1': 0 })
    expect(targetsOf(tight, places, { grid: amps(17) }).targets.get('CP3/1')).toMatchObject({ binding: 'queue', queuePlace: 2 })
  })
  test('a higher class comes before it all the same', () => {
    const places = [carPlace(tight, 'CP1/1', late), carPlace(tight, 'CP2/1', { ...early, priority: 1 }), carPlace(tight, 'CP3/1', early)]
    expect(sharesOf(targetsOf(tight, places, { grid: amps(40) }))).toEqual({ 'CP1/1': 6, 'CP2/1': 28, 'CP3/1': 6 })
  })
  test('by other policies each gets its minimum first', () => {
    const even = makeTree({ policy: 'equal' }, stations(3))
    const places = [carPlace(even, 'CP1/1', late), carPlace(even, 'CP2/1', early), carPlace(even, 'CP3/1', early)]
    expect(sharesOf(targetsOf(even, places, { grid: amps(18) }))).toEqual({ 'CP1/1': 6, 'CP2/1': 6, 'CP3/1': 6 })
  })
})
