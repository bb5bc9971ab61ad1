// How far a new limit has come, in words. Pure.
import type { GridLimitView } from '../../../../src/actors/views.ts'

const namedAtMost = 3

/** `Told 8/8, confirmed 7/8, waiting for CP-05/1.` */
export function propagationWords({ state, deficitA, propagation: { targets, told, confirmed, waiting } }: Pick<GridLimitView, 'state' | 'deficitA' | 'propagation'>): string {
  const end = state === 'enforced' ? ' The limit holds.' : state === 'unenforceable' ? ` It cannot be met: ${deficitA ?? 0} A are missing.` : ''
  if (targets === 0) return `No connector had to change.${end}`
  const more = waiting.length - namedAtMost
  const names = `${waiting.slice(0, namedAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return `Told ${told}/${targets}, confirmed ${confirmed}/${targets}${waiting.length > 0 ? `, waiting for ${names}` : ''}.${end}`
}
