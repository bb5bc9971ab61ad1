// Who waits beyond its turn, and who only waits as its site's policy wants it.
import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/power/ledger.ts'
import { starvedBeyondTurn, turnDueAtMs } from '../../src/power/starving.ts'
import { makePlace, makeTree, planOf, settledRow, stations } from './fixtures.ts'

const minuteMs = 60_000
const nowMs = 36_000_000
const ago = (minutes: number) => nowMs - minutes * minuteMs
/** 6 A on three phases of 230 V, W. */
const leastW = 3 * 230 * 6

test('beyond its turn: 15 min for each round', () => {
  expect([turnDueAtMs(0, 1), turnDueAtMs(minuteMs, 2), turnDueAtMs(0, Infinity)]).toEqual([15 * minuteMs, 31 * minuteMs, Infinity])
})

test('15 min more for who missed the last swap because another had begun too late to go, 5 for who was swapped out itself', () => {
  const tree = makeTree({ fuseA: 12 }, stations(3))
  const lateAfter = (onMin: number, pausedByTurn = false) => [17, 18, 22, 23, 32, 33, 38].find((starvedMin) => {
    const on = (minutes: number): Row => ({ ...settledRow({ txA: 6 }), onSinceMs: ago(minutes) })
    const off: Row = { ...settledRow({ txA: 0 }), offSinceMs: ago(starvedMin), starvedSinceMs: ago(starvedMin), queueSinceMs: ago(1), pausedByTurn }
    const places = [on(60), on(onMin), off].map((row, index) => makePlace(tree, `CP${index + 1}/1`, { row, queuedAtMs: index }))
    return starvedBeyondTurn(planOf(tree, places, { nowMs }), nowMs).size > 0
  })
  expect([lateAfter(1), lateAfter(2), lateAfter(10), lateAfter(11)]).toEqual([18, 33, 33, 18])
  expect([lateAfter(1, true), lateAfter(2, true)]).toEqual([23, 38])
})

test('rounds are those of the fewest that fit: a swap of a three-phase car for two others promises no less', () => {
  const tree = makeTree({ fuseA: 6 }, (['L1', 'L2', null, null] as const).map((phase, index) => ({ id: `CP${index + 1}`, connectors: [{ id: 1, ...(phase === null ? {} : { phases: [phase] }) }] })))
  const roundsWith = (on: readonly number[]) => {
    const rowOf = (index: number): Row => (on.includes(index) ? { ...settledRow({ txA: 6 }), onSinceMs: ago(60) } : { ...settledRow({ txA: 0 }), offSinceMs: ago(1), starvedSinceMs: ago(1), queueSinceMs: ago(1) })
    const { targets } = planOf(tree, [0, 1, 2, 3].map((index) => makePlace(tree, `CP${index + 1}/1`, { queuedAtMs: index, row: rowOf(index) })), { nowMs })
    return [...targets.values()].map(({ rounds }) => rounds ?? 0)
  }
  expect([roundsWith([2]), roundsWith([0, 1])]).toEqual([[3, 3, 0, 3], [0, 0, 3, 3]])
})

interface Need { readonly leavesMin: number; readonly needMin: number }

/** Two that charge and one that has waited for so long, where two can have 6 A; minutes to the departure and of charging at 6 A still needed. */
function late(policy: 'equal' | 'leastLaxity', starvedMin: number, waits: Need | null, charges: Need | null): [string, number][] {
  const tree = makeTree({ fuseA: 12, policy }, stations(3, {}).map((one) => ({ ...one, connectors: [{ id: 1, maxA: 6 }] })))
  const need = (one: Need | null) => (one === null ? {} : { departureAtMs: nowMs + one.leavesMin * minuteMs, remainingWh: (leastW * one.needMin) / 60 })
  const on: Row = { ...settledRow({ txA: 6 }), onSinceMs: ago(60) }
  const off: Row = { ...settledRow({ txA: 0 }), offSinceMs: ago(starvedMin), starvedSinceMs: ago(starvedMin), queueSinceMs: nowMs }
  const places = [on, on, off].map((row, index) => makePlace(tree, `CP${index + 1}/1`, { row, queuedAtMs: index, ...need(index === 2 ? waits : charges) }))
  return [...starvedBeyondTurn(planOf(tree, places, { nowMs }), nowMs)].map(([key, dueAtMs]) => [key, (dueAtMs - nowMs) / minuteMs])
}

test('nobody is said to starve whom no swap can let in: a higher class has what it needs; beside it the others take turns', () => {
  const tree = makeTree({ fuseA: 10 }, (['L1', 'L2', null, 'L2'] as const).map((phase, index) => ({ id: `CP${index + 1}`, connectors: [{ id: 1, ...(phase === null ? {} : { phases: [phase] }) }] })))
  const on: Row = { ...settledRow({ txA: 6 }), onSinceMs: ago(5) }
  const off: Row = { ...settledRow({ txA: 0 }), offSinceMs: ago(90), starvedSinceMs: ago(90), queueSinceMs: ago(5) }
  const places = [on, on, off, off].map((row, index) => makePlace(tree, `CP${index + 1}/1`, { row, queuedAtMs: index, priority: index === 0 ? 1 : 0 }))
  const made = (count: number) => planOf(tree, places.slice(0, count), { nowMs })
  expect([...made(3).targets.values()].map(({ allocatedA, binding, rounds }) => [allocatedA, binding, rounds ?? null])).toEqual([[10, 'fuse', null], [10, 'fuse', null], [0, 'queue', Infinity]])
  expect([...starvedBeyondTurn(made(3), nowMs)]).toEqual([])
  expect([...starvedBeyondTurn(made(4), nowMs).keys()]).toEqual(['CP4/1'])
})

describe('one of three waits where two fit', () => {
  const hours: Need = { leavesMin: 480, needMin: 60 }
  test.each<[string, 'equal' | 'leastLaxity', number, Need | null, Need | null, readonly [string, number][]]>([
    ['its turn and what a swap takes are not over', 'equal', 17, null, null, []],
    ['they are', 'equal', 18, null, null, [['CP3/1', -3]]],
    ['however much time it has', 'equal', 18, hours, hours, [['CP3/1', -3]]],
    ['by slack: it has time and waits as it should', 'leastLaxity', 120, hours, { leavesMin: 100, needMin: 60 }, []],
    ['by slack: its slack has been short for a turn', 'leastLaxity', 120, { leavesMin: 72, needMin: 60 }, { leavesMin: 61, needMin: 60 }, [['CP3/1', -3]]],
    ['by slack: for less than a turn', 'leastLaxity', 120, { leavesMin: 80, needMin: 60 }, { leavesMin: 61, needMin: 60 }, []],
    ['by slack: nobody knows when it leaves, and of the others it is known', 'leastLaxity', 120, null, hours, []],
    ['by slack: of nobody it is known', 'leastLaxity', 18, null, null, [['CP3/1', -3]]],
  ])('%s', (_, policy, starvedMin, waits, charges, expected) => {
    expect(late(policy, starvedMin, waits, charges)).toEqual(expected)
  })
})
