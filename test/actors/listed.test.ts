// Several words as one part of a sentence.
import { expect, test } from 'vitest'
import { listed } from '../../src/actors/listed.ts'

test.each([[[], ''], [['L1'], 'L1'], [['L1', 'L2'], 'L1 and L2'], [[1, 2, 3], '1, 2 and 3']])('%j are listed as %j', (words, text) => {
  expect(listed(words)).toBe(text)
})
