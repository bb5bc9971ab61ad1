// What is over at one node is told in one sentence, phases of the same excess together.
import { expect, test } from 'vitest'
import { overInWords } from '../../src/actors/limit-words.ts'

test('phases together where they are the same; each unit and source by itself', () => {
  const over = (on: 'L1' | 'L2' | 'L3' | 'W' | 'L1-L2', amount: number, source = 'fuse') => ({ constraint: { nodeID: 'main', on, capacity: 20, source }, amount })
  expect(overInWords([over('L2', 4)])).toBe('main L2 could be 4 A over its limit (fuse)')
  expect(overInWords([over('L1', 4), over('L2', 4)])).toBe('main L1 and L2 could be 4 A over its limit (fuse)')
  expect(overInWords([over('L1', 4), over('L2', 3.26), over('L3', 4), over('W', 500, 'grid-limit'), over('L1-L2', 4, 'imbalance:main')])).toBe(
    'main L1 and L3 could be 4 A over its limit (fuse); main L2 could be 3.3 A over its limit (fuse); main in total could be 500 W over its limit (grid-limit); main L1 over L2 could be 4 A over its limit (imbalance:main)')
})
