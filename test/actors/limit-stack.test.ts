// The stack of limits at an instant and the stepped line of the day: against the effective limit looked at minute by minute.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextStep, outlook, stackView, type StackInputs } from '../../src/actors/limit-stack.ts'
import { wordsOfSource } from '../../src/actors/limit-telling.ts'
import { effectiveLimit, type GridLimit, type TimedLimit } from '../../src/power/limits.ts'
import { siteOf } from './site-stand.ts'

const nowMs = Date.UTC(2026, 0, 1, 12)
const minuteMs = 60_000
const iso = (minutes: number) => new Date(nowMs + minutes * minuteMs).toISOString()
const site = siteOf({ fuseA: 63, limitW: 40_000, failsafeA: 6, limitSchedules: [{ id: 'peak', name: 'evening', startsAt: iso(180), durationS: 3600, limitW: 13_800 }] })
const timedFrom = (source: string, from: number, until: number, currentA: number): TimedLimit => ({ source, currentA, fromMs: nowMs + from * minuteMs, untilMs: nowMs + until * minuteMs })
const cut = timedFrom('curtailment:cur_1', -10, 60, 20)
const peak: TimedLimit = { source: 'schedule:peak', powerW: 13_800, fromMs: nowMs + 180 * minuteMs, untilMs: nowMs + 240 * minuteMs }

function inputs(timed: readonly TimedLimit[], grid: GridLimit | null = null, aheadMs = 0): StackInputs {
  return { site, grid, aheadMs, timedOver: (fromMs, untilMs) => timed.filter((one) => one.untilMs > fromMs && one.fromMs < untilMs), wordsOf: (source) => wordsOfSource(source, { site, grid, curtailment: () => undefined }) }
}

test('every limit with its state, most permanent first', () => {
  const grid: GridLimit = { currentA: 40, reason: 'works', setAtMs: nowMs - 1000, expiresAtMs: nowMs + 120 * minuteMs }
  const view = stackView(inputs([cut, peak], grid), nowMs)
  expect(view).toMatchObject({ siteID: 'main', at: iso(0), effective: { currentA: 20, powerW: 13_800, binding: 'curtailment:cur_1' } })
  expect(view.limits.map(({ id, kind, currentA, state, from, until, reason }) => [id, kind, currentA, state, from, until, reason])).toEqual([
    ['fuse', 'fuse', 63, 'ok', null, null, null],
    ['circuit:main', 'circuit', 57.97, 'limiting', null, null, null],
    ['grid-limit', 'grid-limit', 40, 'limiting', new Date(nowMs - 1000).toISOString(), iso(120), 'works'],
    ['failsafe', 'failsafe', 6, 'inactive', iso(120), null, 'the energy manager is silent'],
    ['curtailment:cur_1', 'curtailment', 20, 'binding', iso(-10), iso(60), null],
    ['schedule:peak', 'schedule', 20, 'inactive', iso(180), iso(240), 'evening'],
  ])
  expect(view.outlook).toEqual([
    { at: iso(0), currentA: 20, powerW: 13_800, binding: 'curtailment:cur_1' }, { at: iso(60), currentA: 40, powerW: 27_600, binding: 'grid-limit' }, { at: iso(120), currentA: 6, powerW: 4140, binding: 'failsafe' },
  ])
  expect(nextStep(inputs([cut, peak], grid), nowMs)).toEqual({ at: iso(60), currentA: 40 })
})

test('what phases may differ by stands in the stack, and never is the lowest', () => {
  const tilted = siteOf({ fuseA: 63, imbalanceLimitA: 20 })
  const view = stackView({ ...inputs([]), site: tilted }, nowMs)
  expect(view.limits).toEqual([
    { id: 'fuse', kind: 'fuse', currentA: 63, powerW: 43_470, state: 'binding', from: null, until: null, reason: null, source: null },
    { id: 'imbalance:main', kind: 'imbalance', currentA: 20, powerW: 4_600, state: 'ok', from: null, until: null, reason: 'between any two phases', source: null },
  ])
  expect(stackView({ ...inputs([]), site: siteOf({ fuseA: 63, imbalanceLimitA: 63 }) }, nowMs).limits[1]?.state).toBe('ok')
})

test('at another instant other limits hold; of a source the lowest that holds is shown', () => {
  const view = stackView(inputs([cut, peak, { ...peak, powerW: 20_000 }]), nowMs + 200 * minuteMs)
  expect(view.effective).toMatchObject({ currentA: 20, binding: 'schedule:peak' })
  expect(view.limits.map(({ id, state }) => `${id} ${state}`)).toEqual(['fuse ok', 'circuit:main limiting', 'schedule:peak binding'])
  expect(stackView(inputs([]), nowMs).limits.map(({ id, state }) => `${id} ${state}`)).toEqual(['fuse ok', 'circuit:main binding'])
})

describe('what comes next', () => {
  test('nothing', () => expect(nextStep(inputs([]), nowMs)).toBeNull())
  test('days away', () => expect(nextStep(inputs([timedFrom('curtailment:a', 6 * 1440, 6 * 1440 + 1, 10)]), nowMs)).toEqual({ at: iso(6 * 1440), currentA: 10 }))
  test('a change that changes nothing is none', () => {
    expect(nextStep(inputs([timedFrom('curtailment:a', 0, 60, 10), timedFrom('curtailment:b', 30, 90, 10)]), nowMs)).toEqual({ at: iso(90), currentA: 57.97 })
  })
  test('by the wall clock, which may be elsewhere', () => {
    expect(nextStep(inputs([cut], null, 3_600_000), nowMs)?.at).toBe(iso(120))
  })
})

test('the line is the effective limit of every minute', () => {
  const limit = fc.record({ from: fc.integer({ min: -600, max: 1500 }), length: fc.integer({ min: 1, max: 900 }), amps: fc.integer({ min: 0, max: 63 }), name: fc.constantFrom('schedule:a', 'curtailment:b', 'curtailment:c', 'demand-window') })
  fc.assert(fc.property(fc.array(limit, { maxLength: 12 }), fc.option(fc.record({ amps: fc.integer({ min: 0, max: 63 }), ttl: fc.integer({ min: 1, max: 1400 }) })), (list, standing) => {
    const timed = list.map(({ from, length, amps, name }) => timedFrom(name, from, from + length, amps))
    const grid = standing === null ? null : { currentA: standing.amps, setAtMs: nowMs, expiresAtMs: nowMs + standing.ttl * minuteMs }
    const steps = outlook(inputs(timed, grid), nowMs, nowMs + 1440 * minuteMs)
    for (let minute = 0; minute < 1440; minute += 3) {
      const { at: _, ...held } = steps.findLast(({ at }) => at <= iso(minute))!
      expect(held).toEqual(effectiveLimit(site, grid, nowMs + minute * minuteMs, timed))
    }
    for (const [index, { at: _, ...step }] of steps.entries()) {
      const { at: __, ...before } = steps[index - 1] ?? { at: '' }
      expect(step).not.toEqual(before)
    }
  }), { numRuns: 60 })
})
