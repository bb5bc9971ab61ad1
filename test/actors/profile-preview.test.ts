// Where two schedules of one window differ: stretches with a beginning, a length and two limits.
import { describe, expect, test } from 'vitest'
import { changesBetween, previewEach, type ProfilePreview } from '../../src/actors/profile-preview.ts'
import type { Composite } from '../../src/profiles/composite.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openHouse } from './house-stand.ts'

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

test('changes of many steps look at each step a few times, whatever their number', () => {
  let looks = 0
  const many = (limits: readonly [number, number]): Composite => ({
    ...schedule([]), durationS: 20_000,
    periods: Array.from({ length: 20_000 }, (_, index) => ({ get startPeriod() { looks++; return index }, limit: limits[index % 2] ?? null })),
  })
  expect(changesBetween(many([16, 10]), many([16, 8]))).toHaveLength(10_000)
  expect(looks).toBeLessThan(8 * 20_000)
})

describe('of many', () => {
  const drawn = (clientID: string, periods: number): ProfilePreview => {
    const long = schedule(Array.from({ length: periods }, (_, index) => [index, index % 2]))
    return { dryRun: true, clientID, connectorId: 1, before: schedule([]), after: long, differences: [], allocation: null }
  }
  /** Each look at it takes so long. */
  class SlowClock extends VirtualClock {
    slowMs = 0
    private lookedMs = 0
    override mono(): number { return super.mono() + (this.lookedMs += this.slowMs) }
  }

  test('others have a turn after so much time, not after so many', async () => {
    const clock = new SlowClock()
    const { estate } = (await openHouse({ clock })).directory
    let turns = 0
    const counted = Object.create(estate, { options: { value: { ...estate.options, pause: async () => { turns++ } } } }) as typeof estate
    const ids = Array.from({ length: 100 }, (_, index) => `CP${index}`)
    expect(await previewEach(counted, ids, (id) => drawn(id, 1))).toHaveLength(100)
    expect(turns).toBe(0)
    clock.slowMs = 20
    await previewEach(counted, ids.slice(0, 10), (id) => drawn(id, 1))
    expect(turns).toBeGreaterThan(8)
  })

  test('all that is drawn together is bounded, and the refusal says what to shorten', async () => {
    const { estate } = (await openHouse()).directory
    const ids = Array.from({ length: 300 }, (_, index) => `CP${index}`)
    let drawings = 0
    const refused = previewEach(estate, ids, (id) => { drawings++; return drawn(id, 10_000) })
    await expect(refused).rejects.toMatchObject({ kind: 'invalid', code: 'too-many-periods', errors: [{ pointer: '/durationS' }], hint: expect.stringContaining('durationS') as string })
    expect(drawings).toBeLessThan(15)
    expect(await previewEach(estate, ids, (id) => drawn(id, 100))).toHaveLength(300)
  })
})
