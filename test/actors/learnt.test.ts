// What an answer to GetConfiguration teaches, and that records of before are read as they are.
import { describe, expect, test } from 'vitest'
import { afterAnswer, askedKeys, isFresh, levelInUse, nothingLearnt, quirksIn, type Learnt } from '../../src/actors/learnt.ts'
import { usualQuirks } from '../../src/power/quirks.ts'

const said = (values: Record<string, string | undefined>) => ({ configurationKey: Object.entries(values).map(([key, value]) => ({ key, ...(value === undefined ? {} : { value }) })) })
const known: Learnt = { stackLevel: 8, maxA: 32, inUse: 8, quirks: { ...usualQuirks, unit: 'W', ladder: 'default' }, from: 'own', maxPeriods: 24, maxInstalled: 5 }

describe('an answer', () => {
  test('of everything', () => {
    expect(afterAnswer(nothingLearnt, said({ ChargeProfileMaxStackLevel: '9', ChargingScheduleAllowedChargingRateUnit: 'Current,Power', ChargingScheduleMaxPeriods: '24', MaxChargingProfilesInstalled: '10' })))
      .toEqual({ stackLevel: 9, maxA: null, maxPeriods: 24, maxInstalled: 10 })
    expect(askedKeys.length).toBe(5)
  })
  test.each<[string, string, 'A' | 'W']>([
    ['Power', 'Power', 'W'], ['power alone, however it is spelt', ' POWER ', 'W'], ['both', 'Current,Power', 'A'], ['Current', 'Current', 'A'], ['nothing', '', 'A'], ['words', 'Watts', 'A'],
  ])('unit: %s', (_, value, unit) => {
    expect(quirksIn(afterAnswer(nothingLearnt, said({ chargingscheduleallowedchargingrateunit: value }))).unit).toBe(unit)
  })
  test('one that takes both keeps what was found out; one that takes amps only is believed', () => {
    expect(quirksIn(afterAnswer(known, said({ ChargingScheduleAllowedChargingRateUnit: 'Current,Power' })))).toBe(known.quirks)
    expect(quirksIn(afterAnswer(known, said({ ChargingScheduleAllowedChargingRateUnit: 'Current' })))).toMatchObject({ unit: 'A', ladder: 'default' })
  })
  test('one period leaves no room for a lease', () => {
    expect(afterAnswer(nothingLearnt, said({ ChargingScheduleMaxPeriods: '1' }))).toMatchObject({ maxPeriods: 1, quirks: { ...usualQuirks, lease: false }, from: 'own' })
    expect(quirksIn(afterAnswer(nothingLearnt, said({ ChargingScheduleMaxPeriods: '2' }))).lease).toBe(true)
  })
  test.each<[string, Parameters<typeof afterAnswer>[1]]>([
    ['without keys', {}], ['with unknown keys only', { configurationKey: [] }], ['without values', said(Object.fromEntries(askedKeys.map((key) => [key, undefined])))],
    ['in words', said(Object.fromEntries(askedKeys.map((key) => [key, 'many'])))], ['of another key', said({ HeartbeatInterval: '300' })], ['below nothing', said({ ChargeProfileMaxStackLevel: '-1' })],
  ])('%s changes nothing that was learnt', (_, answer) => {
    expect(afterAnswer(known, answer)).toEqual(known)
    expect(afterAnswer(nothingLearnt, answer)).toEqual(nothingLearnt)
  })
})

describe('the level', () => {
  test.each<[Learnt | undefined, number]>([
    [undefined, 0], [nothingLearnt, 0], [{ stackLevel: 8, maxA: null }, 8], [{ stackLevel: 9, maxA: 32, inUse: 8 }, 8], [{ stackLevel: null, maxA: null, modelLevel: 5 }, 5], [{ stackLevel: 3, maxA: null, modelLevel: 5 }, 3],
  ])('%j → %i', (learnt, level) => expect(levelInUse(learnt)).toBe(level))
})

test('fresh is who was never spoken to', () => {
  expect([nothingLearnt, { stackLevel: 8, maxA: null }, { stackLevel: null, maxA: 32 }, { ...nothingLearnt, quirks: usualQuirks }].map(isFresh)).toEqual([true, false, false, false])
})
