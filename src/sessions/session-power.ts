// How strongly a session charged: its peak over a minute, and its average while energy flowed.
import type { Count, CountedPoint } from './count.ts'

const minuteMs = 60_000
/** Less than this is no flow, W (docs/transactions.md, idle). */
export const restW = 100

/** mWh over ms as W. */
function watts(energyMWh: number, durationMs: number): number {
  return (energyMWh * 3_600) / durationMs
}

/**
 * The highest mean power over one minute between the start and the newest counted point (a session of less than a minute is one window),
 * whole W; null when nothing was counted. Energy flows evenly between counted points, so the strongest minute begins or ends at one of
 * them; a register that steps coarsely within a minute makes no peak of its own.
 */
export function peakOf({ points, energyMWh }: Count): number | null {
  const [startMs, endMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0]
  const lengthMs = Math.min(minuteMs, endMs - startMs)
  if (energyMWh === 0 || lengthMs <= 0) return null
  const [upToBegin, upToEnd] = [reader(points), reader(points)]
  let highestMWh = 0
  for (const { atMs, mWh } of points) {
    if (atMs - lengthMs >= startMs) highestMWh = Math.max(highestMWh, mWh - upToBegin(atMs - lengthMs))
    if (atMs + lengthMs <= endMs) highestMWh = Math.max(highestMWh, upToEnd(atMs + lengthMs) - mWh)
  }
  return Math.round(watts(highestMWh, lengthMs))
}

/** Reads the energy at instants that are asked for in order, between the first and the last point. */
function reader(points: readonly CountedPoint[]): (atMs: number) => number {
  let next = 1
  return (atMs) => {
    while (next < points.length - 1 && points[next]!.atMs < atMs) next++
    const [before, after] = [points[next - 1]!, points[next]!]
    return after.atMs <= before.atMs ? after.mWh : before.mWh + ((after.mWh - before.mWh) * (atMs - before.atMs)) / (after.atMs - before.atMs)
  }
}

/** The mean power over the time in which energy flowed (100 W and more between two counted points), whole W; null when none did. */
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

/** Of a burst that is shorter than the minute of the peak, the average while it draws would be above it. */
export function powerOf(count: Count): { readonly peakW: number | null; readonly averageW: number | null } {
  const [peakW, averageW] = [peakOf(count), averageOf(count)]
  return { peakW, averageW: peakW === null || averageW === null ? averageW : Math.min(averageW, peakW) }
}
