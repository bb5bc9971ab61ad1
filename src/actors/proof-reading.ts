// After a lowering was accepted, or the end of a pause: a reading from after the car can have followed is asked for, where none has come by itself.
import { followMs, grantSlot, type Row } from '../power/ledger.ts'
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

/** After an answer: such a reading proves a lowering, or its disobedience, before the next sample is due; and that a car which comes out of a pause keeps to its limit. */
export function awaitProof(ports: ProofPorts, key: string, before: Row | undefined, nowMs: number): void {
  const after = ports.books.row(key)
  if (before === undefined || after === undefined) return
  const settlingAtMs = after.settling?.acceptedAtMs
  if (settlingAtMs !== undefined && settlingAtMs !== before.settling?.acceptedAtMs) askLater(ports, key, settlingAtMs, (row) => row.settling?.acceptedAtMs === settlingAtMs)
  else if (hasResumed(before, after)) askLater(ports, key, nowMs, (row) => row.transactionId === after.transactionId)
}

/** After the first sample above the limit: the car may still have been ramping up, so what it really draws is asked for. */
export function awaitExcess(ports: ProofPorts, key: string, nowMs: number): void {
  askLater(ports, key, nowMs, (row) => row.excess)
}

function askLater({ books, meters, later, ask, isStopped }: ProofPorts, key: string, atMs: number, stillMatters: (row: Row) => boolean): void {
  later(followMs, () => {
    const outlet = books.tree.outlets.get(key)
    const row = books.row(key)
    const heard = (meters.readings.get(key)?.measuredAtMs ?? 0) >= atMs + followMs
    if (isStopped() || heard || outlet === undefined || !row || row.transactionId === null || !stillMatters(row)) return
    ask(outlet)
  })
}

function hasResumed(before: Row, after: Row): boolean {
  const slot = grantSlot(after)
  return after.transactionId !== null && before[slot].confirmed?.limitA === 0 && (after[slot].confirmed?.limitA ?? 0) > 0
}
