// The energy of a transaction from its register: the difference of its ends where that can be, else its plausible steps.
import type { Point } from './curve.ts'

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
export interface CountedPoint { readonly atMs: number; readonly mWh: number }

export interface Count {
  /** Whole mWh. */
  readonly energyMWh: number
  readonly mode: 'whole' | 'steps'
  /** Steps that cannot be: of those that make the energy, or the whole one where nothing else is known. */
  readonly anomalies: number
  /** The stop; while it runs, now. */
  readonly untilMs: number
  /** From the start to the stop (while it runs: to the newest reading), in order; the energy never falls. */
  readonly points: readonly CountedPoint[]
}

/** A register in whole mWh. */
function milli(energyWh: number): number {
  return Math.round(energyWh * 1000)
}

/** May a register have gone up by `deltaMWh` in `durationMs` behind hardware of `maxPowerW`? 20 % more and 100 Wh are allowed. */
export function isPlausible(deltaMWh: number, durationMs: number, maxPowerW: number): boolean {
  // 1.2 × W × ms / 3,600 are mWh; multiplied by 3,000 both sides stay whole.
  return deltaMWh >= 0 && (deltaMWh - 100_000) * 3_000 <= maxPowerW * Math.max(durationMs, 0)
}

/** A reading in whole mWh. */
interface Mark { readonly atMs: number; readonly mWh: number }

/**
 * Counts a transaction (docs/transactions.md, energy). `points` are its kept readings in order of time, one per instant; those before
 * its start or after its stop count nothing. Without a stop meter the newest reading stands for it, and `untilMs` is the stop time or now.
 */
export function countEnergy(session: Session, points: readonly Point[], nowMs: number): Count {
  const start: Mark = { atMs: Math.floor(session.startedAtMs), mWh: milli(session.meterStartWh) }
  const stoppedMs = session.stoppedAtMs === null ? null : Math.max(Math.floor(session.stoppedAtMs), start.atMs)
  const isStopped = stoppedMs !== null && session.meterStopWh !== null
  const marks: Mark[] = []
  for (const { atMs, energyWh } of points) {
    const ms = Math.floor(atMs)
    if (ms >= start.atMs && (!isStopped || ms <= stoppedMs)) marks.push({ atMs: ms, mWh: milli(energyWh) })
  }
  if (isStopped) {
    const stop: Mark = { atMs: stoppedMs, mWh: milli(session.meterStopWh) }
    return countBetween(start, marks, stop, stoppedMs, session.maxPowerW, isAllThatWasSaid(start, marks, stop))
  }
  let newest = marks.pop()
  if (newest !== undefined) {
    const before = marks.at(-1) ?? start
    if (!isPlausible(newest.mWh - before.mWh, newest.atMs - before.atMs, session.maxPowerW)) newest = marks.pop()
  }
  const end = newest ?? start
  return countBetween(start, marks, end, Math.max(end.atMs, stoppedMs ?? Math.floor(nowMs)), session.maxPowerW)
}

/** No reading contradicts the two: then it is the hardware, or a clock, that is not known rightly. */
function isAllThatWasSaid(start: Mark, between: readonly Mark[], stop: Mark): boolean {
  return stop.mWh >= start.mWh && between.every(({ mWh }) => mWh === start.mWh || mWh === stop.mWh)
}

function countBetween(start: Mark, between: readonly Mark[], stop: Mark, untilMs: number, maxPowerW: number, isWhole = false): Count {
  const wholeMWh = stop.mWh - start.mWh
  const fits = isPlausible(wholeMWh, stop.atMs - start.atMs, maxPowerW)
  if (fits || isWhole) {
    const kept = longestRise(between.filter(({ mWh }) => mWh >= start.mWh && mWh <= stop.mWh))
    const points = [start, ...kept, stop].map(({ atMs, mWh }) => ({ atMs, mWh: mWh - start.mWh }))
    return { energyMWh: wholeMWh, mode: 'whole', anomalies: fits ? 0 : 1, untilMs, points }
  }
  let energyMWh = 0
  let anomalies = 0
  let before = start
  const points: CountedPoint[] = [{ atMs: start.atMs, mWh: 0 }]
  for (const mark of [...between, stop]) {
    const stepMWh = mark.mWh - before.mWh
    if (isPlausible(stepMWh, mark.atMs - before.atMs, maxPowerW)) energyMWh += stepMWh
    else anomalies++
    points.push({ atMs: mark.atMs, mWh: energyMWh })
    before = mark
  }
  return { energyMWh, mode: 'steps', anomalies, untilMs, points }
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
