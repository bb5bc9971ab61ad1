// Settings of a site as text and back: whose word holds, what may be written, and nothing changes on the way.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defaultSettings, settingKeys, settingsSchema } from '../../src/settings.ts'
import type { Schema } from '../../web/src/pages/charge-point/command-schema.ts'
import { allowedText, settingsShown, valueOf, valueText } from '../../web/src/pages/settings/setting-words.ts'

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
