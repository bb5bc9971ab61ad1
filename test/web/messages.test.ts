// Messages as a page shows them: what is asked of the log, what a message is about, how it went, and the file of all.
import { describe, expect, test } from 'vitest'
import { nextOf, withoutHeader } from '../../web/src/parts/message-file.ts'
import { askedOf, filtersAsQuery, noFilters, readFilters } from '../../web/src/parts/message-filters.ts'
import { gist, outcomeOf } from '../../web/src/parts/message-words.ts'

const told = { action: null, request: {}, response: {}, status: 'answered', error: null } as const

describe('filters', () => {
  test('an address says them again, and what is not filtered is not in it', () => {
    const filters = { ...noFilters, clientID: 'CP-01', direction: 'in' as const, errorsOnly: true, text: 'Voltage' }
    const query = new URLSearchParams(filtersAsQuery(filters))
    expect(query.toString()).toBe('clientID=CP-01&direction=in&text=Voltage&errorsOnly=true')
    expect(readFilters(query)).toEqual(filters)
    expect(readFilters(new URLSearchParams('direction=up&errorsOnly=no'))).toEqual(noFilters)
  })
  test('local times are asked as instants, and what is none is left out', () => {
    const asked = new URLSearchParams(askedOf({ ...noFilters, from: '2026-11-24T12:00', to: 'soon', action: ' Reset ' }, { limit: '50' }))
    expect(Object.fromEntries(asked)).toEqual({ action: 'Reset', from: new Date('2026-11-24T12:00').toISOString(), limit: '50' })
  })
})

describe('in words', () => {
  test('a refusal by the charge point is no success, although it was answered', () => {
    expect(outcomeOf({ ...told, response: { status: 'Rejected' } })).toEqual({ mark: 'warning', words: 'Rejected' })
    expect(outcomeOf({ ...told, response: { idTagInfo: { status: 'Blocked' } } })).toEqual({ mark: 'warning', words: 'Blocked' })
    expect(outcomeOf({ ...told, response: { status: 'Accepted' } })).toEqual({ mark: 'ok', words: 'Accepted' })
    expect(outcomeOf(told)).toEqual({ mark: 'ok', words: 'answered' })
  })
  test('what was never answered, or with an error, is marked as bad', () => {
    expect(outcomeOf({ ...told, status: 'error', error: { code: 'NotImplemented', description: 'no', details: {} } })).toEqual({ mark: 'bad', words: 'NotImplemented: no' })
    for (const status of ['timed-out', 'unanswered', 'unreadable'] as const) expect(outcomeOf({ ...told, status }).mark).toBe('bad')
  })
  test('the one thing that tells a message from others of its kind', () => {
    expect(gist({ ...told, action: 'StatusNotification', request: { connectorId: 1, status: 'Charging', errorCode: 'NoError' } })).toBe('connector 1, Charging')
    expect(gist({ ...told, action: 'SetChargingProfile', request: { connectorId: 1, csChargingProfiles: { chargingProfilePurpose: 'TxProfile', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } } } })).toBe('connector 1, TxProfile 6 A')
    expect(gist({ ...told, action: 'MeterValues', request: { connectorId: 2, meterValue: [{ sampledValue: [{ value: '7', measurand: 'Voltage' }, { value: '1000' }] }] } })).toBe('connector 2, 1000 Wh')
    expect(gist({ ...told, action: 'MeterValues', request: 'no JSON' })).toBe('')
  })
})

describe('the file', () => {
  test('the names of the columns stand in it once', () => {
    expect(withoutHeader('id,at\r\n1,"a\nb"\r\n')).toBe('1,"a\nb"\r\n')
    expect(withoutHeader('id,at')).toBe('')
  })
  test('the next page is where the Link header says', () => {
    expect(nextOf('</api/v1/messages?cursor=x>; rel="next"')).toBe('/api/v1/messages?cursor=x')
    expect(nextOf(null)).toBeNull()
  })
})
