// A long series, page by page: none is read twice or left out where many entries are of one instant.
import type { SeriesEntry, Store } from '../store/port.ts'

/** Entries with fromMs ≤ atMs < toMs, ascending, in pages of about `size`, which may be asked before each. Rejects with StoreUnavailable. */
export async function* seriesPages(store: Pick<Store, 'range'>, scope: string, series: string, range: { readonly fromMs: number; readonly toMs: number }, size: number | (() => number)): AsyncGenerator<readonly SeriesEntry[]> {
  let seen = 0
  for (let nextMs = range.fromMs; nextMs < range.toMs;) {
    const most = (typeof size === 'number' ? size : size()) + seen
    const page = await store.range(scope, series, nextMs, range.toMs, most)
    yield page.slice(seen)
    const last = page.at(-1)
    if (last === undefined || page.length < most) return
    seen = page.reduce((count, { atMs }) => count + (atMs === last.atMs ? 1 : 0), 0)
    nextMs = last.atMs
  }
}
