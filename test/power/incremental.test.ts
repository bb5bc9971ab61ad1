// What the memory of the last plan saves: counted in places looked at and cars shared among anew, and never at the price of another plan.
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/power/loads.ts'
import { openMemory } from '../../src/power/memory.ts'
import { plan, type PlanInputs } from '../../src/power/plan.ts'
import { perPhase } from '../../src/power/site.ts'
import type { Tree } from '../../src/power/tree.ts'
import { amps, bookAll, carPlace, entry, makePlace, makeTree } from './fixtures.ts'
import { plainPlan } from './invariants.ts'
import { planTwice } from './plan-twice.ts'

/** Four levels: 4 circuits of 10 sub-circuits of 25 charge points; the first sub-circuit is short of current. */
const tree = makeTree({
  fuseA: 40_000,
  circuits: [
    ...Array.from({ length: 4 }, (_, index) => ({ id: `c${index}`, limitA: 8_000 })),
    ...Array.from({ length: 40 }, (_, index) => ({ id: `s${index}`, parent: `c${Math.floor(index / 10)}`, limitA: index === 0 ? 275 : 800 })),
  ],
}, Array.from({ length: 1_000 }, (_, index) => ({ id: `CP${index}`, circuit: `s${Math.floor(index / 25)}` })))

function resting(of: Tree, shares: (key: string) => number): Place[] {
  return [...of.outlets.keys()].map((key, index) => carPlace(of, key, { txA: shares(key), queuedAtMs: index }))
}

const rested = resting(tree, (key) => (Number(key.slice(2, -2)) < 25 ? 11 : 32))

/** The site at rest, planned once with the memory. */
function start() {
  const asked: PlanInputs = { tree, grid: null, baseA: perPhase(0), places: rested }
  const memory = openMemory()
  const made = planTwice(asked, 0, memory)
  expect([made.state, made.lowerings, made.raisings]).toEqual(['enforced', [], []])
  return { asked, memory, made }
}

const replace = (places: readonly Place[], at: number, place: Place): Place[] => places.map((one, index) => (index === at ? place : one))

describe('1,000 connectors, one branch of 25 short', () => {
  test('nothing new: nothing is looked at, and the targets are the same object', () => {
    const { asked, memory, made } = start()
    expect(planTwice(asked, 100, memory).targets).toBe(made.targets)
    expect(memory.effort).toEqual({ looked: 0, shared: 0, changed: [] })
  })

  test('a car leaves the branch: its 25 are shared among anew, nobody else', () => {
    const { asked, memory } = start()
    const made = planTwice({ ...asked, places: replace(asked.places, 3, makePlace(tree, 'CP3/1')) }, 100, memory)
    expect(memory.effort).toMatchObject({ looked: 1, shared: 25 })
    expect(memory.effort.changed.every((key) => Number(key.slice(2, -2)) < 25)).toBe(true)
    expect(made.raisings.length).toBeGreaterThan(0)
  })

  test('a car leaves where nothing is short: the piece of its circuit', () => {
    const { asked, memory } = start()
    planTwice({ ...asked, places: replace(asked.places, 600, makePlace(tree, 'CP600/1')) }, 100, memory)
    expect(memory.effort).toEqual({ looked: 1, shared: 25, changed: ['CP600/1'] })
  })

  test('a sample below the limit: nobody is shared among anew, and the target has the newest place', () => {
    const { asked, memory } = start()
    const before = asked.places[3]!
    const now = { ...before, row: { ...before.row, measuredA: 10.5 } }
    const made = planTwice({ ...asked, places: replace(asked.places, 3, now) }, 100, memory)
    expect(memory.effort).toEqual({ looked: 1, shared: 0, changed: ['CP3/1'] })
    expect(made.targets.get('CP3/1')!.place).toBe(now)
  })

  test('a base load or a grid limit that still binds nobody: nothing is shared anew', () => {
    const { asked, memory } = start()
    planTwice({ ...asked, baseA: perPhase(100) }, 100, memory)
    expect(memory.effort.shared).toBe(0)
    planTwice({ ...asked, grid: amps(39_000) }, 200, memory)
    expect(memory.effort.shared).toBe(0)
  })

  test('one that binds all: everybody, and the zones are back when it is gone', () => {
    const { asked, memory } = start()
    planTwice({ ...asked, grid: amps(20_000) }, 100, memory)
    expect(memory.effort.shared).toBe(1_000)
    planTwice({ ...asked, grid: amps(19_999) }, 200, memory)
    expect(memory.effort.looked).toBe(0)
    planTwice(asked, 300, memory)
    planTwice({ ...asked, places: replace(asked.places, 3, makePlace(tree, 'CP3/1')) }, 400, memory)
    expect(memory.effort.shared).toBe(25)
  })
})

describe('never another plan', () => {
  test('by time alone: an unanswered lowering, a proof, a renewal', () => {
    const small = makeTree({ fuseA: 32 }, [{ id: 'CP1' }, { id: 'CP2' }])
    const lease = { leaseEndsAtMs: 900_000 }
    const rows = [carPlace(small, 'CP1/1'), carPlace(small, 'CP2/1')].map((place) => bookAll(place.row,
      { type: 'booked', entry: entry(1, 'tx', 16, lease) }, { type: 'sent', seq: 1 }, { type: 'accepted', seq: 1, atMs: 0 },
      { type: 'noted', lowering: { toA: 6, decidedAtMs: 1_000 }, wantedSinceMs: null, starvedSinceMs: null }, { type: 'booked', entry: entry(2, 'tx', 6, { bookedAtMs: 1_000, ...lease }) }, { type: 'sent', seq: 2 }))
    const places = ['CP1/1', 'CP2/1'].map((key, index) => carPlace(small, key, { row: rows[index]! }))
    const memory = openMemory()
    for (const nowMs of [1_000, 2_000, 5_999, 6_000, 9_999, 10_000, 61_000, 450_000, 900_000, 961_000]) {
      expect(() => planTwice({ tree: small, grid: amps(12), baseA: perPhase(0), places }, nowMs, memory)).not.toThrow()
    }
  })

  test('with the places in another order, with fewer of them, and in another tree', () => {
    const { asked, memory } = start()
    planTwice({ ...asked, places: asked.places.toReversed() }, 100, memory)
    planTwice({ ...asked, places: asked.places.slice(0, 30) }, 200, memory)
    const other = makeTree({ fuseA: 200 }, [{ id: 'CP1' }, { id: 'CP2' }])
    const elsewhere = { tree: other, grid: null, baseA: perPhase(0), places: resting(other, () => 32) }
    expect(() => planTwice(elsewhere, 300, memory)).not.toThrow()
    expect(() => planTwice(asked, 400, memory)).not.toThrow()
  })

  test('after a plan that failed half-way', () => {
    const { asked, memory } = start()
    const broken: Place = { ...asked.places[30]!, get weight(): number { throw new Error('half-way') } }
    const sampled = { ...asked.places[3]!, row: { ...asked.places[3]!.row, measuredA: 9 } }
    const places = replace(replace(asked.places, 3, sampled), 30, broken)
    expect(() => plan({ ...asked, places }, 100, memory)).toThrow('half-way')
    const now = { ...asked, places: replace(asked.places, 3, sampled) }
    expect(plainPlan(plan(now, 200, memory))).toEqual(plainPlan(plan(now, 200)))
  })

  test('who waits in two zones stands in one queue', () => {
    const two = makeTree({ fuseA: 100, circuits: [{ id: 'a', limitA: 7 }, { id: 'b', limitA: 7 }] }, ['a', 'a', 'a', 'b', 'b', 'b'].map((circuit, index) => ({ id: `CP${index}`, circuit })))
    const places = [...two.outlets.keys()].map((key, index) => carPlace(two, key, { queuedAtMs: (index * 5) % 6 }))
    const memory = openMemory()
    const asked = { tree: two, grid: null, baseA: perPhase(0), places }
    const placesInQueue = (made: ReturnType<typeof plan>) => [...made.targets.values()].flatMap(({ queuePlace }) => queuePlace ?? []).sort()
    const made = planTwice(asked, 0, memory)
    expect([placesInQueue(made), made.waiting]).toEqual([[1, 2, 3, 4], 4])
    // One goes, the others of both zones move up.
    const gone = [...made.targets.values()].find(({ queuePlace }) => queuePlace === 1)!.place.outlet.key
    const after = planTwice({ ...asked, places: places.map((place) => (place.outlet.key === gone ? makePlace(two, gone) : place)) }, 100, memory)
    expect(placesInQueue(after)).toEqual([1, 2, 3])
  })
})
