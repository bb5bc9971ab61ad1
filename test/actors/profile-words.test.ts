// The time at which a limit of a charging profile ends, as a site manager reads it.
import { describe, expect, test } from 'vitest'
import { capSentence, untilWords } from '../../src/actors/profile-words.ts'

const nowMs = Date.parse('2026-03-28T16:00:00Z')
const at = (until: string | null, timezone = 'Europe/Berlin') => ({ nowMs, untilMs: until === null ? null : Date.parse(until), timezone })

describe('until when', () => {
  test.each<[string | null, string, string]>([
    [null, 'UTC', ''],
    ['2026-03-28T17:30:00Z', 'Europe/Berlin', ' until 18:30'],
    ['2026-03-28T17:30:15Z', 'Europe/Berlin', ' until 18:30:15'],
    ['2026-03-28T23:30:00Z', 'UTC', ' until 23:30'],
    ['2026-03-28T23:30:00Z', 'Europe/Berlin', ' until 29 March, 00:30'],
    ['2026-03-29T04:00:00Z', 'Europe/Berlin', ' until 29 March, 06:00'],
  ])('%s in %s is "%s"', (until, timezone, words) => expect(untilWords(at(until, timezone))).toBe(words))
})

test.each([
  [10, 10, '10 A: charging profile 7 allows no more until 18:30.'],
  [4, 0, '0 A: charging profile 7 allows 4 A until 18:30, less than the 6 A a car needs.'],
  [0, 0, '0 A: charging profile 7 allows nothing until 18:30.'],
])('a cap of %d A that leaves %d A', (limitA, allocatedA, words) => {
  expect(capSentence({ limitA, source: 'profile:7' }, allocatedA, 6, at('2026-03-28T17:30:00Z'))).toBe(words)
})
