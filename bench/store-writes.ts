// What the embedded store takes in a second: commits that are on the disk when they resolve, alone and with many under way, and rows of time series; beside the disk itself.
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Part, Row } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { summarise, type Summary } from './statistics.ts'
import { span, whole } from './words.ts'

export interface StoreWritesResult {
  readonly recordBytes: number
  readonly rowBytes: number
  readonly underWay: number
  readonly alonePerS: Summary
  readonly togetherPerS: Summary
  readonly rowsPerS: Summary
  /** A file that is written to and synced, again and again. */
  readonly syncsPerS: Summary
}
export interface StoreWritesOptions { readonly rounds: number; readonly windowMs: number }

interface Store {
  own(scope: string): Promise<number>
  commit(scope: string, epoch: number, batch: { readonly puts: ReadonlyMap<string, unknown> }): Promise<void>
  append(scope: string, series: string, entries: readonly { readonly atMs: number; readonly value: unknown }[]): Promise<void>
  close(): Promise<void>
}
interface Built {
  readonly openEmbeddedStore: (options: { readonly dataDir: string; readonly clock: unknown }) => Promise<Store>
  readonly systemClock: unknown
}

const scope = 'bench'
/** Of a transaction with its readings, and of a row of the history. */
const [recordBytes, rowBytes] = [750, 500]
const underWay = 100
const rowsPerAppend = 100

export async function measureStoreWrites({ rounds, windowMs }: StoreWritesOptions, progress: (line: string) => void): Promise<StoreWritesResult> {
  const built = Object.assign({}, ...await Promise.all(['store/embedded', 'clock'].map((name) => import(new URL(`../${name}.js`, import.meta.url).href) as Promise<object>))) as Built
  const dir = mkdtempSync(join(tmpdir(), 'kwota-bench-'))
  const file = openSync(join(dir, 'plain'), 'a')
  const store = await built.openEmbeddedStore({ dataDir: join(dir, 'data'), clock: built.systemClock })
  try {
    const epoch = await store.own(scope)
    const record = { text: 'x'.repeat(recordBytes - 11) }
    const row = { text: 'x'.repeat(rowBytes - 11) }
    const sync = promisify(fdatasync)
    let writes = 0
    const commit = () => store.commit(scope, epoch, { puts: new Map([[`record-${writes++ % 1_000}`, record]]) })
    const append = () => store.append(scope, `series-${writes % 100}`, Array.from({ length: rowsPerAppend }, () => ({ atMs: ++writes, value: row })))
    const plain = async (): Promise<void> => {
      writeSync(file, Buffer.alloc(recordBytes))
      await sync(file)
    }
    const rates = { alone: [] as number[], together: [] as number[], rows: [] as number[], syncs: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      rates.syncs.push(await perS(plain, 1, windowMs))
      rates.alone.push(await perS(commit, 1, windowMs))
      rates.together.push(await perS(commit, underWay, windowMs))
      rates.rows.push(rowsPerAppend * await perS(append, 4, windowMs))
      progress(`round ${round + 1} of ${rounds}: ${whole(rates.alone.at(-1)!)} commits per second one by one, ${whole(rates.together.at(-1)!)} with ${underWay} under way, ${whole(rates.rows.at(-1)!)} rows; the disk syncs ${whole(rates.syncs.at(-1)!)} times`)
    }
    return { recordBytes, rowBytes, underWay, alonePerS: summarise(rates.alone), togetherPerS: summarise(rates.together), rowsPerS: summarise(rates.rows), syncsPerS: summarise(rates.syncs) }
  } finally {
    closeSync(file)
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** How often in a second `write` ends, with so many of them under way. */
async function perS(write: () => Promise<void>, atOnce: number, windowMs: number): Promise<number> {
  const begunMs = performance.now()
  let done = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() - begunMs < windowMs) {
      await write()
      done++
    }
  }))
  return done / ((performance.now() - begunMs) / 1_000)
}

const options: PerScale<StoreWritesOptions> = { full: { rounds: 5, windowMs: 1_000 }, quick: { rounds: 3, windowMs: 400 }, smoke: { rounds: 1, windowMs: 40 } }

export async function storeWrites(scale: Scale, progress: (line: string) => void): Promise<Part<StoreWritesResult>> {
  const data = await measureStoreWrites(options[scale], progress)
  const rows: Row[] = [
    {
      what: `commits to the embedded store per second, each on the disk when it resolves, ${data.underWay} under way, records of ${data.recordBytes} bytes`, figure: span(data.togetherPerS), brief: true,
      beside: `one after the other ${span(data.alonePerS)}; the disk syncs a plain file ${span(data.syncsPerS)} times a second`,
    },
    { what: `rows of time series written per second, ${data.rowBytes} bytes each`, figure: span(data.rowsPerS), beside: `${rowsPerAppend} to a write` },
  ]
  return { data, rows }
}
