// What counts as a difference between the schedule a charge point reports and the one it should follow.
import { describe, expect, test } from 'vitest'
import { differencesOf, type Comparison } from '../../src/profiles/compare.ts'
import type { Composite } from '../../src/profiles/composite.ts'
import type { ResponseOf } from '../../src/protocol/messages/index.ts'

const at = '2026-01-01T00:00:00.000Z'
type Steps = readonly (readonly [startPeriod: number, limit: number | null, numberPhases?: number])[]

function ours(periods: Steps, more: Partial<Composite> = {}): Composite {
  return { status: 'Accepted', connectorId: 1, scheduleStart: at, durationS: 3600, rateUnit: 'A', periods: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })), ...more }
}

function theirs(periods: Steps, more: { start?: string; duration?: number; unit?: 'A' | 'W' } = {}): ResponseOf<'GetCompositeSchedule'> {
  return {
    status: 'Accepted', connectorId: 1, scheduleStart: more.start ?? at,
    chargingSchedule: {
      duration: more.duration ?? 3600, chargingRateUnit: more.unit ?? 'A',
      chargingSchedulePeriod: periods.map(([startPeriod, limit, numberPhases]) => ({ startPeriod, limit: limit ?? 0, ...(numberPhases === undefined ? {} : { numberPhases }) })),
    },
  }
}

const how: Comparison = { voltage: 230, capA: 32 }
const later = (s: number): string => new Date(Date.parse(at) + s * 1000).toISOString()

describe('no difference', () => {
  const same: readonly [string, Composite, ResponseOf<'GetCompositeSchedule'>, Comparison?][] = [
    ['the same steps', ours([[0, 16], [600, 10]]), theirs([[0, 16], [600, 10]])],
    ['equal neighbours that were not merged', ours([[0, 16]]), theirs([[0, 16], [600, 16]])],
    ['0.1 A', ours([[0, 16]]), theirs([[0, 15.9]])],
    ['0.5 %', ours([[0, 63]]), theirs([[0, 63.3]]), { voltage: 230 }],
    ['a step 2 s late', ours([[0, 16], [600, 10]]), theirs([[0, 16], [602, 10]])],
    ['an answer that began 2 s later', ours([[0, 16], [600, 10]]), theirs([[0, 16], [600, 10]], { start: later(2) })],
    ['an answer that began later and counts from there', ours([[0, 16], [600, 10]]), theirs([[0, 16], [590, 10]], { start: later(10) })],
    ['a clock 20 s ahead that was measured', ours([[0, 16], [600, 10]]), theirs([[0, 16], [600, 10]], { start: later(20) }), { ...how, offsetMs: -20_000 }],
    ['a clock in another year', ours([[0, 16], [600, 10]]), theirs([[0, 16], [600, 10]], { start: '2019-05-01T00:00:00Z' })],
    ['the hardware where nothing limits', ours([[0, null]]), theirs([[0, 32]])],
    ['more than the hardware where nothing limits', ours([[0, null]]), theirs([[0, 48]])],
    ['more than the hardware where the limit is above it', ours([[0, 40]]), theirs([[0, 63]])],
    ['a clock 20 s ahead that keeps absolute times', ours([[0, 16], [600, 10]]), theirs([[0, 16], [580, 10]], { start: later(20) }), { ...how, offsetMs: -20_000 }],
    ['watts for amps, with its phases', ours([[0, 16]]), theirs([[0, 3680, 1]], { unit: 'W' })],
    ['watts for amps, three phases unless said', ours([[0, 16]]), theirs([[0, 11_040]], { unit: 'W' })],
    ['watts for amps, as many phases as the connector has', ours([[0, 16]]), theirs([[0, 3680]], { unit: 'W' }), { ...how, phases: 1 }],
    ['amps for watts', ours([[0, 11_040]], { rateUnit: 'W' }), theirs([[0, 16]])],
    ['a shorter answer that is right as far as it goes', ours([[0, 16], [600, 10]]), theirs([[0, 16]], { duration: 600 })],
    ['below 0 is no limit', ours([[0, null]]), theirs([[0, -1]])],
    ['below 0 is no limit, in another unit too', ours([[0, null], [600, 16]]), theirs([[0, -1, 1], [600, 3680, 1]], { unit: 'W' })],
    ['below 0 is no limit, the hardware not known', ours([[0, null]]), theirs([[0, -1]]), { voltage: 230 }],
    ['no period at all is no limit', ours([[0, null]]), theirs([])],
    ['a missing start', ours([[0, 16]]), { ...theirs([[0, 16]]), scheduleStart: undefined }],
  ]
  test.each(same)('%s', (_, expected, reported, comparison = how) => expect(differencesOf(expected, reported, comparison)).toEqual([]))
})

describe('a difference', () => {
  const other: readonly [string, Composite, ResponseOf<'GetCompositeSchedule'>, unknown, Comparison?][] = [
    ['more', ours([[0, 10]]), theirs([[0, 16]]), [{ startPeriod: 0, durationS: 3600, expected: 10, reported: 16 }]],
    ['less', ours([[0, 16]]), theirs([[0, 10]]), [{ startPeriod: 0, durationS: 3600, expected: 16, reported: 10 }]],
    ['more than the hardware is shown as it was said', ours([[0, 10]]), theirs([[0, 48]]), [{ startPeriod: 0, durationS: 3600, expected: 10, reported: 48 }]],
    ['a clock an hour ahead moves what matters', ours([[0, 16], [600, 10]]), theirs([[0, 16], [480, 10]], { start: later(3600) }), [{ startPeriod: 480, durationS: 120, expected: 16, reported: 10 }], { ...how, offsetMs: -3_600_000 }],
    ['less than the hardware where nothing limits', ours([[0, null]]), theirs([[0, 20]]), [{ startPeriod: 0, durationS: 3600, expected: 32, reported: 20 }]],
    ['a limit where nothing is expected, the hardware not known', ours([[0, null]]), theirs([[0, 20]]), [{ startPeriod: 0, durationS: 3600, expected: null, reported: 20 }], { voltage: 230 }],
    ['0 for 6', ours([[0, 6]]), theirs([[0, 0]]), [{ startPeriod: 0, durationS: 3600, expected: 6, reported: 0 }]],
    ['a step that is missing', ours([[0, 16], [600, 10]]), theirs([[0, 16]]), [{ startPeriod: 600, durationS: 3000, expected: 10, reported: 16 }]],
    ['a step 3 s late', ours([[0, 16], [600, 10]]), theirs([[0, 16], [603, 10]]), [{ startPeriod: 600, durationS: 3, expected: 10, reported: 16 }]],
    ['two stretches', ours([[0, 16], [600, 10], [1200, 16]]), theirs([[0, 10], [600, 10], [1200, 20]]),
      [{ startPeriod: 0, durationS: 600, expected: 16, reported: 10 }, { startPeriod: 1200, durationS: 2400, expected: 16, reported: 20 }]],
    ['one stretch, however it is cut', ours([[0, 16]]), theirs([[0, 10], [600, 10]]), [{ startPeriod: 0, durationS: 3600, expected: 16, reported: 10 }]],
    ['a first period that begins later leaves what is before it open', ours([[0, 16]]), theirs([[60, 16]]), [{ startPeriod: 0, durationS: 60, expected: 16, reported: null }]],
    ['no limit, as -1, where there is one', ours([[0, 16]]), theirs([[0, -1]]), [{ startPeriod: 0, durationS: 3600, expected: 16, reported: null }]],
    ['no limit, as no period, where there is one', ours([[0, 16]]), theirs([]), [{ startPeriod: 0, durationS: 3600, expected: 16, reported: null }]],
    ['in watts', ours([[0, 11_040]], { rateUnit: 'W' }), theirs([[0, 22_080]], { unit: 'W' }), [{ startPeriod: 0, durationS: 3600, expected: 11_040, reported: 22_080 }]],
    ['in another unit', ours([[0, 16]]), theirs([[0, 3680]], { unit: 'W' }), [{ startPeriod: 0, durationS: 3600, expected: 16, reported: 5.3 }]],
  ]
  test.each(other)('%s', (_, expected, reported, differences, comparison = how) => expect(differencesOf(expected, reported, comparison)).toEqual(differences))
})

test('nothing to compare: refused, no schedule in the answer, or no such connector', () => {
  expect(differencesOf(ours([[0, 16]]), { status: 'Accepted' }, how)).toBeNull()
  expect(differencesOf(ours([[0, 16]]), { status: 'Rejected' }, how)).toBeNull()
  expect(differencesOf(ours([], { status: 'Rejected' }), theirs([[0, 16]]), how)).toBeNull()
})

test('a week of steps of a few seconds on both sides is compared in one pass', () => {
  const steps: Steps = Array.from({ length: 60_000 }, (_, index) => [index * 10, index % 2 === 0 ? 16 : 10])
  const other: Steps = steps.map(([startPeriod, limit]) => [startPeriod, limit === 10 ? 8 : limit])
  expect(differencesOf(ours(steps, { durationS: 600_000 }), theirs(other, { duration: 600_000 }), how)).toHaveLength(30_000)
})
