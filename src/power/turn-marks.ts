// What a row remembers of its turns: since when it is on or off, its starts, and whether it was paused for another car.
import type { Entry, Row } from './ledger.ts'

type Marks = Pick<Row, 'onSinceMs' | 'offSinceMs' | 'startsAtMs' | 'pausedByTurn' | 'turn' | 'queueSinceMs'>

/** As many starts as are ever asked for. */
const keptStarts = 4

/** What a limit that is booked for the car there changes: given something after nothing, or nothing after something. */
export function switchTurn(row: Row, beforeA: number, { limitA, bookedAtMs }: Pick<Entry, 'limitA' | 'bookedAtMs'>): Marks {
  if (limitA > 0 === beforeA > 0) return {}
  return limitA > 0
    ? { onSinceMs: bookedAtMs, offSinceMs: null, pausedByTurn: false, turn: null }
    : { onSinceMs: null, offSinceMs: bookedAtMs, pausedByTurn: row.turn?.as === 'going', turn: null }
}

/** A start counts once the charge point has taken it. */
export function countStart(row: Row, beforeA: number, afterA: number, atMs: number): Marks {
  return row.transactionId === null || beforeA > 0 || afterA <= 0 ? {} : { startsAtMs: [...(row.startsAtMs ?? []).slice(1 - keptStarts), atMs] }
}

/** The next car begins anew. */
export function forgetTurns(row: Row): Marks {
  if (row.onSinceMs === undefined && row.offSinceMs === undefined && row.startsAtMs === undefined && row.turn === undefined && row.queueSinceMs === undefined) return {}
  return { onSinceMs: null, offSinceMs: null, startsAtMs: [], pausedByTurn: false, turn: null, queueSinceMs: null }
}

/** The same with times moved. */
export function mapTurns({ onSinceMs = null, offSinceMs = null, startsAtMs, turn = null, queueSinceMs = null }: Row, at: (ms: number) => number): Marks {
  return {
    ...(onSinceMs === null ? {} : { onSinceMs: at(onSinceMs) }), ...(offSinceMs === null ? {} : { offSinceMs: at(offSinceMs) }),
    ...(startsAtMs === undefined ? {} : { startsAtMs: startsAtMs.map(at) }), ...(turn === null ? {} : { turn: { ...turn, atMs: at(turn.atMs) } }),
    ...(queueSinceMs === null ? {} : { queueSinceMs: at(queueSinceMs) }),
  }
}
