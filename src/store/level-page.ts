// The first rows of a stretch of the embedded store, or an error: a limit given to LevelDB's iterator would end it before it says that it skipped a block.
import type { Level } from './level.ts'

const atOnce = 1_000

export async function firstRows(level: Level, stretch: { readonly gte: string; readonly lt: string }, most: number): Promise<[string, string][]> {
  const rows: [string, string][] = []
  const iterator = level.iterator(stretch)
  try {
    while (rows.length < most) {
      const some = await iterator.nextv(Math.min(most - rows.length, atOnce))
      if (some.length === 0) return rows
      rows.push(...some)
    }
    await sayWhatWasSkipped(iterator, stretch.lt)
  } finally {
    await iterator.close()
  }
  return rows
}

/** Rejects when the iterator could not read something on its way. It only says so at its end. */
export async function sayWhatWasSkipped(iterator: { seek(target: string): void; next(): Promise<unknown> }, end: string): Promise<void> {
  iterator.seek(end)
  await iterator.next()
}
