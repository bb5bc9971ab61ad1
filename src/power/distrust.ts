// A charger that nothing helped against (the last rungs of the ladder): what is counted for it, car or no car, until it is seen to obey.
import { drawsMore, type Disobedience } from './disobedience.ts'

export interface Distrust {
  /** The most it was seen to draw, and what it said that it would, A. */
  readonly drawnA: number
  readonly reportedA: number | null
  /** The first of the samples that prove it to obey; null = the newest does not. */
  readonly obeysSinceMs: number | null
}

/** What a live sample says of it: `limitA` = the most that its profiles allow, null = nothing can be said; `carA` = the most its car takes anyway. */
export interface Proof { readonly drawnA: number; readonly measuredAtMs: number; readonly limitA: number | null; readonly carA: number }

const rule = { provenMs: 30_000, reserve: 1.05, noiseA: 1 }

/** Draws about what it may: not more, and not so much less that it says nothing. */
export function drawsItsLimit(drawnA: number, limitA: number): boolean {
  return !drawsMore(drawnA, limitA) && drawnA >= limitA - Math.max(1, limitA / 10) - 1e-9
}

/** When its transaction ends: where the ladder stands at the stop or beyond, nothing that it was told has helped. */
export function distrustAfter(known: Distrust | null | undefined, state: Disobedience | null | undefined): Distrust | null {
  const helpless = !!state && state.drawnA !== null && (state.tried.includes('stop') || state.tried.includes('operator'))
  if (!helpless) return known ? { ...known, obeysSinceMs: null } : null
  return {
    drawnA: Math.max(known?.drawnA ?? 0, state.mostA ?? 0, state.drawnA ?? 0), obeysSinceMs: null,
    reportedA: state.reportedA === null ? known?.reportedA ?? null : Math.max(state.reportedA, known?.reportedA ?? 0),
  }
}

/** After a live sample of a later transaction: trusted again once it has kept to a limit below what it drew before, and below what its car takes, for 30 s. */
export function prove(state: Distrust, { drawnA, measuredAtMs, limitA, carA }: Proof): Distrust | null {
  const seen = drawnA > state.drawnA ? { ...state, drawnA } : state
  const obeys = limitA !== null && drawnA > rule.noiseA && limitA < carA - 1e-9 && drawsMore(state.drawnA, limitA) && drawsItsLimit(drawnA, limitA)
  if (!obeys) return limitA === null || seen.obeysSinceMs === null ? seen : { ...seen, obeysSinceMs: null }
  if (seen.obeysSinceMs === null) return { ...seen, obeysSinceMs: measuredAtMs }
  return measuredAtMs - seen.obeysSinceMs >= rule.provenMs ? null : seen
}

/** What must be counted for it, whichever car is there, A: 1.05 times what it drew, or what it said, up to the hardware; 0 = it is trusted. */
export function distrustedA(state: Distrust | null | undefined, hardwareA: number): number {
  return state ? Math.min(Math.max(rule.reserve * state.drawnA, state.reportedA ?? 0), Math.max(hardwareA, state.drawnA)) : 0
}
