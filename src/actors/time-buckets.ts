// Time in buckets: minutes, quarters of an hour, hours and days by the clock of a site, cut where the range that is asked for begins and ends.
import { offsetsOver, type OffsetSpan } from '../power/local-time.ts'

export const bucketNames = ['1m', '15m', '1h', '1d'] as const
export type BucketName = (typeof bucketNames)[number]
export interface TimeBucket { readonly fromMs: number; readonly toMs: number }

export const bucketMs: Readonly<Record<BucketName, number>> = { '1m': 60_000, '15m': 900_000, '1h': 3_600_000, '1d': 86_400_000 }
const dayMs = 86_400_000

/** The buckets of [fromMs, toMs), at most so many; days are as long as the clock on the wall makes them. Throws RangeError for a zone that does not exist. */
export function bucketsOver(timezone: string, bucket: BucketName, fromMs: number, toMs: number, most = Infinity): TimeBucket[] {
  const lengthMs = bucketMs[bucket]
  const longestMs = most === Infinity ? toMs : Math.min(toMs, fromMs + most * (lengthMs + 2 * 3_600_000))
  const offsets = offsetsOver(timezone, fromMs, longestMs + 2 * dayMs)
  const buckets: TimeBucket[] = []
  for (let ms = fromMs, span = 0; ms < toMs && buckets.length < most;) {
    while (span < offsets.length - 1 && offsets[span]!.untilMs <= ms) span++
    const edgeMs = Math.min(edgeAfter(ms, lengthMs, offsets[span]!, offsets[span + 1]), toMs)
    buckets.push({ fromMs: ms, toMs: edgeMs })
    ms = edgeMs
  }
  return buckets
}

/** When the clock on the wall next shows a whole multiple; over a change of the clock, by the clock after it. */
function edgeAfter(ms: number, lengthMs: number, { offsetMs, untilMs }: OffsetSpan, next: OffsetSpan | undefined): number {
  const localMs = (Math.floor((ms + offsetMs) / lengthMs) + 1) * lengthMs
  return localMs - offsetMs <= untilMs || next === undefined ? localMs - offsetMs : Math.max(localMs - next.offsetMs, untilMs)
}

/** Where an instant is among buckets that follow each other: their index, or null beyond them. */
export function bucketAt(buckets: readonly TimeBucket[], ms: number): number | null {
  let [low, high] = [0, buckets.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (buckets[middle]!.toMs <= ms) low = middle + 1
    else high = middle
  }
  return low < buckets.length && buckets[low]!.fromMs <= ms ? low : null
}

/** Tells the part of [fromMs, untilMs) in each bucket that it touches. */
export function spread(buckets: readonly TimeBucket[], fromMs: number, untilMs: number, tell: (index: number, fromMs: number, untilMs: number) => void): void {
  const first = buckets[0]
  if (first === undefined) return
  const start = bucketAt(buckets, Math.max(fromMs, first.fromMs))
  if (start === null) return
  for (let index = start; index < buckets.length && buckets[index]!.fromMs < untilMs; index++) {
    const [beginMs, endMs] = [Math.max(fromMs, buckets[index]!.fromMs), Math.min(untilMs, buckets[index]!.toMs)]
    if (endMs > beginMs) tell(index, beginMs, endMs)
  }
}
