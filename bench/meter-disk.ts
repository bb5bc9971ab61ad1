// What the history of meter values takes on the disk, and how many rows of it there are, read from the store of a server that has ended.
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

export interface HistoryOnDisk { readonly rows: number; readonly bytes: number }

/** As the embedded store lays series out: `t`, scope, series, time. */
export async function historyOnDisk(dataDir: string, sites: readonly string[]): Promise<HistoryOnDisk> {
  const level = new ClassicLevel<string, string>(join(dataDir, 'store'))
  await level.open()
  try {
    let [rows, bytes] = [0, 0]
    for (const site of sites) {
      const [from, to] = [`t\0${site}\0meter:`, `t\0${site}\0meter;`]
      await level.compactRange(from, to)
      bytes += await level.approximateSize(from, to)
      const values = level.values({ gte: from, lt: to })
      for (let some = await values.nextv(1_000); some.length > 0; some = await values.nextv(1_000)) for (const text of some) rows += rowsIn(JSON.parse(text))
      await values.close()
    }
    return { rows, bytes }
  } finally {
    await level.close()
  }
}

/** A row alone is a list, a bundle says its rows. */
function rowsIn(value: unknown): number {
  return typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows) ? value.rows.length : 1
}
