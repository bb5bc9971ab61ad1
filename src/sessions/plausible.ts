// What a register may have gone up by: as its hardware can deliver, as stronger hardware could, or not at all.

/** A reading of the register in whole mWh. */
export interface Mark { readonly atMs: number; readonly mWh: number }

/** 1 MWh: what nothing but its own two ends speak for is never more. */
export const mostMWh = 1_000_000_000
/** Hardware is entered with a tenth of what it is, at worst. */
const mostTimes = 10

/** May a register have gone up by `deltaMWh` in `durationMs` behind hardware of `maxPowerW`? 20 % more and 100 Wh are allowed, and `times` as much. */
export function isPlausible(deltaMWh: number, durationMs: number, maxPowerW: number, times = 1): boolean {
  // 1.2 × W × ms / 3,600 are mWh; multiplied by 3,000 both sides stay whole.
  return deltaMWh >= 0 && (deltaMWh - times * 100_000) * 3_000 <= times * maxPowerW * Math.max(durationMs, 0)
}

/** More than plausible, but no more than ten times as much, nor than 1 MWh. */
export function isDoubtful(deltaMWh: number, durationMs: number, maxPowerW: number): boolean {
  return deltaMWh <= mostMWh && !isPlausible(deltaMWh, durationMs, maxPowerW) && isPlausible(deltaMWh, durationMs, maxPowerW, mostTimes)
}

/** The hardware is stronger than it was entered: the register never falls, and more than one of its steps says so. One alone is a jump. */
export function showsMore(marks: readonly Mark[], maxPowerW: number): boolean {
  let doubtful = 0
  for (let index = 1; index < marks.length; index++) {
    const [before, mark] = [marks[index - 1]!, marks[index]!]
    if (mark.mWh < before.mWh) return false
    if (isDoubtful(mark.mWh - before.mWh, mark.atMs - before.atMs, maxPowerW)) doubtful++
  }
  return doubtful > 1
}
