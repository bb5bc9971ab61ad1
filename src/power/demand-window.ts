// The demand window of capacity tariffs: what may still be drawn so that the mean of a clock quarter of an hour keeps its target.

export const windowMs = 900_000
/** In the last minute the allowance only falls: what is left over would be a spike that the next window pays for. */
const lastMs = 60_000

/** What was drawn in the window as far as it is known; times are of the wall clock, ms. */
export interface DemandState {
  readonly windowAtMs: number
  /** Watt-seconds from the start of the window until `uptoMs`. */
  readonly energyWs: number
  readonly uptoMs: number
  /** What was drawn at `uptoMs`; null = not known. */
  readonly lastW: number | null
  /** The most that may have been drawn since then. */
  readonly worstW: number
  readonly allowedW: number
}

/** What is seen now: the newest measurement of the import, if any, and the most that could be drawn. */
export interface Draw {
  readonly drawnW: number | null
  readonly drawnAtMs: number
  readonly worstW: number
}

export interface DemandSettings {
  readonly targetW: number
  /** Smaller changes of the allowance are none, W. */
  readonly stepW: number
  /** A measurement says nothing of what is longer away from it. */
  readonly staleAfterMs: number
}

/** The window a moment lies in. */
export function windowOf(ms: number): number {
  return Math.floor(ms / windowMs) * windowMs
}

/** Counts on to `nowMs`. What nobody measured counts at the worst that was reserved, also the time before the first look (I4). */
export function countOn(before: DemandState | null, seen: Draw, settings: DemandSettings, nowMs: number): DemandState {
  const state = within(before, seen, settings, nowMs)
  const worstW = Math.max(state.worstW, seen.worstW)
  const taken = take({ ...state, worstW }, seen, settings)
  return { ...taken, allowedW: allowance(taken, settings, nowMs) }
}

/** Watt-seconds from the start of the window until `nowMs`. */
export function energyAt({ energyWs, uptoMs, lastW, worstW }: DemandState, { staleAfterMs }: DemandSettings, nowMs: number): number {
  const fresh = lastW !== null && nowMs - uptoMs <= staleAfterMs
  return energyWs + ((nowMs - uptoMs) / 1000) * (fresh ? lastW : Math.max(worstW, lastW ?? 0))
}

/** The state, or that of a window that has begun since. */
function within(before: DemandState | null, seen: Draw, { targetW, staleAfterMs }: DemandSettings, nowMs: number): DemandState {
  const windowAtMs = windowOf(nowMs)
  if (before !== null && before.windowAtMs === windowAtMs && before.uptoMs <= nowMs) return before
  const goesOn = before !== null && before.windowAtMs === windowAtMs - windowMs
  const known = goesOn && windowAtMs - before.uptoMs <= staleAfterMs
  return { windowAtMs, energyWs: 0, uptoMs: windowAtMs, lastW: known ? before.lastW : null, worstW: goesOn ? before.worstW : seen.worstW, allowedW: targetW }
}

function take(state: DemandState, { drawnW, drawnAtMs, worstW }: Draw, { staleAfterMs }: DemandSettings): DemandState {
  const gapMs = drawnAtMs - state.uptoMs
  if (drawnW === null || gapMs < -staleAfterMs) return state
  if (gapMs <= 0) return state.lastW === null ? { ...state, lastW: drawnW } : state
  const meanW = state.lastW !== null && gapMs <= staleAfterMs ? (state.lastW + drawnW) / 2 : Math.max(state.worstW, drawnW)
  return { ...state, energyWs: state.energyWs + meanW * (gapMs / 1000), uptoMs: drawnAtMs, lastW: drawnW, worstW }
}

/** (target × window − energy so far) / time left, in whole steps from the target: falls once it is half a step too high, rises by whole steps. Never below 0. */
function allowance(state: DemandState, settings: DemandSettings, nowMs: number): number {
  const { targetW, stepW } = settings
  const leftMs = state.windowAtMs + windowMs - nowMs
  const exactW = (targetW * windowMs - energyAt(state, settings, nowMs) * 1000) / leftMs
  const floored = Math.max(0, targetW + Math.floor((exactW - targetW) / stepW + 1e-9) * stepW)
  if (exactW < state.allowedW - stepW / 2) return floored
  return leftMs > lastMs && floored > state.allowedW ? floored : state.allowedW
}
