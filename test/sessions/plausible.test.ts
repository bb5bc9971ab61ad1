// What a register may have gone up by, at the edges of what docs/transactions.md allows.
import { describe, expect, test } from 'vitest'
import { isDoubtful, isPlausible, showsMore } from '../../src/sessions/plausible.ts'

const hourMs = 3_600_000

describe('a plausible step', () => {
  test.each([
    ['nothing in no time', 0, 0, true], ['100 Wh in no time', 100_000, 0, true], ['more in no time', 100_001, 0, false],
    ['backwards', -1, hourMs, false], ['20 % more than the hardware, and 100 Wh', 26_500_000, hourMs, true], ['1 mWh more', 26_500_001, hourMs, false],
    ['time that runs backwards is none', 100_000, -hourMs, true], ['a million kWh', 1e12, hourMs, false],
  ])('%s', (_, deltaMWh, ms, plausible) => expect(isPlausible(deltaMWh, ms, 22_000)).toBe(plausible))
})

describe('a doubtful step: more than plausible, but no more than ten times as much, nor than 1 MWh', () => {
  test.each([
    ['plausible', 26_500_000, hourMs, 22_000, false], ['1 mWh more', 26_500_001, hourMs, 22_000, true],
    ['ten times as much', 265_000_000, hourMs, 22_000, true], ['1 mWh more than that', 265_000_001, hourMs, 22_000, false],
    ['1 kWh in no time: a coarse register', 1_000_000, 0, 22_000, true], ['more in no time', 1_000_001, 0, 22_000, false],
    ['backwards', -1, hourMs, 22_000, false],
    ['1 MWh', 1_000_000_000, hourMs, 350_000, true], ['1 mWh more than 1 MWh', 1_000_000_001, hourMs, 350_000, false],
    ['where hardware can deliver more, that is plausible', 1_100_000_000, hourMs, 1_000_000, false],
  ])('%s', (_, deltaMWh, ms, maxPowerW, doubtful) => expect(isDoubtful(deltaMWh, ms, maxPowerW)).toBe(doubtful))
})

describe('hardware is stronger than it was entered', () => {
  const way = (...mWh: readonly number[]) => mWh.map((one, index) => ({ atMs: index * hourMs, mWh: one }))
  test.each([
    ['two steps say so', way(0, 50_000_000, 100_000_000), true], ['one alone is a jump', way(0, 50_000_000, 60_000_000), false],
    ['also when the other is more than ten times', way(0, 50_000_000, 500_000_000), false], ['a plausible one between', way(0, 50_000_000, 60_000_000, 100_000_000), true],
    ['never where it falls', way(0, 50_000_000, 100_000_000, 99_999_999), false], ['nothing at all', way(), false],
  ])('%s', (_, marks, stronger) => expect(showsMore(marks, 22_000)).toBe(stronger))
})
