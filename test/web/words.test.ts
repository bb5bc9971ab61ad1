// Numbers as the pages write them, where a rounded one would mislead.
import { expect, test } from 'vitest'
import { byWords, limitKilowatts, limitPower } from '../../web/src/data/words.ts'

test.each([[34.78, 'A', '34.7 A'], [63, 'A', '63 A'], [0.3, 'A', '0.3 A'], [86.96, 'kW', '20 kW'], [34.78, 'kW', '7.9 kW']] as const)('a limit of %d A is not written as more than it is: in %s %s', (valueA, unit, words) => {
  expect(limitPower(valueA, unit, 230)).toBe(words)
})

test('nor is one of all phases', () => expect(limitKilowatts(43_470)).toBe('43.4 kW'))

test('who did it: names of keys as they are, those of kwota in words', () => expect(['bootstrap', 'anna'].map(byWords)).toEqual(['the key KWOTA_API_KEY', 'anna']))
