// The tree of circuits: paths, rotation, and what is refused.
import { describe, expect, test } from 'vitest'
import { constraintsAt, effectiveLimit, hasLapsed, siteLimits } from '../../src/power/limits.ts'
import { chargePointSchema, connectorKey, perPhase, siteSchema } from '../../src/power/site.ts'
import { buildTree, TreeError } from '../../src/power/tree.ts'
import { makeTree } from './fixtures.ts'

function refusal(build: () => unknown): { code: string; pointer: string; message: string } {
  try {
    build()
  } catch (error) {
    if (error instanceof TreeError) return { code: error.code, pointer: error.pointer, message: error.message }
    throw error
  }
  throw new Error('it was built')
}

describe('the tree', () => {
  const tree = makeTree(
    { circuits: [{ id: 'leaf', parent: 'branch', rotation: ['L2', 'L3', 'L1'], limitA: { L1: 10, L2: 20, L3: 30 } }, { id: 'branch', rotation: ['L3', 'L1', 'L2'], limitA: { L1: 1, L2: 2, L3: 3 } }] },
    [{ id: 'A', circuit: 'leaf' }, { id: 'B', circuit: 'branch', connectors: [{ id: 1 }, { id: 2, phases: ['L2'] }] }, { id: 'C' }],
  )
  const node = (id: string) => tree.nodes.find((one) => one.id === id)!

  test('parents come before children, whatever the order they are listed in', () => {
    expect(tree.nodes.map(({ id }) => id)).toEqual(['main', 'branch', 'leaf'])
    expect(node('leaf').path).toEqual(['leaf', 'branch', 'main'])
    expect(tree.outlets.get('A/1')!.path).toEqual(['chargepoint:A', 'leaf', 'branch', 'main'])
    expect(tree.outlets.get('C/1')!.path).toEqual(['chargepoint:C', 'main'])
  })

  test('rotations add up from the leaf to the site, and limits are turned into site phases', () => {
    expect(node('branch').feeds).toEqual({ L1: 'L3', L2: 'L1', L3: 'L2' })
    // The leaf's L1 hangs on the branch's L2, which is the site's L1.
    expect(node('leaf').feeds).toEqual({ L1: 'L1', L2: 'L2', L3: 'L3' })
    expect(node('branch').limitA).toEqual({ L3: 1, L1: 2, L2: 3 })
    expect(node('leaf').limitA).toEqual({ L1: 10, L2: 20, L3: 30 })
  })

  test('a connector follows its circuit unless its phases are named; those are site phases', () => {
    expect(tree.outlets.get('A/1')!.phases).toEqual(['L1', 'L2', 'L3'])
    expect(tree.outlets.get('B/1')!.phases).toEqual(['L3', 'L1', 'L2'])
    expect(tree.outlets.get('B/2')!.phases).toEqual(['L2'])
  })

  test.each([
    ['an unknown parent', [{ id: 'a', parent: 'nowhere' }], { code: 'unknown-circuit', pointer: '/circuits/0/parent' }],
    ['a circuit that is its own parent', [{ id: 'a', parent: 'a' }], { code: 'circuit-cycle', pointer: '/circuits/0/parent' }],
    ['a ring of three', [{ id: 'x' }, { id: 'a', parent: 'b' }, { id: 'b', parent: 'c' }, { id: 'c', parent: 'a' }], { code: 'circuit-cycle', pointer: '/circuits/1/parent' }],
    ['an id used twice', [{ id: 'a' }, { id: 'a' }], { code: 'duplicate-circuit', pointer: '/circuits/1/id' }],
    ["the site's id used again", [{ id: 'main' }], { code: 'duplicate-circuit', pointer: '/circuits/0/id' }],
  ])('%s is refused', (_, circuits, expected) => {
    expect(refusal(() => makeTree({ circuits }, []))).toMatchObject(expected)
  })

  test('the site may be named as the parent', () => {
    expect(makeTree({ circuits: [{ id: 'a', parent: 'main' }] }, []).nodes[1]!.path).toEqual(['a', 'main'])
  })

  test('a charge point on an unknown circuit, or with a connector named twice, is refused', () => {
    expect(refusal(() => makeTree({}, [{ id: 'A', circuit: 'nowhere' }]))).toMatchObject({ code: 'unknown-circuit', pointer: '/circuit' })
    expect(refusal(() => makeTree({}, [{ id: 'A', connectors: [{ id: 1, maxA: 16 }, { id: 1, maxA: 32 }] }]))).toMatchObject({ code: 'duplicate-connector', pointer: '/connectors/1/id' })
  })
})

describe('the schema', () => {
  test.each([
    ['a phase twice in a rotation', { fuseA: 1, circuits: [{ id: 'c', rotation: ['L1', 'L1', 'L2'] }] }, 'circuits.0.rotation'],
    ['a negative fuse', { fuseA: -1 }, 'fuseA'],
    ['an endless fuse', { fuseA: Infinity }, 'fuseA'],
    ['a phase missing in a limit', { fuseA: { L1: 1, L2: 2 } }, 'fuseA'],
    ['an unknown member', { fuseA: 1, fuse: 2 }, ''],
    ['a time zone that is none', { fuseA: 1, timezone: 'Mars/Olympus' }, 'timezone'],
  ])('a site with %s is refused', (_, site, path) => {
    expect(siteSchema.safeParse({ id: 'a', ...site }).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })

  test.each([
    ['a step of 0', [{ id: 1, stepA: 0 }], 'connectors.0.stepA'],
    ['a step in hundredths', [{ id: 1, stepA: 0.25 }], 'connectors.0.stepA'],
    ['a connector 0', [{ id: 0 }], 'connectors.0.id'],
    ['no connector at all', [], 'connectors'],
    ['a phase twice', [{ id: 1, phases: ['L1', 'L1'] }], 'connectors.0.phases'],
  ])('a charge point with %s is refused', (_, connectors, path) => {
    expect(chargePointSchema.safeParse({ id: 'A', connectors }).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })

  test('names and amounts', () => {
    expect(connectorKey('CP1', 2)).toBe('CP1/2')
    expect(perPhase(7)).toEqual({ L1: 7, L2: 7, L3: 7 })
    expect(perPhase({ L1: 1, L2: 2, L3: 3 })).toEqual({ L1: 1, L2: 2, L3: 3 })
  })
})

describe('limits', () => {
  const site = siteSchema.parse({ id: 'main', fuseA: { L1: 63, L2: 50, L3: 63 }, failsafeA: 8 })

  test.each([
    ['none', null, { currentA: 50, powerW: 34_500, binding: 'fuse' }],
    ['amps below the fuse', { currentA: 40, setAtMs: 0 }, { currentA: 40, powerW: 27_600, binding: 'grid-limit' }],
    ['amps as high as the fuse: the fuse is named', { currentA: 50, setAtMs: 0 }, { currentA: 50, powerW: 34_500, binding: 'fuse' }],
    ['amps above the fuse', { currentA: 90, setAtMs: 0 }, { currentA: 50, powerW: 34_500, binding: 'fuse' }],
    ['watts', { powerW: 10_000, setAtMs: 0 }, { currentA: 14.49, powerW: 10_000, binding: 'grid-limit' }],
    ['a limit of 0', { currentA: 0, setAtMs: 0 }, { currentA: 0, powerW: 0, binding: 'grid-limit' }],
    ['a limit that has lapsed', { currentA: 40, setAtMs: 0, expiresAtMs: 1_000 }, { currentA: 8, powerW: 5_520, binding: 'failsafe' }],
    ['watts that have lapsed', { powerW: 30_000, setAtMs: 0, expiresAtMs: 1_000 }, { currentA: 8, powerW: 5_520, binding: 'failsafe' }],
    ['a limit that holds a millisecond longer', { currentA: 40, setAtMs: 0, expiresAtMs: 1_001 }, { currentA: 40, powerW: 27_600, binding: 'grid-limit' }],
  ])('%s', (_, grid, expected) => {
    expect(effectiveLimit(site, grid, 1_000)).toEqual(expected)
  })

  test('a time to live ends at its instant', () => {
    const limit = { currentA: 1, setAtMs: 0, expiresAtMs: 1_000 }
    expect([999, 1_000].map((now) => hasLapsed(limit, now))).toEqual([false, true])
    expect(hasLapsed(null, 1e15)).toBe(false)
    expect(hasLapsed({ currentA: 1, setAtMs: 0 }, 1e15)).toBe(false)
  })

  test('amps and watts stand side by side, the lowest of each counts, circuits with a limit of their own only', () => {
    const tree = makeTree({ fuseA: 63, limitW: 30_000, circuits: [{ id: 'free' }, { id: 'c', limitA: { L1: 10, L2: 20, L3: 30 }, limitW: 9_000 }] }, [])
    const list = constraintsAt(tree, { powerW: 20_000, setAtMs: 0 }, 0).map(({ nodeID, on, capacity, source }) => `${nodeID} ${on} ${capacity} ${source}`)
    expect(list).toEqual(['main L1 63 fuse', 'main L2 63 fuse', 'main L3 63 fuse', 'main W 20000 grid-limit', 'c L1 10 circuit:c', 'c L2 20 circuit:c', 'c L3 30 circuit:c', 'c W 9000 circuit:c'])
    expect(siteLimits(tree.site, { powerW: 20_000, setAtMs: 0 }, 0)).toHaveLength(5)
  })

  test('the order in which circuits are listed changes nothing', () => {
    const circuits = [{ id: 'b', limitA: 10 }, { id: 'a', limitA: 10 }, { id: 'c', parent: 'b', limitA: 5 }]
    const listed = (list: typeof circuits) => constraintsAt(makeTree({ circuits: list }, []), null, 0)
    expect(listed([...circuits].reverse())).toEqual(listed(circuits))
  })

  test('a tree without charge points has no outlets', () => {
    expect(buildTree(site, []).outlets.size).toBe(0)
  })
})
