// After a lowering was accepted: a reading from after the car can have followed is asked for, where none has come by itself.
import { followMs } from '../power/ledger.ts'
import type { Outlet } from '../power/tree.ts'
import type { Books } from './books.ts'
import type { Meters } from './readings.ts'

export interface ProofPorts {
  readonly books: Books
  readonly meters: Meters
  readonly later: (delayMs: number, fn: () => void) => void
  readonly ask: (outlet: Outlet) => void
  readonly isStopped: () => boolean
}

/** Such a reading proves the lowering, or its disobedience, before the next sample is due. */
export function awaitProof({ books, meters, later, ask, isStopped }: ProofPorts, key: string, acceptedAtMs: number): void {
  later(followMs, () => {
    const outlet = books.tree.outlets.get(key)
    const row = books.row(key)
    const heard = (meters.readings.get(key)?.measuredAtMs ?? 0) >= acceptedAtMs + followMs
    if (isStopped() || heard || outlet === undefined || !row || row.transactionId === null || row.settling?.acceptedAtMs !== acceptedAtMs) return
    ask(outlet)
  })
}
