// Amounts and durations as people write them: what is taken, what it comes to, and that all else is refused with what is accepted.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountWords, durationWords, readAmount, readDuration } from '../src/quantities.ts'

describe('amounts', () => {
  test.each([
    ['40A', { currentA: 40 }], ['40 a', { currentA: 40 }], [' 16.5A ', { currentA: 16.5 }], ['0A', { currentA: 0 }],
    ['27.6kW', { powerW: 27_600 }], ['1.1kw', { powerW: 1_100 }], ['27600W', { powerW: 27_600 }], ['0.007kW', { powerW: 7 }],
    ['60%', { percent: 60 }], ['100 %', { percent: 100 }], ['0%', { percent: 0 }],
  ])('%s', (text, amount) => expect(readAmount(text)).toEqual(amount))

  test.each(['', '40', 'A', '-5A', '+5A', '1e3A', '0x10A', '40 amps', '27,6kW', '40A 20A', '101%', '1.1234567A', '1234567890A', 'NaNA', '.5A', '40\nA b'])('%j is refused, with what is accepted', (text) => {
    const said = readAmount(text)
    expect(said).toEqual(expect.stringContaining('write 40A (per phase), 27.6kW or 27600W (in all), or 60% (of the fuse)'))
  })

  test('whatever is written in one unit comes out as that number, and its words are read as the same', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom('A', 'kW', 'W'), (thousandths, unit) => {
      const text = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`
      const read = readAmount(`${text}${unit}`)
      expect(read).toEqual(unit === 'A' ? { currentA: Number(text) } : { powerW: unit === 'kW' ? thousandths : Number(text) })
      if (typeof read !== 'string') expect(readAmount(amountWords(read))).toEqual(read)
    }))
  })
})

describe('durations', () => {
  test.each([['90s', 90], ['30m', 1_800], ['30 min', 1_800], ['2h', 7_200], ['1d', 86_400], ['1h30m', 5_400], ['1.5h', 5_400], ['1d 2h 3m 4s', 93_784], ['0.6s', 1]])('%s is %i s', (text, seconds) => expect(readDuration(text)).toBe(seconds))

  test.each(['', '30', 'm', '-5m', '30m1h', '1h1h', '0s', '0h0m', '1w', 'PT30M', '1h30', '30mins', 'tomorrow', '1h, 5m'])('%j is refused, with what is accepted', (text) => {
    expect(readDuration(text)).toEqual(expect.stringContaining('write 90s, 30m, 2h, 1d or 1h30m'))
  })

  test('words of a duration are read as the same duration', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => { expect(readDuration(durationWords(seconds))).toBe(seconds) }))
  })
})

test('no text makes either of them throw or answer with a number that is none', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,12}\s?[AkKwWsmhd%]{1,3}$/)), (text) => {
    const [amount, duration] = [readAmount(text), readDuration(text)]
    if (typeof amount !== 'string') for (const value of Object.values(amount)) expect(Number.isFinite(value) && value >= 0).toBe(true)
    if (typeof duration !== 'string') expect(Number.isInteger(duration) && duration >= 1).toBe(true)
  }), { numRuns: 1_000 })
})
