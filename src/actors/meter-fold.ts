// What rows of a meter come to in a stretch of time: count, mean, least, most, last, and how far a register has risen. Pure; the order of the rows changes nothing.
import { isRegister, isAdditive, kindOf, readValue, totalOf, type KindCode } from './meter-units.ts'
import type { MeterRow } from './meter-row.ts'

/** All in whole thousandths. */
export interface Fold {
  readonly count: number
  readonly min: number
  readonly max: number
  /** The sum of how far each is above the least: exact where the sum itself would not be. */
  readonly above: number
  readonly last: number
  readonly lastAtMs: number
  /** Of a register, its plausible rises; null of what is none. */
  readonly delta: number | null
}
export type Folds = ReadonlyMap<KindCode, Fold>
export interface Last { readonly atMs: number; readonly value: number }

export const quarterMs = 900_000
/** A register that was read longer ago than this before a quarter of an hour has not risen in it. */
export const reachMs = 86_400_000

export function quarterOf(atMs: number): number { return Math.floor(atMs / quarterMs) * quarterMs }

interface Growing { count: number; min: number; max: number; above: number; last: number; lastAtMs: number; delta: number | null }

/**
 * Folds rows into buckets: `bucketOf` gives the begin of the one an instant is in, which must not reach over a quarter of an hour.
 * `before` = the last reading of each register before the first row. Of two values of one instant the larger counts.
 */
export function foldRows(rows: Iterable<MeterRow>, bucketOf: (atMs: number) => number, before: ReadonlyMap<KindCode, Last>, maxPowerW: number): Map<number, Map<KindCode, Fold>> {
  const buckets = new Map<number, Map<KindCode, Growing>>()
  for (const [code, { times, values }] of gather(inOrder(rows))) {
    const register = isRegister(kindOf(code)!.measurand)
    let last = before.get(code)
    let bucket = NaN
    let fold: Growing | undefined
    for (let at = 0; at < times.length; at++) {
      const [atMs, value] = [times[at]!, values[at]!]
      const of = bucketOf(atMs)
      if (of !== bucket || fold === undefined) {
        bucket = of
        fold = { count: 0, min: value, max: value, above: 0, last: value, lastAtMs: atMs, delta: register ? 0 : null }
        const folds = buckets.get(bucket)
        if (folds === undefined) buckets.set(bucket, new Map([[code, fold]]))
        else folds.set(code, fold)
      }
      if (value < fold.min) {
        fold.above += fold.count * (fold.min - value)
        fold.min = value
      }
      fold.above += value - fold.min
      fold.count++
      if (value > fold.max) fold.max = value
      fold.last = value
      fold.lastAtMs = atMs
      if (fold.delta === null) continue
      const now = { atMs, value }
      if (last !== undefined) fold.delta += rise(last, now, maxPowerW)
      last = now
    }
  }
  return buckets
}

/** The last reading of each register in folds that are in order. */
export function lastOf(folds: Iterable<Folds>): Map<KindCode, Last> {
  const last = new Map<KindCode, Last>()
  for (const one of folds) for (const [code, fold] of one) if (fold.delta !== null) last.set(code, { atMs: fold.lastAtMs, value: fold.last })
  return last
}

/** Two stretches as one. */
export function mergeFolds(a: Fold | undefined, b: Fold): Fold {
  if (a === undefined) return b
  const min = Math.min(a.min, b.min)
  const later = b.lastAtMs >= a.lastAtMs ? b : a
  return {
    count: a.count + b.count, min, max: Math.max(a.max, b.max), above: a.above + a.count * (a.min - min) + b.above + b.count * (b.min - min),
    last: later.last, lastAtMs: later.lastAtMs, delta: a.delta === null || b.delta === null ? null : a.delta + b.delta,
  }
}

/** As a step of a transaction's register (docs/transactions.md, Readings). */
function rise(from: Last, to: Last, maxPowerW: number): number {
  if (quarterOf(to.atMs) - from.atMs > reachMs) return 0
  const step = to.value - from.value
  return step < 0 || step > (1.2 * maxPowerW * (to.atMs - from.atMs)) / 3600 + 100_000 ? 0 : step
}

/** Values with the times they are of, ascending, one of each. */
interface Line { readonly times: number[]; readonly values: number[] }

/** As they are kept, usually. */
function inOrder(rows: Iterable<MeterRow>): readonly MeterRow[] {
  const all = [...rows]
  return all.every(({ atMs }, index) => index === 0 || atMs >= all[index - 1]!.atMs) ? all : all.sort((a, b) => a.atMs - b.atMs)
}

/** The values by what they are of; phases that stand alone are also summed where that means something. */
function gather(rows: readonly MeterRow[]): Map<KindCode, Line> {
  const all = new Map<KindCode, Line>()
  for (const { atMs, values } of rows) {
    for (const sample of values) {
      const read = readValue(sample)
      if (read === null) continue
      let line = all.get(read.code)
      if (line === undefined) all.set(read.code, line = { times: [], values: [] })
      const newest = line.times.length - 1
      if (line.times[newest] !== atMs) {
        line.times.push(atMs)
        line.values.push(read.thousandths)
      } else if (read.thousandths > line.values[newest]!) line.values[newest] = read.thousandths
    }
  }
  const sums = new Map<KindCode, Map<number, number>>()
  for (const [code, { times, values }] of all) {
    const { measurand, phase } = kindOf(code)!
    if (!isAdditive(measurand) || !(phase === 'L1' || phase === 'L2' || phase === 'L3')) continue
    const total = totalOf(code)
    const sum = sums.get(total) ?? new Map<number, number>()
    sums.set(total, sum)
    for (const [at, atMs] of times.entries()) sum.set(atMs, (sum.get(atMs) ?? 0) + values[at]!)
  }
  for (const [total, sum] of sums) {
    const said = all.get(total)
    // Who says the total knows it.
    for (const [at, atMs] of (said?.times ?? []).entries()) sum.set(atMs, said!.values[at]!)
    const times = [...sum.keys()].sort((a, b) => a - b)
    all.set(total, { times, values: times.map((atMs) => sum.get(atMs)!) })
  }
  return all
}

/** As the store keeps it: for each code its count, and what is above the least. */
export type StoredFolds = readonly (readonly (string | number)[])[]

export function encodeFolds(folds: Folds, fromMs: number): StoredFolds {
  return [...folds].map(([code, { count, min, max, above, last, lastAtMs, delta }]) => [code, count, lastAtMs - fromMs, min, ...trimmed([delta ?? 0, max - min, last - min, above])])
}

/** Anything that is none is left out. */
export function decodeFolds(stored: unknown, fromMs: number): Map<KindCode, Fold> {
  const folds = new Map<KindCode, Fold>()
  for (const one of Array.isArray(stored) ? stored as unknown[] : []) {
    const [code, ...numbers] = Array.isArray(one) ? one as unknown[] : []
    const kind = typeof code === 'string' ? kindOf(code) : null
    if (kind === null || !numbers.every((number): number is number => typeof number === 'number')) continue
    const [count = 0, lastMs = 0, min = 0, delta = 0, range = 0, last = 0, above = 0] = numbers
    folds.set(code as string, { count, min, max: min + range, above, last: min + last, lastAtMs: fromMs + lastMs, delta: isRegister(kind.measurand) ? delta : null })
  }
  return folds
}

function trimmed(numbers: number[]): number[] {
  while (numbers.at(-1) === 0) numbers.pop()
  return numbers
}
