// How far a new limit has come, in words.
import { expect, it } from 'vitest'
import { propagationWords } from '../../web/src/pages/site/propagation-words.ts'

const settled = { targets: 8, told: 8, confirmed: 8, waiting: [] }
it.each([
  [{ state: 'enforced', propagation: settled }, 'Told 8/8, confirmed 8/8. The limit holds.'],
  [{ state: 'enforcing', propagation: { ...settled, confirmed: 7, waiting: ['CP-05/1'] } }, 'Told 8/8, confirmed 7/8, waiting for CP-05/1.'],
  [{ state: 'enforcing', propagation: { ...settled, told: 3, confirmed: 2, waiting: ['a/1', 'b/1', 'c/1', 'd/1', 'e/1'] } }, 'Told 3/8, confirmed 2/8, waiting for a/1, b/1, c/1 and 2 more.'],
  [{ state: 'enforced', propagation: { targets: 0, told: 0, confirmed: 0, waiting: [] } }, 'No connector had to change. The limit holds.'],
  [{ state: 'unenforceable', deficitA: 3, propagation: settled }, 'Told 8/8, confirmed 8/8. It cannot be met: 3 A are missing.'],
] as const)('%j', (view, words) => expect(propagationWords(view)).toBe(words))
