// leastLaxity where not every minimum fits: who is served first, who keeps what, and whom that does not concern.
import { describe, expect, test } from 'vitest'
import { allocate, type Member } from '../../src/power/allocate.ts'
import { keepsBeforeMs } from '../../src/power/first-served.ts'
import { keptStepMs } from '../../src/power/handing-out.ts'
import type { Turn } from '../../src/power/member.ts'

const minutes = (count: number) => count * 60_000
const nowMs = minutes(1_000)
const turn = (standing: Turn['standing'], more: Partial<Turn> = {}): Turn => ({ standing, onSinceMs: 0, mayGo: standing === 'on', mayCome: standing === 'off', clockMs: standing === 'off' ? nowMs : null, ...more })
const car = (key: string, slackMin: number | null, more: Partial<Member> = {}): Member => ({
  key, rank: Number(key.slice(1)), priority: 0, weight: 1, minA: 6, capA: 32, floorA: 0, stepA: 1, bounds: [{ index: 0, perAmp: 1 }], turn: turn('off'),
  ...(slackMin === null ? {} : { latestMs: nowMs + minutes(slackMin), fullA: 32 }), ...more,
})
const sharesOf = (capacities: readonly number[], members: readonly Member[]) => allocate(capacities.map((capacity) => ({ capacity })), members, 'leastLaxity', nowMs)
const ampsOf = (capacities: readonly number[], members: readonly Member[]) => sharesOf(capacities, members).map(({ allocatedA }) => allocatedA)
const under = (...indices: readonly number[]) => ({ bounds: indices.map((index) => ({ index, perAmp: 1 })) })

describe('one limit', () => {
  test('where every minimum fits everybody has it, however late', () => {
    expect(ampsOf([24], [car('c0', 300), car('c1', 5, { urgent: true }), car('c2', 200), car('c3', null)])).toEqual([6, 6, 6, 6])
  })
  test('where not, by slack as many as can have all they can use; the others are in the queue', () => {
    const shares = sharesOf([50], [...Array.from({ length: 8 }, (_, at) => car(`c${at}`, 300 - 10 * at)), car('c8', null)])
    expect(shares.map(({ allocatedA }) => allocatedA)).toEqual([0, 0, 0, 0, 0, 0, 18, 32, 0])
    expect(shares.filter(({ boundBy }) => boundBy === 'queue')).toHaveLength(7)
  })
  test('without a departure they share what those leave', () => {
    expect(ampsOf([42], [car('c0', 300, { capA: 16 }), car('c1', 200, { capA: 16 }), ...Array.from({ length: 6 }, (_, at) => car(`c${at + 2}`, null))])).toEqual([16, 16, 10, 0, 0, 0, 0, 0])
  })
  test.each([
    ['who has current keeps it before one with less slack', 300, { latestMs: nowMs + minutes(300) - keepsBeforeMs + 1 }, [10, 0]],
    ['not before one with that much less', 300, { latestMs: nowMs + minutes(300) - keepsBeforeMs - 1 }, [0, 10]],
    ['nor before one that is urgent', 40, { latestMs: nowMs + minutes(29), urgent: true }, [0, 10]],
  ] as const)('%s', (_, slackMin, other, expected) => {
    expect(ampsOf([10], [car('c0', slackMin, { turn: turn('on') }), car('c1', 0, other)])).toEqual(expected)
  })
  test('its least time on counts before all slack but the urgent', () => {
    const fresh = car('c0', 900, { turn: turn('on', { mayGo: false }) })
    expect(ampsOf([10], [fresh, car('c1', 31)])).toEqual([10, 0])
    expect(ampsOf([10], [fresh, car('c1', 29, { urgent: true })])).toEqual([0, 10])
  })
  test('who has all that was asked for is in nobody\'s way', () => {
    expect(ampsOf([12], [car('c0', null, { sated: true, turn: turn('on') }), car('c1', 300), car('c2', 200)])).toEqual([0, 6, 6])
  })
})

describe('whom it does not concern', () => {
  test('under other limits everybody keeps the minimum', () => {
    const branch = ['c2', 'c3', 'c4'].map((key) => car(key, 900, under(0)))
    expect(ampsOf([24, 10], [car('c0', 100, under(0, 1)), car('c1', 90, under(0, 1)), ...branch])).toEqual([0, 6, 6, 6, 6])
    expect(ampsOf([28, 10], [car('c0', 100, under(0, 1)), car('c1', 90, under(0, 1)), ...branch])).toEqual([0, 10, 6, 6, 6])
  })
  test('a lower class keeps its minimums there as well, and no more', () => {
    const branch = ['c2', 'c3'].map((key) => car(key, 10, { ...under(0), priority: -1 }))
    expect(ampsOf([20, 10], [car('c0', 100, under(0, 1)), car('c1', 90, under(0, 1)), ...branch])).toEqual([0, 8, 6, 6])
    expect(ampsOf([24, 10], [car('c0', 100, under(0, 1)), car('c1', 90, under(0, 1)), ...branch])).toEqual([0, 10, 7, 7])
  })
  test('a minimum kept for one whom another came before all the same is left to somebody', () => {
    const shares = [
      car('c2', null, under(0)), car('c3', null, { ...under(0), priority: 2, capA: 11 }), car('c4', 0, { ...under(1), priority: 2, capA: 6 }), car('c5', null, { ...under(1), priority: 2, capA: 6 }),
      car('c0', null, { ...under(0, 1), minA: 10, capA: 10, floorA: 6, stepA: 5 }), car('c1', null, under(1)),
    ]
    expect(ampsOf([22, 16], shares)).toEqual([0, 11, 6, 0, 10, 0])
  })
  test('a higher class has what it would have if nobody waited below it', () => {
    expect(ampsOf([20], [car('c0', 900, { priority: 1 }), car('c1', 300, { priority: 1 }), car('c2', 10, { urgent: true }), car('c3', 20, { urgent: true })])).toEqual([6, 8, 6, 0])
  })
})

describe('a limit that is bought', () => {
  const bought = (economicA: number, fusedA: readonly number[], members: readonly Member[]) =>
    allocate([{ capacity: economicA, economic: true }, ...fusedA.map((capacity) => ({ capacity }))], members, 'leastLaxity', nowMs).map(({ allocatedA }) => allocatedA)

  test('is exceeded by minimums alone, however much those can use that come first', () => {
    const members = Array.from({ length: 5 }, (_, at) => car(`c${at}`, 100 + 10 * at, { ...under(0, 1), priority: 1 }))
    expect(bought(20, [26], members)).toEqual([6, 6, 6, 6, 0])
    // Of class 0 nobody is owed anything.
    expect(bought(20, [26], members.map((one) => ({ ...one, priority: 0 })))).toEqual([20, 0, 0, 0, 0])
  })
  test('leaves the minimum of one that comes later where those before it can have less', () => {
    const circuit = Array.from({ length: 5 }, (_, at) => car(`c${at}`, at === 0 ? 100 : null, { ...under(0, 1), priority: 1, capA: 20 }))
    expect(bought(40, [26], [...circuit, car('c5', 500, { ...under(0), priority: 1 })])).toEqual([20, 6, 0, 0, 0, 14])
    expect(bought(46, [26], [...circuit, car('c5', 500, { ...under(0), priority: 1 })])).toEqual([20, 6, 0, 0, 0, 20])
  })
})

test('a step that was granted goes to another for much less slack only', () => {
  const held = (slackMin: number) => car('c0', slackMin, { heldA: 26, turn: turn('on') })
  const other = car('c1', 100, { heldA: 6, turn: turn('on') })
  expect(ampsOf([32], [held(100), other])).toEqual([26, 6])
  expect(ampsOf([32], [held(100 + keptStepMs / 60_000 - 4), other])).toEqual([26, 6])
  expect(ampsOf([32], [held(100 + keptStepMs / 60_000 + 5), other])).toEqual([6, 26])
})
