// What a meter comes to in buckets of time: of quarter hours where a bucket holds whole ones, else of its rows.
import { bucketAt, type TimeBucket } from './time-buckets.ts'
import { lastOf, mergeFolds, quarterMs, quarterOf, type Fold, type Folds } from './meter-fold.ts'
import { foldedAtOnce, foldPages } from './meter-fold-pages.ts'
import type { MeterHistory } from './meter-history.ts'
import type { Rollups } from './rollups.ts'

export interface MeterSource { readonly history: MeterHistory; readonly rollups: Rollups; readonly key: string; readonly maxPowerW: number }

/** The folds of each bucket, in the same order; the buckets follow each other. What has just come is included. Rejects with StoreUnavailable. */
export async function foldBuckets({ history, rollups, key, maxPowerW }: MeterSource, buckets: readonly TimeBucket[]): Promise<Folds[]> {
  const sums = buckets.map(() => new Map<string, Fold>())
  const add = (atMs: number, folds: Folds): void => {
    const index = bucketAt(buckets, atMs)
    const sum = index === null ? undefined : sums[index]
    if (sum !== undefined) for (const [code, fold] of folds) sum.set(code, mergeFolds(sum.get(code), fold))
  }
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined) return sums
  const cut = cutQuarters(buckets)
  if (cut.size * quarterMs < last.toMs - quarterOf(first.fromMs)) {
    for (const [quarter, folds] of await rollups.quarters(key, quarterOf(first.fromMs), last.toMs)) if (!cut.has(quarter)) add(quarter, folds)
  }
  let before: ReturnType<typeof lastOf> = new Map()
  let untilMs = NaN
  for (const quarter of cut) {
    if (quarter !== untilMs) before = await rollups.lastBefore(key, quarter)
    untilMs = quarter + quarterMs
    const pieces = await foldPages(history.pages(key, quarter, untilMs, foldedAtOnce), (atMs) => pieceOf(buckets, atMs), before, maxPowerW)
    const inOrder = [...pieces].sort(([a], [b]) => a - b)
    for (const [fromMs, folds] of inOrder) add(fromMs, folds)
    before = new Map([...before, ...lastOf(inOrder.map(([, folds]) => folds))])
  }
  return sums
}

/** The quarters in which a bucket begins or ends, ascending. */
function cutQuarters(buckets: readonly TimeBucket[]): Set<number> {
  const cut = new Set<number>()
  for (const { fromMs, toMs } of buckets) for (const ms of [fromMs, toMs]) if (ms % quarterMs !== 0) cut.add(quarterOf(ms))
  // A bucket may begin and end within one.
  return cut
}

/** The begin of the bucket an instant is in; beside all of them it is in none that counts. */
function pieceOf(buckets: readonly TimeBucket[], atMs: number): number {
  const index = bucketAt(buckets, atMs)
  return index !== null ? buckets[index]!.fromMs : atMs < buckets[0]!.fromMs ? -1 : buckets.at(-1)!.toMs
}
