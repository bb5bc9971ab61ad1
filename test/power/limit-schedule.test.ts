// Limits by the calendar: against the clock of the site read minute by minute, and on the days that clock jumps.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activeAt, limitScheduleSchema, limitSchedulesSchema, nextChangeMs, nextHoldingMs, spansOf, weekdays, type LimitSchedule } from '../../src/power/limit-schedule.ts'
import { offsetAt, offsetsOver } from '../../src/power/local-time.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const at = (text: string) => Date.parse(text)
const weekly = (...blocks: object[]): LimitSchedule => limitScheduleSchema.parse({ weekly: blocks })
const allDays = [...weekdays]

/** What the clock on the wall shows, by another road than the code under test. */
function shown(ms: number, timezone: string): { day: string; time: string; yesterday: string } {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(ms).map(({ type, value }) => [type, value]))
  const day = parts['weekday']!.toLowerCase()
  return { day, time: `${parts['hour']}:${parts['minute']}`, yesterday: allDays[(allDays.findIndex((one) => one === day) + 6) % 7]! }
}

function slowlyActive({ weekly: blocks = [] }: LimitSchedule, ms: number, timezone: string): number[] {
  const { day, time, yesterday } = shown(ms, timezone)
  return blocks.filter(({ days, from, to }) => (to > from ? time >= from && time < to && days.some((one) => one === day)
    : (time >= from && days.some((one) => one === day)) || (time < to && days.some((one) => one === yesterday)))).map(({ limitW }) => limitW!).sort()
}

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Santiago']
const clock = fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`)
const block = fc.record({ days: fc.subarray(allDays, { minLength: 1 }), from: clock, to: fc.oneof(clock, fc.constant('24:00')), limitW: fc.integer({ min: 1, max: 9 }) }).filter(({ from, to }) => from !== to)
/** Around both changes of the clock, the weekend and any time. */
const starts = fc.oneof(fc.constantFrom(at('2026-03-28T12:00:00Z'), at('2026-10-24T12:00:00Z'), at('2026-03-07T20:00:00Z'), at('2026-10-31T20:00:00Z'), at('2026-04-04T00:00:00Z'), at('2026-10-03T00:00:00Z')), fc.integer({ min: 0, max: 525_600 }).map((minutes) => at('2026-01-01T00:00:00Z') + minutes * minuteMs))

test('all minutes looked at in two days are as the clock on the wall says', () => {
  fc.assert(fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), fc.constantFrom(...zones), starts, (blocks, zone, fromMs) => {
    const schedule = weekly(...blocks)
    const untilMs = fromMs + 48 * hourMs
    const spans = spansOf(schedule, zone, fromMs, untilMs)
    for (let ms = fromMs; ms < untilMs; ms += 7 * minuteMs) {
      const expected = slowlyActive(schedule, ms, zone)
      expect(activeAt(schedule, ms, zone).map(({ powerW }) => powerW!).sort()).toEqual(expected)
      expect(spans.filter((span) => span.fromMs <= ms && ms < span.untilMs).map(({ powerW }) => powerW!).sort()).toEqual(expected)
    }
  }), { numRuns: 40 })
})

test('the next change is the first minute that differs', () => {
  fc.assert(fc.property(block, fc.constantFrom(...zones), starts, (one, zone, fromMs) => {
    const schedule = weekly(one)
    const now = slowlyActive(schedule, fromMs, zone)
    let ms = fromMs + minuteMs
    while (ms < fromMs + 2 * 24 * hourMs && String(slowlyActive(schedule, ms, zone)) === String(now)) ms += minuteMs
    const next = nextChangeMs(schedule, fromMs, zone)
    if (ms < fromMs + 2 * 24 * hourMs) expect(next).toBe(ms)
    else expect(next ?? Infinity).toBeGreaterThanOrEqual(ms)
  }), { numRuns: 25 })
})

describe('days of 23 and 25 hours in Berlin', () => {
  const zone = 'Europe/Berlin'
  const hoursOf = (schedule: LimitSchedule, from: string, until: string) => spansOf(schedule, zone, at(from), at(until)).map(({ fromMs, untilMs }) => [new Date(fromMs).toISOString().slice(5, 16), (untilMs - fromMs) / hourMs])
  test.each([
    ['a night in spring is an hour shorter', { from: '22:00', to: '06:00' }, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z', [['03-28T21:00', 7]]],
    ['a night in autumn is an hour longer', { from: '22:00', to: '06:00' }, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z', [['10-24T20:00', 9]]],
    ['a time that is left out begins when the clock has jumped', { from: '02:30', to: '04:00' }, '2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z', [['03-29T01:00', 1]]],
    ['a block that is left out whole does not come', { from: '02:10', to: '02:50' }, '2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z', []],
    ['an hour that comes twice counts twice', { from: '02:30', to: '03:00' }, '2026-10-25T00:00:00Z', '2026-10-25T12:00:00Z', [['10-25T00:30', 0.5], ['10-25T01:30', 0.5]]],
    ['the day itself has 25 hours', { from: '00:00', to: '24:00', days: ['sun'] }, '2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z', [['10-24T22:00', 25]]],
  ])('%s', (_, times, from, until, expected) => {
    expect(hoursOf(weekly({ days: allDays, limitW: 1, ...times }), from, until)).toEqual(expected)
  })
})

test('a block over Sunday midnight goes on into Monday, and whole days stand together', () => {
  const night = weekly({ days: ['sun'], from: '23:00', to: '01:00', currentA: 10 })
  expect(spansOf(night, 'UTC', at('2026-01-03T00:00:00Z'), at('2026-01-07T00:00:00Z'))).toEqual([{ fromMs: at('2026-01-04T23:00:00Z'), untilMs: at('2026-01-05T01:00:00Z'), currentA: 10 }])
  const always = weekly({ days: allDays, from: '00:00', to: '24:00', limitW: 5 })
  expect(spansOf(always, 'UTC', 0, 100 * hourMs)).toEqual([{ fromMs: 0, untilMs: 100 * hourMs, powerW: 5 }])
  expect(nextChangeMs(always, 0, 'UTC')).toBeNull()
})

test('an interval stands alone or in a list, and is given whole', () => {
  const alone = limitScheduleSchema.parse({ startsAt: '2026-01-01T02:00:00+01:00', durationS: 3600, limitW: 9000 })
  const span = { fromMs: at('2026-01-01T01:00:00Z'), untilMs: at('2026-01-01T02:00:00Z'), powerW: 9000 }
  const listed = limitScheduleSchema.parse({ id: 'a', intervals: [{ startsAt: '2026-01-01T01:00:00Z', durationS: 3600, limitW: 9000 }] })
  for (const schedule of [alone, listed]) {
    expect(spansOf(schedule, 'UTC', span.fromMs + 1, span.fromMs + 2)).toEqual([span])
    expect([span.fromMs - 1, span.fromMs, span.untilMs - 1, span.untilMs].map((ms) => activeAt(schedule, ms, 'UTC').length)).toEqual([0, 1, 1, 0])
    expect([span.fromMs - 1, span.fromMs, span.untilMs].map((ms) => nextChangeMs(schedule, ms, 'UTC'))).toEqual([span.fromMs, span.untilMs, null])
  }
})

describe('what is no schedule', () => {
  const one = { days: ['mon'], from: '08:00', to: '09:00', limitW: 1 }
  const single = { startsAt: '2026-01-01T00:00:00Z', durationS: 60, limitW: 1 }
  test.each([
    ['nothing', {}, 'exactly one of the three'], ['two forms', { ...single, weekly: [one] }, 'exactly one of the three'], ['no limit', { weekly: [{ days: ['mon'], from: '08:00', to: '09:00' }] }, 'limitW and currentA'],
    ['two limits', { ...single, currentA: 2 }, 'limitW and currentA'], ['no duration', { startsAt: single.startsAt, limitW: 1 }, 'durationS'], ['an empty day', { weekly: [{ ...one, to: '08:00' }] }, '00:00 to 24:00'],
    ['a day twice', { weekly: [{ ...one, days: ['mon', 'mon'] }] }, 'named twice'], ['a time that is none', { weekly: [{ ...one, from: '24:00' }] }, 'local time'], ['no time zone', { ...single, startsAt: '2026-01-01T00:00:00' }, 'ISO'], ['a negative limit', { ...single, limitW: -1 }, '>=0'],
  ])('%s', (_, schedule, says) => {
    const result = limitScheduleSchema.safeParse(schedule)
    expect(JSON.stringify(result.error?.issues ?? 'it was taken')).toContain(says)
  })

  test('two of the same id, one of them called by its place', () => {
    expect(limitSchedulesSchema.safeParse([{ ...single, id: '2' }, single]).success).toBe(false)
    expect(limitSchedulesSchema.safeParse([{ ...single, id: '1' }, single]).success).toBe(true)
  })
})

test('offsets are found to the millisecond', () => {
  const spans = offsetsOver('Europe/Berlin', at('2026-03-01T00:00:00Z'), at('2026-11-01T00:00:00Z'))
  expect(spans.map(({ fromMs, offsetMs }) => [new Date(fromMs).toISOString(), offsetMs / hourMs])).toEqual([['2026-03-01T00:00:00.000Z', 1], ['2026-03-29T01:00:00.000Z', 2], ['2026-10-25T01:00:00.000Z', 1]])
  expect(offsetAt('Asia/Kathmandu', at('2026-01-01T00:00:00.500Z'))).toBe(5.75 * hourMs)
})

test('when it next holds: now, later, a year later, or never again', () => {
  const nowMs = at('2026-01-01T12:00:00Z')
  const from = (startsAt: string) => limitScheduleSchema.parse({ startsAt, durationS: 60, currentA: 1 })
  expect(nextHoldingMs(from('2026-01-01T11:59:30Z'), nowMs, 'UTC')).toBe(nowMs)
  expect(nextHoldingMs(from('2026-12-31T00:00:00Z'), nowMs, 'UTC')).toBe(at('2026-12-31T00:00:00Z'))
  expect(nextHoldingMs(from('2026-01-01T11:59:00Z'), nowMs, 'UTC')).toBeNull()
  expect(nextHoldingMs(weekly({ days: ['thu'], from: '10:00', to: '12:00', currentA: 1 }), nowMs, 'UTC')).toBe(at('2026-01-08T10:00:00Z'))
  // The clock leaves that hour out on the next Sunday.
  expect(nextHoldingMs(weekly({ days: ['sun'], from: '02:00', to: '03:00', currentA: 1 }), at('2026-03-24T00:00:00Z'), 'Europe/Berlin')).toBe(at('2026-04-05T00:00:00Z'))
})
