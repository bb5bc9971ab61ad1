// A week of limits on its seven days: over midnight, over a change of the clock, side by side; and changes of schedules with their way back.
import { describe, expect, it } from 'vitest'
import type { CurtailmentView } from '../../src/actors/curtailment-record.ts'
import { amountField, foundAgain, curtailmentAgain, curtailmentBack, scheduleWish, withInterval, withWeekly, type KeptSchedule } from '../../web/src/pages/limits/changes.ts'
import { blockFields, curtailmentFields, instantTyped, keptSpan } from '../../web/src/pages/limits/fields.ts'
import { mondayOf, placeIn, weekOf } from '../../web/src/pages/limits/week.ts'

const monday = '2026-11-23'
const curtailment = (startsAt: string, expiresAt: string, more: Partial<CurtailmentView> = {}): CurtailmentView => ({ id: 'cur_1', kind: 'curtailment', percent: 40, startsAt, expiresAt, state: 'scheduled', limit: { currentA: 1, powerW: 1 }, createdAt: startsAt, changedBy: 'ops', endedAt: null, ...more })
const spans = (blocks: ReturnType<typeof weekOf>): string[] => blocks.flatMap((day) => day.map(({ day, from, to, lane, lanes }) => `${day} ${from}-${to} ${lane}/${lanes}`))

describe('a week of limits', () => {
  it('puts blocks on their days, and what goes over midnight on the next, over the end of the week as well', () => {
    const schedule: KeptSchedule = { id: 's', weekly: [{ days: ['fri', 'sun'], from: '22:00', to: '02:00', currentA: 20 }] }
    expect(spans(weekOf(monday, 'UTC', [schedule], []))).toEqual(['0 0-120 0/1', '4 1320-1440 0/1', '5 0-120 0/1', '6 1320-1440 0/1'])
  })

  it('spreads a curtailment over its days by the clock of the site, cut at the edges of the week', () => {
    expect(spans(weekOf(monday, 'Europe/Berlin', [], [curtailment('2026-11-22T12:00:00Z', '2026-11-24T05:00:00Z')]))).toEqual(['0 0-1440 0/1', '1 0-360 0/1'])
    expect(spans(weekOf(monday, 'UTC', [], [curtailment('2026-12-01T00:00:00Z', '2026-12-01T05:00:00Z')]))).toEqual([])
  })

  it('shows what was lifted until it was, and nothing of what never began', () => {
    expect(spans(weekOf(monday, 'UTC', [], [curtailment('2026-11-24T10:00:00Z', '2026-11-24T12:00:00Z', { state: 'cancelled', endedAt: '2026-11-24T10:30:00Z' })]))).toEqual(['1 600-630 0/1'])
    expect(spans(weekOf(monday, 'UTC', [], [curtailment('2026-11-24T10:00:00Z', '2026-11-24T12:00:00Z', { state: 'cancelled', endedAt: '2026-11-24T09:00:00Z' })]))).toEqual([])
  })

  it('lays those of one time side by side, and gives the width back after them', () => {
    const schedule: KeptSchedule = { id: 's', intervals: [{ startsAt: '2026-11-23T08:00:00Z', durationS: 7200, limitW: 1 }, { startsAt: '2026-11-23T09:00:00Z', durationS: 7200, limitW: 1 }, { startsAt: '2026-11-23T10:00:00Z', durationS: 3600, limitW: 1 }, { startsAt: '2026-11-23T12:00:00Z', durationS: 3600, limitW: 1 }] }
    expect(spans(weekOf(monday, 'UTC', [schedule], []))).toEqual(['0 480-600 0/2', '0 540-660 1/2', '0 600-660 0/2', '0 720-780 0/1'])
  })

  it('knows its Monday, and where now is', () => {
    expect(mondayOf(Date.parse('2026-11-29T23:30:00Z'), 'UTC')).toBe(monday)
    expect(mondayOf(Date.parse('2026-11-29T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-30')
    expect(placeIn(monday, Date.parse('2026-11-24T23:30:00Z'), 'Europe/Berlin')).toEqual({ day: 2, minutes: 30 })
    expect(placeIn(monday, Date.parse('2026-11-30T23:30:00Z'), 'UTC')).toBeNull()
  })
})

describe('changes of limits', () => {
  const block = { days: ['mon' as const], from: '08:00', to: '09:00', currentA: 10 }

  it('replace, add and take out one block, and the schedule with its last', () => {
    const schedule: KeptSchedule = { id: 's', name: 'Peak', weekly: [block] }
    expect(withWeekly(schedule, Infinity, { ...block, currentA: 5 })?.weekly).toHaveLength(2)
    expect(withWeekly(schedule, 0, { ...block, currentA: 5 })).toEqual({ id: 's', name: 'Peak', weekly: [{ ...block, currentA: 5 }] })
    expect(withWeekly(schedule, 0, null)).toBeNull()
    expect(scheduleWish('my site', 's', null)).toEqual({ method: 'DELETE', path: '/sites/my%20site/limit-schedules/s' })
  })

  it('make a list of a schedule that was one interval', () => {
    const single: KeptSchedule = { id: 's', startsAt: '2026-11-23T08:00:00Z', durationS: 60, limitW: 5 }
    const other = { startsAt: '2026-11-24T08:00:00Z', durationS: 60, currentA: 5 }
    expect(withInterval(single, Infinity, other)).toEqual({ id: 's', intervals: [{ startsAt: '2026-11-23T08:00:00Z', durationS: 60, limitW: 5 }, other] })
    expect(withInterval(single, -1, other)).toEqual({ id: 's', intervals: [other] })
    expect(withInterval(single, -1, null)).toBeNull()
  })

  it('are undone: what was lifted holds again from now on, what was changed is as it was', () => {
    const active = curtailment('2026-11-24T10:00:00Z', '2026-11-24T12:00:00Z', { state: 'active', reason: 'peak' })
    expect(curtailmentAgain('main', active)).toEqual({ method: 'POST', path: '/sites/main/curtailments', body: { kind: 'curtailment', percent: 40, expiresAt: '2026-11-24T12:00:00Z', reason: 'peak' } })
    expect(curtailmentBack('main', active).body).toEqual({ percent: 40, expiresAt: '2026-11-24T12:00:00Z', reason: 'peak' })
    expect(curtailmentBack('main', { ...active, state: 'scheduled' }).body).toHaveProperty('startsAt')
  })

  it('find their block again after others have changed the schedule', () => {
    const [mine, other, third] = [block, { ...block, from: '07:00' }, { ...block, from: '06:00' }]
    const found = (before: typeof mine[], index: number, now: typeof mine[]) => foundAgain({ id: 's', weekly: before }, index, { id: 's', weekly: now })
    expect(found([mine], 0, [other, mine])).toEqual({ index: 1, changed: false })
    expect(found([mine, other], 1, [other])).toEqual({ index: 0, changed: false })
    expect(found([other, mine], 1, [other, third])).toEqual({ index: 1, changed: true })
    expect(found([other, mine], 1, [other])).toEqual({ index: -1, changed: true })
    expect(found([mine, mine], 1, [mine, mine, other])).toEqual({ index: 1, changed: false })
    expect(foundAgain({ id: 's', startsAt: '2026-11-23T08:00:00Z', durationS: 60, limitW: 5 }, -1, { id: 's', intervals: [{ startsAt: '2026-11-23T08:00:00Z', durationS: 60, limitW: 5 }] })).toEqual({ index: 0, changed: false })
  })

  it('read numbers with their unit, and nothing else', () => {
    expect([amountField('13.8', 'kW', 'limitW'), amountField('0', 'A', 'limitW'), amountField('', 'A', 'limitW'), amountField('-1', '%', 'powerW')]).toEqual([{ limitW: 13_800 }, { currentA: 0 }, null, null])
  })
})

describe('times of a form', () => {
  const zone = 'Europe/Berlin'

  it('are those that were kept while nobody touches them: to the second, and the second of an hour that comes twice', () => {
    for (const at of ['2026-11-24T12:34:56.789Z', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']) {
      const { expiresAt = '' } = curtailmentFields(curtailment('2026-10-24T10:00:00Z', at), zone)
      expect(new Date(instantTyped(expiresAt, Date.parse(at), zone)).toISOString()).toBe(at)
    }
    expect(instantTyped('2026-11-24T13:35', Date.parse('2026-11-24T12:34:56Z'), zone)).toBe(Date.parse('2026-11-24T12:35:00Z'))
    expect(instantTyped('2026-11-24T13:35', null, zone)).toBe(Date.parse('2026-11-24T12:35:00Z'))
  })

  it('are of the interval in its place, and of no block of the week', () => {
    const startsAt = '2026-11-23T08:00:10.000Z'
    const kept: readonly [KeptSchedule, number][] = [[{ id: 's', startsAt, durationS: 60, limitW: 5 }, -1], [{ id: 's', intervals: [{ startsAt, durationS: 60, limitW: 5 }] }, 0]]
    for (const [schedule, index] of kept) {
      expect(keptSpan(schedule, index)).toEqual({ startMs: Date.parse(startsAt), endMs: Date.parse(startsAt) + 60_000 })
      expect(blockFields(schedule, index, 'UTC')).toMatchObject({ startsAt: '2026-11-23T08:00', endsAt: '2026-11-23T08:01' })
    }
    expect(keptSpan({ id: 's', weekly: [{ days: ['mon'], from: '08:00', to: '09:00', currentA: 10 }] }, 0)).toBeNull()
    expect(keptSpan(null, 0)).toBeNull()
  })
})
