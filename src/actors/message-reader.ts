// Reads the stored messages of sites backwards through time, a little at a time, however many or few there are.
import type { Store } from '../store/port.ts'
import { readRow, type MessageRow } from './message-row.ts'
import { messageSeries } from './message-shelf.ts'

/** Rows looked at together; what is held in memory is at most this often the longest row. */
const mostTogether = 256
const firstSpanMs = 60_000
/** Of one millisecond no more can be told apart; the store answers so many. */
const mostInOneMs = 10_000

/**
 * Rows of these sites with fromMs ≤ at < toMs in portions, newest first, each portion older than the one before. Steps over
 * empty times in growing strides. Rejects as the store does.
 */
export async function* newestFirst(store: Pick<Store, 'range'>, siteIDs: readonly string[], fromMs: number, toMs: number): AsyncGenerator<MessageRow[]> {
  let endMs = toMs
  let spanMs = firstSpanMs
  while (endMs > fromMs) {
    const beginMs = Math.max(fromMs, endMs - spanMs)
    const most = endMs - beginMs > 1 ? mostTogether : mostInOneMs
    const rows: MessageRow[] = []
    let overflows = false
    for (const siteID of siteIDs) {
      const entries = await store.range(siteID, messageSeries, beginMs, endMs, most - rows.length + 1)
      for (const { atMs, value } of entries) {
        const row = readRow(siteID, atMs, value)
        if (row !== null) rows.push(row)
      }
      overflows = rows.length > most && endMs - beginMs > 1
      if (overflows) break
    }
    if (overflows) {
      spanMs = Math.max(1, Math.floor((endMs - beginMs) / 4))
      continue
    }
    if (rows.length > 0) yield rows.sort((a, b) => (a.id < b.id ? 1 : -1))
    endMs = beginMs
    if (rows.length < mostTogether / 8) spanMs *= 4
  }
}
