// Reads the stored messages of sites backwards through time, a little at a time, however many or few there are.
import type { Store } from '../store/port.ts'
import { blockMs, messageSeries, readBlock, type MessageRow } from './message-row.ts'

/** Rows looked at together, about: reading more would hold up everything else. */
const rowsTogether = 256
const mostBlocks = 128
const firstBlocks = 8
const firstSpanMs = 10_000

/**
 * Rows of these sites with fromMs ≤ at < toMs in portions, newest first, each portion older than the one before. Steps over
 * empty times in growing strides. Rejects as the store does.
 */
export async function* newestFirst(store: Pick<Store, 'range'>, siteIDs: readonly string[], fromMs: number, toMs: number): AsyncGenerator<MessageRow[]> {
  // Strides end where blocks do.
  const beforeAll = Math.floor(fromMs / blockMs) * blockMs
  let endMs = Math.ceil(toMs / blockMs) * blockMs
  let spanMs = firstSpanMs
  let most = firstBlocks
  while (endMs > beforeAll) {
    const beginMs = Math.max(beforeAll, endMs - spanMs)
    const single = endMs - beginMs <= blockMs
    const rows: MessageRow[] = []
    let blocks = 0
    for (const siteID of siteIDs) {
      const entries = await store.range(siteID, messageSeries, beginMs, endMs, ...(single ? [] : [most - blocks + 1]))
      blocks += entries.length
      if (blocks > most && !single) break
      for (const { value } of entries) for (const row of readBlock(siteID, value)) if (row.atMs >= fromMs && row.atMs < toMs) rows.push(row)
    }
    if (blocks > most && !single) {
      spanMs = Math.max(blockMs, Math.floor((endMs - beginMs) / 4 / blockMs) * blockMs)
      continue
    }
    if (rows.length > 0) yield rows.sort((a, b) => (a.id < b.id ? 1 : -1))
    endMs = beginMs
    if (blocks < most / 8) spanMs *= 4
    if (rows.length > 0) most = Math.min(mostBlocks, Math.max(1, Math.floor(rowsTogether * blocks / rows.length)))
  }
}
