// What all five policies keep, and what each of them promises.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate, type Member, type Share } from '../../src/power/allocate.ts'
import { laxityPeriodMs } from '../../src/power/handing-out.ts'
import { policies, type Policy } from '../../src/power/site.ts'
import { isBlocked, leastOf, loadOf, sharingCases, type SharingCase } from './sharing-cases.ts'

// RUNS=20000 for a long soak.
const runs = Number(process.env.RUNS ?? 300)
const longestMs = process.env.RUNS === undefined ? 4_000 : 3_600_000
const some = { numRuns: runs, interruptAfterTimeLimit: longestMs }

function shared(given: SharingCase, policy: Policy): { amps: Map<string, number>; shares: Share[] } {
  const shares = allocate(given.bounds, given.members, policy)
  return { shares, amps: new Map(shares.map(({ key, allocatedA }) => [key, allocatedA])) }
}

const inQueue = (members: readonly Member[]) => [...members].sort((a, b) => a.queue! - b.queue!)

describe.each(policies)('%s', (policy) => {
  test('every bound holds; every share is 0 or between the minimum and the cap, in whole steps', () => {
    fc.assert(fc.property(sharingCases(), (given) => {
      const { amps, shares } = shared(given, policy)
      given.bounds.forEach(({ capacity }, index) => expect(loadOf(given, amps, index)).toBeLessThanOrEqual(Math.max(capacity, loadOf(given, new Map(), index)) + 1e-5))
      for (const { key, allocatedA, boundBy } of shares) {
        const { minA, capA, stepA, floorA } = given.members.find((member) => member.key === key)!
        if (allocatedA === 0) expect(['minimum', 'queue', 'cap']).toContain(boundBy)
        else expect(allocatedA >= minA - 1e-9 && allocatedA <= capA + 1e-9).toBe(true)
        if (floorA === 0) expect(Math.abs(allocatedA / stepA - Math.round(allocatedA / stepA))).toBeLessThan(1e-6)
      }
    }), some)
  })

  test('the order in which they are listed changes nothing', () => {
    fc.assert(fc.property(sharingCases(), fc.infiniteStream(fc.nat()), (given, chance) => {
      const other = given.members.map((member) => ({ member, at: chance.next().value ?? 0 })).sort((a, b) => a.at - b.at).map(({ member }) => member)
      const byKey = (shares: readonly Share[]) => [...shares].sort((a, b) => (a.key < b.key ? -1 : 1))
      expect(byKey(allocate(given.bounds, other, policy))).toEqual(byKey(allocate(given.bounds, given.members, policy)))
    }), some)
  })

  test('a higher class has what it would have if the lower ones took no more than their minimum, to a step of rounding', () => {
    fc.assert(fc.property(sharingCases(), (given) => {
      const top = Math.max(...given.members.map(({ priority }) => priority))
      const modest = given.members.map((member) => (member.priority === top || member.capA < member.minA ? member : { ...member, capA: Math.min(member.capA, Math.max(member.minA, member.floorA)) }))
      const [found, alone] = [shared(given, policy).amps, shared({ ...given, members: modest }, policy).amps]
      const rounds = policy === 'equal' || policy === 'weighted'
      for (const { key, priority, stepA } of given.members) if (priority === top) expect(Math.abs(found.get(key)! - alone.get(key)!)).toBeLessThanOrEqual(rounds ? stepA + 1e-9 : 1e-9)
    }), some)
  })
})

describe('one after the other', () => {
  test.each(['fifo', 'earliestDeadline'] as const)('%s: who came later has more than its least only where those before it are full or blocked', (policy) => {
    fc.assert(fc.property(sharingCases(), (given) => {
      const { amps } = shared(given, policy)
      const queue = inQueue(given.members)
      queue.forEach((later, at) => {
        if (amps.get(later.key)! <= leastOf(later) + 1e-9) return
        for (const earlier of queue.slice(0, at)) {
          if (earlier.priority !== later.priority || amps.get(earlier.key) === 0 || amps.get(earlier.key)! + earlier.stepA > earlier.capA + 1e-9) continue
          expect(isBlocked(given, amps, earlier, earlier.stepA)).toBe(true)
        }
      })
    }), some)
  })

  test.each(['fifo', 'earliestDeadline', 'leastLaxity'] as const)('%s: nothing is left that anybody could take', (policy) => {
    fc.assert(fc.property(sharingCases(), (given) => {
      const { amps } = shared(given, policy)
      for (const member of given.members) {
        const own = amps.get(member.key)!
        if (own > 0 && own + member.stepA <= member.capA + 1e-9) expect(isBlocked(given, amps, member, member.stepA)).toBe(true)
      }
    }), some)
  })
})

describe('leastLaxity', () => {
  const after = ({ latestMs = Infinity, fullA, capA }: Member, amps: number) => latestMs + laxityPeriodMs * (amps / (fullA ?? capA) - 1)

  test('the last step of each went to whoever had the least slack after the period, among all that could take one', () => {
    fc.assert(fc.property(sharingCases(), (given) => {
      const { amps } = shared(given, 'leastLaxity')
      for (const member of given.members) {
        const own = amps.get(member.key)!
        if (own <= leastOf(member) + 1e-9) continue
        for (const other of given.members) {
          const its = amps.get(other.key)!
          if (other.priority !== member.priority || its === 0 || its + other.stepA > other.capA + 1e-9 || isBlocked(given, amps, other, other.stepA)) continue
          expect(after(member, own - member.stepA)).toBeLessThanOrEqual(after(other, its) + 1)
        }
      }
    }), some)
  })

  const car = (key: string, more: Partial<Member> = {}): Member => ({ key, rank: Number(key.slice(1)), priority: 0, weight: 1, minA: 6, capA: 32, floorA: 0, stepA: 1, fullA: 32, bounds: [{ index: 0, perAmp: 1 }], ...more })
  const ampsOf = (capacity: number, members: readonly Member[]) => allocate([{ capacity }], members, 'leastLaxity').map(({ allocatedA }) => allocatedA)
  const minutes = (count: number) => count * 60_000

  test.each([
    ['equal slack, equal shares', [minutes(60), minutes(60)], 32, [16, 16]],
    ['an hour less comes first', [minutes(60), minutes(120)], 40, [32, 8]],
    ['a minute less is worth 6.4 A', [minutes(60), minutes(61)], 32, [19, 13]],
    ['without a deadline it has what is left', [null, minutes(600)], 40, [8, 32]],
    ['two without a deadline share that equally', [null, minutes(600), null], 50, [9, 32, 9]],
  ])('%s', (_, latest, capacity, expected) => {
    expect(ampsOf(capacity, latest.map((latestMs, at) => car(`c${at}`, latestMs === null ? {} : { latestMs })))).toEqual(expected)
  })
})

describe('economic bounds', () => {
  const car = (key: string, priority: number): Member => ({ key, rank: Number(key.slice(1)), priority, weight: 1, minA: 6, capA: 32, floorA: 0, stepA: 1, bounds: [{ index: 0, perAmp: 1 }, { index: 1, perAmp: 1 }] })
  const ampsOf = (fuse: number, bought: number, members: readonly Member[], policy: Policy) => allocate([{ capacity: fuse }, { capacity: bought, economic: true }], members, policy).map(({ allocatedA }) => allocatedA)

  test.each(policies)('%s: from class 1 on they keep the minimum, and no more; class 0 has no right to one; the fuse never yields', (policy) => {
    expect(ampsOf(32, 4, [car('c0', 1), car('c1', 2), car('c2', 0)], policy)).toEqual([6, 6, 0])
    expect(ampsOf(8, 4, [car('c0', 1), car('c1', 2), car('c2', 0)], policy)).toEqual([0, 6, 0])
    expect(ampsOf(32, 14, [car('c0', 1), car('c1', 2), car('c2', 0)], policy)).toEqual([6, 8, 0])
  })
})

describe('worked rows', () => {
  const car = (key: string, more: Partial<Member> = {}): Member => ({ key, rank: Number(key.slice(1)), priority: 0, weight: 1, minA: 6, capA: 32, floorA: 0, stepA: 1, bounds: [{ index: 0, perAmp: 1 }], ...more })
  const ampsOf = (members: readonly Member[], policy: Policy, capacity = 32) => allocate([{ capacity }], members, policy).map(({ allocatedA }) => allocatedA)

  test('32 A, one of a higher class and two others: 20/6/6, by any policy', () => {
    for (const policy of policies) expect(ampsOf([car('c0', { priority: 1 }), car('c1'), car('c2')], policy)).toEqual([20, 6, 6])
  })

  test('32 A, weights 2:1:1: 16/8/8', () => {
    expect(ampsOf([car('c0', { weight: 2 }), car('c1'), car('c2')], 'weighted')).toEqual([16, 8, 8])
  })

  test('fifo fills the first, then the second', () => {
    expect(ampsOf([car('c2', { capA: 20 }), car('c0', { capA: 20 }), car('c1', { capA: 20 })], 'fifo', 50)).toEqual([10, 20, 20])
  })
})
