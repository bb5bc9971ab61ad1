// Folds a long stretch of rows page by page, so that a busy meter makes nobody wait for its quarter of an hour.
import { foldRows, lastOf, mergeFolds, type Fold, type Last } from './meter-fold.ts'
import type { MeterRow } from './meter-row.ts'
import type { KindCode } from './meter-units.ts'
import { wholeInstants } from './whole-instants.ts'

/** So many rows are read, decoded and folded in one go: about a millisecond. */
export const foldedAtOnce = 250

/** As `foldRows` of all rows; `pages` are ascending in time. Rejects as they do. */
export async function foldPages(pages: AsyncIterable<readonly MeterRow[]>, bucketOf: (atMs: number) => number, before: ReadonlyMap<KindCode, Last>, maxPowerW: number): Promise<Map<number, Map<KindCode, Fold>>> {
  const all = new Map<number, Map<KindCode, Fold>>()
  const last = new Map(before)
  for await (const rows of wholeInstants(pages)) {
    const folded = [...foldRows(rows, bucketOf, last, maxPowerW)].sort(([a], [b]) => a - b)
    for (const [bucket, folds] of folded) {
      const sum = all.get(bucket)
      if (sum === undefined) all.set(bucket, folds)
      else for (const [code, fold] of folds) sum.set(code, mergeFolds(sum.get(code), fold))
    }
    for (const [code, reading] of lastOf(folded.map(([, folds]) => folds))) last.set(code, reading)
  }
  return all
}
