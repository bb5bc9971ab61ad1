// When the plan of a site has failed for good: who must be sent to its fallback, and how that goes on whatever else fails.
import { grantSlot, newest, worstIn, type Row } from '../power/ledger.ts'

/** How long an order to the fallback may go without success before it is given again. */
export const failsafeRetryMs = 60_000

/** A car that could draw more than its fallback, and has not just been told, or just refused, to go there. */
export function mustFallBack(row: Row, fallbackA: number, nowMs: number): boolean {
  const slot = grantSlot(row)
  const last = newest(row[slot])
  const told = last !== null && last.limitA <= fallbackA && (last.state === 'sent' || nowMs - last.bookedAtMs < failsafeRetryMs)
  const refused = row.refusedAtMs !== null && nowMs - row.refusedAtMs < failsafeRetryMs
  return row.transactionId !== null && worstIn(row, slot, nowMs) > fallbackA && !told && !refused
}

/** Runs each step although one before it failed: what broke the plan may break taking a fact as well. */
export function runAll(steps: readonly (() => void)[], failed: (error: unknown) => void): void {
  for (const step of steps) {
    try {
      step()
    } catch (error) {
      failed(error)
    }
  }
}
