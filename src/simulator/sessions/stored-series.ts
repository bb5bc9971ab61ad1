// Reads a stored series from its beginning to its end, a page at a time.
import type { SeriesEntry, Store } from '../../store/port.ts'

const usualRows = 10_000

/** Every entry with fromMs ≤ at < toMs, ascending. Rejects as the store does. */
export async function eachEntry(store: Pick<Store, 'range'>, siteID: string, series: string, fromMs: number, toMs: number, visit: (entry: SeriesEntry) => void, pageRows = usualRows): Promise<void> {
  let seen = 0
  for (let nextMs = fromMs; nextMs < toMs;) {
    const page = await store.range(siteID, series, nextMs, toMs, pageRows + seen)
    for (const entry of page.slice(seen)) visit(entry)
    const last = page.at(-1)
    if (last === undefined || page.length < pageRows + seen) return
    // More of the same instant may be on the next page.
    seen = page.reduce((count, { atMs }) => count + (atMs === last.atMs ? 1 : 0), 0)
    nextMs = last.atMs
  }
}

export async function readSeries(store: Pick<Store, 'range'>, siteID: string, series: string, fromMs: number, toMs: number): Promise<SeriesEntry[]> {
  const entries: SeriesEntry[] = []
  await eachEntry(store, siteID, series, fromMs, toMs, (entry) => entries.push(entry))
  return entries
}
