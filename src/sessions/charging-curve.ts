// How a session charged: its mean power stretch by stretch, where it tapered off, and what its power comes to beside its register.
import { energyAt, type Count } from './count.ts'

/** A reading of the power or of the battery, in order of time. */
export interface Sampled { readonly atMs: number; readonly value: number }

/** Mean over the stretch; null = nothing was measured in it. */
export interface CurvePoint { readonly fromMs: number; readonly toMs: number; readonly powerW: number | null; readonly socPercent: number | null }

const mostPoints = 500
const lengthsS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400]
/** Between readings that are further apart nobody knows what the power was. */
const longestGapMs = 900_000

/** How long the stretches of a session are, s, so that there are at most 500. */
export function stretchS(durationMs: number): number {
  const leastS = durationMs / 1000 / mostPoints
  return lengthsS.find((length) => length >= leastS) ?? 86_400 * Math.ceil(leastS / 86_400)
}

/** The charging curve from its start to its stop, or to its newest reading: by the measured power where there is any, else by the register. Empty where neither says more than its ends. */
export function chargingCurve(count: Count, powers: readonly Sampled[], charges: readonly Sampled[]): { readonly source: 'power' | 'register'; readonly bucketS: number; readonly points: readonly CurvePoint[] } {
  const startMs = count.points[0]?.atMs ?? count.untilMs
  const untilMs = Math.min(count.untilMs, Math.max(count.points.at(-1)?.atMs ?? 0, powers.at(-1)?.atMs ?? 0))
  const bucketS = stretchS(untilMs - startMs)
  const source = powers.length > 1 ? 'power' : 'register'
  const points: CurvePoint[] = []
  if (source === 'register' && count.points.length <= 2) return { source, bucketS, points }
  const [meanPower, newestCharge] = [powerOver(powers), newestOf(charges)]
  for (let fromMs = startMs; fromMs < untilMs; fromMs += bucketS * 1000) {
    const toMs = Math.min(fromMs + bucketS * 1000, untilMs)
    // mWh × 3,600 / ms are watts.
    const powerW = source === 'power' ? meanPower(fromMs, toMs) : (energyAt(count, toMs) - energyAt(count, fromMs)) * 3_600 / (toMs - fromMs)
    points.push({ fromMs, toMs, powerW: powerW === null ? null : Math.round(powerW), socPercent: newestCharge(fromMs, toMs) })
  }
  return { source, bucketS, points }
}

/** Mean power of stretches asked for in order: readings are joined by lines. */
function powerOver(powers: readonly Sampled[]): (fromMs: number, toMs: number) => number | null {
  let next = 1
  return (fromMs, toMs) => {
    while (next < powers.length && powers[next]!.atMs <= fromMs) next++
    let [wattMs, coveredMs] = [0, 0]
    for (let index = next; index < powers.length && powers[index - 1]!.atMs < toMs; index++) {
      const [before, after] = [powers[index - 1]!, powers[index]!]
      const [beginMs, endMs] = [Math.max(before.atMs, fromMs), Math.min(after.atMs, toMs)]
      if (endMs <= beginMs || after.atMs - before.atMs > longestGapMs) continue
      wattMs += (endMs - beginMs) * (valueAt(before, after, beginMs) + valueAt(before, after, endMs)) / 2
      coveredMs += endMs - beginMs
    }
    return coveredMs === 0 ? null : wattMs / coveredMs
  }
}

function valueAt(before: Sampled, after: Sampled, atMs: number): number {
  return before.value + (after.value - before.value) * (atMs - before.atMs) / (after.atMs - before.atMs)
}

function newestOf(charges: readonly Sampled[]): (fromMs: number, toMs: number) => number | null {
  let next = 0
  return (fromMs, toMs) => {
    let newest: number | null = null
    for (; next < charges.length && charges[next]!.atMs < toMs; next++) if (charges[next]!.atMs >= fromMs) newest = charges[next]!.value
    return newest
  }
}

/**
 * Where the power fell off for good: from the end of the last stretch with at least 80 % of the highest one to the end of the last with at least 100 W. Null
 * where that is less than 5 minutes. What a limit takes away at the end of a session looks the same.
 */
export function taperOf(points: readonly CurvePoint[], count: Count): { readonly fromMs: number; readonly untilMs: number; readonly energyMWh: number } | null {
  const highestW = points.reduce((most, { powerW }) => Math.max(most, powerW ?? 0), 0)
  const full = points.findLast(({ powerW }) => powerW !== null && powerW >= highestW * 0.8)
  const last = points.findLast(({ powerW }) => powerW !== null && powerW >= 100)
  if (highestW < 100 || full === undefined || last === undefined || last.toMs - full.toMs < 300_000) return null
  return { fromMs: full.toMs, untilMs: last.toMs, energyMWh: energyAt(count, last.toMs) - energyAt(count, full.toMs) }
}

/**
 * The register's energy for each Wh that the measured power comes to, over the time that both cover: 1 = they agree, below it something is
 * lost or measured wrongly. Null where there is no power, or less than 100 Wh of it.
 */
export function efficiencyOf(count: Count, powers: readonly Sampled[]): number | null {
  let [powerMWh, registerMWh] = [0, 0]
  const [firstMs, lastMs] = [count.points[0]?.atMs ?? 0, count.points.at(-1)?.atMs ?? 0]
  for (let index = 1; index < powers.length; index++) {
    const [before, after] = [powers[index - 1]!, powers[index]!]
    const durationMs = after.atMs - before.atMs
    if (durationMs <= 0 || durationMs > longestGapMs || before.atMs < firstMs || after.atMs > lastMs) continue
    // W × ms / 3,600 are mWh.
    powerMWh += durationMs * (before.value + after.value) / 2 / 3_600
    registerMWh += energyAt(count, after.atMs) - energyAt(count, before.atMs)
  }
  return powerMWh < 100_000 ? null : Math.round(registerMWh / powerMWh * 1000) / 1000
}
