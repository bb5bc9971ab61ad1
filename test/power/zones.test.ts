// Which constraints can bind anybody at all, and how that divides a site.
import { describe, expect, test } from 'vitest'
import { constraintsAt, type Constraint } from '../../src/power/limits.ts'
import { capacities, layGround, type Place } from '../../src/power/loads.ts'
import { perPhase, type ChargePointInput, type SiteInput } from '../../src/power/site.ts'
import { chargePointNode } from '../../src/power/tree.ts'
import { bindingOf, divide, layOut, sumOf } from '../../src/power/zones.ts'
import { carPlace, makePlace, makeTree } from './fixtures.ts'

function zonesOf(site: Partial<SiteInput>, points: readonly ChargePointInput[], options: { idle?: readonly string[]; baseA?: number; imposed?: readonly Constraint[]; car?: Partial<Place> } = {}) {
  const tree = makeTree(site, points)
  const places = [...tree.outlets.keys()].map((key) => (options.idle?.includes(key) ? makePlace(tree, key) : carPlace(tree, key, { txA: 6, ...options.car })))
  const most = places.map(({ row, outlet }) => (row.transactionId === null ? { anyCarA: outlet.fallbackA, thisCarA: outlet.fallbackA } : { anyCarA: 0, thisCarA: outlet.maxA }))
  const layout = layOut(tree, places)
  const constraints = constraintsAt(tree, null, 0, options.imposed)
  const own = layout.placesAt.map((members) => sumOf(members, places, (index) => most[index]!))
  const beside = (nodeID: string) => sumOf(places.flatMap(({ outlet }, index) => (outlet.path[0] === nodeID ? [index] : [])), places, (index) => most[index]!)
  const binding = bindingOf(layout, constraints, capacities(layGround(tree, constraints), perPhase(options.baseA ?? 0)), own, beside)
  const { zones, constraintsOf } = divide(layout, binding, null)
  return {
    binding: [...new Set(binding.map(({ nodeID, on }) => `${nodeID} ${on}`))],
    zones: zones.list.map(({ id, members }) => [typeof id === 'number' ? 'free' : id, members.map((index) => places[index]!.outlet.key).join(' ')]),
    above: [...constraintsOf].map(([id, list]) => [id, list.length]),
  }
}

const points = (...circuits: (string | undefined)[]): ChargePointInput[] => circuits.map((circuit, index) => ({ id: `CP${index + 1}`, ...(circuit === undefined ? {} : { circuit }) }))

describe('a constraint binds nobody', () => {
  test.each([
    ['when all hardware at once fits', { fuseA: 64 }, {}, []],
    ['but one amp less binds', { fuseA: 63 }, {}, ['main L1', 'main L2', 'main L3']],
    ['when the connector is idle', { fuseA: 63 }, { idle: ['CP2/1'] }, []],
    ['but the base load counts', { fuseA: 63 }, { idle: ['CP2/1'], baseA: 32 }, ['main L1', 'main L2', 'main L3']],
    ['a car on one phase fills that one only', { fuseA: 63 }, { car: { vehiclePhases: 1 } }, ['main L1']],
    ['watts bind by the sum of the phases', { fuseA: 100, limitW: 44_159 }, {}, ['main W']],
    ['watts that hold all', { fuseA: 100, limitW: 44_160 }, {}, []],
    ['a base load above the fuse binds, whoever is there', { fuseA: 10 }, { idle: ['CP1/1', 'CP2/1'], baseA: 11 }, ['main L1', 'main L2', 'main L3']],
  ] as const)('%s', (_, site, options, expected) => {
    expect(zonesOf(site, points(undefined, undefined), options).binding).toEqual(expected)
  })
})

describe('a site divides', () => {
  const circuits = [{ id: 'a', limitA: 40 }, { id: 'b', limitA: 80 }, { id: 'a1', parent: 'a', limitA: 20 }, { id: 'b1', parent: 'b', limitA: 20 }]

  test('under the topmost node that may bind; the rest is free', () => {
    expect(zonesOf({ fuseA: 200, circuits }, points('a', 'a1', 'b', 'b1', undefined))).toEqual({
      binding: ['a L1', 'a L2', 'a L3', 'a1 L1', 'a1 L2', 'a1 L3', 'b1 L1', 'b1 L2', 'b1 L3'],
      zones: [['a', 'CP1/1 CP2/1'], ['b1', 'CP4/1'], ['free', 'CP3/1'], ['free', 'CP5/1']],
      above: [['a', 6], ['b1', 3]],
    })
  })

  test('not at all where the fuse is short', () => {
    expect(zonesOf({ fuseA: 100, circuits }, points('a', 'a1', 'b', 'b1', undefined)).zones).toEqual([['main', 'CP1/1 CP2/1 CP3/1 CP4/1 CP5/1']])
  })

  test('a limit of people on a charge point is a zone of its own, or part of the one above it', () => {
    const imposed = ['CP1', 'CP3'].map((id): Constraint => ({ nodeID: chargePointNode(id), on: 'L1', capacity: 10, source: 'profile:7' }))
    expect(zonesOf({ fuseA: 200, circuits }, points('a', 'a1', 'b'), { imposed })).toMatchObject({
      zones: [['a', 'CP1/1 CP2/1'], ['chargepoint:CP3', 'CP3/1']], above: [['a', 7], ['chargepoint:CP3', 1]],
    })
  })

  test('the connectors of a charge point are in one piece, however many there are', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ id: `CP${index}`, connectors: [{ id: 1 }, { id: 2 }] }))
    const { zones } = zonesOf({ fuseA: 10_000 }, many)
    expect(zones.length).toBeGreaterThan(1)
    for (const [, keys] of zones) expect(keys!.split(' ').length % 2).toBe(0)
  })
})
