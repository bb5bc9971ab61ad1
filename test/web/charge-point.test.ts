// The page of a charge point: what holds it down and what was learnt of it in words, schedules as steps, and how commands and keys ended.
import { describe, expect, test } from 'vitest'
import { checkSteps, stepStates, verdicts } from '../../src/actors/commissioning/check-record.ts'
import { stepName, stepState, took, verdictOf } from '../../web/src/pages/charge-point/check-words.ts'
import { answerOf, hasEnded } from '../../web/src/pages/charge-point/command-words.ts'
import { expectedValue, keyOutcome } from '../../web/src/pages/charge-point/key-words.ts'
import { pathOf, stepsOf, topOf } from '../../web/src/pages/charge-point/steps.ts'
import { bootFacts, constraintName, quirksInWords } from '../../web/src/pages/charge-point/why.ts'

describe('why', () => {
  test('limits have names that people know, and one that is new is said as it is', () => {
    expect(['fuse', 'circuit:row-a', 'curtailment:cur_9', 'imbalance:main', 'brand-new'].map(constraintName)).toEqual(['the fuse of the site', 'circuit row-a', 'curtailment cur_9', 'imbalance limit of main', 'brand-new'])
  })
  test('what departs from the specification is said first, and nothing is made up', () => {
    expect(quirksInWords({ unit: 'A', ladder: 'tx', pauseA: 0, lease: true, stackLevel: 0, from: 'default' })).toEqual(['It takes charging profiles as the specification says.'])
    const odd = quirksInWords({ unit: 'W', ladder: 'max-0', pauseA: 6, lease: false, clockOffsetMs: -4_200, badSamples: 2, softFaults: 0, stackLevel: 8, from: 'model' })
    expect(odd.slice(0, 5)).toEqual([
      'It takes limits in watts, not in amps.',
      'It takes a ChargePointMaxProfile only: one limit for all its connectors alike.',
      'It refuses a limit of 0: a pause is sent to it as 6 A, and the others give way for that.',
      'It takes one period per profile: a grant does not run out by itself when it loses kwota.',
      'Its clock is 4 s behind; kwota counts with that.',
    ])
    expect(odd).not.toContain('It takes charging profiles as the specification says.')
  })
  test('of its boot what it has said is shown, named', () => {
    expect(bootFacts({ chargePointVendor: 'Acme', iccid: '', firmwareVersion: '1.2', shoeSize: '44' })).toEqual([['Vendor', 'Acme'], ['Firmware', '1.2'], ['shoeSize', '44']])
    expect(bootFacts(null)).toEqual([])
  })
})

describe('schedules as steps', () => {
  test('each period holds until the next one, the last until the end; before the first nothing limits', () => {
    expect(stepsOf([{ startPeriod: 600, limit: 0 }, { startPeriod: 60, limit: 10 }], 3600)).toEqual([
      { fromS: 0, toS: 60, limit: null }, { fromS: 60, toS: 600, limit: 10 }, { fromS: 600, toS: 3600, limit: 0 },
    ])
    expect(stepsOf([], 60)).toEqual([{ fromS: 0, toS: 60, limit: null }])
  })
  test('one that starts later is moved, and what lies beyond the end is not drawn', () => {
    expect(stepsOf([{ startPeriod: 0, limit: 6 }, { startPeriod: 50, limit: 8 }], 60, 30)).toEqual([{ fromS: 0, toS: 30, limit: null }, { fromS: 30, toS: 60, limit: 6 }])
  })
  test('the line breaks where nothing limits, and its top is a round number above all', () => {
    expect(topOf([stepsOf([{ startPeriod: 0, limit: 32 }], 10), []])).toBe(40)
    const size = { width: 100, height: 100, durationS: 100, top: 10 }
    expect(pathOf(stepsOf([{ startPeriod: 0, limit: 10 }, { startPeriod: 50, limit: 0 }], 100), size)).toBe('M0 0H50V100H100')
    expect(pathOf([{ fromS: 0, toS: 50, limit: null }, { fromS: 50, toS: 100, limit: 5 }], size)).toBe('M50 50H100')
  })
})

describe('commands and keys', () => {
  test('the charge point\'s own word is shown, or what went wrong', () => {
    expect(answerOf({ response: { status: 'Accepted' }, error: null })).toBe('Accepted')
    expect(answerOf({ response: { listVersion: 3 }, error: null })).toBe('listVersion: 3')
    expect(answerOf({ response: null, error: { code: 'NotImplemented', description: '' } })).toBe('NotImplemented')
    expect(answerOf({ response: { configurationKey: [] }, error: null })).toBe('')
  })
  test('a command that was sent has not ended', () => {
    expect((['queued', 'sent', 'accepted', 'timed-out'] as const).map((status) => hasEnded({ status }))).toEqual([false, false, true, true])
  })
  test('a key that needs a restart is not told as done', () => {
    expect(keyOutcome('RebootRequired')).toMatchObject({ mark: 'warning' })
    expect(keyOutcome('Queued')).toMatchObject({ mark: 'waiting' })
    expect(expectedValue({ standard: { type: 'int', access: 'RW', unit: 's', description: 'How often it says that it lives.' } })).toBe('How often it says that it lives. A whole number, in s.')
  })
})

describe('the check', () => {
  test('every step, state and verdict has words of its own', () => {
    for (const all of [checkSteps.map(stepName), stepStates.map((state) => stepState(state).words), verdicts.map((verdict) => verdictOf({ state: 'finished', verdict }).words)]) {
      expect(new Set(all).size).toBe(all.length)
      expect(all.every((text) => typeof text === 'string' && text !== '')).toBe(true)
    }
  })
  test('one that is not through is never told as good', () => {
    for (const state of ['running', 'cancelled', 'interrupted'] as const) expect(verdictOf({ state, verdict: null }).mark).not.toBe('ok')
    expect(verdictOf({ state: 'finished', verdict: 'incomplete' }).mark).not.toBe('ok')
  })
  test('how long a step took is told once it has ended', () => {
    expect(took({ startedAt: '2026-11-24T12:00:00Z', endedAt: '2026-11-24T12:00:42Z' })).toBe('42 s')
    expect(took({ startedAt: '2026-11-24T12:00:00Z', endedAt: null })).toBe('')
  })
})
