// The building's load as it must be counted: the site meter less what the cars are known to draw; falls slowly, rises at once.
import type { Pair } from './limits.ts'
import { phases, type Phase, type PhaseAmps } from './site.ts'

/** A car's part in the site meter's reading, per site phase. */
export interface CarShare {
  readonly reservedA: PhaseAmps
  /** null = no fresh reading: subtracted as 0. */
  readonly measuredA: PhaseAmps | null
  /** Nothing has been heard of it since it should have followed a lowering: what it draws if it has; absent = it was heard, or was not lowered. */
  readonly followedA?: PhaseAmps
  /** The reading is so new that it may also prove a fall: a car that went silent must not make the building look emptier. */
  readonly isRecent: boolean
  /** Its limit changed after its last sample, so it may be ramping. */
  readonly changedSinceSample: boolean
  /** When its limit changed, ms; absent = long ago. */
  readonly changedAtMs?: number
  /** Nobody sees what it draws, and it may load its phases unalike: all it may draw is no building that would balance another phase. */
  readonly isHidden?: boolean
  /** It loads all phases alike: heard lately or not, it levels nothing between them and tilts nothing. */
  readonly isLevel?: boolean
}

/** `againstA` = what a phase is taken for where another is held against it; absent = the same. */
interface Estimate { readonly atMs: number; readonly baseA: PhaseAmps; readonly againstA?: PhaseAmps; /** What it is taken for where it is held against another. */ readonly overA?: PhaseAmps; /** The same of this reading alone; absent = `baseA`. */ readonly aboveA?: PhaseAmps; /** The worst case, of a time without a meter. */ readonly gap?: true; /** When it was read, where cars that ramp have hidden it since. */ readonly seenAtMs?: number }

/** Without what cars that nobody sees may draw, and with it. */
interface Seen { readonly leastA: PhaseAmps; readonly mostA: PhaseAmps }
interface Lately { readonly sinceMs: number; readonly highest: Seen; readonly before: Seen }

export interface BaseState {
  /** The last reading of the site meter. */
  readonly meterA: PhaseAmps | null
  readonly meterAtMs: number | null
  /** Estimates of the last `holdMs` and two sample intervals, ascending in time: a fall counts only when the whole hold agrees. */
  readonly window: readonly Estimate[]
  /** A rise taken for cars ramping between their samples: it counts then all the same. */
  readonly ramp: { readonly sinceMs: number; readonly untilMs: number; readonly baseA: PhaseAmps } | null
  /** The highest estimates of this sample interval and of the one before: what a car lets go between its samples is no fall of the building. */
  readonly lately?: Lately
}

export interface BaseSettings {
  readonly worstCaseA: PhaseAmps
  readonly staleAfterMs: number
  readonly creditExport: boolean
  /** How long a fall must hold: 30 s, or longer than a reading is recent, and two readings of the meter more. */
  readonly holdMs: number
  readonly sampleIntervalMs: number
}

export type BaseStatus = 'fresh' | 'stale' | 'never'

const nothing: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
/** So much more than ramping cars may be is noise of the meter, A, or of what it reads: that much counts, and the rest waits for their samples. */
const noise = { amps: 0.5, part: 0.01 }
export const noBase: BaseState = { meterA: null, meterAtMs: null, window: [], ramp: null }

export function baseStatus(state: BaseState, settings: BaseSettings, nowMs: number): BaseStatus {
  if (state.meterAtMs === null) return 'never'
  return nowMs - state.meterAtMs > settings.staleAfterMs ? 'stale' : 'fresh'
}

/** When the reading turns stale; null = it already is, or never came. */
export function staleAtMs(state: BaseState, settings: BaseSettings, nowMs: number): number | null {
  return baseStatus(state, settings, nowMs) === 'fresh' ? state.meterAtMs! + settings.staleAfterMs + 1 : null
}

/** The base load counted now, amps per phase: the worst case unless the meter is fresh (I4). */
export function countedBase(state: BaseState, settings: BaseSettings, nowMs: number): PhaseAmps {
  if (baseStatus(state, settings, nowMs) !== 'fresh') return settings.worstCaseA
  const counted: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  for (const phase of phases) {
    let highest = -Infinity
    for (const estimate of state.window) if (nowMs - estimate.atMs < settings.holdMs || estimate === state.window.at(-1)) highest = Math.max(highest, estimate.baseA[phase])
    if (state.ramp !== null && nowMs >= state.ramp.untilMs) highest = Math.max(highest, state.ramp.baseA[phase])
    counted[phase] = settings.creditExport ? highest : Math.max(0, highest)
  }
  return counted
}

/** What one phase may carry more of the base load than another: the most of the whole window; of a meter that went silent, all that the worst case allows. */
export function countedBetween(state: BaseState, settings: BaseSettings, nowMs: number): Record<Pair, number> {
  const { worstCaseA, creditExport } = settings
  const status = baseStatus(state, settings, nowMs)
  const window = status === 'fresh' ? state.window.filter((one) => nowMs - one.atMs < keptMs(settings) || one === state.window.at(-1)) : [{ atMs: nowMs, baseA: worstCaseA, ...(status === 'stale' ? { againstA: nothing } : {}) }]
  const ramp = status === 'fresh' && state.ramp !== null && nowMs >= state.ramp.untilMs ? [{ atMs: nowMs, baseA: state.ramp.baseA }] : []
  const all: readonly Estimate[] = [...window, ...ramp]
  const apart = (one: number, other: number) => (creditExport ? one - other : Math.max(one - other, Math.max(0, one) - Math.max(0, other)))
  // What is held against the other counts for this one as well: a car on both that lets go unseen levels nothing.
  const between = (one: Phase, other: Phase) => Math.max(...all.map(({ baseA, againstA = baseA, aboveA = baseA, overA = aboveA }) => apart(Math.max(aboveA[one], overA[one]), againstA[other])))
  return {
    'L1-L2': between('L1', 'L2'), 'L1-L3': between('L1', 'L3'), 'L2-L1': between('L2', 'L1'), 'L2-L3': between('L2', 'L3'),
    'L3-L1': between('L3', 'L1'), 'L3-L2': between('L3', 'L2'),
  }
}

/** When the counted base may change next by time alone; null = not without a new reading. */
export function nextChangeMs(state: BaseState, settings: BaseSettings, nowMs = -Infinity): number | null {
  const first = state.window.find((one) => one.atMs + settings.holdMs > nowMs)
  const fallMs = first === undefined || first === state.window.at(-1) ? Infinity : first.atMs + settings.holdMs
  const riseMs = state.ramp === null || state.ramp.untilMs <= nowMs ? Infinity : state.ramp.untilMs
  return Math.min(fallMs, riseMs) === Infinity ? null : Math.min(fallMs, riseMs)
}

/**
 * A new reading of the site meter. A reading at or above `limitA` on a phase counts at once; a rise that cars
 * changed since their last sample can explain waits for their next sample, at most one sample interval; what is a little
 * too much for them counts meanwhile. Above the limit a car that was lowered and has not been heard since counts as if it had followed.
 */
export function readMeter(state: BaseState, meterA: PhaseAmps, cars: readonly CarShare[], limitA: PhaseAmps, settings: BaseSettings, nowMs: number): BaseState {
  const wasFresh = baseStatus(state, settings, nowMs) === 'fresh'
  const counted = countedBase(state, settings, nowMs)
  const estimate: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const aboveA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const leastA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const mostA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  /** The least that it is if the cars have taken up all they may. */
  const floorA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  let ramping = wasFresh && cars.some((car) => car.changedSinceSample)
  let rises = false
  // The highest of the last sample interval: what a lowered car has let go unseen comes back with its sample.
  const before = wasFresh ? state.window.filter((one, index) => one.gap !== true && (nowMs - seenAtMs(one) <= settings.sampleIntervalMs || index === state.window.length - 1)) : []
  const highestBefore = before.reduce<PhaseAmps | null>((highest, { baseA }) => (highest === null ? baseA : highestOf(highest, baseA)), null) ?? counted
  for (const phase of phases) {
    let drawn = 0
    let drawnLately = 0
    let drawnAlike = 0
    let mayRamp = 0
    let hidden = 0
    for (const car of cars) {
      const said = car.measuredA === null ? 0 : Math.min(car.measuredA[phase], car.reservedA[phase])
      // Above the limit a car that was lowered is not waited for until its next sample: what it has let go may be the building by now.
      const measured = meterA[phase] > limitA[phase] ? Math.min(said, car.followedA?.[phase] ?? said) : said
      drawn += measured
      hidden += said - measured
      if (car.isRecent) drawnLately += measured
      else if (car.isLevel === true) drawnAlike += measured
      if (car.isHidden === true) hidden += car.reservedA[phase]
      if (car.changedSinceSample) mayRamp += car.reservedA[phase] - measured
    }
    const rise = meterA[phase] - drawn - counted[phase]
    // What still counts high only because a fall has not held yet does not explain what cars may be.
    const growth = meterA[phase] - drawn - Math.min(counted[phase], highestBefore[phase])
    // It rises by every fresh reading, and falls only as far as the recent ones say.
    estimate[phase] = rise >= 0 ? meterA[phase] - drawn : Math.min(counted[phase], meterA[phase] - drawnLately)
    aboveA[phase] = rise >= 0 ? estimate[phase] : Math.min(counted[phase], meterA[phase] - drawnLately - drawnAlike)
    mostA[phase] = meterA[phase] - drawn
    leastA[phase] = mostA[phase] - hidden
    floorA[phase] = mostA[phase] - mayRamp
    if (growth > 1e-9) {
      rises = true
      const unexplained = (rise > 1e-9 ? rise : growth) - mayRamp
      if (unexplained > Math.max(noise.amps, noise.part * meterA[phase]) + 1e-9 || meterA[phase] > limitA[phase]) ramping = false
    }
  }
  const sinceMs = state.ramp?.sinceMs ?? nowMs
  // Who was told something since then has an interval of its own, and nobody a third.
  const again = cars.some((car) => car.changedSinceSample && (car.changedAtMs ?? -Infinity) > sinceMs)
  const untilMs = sinceMs + (again ? 2 : 1) * settings.sampleIntervalMs
  const waits = rises && ramping && nowMs < untilMs
  const window = state.window.filter((one) => nowMs - one.atMs < keptMs(settings))
  // A gap (or the time before the first reading) leaves the worst case behind as an estimate, so that coming back needs a whole window of fresh data.
  if (!wasFresh) window.push({ atMs: nowMs - 1, baseA: settings.worstCaseA, gap: true, ...(state.meterAtMs === null ? {} : { againstA: nothing }) })
  const lately = latelyAfter(wasFresh ? state.lately : undefined, { leastA, mostA: waits ? lowestOf(mostA, highestOf(counted, floorA)) : mostA }, settings.sampleIntervalMs, nowMs)
  const last = window.at(-1)
  // A fall holds from the first reading that shows it, not from the last one before.
  if (wasFresh && !waits && last !== undefined && phases.some((phase) => estimate[phase] < last.baseA[phase])) window.push({ ...last, atMs: nowMs - 1 })
  if (!waits) window.push({ atMs: nowMs, baseA: estimate, aboveA, againstA: highestOf(lately.highest.leastA, lately.before.leastA), overA: highestOf(lately.highest.mostA, lately.before.mostA) })
  // Behind cars that ramp nothing is seen: a fall that was seen for less than a sample interval does not go on holding. One seen for longer does: else what a car did between its samples would count on and on.
  else {
    const baseA = highestOf(lowestOf(counted, highestBefore), floorA)
    window.push({ againstA: last?.baseA ?? counted, ...last, atMs: nowMs, baseA, aboveA: baseA, seenAtMs: Math.max(...before.map(seenAtMs)) })
  }
  return { meterA, meterAtMs: nowMs, window: thin(window, keptMs(settings)), lately, ramp: waits ? { sinceMs, untilMs, baseA: estimate } : null }
}

/**
 * Keeps the window small: an estimate that a newer, higher one covers on every phase and between any two says nothing any more, and those of
 * one sixtieth of that time count as one, at their worst (forgetting one would let the base fall early).
 */
function thin(window: BaseState['window'], lengthMs: number): BaseState['window'] {
  const last = window.at(-1)
  if (last === undefined) return window
  const sliceOf = (atMs: number) => Math.floor((atMs / lengthMs) * 60)
  const kept: BaseState['window'][number][] = []
  for (const one of window) {
    if (one !== last && isCovered(one, last)) continue
    const before = kept.at(-1)
    if (before === undefined || one === last || sliceOf(before.atMs) !== sliceOf(one.atMs)) kept.push(one)
    else kept[kept.length - 1] = { atMs: one.atMs, baseA: highestOf(before.baseA, one.baseA), aboveA: highestOf(before.aboveA ?? before.baseA, one.aboveA ?? one.baseA), againstA: lowestOf(before.againstA ?? before.baseA, one.againstA ?? one.baseA), overA: highestOf(before.overA ?? before.aboveA ?? before.baseA, one.overA ?? one.aboveA ?? one.baseA), ...(before.gap === true || one.gap === true ? { gap: true } : {}), ...(seenAtMs(one) === one.atMs ? {} : { seenAtMs: Math.max(seenAtMs(before), seenAtMs(one)) }) }
  }
  return kept
}

function seenAtMs(one: Estimate): number {
  return one.seenAtMs ?? one.atMs
}

/** How long estimates are kept: between phases what was lately higher may hide a tilt for two sample intervals, and what was before shows it meanwhile. */
function keptMs({ holdMs, sampleIntervalMs }: BaseSettings): number {
  return holdMs + 2 * sampleIntervalMs
}

function latelyAfter(before: BaseState['lately'], seen: Seen, intervalMs: number, nowMs: number): Lately {
  if (before === undefined || nowMs - before.sinceMs >= 2 * intervalMs) return { sinceMs: nowMs, highest: seen, before: seen }
  if (nowMs - before.sinceMs >= intervalMs) return { sinceMs: nowMs, highest: seen, before: before.highest }
  return { ...before, highest: { leastA: highestOf(before.highest.leastA, seen.leastA), mostA: highestOf(before.highest.mostA, seen.mostA) } }
}

function isCovered(one: Estimate, last: Estimate): boolean {
  const apart = ({ baseA, againstA = baseA, aboveA = baseA, overA = aboveA }: Estimate, phase: Phase, other: Phase) => Math.max(aboveA[phase], overA[phase]) - againstA[other]
  return phases.every((phase) => one.baseA[phase] <= last.baseA[phase] && phases.every((other) => phase === other || apart(one, phase, other) <= apart(last, phase, other) + 1e-9))
}

function lowestOf(a: PhaseAmps, b: PhaseAmps): PhaseAmps {
  return { L1: Math.min(a.L1, b.L1), L2: Math.min(a.L2, b.L2), L3: Math.min(a.L3, b.L3) }
}

function highestOf(a: PhaseAmps, b: PhaseAmps): PhaseAmps {
  return { L1: Math.max(a.L1, b.L1), L2: Math.max(a.L2, b.L2), L3: Math.max(a.L3, b.L3) }
}
