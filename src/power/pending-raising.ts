// A raising that is decided and not told yet: how much, what it waits for, and until when.
import { disobeys } from './disobedience.ts'
import { grantSlot, type Row } from './ledger.ts'
import { calmUntil, heldBy, type CalmRule } from './raising.ts'
import { isReady } from './stuck.ts'
import type { Target } from './target.ts'

export interface PendingRaising {
  /** The newest limit it was told, A. */
  readonly heldA: number
  readonly toA: number
  /** A rule of calm, or room: it does not fit while the lowerings of others are unproven, or too much is reserved. */
  readonly waitsFor: CalmRule | 'room'
  /** When that rule is over, ms; null = nobody can say. */
  readonly atMs: number | null
}

/** Null = it was told all that it may have, or the rest is too little to be told. */
export function pendingRaising({ place, defaultA, txA }: Target, row: Row, nowMs: number): PendingRaising | null {
  if (row.transactionId === null || !isReady({ ...place, row }) || disobeys(row.disobeying)) return null
  const slot = grantSlot(row)
  const toA = slot === 'tx' ? txA : defaultA
  const heldA = heldBy(row, slot, nowMs)
  if (toA <= heldA + 1e-9) return null
  const { atMs, rule } = calmUntil(row, slot, toA, nowMs)
  if (atMs === Infinity) return null
  return atMs > nowMs ? { heldA, toA, waitsFor: rule, atMs } : { heldA, toA, waitsFor: 'room', atMs: null }
}
