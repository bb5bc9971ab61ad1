// Tariffs as people write them, and which of their blocks covers what the clock on the wall shows.
import { describe, expect, test } from 'vitest'
import { covers, edgesOf, tariffSchema, tariffVersionSchema } from '../../src/sessions/tariff.ts'

const least = { id: 'day', currency: 'EUR' }
const night = { days: ['fri'], from: '22:00', to: '06:00', perKWhMinor: 20 }

test('what is left out is 0', () => {
  expect(tariffSchema.parse(least)).toEqual({ ...least, name: '', perKWhMinor: 0, perMinuteMinor: 0, perSessionMinor: 0, idlePerMinuteMinor: 0, idleGraceS: 0 })
  const full = { ...tariffSchema.parse(least), perKWhMinor: 30.123456, idleGraceS: 900, blocks: [night], version: 2 }
  expect(tariffVersionSchema.parse(JSON.parse(JSON.stringify(full)))).toEqual(full)
})

test.each([
  ['a rate of seven decimals', { perKWhMinor: 0.1234567 }], ['a rate that a double does not hold', { perKWhMinor: 0.1 + 0.2 }], ['a negative rate', { perMinuteMinor: -1 }],
  ['a rate beyond all', { perSessionMinor: 1_000_000_001 }], ['a rate as text', { perKWhMinor: '30' }], ['no number', { perKWhMinor: Number.NaN }],
  ['a small currency', { currency: 'eur' }], ['no currency', { currency: '' }], ['a grace with decimals', { idleGraceS: 1.5 }], ['a grace of more than a week', { idleGraceS: 604_801 }],
  ['what nobody knows', { perMileMinor: 1 }], ['an id with a slash', { id: 'a/b' }], ['no id', { id: '' }],
  ['a block without a rate', { blocks: [{ days: ['mon'], from: '00:00', to: '24:00' }] }], ['a block without days', { blocks: [{ ...night, days: [] }] }],
  ['a day twice', { blocks: [{ ...night, days: ['fri', 'fri'] }] }], ['a block of no length', { blocks: [{ ...night, to: '22:00' }] }],
  ['a block from 24:00', { blocks: [{ ...night, from: '24:00' }] }], ['a time that is none', { blocks: [{ ...night, to: '6:00' }] }],
  ['more than 30 blocks', { blocks: Array.from({ length: 31 }, () => night) }],
])('refused: %s', (_, change) => expect(tariffSchema.safeParse({ ...least, ...change }).success).toBe(false))

describe('a block covers', () => {
  const local = (text: string): number => Date.parse(`${text}Z`)
  // 2026-11-20 is a Friday.
  test.each<readonly [string, { from: string; to: string }, string, boolean]>([
    ['its first instant', { from: '08:00', to: '20:00' }, '2026-11-20T08:00', true],
    ['not the one before', { from: '08:00', to: '20:00' }, '2026-11-20T07:59:59.999', false],
    ['its last instant', { from: '08:00', to: '20:00' }, '2026-11-20T19:59:59.999', true],
    ['not its end', { from: '08:00', to: '20:00' }, '2026-11-20T20:00', false],
    ['not another day', { from: '08:00', to: '20:00' }, '2026-11-19T12:00', false],
    ['all of its day', { from: '00:00', to: '24:00' }, '2026-11-20T23:59:59.999', true],
    ['not midnight after it', { from: '00:00', to: '24:00' }, '2026-11-21T00:00', false],
    ['over midnight: its evening', { from: '22:00', to: '06:00' }, '2026-11-20T23:00', true],
    ['over midnight: the morning after', { from: '22:00', to: '06:00' }, '2026-11-21T05:59', true],
    ['over midnight: not its own morning', { from: '22:00', to: '06:00' }, '2026-11-20T05:59', false],
    ['over midnight: not the evening after', { from: '22:00', to: '06:00' }, '2026-11-21T22:00', false],
    ['over midnight until midnight', { from: '22:00', to: '00:00' }, '2026-11-20T23:59', true],
    ['and no longer', { from: '22:00', to: '00:00' }, '2026-11-21T00:00', false],
    ['days before the epoch', { from: '00:00', to: '24:00' }, '1969-12-26T12:00', true],
  ])('%s', (_, hours, at, isCovered) => expect(covers({ days: ['fri'], ...hours }, local(at))).toBe(isCovered))
})

test('rates may change at midnight and where a block begins or ends', () => {
  const hour = 3_600_000
  expect(edgesOf([])).toEqual([0])
  expect(edgesOf(tariffSchema.parse({ ...least, blocks: [night, { ...night, from: '06:00', to: '24:00' }] }).blocks ?? [])).toEqual([0, 6 * hour, 22 * hour])
})
