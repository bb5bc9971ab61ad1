// Reads the stored messages of sites backwards through time, a little at a time, however many or few there are.
import type { SeriesEntry, Store } from '../store/port.ts'
import { blockMs, messageSeries, readBlock } from './message-block.ts'
import type { MessageRow } from './message-row.ts'

/** Rows looked at together, about: reading more would hold up everything else. */
const rowsTogether = 256
const mostBlocks = 128
const firstBlocks = 8
const firstSpanMs = 10_000
/** Sites asked at the same time. */
const sitesTogether = 8

export interface Stretch { readonly fromMs: number; readonly toMs: number; /** What lies ahead of it is there only where the clock was set back. */ readonly nowMs: number }

/**
 * Rows of these sites with fromMs ≤ at < toMs in portions, newest first, each portion older than the one before. Steps over
 * empty times in growing strides. Rejects as the store does.
 */
export async function* newestFirst(store: Pick<Store, 'range'>, siteIDs: readonly string[], { fromMs, toMs, nowMs }: Stretch): AsyncGenerator<MessageRow[]> {
  // Strides end where blocks do.
  const beforeAll = Math.floor(fromMs / blockMs) * blockMs
  const toNowMs = Math.max(beforeAll, Math.floor(nowMs / blockMs + 1) * blockMs)
  let endMs = Math.ceil(toMs / blockMs) * blockMs
  // Otherwise hours without anything would be stepped over, back and forth, before the first row.
  if (endMs > toNowMs && (await together(store, siteIDs, { beginMs: toNowMs, endMs, most: 0 })).blocks === 0) endMs = toNowMs
  let spanMs = firstSpanMs
  let most = firstBlocks
  /** From here on it was too much. */
  let crowdedMs = -Infinity
  while (endMs > beforeAll) {
    const beginMs = Math.max(beforeAll, endMs - spanMs)
    const single = endMs - beginMs <= blockMs
    const { blocks, found } = await together(store, siteIDs, { beginMs, endMs, most: single ? Infinity : most })
    if (blocks > most && !single) {
      crowdedMs = beginMs
      spanMs = Math.max(blockMs, Math.floor((endMs - beginMs) / 4 / blockMs) * blockMs)
      continue
    }
    const rows: MessageRow[] = []
    for (const [siteID, { atMs, value }] of found) for (const row of readBlock(siteID, atMs, value)) if (row.atMs >= fromMs && row.atMs < toMs) rows.push(row)
    if (rows.length > 0) yield rows.sort((a, b) => (a.id < b.id ? 1 : -1))
    endMs = beginMs
    if (blocks < most / 8) spanMs *= 4
    // Towards what is known to lie ahead, half of the way each time.
    if (blocks === 0 && crowdedMs < endMs) spanMs = Math.max(blockMs, Math.min(spanMs, Math.floor((endMs - crowdedMs) / 2 / blockMs) * blockMs))
    if (rows.length > 0) most = Math.min(mostBlocks, Math.max(1, Math.floor(rowsTogether * blocks / rows.length)))
  }
}

/** The blocks of a stretch of time; where they are more than `most`, some of them, and more than that. */
async function together(store: Pick<Store, 'range'>, siteIDs: readonly string[], { beginMs, endMs, most }: { readonly beginMs: number; readonly endMs: number; readonly most: number }): Promise<{ readonly blocks: number; readonly found: readonly (readonly [siteID: string, entry: SeriesEntry])[] }> {
  const found: (readonly [siteID: string, entry: SeriesEntry])[] = []
  for (let from = 0; from < siteIDs.length && found.length <= most; from += sitesTogether) {
    const asked = siteIDs.slice(from, from + sitesTogether)
    const limit = most === Infinity ? [] : [most - found.length + 1]
    const read = await Promise.all(asked.map((siteID) => store.range(siteID, messageSeries, beginMs, endMs, ...limit)))
    for (const [index, entries] of read.entries()) for (const entry of entries) found.push([asked[index]!, entry])
  }
  return { blocks: found.length, found }
}
