// A car that has got all that was asked for: it keeps nobody from anything, and shares what the others leave.
import { describe, expect, test } from 'vitest'
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
  test('is never one of whose need nobody spoke', () => {
    const places = [carPlace(tree, 'CP1/1', { remainingWh: null }), carPlace(tree, 'CP2/1')]
    expect(sharesOf(targetsOf(tree, places, { grid: amps(20) }))).toEqual({ 'CP1/1': 10, 'CP2/1': 10 })
  })
})
