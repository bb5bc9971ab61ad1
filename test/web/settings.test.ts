// Settings of a site as text and back: whose word holds, what may be written, and nothing changes on the way; and deliveries in words.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defaultSettings, settingKeys, settingsSchema } from '../../src/settings.ts'
import type { Schema } from '../../web/src/data/json-schema.ts'
import { deliveryAnswer, deliveryState } from '../../web/src/pages/settings/delivery-words.ts'
import { settingGroups, settingNames } from '../../web/src/pages/settings/setting-names.ts'
import { allowedText, settingsShown, valueOf, valueShown, valueText } from '../../web/src/pages/settings/setting-words.ts'

const { properties = {} } = z.toJSONSchema(settingsSchema, { io: 'input' }) as Schema

test('the word of a site stands before what is built in, and a charge point\'s own is not told as the site\'s', () => {
  const effective = { strict: { value: false, source: 'default' }, localList: { value: true, source: 'chargePoint' } }
  expect(settingsShown({ heartbeatIntervalS: 60 }, effective, ['heartbeatIntervalS', 'strict', 'localList'])).toEqual([
    { key: 'heartbeatIntervalS', value: 60, source: 'site' }, { key: 'strict', value: false, source: 'default' }, { key: 'localList', value: undefined, source: 'default' },
  ])
})

test('every setting can be written as text and comes back as it was', () => {
  const samples: Record<string, unknown> = { ...defaultSettings, measurands: ['Voltage', 'Current.Import'], alignedMeasurands: [], stopMeasurands: ['Voltage'], meterSampleIntervalS: 10, clockAlignedIntervalS: 0, tariffId: 'day' }
  for (const key of settingKeys) {
    expect(Object.hasOwn(samples, key), key).toBe(true)
    const schema = properties[key] ?? {}
    const value = valueOf(schema, valueText(samples[key]))
    expect(value, key).toEqual(samples[key])
    expect(settingsSchema.safeParse({ [key]: value }).success || (Array.isArray(value) && value.length === 0), key).toBe(true)
  }
})

test('what may be written is said', () => {
  expect(allowedText(properties['heartbeatIntervalS'] ?? {})).toBe('A whole number from 10 to 86400.')
  expect(allowedText(properties['bootPolicy'] ?? {})).toBe('One of accept, pending, reject.')
  expect(allowedText(properties['authorisation'] ?? {})).toBe('A list separated by commas, of local, cache, external, accept-all.')
})

test('every setting has a name, a place, and its unit where its name in the API says one', () => {
  expect(settingGroups.flatMap(({ keys }) => keys).toSorted()).toEqual(settingKeys.toSorted())
  for (const key of settingKeys) {
    const { label, unit, meaning } = settingNames[key]
    expect(label, key).not.toBe(key)
    expect(meaning, key).toMatch(/\.$/)
    expect(unit === 's', key).toBe(key.endsWith('S'))
  }
  expect([valueShown(60, 's'), valueShown(3600, 's'), valueShown(true, undefined), valueShown(['local', 'cache'], undefined), valueShown({ energyWh: 9 }, undefined), valueShown({}, undefined)])
    .toEqual(['60 s', '3600 s (1 h)', 'yes', 'local, cache', 'energyWh 9', 'none'])
})

test('a delivery says how it stands, what comes next, and what was answered', () => {
  const now = Date.parse('2026-11-24T10:00:00Z')
  const state = (status: 'pending' | 'delivered' | 'failed', attempts: number, nextAttemptAt: string | null) => deliveryState({ status, attempts, nextAttemptAt }, now).words
  expect([state('delivered', 1, null), state('failed', 10, null), state('pending', 0, null), state('pending', 2, '2026-11-24T10:05:00Z'), state('pending', 2, '2026-11-24T09:59:00Z')])
    .toEqual(['delivered', 'given up', 'waits its turn', 'tried again in 5 min', 'tried again now'])
  const answer = (attempts: number, responseStatus: number | null, error: string | null) => deliveryAnswer({ attempts, responseStatus, error })
  expect([answer(0, null, null), answer(1, 204, null), answer(1, 500, 'answered 500'), answer(1, 302, 'a redirect'), answer(1, null, 'refused')]).toEqual(['', '204', 'answered 500', '302: a redirect', 'refused'])
})
