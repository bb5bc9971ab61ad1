// A charger that accepted a limit and draws more (decision rule 7): when that is certain, what is counted for it, and the ladder of what is tried.

/** What is tried, in this order: the same once more, its TxDefaultProfile, its ChargePointMaxProfile, asking what it means to do, ending the transaction, asking people. */
export const rungs = ['again', 'default', 'maximum', 'schedule', 'stop', 'operator'] as const
export type Rung = (typeof rungs)[number]

export interface Disobedience {
  /** The first and the newest of the live samples above the limit, without one that obeys between them, and how many. */
  readonly sinceMs: number
  readonly lastMs: number
  readonly samples: number
  /** What it draws, A; follows downwards only by more than 5 %, so that the others are not moved by each sample. Null = it obeys again. */
  readonly drawnA: number | null
  /** The most of it; absent = rows of before. */
  readonly mostA?: number
  /** What it says it will do, A; counted like what it draws. */
  readonly reportedA: number | null
  /** Where the ladder stands, and since when; null = it may still be the meter. */
  readonly rung: Rung | null
  readonly rungAtMs: number
  readonly tried: readonly Rung[]
  /** The first of the samples that obey again; null = the newest does not. */
  readonly obeysSinceMs: number | null
}

const rule = { provenMs: 15_000, samples: 2, rungMs: 15_000, calmMs: 30_000, reserve: 1.05, slack: 0.95 }

/** More than its limit by more than max(1 A, 5 %). */
export function drawsMore(drawnA: number, limitA: number): boolean {
  return drawnA > limitA + Math.max(1, limitA * 0.05) + 1e-9
}

/**
 * After a live sample; `limitA` = the most that its profiles may let it take, null = nothing can be said now; `heldA` = what it accepted last. What was never proven is
 * forgotten with the first sample that obeys; the ladder after 30 s of obedience, unless it obeys because of what was tried beyond
 * sending again: then that stays while the transaction runs.
 */
export function watchDraw(state: Disobedience | null, drawnA: number, measuredAtMs: number, limitA: number | null, heldA = limitA ?? 0): Disobedience | null {
  if (limitA === null) return state
  if (drawsMore(drawnA, limitA)) {
    if (state === null) return { sinceMs: measuredAtMs, lastMs: measuredAtMs, samples: 1, drawnA, mostA: drawnA, reportedA: null, rung: null, rungAtMs: measuredAtMs, tried: [], obeysSinceMs: null }
    const before = state.drawnA ?? 0
    const counted = drawnA > before || drawnA < before * rule.slack ? drawnA : before
    const anew = state.obeysSinceMs === null ? {} : { sinceMs: measuredAtMs, samples: 0 }
    const { sinceMs, samples } = { ...state, ...anew }
    return { ...state, sinceMs, lastMs: measuredAtMs, samples: samples + 1, drawnA: counted, mostA: Math.max(state.mostA ?? 0, before, drawnA), obeysSinceMs: null }
  }
  if (state === null || state.rung === null) return null
  // Told to end the transaction it draws less because of that, or because its car goes; not less than what it may have kept, unanswered, but than what it holds.
  if (state.tried.includes('stop') && drawnA < heldA - Math.max(1, heldA / 10) - 1e-9) return state
  if (state.obeysSinceMs === null) return { ...state, obeysSinceMs: measuredAtMs }
  if (measuredAtMs - state.obeysSinceMs < rule.calmMs || state.drawnA === null) return state
  return state.tried.some((rung) => rung === 'default' || rung === 'maximum') ? { ...state, drawnA: null, reportedA: null } : null
}

/** The next rung among `ways`, when its time has come and a sample since the last one says that it did not help; null = it stays where it is. */
export function climb(state: Disobedience, ways: readonly Rung[], nowMs: number, followMs: number): Disobedience | null {
  if (nowMs < climbAtMs(state) || state.obeysSinceMs !== null || state.samples < rule.samples) return null
  if (state.rung !== null && state.lastMs < state.rungAtMs + followMs) return null
  const { rung } = state
  const next = ways.find((way) => rung === null || rungs.indexOf(way) > rungs.indexOf(rung))
  return next === undefined ? null : { ...state, rung: next, rungAtMs: nowMs, tried: [...state.tried, next] }
}

/** When the ladder may go on at the earliest, ms; Infinity = it has ended. */
export function climbAtMs({ rung, rungAtMs, sinceMs }: Disobedience): number {
  if (rung === 'operator') return Infinity
  return rung === null ? sinceMs + rule.provenMs : Math.max(rungAtMs, sinceMs) + rule.rungMs
}

/** What must be counted for it, A: 1.05 times what it draws, or what it says it will draw; 0 = nothing is proven, or it obeys again. */
export function countedA(state: Disobedience | null | undefined): number {
  if (!state || state.rung === null || state.drawnA === null) return 0
  return Math.max(rule.reserve * state.drawnA, state.reportedA ?? 0)
}

/** The most its fallback may be while its TxDefaultProfile is tried instead of the limit it does not follow, A. */
export function heldFallbackA(state: Disobedience | null | undefined, limitA: number): number {
  return state?.tried.includes('default') === true ? limitA : Infinity
}

/** It is disobeying now: alerted, and never raised. */
export function disobeys(state: Disobedience | null | undefined): state is Disobedience {
  return !!state && state.rung !== null && state.obeysSinceMs === null && state.drawnA !== null
}
