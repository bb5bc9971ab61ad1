// The parts of a commissioning check by themselves: what each step is judged by, and how a check goes from one state to the next.
import { describe, expect, test } from 'vitest'
import { judgeBoot, judgeConfiguration, judgeLimit, judgeProfiles, judgeSecurity, judgeSkew, type LimitFacts, type ProfileFacts } from '../../../src/actors/commissioning/check-judgement.ts'
import { advance, beginCheck, checkSchema, checkSteps, verdictOf, type CheckEvent, type CheckRecord, type Finding } from '../../../src/actors/commissioning/check-record.ts'

describe('judgement', () => {
  test.each([
    [{ boot: null, accepted: true }, 'warning'], [{ boot: { chargePointVendor: 'Acme', chargePointModel: 'One' }, accepted: false }, 'failed'], [{ boot: { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.2' }, accepted: true }, 'passed'],
  ])('boot %o → %s', (facts, state) => expect(judgeBoot(facts).state).toBe(state))
  test('boot in words', () => {
    expect(judgeBoot({ boot: { chargePointVendor: 'Acme', chargePointModel: 'One' }, accepted: true }).summary).toBe('Acme One, which does not say its firmware.')
    expect(judgeBoot({ boot: { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.2' }, accepted: true }).summary).toBe('Acme One, firmware 1.2.')
  })

  const window = (minMs: number) => ({ sinceMs: 0, minMs, maxMs: minMs, count: 1 })
  test.each([
    [{ offsetMs: 0, window: null }, 'passed'], [{ offsetMs: 30_000, window: null }, 'passed'], [{ offsetMs: -30_000, window: null }, 'passed'], [{ offsetMs: 30_001, window: null }, 'failed'], [{ offsetMs: -3_600_000, window: null }, 'failed'],
    [{ offsetMs: 0, window: window(2_000) }, 'passed'], [{ offsetMs: 0, window: window(90_000) }, 'warning'],
  ])('clock %o → %s', (skew, state) => expect(judgeSkew(skew).state).toBe(state))
  test('which way it is wrong', () => {
    expect(judgeSkew({ offsetMs: 90_000, window: null }).summary).toContain('90 s behind')
    expect(judgeSkew({ offsetMs: -90_000, window: null }).summary).toContain('90 s ahead')
  })

  test.each([
    [{ profile: 0, hasPassword: false, encrypted: false }, 'warning'], [{ profile: 0, hasPassword: false, encrypted: true }, 'warning'], [{ profile: 1, hasPassword: true, encrypted: false }, 'passed'],
    [{ profile: 2, hasPassword: true, encrypted: false }, 'failed'], [{ profile: 2, hasPassword: true, encrypted: true }, 'passed'], [{ profile: 3, hasPassword: false, encrypted: true }, 'passed'],
  ])('security %o → %s', (facts, state) => expect(judgeSecurity(facts).state).toBe(state))

  const good = { SupportedFeatureProfiles: 'Core,SmartCharging', MeterValuesSampledData: 'Current.Import.L1,Energy.Active.Import.Register', MeterValueSampleInterval: '10', ChargingScheduleAllowedChargingRateUnit: 'Current', ChargeProfileMaxStackLevel: '8' }
  test.each<[Partial<Record<string, string>>, Finding['state'], string]>([
    [{}, 'passed', 'every 10 s'], [{ SupportedFeatureProfiles: 'Core' }, 'failed', 'SmartCharging'], [{ SupportedFeatureProfiles: '' }, 'warning', 'feature profiles'], [{ MeterValuesSampledData: 'Energy.Active.Import.Register' }, 'warning', 'neither current nor power'],
    [{ MeterValuesSampledData: 'Power.Active.Import' }, 'warning', 'register'], [{ MeterValuesSampledData: '' }, 'warning', 'what it measures'], [{ MeterValueSampleInterval: '0' }, 'failed', 'no readings'], [{ MeterValueSampleInterval: '60' }, 'passed', '60 s'], [{ MeterValueSampleInterval: '61' }, 'warning', '61 s'],
    [{ ChargingScheduleAllowedChargingRateUnit: '' }, 'warning', 'amps or watts'], [{ ChargeProfileMaxStackLevel: '0' }, 'warning', 'stack level'], [{ SupportedFeatureProfiles: 'Core', MeterValueSampleInterval: '0' }, 'failed', 'no readings'],
  ])('configuration %o → %s', (change, state, words) => {
    const finding = judgeConfiguration(new Map(Object.entries({ ...good, ...change }).map(([name, value]) => [name.toLowerCase(), value ?? null])))
    expect(finding.state).toBe(state)
    expect(finding.summary).toContain(words)
    expect(finding.fix === null).toBe(state === 'passed')
  })

  const taken: ProfileFacts = { steered: true, confirmedA: 6, refused: false, composite: 'matches', compositeWords: '', clear: 'answered' }
  test.each<[Partial<ProfileFacts>, Finding['state']]>([
    [{}, 'passed'], [{ steered: false }, 'skipped'], [{ confirmedA: null }, 'failed'], [{ confirmedA: null, refused: true }, 'failed'], [{ composite: 'differs' }, 'failed'], [{ composite: 'refused' }, 'warning'], [{ composite: 'unjudged' }, 'warning'], [{ clear: 'refused' }, 'warning'],
  ])('profiles %o → %s', (change, state) => expect(judgeProfiles({ ...taken, ...change }).state).toBe(state))

  test.each<[LimitFacts['end'], Finding['state']]>([
    ['not-wanted', 'skipped'], ['not-steered', 'skipped'], ['no-car', 'skipped'], ['draws-little', 'skipped'], ['car-left', 'skipped'], ['not-accepted', 'failed'], ['no-reading', 'failed'], ['not-obeyed', 'failed'], ['obeyed', 'passed'],
  ])('limit %s → %s', (end, state) => expect(judgeLimit({ end, connectorId: 1, beforeA: 20, limitA: 12, measuredA: 12, tookS: 8 }).state).toBe(state))
})

const begun = beginCheck({ id: 'chk_1', clientID: 'CP1', startedAtMs: 1, startedBy: 'tester', connectorId: null, limitTest: true })
const finding: Finding = { state: 'passed', summary: 'Well.', fix: null, details: {} }
const all = (state: Finding['state'], record: CheckRecord = begun): CheckRecord => ({ ...record, steps: record.steps.map((step) => ({ ...step, state })) })

describe('transitions', () => {
  const running = advance(begun, { type: 'STEP_BEGAN', step: 'boot', summary: 'Looking.' }, 2)
  const ended = advance(running, { type: 'STEP_ENDED', step: 'boot', finding }, 3)
  const states = (record: CheckRecord) => [record.state, record.steps[0]!.state, record.steps[5]!.state]
  const events: readonly CheckEvent[] = [
    { type: 'STEP_BEGAN', step: 'boot', summary: 'Again.' }, { type: 'STEP_TOLD', step: 'boot', summary: 'More.' }, { type: 'STEP_ENDED', step: 'boot', finding }, { type: 'LOST', why: 'Gone.' }, { type: 'CANCELLED' }, { type: 'RESTARTED' }, { type: 'ALL_ENDED' },
  ]
  // null = nothing happens.
  test.each<[string, CheckRecord, readonly (readonly string[] | null)[]]>([
    ['begun', begun, [['running', 'running', 'pending'], null, ['running', 'passed', 'pending'], ['finished', 'skipped', 'skipped'], ['cancelled', 'skipped', 'skipped'], ['interrupted', 'skipped', 'skipped'], null]],
    ['in its first step', running, [null, ['running', 'running', 'pending'], ['running', 'passed', 'pending'], ['finished', 'skipped', 'skipped'], ['cancelled', 'skipped', 'skipped'], ['interrupted', 'skipped', 'skipped'], null]],
    ['past its first step', ended, [null, null, null, ['finished', 'passed', 'skipped'], ['cancelled', 'passed', 'skipped'], ['interrupted', 'passed', 'skipped'], null]],
    ['past its last step', all('passed'), [null, null, null, ['finished', 'passed', 'passed'], ['cancelled', 'passed', 'passed'], ['interrupted', 'passed', 'passed'], ['finished', 'passed', 'passed']]],
    ['finished', { ...all('passed'), state: 'finished' }, events.map(() => null)], ['cancelled', { ...begun, state: 'cancelled' }, events.map(() => null)], ['interrupted', { ...begun, state: 'interrupted' }, events.map(() => null)],
  ])('%s', (_, from, expected) => {
    for (const [index, event] of events.entries()) {
      const to = advance(from, event, 9)
      if (expected[index] === null) expect(to, event.type).toBe(from)
      else expect(states(to), event.type).toEqual(expected[index])
    }
  })

  test('what is kept can be read', () => {
    expect(begun.steps.map(({ id }) => id)).toEqual(checkSteps)
    for (const record of [begun, running, ended, advance(running, { type: 'CANCELLED' }, 4)]) expect(checkSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  })
})

const finished = (record: CheckRecord): CheckRecord => ({ ...record, state: 'finished' })
const with_ = (state: Finding['state'], at: number, limitTest = true): CheckRecord => finished({ ...all('passed'), limitTest, steps: all('passed').steps.map((step, index) => (index === at ? { ...step, state } : step)) })
test.each<[string, CheckRecord, string | null]>([
  ['running', all('passed'), null], ['all passed', finished(all('passed')), 'passed'], ['a warning', with_('warning', 2), 'passed-with-warnings'], ['a failure', with_('failed', 2), 'failed'], ['no car', with_('skipped', 5), 'incomplete'],
  ['no limit test wanted', with_('skipped', 5, false), 'passed'], ['not steered', with_('skipped', 4, false), 'incomplete'], ['cancelled', { ...all('passed'), state: 'cancelled' }, 'incomplete'], ['interrupted after a failure', { ...with_('failed', 1), state: 'interrupted' }, 'failed'],
])('verdict: %s', (_, record, verdict) => expect(verdictOf(record)).toBe(verdict))
