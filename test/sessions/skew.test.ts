// The measure of a charge point's clock: ahead is believed at once, behind only when it stays so.
import { array, assert, constantFrom, integer, oneof, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { ClockMeasure, noSkew, type Skew } from '../../src/sessions/skew.ts'

/** [received at s, age s] … → the offset in s. */
function offsetAfter(messages: readonly (readonly [number, number])[], from: Skew = noSkew): number {
  const measure = new ClockMeasure(from)
  for (const [atS, ageS] of messages) measure.observe((atS - ageS) * 1000, atS * 1000)
  return measure.offsetMs / 1000
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

/** The same as a function of what was known, a new one for each message. */
function observeAge(skew: Skew, stationMs: number, receivedMs: number): Skew {
  const ageMs = receivedMs - stationMs
  if (ageMs < skew.offsetMs) return { offsetMs: ageMs, window: null }
  const held = skew.window
  const minMs = Math.min(held?.minMs ?? ageMs, ageMs)
  const maxMs = Math.max(held?.maxMs ?? ageMs, ageMs)
  if (held === null || maxMs - minMs > 5_000 || receivedMs < held.sinceMs) return { offsetMs: skew.offsetMs, window: { sinceMs: receivedMs, minMs: ageMs, maxMs: ageMs, count: 1 } }
  const window = { sinceMs: held.sinceMs, minMs, maxMs, count: held.count + 1 }
  if (receivedMs - window.sinceMs < 60_000 || window.count < 3) return { offsetMs: skew.offsetMs, window }
  return { offsetMs: window.minMs, window: null }
}

test('what changes in place is what would follow anew from each message, and goes on from what was kept', () => {
  const age = oneof(integer({ min: -3, max: 12 }), constantFrom(0, 3600, 3601, -3600, 7200))
  assert(property(array(tuple(integer({ min: -20, max: 70 }), age), { maxLength: 40 }), integer({ min: 0, max: 40 }), (messages, keptAfter) => {
    let measure = new ClockMeasure()
    let skew = noSkew
    let atS = 1_000
    for (const [index, [stepS, ageS]] of messages.entries()) {
      atS += stepS
      const before = skew.offsetMs
      skew = observeAge(skew, (atS - ageS) * 1000, atS * 1000)
      expect(measure.observe((atS - ageS) * 1000, atS * 1000)).toBe(skew.offsetMs !== before)
      expect(measure.skew).toEqual(skew)
      if (index === keptAfter) measure = new ClockMeasure(measure.skew)
    }
  }))
})
