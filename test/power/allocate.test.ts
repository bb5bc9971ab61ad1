// Steps: rounded down, handed out by largest remainder, and what bound every number.
import { describe, expect, test } from 'vitest'
import { allocate, ceilTo, floorTo, type Member } from '../../src/power/allocate.ts'

const three = ['L1', 'L2', 'L3'] as const

describe('steps', () => {
  const car = (key: string, rank: number, more: Partial<Member> = {}): Member => ({
    key, rank, priority: 0, weight: 1, minA: 6, capA: 32, floorA: 0, stepA: 1, bounds: three.map((_, index) => ({ index, perAmp: 1 })), ...more,
  })
  const share = (capacity: number, members: Member[], policy: 'equal' | 'weighted' = 'equal') => allocate(three.map(() => ({ capacity })), members, policy).map(({ allocatedA }) => allocatedA)

  test('are handed out one by one in the order of the queue', () => {
    expect(share(34, [car('a', 2), car('b', 0), car('c', 1)])).toEqual([11, 12, 11])
    expect(share(35, [car('a', 2), car('b', 0), car('c', 1)])).toEqual([11, 12, 12])
    expect(share(35.99, [car('a', 2), car('b', 0), car('c', 1)])).toEqual([11, 12, 12])
  })

  test('go to the largest remainder first', () => {
    // Level 6.4: a has 12.8, b 6.4, c 6.4.
    expect(share(25.6, [car('a', 2, { weight: 2 }), car('b', 0), car('c', 1)], 'weighted')).toEqual([13, 6, 6])
  })

  test('of 0.1 A, and of different sizes side by side', () => {
    expect(share(20, [car('a', 0, { stepA: 0.1 }), car('b', 1, { stepA: 0.1 }), car('c', 2, { stepA: 0.1 })])).toEqual([6.7, 6.7, 6.6])
    expect(share(29, [car('a', 0, { stepA: 5, minA: 10 }), car('b', 1)])).toEqual([15, 14])
    expect(share(28, [car('a', 0, { stepA: 5, minA: 10 }), car('b', 1)])).toEqual([10, 15])
  })

  test('never above the cap, and never above what a floor leaves', () => {
    expect(share(13, [car('a', 0, { capA: 6 }), car('b', 1, { capA: 6 })])).toEqual([6, 6])
    // The floor of 6.5 counts although only 6 can be granted.
    expect(share(12.9, [car('a', 0, { floorA: 6.5 }), car('b', 1)])).toEqual([6, 6])
    expect(share(18, [car('a', 0, { floorA: 10, capA: 8 }), car('b', 1)])).toEqual([8, 8])
  })

  test('floors that overrun the limit alone add nothing', () => {
    expect(share(10, [car('a', 0, { floorA: 8 }), car('b', 1, { floorA: 8 }), car('c', 2)])).toEqual([8, 8, 0])
  })

  test('rounding down and up', () => {
    expect([floorTo(6.999, 1), floorTo(6.3, 0.1), floorTo(0.3, 0.1), ceilTo(6.01, 1), ceilTo(6, 1), ceilTo(0.3, 0.1)]).toEqual([6, 6.3, 0.3, 7, 6, 0.3])
  })

  test('nobody, and a bound of 0', () => {
    expect(allocate([], [], 'equal')).toEqual([])
    expect(allocate([{ capacity: 0 }], [car('a', 0, { bounds: [{ index: 0, perAmp: 1 }] })], 'equal')).toEqual([{ key: 'a', allocatedA: 0, boundBy: 'minimum', blockedBy: 0, move: null, clockMs: null, rounds: null }])
  })

  test('what bound it: its own cap, the bound that ran out, the queue', () => {
    const bounds = (index: number) => [{ index, perAmp: 1 }]
    const shares = allocate([{ capacity: 20 }, { capacity: 8 }], [car('a', 0, { capA: 10, bounds: bounds(0) }), car('b', 1, { bounds: [...bounds(0), ...bounds(1)] }), car('c', 2, { bounds: bounds(1) })], 'equal')
    expect(shares.map(({ allocatedA, boundBy, blockedBy }) => [allocatedA, boundBy, blockedBy])).toEqual([[10, 'cap', null], [8, 1, null], [0, 'queue', 1]])
  })
})
