// The measure of a charge point's clock: ahead is believed at once, behind only when it stays so.
import { expect, test } from 'vitest'
import { noSkew, observeAge, type Skew } from '../../src/sessions/skew.ts'

/** [received at s, age s] … → the offset in s. */
function offsetAfter(messages: readonly (readonly [number, number])[], from: Skew = noSkew): number {
  return messages.reduce((skew, [atS, ageS]) => observeAge(skew, (atS - ageS) * 1000, atS * 1000), from).offsetMs / 1000
}

test.each([
  ['in step', [[0, 0.5], [10, 0.4], [20, 0.6]], 0],
  ['ahead, at once', [[0, -3600]], -3600],
  ['ahead and a slow line: the smallest age', [[0, -3598], [10, -3600], [20, -3599]], -3600],
  ['behind, not yet proven', [[0, 3600], [30, 3600]], 0],
  ['behind for a minute', [[0, 3600], [30, 3601], [61, 3600]], 3600],
  ['two messages prove nothing', [[0, 3600], [90, 3600]], 0],
  ['a replayed queue is no slow clock', [[0, 7200], [1, 6900], [2, 6600], [70, 3000], [71, 2700], [140, 60]], 0],
  ['one future date is forgotten within a minute', [[0, -72000], [10, 0], [40, 0], [71, 0]], 0],
  ['our own clock jumps back an hour', [[0, 0], [10, -3600]], -3600],
] as const)('%s', (_, messages, offsetS) => {
  expect(offsetAfter(messages)).toBe(offsetS)
})

test('a new proof begins when time of reception runs backwards', () => {
  expect(offsetAfter([[1000, 60], [1030, 60], [900, 60], [930, 60]])).toBe(0)
})
