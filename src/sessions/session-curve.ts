// The shape of a session: its power over time, its peak, its average, its taper, and how well its power samples agree with its register.
import { energyAt, type Count } from './count.ts'

/** The mean power from `fromMs` until `untilMs`, W. */
export interface CurveBucket { readonly fromMs: number; readonly untilMs: number; readonly powerW: number }

const mostBuckets = 3_000
const minuteMs = 60_000
/** Less than this is no flow, W. */
const restW = 100
const taperShare = 0.8
/** Two power samples further apart say nothing of the time between. */
const longestGapMs = 900_000

/** mWh over ms as W. */
function watts(energyMWh: number, durationMs: number): number {
  return durationMs <= 0 ? 0 : (energyMWh * 3_600) / durationMs
}

/** The mean power of each bucket from the start to `untilMs`; buckets begin at whole multiples of `bucketMs` (UTC), the first and last are cut. More than 3,000 would be made longer by whole factors. */
export function curveOf(count: Count, bucketMs: number): CurveBucket[] {
  const startMs = count.points[0]?.atMs ?? count.untilMs
  const factor = Math.max(1, Math.ceil((count.untilMs - startMs) / (bucketMs * (mostBuckets - 1))))
  const widthMs = bucketMs * factor
  const buckets: CurveBucket[] = []
  for (let fromMs = startMs; fromMs < count.untilMs;) {
    const untilMs = Math.min((Math.floor(fromMs / widthMs) + 1) * widthMs, count.untilMs)
    buckets.push({ fromMs, untilMs, powerW: Math.round(watts(energyAt(count, untilMs) - energyAt(count, fromMs), untilMs - fromMs)) })
    fromMs = untilMs
  }
  return buckets
}

/** The energies of all windows of one minute that begin or end at a counted point: no other minute can hold more, since energy flows evenly between points. A session of less than a minute is one window. */
function minutes(count: Count): { readonly untilMs: number; readonly powerW: number }[] {
  const { points } = count
  const [startMs, endMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0]
  const lengthMs = Math.min(minuteMs, endMs - startMs)
  if (lengthMs <= 0) return []
  return [...new Set(points.flatMap(({ atMs }) => [atMs, atMs + lengthMs]))]
    .filter((untilMs) => untilMs >= startMs + lengthMs && untilMs <= endMs)
    .toSorted((a, b) => a - b)
    .map((untilMs) => ({ untilMs, powerW: watts(energyAt(count, untilMs) - energyAt(count, untilMs - lengthMs), lengthMs) }))
}

/** The highest mean power over one minute, W; null when nothing was counted. A register that steps coarsely within a minute makes no peak of its own. */
export function peakOf(count: Count): number | null {
  if (count.energyMWh === 0) return null
  const peakW = minutes(count).reduce((highest, { powerW }) => Math.max(highest, powerW), 0)
  return peakW === 0 ? null : Math.round(peakW)
}

/** The mean power over the time in which energy flowed (100 W and more between two counted points), W; null when none did. */
export function averageOf({ points }: Count): number | null {
  let [energyMWh, durationMs] = [0, 0]
  for (let index = 1; index < points.length; index++) {
    const [before, after] = [points[index - 1]!, points[index]!]
    const [deltaMWh, deltaMs] = [after.mWh - before.mWh, after.atMs - before.atMs]
    if (deltaMs <= 0 || watts(deltaMWh, deltaMs) < restW) continue
    energyMWh += deltaMWh
    durationMs += deltaMs
  }
  return durationMs === 0 ? null : Math.round(watts(energyMWh, durationMs))
}

/** From when on no minute came up to 80 % of the peak any more, and the energy (whole mWh) that still flowed; null when nothing was counted. */
export function taperOf(count: Count): { readonly fromMs: number; readonly energyMWh: number } | null {
  const all = minutes(count)
  const peakW = all.reduce((highest, { powerW }) => Math.max(highest, powerW), 0)
  const last = all.findLast(({ powerW }) => powerW >= peakW * taperShare)
  return last === undefined || peakW === 0 ? null : { fromMs: last.untilMs, energyMWh: count.energyMWh - energyAt(count, last.untilMs) }
}

export interface Efficiency {
  /** What the samples of power come to, straight lines between them, and what the register counted in the same time; Wh. */
  readonly sampledWh: number
  readonly registerWh: number
  /** Register by samples; null where the samples come to nothing. */
  readonly ratio: number | null
  /** The time they speak of, ms: gaps of more than 15 min between two samples are left out. */
  readonly coveredMs: number
}

/** Compares samples of power (in order of time) with the register; null when they cover nothing of the session. */
export function efficiencyOf(count: Count, samples: readonly { readonly atMs: number; readonly powerW: number }[]): Efficiency | null {
  const [startMs, endMs] = [count.points[0]?.atMs ?? 0, count.points.at(-1)?.atMs ?? 0]
  const within = samples.filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
  let [sampledWms, registerMWh, coveredMs] = [0, 0, 0]
  for (let index = 1; index < within.length; index++) {
    const [before, after] = [within[index - 1]!, within[index]!]
    const gapMs = after.atMs - before.atMs
    if (gapMs <= 0 || gapMs > longestGapMs) continue
    sampledWms += ((before.powerW + after.powerW) / 2) * gapMs
    registerMWh += energyAt(count, after.atMs) - energyAt(count, before.atMs)
    coveredMs += gapMs
  }
  if (coveredMs === 0) return null
  const sampledWh = Math.round(sampledWms / 3_600) / 1000
  const registerWh = registerMWh / 1000
  return { sampledWh, registerWh, ratio: sampledWh > 0 ? Math.round((registerWh / sampledWh) * 10_000) / 10_000 : null, coveredMs }
}
