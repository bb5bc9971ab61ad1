// How much a transaction took and when: the section "Energy" of docs/transactions.md, in whole mWh and milliseconds.
import type { Ledger, Reading } from './ledger.ts'
import type { Rules } from './rules.ts'

export interface Counted {
  readonly mode: 'whole' | 'steps'
  readonly mWh: bigint
  readonly anomalies: number
  readonly startMs: number
  readonly endMs: number
  /** Ascending; the energy counted up to then. */
  readonly points: readonly Reading[]
}

const minuteMs = 60_000
const mostMinutes = 3_000
const widthsMinutes = [1, 5, 15, 60]

export function count(ledger: Ledger, maxPowerW: number, rules: Rules): Counted {
  const start = { atMs: ledger.startedAtMs, mWh: ledger.meterStartMWh }
  const kept = rules.sortsReadings ? thin(ledger.readings) : ledger.readings
  const fits = (from: Reading, to: Reading) => plausible(from, to, maxPowerW)
  const stop = ledger.stop === null ? newest(start, kept, fits) : { atMs: ledger.stop.atMs, mWh: ledger.stop.meterMWh }
  const between = rules.addsRepeats ? ledger.readings : kept.filter(({ atMs }) => atMs >= start.atMs && atMs <= stop.atMs)
  const unopposed = ledger.stop !== null && stop.mWh >= start.mWh && between.every(({ mWh }) => mWh === start.mWh || mWh === stop.mWh)
  if (fits(start, stop) || unopposed) {
    const inside = longestRise(between.filter(({ mWh }) => mWh >= start.mWh && mWh <= stop.mWh))
    const points = [start, ...inside, stop].map(({ atMs, mWh }) => ({ atMs, mWh: mWh - start.mWh }))
    return { mode: 'whole', mWh: stop.mWh - start.mWh, anomalies: fits(start, stop) ? 0 : 1, startMs: start.atMs, endMs: stop.atMs, points }
  }
  let [sum, anomalies, before] = [0n, 0, start]
  const points: Reading[] = [{ atMs: start.atMs, mWh: 0n }]
  for (const point of [...between, stop]) {
    if (fits(before, point) || (rules.billsJumps && point.mWh > before.mWh)) sum += point.mWh - before.mWh
    else anomalies++
    before = point
    points.push({ atMs: point.atMs, mWh: sum })
  }
  return { mode: 'steps', mWh: sum, anomalies, startMs: start.atMs, endMs: stop.atMs, points }
}

/** Counted up to `atMs`, rounded down to whole mWh. */
export function energyUntil({ points, mWh }: Counted, atMs: number): bigint {
  let before = points[0]!
  if (atMs <= before.atMs) return 0n
  for (const point of points) {
    if (point.atMs >= atMs && point.atMs > before.atMs) {
      return before.mWh + ((point.mWh - before.mWh) * BigInt(atMs - before.atMs)) / BigInt(point.atMs - before.atMs)
    }
    before = point
  }
  return mWh
}

/** 1.2 × power × time + 100 Wh: W × ms / 3,600 are mWh. */
function plausible(from: Reading, to: Reading, maxPowerW: number): boolean {
  const step = to.mWh - from.mWh
  const milliwatts = BigInt(Math.round(maxPowerW * 1000))
  return step >= 0n && step * 36_000_000n <= 12n * milliwatts * BigInt(Math.max(0, to.atMs - from.atMs)) + 100_000n * 36_000_000n
}

function newest(start: Reading, kept: readonly Reading[], fits: (from: Reading, to: Reading) => boolean): Reading {
  const last = kept.at(-1)
  if (last === undefined) return start
  const before = kept.at(-2) ?? start
  return fits(before, last) ? last : before
}

/** The first and the last reading of each minute, or of each longer piece where those were too many. */
function thin(readings: readonly Reading[]): Reading[] {
  const highest = new Map<number, bigint>()
  for (const { atMs, mWh } of readings) if (mWh > (highest.get(atMs) ?? -1n)) highest.set(atMs, mWh)
  const sorted = [...highest].map(([atMs, mWh]) => ({ atMs, mWh })).toSorted((a, b) => a.atMs - b.atMs)
  for (const width of widthsMinutes) {
    const pieces = new Map<number, Reading[]>()
    for (const one of sorted) {
      const piece = Math.floor(one.atMs / (width * minuteMs))
      pieces.set(piece, [...(pieces.get(piece) ?? []).slice(0, 1), one])
    }
    if (pieces.size <= mostMinutes || width === widthsMinutes.at(-1)) return [...pieces.values()].flat()
  }
  return sorted
}

/** Of all that never fall the longest; of those the one that is lowest, looked at from its end. */
function longestRise(all: readonly Reading[]): Reading[] {
  const best: { length: number; before: number }[] = []
  const lower = (a: number, b: number): boolean => {
    for (let [x, y] = [a, b]; x !== y && x >= 0 && y >= 0; x = best[x]!.before, y = best[y]!.before) {
      if (all[x]!.mWh !== all[y]!.mWh) return all[x]!.mWh < all[y]!.mWh
    }
    return false
  }
  const better = (a: number, b: number): boolean => b < 0 || best[a]!.length > best[b]!.length || (best[a]!.length === best[b]!.length && lower(a, b))
  for (let i = 0; i < all.length; i++) {
    let before = -1
    for (let j = 0; j < i; j++) if (all[j]!.mWh <= all[i]!.mWh && better(j, before)) before = j
    best.push({ length: before < 0 ? 1 : best[before]!.length + 1, before })
  }
  let end = -1
  for (let i = 0; i < all.length; i++) if (better(i, end)) end = i
  const chosen: Reading[] = []
  for (; end >= 0; end = best[end]!.before) chosen.unshift(all[end]!)
  return chosen
}
