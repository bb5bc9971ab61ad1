// How much a transaction took and when: the section "Energy" of docs/transactions.md, in whole mWh and milliseconds.
import type { Ledger, Reading } from './ledger.ts'
import type { Rules } from './rules.ts'

export interface Counted {
  readonly mode: 'whole' | 'steps'
  readonly mWh: bigint
  readonly anomalies: number
  readonly startMs: number
  readonly endMs: number
  /** Ascending; the energy counted up to then, and whether the step to it counts. */
  readonly points: readonly (Reading & { readonly isStep: boolean })[]
}

const minuteMs = 60_000
const megawattHour = 1_000_000_000n
/** A register shows no more than 10^12 Wh. */
const shown = (mWh: bigint): boolean => mWh <= 10n ** 15n && mWh >= -(10n ** 15n)
const mostMinutes = 3_000
const widthsMinutes = [1, 5, 15, 60]

export function count(ledger: Ledger, maxPowerW: number, rules: Rules): Counted {
  const kept = rules.sortsReadings ? thin(ledger.readings) : ledger.readings
  const endMs = ledger.stop?.atMs ?? Infinity
  const inTime = kept.filter(({ atMs }) => atMs >= ledger.startedAtMs && atMs <= endMs)
  const saidStop = ledger.stop !== null && shown(ledger.stop.meterMWh) ? { atMs: endMs, mWh: ledger.stop.meterMWh } : null
  const start = shown(ledger.meterStartMWh) ? { atMs: ledger.startedAtMs, mWh: ledger.meterStartMWh } : inTime[0] ?? saidStop ?? { atMs: ledger.startedAtMs, mWh: 0n }
  const unread = [shown(ledger.meterStartMWh), ledger.stop === null || saidStop !== null].filter((fine) => !fine).length

  const last = inTime.at(-1) ?? start
  const lastButOne = inTime.at(-2) ?? start
  const isLeft = saidStop === null && most(lastButOne, last, maxPowerW) !== 'plausible'
  const stop = saidStop ?? (isLeft ? lastButOne : last)
  const between = rules.addsRepeats ? ledger.readings : inTime.filter((_, index) => saidStop !== null || index < inTime.length - (isLeft ? 2 : 1))
  const step = stop.mWh - start.mWh
  const fits = most(start, stop, maxPowerW) === 'plausible'
  const unopposed = saidStop !== null && step >= 0n && step <= megawattHour && between.every(({ mWh }) => mWh === start.mWh || mWh === stop.mWh)
  let anomalies = unread + (isLeft ? 1 : 0)
  const untilMs = ledger.stop === null ? stop.atMs : endMs
  if (fits || unopposed) {
    const inside = longestRise(between.filter(({ mWh }) => mWh >= start.mWh && mWh <= stop.mWh))
    const points = [start, ...inside, stop].map(({ atMs, mWh }) => ({ atMs, mWh: mWh - start.mWh, isStep: true }))
    return { mode: 'whole', mWh: step, anomalies: anomalies + (fits ? 0 : 1), startMs: ledger.startedAtMs, endMs: untilMs, points }
  }

  const way = [start, ...between, stop]
  const all = isLeft ? [...way, last] : way
  const kinds = all.slice(1).map((to, index) => most(all[index]!, to, maxPowerW))
  const stronger = rules.billsDoubt && !kinds.includes('fall') && kinds.filter((kind) => kind === 'doubtful').length >= 2
  let sum = 0n
  const points = way.map((to, index) => {
    if (index === 0) return { atMs: to.atMs, mWh: 0n, isStep: true }
    const kind = kinds[index - 1]!
    const rose = to.mWh - way[index - 1]!.mWh
    const counts = kind === 'plausible' || (kind === 'doubtful' && stronger) || (rules.billsJumps && rose > 0n)
    if (counts) sum += rose
    if (kind !== 'plausible' && !(rules.billsJumps && rose > 0n)) anomalies++
    return { atMs: to.atMs, mWh: sum, isStep: counts || rules.restsOverJumps }
  })
  return { mode: 'steps', mWh: sum, anomalies, startMs: ledger.startedAtMs, endMs: untilMs, points }
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

/** Against 1.2 × power × time + 100 Wh, and ten times that up to 1 MWh: W × ms / 3,600 are mWh. */
function most(from: Reading, to: Reading, maxPowerW: number): 'plausible' | 'doubtful' | 'jump' | 'fall' {
  const rose = to.mWh - from.mWh
  if (rose < 0n) return 'fall'
  const milliwatts = BigInt(Math.round(maxPowerW * 1000))
  const bound = 12n * milliwatts * BigInt(Math.max(0, to.atMs - from.atMs)) + 100_000n * 36_000_000n
  if (rose * 36_000_000n <= bound) return 'plausible'
  return rose * 3_600_000n <= bound && rose <= megawattHour ? 'doubtful' : 'jump'
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
