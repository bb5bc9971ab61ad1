// How strongly a session charged: its peak over a minute, and its average while energy flowed.
import { energyAt, type Count } from './count.ts'

const minuteMs = 60_000
/** Less than this is no flow, W. */
const restW = 100

/** mWh over ms as W. */
function watts(energyMWh: number, durationMs: number): number {
  return (energyMWh * 3_600) / durationMs
}

/**
 * The highest mean power over one minute between the start and the newest counted point (a session of less than a minute is one window),
 * whole W; null when nothing was counted. Energy flows evenly between counted points, so the strongest minute begins or ends at one of
 * them; a register that steps coarsely within a minute makes no peak of its own.
 */
export function peakOf(count: Count): number | null {
  const { points, energyMWh } = count
  const [startMs, endMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0]
  const lengthMs = Math.min(minuteMs, endMs - startMs)
  if (energyMWh === 0 || lengthMs <= 0) return null
  // At its two ends the count is exact also where energy stepped at one instant.
  const upTo = (atMs: number): number => (atMs >= endMs ? energyMWh : energyAt(count, atMs))
  let highestMWh = 0
  for (const { atMs } of points) {
    for (const fromMs of [atMs, atMs - lengthMs]) {
      if (fromMs >= startMs && fromMs + lengthMs <= endMs) highestMWh = Math.max(highestMWh, upTo(fromMs + lengthMs) - upTo(fromMs))
    }
  }
  return Math.round(watts(highestMWh, lengthMs))
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
