// Limits that people's charging profiles impose: a cap on a connector, a bound on the node of a charge point.
import { describe, expect, test } from 'vitest'
import type { Constraint } from '../../src/power/limits.ts'
import type { Place, ProfileCap } from '../../src/power/loads.ts'
import { plan } from '../../src/power/plan.ts'
import { perPhase } from '../../src/power/site.ts'
import { chargePointNode, circuitOf, type Tree } from '../../src/power/tree.ts'
import { carPlace, makePlace, makeTree } from './fixtures.ts'

const cap = (limitA: number): ProfileCap => ({ limitA, source: 'profile:7' })
const whole = (clientID: string, capacity: number, on: Constraint['on'] = 'L1'): Constraint => ({ nodeID: chargePointNode(clientID), on, capacity, source: 'profile:9' })

function planOf(tree: Tree, places: readonly Place[], constraints: readonly Constraint[] = [], nextAtMs = Infinity) {
  return plan({ tree, grid: null, baseA: perPhase(0), places, imposed: { constraints, nextAtMs } }, 0)
}
const of = (made: ReturnType<typeof planOf>, key: string) => {
  const { allocatedA, requestedA, fallbackA, binding } = made.targets.get(key)!
  return { allocatedA, requestedA, fallbackA, binding }
}

describe('a cap on a connector', () => {
  const tree = makeTree({ fuseA: 100 }, [{ id: 'A', fallbackA: 8 }, { id: 'B', fallbackA: 0, connectors: [{ id: 1, stepA: 0.1 }] }])
  test.each<[string, number, number | null, object]>([
    ['binds', 10, null, { allocatedA: 10, requestedA: 10, fallbackA: 8, binding: 'profile:7' }],
    ['is taken down to a step', 10.9, null, { allocatedA: 10, requestedA: 10, fallbackA: 8, binding: 'profile:7' }],
    ['takes the fallback down', 7.5, null, { allocatedA: 7, requestedA: 7, fallbackA: 7, binding: 'profile:7' }],
    ['below the minimum is nothing', 5.9, null, { allocatedA: 0, requestedA: 5, fallbackA: 0, binding: 'profile:7' }],
    ['of nothing is nothing', 0, null, { allocatedA: 0, requestedA: 0, fallbackA: 0, binding: 'profile:7' }],
    ['above the connector says nothing', 40, null, { allocatedA: 32, requestedA: 32, fallbackA: 8, binding: 'hardware' }],
    ['as high as the connector leaves it the word', 32, null, { allocatedA: 32, requestedA: 32, fallbackA: 8, binding: 'hardware' }],
    ['above what the car takes says nothing', 20, 16, { allocatedA: 16, requestedA: 16, fallbackA: 8, binding: 'vehicle' }],
    ['below what the car takes binds', 12, 16, { allocatedA: 12, requestedA: 12, fallbackA: 8, binding: 'profile:7' }],
  ])('%s', (_title, limitA, vehicleMaxA, expected) => {
    expect(of(planOf(tree, [carPlace(tree, 'A/1', { profileCap: cap(limitA), vehicleMaxA })]), 'A/1')).toEqual(expected)
  })
  test('goes by the step of the connector', () => {
    expect(of(planOf(tree, [carPlace(tree, 'B/1', { profileCap: cap(10.94) })]), 'B/1')).toMatchObject({ allocatedA: 10.9, binding: 'profile:7' })
  })
  test('leaves the others what it does not take', () => {
    const narrow = makeTree({ fuseA: 32 }, [{ id: 'A' }, { id: 'B' }])
    const made = planOf(narrow, [carPlace(narrow, 'A/1', { profileCap: cap(10) }), carPlace(narrow, 'B/1')])
    expect([of(made, 'A/1').allocatedA, of(made, 'B/1').allocatedA]).toEqual([10, 22])
  })
  test('below a fallback that no longer holds is told to an idle connector', () => {
    const made = planOf(tree, [makePlace(tree, 'A/1', { profileCap: cap(6) })])
    expect(made.lowerings).toMatchObject([{ key: 'A/1', slot: 'default', limitA: 6 }])
    expect(of(made, 'A/1')).toMatchObject({ allocatedA: 6, binding: 'profile:7' })
  })
  test('starves nobody', () => {
    const made = planOf(tree, [carPlace(tree, 'B/1', { profileCap: cap(0) })])
    expect(made.notes.find(({ key }) => key === 'B/1')?.starvedSinceMs ?? null).toBeNull()
  })
})

describe('a bound on a charge point', () => {
  const tree = makeTree({ fuseA: 100, circuits: [{ id: 'hall', limitA: 60 }] }, [
    { id: 'A', circuit: 'hall', connectors: [{ id: 1 }, { id: 2 }] }, { id: 'B', circuit: 'hall' }, { id: 'C' },
  ])
  test('is no circuit', () => {
    expect([...tree.outlets.values()].map(circuitOf)).toEqual(['hall', 'hall', 'hall', null])
    expect(tree.nodes.map(({ id }) => id)).toEqual(['main', 'hall'])
  })
  test('holds for its connectors together, and for nobody else', () => {
    const made = planOf(tree, ['A/1', 'A/2', 'B/1'].map((key) => carPlace(tree, key)), [whole('A', 20)])
    expect(['A/1', 'A/2', 'B/1'].map((key) => [of(made, key).allocatedA, of(made, key).binding])).toEqual([[10, 'profile:9'], [10, 'profile:9'], [32, 'hardware']])
  })
  test('in watts counts the phases each uses', () => {
    const made = planOf(tree, [carPlace(tree, 'A/1', { vehiclePhases: 1 }), carPlace(tree, 'A/2')], [whole('A', 9_200, 'W')])
    expect(['A/1', 'A/2'].map((key) => of(made, key).allocatedA)).toEqual([10, 10])
  })
  test('of two the lower holds, in whatever order they come', () => {
    const two = [whole('A', 20), { ...whole('A', 14), source: 'profile:3' }]
    for (const constraints of [two, two.toReversed()]) expect(of(planOf(tree, [carPlace(tree, 'A/1')], constraints), 'A/1')).toMatchObject({ allocatedA: 14, binding: 'profile:3' })
  })
  test('that cannot be had is no fault of the site, and keeps nobody else from being raised', () => {
    const away = carPlace(tree, 'A/1', { online: false, txA: 32 })
    const made = planOf(tree, [away, carPlace(tree, 'B/1', { txA: 6 })], [whole('A', 20)])
    expect(made).toMatchObject({ missing: [], over: [], state: 'enforced', deficitA: 0 })
    expect(made.raisings).toMatchObject([{ key: 'B/1' }])
  })
  test('keeps its connectors from being raised above it until the others are proven lower', () => {
    const made = planOf(tree, [carPlace(tree, 'A/1', { txA: 32 }), carPlace(tree, 'A/2', { txA: 0 })], [whole('A', 20)])
    expect(made.lowerings).toMatchObject([{ key: 'A/1', limitA: 10 }])
    expect(made.raisings).toEqual([])
  })
})

test('what overrules the engine\'s own is counted, and the others give way', () => {
  const tree = makeTree({ fuseA: 32 }, [{ id: 'A' }, { id: 'B' }])
  const made = planOf(tree, [makePlace(tree, 'A/1', { overruledA: 20 }), carPlace(tree, 'B/1', { txA: 32 })])
  expect(made.targets.get('B/1')).toMatchObject({ allocatedA: 12, binding: 'fuse' })
  expect(made.over).toMatchObject([{ amount: 20 }, { amount: 20 }, { amount: 20 }])
})

test('the plan is looked at again when a profile changes', () => {
  const tree = makeTree({}, [{ id: 'A' }])
  expect(planOf(tree, [carPlace(tree, 'A/1')], [], 1_234).nextAtMs).toBe(1_234)
})
