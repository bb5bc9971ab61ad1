// The stored rows of a connector in order of time, page by page: never much more than a page is read or decoded in one go.
import type { SeriesEntry, Store } from '../store/port.ts'
import { mostInBundle, readEntry, secondOf } from './meter-bundle.ts'
import { meterSeries, type MeterRow } from './meter-row.ts'
import { seriesPages } from './series-pages.ts'

/** Rows with fromMs ≤ atMs < toMs, ascending, in pages of at most `size`. Rejects with StoreUnavailable. */
export async function* meterPages(store: Pick<Store, 'range'>, siteID: string, key: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, size: number): AsyncGenerator<MeterRow[]> {
  /** Of the newest second that was read: there may be more of it. */
  let open: MeterRow[] = []
  let openMs = -Infinity
  let whole: MeterRow[] = []
  /** As many entries as hold a page, as far as those before tell. */
  let rowsPerEntry = mostInBundle / 4
  const entriesAtOnce = (): number => Math.max(1, Math.floor(size / rowsPerEntry))
  for await (const entries of seriesPages(store, siteID, meterSeries(key), { fromMs: secondOf(fromMs), toMs }, entriesAtOnce)) {
    let read = 0
    for (const entry of entries) {
      if (secondOf(entry.atMs) !== openMs) {
        for (const row of inOrder(open)) whole.push(row)
        open = []
        openMs = secondOf(entry.atMs)
      }
      read += readInto(open, key, entry, fromMs, toMs)
    }
    if (entries.length > 0) rowsPerEntry = Math.max(1, read / entries.length)
    let from = 0
    for (; whole.length - from >= size; from += size) yield whole.slice(from, from + size)
    whole = whole.slice(from)
  }
  for (const row of inOrder(open)) whole.push(row)
  for (let from = 0; from < whole.length; from += size) yield whole.slice(from, from + size)
}

/** How many it holds, those outside included. */
function readInto(rows: MeterRow[], key: string, entry: SeriesEntry, fromMs: number, toMs: number): number {
  const read = readEntry(key, entry)
  for (const row of read) if (row.atMs >= fromMs && row.atMs < toMs) rows.push(row)
  return read.length
}

/** What one message said of an instant stays together. */
function inOrder(rows: MeterRow[]): MeterRow[] {
  return rows.sort((a, b) => a.atMs - b.atMs || a.receivedAtMs - b.receivedAtMs)
}
