// Whatever stands at a charge point: the rules agree with an evaluator that looks at every second, and with themselves.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compositeSchedule } from '../../src/profiles/composite.ts'
import { explainAt } from '../../src/profiles/explain.ts'
import { limitAt, nextChangeMs } from '../../src/profiles/rule.ts'
import { baseMs, stacks, windowS } from './random-stacks.ts'
import { slowLimit, slowSchedule } from './slow-evaluator.ts'

const unit = fc.constantFrom('A', 'W')
const connector = fc.constantFrom(0, 1, 1, 1, 2, 3)
const startMs = fc.oneof(fc.constant(baseMs), fc.integer({ min: -3_000, max: 3_000 }).map((ms) => baseMs + ms))

test('a composite schedule is what every second says', () => {
  let stepped = 0
  fc.assert(fc.property(stacks, connector, unit, startMs, fc.oneof({ weight: 4, arbitrary: fc.constant(windowS) }, fc.integer({ min: 0, max: windowS })), ({ ground, stack }, connectorId, asked, start, durationS) => {
    const { status, periods, durationS: reached } = compositeSchedule(stack, ground, { connectorId, durationS, unit: asked, startMs: start })
    if (connectorId > ground.connectors.length) {
      expect({ status, periods }).toEqual({ status: 'Rejected', periods: [] })
      return
    }
    expect([status, reached]).toEqual(['Accepted', durationS])
    const slow = slowSchedule(stack, ground, { connectorId, durationS, unit: asked, startMs: start })
    const expected = slow.flatMap((limit, second) => (second > 0 && limit === slow[second - 1] ? [] : [{ startPeriod: second, limit }]))
    expect(periods.map(({ startPeriod, limit }) => ({ startPeriod, limit }))).toEqual(expected)
    stepped += periods.length
  }), { numRuns: 400 })
  expect(stepped).toBeGreaterThan(600)
}, 60_000)

test('the limit at an instant is the slow one, and stays until the next change', () => {
  fc.assert(fc.property(stacks, connector, unit, fc.integer({ min: -60_000, max: windowS * 1_000 }), ({ ground, stack }, connectorId, asked, intoMs) => {
    const atMs = baseMs + intoMs
    const untilMs = atMs + 600_000
    const { limit } = limitAt(stack, ground, connectorId, asked, atMs)
    expect(limit).toBe(slowLimit(stack, ground, connectorId, asked, atMs, atMs))
    const nextMs = nextChangeMs(stack, ground, connectorId, atMs, untilMs)
    if (nextMs !== null) expect(nextMs).toBeGreaterThan(atMs)
    expect(nextMs ?? untilMs).toBeLessThanOrEqual(untilMs)
    const lastMs = nextMs === null ? untilMs : nextMs - 1
    for (const between of [atMs + 1, atMs + 999, Math.floor((atMs + lastMs) / 2), lastMs - 1, lastMs]) {
      if (between >= atMs && between <= lastMs) expect(slowLimit(stack, ground, connectorId, asked, between, between)).toBe(limit)
    }
  }), { numRuns: 1_500 })
}, 60_000)

test('the order in which profiles came does not matter once they stand', () => {
  fc.assert(fc.property(stacks, connector, unit, fc.integer({ min: 0, max: windowS }), ({ ground, stack }, connectorId, asked, second) => {
    const at = baseMs + second * 1_000
    expect(limitAt([...stack].reverse(), ground, connectorId, asked, at)).toEqual(limitAt(stack, ground, connectorId, asked, at))
  }), { numRuns: 300 })
})

test('what is explained is what rules: one profile at most on a connector, and the one that is named', () => {
  fc.assert(fc.property(stacks, fc.integer({ min: 1, max: 3 }), unit, fc.integer({ min: 0, max: windowS }), ({ ground, stack }, connectorId, asked, second) => {
    const at = baseMs + second * 1_000
    const { ruled, profiles } = explainAt(stack, ground, connectorId, asked, at)
    expect(ruled).toEqual(limitAt(stack, ground, connectorId, asked, at))
    const ruling = profiles.filter(({ rules }) => rules)
    expect(ruling.map(({ chargingProfileId, purpose, stackLevel, limit }) => ({ chargingProfileId, purpose, stackLevel, limit })))
      .toEqual(ruled.source === undefined ? [] : [{ ...ruled.source, limit: ruled.limit }])
    for (const { rules, reason } of profiles) expect(reason.startsWith('rules: ')).toBe(rules)
  }), { numRuns: 500 })
})
