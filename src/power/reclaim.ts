// Reclaim and probe (decision rule 2): what a car does not take is taken off its cap, and given back as soon as it draws again.
import { ceilTo } from './allocate.ts'

export interface Reclaim {
  /** The most its car has shown to use, A, and one above; null = nothing is held back. Never counts below the connector's minimum. */
  readonly capA: number | null
  /** What it drew at most when it was capped, A. */
  readonly shownA: number
  readonly changedAtMs: number
  /** The limit changed then, and the car had time to follow: a sample from before says nothing about what it takes. */
  readonly fromMs: number
  /** Live samples in a row that stayed below the limit: since when, and the last three. */
  readonly below: { readonly sinceMs: number; readonly lastA: readonly number[] } | null
}

export interface Draw {
  readonly drawnA: number
  readonly measuredAtMs: number
  readonly atMs: number
}

/** What the connector may be given: its minimum and its hardware, A. */
export interface Bounds { readonly leastA: number; readonly mostA: number }

const rule = { samples: 3, forMs: 30_000, probeA: 4, idleMs: 300_000, idleStepA: 1, noiseA: 0.25 }

const nothing: Reclaim = { capA: null, shownA: 0, changedAtMs: 0, fromMs: 0, below: null }

/** A car draws less than `limitA` when it leaves more than max(1 A, 10 %). */
function leavesUnused(drawnA: number, limitA: number): boolean {
  return drawnA < limitA - Math.max(1, limitA / 10) - 1e-9
}

/**
 * After a live sample: three of them over 30 s below the limit cap the car at the most of the last three, and one A; one that comes within
 * 1 A of the cap, and above what was seen when it was capped, probes up by 4 A. `limitA` = the limit that is confirmed and settled; null = it moves, or there is none.
 */
export function reclaim(known: Reclaim | undefined, { drawnA, measuredAtMs, atMs }: Draw, limitA: number | null, bounds: Bounds): Reclaim | undefined {
  const state = known ?? nothing
  const capA = state.capA === null ? null : Math.max(bounds.leastA, state.capA)
  if (capA !== null && drawnA >= capA - 1 - 1e-9 && drawnA > state.shownA + rule.noiseA) return raiseCap({ ...state, shownA: 0 }, capA + rule.probeA, atMs, bounds.mostA)
  if (limitA === null || measuredAtMs < state.fromMs || !leavesUnused(drawnA, limitA)) return state.below === null ? known : { ...state, below: null }
  const { below } = state
  // Not all of them: the first may be from the ramp.
  const seen = { sinceMs: below?.sinceMs ?? measuredAtMs, lastA: [...(below?.lastA ?? []), drawnA].slice(-rule.samples) }
  if (seen.lastA.length < rule.samples || measuredAtMs - seen.sinceMs < rule.forMs) return { ...state, below: seen }
  const mostA = Math.max(...seen.lastA)
  const toA = Math.max(bounds.leastA, Math.ceil(mostA + 1 - 1e-9))
  return toA < limitA - 1e-9 && toA < (capA ?? Infinity) ? { ...state, capA: toA, shownA: mostA, changedAtMs: atMs, below: null } : { ...state, below: seen }
}

/** The limit is another now: the car follows it before it says anything about what it takes. */
export function followLimit(known: Reclaim | undefined, fromMs: number): Reclaim {
  return { ...(known ?? nothing), fromMs, below: null }
}

/** When a cap that has not moved may be probed, ms; null = there is none. */
export function idleAtMs(known: Reclaim | undefined): number | null {
  return known === undefined || known.capA === null ? null : known.changedAtMs + rule.idleMs
}

/** What an idle cap is probed up to: a step of the connector, or as much as is worth a raising. */
export function probedA(capA: number, stepA: number): number {
  return capA + ceilTo(rule.idleStepA, stepA)
}

/** The state with a higher cap; at the hardware there is none any more. */
export function raiseCap(state: Reclaim, toA: number, atMs: number, mostA: number): Reclaim {
  return { ...state, capA: toA >= mostA - 1e-9 ? null : toA, changedAtMs: atMs, below: null }
}
