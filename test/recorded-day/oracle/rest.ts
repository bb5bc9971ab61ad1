// When a car was idle: the section "Idle" of docs/transactions.md.
import type { Counted } from './energy.ts'
import type { Ledger } from './ledger.ts'
import type { Rules } from './rules.ts'

export interface Piece { readonly fromMs: number; readonly untilMs: number }

export function idleOf(ledger: Ledger, counted: Counted, rules: Rules): Piece[] {
  const pieces = rules.excusesEvse ? without(atRest(counted, rules), heldBack(ledger, counted)) : atRest(counted, rules)
  return pieces.filter(({ fromMs, untilMs }) => untilMs - fromMs >= rules.idleFromMs)
}

/** mWh × 3,600 / ms are watts. What is not known to have flowed may have. */
function atRest({ points }: Counted, rules: Rules): Piece[] {
  const pieces: Piece[] = []
  points.slice(1).forEach((to, index) => {
    const from = points[index]!
    const ms = to.atMs - from.atMs
    if (!to.isStep || ms <= 0 || (to.mWh - from.mWh) * 3_600n >= rules.restsBelowW * BigInt(ms)) return
    const last = pieces.at(-1)
    if (last?.untilMs === from.atMs) pieces[pieces.length - 1] = { fromMs: last.fromMs, untilMs: to.atMs }
    else pieces.push({ fromMs: from.atMs, untilMs: to.atMs })
  })
  return pieces
}

/** While the connector said that the charge point gives nothing, from the last word before the start on. */
function heldBack({ statuses }: Ledger, { startMs, endMs }: Counted): Piece[] {
  return statuses.flatMap(({ atMs, status }, index) => {
    const untilMs = Math.min(statuses[index + 1]?.atMs ?? endMs, endMs)
    return status === 'SuspendedEVSE' && untilMs > Math.max(atMs, startMs) ? [{ fromMs: Math.max(atMs, startMs), untilMs }] : []
  })
}

function without(pieces: readonly Piece[], holes: readonly Piece[]): Piece[] {
  let left = [...pieces]
  for (const hole of holes) {
    left = left.flatMap(({ fromMs, untilMs }) => (
      [{ fromMs, untilMs: Math.min(untilMs, hole.fromMs) }, { fromMs: Math.max(fromMs, hole.untilMs), untilMs }].filter((piece) => piece.untilMs > piece.fromMs)))
  }
  return left
}
