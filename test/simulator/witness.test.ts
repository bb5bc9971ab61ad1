// The grid witness on hand-made histories: what is too much, where, and what is excused.
import { describe, expect, test } from 'vitest'
import { siteSchema, chargePointSchema } from '../../src/power/site.ts'
import { createWitness, type WitnessedLoad } from '../../src/simulator/witness.ts'
import { wireSite } from '../../src/simulator/wiring.ts'

const site = siteSchema.parse({
  id: 'main', fuseA: { L1: 40, L2: 30, L3: 40 },
  circuits: [{ id: 'hall', limitA: { L1: 10, L2: 20, L3: 30 }, rotation: ['L2', 'L3', 'L1'] }, { id: 'row', parent: 'hall', rotation: ['L2', 'L3', 'L1'] }, { id: 'lamp', limitW: 6900 }, { id: 'shed', imbalanceLimitA: 10 }],
})
const wiring = wireSite(site)
const cp = (input: object) => chargePointSchema.parse({ id: 'CP', ...input })
const load = (patch: Partial<WitnessedLoad>): WitnessedLoad => ({ key: 'CP/1', path: ['main'], phases: ['L1', 'L2', 'L3'], drawA: 0, permitA: 0, unruly: false, ...patch })
const idle = { L1: 0, L2: 0, L3: 0 }
function watch(loads: WitnessedLoad[], patch: { baseA?: typeof idle; limits?: { currentA?: number; powerW?: number }[] } = {}) {
  const witness = createWitness(wiring.nodes, site.voltage)
  witness.observe({ atMs: 1000, baseA: idle, limits: [], loads, ...patch })
  return witness.violations(0, 2000).map(({ node, where, overA }) => `${node} ${where} ${overA.toFixed(1)}`)
}

describe('wiring', () => {
  test('rotations add up along the tree', () => {
    expect(wiring.nodes.find(({ id }) => id === 'hall')?.feeds).toEqual(['L2', 'L3', 'L1'])
    expect(wiring.nodes.find(({ id }) => id === 'row')?.feeds).toEqual(['L3', 'L1', 'L2'])
  })
  test("a circuit's limits are on its own phases", () => expect(wiring.nodes.find(({ id }) => id === 'hall')?.limitA).toEqual({ L1: 30, L2: 10, L3: 20 }))
  test('paths lead up to the site', () => expect(wiring.pathOf(cp({ circuit: 'row' }))).toEqual(['row', 'hall', 'main']))
  test('connectors follow their circuit unless they say otherwise', () => {
    expect(wiring.phasesOf(cp({ circuit: 'hall' }), 1)).toEqual(['L2', 'L3', 'L1'])
    expect(wiring.phasesOf(cp({ circuit: 'hall', connectors: [{ id: 1, phases: ['L3'] }] }), 1)).toEqual(['L3'])
  })
})

describe('what is too much', () => {
  test.each<[string, string[], string[]]>([
    ['nothing', watch([]), []],
    ['as much as the weakest phase carries', watch([load({ permitA: 30 })]), []],
    ['more than one phase carries', watch([load({ permitA: 32 })]), ['main L2 2.0']],
    ['what it may draw counts, not what it draws', watch([load({ permitA: 32, drawA: 6 })]), ['main L2 2.0']],
    ['what it draws counts, not what it may', watch([load({ permitA: 6, drawA: 32 })]), ['main L2 2.0']],
    ['only on the phases in use', watch([load({ permitA: 40, phases: ['L1'] })]), []],
    ['two on one phase', watch([load({ permitA: 25, phases: ['L1'] }), load({ permitA: 25, phases: ['L1'] })]), ['main L1 10.0']],
    ['the building counts', watch([load({ permitA: 30 })], { baseA: { L1: 0, L2: 0, L3: 12 } }), ['main L3 2.0']],
    ['export makes room', watch([load({ permitA: 30 })], { baseA: { L1: 0, L2: -5, L3: 0 } }), []],
    ['a standing limit in amps', watch([load({ permitA: 20 })], { limits: [{ currentA: 16 }] }), ['main L1 4.0', 'main L2 4.0', 'main L3 4.0']],
    ['a standing limit in watts bounds the sum of the phases', watch([load({ permitA: 30, phases: ['L1'] })], { limits: [{ powerW: 6900 }] }), []],
    ['and is broken by the sum', watch([load({ permitA: 20 })], { limits: [{ powerW: 6900 }] }), ['main power 10.0']],
    ['a circuit inside the site', watch([load({ permitA: 12, path: ['hall', 'main'] })]), ['hall L2 2.0']],
    ['a circuit in watts', watch([load({ permitA: 12, path: ['lamp', 'main'] })]), ['lamp power 2.0']],
    ['the lowest of several limits', watch([load({ permitA: 20 })], { limits: [{ currentA: 32 }, { currentA: 16 }] }), ['main L1 4.0', 'main L2 4.0', 'main L3 4.0']],
    ['three phases are in balance', watch([load({ permitA: 12, path: ['shed', 'main'] })]), []],
    ['one phase alone is not', watch([load({ permitA: 12, phases: ['L2'], path: ['shed', 'main'] })]), ['shed L2 over L1 2.0', 'shed L2 over L3 2.0']],
    ['a car on another phase may not draw at all', watch([load({ permitA: 12, phases: ['L2'], path: ['shed', 'main'] }), load({ permitA: 10, phases: ['L1'], path: ['shed', 'main'] })]), ['shed L2 over L1 2.0', 'shed L2 over L3 2.0']],
    ['rounding is no excess', watch([load({ permitA: 30.04 })]), []],
  ])('%s', (_title, got, expected) => expect(got).toEqual(expected))
})

describe('what is excused', () => {
  const over = (unruly: boolean) => ({ baseA: idle, limits: [], loads: [load({ permitA: 35, unruly })] })
  const seconds = (witness: ReturnType<typeof createWitness>) => witness.violations(0, 100_000).map((each) => each.atMs / 1000)

  test('ten seconds after an outside event, not a moment longer', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    witness.outsideEvent(5_000)
    for (let s = 5; s < 20; s++) witness.observe({ atMs: s * 1000, ...over(false) })
    expect(seconds(witness)).toEqual([16, 17, 18, 19])
  })
  test('ten seconds from the first excess where somebody disobeys, anew after it was mended', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    for (const s of [1, 6, 11]) witness.observe({ atMs: s * 1000, ...over(true) })
    witness.observe({ atMs: 12_000, ...over(true) })
    witness.observe({ atMs: 13_000, baseA: idle, limits: [], loads: [] })
    for (const s of [20, 30, 31]) witness.observe({ atMs: s * 1000, ...over(true) })
    expect(seconds(witness)).toEqual([12, 31])
  })
  test('a lowering that is not followed: from the excess it answers until ten seconds after it is overdue', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    const ignored = { baseA: idle, limits: [], loads: [load({ permitA: 35, unruly: true, unfollowed: { toldMs: 5_200, overdueMs: 15_200 } })] }
    for (let s = 5; s < 30; s++) witness.observe({ atMs: s * 1000, ...ignored })
    expect(seconds(witness)).toEqual([26, 27, 28, 29])
  })
  test('one that came before the excess, or long after it, excuses only from when it is overdue', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    for (let s = 20; s < 45; s++) witness.observe({ atMs: s * 1000, baseA: idle, limits: [], loads: [load({ permitA: 35, unruly: true, unfollowed: { toldMs: 31_500, overdueMs: 41_500 } })] })
    expect(seconds(witness)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41])
  })
  test('one of a charge point that can be relied on excuses nothing', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    witness.observe({ atMs: 16_000, baseA: idle, limits: [], loads: [load({ permitA: 35, unfollowed: { toldMs: 5_200, overdueMs: 15_200 } })] })
    expect(seconds(witness)).toEqual([16])
  })
  test('somebody disobeying elsewhere excuses nothing', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    witness.observe({ atMs: 1_000, baseA: idle, limits: [], loads: [load({ permitA: 12, path: ['hall', 'main'] }), load({ permitA: 1, unruly: true })] })
    expect(witness.violations(0, 2_000)).toMatchObject([{ node: 'hall', where: 'L2' }])
  })
  test('before the scenario begins nothing is a violation', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    witness.observe({ atMs: -1, ...over(false) })
    expect(witness.violations(-10, 10)).toEqual([])
    expect(witness.worstMarginA).toBeNull()
  })
  test('somebody who disobeys within the limit hides no headroom', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    witness.observe({ atMs: 1_000, baseA: idle, limits: [], loads: [load({ permitA: 27, unruly: true })] })
    expect(witness.worstMarginA).toBe(3)
  })
  test('the least headroom is kept', () => {
    const witness = createWitness(wiring.nodes, site.voltage)
    for (const permitA of [10, 28, 20]) witness.observe({ atMs: permitA, baseA: idle, limits: [], loads: [load({ permitA })] })
    expect(witness.worstMarginA).toBe(2)
  })
})
