// Which fallbacks give way, and to whom: where a limit is below their sum, no car that charges keeps one that bars the others from their turn.
import { describe, expect, test } from 'vitest'
import { constraintsAt } from '../../src/power/limits.ts'
import type { Place } from '../../src/power/loads.ts'
import { perPhase, type ChargePointInput } from '../../src/power/site.ts'
import { setTargets } from '../../src/power/target.ts'
import { carPlace, makePlace, makeTree, stations } from './fixtures.ts'
import { begin, expectSafe } from './scene.ts'

const points = (...fallbacksA: readonly number[]): ChargePointInput[] => fallbacksA.map((fallbackA, index) => ({ id: `CP${index + 1}`, fallbackA }))

/** `fallback/share` by connector under a limit, fused or bought; a number is a car of that class, null an idle connector. */
function given(limitA: number, fallbacksA: readonly number[], classes: readonly (number | null)[], economic = false): string[] {
  const tree = makeTree({ fuseA: 63 }, points(...fallbacksA))
  const places = classes.map((priority, index): Place => (priority === null ? makePlace : carPlace)(tree, `CP${index + 1}/1`, { priority: priority ?? 0, queuedAtMs: index }))
  const timed = [{ source: economic ? 'demand-window' : 'curtailment:1', currentA: limitA, fromMs: 0, untilMs: Infinity, ...(economic ? { economic } : {}) }]
  const { targets } = setTargets(tree, constraintsAt(tree, null, 0, [], timed), perPhase(0), places, 0)
  return classes.map((_, index) => targets.get(`CP${index + 1}/1`)!).map(({ fallbackA, allocatedA }) => `${fallbackA}/${allocatedA}`)
}

describe('fused', () => {
  test.each<[string, number, readonly number[], readonly (number | null)[], readonly string[]]>([
    ['they fit: all keep them', 18, [6, 6, 6], [0, 0, 0], ['6/6', '6/6', '6/6']],
    ['a whole class gives way at once', 17, [6, 6, 6], [0, 0, 0], ['0/9', '0/8', '0/0']],
    ['so that all have their minimum where that fits', 20, [8, 8, 8], [0, 0, 0], ['0/7', '0/7', '0/6']],
    ['the lowest class first', 17, [6, 6, 6], [1, 0, 1], ['6/9', '0/0', '6/8']],
    ['idle ones before those that charge', 13, [6, 6, 6], [0, null, 0], ['6/7', '0/0', '6/6']],
    ['idle ones also where a car without a fallback would wait', 13, [6, 6, 6, 0], [null, null, 0, 0], ['0/0', '0/0', '6/7', '0/6']],
    ['for the minimum of one that has none as well', 14, [6, 6, 0], [0, 0, 0], ['0/7', '0/7', '0/0']],
    ['also where nobody charges whose fallback it is', 14, [6, 6, 0], [null, null, 0], ['6/6', '0/0', '0/8']],
    ['not of more idle ones than it takes', 19, [6, 6, 6, 0], [null, null, null, 0], ['6/6', '6/6', '0/0', '0/7']],
    ['to no car of a lower class', 14, [6, 6, 0], [1, 1, 0], ['6/7', '6/7', '0/0']],
    ['of no other class where the lowest is enough', 20, [6, 6, 6, 0], [1, 0, 1, 1], ['6/7', '0/0', '6/7', '0/6']],
  ])('%s', (_, limitA, fallbacksA, classes, expected) => {
    expect(given(limitA, fallbacksA, classes)).toEqual(expected)
  })
})

describe('bought', () => {
  test.each<[string, number, readonly number[], readonly (number | null)[], readonly string[]]>([
    ['class 0 gives way to the minimum of class 1', 10, [10, 0], [0, 1], ['0/0', '0/10']],
    ['not where both fit', 16, [10, 0], [0, 1], ['10/10', '0/6']],
    ['to class 0 it does not', 10, [10, 0], [0, 0], ['10/10', '0/0']],
    ['a fallback within what is owed anyway stays', 2, [6, 6], [1, 0], ['6/6', '0/0']],
    ['one above it does not', 8, [10, 0], [1, 1], ['0/6', '0/6']],
  ])('%s', (_, limitA, fallbacksA, classes, expected) => {
    expect(given(limitA, fallbacksA, classes, true)).toEqual(expected)
  })
})

test.each<[string, ChargePointInput[], number]>([
  ['of 6 A each', stations(3, { fallbackA: 6 }), 12],
  ['that fit, beside a connector without one', points(6, 6, 0), 14],
])('fallbacks %s, room for two: each in turn, lowered before another is raised', (_, chargePoints, limitA) => {
  const keys = ['CP1/1', 'CP2/1', 'CP3/1']
  const scene = begin({ fuseA: 63 }, chargePoints, keys)
  scene.play.limit({ currentA: limitA, setAtMs: 0 })
  const served = new Set<string>()
  for (let minute = 3; minute <= 40; minute++) {
    scene.play.until(minute * 60_000)
    for (const key of keys) if (minute > 15 && scene.play.connectors.get(key)!.drawnA > 0) served.add(key)
  }
  expect([...served].sort()).toEqual(keys)
  expectSafe(scene)
})
