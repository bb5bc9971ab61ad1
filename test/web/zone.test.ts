// Times by a site's clock, over the changes of summer time.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hoursOf, inputOf, instantOf, localOf, plusDays, weekdayOf } from '../../web/src/data/zone.ts'

const berlin = 'Europe/Berlin'

describe('the clock of a site', () => {
  it('shows day, minute and weekday there', () => {
    expect(localOf(Date.parse('2026-11-24T23:30:00Z'), berlin)).toEqual({ date: '2026-11-25', minutes: 30, weekday: 2 })
    expect(localOf(Date.parse('2026-11-24T00:30:00Z'), 'America/New_York')).toEqual({ date: '2026-11-23', minutes: 19 * 60 + 30, weekday: 0 })
    expect([hoursOf(1110), hoursOf(1440), plusDays('2026-02-28', 1), weekdayOf('2026-11-24')]).toEqual(['18:30', '24:00', '2026-03-01', 1])
  })

  it('gives the first of an hour that comes twice, and leaves out no instant where one is missing', () => {
    expect(new Date(instantOf('2026-10-25T02:30', berlin)).toISOString()).toBe('2026-10-25T00:30:00.000Z')
    expect(new Date(instantOf('2026-03-29T02:30', berlin)).toISOString()).toBe('2026-03-29T01:30:00.000Z')
    expect(new Date(instantOf('2026-03-29', berlin)).toISOString()).toBe('2026-03-28T23:00:00.000Z')
    expect(instantOf('soon', berlin)).toBeNaN()
  })

  it('reads back what it shows', () => {
    fc.assert(fc.property(fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), fc.constantFrom(berlin, 'UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'), (minute, zone) => {
      const shown = inputOf(minute * 1000, zone)
      expect(inputOf(instantOf(shown, zone), zone)).toBe(shown)
    }))
  })
})
