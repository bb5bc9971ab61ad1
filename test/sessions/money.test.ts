// Money in exact fractions: what a rate may be, how it is written, and how a sum is rounded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { millionthsText, readMillionths, roundHalfUp } from '../../src/sessions/money.ts'

describe('a rate', () => {
  test.each([
    ['0', 0n], ['30', 30_000_000n], ['27.5', 27_500_000n], ['0.000001', 1n], ['0.1', 100_000n], ['999999999.999999', 999_999_999_999_999n], ['007', 7_000_000n],
  ])('%s', (text, millionths) => expect(readMillionths(text)).toBe(millionths))
  test.each(['', '-1', '+1', '1e3', '1e-7', '0.0000001', '.5', '5.', '1,5', ' 1', 'NaN', 'Infinity', '1234567890123456'])('not %j', (text) => expect(readMillionths(text)).toBeNull())
  test('every number with six decimals is read as it is written, and written as it is read', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (millionths) => {
      const text = millionthsText(BigInt(millionths))
      expect(readMillionths(text)).toBe(BigInt(millionths))
      expect(readMillionths(String(Number(text)))).toBe(BigInt(millionths))
    }))
  })
})

test.each([[0n, '0'], [1n, '0.000001'], [100_000n, '0.1'], [27_500_000n, '27.5'], [30_000_000n, '30']])('%s millionths', (millionths, text) => {
  expect(millionthsText(millionths)).toBe(text)
})

test.each([[0n, 2n, 0n], [1n, 2n, 1n], [3n, 2n, 2n], [49n, 100n, 0n], [50n, 100n, 1n], [149n, 100n, 1n], [150n, 100n, 2n], [7n, 7n, 1n], [10n ** 40n + 1n, 2n, 5n * 10n ** 39n + 1n]])('%s / %s half up', (parts, denominator, whole) => {
  expect(roundHalfUp(parts, denominator)).toBe(whole)
})
