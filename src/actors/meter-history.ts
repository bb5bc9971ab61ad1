// The meter values of one site as they came: written in batches beside everything else, and read back by connector and time.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { readSamples, type Reading } from '../sessions/readings.ts'
import type { SeriesEntry, Store } from '../store/port.ts'
import { entriesOf } from './meter-bundle.ts'
import { meterPages } from './meter-pages.ts'
import { meterSeries, sizeOfRow, type AddedRow, type MeterRow } from './meter-row.ts'
import { ShelfWriter } from './shelf-writer.ts'
import { wholeInstants } from './whole-instants.ts'

export type { MeterRow } from './meter-row.ts'

/** One reading of the register, Wh. */
export interface RegisterPoint {
  readonly atMs: number
  readonly energyWh: number
  /** It named no transaction, but whose it seemed to be, and when it was said to be measured: null = never, it counts as it came. */
  readonly loose?: { readonly transactionId: number | null; readonly saidMs: number | null }
}

/** What a charge point's actors need of it. */
export interface MeterShelf {
  /** Returns at once; what the store does not take in time is lost, the oldest first, and the log says so. */
  add(row: AddedRow): void
  /** The import register as it was read for a transaction, and where none was named, of rows with fromMs ≤ atMs < toMs, ascending; what has just been added included. Rejects with StoreUnavailable. */
  registersOf(key: string, fromMs: number, toMs: number, transactionId: number): Promise<RegisterPoint[]>
}

/** Where nothing is kept. */
export const noMeterShelf: MeterShelf = { add: () => undefined, registersOf: () => Promise.resolve([]) }

export interface MeterHistoryOptions {
  readonly siteID: string
  readonly store: Pick<Store, 'appendAll' | 'range'>
  readonly clock: Clock
  readonly log: Log
  /** How long rows are kept, ms: in stores where they go by themselves. */
  readonly keepMs: () => number
  /** Told of each row; what it answers is kept with it. */
  readonly noted?: (key: string, atMs: number) => { readonly series: string; readonly entry: SeriesEntry } | null
}

/** What an element says, as it is read when it comes. */
export function readRow({ values }: Pick<MeterRow, 'values'>, phaseCount = 3, nominalV = 230): Reading {
  return readSamples(values, { phaseCount, nominalV })
}

interface Waiting { readonly row: AddedRow; readonly bytes: number; readonly with: { readonly series: string; readonly entry: SeriesEntry } | null }

const mostRows = 20_000
/** What waits longer comes together with more of its kind; a kill may lose it. */
const batchMs = 250
const batchRows = 2_000
const mostBytes = 32 * 1024 * 1024
/** Decoding more at once would keep others waiting. */
const pageRows = 500

export class MeterHistory implements MeterShelf {
  private readonly options: MeterHistoryOptions
  private readonly writer: ShelfWriter<Waiting>

  constructor(options: MeterHistoryOptions) {
    this.options = options
    const { siteID, clock, log } = options
    this.writer = new ShelfWriter<Waiting>({
      siteID, clock, log, what: 'meter values', mostRows, mostBytes, batchMs, batchRows, sizeOf: ({ bytes }) => bytes, write: (rows) => this.write(rows), tidy: () => Promise.resolve(),
    })
  }

  add(given: AddedRow): void {
    const atMs = Math.max(0, Math.round(given.atMs))
    const row = atMs === given.atMs ? given : { ...given, atMs }
    this.writer.add({ row, bytes: sizeOfRow(row), with: this.options.noted?.(row.key, atMs) ?? null })
  }

  /** Rows with fromMs ≤ atMs < toMs, ascending, at most `limit` (default all); what has just been added included. Rejects with StoreUnavailable. */
  async rows(key: string, fromMs: number, toMs: number, limit = Infinity): Promise<MeterRow[]> {
    const rows: MeterRow[] = []
    for await (const page of this.pages(key, fromMs, toMs, Math.min(limit, pageRows))) {
      for (const row of page) if (rows.push(row) >= limit) return rows
    }
    return rows
  }

  /** The same, a page at a time. */
  async *pages(key: string, fromMs: number, toMs: number, size = pageRows): AsyncGenerator<MeterRow[]> {
    await this.settle(key)
    yield* this.storedPages(key, fromMs, toMs, size)
  }

  /** The same without what has just been added. */
  storedPages(key: string, fromMs: number, toMs: number, size: number): AsyncGenerator<MeterRow[]> {
    const { store, siteID } = this.options
    return meterPages(store, siteID, key, { fromMs, toMs }, size)
  }

  async registersOf(key: string, fromMs: number, toMs: number, transactionId: number): Promise<RegisterPoint[]> {
    const points: RegisterPoint[] = []
    for await (const page of wholeInstants(this.pages(key, fromMs, toMs))) {
      const mine = page.filter((row) => row.transactionId === transactionId || row.saidMs !== undefined)
      for (let at = 0; at < mine.length;) {
        const { atMs, receivedAtMs, saidMs, transactionId: owner } = mine[at]!
        let end = at + 1
        // What a message says of one instant is one reading.
        while (mine[end]?.atMs === atMs && mine[end]?.receivedAtMs === receivedAtMs && mine[end]?.saidMs === saidMs) end++
        const { energyWh } = readRow({ values: mine.slice(at, end).flatMap(({ values }) => values) })
        if (energyWh !== null) points.push({ atMs, energyWh, ...(saidMs === undefined ? {} : { loose: { transactionId: owner, saidMs } }) })
        at = end
      }
    }
    return points
  }

  /** Resolves when what was added of a connector can be read, or the store has refused it. */
  async settle(key: string): Promise<void> {
    if (this.writer.pending().some(({ row }) => row.key === key)) await this.writer.flush()
  }

  /** Writes what waits; a failure is only logged, and told by false. */
  flush(): Promise<boolean> { return this.writer.flush() }
  stop(): void { this.writer.stop() }
  /** As if killed. */
  abandon(): void { this.writer.abandon() }

  private async write(rows: readonly Waiting[]): Promise<void> {
    const { store, siteID, keepMs } = this.options
    const byKey = new Map<string, AddedRow[]>()
    const series = new Map<string, readonly SeriesEntry[]>()
    const marks = new Map<string, SeriesEntry[]>()
    for (const { row, with: mark } of rows) {
      push(byKey, row.key, row)
      if (mark !== null) push(marks, mark.series, mark.entry)
    }
    for (const [key, some] of byKey) series.set(meterSeries(key), entriesOf(some))
    for (const [name, entries] of marks) series.set(name, entries)
    await store.appendAll(siteID, series, { keepMs: keepMs() })
  }
}

function push<T>(lists: Map<string, T[]>, name: string, one: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [one])
  else list.push(one)
}
