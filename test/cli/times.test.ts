// Times at the command line, by the clock of a site or of this machine.
import { describe, expect, it } from 'vitest'
import { momentWords, timeWords, zoneWords } from '../../src/cli/times.ts'

const nowMs = Date.parse('2026-11-24T22:00:00Z')

describe('a time', () => {
  it('is that of the zone, with its day where that is another one there', () => {
    expect(timeWords('2026-11-24T22:30:00Z', nowMs, 'UTC')).toBe('22:30')
    expect(timeWords('2026-11-24T23:30:00Z', nowMs, 'Europe/Berlin')).toBe('2026-11-25 00:30')
    expect(timeWords('2026-11-24T23:30:00Z', nowMs, 'Asia/Kathmandu')).toBe('05:15')
    expect(momentWords('2026-11-24T18:15:05.007Z', 'Asia/Kathmandu')).toBe('00:00:05.007')
  })

  it('is that of this machine where no zone is known, which is said', () => {
    const local = new Date('2026-11-24T22:30:05.120Z')
    expect(timeWords(local.toISOString(), local.getTime())).toBe(`${String(local.getHours()).padStart(2, '0')}:${String(local.getMinutes()).padStart(2, '0')}`)
    expect(momentWords(local.toISOString())).toMatch(/^\d\d:\d\d:05\.120$/)
    expect([zoneWords('Europe/Berlin'), zoneWords(undefined)]).toEqual(['Europe/Berlin', expect.stringMatching(/, the time zone of this machine$/)])
  })
})
