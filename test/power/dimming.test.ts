// The least that dimming leaves, as the decree has it.
import { expect, test } from 'vitest'
import { dimmingMinimumW } from '../../src/power/dimming.ts'

test.each([
  [0, 4200], [1, 4200], [2, 7560], [3, 10_500], [4, 13_020], [5, 15_120], [6, 16_800], [7, 18_060], [8, 18_900], [9, 19_320], [10, 21_210], [100, 191_310],
])('%i charge points keep %i W', (count, watts) => {
  expect(dimmingMinimumW(count)).toBe(watts)
})

test('another charge point never takes from the others together', () => {
  for (let count = 1; count < 50; count++) expect(dimmingMinimumW(count + 1)).toBeGreaterThan(dimmingMinimumW(count))
})
