// Where two schedules of one window differ: stretches with a beginning, a length and two limits.
import { describe, expect, test } from 'vitest'
import { changesBetween } from '../../src/actors/profile-preview.ts'
import type { Composite } from '../../src/profiles/composite.ts'

type Step = readonly [startPeriod: number, limit: number | null]

function schedule(steps: readonly Step[], status: Composite['status'] = 'Accepted'): Composite {
  return { status, connectorId: 1, scheduleStart: '2026-11-22T12:00:00.000Z', durationS: 100, rateUnit: 'A', periods: steps.map(([startPeriod, limit]) => ({ startPeriod, limit })) }
}

describe('changes', () => {
  test.each<[string, readonly Step[], readonly Step[], readonly (readonly [number, number, number | null, number | null])[]]>([
    ['none', [[0, 16], [50, 6]], [[0, 16], [50, 6]], []],
    ['the whole window', [[0, null]], [[0, 16]], [[0, 100, null, 16]]],
    ['a stretch in the middle', [[0, 16]], [[0, 16], [20, 6], [30, 16]], [[20, 10, 16, 6]]],
    ['up to the end', [[0, 16]], [[0, 16], [99, 0]], [[99, 1, 16, 0]]],
    ['steps of both', [[0, 16], [40, 8]], [[0, 10], [60, 8]], [[0, 40, 16, 10], [40, 20, 8, 10]]],
    ['what differs in the same way is one', [[0, 16], [40, 16]], [[0, 10]], [[0, 100, 16, 10]]],
    ['what differs in the same way with something between is two', [[0, 16]], [[0, 10], [40, 16], [60, 10]], [[0, 40, 16, 10], [60, 40, 16, 10]]],
    ['from nothing that limits to nothing that is allowed', [[0, null]], [[0, null], [10, 0]], [[10, 90, null, 0]]],
  ])('%s', (_title, before, after, changes) => {
    expect(changesBetween(schedule(before), schedule(after))).toEqual(changes.map(([startPeriod, durationS, from, to]) => ({ startPeriod, durationS, before: from, after: to })))
  })

  test('a connector that is not there has none', () => expect(changesBetween(schedule([], 'Rejected'), schedule([], 'Rejected'))).toEqual([]))
})
