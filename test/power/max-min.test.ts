// The even policies are max-min fair: exactly so before they are rounded to steps, and within a step of it after.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate, type Member } from '../../src/power/allocate.ts'
import { exactly, leastOf, loadOf, sharingCases, type SharingCase } from './sharing-cases.ts'

// RUNS=20000 for a long soak.
const runs = Number(process.env.RUNS ?? 600)
const longestMs = process.env.RUNS === undefined ? 6_000 : 3_600_000

const levelOf = (member: Member, amps: number, isWeighted: boolean) => amps / (isWeighted ? member.weight : 1)

/** Whoever has less than its cap stands under a full bound where nobody who has more than the least is on a higher level: then nobody can gain but from those no better off. */
function unfairTo(given: SharingCase, amps: ReadonlyMap<string, number>, isWeighted: boolean): string[] {
  const admitted = given.members.filter(({ key }) => amps.has(key))
  return admitted.filter((member) => {
    const own = amps.get(member.key)!
    if (own >= member.capA - 1e-6) return false
    return !member.bounds.some(({ index }) => loadOf(given, amps, index) >= given.bounds[index]!.capacity - 1e-5
      && admitted.every((other) => !other.bounds.some((one) => one.index === index) || amps.get(other.key)! <= leastOf(other) + 1e-6
        || levelOf(other, amps.get(other.key)!, isWeighted) <= levelOf(member, own, isWeighted) + 1e-6))
  }).map(({ key }) => key)
}

describe('before rounding', () => {
  test.each([false, true])('every share below its cap has a bottleneck of its own (weighted: %s)', (isWeighted) => {
    fc.assert(fc.property(sharingCases({ plain: true }), (given) => {
      const amps = exactly(given, isWeighted)
      given.bounds.forEach(({ capacity }, index) => expect(loadOf(given, amps, index)).toBeLessThanOrEqual(capacity + 1e-5))
      for (const member of given.members) {
        const own = amps.get(member.key)
        if (own !== undefined) expect(own >= leastOf(member) - 1e-9 && own <= member.capA + 1e-9).toBe(true)
      }
      expect(unfairTo(given, amps, isWeighted)).toEqual([])
    }), { numRuns: runs, interruptAfterTimeLimit: longestMs })
  })

  test('no division on a grid of half amps is fairer: none has a better worst-off, nor the same and a better next', () => {
    const least = 6
    const grid = fc.record({ capacities: fc.array(fc.integer({ min: 12, max: 26 }), { minLength: 1, maxLength: 3 }), caps: fc.array(fc.integer({ min: 6, max: 11 }), { minLength: 2, maxLength: 3 }), under: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 3, maxLength: 3 }) })
    fc.assert(fc.property(grid, ({ capacities, caps, under }) => {
      const members = caps.map((capA, at): Member => ({
        key: `c${at}`, priority: 0, weight: 1, minA: least, capA, floorA: 0, stepA: 0.5, rank: at,
        bounds: capacities.flatMap((_, index) => (((under[at]! >> index) & 1) === 1 ? [{ index, perAmp: 1 }] : [])),
      }))
      const given = { bounds: capacities.map((capacity) => ({ capacity })), members }
      const amps = exactly(given, false)
      if (amps.size < members.length) return
      const found = [...amps.values()].sort((a, b) => a - b)
      for (const tried of divisionsOf(caps, least)) {
        const map = new Map(tried.map((value, at) => [`c${at}`, value]))
        if (given.bounds.some(({ capacity }, index) => loadOf(given, map, index) > capacity)) continue
        const other = [...tried].sort((a, b) => a - b)
        const differs = other.findIndex((value, at) => Math.abs(value - found[at]!) > 1e-6)
        expect(differs === -1 || other[differs]! < found[differs]!).toBe(true)
      }
    }), { numRuns: Math.min(runs, 150), interruptAfterTimeLimit: longestMs })
  })

  test('rounding takes or adds less than a step', () => {
    fc.assert(fc.property(sharingCases(), fc.boolean(), (given, isWeighted) => {
      const exact = exactly(given, isWeighted)
      for (const { key, allocatedA } of allocate(given.bounds, given.members, isWeighted ? 'weighted' : 'equal')) {
        const { stepA, floorA } = given.members.find((member) => member.key === key)!
        if (exact.has(key)) expect(Math.abs(allocatedA - exact.get(key)!)).toBeLessThanOrEqual(stepA + (floorA > 0 ? 1e-6 : 1e-6))
        else expect(allocatedA).toBe(0)
      }
    }), { numRuns: runs, interruptAfterTimeLimit: longestMs })
  })
})

function divisionsOf(caps: readonly number[], least: number): number[][] {
  const [cap, ...others] = caps
  if (cap === undefined) return [[]]
  const rest = divisionsOf(others, least)
  const list: number[][] = []
  for (let amps = least; amps <= cap; amps += 0.5) for (const one of rest) list.push([amps, ...one])
  return list
}
