// The last writes before an orderly end: tried again while the store does not take them, but not for ever.
import type { Clock } from '../clock.ts'
import { StaleEpoch } from '../store/port.ts'
import type { Scope } from './scope.ts'

/** Records that could not be written. */
export interface Unwritten { readonly scope: string; readonly records: number; readonly reason: string }

const againMs = 250

/** Resolves when nothing waits any more in any scope, or the store has taken nothing for `patienceMs`. */
export async function writeOut(scopes: readonly Scope[], clock: Clock, patienceMs: number): Promise<void> {
  const endMs = clock.mono() + patienceMs
  await Promise.all(scopes.map(async (scope) => {
    while (scope.waiting() > 0 && clock.mono() < endMs) {
      const error = await scope.flush().then(() => null, (reason: unknown) => reason)
      if (error instanceof StaleEpoch) return
      if (error !== null) await new Promise<void>((resolve) => { clock.after(againMs, resolve) })
    }
  }))
}

/** Closes every scope after one last attempt. */
export async function closeAll(scopes: readonly Scope[]): Promise<readonly Unwritten[]> {
  await Promise.all(scopes.map((scope) => scope.close()))
  return scopes.filter((scope) => scope.waiting() > 0).map((scope) => ({ scope: scope.name, records: scope.waiting(), reason: scope.failure ?? 'the store takes no writes' }))
}
