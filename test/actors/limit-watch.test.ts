// What is told of limits: one open alert per cause, however often it changes, and none for long.
import { describe, expect, test } from 'vitest'
import { Alerts } from '../../src/actors/alerts.ts'
import { LimitWatch, type Standing } from '../../src/actors/limit-watch.ts'

function open() {
  const told: string[] = []
  const events: string[] = []
  const alerts = new Alerts((alert, type) => void told.push(`${type} ${alert.code}`))
  const watch = new LimitWatch('main', alerts, ({ type, data }) => void events.push(`${type} ${String(data['source'])}`))
  return { told, events, watch, openNow: () => alerts.list().filter(({ resolvedAt }) => resolvedAt === null).map(({ code, message }) => `${code}: ${message}`) }
}
const limit = (source: string, currentA: number, limits = true): Standing => ({ source, currentA, powerW: currentA * 690, limits, words: () => `${source} to ${currentA} A` })

describe('limits are told', () => {
  test('an energy manager that changes its limit every 10 s keeps one alert open', () => {
    const { watch, told, events, openNow } = open()
    for (let at = 0; at < 3_600_000; at += 10_000) watch.changed('grid-limit', `The limit is ${at % 7} A.`, {}, [], at)
    expect(told).toEqual(['alert.raised limit-changed'])
    expect(events.length).toBe(360)
    expect(openNow()).toEqual(['limit-changed: The limit is 1 A.'])
    watch.look([], 4_200_000)
    expect(openNow()).toEqual([])
  })

  test('what stands at the first look is no news; what comes and goes is', () => {
    const { watch, told, events, openNow } = open()
    watch.look([limit('curtailment:a', 20)], 0)
    expect(events).toEqual([])
    expect(openNow()).toEqual(['limit-active: The curtailment:a to 20 A is in force.'])
    watch.look([limit('curtailment:a', 20), limit('curtailment:b', 40, false)], 1_000)
    expect(openNow().length).toBe(2)
    watch.look([limit('curtailment:b', 40, false)], 2_000)
    watch.look([limit('curtailment:b', 40, false)], 3_000)
    expect(events).toEqual(['limit.changed curtailment:b', 'limit.expired curtailment:a'])
    expect(told).toEqual(['alert.raised limit-active', 'alert.raised limit-changed', 'alert.raised limit-expired', 'alert.resolved limit-active'])
  })

  test('a schedule is an event and an active limit each time, and no alert of its coming and going', () => {
    const { watch, events, openNow } = open()
    watch.look([], 0)
    watch.look([limit('schedule:1', 20)], 1_000)
    watch.look([limit('schedule:1', 10)], 2_000)
    expect(openNow()).toEqual(['limit-active: The schedule:1 to 10 A is in force.'])
    watch.look([], 3_000)
    expect(openNow()).toEqual([])
    expect(events).toEqual(['limit.changed schedule:1', 'limit.changed schedule:1', 'limit.expired schedule:1'])
  })

  test('what somebody changes is told by them, once', () => {
    const { watch, events } = open()
    watch.look([], 0)
    watch.while('curtailment:a', () => watch.look([limit('curtailment:a', 20)], 1_000))
    watch.changed('curtailment:a', 'It was set.', {}, [limit('curtailment:a', 20)], 1_000)
    watch.while('curtailment:a', () => watch.look([], 2_000))
    watch.changed('curtailment:a', 'It was lifted.', {}, [], 2_000)
    watch.look([], 3_000)
    expect(events).toEqual(['limit.changed curtailment:a', 'limit.changed curtailment:a'])
  })

  test('500 news are kept, the oldest goes', () => {
    const { watch, openNow } = open()
    for (let index = 0; index < 600; index++) watch.changed(`curtailment:${index}`, String(index), {}, [], index)
    expect(openNow().length).toBe(500)
  })
})
