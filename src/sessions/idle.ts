// When a car held its place without charging: at rest by the meter, and neither paused by its charge point nor by us.
import type { Count, Session } from './count.ts'

/** From `fromMs` until `untilMs` (not included). */
export interface Piece { readonly fromMs: number; readonly untilMs: number }
/** A status of the connector from `atMs` on, ms, by our clock. */
export type StatusAt = readonly [atMs: number, status: string]

/** Shorter rests are none (docs/transactions.md, idle). */
export const leastIdleMs = 300_000

/**
 * The idle pieces of a transaction (docs/transactions.md, idle), in order. `statuses` are sorted by time and hold the last one before the
 * start, where it is known; `held` are the pieces in which it had accepted that it may draw nothing, asked only where no status came while it ran.
 * `leastMs` = for how long it rests at least; less than five minutes is not idle yet, and only a warning asks for it.
 */
export function idlePieces(count: Count, session: Session, statuses: readonly StatusAt[], held: readonly Piece[], leastMs = leastIdleMs): Piece[] {
  const startedMs = Math.floor(session.startedAtMs)
  const spoke = statuses.some(([atMs]) => atMs >= startedMs && atMs <= count.untilMs)
  const taken = union(spoke ? pausedOf(statuses, count.untilMs) : held)
  return restOf(count).flatMap((piece) => without(piece, taken)).filter(({ fromMs, untilMs }) => untilMs - fromMs >= leastMs)
}

/** Whole ms of all pieces beyond the grace that each has. */
export function idleBeyond(pieces: readonly Piece[], graceS: number): number {
  return pieces.reduce((sum, { fromMs, untilMs }) => sum + Math.max(untilMs - fromMs - graceS * 1000, 0), 0)
}

/** Since when it has been idle without a break up to the newest counted point, ms; null = it is not, or a newer reading says something that is not counted yet. */
export function idleSince(count: Count, pieces: readonly Piece[]): number | null {
  const last = pieces.at(-1)
  return !count.isBehind && last !== undefined && last.untilMs === count.points.at(-1)?.atMs ? last.fromMs : null
}

/** The stretches between counted points with less than 100 W, neighbours as one; of a step that is not plausible nobody knows what flowed. */
function restOf({ points }: Count): Piece[] {
  const pieces: { fromMs: number; untilMs: number }[] = []
  for (let index = 1; index < points.length; index++) {
    const [before, after] = [points[index - 1]!, points[index]!]
    // mWh × 3,600 / ms are watts.
    if (after.isUnknown === true || after.atMs <= before.atMs || (after.mWh - before.mWh) * 36 >= after.atMs - before.atMs) continue
    const last = pieces.at(-1)
    if (last?.untilMs === before.atMs) last.untilMs = after.atMs
    else pieces.push({ fromMs: before.atMs, untilMs: after.atMs })
  }
  return pieces
}

function pausedOf(statuses: readonly StatusAt[], endMs: number): Piece[] {
  return statuses.flatMap(([fromMs, status], index) => (status === 'SuspendedEVSE' ? [{ fromMs, untilMs: statuses[index + 1]?.[0] ?? endMs }] : []))
}

/** Sorted, neighbouring and overlapping pieces as one. */
function union(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces.filter(({ fromMs, untilMs }) => untilMs > fromMs).toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1)
    if (last !== undefined && piece.fromMs <= last.untilMs) joined[joined.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, piece.untilMs) }
    else joined.push(piece)
  }
  return joined
}

/** What of a piece lies in none of `taken`, which is sorted and joined. */
function without(piece: Piece, taken: readonly Piece[]): Piece[] {
  const left: Piece[] = []
  let fromMs = piece.fromMs
  for (const one of taken) {
    if (one.untilMs <= fromMs) continue
    if (one.fromMs >= piece.untilMs) break
    if (one.fromMs > fromMs) left.push({ fromMs, untilMs: one.fromMs })
    fromMs = one.untilMs
  }
  return fromMs < piece.untilMs ? [...left, { fromMs, untilMs: piece.untilMs }] : left
}
