// The forms of commands, made from the description of the REST API: all are there, and what they send is what the API takes.
import { describe, expect, test } from 'vitest'
import { commandNames } from '../../src/api/command-names.ts'
import { openapiDocument } from '../../src/api/openapi.ts'
import { routes } from '../../src/api/routes.ts'
import { bodyOf, commandsIn, dangerOf, itemOf, labelOf, startOf, type Description } from '../../web/src/pages/charge-point/command-schema.ts'
import type { Schema } from '../../web/src/data/json-schema.ts'

const forms = commandsIn(JSON.parse(JSON.stringify(openapiDocument(routes, '1.0.0'))) as Description)
const form = (name: string): Schema => forms.find((one) => one.name === name)?.schema ?? {}

describe('the forms', () => {
  test('every command that has an address has a form, with the scope that it needs', () => {
    expect(forms.map(({ name }) => name).sort()).toEqual(Object.keys(commandNames).sort())
    expect(forms.find(({ name }) => name === 'change-configuration')?.scope).toBe('config:write')
    expect(forms.find(({ name }) => name === 'reset')).toMatchObject({ action: 'Reset', scope: 'commands:write' })
    expect(forms.filter(({ summary }) => summary === '')).toEqual([])
  })
  test('an address fills in numbers and texts, and what is no field of it is left alone', () => {
    expect(startOf(form('remote-stop'), { transactionId: '7', nonsense: 'x' })).toEqual({ transactionId: 7 })
    expect(startOf(form('remote-start'), { connectorId: '2', idTag: 'TEST-001' })).toEqual({ connectorId: 2, idTag: 'TEST-001' })
  })
  test('a profile is open from the start where it is what is sent, and not where it is an extra', () => {
    expect(startOf(form('set-charging-profile'))['chargingProfile']).toMatchObject({ chargingSchedule: { chargingSchedulePeriod: [{}] } })
    expect(startOf(form('remote-start'))['chargingProfile']).toBeUndefined()
  })
})

describe('what is sent', () => {
  test('what nobody has filled in is left out, inside of others too', () => {
    const values = { connectorId: 1, templateId: '', chargingProfile: { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', validFrom: '', chargingSchedule: { chargingRateUnit: 'A', duration: undefined, chargingSchedulePeriod: [{ startPeriod: 0, limit: 6, numberPhases: Number.NaN }] } } }
    expect(bodyOf(form('set-charging-profile'), values)).toEqual({
      connectorId: 1, chargingProfile: { stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } },
    })
  })
  test('local times become instants', () => {
    expect(bodyOf(form('reserve-now'), { connectorId: 1, idTag: 'A', expiryDate: '2026-11-24T12:00' })).toEqual({ connectorId: 1, idTag: 'A', expiryDate: new Date('2026-11-24T12:00').toISOString() })
  })
  test('lists keep their items in order, without empty ones', () => {
    expect(bodyOf(form('get-configuration'), { key: ['HeartbeatInterval', '', 'MeterValueSampleInterval'] })).toEqual({ key: ['HeartbeatInterval', 'MeterValueSampleInterval'] })
    expect(itemOf({ type: 'array', items: { type: 'string' } })).toBe('')
  })
  test('a box that is not ticked says nothing', () => {
    expect(bodyOf(form('send-local-list'), { sync: false })).toEqual({})
    expect(bodyOf(form('send-local-list'), { sync: true })).toEqual({ sync: true })
  })
})

test('what cannot be taken back is asked about, what can is not', () => {
  for (const name of ['reset', 'unlock-connector', 'remote-stop', 'clear-charging-profile', 'update-firmware']) expect(dangerOf(name, {}), name).not.toBeNull()
  expect(dangerOf('change-availability', { type: 'Operative' })).toBeNull()
  expect(dangerOf('change-availability', { type: 'Inoperative' })).not.toBeNull()
  expect(dangerOf('trigger-message', {})).toBeNull()
})

test('names of fields are read as words', () => {
  expect(['idTag', 'startPeriod', 'connectorId'].map(labelOf)).toEqual(['Id tag', 'Start period, s', 'Connector id'])
})
