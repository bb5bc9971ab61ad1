// The energy of a transaction from its register: the difference of its ends where that can be, else its plausible steps.
import type { Point } from './curve.ts'
import { isDoubtful, isPlausible, mostMWh, showsMore, type Mark } from './plausible.ts'

/** What is counted: a transaction record is one. Times are ms since the epoch, by our clock. */
export interface Session {
  readonly startedAtMs: number
  readonly meterStartWh: number
  readonly stoppedAtMs: number | null
  /** null while it runs, and where nobody said. */
  readonly meterStopWh: number | null
  /** What the hardware can deliver at most, noted as it began. */
  readonly maxPowerW: number
}

/** Energy up to an instant: whole mWh since the start. */
export interface CountedPoint {
  readonly atMs: number
  readonly mWh: number
  /** The register has made a step to here that counts nothing: what flowed meanwhile is not known. */
  readonly isUnknown?: true
}

export interface Count {
  /** Whole mWh. */
  readonly energyMWh: number
  readonly mode: 'whole' | 'steps'
  /** Steps that are not plausible: of those that make the energy, the newest one while it waits, or the whole one where nothing else is known; and ends that are no readings. */
  readonly anomalies: number
  /** The stop; while it runs, now. */
  readonly untilMs: number
  /** While it runs: a newer reading is not plausible, and waits for the next one. */
  readonly isBehind: boolean
  /** From the start (where that is no reading: from the first one) to the stop (while it runs: to the newest reading), in order; the energy never falls. */
  readonly points: readonly CountedPoint[]
}

/** What is beyond is no reading: it would not be exact. */
const mostWh = 1e12

/** A register in whole mWh. */
function milli(energyWh: number): number {
  return Math.round(energyWh * 1000)
}

function markOf(atMs: number, energyWh: number): Mark | null {
  return Math.abs(energyWh) <= mostWh ? { atMs, mWh: milli(energyWh) } : null
}

/**
 * Counts a transaction (docs/transactions.md, energy). `points` are its kept readings in order of time, one per instant; those before
 * its start or after its stop count nothing. Without a stop meter the newest reading stands for it, and `untilMs` is the stop time or now.
 */
export function countEnergy(session: Session, points: readonly Point[], nowMs: number): Count {
  const startMs = Math.floor(session.startedAtMs)
  const stoppedMs = session.stoppedAtMs === null ? null : Math.max(Math.floor(session.stoppedAtMs), startMs)
  const isStopped = stoppedMs !== null && session.meterStopWh !== null
  const marks: Mark[] = []
  for (const { atMs, energyWh } of points) {
    const ms = Math.floor(atMs)
    if (ms >= startMs && (!isStopped || ms <= stoppedMs)) marks.push({ atMs: ms, mWh: milli(energyWh) })
  }
  const saidStart = markOf(startMs, session.meterStartWh)
  const stop = isStopped ? markOf(stoppedMs, session.meterStopWh) : null
  const start = saidStart ?? marks[0] ?? stop ?? { atMs: startMs, mWh: 0 }
  const missing = (saidStart === null ? 1 : 0) + (isStopped && stop === null ? 1 : 0)
  const { maxPowerW } = session
  if (stop !== null) return countBetween({ start, between: marks, stop, untilMs: stop.atMs, maxPowerW, missing, isStopped: true })
  const newest = marks.at(-1)
  const before = marks.at(-2) ?? start
  const after = newest === undefined || isPlausible(newest.mWh - before.mWh, newest.atMs - before.atMs, maxPowerW) ? undefined : newest
  const end = after === undefined ? newest ?? start : before
  const untilMs = isStopped ? stoppedMs : Math.max(end.atMs, stoppedMs ?? Math.floor(nowMs))
  return countBetween({ start, between: marks.slice(0, after === undefined ? -1 : -2), stop: end, untilMs, maxPowerW, missing, isStopped: false, after })
}

interface Ends {
  readonly start: Mark
  readonly between: readonly Mark[]
  readonly stop: Mark
  readonly untilMs: number
  readonly maxPowerW: number
  /** Ends that are no readings. */
  readonly missing: number
  /** `stop` is what the charge point said as it stopped. */
  readonly isStopped: boolean
  /** The newest reading, where it waits for the next one. */
  readonly after?: Mark | undefined
}

function countBetween(ends: Ends): Count {
  const { start, between, stop, untilMs, maxPowerW, missing, isStopped, after } = ends
  const isBehind = after !== undefined
  const wholeMWh = stop.mWh - start.mWh
  const fits = isPlausible(wholeMWh, stop.atMs - start.atMs, maxPowerW)
  if (fits || (isStopped && isAllThatWasSaid(start, between, stop))) {
    const kept = longestRise(between.filter(({ mWh }) => mWh >= start.mWh && mWh <= stop.mWh))
    const points = [start, ...kept, stop].map(({ atMs, mWh }) => ({ atMs, mWh: mWh - start.mWh }))
    return { energyMWh: wholeMWh, mode: 'whole', anomalies: missing + (isBehind ? 1 : 0) + (fits ? 0 : 1), untilMs, isBehind, points }
  }
  const isStronger = showsMore([start, ...between, stop, ...(after === undefined ? [] : [after])], maxPowerW)
  let energyMWh = 0
  let anomalies = missing + (isBehind ? 1 : 0)
  let before = start
  const points: CountedPoint[] = [{ atMs: start.atMs, mWh: 0 }]
  for (const mark of [...between, stop]) {
    const [stepMWh, stepMs] = [mark.mWh - before.mWh, mark.atMs - before.atMs]
    const isAsEntered = isPlausible(stepMWh, stepMs, maxPowerW)
    const isCounted = isAsEntered || (isStronger && isDoubtful(stepMWh, stepMs, maxPowerW))
    if (isCounted) energyMWh += stepMWh
    if (!isAsEntered) anomalies++
    points.push(isCounted ? { atMs: mark.atMs, mWh: energyMWh } : { atMs: mark.atMs, mWh: energyMWh, isUnknown: true })
    before = mark
  }
  return { energyMWh, mode: 'steps', anomalies, untilMs, isBehind, points }
}

/** No reading contradicts the two: then it is the hardware, or a clock, that is not known rightly. */
function isAllThatWasSaid(start: Mark, between: readonly Mark[], stop: Mark): boolean {
  const wholeMWh = stop.mWh - start.mWh
  return wholeMWh >= 0 && wholeMWh <= mostMWh && between.every(({ mWh }) => mWh === start.mWh || mWh === stop.mWh)
}

/** The longest sequence that never falls; of several the one that ends lower, looked at from its end (patience sorting). */
function longestRise(marks: readonly Mark[]): Mark[] {
  // ends[l]: where the lowest end of all sequences of l + 1 marks is so far.
  const ends: number[] = []
  const before: number[] = []
  for (let index = 0; index < marks.length; index++) {
    const { mWh } = marks[index]!
    let [low, high] = [0, ends.length]
    if (high > 0 && marks[ends[high - 1]!]!.mWh <= mWh) low = high
    while (low < high) {
      const middle = (low + high) >> 1
      if (marks[ends[middle]!]!.mWh <= mWh) low = middle + 1
      else high = middle
    }
    before.push(low === 0 ? -1 : ends[low - 1]!)
    ends[low] = index
  }
  const rise: Mark[] = []
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) rise.push(marks[index]!)
  return rise.reverse()
}

/** The energy from the start up to an instant, whole mWh, rounded down; 0 at the start and all of it at `untilMs`, so pieces always add up. */
export function energyAt(count: Count, atMs: number): number {
  const { points, energyMWh, untilMs } = count
  if (atMs >= untilMs || points.length === 0) return energyMWh
  if (atMs <= points[0]!.atMs) return 0
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle]!.atMs <= atMs) low = middle + 1
    else high = middle
  }
  const before = points[low - 1]!
  const after = points[low]
  if (after === undefined) return energyMWh
  return before.mWh + share(after.mWh - before.mWh, Math.floor(atMs) - before.atMs, after.atMs - before.atMs)
}

/** `total × part / whole` of whole numbers, rounded down, exactly. */
function share(total: number, part: number, whole: number): number {
  const product = total * part
  if (product > Number.MAX_SAFE_INTEGER) return Number((BigInt(total) * BigInt(part)) / BigInt(whole))
  return (product - (product % whole)) / whole
}
