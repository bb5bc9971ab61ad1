// The engine's sharing equals a brute-force reading of the design's text on small sites.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { constraintsAt } from '../../src/power/limits.ts'
import { phases } from '../../src/power/site.ts'
import { setTargets } from '../../src/power/target.ts'
import type { Tree } from '../../src/power/tree.ts'
import type { Place } from '../../src/power/loads.ts'
import { makePlace, makeTree, settledRow } from './fixtures.ts'
import { shareByText, type OracleCase } from './oracle.ts'

// RUNS=5000 for a long soak.
const runs = Number(process.env.RUNS ?? 400)
const longestMs = process.env.RUNS === undefined ? 8_000 : 3_600_000
/** All have been on for longer than they must. */
const laterMs = 3_600_000
const rotation = fc.constantFrom<[number, number, number]>([0, 1, 2], [0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1])
const amps = (max: number) => fc.oneof(fc.integer({ min: 0, max }).map((value): [number, number, number] => [value, value, value]), fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }), fc.integer({ min: 0, max })))
const watts = fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: null, freq: 2 })

const circuit = fc.record({ parent: fc.nat(), limitA: fc.option(amps(64), { nil: null, freq: 4 }), limitW: watts, rotation })
const car = fc.record({
  phases: fc.constantFrom(1, 2, 3), minA: fc.constantFrom(6, 6, 6, 7, 8.5), maxA: fc.constantFrom(32, 32, 16, 13, 10.5, 5), stepA: fc.constantFrom(1, 1, 1, 0.1, 0.5, 2, 5), weight: fc.constantFrom(1, 1, 2, 3, 0.5),
  priority: fc.constantFrom(0, 0, 0, 1, 2), isOn: fc.boolean(), starvedSince: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null, freq: 2 }), queuedAt: fc.integer({ min: 0, max: 3 }),
})
const connector = fc.record({ node: fc.nat(), fallbackA: fc.constantFrom(0, 0, 0, 6, 8, 6.5), car: fc.option(car, { nil: null, freq: 6 }) })

const cases: fc.Arbitrary<OracleCase> = fc.record({
  weighted: fc.boolean(), baseA: fc.oneof(fc.constant<[number, number, number]>([0, 0, 0]), amps(25)), fuse: amps(100), siteW: watts,
  circuits: fc.array(circuit, { maxLength: 4 }), connectors: fc.array(connector, { minLength: 1, maxLength: 6 }),
}).map(({ weighted, baseA, fuse, siteW, circuits, connectors }) => ({
  voltage: 230, weighted, baseA,
  nodes: [{ parent: null, limitA: fuse, limitW: siteW, rotation: [0, 1, 2] as const }, ...circuits.map((one, index) => ({ ...one, parent: one.parent % (index + 1) }))],
  connectors: connectors.map((one, index) => ({ ...one, id: `CP${index}/1`, node: one.node % (circuits.length + 1) })),
}))

function build({ voltage, weighted, nodes, connectors }: OracleCase): { tree: Tree; places: Place[] } {
  const perPhase = (list: readonly [number, number, number]) => ({ L1: list[0], L2: list[1], L3: list[2] })
  const [site, ...circuits] = nodes
  const tree = makeTree({
    voltage, policy: weighted ? 'weighted' : 'equal', fuseA: perPhase(site!.limitA!), ...(site!.limitW === null ? {} : { limitW: site!.limitW }),
    circuits: circuits.map(({ parent, limitA, limitW, rotation: turned }, index) => ({
      id: `n${index + 1}`, ...(parent === 0 ? {} : { parent: `n${parent}` }), ...(limitA === null ? {} : { limitA: perPhase(limitA) }), ...(limitW === null ? {} : { limitW }), rotation: turned.map((one) => phases[one]!),
    })),
  }, connectors.map(({ id, node, fallbackA, car: it }) => ({
    id: id.slice(0, -2), ...(node === 0 ? {} : { circuit: `n${node}` }), fallbackA, connectors: [{ id: 1, minA: it?.minA ?? 6, maxA: it?.maxA ?? 32, stepA: it?.stepA ?? 1 }],
  })))
  const places = connectors.map(({ id, fallbackA, car: it }) => it === null
    ? makePlace(tree, id)
    : makePlace(tree, id, {
      row: { ...settledRow({ fallbackA, hardwareA: it.maxA, transactionId: 7, txA: it.isOn ? 6 : null }), starvedSinceMs: it.starvedSince },
      vehiclePhases: it.phases, priority: it.priority, weight: it.weight, queuedAtMs: it.queuedAt,
    }))
  return { tree, places }
}

/** An idle fallback that leaves a car less than its minimum gives way (docs/decisions/0040). */
const idleInTheWay: OracleCase = {
  voltage: 230, weighted: false, baseA: [0, 0, 0], nodes: [{ parent: null, limitA: [7, 7, 7], limitW: null, rotation: [0, 1, 2] }],
  connectors: [
    { id: 'CP0/1', node: 0, fallbackA: 6.5, car: null },
    { id: 'CP1/1', node: 0, fallbackA: 0, car: { phases: 1, minA: 6, maxA: 32, stepA: 1, weight: 1, priority: 0, isOn: false, starvedSince: null, queuedAt: 0 } },
  ],
}

test('every allocation, every fallback and every reason for nothing', () => {
  fc.assert(fc.property(cases, (given) => {
    const { tree, places } = build(given)
    const [L1, L2, L3] = given.baseA
    const { targets } = setTargets(tree, constraintsAt(tree, null, laterMs), { L1, L2, L3 }, places, laterMs)
    const expected = shareByText(given)
    const found = given.connectors.map(({ id, car: it }, who) => {
      const target = targets.get(id)!
      const { why } = expected[who]!
      const nothing = target.binding === 'minimum' || target.binding === 'queue' ? target.binding : target.allocatedA === 0 ? 'incapable' : null
      return { fallbackA: target.fallbackA, allocatedA: it === null ? 0 : target.allocatedA, why: it === null ? null : why === 'unclear' && target.allocatedA === 0 ? 'unclear' : nothing }
    })
    expect(found).toEqual(expected)
  }), { numRuns: runs, interruptAfterTimeLimit: longestMs, examples: [[idleInTheWay]] })
})
