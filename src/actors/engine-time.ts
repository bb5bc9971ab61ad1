// How far the wall clock has stepped away from the engine's time: the next run begins on the wall clock, its records are of this one.
import type { Scope } from './scope.ts'

const key = 'engine-time'
/** The wall clock has stepped when it moves against the monotonic one by more than this. */
export const stepMs = 30_000

/** The wall clock is so far ahead of the time in the ledger's records, ms. */
export function steppedMs(scope: Scope): number {
  return (scope.get(key) as { readonly behindMs: number } | undefined)?.behindMs ?? 0
}

/** In one commit with the rows that it holds for: they are put in the same turn. */
export function noteStep(scope: Scope, behindMs: number): void {
  if (behindMs === 0) scope.delete(key)
  else scope.put(key, { behindMs })
}

/** Deadlines within 50 ms of each other are one review; a little late is the safe side of every one of them but a lowering's, which waits 5 s. */
export function roundUp(ms: number): number {
  return Math.ceil(ms / 50) * 50
}
