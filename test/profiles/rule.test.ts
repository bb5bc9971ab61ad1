// What holds and when it changes: days of 23 and 25 hours, leap days, weeks, boundaries to the millisecond, units, purposes.
import { describe, expect, test } from 'vitest'
import { compositeSchedule, mostSteps } from '../../src/profiles/composite.ts'
import { limitAt, nextChangeMs } from '../../src/profiles/rule.ts'
import { install, type Ground, type Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'

type Steps = readonly (readonly [startPeriod: number, limit: number, numberPhases?: number])[]
type Patch = Partial<Omit<ChargingProfile, 'chargingSchedule'>> & { at?: number; begins?: false; steps?: Steps; schedule?: Partial<ChargingProfile['chargingSchedule']> }

const ground: Ground = { connectors: [1, 2], transactions: [{ connectorId: 1, transactionId: 7, startedAtMs: Date.parse('2026-11-22T12:00:00Z') }], voltage: 230, phases: 3 }
const idle: Ground = { ...ground, transactions: [] }
const noon = Date.parse('2026-11-22T12:00:00Z')

function stackOf(...patches: Patch[]): Stack {
  let stack: Stack = []
  patches.forEach(({ at = 1, begins = true, steps = [[0, 16]], schedule, ...rest }, index) => {
    const profile: ChargingProfile = {
      chargingProfileId: index + 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...rest,
      chargingSchedule: {
        chargingRateUnit: 'A', ...(begins ? { startSchedule: '2026-11-22T11:00:00Z' } : {}), ...schedule,
        chargingSchedulePeriod: steps.map(([startPeriod, limit, numberPhases]) => ({ startPeriod, limit, ...(numberPhases === undefined ? {} : { numberPhases }) })),
      },
    }
    const installation = install(stack, ground, at, profile, noon)
    expect(installation.status, JSON.stringify(installation)).toBe('Accepted')
    ;({ stack } = installation)
  })
  return stack
}
const daily = (startSchedule: string, steps: Steps, patch: Patch = {}): Patch => ({ chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', steps, schedule: { startSchedule, ...patch.schedule }, ...Object.fromEntries(Object.entries(patch).filter(([key]) => key !== 'schedule')) })
const weekly = (startSchedule: string, steps: Steps, schedule: Patch['schedule'] = {}): Patch => ({ ...daily(startSchedule, steps, { schedule }), recurrencyKind: 'Weekly' })
const at = (stack: Stack, text: string, connectorId = 1, unit: 'A' | 'W' = 'A', where = ground) => limitAt(stack, where, connectorId, unit, Date.parse(text)).limit

describe('days', () => {
  const evening = stackOf(daily('2026-03-27T17:00:00+01:00', [[0, 6], [14_400, 20]]))
  test.each([
    ['the day before the clocks go forward', '2026-03-28T16:59:59.999+01:00', 20], ['… at its hour', '2026-03-28T17:00:00+01:00', 6],
    ['a day of 23 hours: 86,400 s later it is an hour later there', '2026-03-29T17:59:59.999+02:00', 20], ['… then it begins', '2026-03-29T18:00:00+02:00', 6], ['… and ends', '2026-03-29T22:00:00+02:00', 20],
    ['a day of 25 hours', '2026-10-25T16:59:59+01:00', 20], ['… back at its hour', '2026-10-25T17:00:00+01:00', 6],
    ['long before it began', '2020-02-29T16:00:00Z', 6],
  ])('%s', (_, text, limit) => expect(at(evening, text)).toBe(limit))

  const leap = stackOf(daily('2028-02-28T06:00:00Z', [[0, 10], [3_600, 20]], { validFrom: '2028-02-29T00:00:00Z', validTo: '2028-03-01T06:30:00Z' }))
  test.each([
    ['the day before', '2028-02-28T06:00:00Z', null], ['from its first second', '2028-02-29T00:00:00Z', 20], ['in the leap day', '2028-02-29T06:59:59Z', 10], ['and after', '2028-02-29T07:00:00Z', 20],
    ['on 1 March', '2028-03-01T06:29:59.999Z', 10], ['validTo itself', '2028-03-01T06:30:00Z', null],
  ])('a leap day: %s', (_, text, limit) => expect(at(leap, text)).toBe(limit))

  const week = stackOf(weekly('2026-11-20T18:00:00Z', [[0, 8], [86_400, 12], [6 * 86_400, 24]], { duration: 6 * 86_400 + 3_600 }))
  test.each([
    ['Friday evening', '2026-11-20T18:00:00Z', 8], ['Saturday evening', '2026-11-21T18:00:00Z', 12], ['Thursday evening', '2026-11-26T18:30:00Z', 24], ['over after an hour', '2026-11-26T19:00:00Z', null],
    ['a week on', '2026-11-27T18:00:00Z', 8], ['over the turn of the year', '2027-01-01T18:00:00Z', 8], ['a week before it began', '2026-11-13T17:59:59Z', null],
  ])('a week wraps: %s', (_, text, limit) => expect(at(week, text)).toBe(limit))

  test('what lies beyond the recurrence is never reached', () => {
    const stack = stackOf(daily('2026-11-22T00:00:00Z', [[0, 10], [86_400, 32]], { schedule: { duration: 200_000 } }))
    expect(compositeSchedule(stack, ground, { connectorId: 1, durationS: 3 * 86_400, unit: 'A', startMs: noon }).periods).toHaveLength(1)
    expect(at(stack, '2026-11-23T23:59:59Z')).toBe(10)
  })
})

describe('boundaries', () => {
  const stack = stackOf({ validFrom: '2026-11-22T11:00:10Z', validTo: '2026-11-22T11:05:00Z', steps: [[0, 6], [60, 10], [120, 14]], schedule: { startSchedule: '2026-11-22T11:00:00Z', duration: 180 } })
  test.each([
    ['before validFrom', '11:00:09.999', null], ['validFrom', '11:00:10', 6], ['before startPeriod', '11:00:59.999', 6], ['startPeriod', '11:01:00', 10],
    ['the last period', '11:02:59.999', 14], ['duration', '11:03:00', null],
  ])('%s', (_, time, limit) => expect(at(stack, `2026-11-22T${time}Z`)).toBe(limit))

  test('each of them is the next change after the one before', () => {
    const seen: string[] = []
    let next: number | null = Date.parse('2026-11-22T10:00:00Z')
    while (next !== null && seen.length < 10) {
      next = nextChangeMs(stack, ground, 1, next, noon)
      if (next !== null) seen.push(new Date(next).toISOString().slice(11, 19))
    }
    expect(seen).toEqual(['11:00:10', '11:01:00', '11:02:00', '11:03:00'])
    expect(nextChangeMs(stack, ground, 1, Date.parse('2026-11-22T11:00:00Z'), Date.parse('2026-11-22T11:00:10Z'))).toBe(Date.parse('2026-11-22T11:00:10Z'))
    expect(nextChangeMs(stack, ground, 1, Date.parse('2026-11-22T11:00:00Z'), Date.parse('2026-11-22T11:00:09.999Z'))).toBeNull()
  })

  test('a composite that is asked for between two seconds changes on its own seconds, never early', () => {
    const { periods } = compositeSchedule(stack, ground, { connectorId: 1, durationS: 120, unit: 'A', startMs: Date.parse('2026-11-22T11:00:59.400Z') })
    expect(periods.map(({ startPeriod, limit }) => [startPeriod, limit])).toEqual([[0, 6], [1, 10], [61, 14]])
  })

  test.each([[0, 0], [60, 1], [61, 2]])('no period at or beyond a duration of %i', (durationS, count) => {
    expect(compositeSchedule(stack, ground, { connectorId: 1, durationS, unit: 'A', startMs: Date.parse('2026-11-22T11:01:00Z') }).periods).toHaveLength(count)
  })
})

describe('purposes', () => {
  const tx = (patch: Patch): Patch => ({ chargingProfilePurpose: 'TxProfile', transactionId: 7, ...patch })
  test.each<[string, Patch[], number, number | null, string?]>([
    ['nothing limits', [], 1, null],
    ['a TxProfile above the default', [{ steps: [[0, 6]] }, tx({ steps: [[0, 32]] })], 1, 32],
    ['a TxProfile that is over lets the default through', [{ steps: [[0, 6]] }, tx({ schedule: { duration: 60 } })], 1, 6],
    ['the highest stack level, not the least', [tx({ stackLevel: 0, steps: [[0, 6]] }), tx({ stackLevel: 4, steps: [[0, 20]] })], 1, 20],
    ['a lower level where the higher is silent', [tx({ stackLevel: 0, steps: [[0, 6]] }), tx({ stackLevel: 4, validFrom: '2026-11-22T13:00:00Z' })], 1, 6],
    ['the default of the connector before that of all, whatever their levels', [{ at: 0, stackLevel: 9, steps: [[0, 6]] }, { steps: [[0, 20]] }], 1, 20],
    ['the default of all where its own is silent', [{ at: 0, steps: [[0, 6]] }, { steps: [[0, 20]], schedule: { duration: 5 } }], 1, 6],
    ['the default of all elsewhere', [{ at: 0, steps: [[0, 6]] }, { steps: [[0, 20]] }], 2, 6],
    ['the maximum bounds', [{ at: 0, chargingProfilePurpose: 'ChargePointMaxProfile', steps: [[0, 10]] }, tx({ steps: [[0, 32]] })], 1, 10],
    ['and does not raise', [{ at: 0, chargingProfilePurpose: 'ChargePointMaxProfile', steps: [[0, 40]] }, tx({ steps: [[0, 32]] })], 1, 32],
    ['the maximum alone', [{ at: 0, chargingProfilePurpose: 'ChargePointMaxProfile', steps: [[0, 40]] }], 0, 40],
    ['a sum', [{ steps: [[0, 6]] }, { at: 2, steps: [[0, 10.5]] }], 0, 16.5],
    ['a sum below the maximum', [{ at: 0, steps: [[0, 20]] }, { at: 0, chargingProfilePurpose: 'ChargePointMaxProfile', steps: [[0, 32]] }], 0, 32],
    ['a sum where one is unlimited', [{ steps: [[0, 6]] }], 0, null],
    ['a pause', [tx({ steps: [[0, 0]] }), { steps: [[0, 16]] }], 1, 0],
    ['the least rate raises nothing', [tx({ steps: [[0, 4]], schedule: { minChargingRate: 6 } })], 1, 4],
  ])('%s', (_, patches, connectorId, limit) => expect(at(stackOf(...patches), '2026-11-22T12:00:10Z', connectorId)).toBe(limit))

  test('a TxProfile ends with its transaction, and does not speak for another', () => {
    const stack = stackOf(tx({ steps: [[0, 6]] }))
    expect(at(stack, '2026-11-22T12:00:10Z', 1, 'A', idle)).toBeNull()
    expect(at(stack, '2026-11-22T12:00:10Z', 1, 'A', { ...ground, transactions: [{ connectorId: 1, transactionId: 8, startedAtMs: noon }] })).toBeNull()
  })
  test('without a transaction a Relative default shows its beginning, and in a composite what would follow', () => {
    const stack = stackOf({ chargingProfileKind: 'Relative', steps: [[0, 6], [60, 20]] })
    expect(at(stack, '2026-11-22T12:01:30Z', 2)).toBeNull()
    expect(at(stack, '2026-11-22T12:01:30Z')).toBe(20)
    expect(at(stack, '2026-11-22T12:01:30Z', 1, 'A', idle)).toBe(6)
    expect(nextChangeMs(stack, idle, 1, noon, noon + 86_400_000)).toBeNull()
    expect(compositeSchedule(stack, idle, { connectorId: 1, durationS: 100, unit: 'A', startMs: noon }).periods.map(({ startPeriod }) => startPeriod)).toEqual([0, 60])
  })
  test('an Absolute one without a start counts from the start of charging; a maximum from when it came', () => {
    const from: Patch = { begins: false, schedule: { duration: 60 } }
    expect(['2026-11-22T11:59:59Z', '2026-11-22T12:00:59Z', '2026-11-22T12:01:00Z'].map((text) => at(stackOf(from), text))).toEqual([null, 16, null])
    expect(['2026-11-22T11:59:59Z', '2026-11-22T12:00:59Z', '2026-11-22T12:01:00Z'].map((text) => at(stackOf({ ...from, at: 0, chargingProfilePurpose: 'ChargePointMaxProfile' }), text, 2))).toEqual([null, 16, null])
  })
})

describe('units', () => {
  test.each<[string, 'A' | 'W', Steps, 'A' | 'W', number]>([
    ['W on three phases', 'W', [[0, 11_000]], 'A', 15.9], ['on the one it names', 'W', [[0, 3_680, 1]], 'A', 16], ['W as W', 'W', [[0, 11_000.4]], 'W', 11_000.4],
    ['A on three', 'A', [[0, 16]], 'W', 11_040], ['A on two', 'A', [[0, 16, 2]], 'W', 7_360], ['down to a tenth', 'W', [[0, 2_000]], 'A', 2.8], ['but not one too far', 'A', [[0, 32.3]], 'A', 32.3],
  ])('%s', (_, chargingRateUnit, steps, asked, limit) => {
    const [, , phases] = steps[0] ?? []
    expect(limitAt(stackOf({ steps, schedule: { chargingRateUnit } }), ground, 1, asked, noon)).toEqual({
      limit, ...(phases === undefined ? {} : { numberPhases: phases }), source: { purpose: 'TxDefaultProfile', chargingProfileId: 1, stackLevel: 0 },
    })
  })
  test('each by its own phases, then the least in the asked unit', () => {
    const stack = stackOf({ at: 0, chargingProfilePurpose: 'ChargePointMaxProfile', steps: [[0, 5_000]], schedule: { chargingRateUnit: 'W' } }, { steps: [[0, 20, 1]] })
    expect([limitAt(stack, ground, 1, 'A', noon).limit, limitAt(stack, ground, 1, 'W', noon).limit]).toEqual([7.2, 4_600])
  })
})

describe('the work is bounded', () => {
  const minutes = daily('2026-11-22T00:00:00Z', Array.from({ length: 1_440 }, (_, index) => [index * 60, index % 2 === 0 ? 6 : 7] as const))
  test('a week of minutes', () => {
    const { periods, durationS } = compositeSchedule(stackOf(minutes), ground, { connectorId: 0, durationS: 7 * 86_400, unit: 'A', startMs: noon })
    expect([periods.length, durationS]).toEqual([1, 7 * 86_400])
    expect(compositeSchedule(stackOf(minutes), ground, { connectorId: 1, durationS: 7 * 86_400, unit: 'A', startMs: noon }).periods).toHaveLength(10_080)
  })
  test('too many changes end the window where they were counted', () => {
    const { periods, durationS } = compositeSchedule(stackOf(minutes), ground, { connectorId: 1, durationS: 365 * 86_400, unit: 'A', startMs: noon })
    expect([periods.length, durationS]).toEqual([mostSteps, mostSteps * 60])
  })
})
