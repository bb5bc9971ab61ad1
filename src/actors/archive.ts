// Ended transactions of a site beyond memory: moved from its scope into series of the store, found by their id and by their start.
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { asRecord, recordKey, type TransactionRecord } from '../sessions/record.ts'
import type { SeriesEntry, Store } from '../store/port.ts'
import type { Scope } from './scope.ts'

/** By startedAtMs, whole records. */
export const transactionSeries = 'transactions'
/** "Times" of these two are the id, and 31 bits of the start's key: a look-up is a range of one. */
export const idSeries = 'transaction-ids'
export const startSeries = 'transaction-starts'

const dayMs = 86_400_000
/** Later stops, conflicts and repeated starts come while it is still at hand. */
export const stoppedStayMs = dayMs
export const unconfirmedStayMs = 7 * dayMs
const movedTogether = 200
const readTogether = 200
const firstSpanMs = 3_600_000

/** What handlers ask of it; waits through a store that is down. */
export interface Shelf {
  /** One that has left the scope; who changes it puts it into the scope, and it is moved again later. */
  find(id: number): Promise<TransactionRecord | null>
  /** The id that a start with this key (`start:…`) was answered. */
  startOf(key: string): Promise<number | null>
}

export const noShelf: Shelf = { find: () => Promise.resolve(null), startOf: () => Promise.resolve(null) }

/** What leaves a scope for a series is durable there first. */
const durable = { durable: true } as const

export interface ArchiveOptions {
  readonly siteID: string
  readonly store: Pick<Store, 'append' | 'range' | 'replace' | 'expire'>
  readonly clock: Clock
}

/** Where a record is, and by which starts it is found. */
interface Place { readonly atMs: number; readonly starts: readonly string[] }
interface KeptStart { readonly key: string; readonly id: number }

export class Archive implements Shelf {
  private readonly options: ArchiveOptions
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: ArchiveOptions) {
    this.options = options
  }

  /** Rejects with StoreUnavailable. What the scope holds under the id counts before it. */
  async find(id: number): Promise<TransactionRecord | null> {
    const place = await this.place(id)
    if (place === null) return null
    const found = await this.at(place.atMs)
    return found.flatMap(({ value }) => asRecord(value) ?? []).find((record) => record.id === id) ?? null
  }

  async startOf(key: string): Promise<number | null> {
    const at = numberOf(key)
    const found = await this.options.store.range(this.options.siteID, startSeries, at, at + 1)
    return found.map(({ value }) => value as KeptStart).find((one) => one.key === key)?.id ?? null
  }

  /** Records that began in [fromMs, toMs), newest first; the scope may hold a newer one under the id. */
  async *newestFirst(fromMs: number, toMs: number): AsyncGenerator<TransactionRecord> {
    const { store, siteID } = this.options
    let endMs = toMs
    let spanMs = firstSpanMs
    while (endMs > fromMs) {
      const beginMs = Math.max(fromMs, endMs - spanMs)
      const single = endMs - beginMs <= 1
      const rows = await store.range(siteID, transactionSeries, beginMs, endMs, ...(single ? [] : [readTogether + 1]))
      if (rows.length > readTogether && !single) {
        spanMs = Math.max(1, Math.floor((endMs - beginMs) / 4))
        continue
      }
      yield* rows.flatMap(({ value }) => asRecord(value) ?? []).sort((a, b) => b.startedAtMs - a.startedAtMs || b.id - a.id)
      endMs = beginMs
      if (rows.length < readTogether / 4) spanMs *= 4
    }
  }

  /**
   * Moves what has rested long enough in the site's scope, some at a time, until `goOn` says no; answers how many. At no moment one is in
   * neither place, and in both it does no harm: the scope's counts. Rejects with StoreUnavailable.
   */
  async move(scope: Scope, goOn: () => Promise<boolean> = () => Promise.resolve(true)): Promise<number> {
    const nowMs = this.options.clock.wall()
    const due = scope.entries('tx:').flatMap(([, value]) => {
      const record = asRecord(value)
      return record !== null && mayGo(record, nowMs) ? [record.id] : []
    })
    if (due.length === 0) return 0
    const starts = startsOf(scope, new Set(due))
    let moved = 0
    for (let from = 0; from < due.length; from += movedTogether) {
      moved += await this.alone(() => this.moveSome(scope, due.slice(from, from + movedTogether), starts))
      if (!await goOn()) break
    }
    return moved
  }

  private async moveSome(scope: Scope, ids: readonly number[], starts: ReadonlyMap<number, readonly string[]>): Promise<number> {
    const { store, siteID, clock } = this.options
    const held = ids.flatMap((id) => {
      const value = scope.get(recordKey(id))
      const record = asRecord(value)
      return record !== null && mayGo(record, clock.wall()) ? [{ record, value, starts: starts.get(id) ?? [] }] : []
    })
    const places = await Promise.all(held.map(({ record: { id } }) => this.place(id)))
    const fresh = held.filter((_, index) => places[index] === null)
    // The index first: whoever is in it already may be in the archive, and is put in its place instead of beside it.
    await store.append(siteID, idSeries, fresh.map(({ record, starts: keys }) => ({ atMs: record.id, value: { atMs: beganAt(record), starts: keys } satisfies Place })), durable)
    await store.append(siteID, startSeries, held.flatMap(({ record: { id }, starts: keys }) => keys.map((key) => ({ atMs: numberOf(key), value: { key, id } satisfies KeptStart }))), durable)
    await store.append(siteID, transactionSeries, fresh.map(({ record }) => ({ atMs: beganAt(record), value: record })), durable)
    for (const [index, { record }] of held.entries()) {
      const place = places[index]
      if (place !== null && place !== undefined) await this.putAgain(record, place)
    }
    // The records are gone from the scope only once they are durable in the series.
    for (const { record: { id }, value, starts: keys } of held) {
      if (scope.get(recordKey(id)) !== value) continue
      scope.delete(recordKey(id))
      for (const key of keys) scope.delete(key)
    }
    await scope.flush()
    return held.length
  }

  /** Puts a changed one in the place of the one there was. */
  async putAgain(record: TransactionRecord, before: Place): Promise<void> {
    const atMs = beganAt(record)
    await this.replaceAt(transactionSeries, atMs, (others) => [...others.filter(({ value }) => asRecord(value)?.id !== record.id), { atMs, value: record }])
    if (before.atMs === atMs) return
    await this.replaceAt(idSeries, record.id, () => [{ atMs: record.id, value: { ...before, atMs } satisfies Place }])
    await this.replaceAt(transactionSeries, before.atMs, (others) => others.filter(({ value }) => asRecord(value)?.id !== record.id))
  }

  /** Rewrites records that began in [fromMs, …), oldest first, some of them; answers how many changed, and from when to go on (null = that was all). */
  rewrite(fromMs: number, change: (record: TransactionRecord) => TransactionRecord): Promise<{ readonly changed: number; readonly nextMs: number | null }> {
    return this.alone(() => this.rewriteSome(fromMs, change))
  }

  private async rewriteSome(fromMs: number, change: (record: TransactionRecord) => TransactionRecord): Promise<{ readonly changed: number; readonly nextMs: number | null }> {
    const { store, siteID } = this.options
    const rows = await store.range(siteID, transactionSeries, fromMs, Number.MAX_SAFE_INTEGER, readTogether)
    const last = rows.at(-1)
    if (last === undefined) return { changed: 0, nextMs: null }
    let changed = 0
    for (const atMs of new Set(rows.map((row) => row.atMs))) {
      const before = await this.at(atMs)
      const after = before.map((row) => {
        const record = asRecord(row.value)
        const now = record === null ? null : change(record)
        return now === null || now === record ? row : { atMs, value: now }
      })
      const differ = after.filter((row, index) => row !== before[index]).length
      if (differ > 0) await store.replace(siteID, transactionSeries, atMs, atMs + 1, after, durable)
      changed += differ
    }
    return { changed, nextMs: rows.length < readTogether ? null : last.atMs + 1 }
  }

  /** Forgets some of what began before that time, with all that points to it; answers how many. */
  async drop(beforeMs: number): Promise<number> {
    const { store, siteID } = this.options
    const oldestMs = await this.oldestMs()
    if (oldestMs === null || oldestMs >= beforeMs) return 0
    // A store may replace within one day (UTC) only.
    const endMs = Math.min(beforeMs, (Math.floor(oldestMs / dayMs) + 1) * dayMs)
    const some = await store.range(siteID, transactionSeries, oldestMs, endMs, movedTogether)
    const lastMs = some.at(-1)?.atMs ?? oldestMs
    const untilMs = some.length < movedTogether ? endMs : Math.max(lastMs, oldestMs + 1)
    const rows = some.filter(({ atMs }) => atMs < untilMs)
    for (const { value } of rows) {
      const record = asRecord(value)
      if (record !== null) await this.forget(record.id)
    }
    await store.replace(siteID, transactionSeries, oldestMs, untilMs, [], durable)
    return rows.length
  }

  /** When the oldest began; null when there is none. */
  async oldestMs(): Promise<number | null> {
    const [first] = await this.options.store.range(this.options.siteID, transactionSeries, 0, Number.MAX_SAFE_INTEGER, 1)
    return first?.atMs ?? null
  }

  private async forget(id: number): Promise<void> {
    const place = await this.place(id)
    for (const key of place?.starts ?? []) await this.replaceAt(startSeries, numberOf(key), (kept) => kept.filter(({ value }) => (value as KeptStart).key !== key))
    await this.replaceAt(idSeries, id, () => [])
  }

  private async replaceAt(series: string, at: number, change: (before: readonly SeriesEntry[]) => readonly SeriesEntry[]): Promise<void> {
    const { store, siteID } = this.options
    await store.replace(siteID, series, at, at + 1, change(await store.range(siteID, series, at, at + 1)), durable)
  }

  private async place(id: number): Promise<Place | null> {
    if (!Number.isSafeInteger(id) || id < 0) return null
    const [found] = await this.options.store.range(this.options.siteID, idSeries, id, id + 1, 1)
    return found === undefined ? null : found.value as Place
  }

  /** What is being moved is not rewritten meanwhile, and the other way round. */
  private alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.last.then(act)
    this.last = mine.catch(() => undefined)
    return mine
  }

  private at(atMs: number): Promise<SeriesEntry[]> {
    return this.options.store.range(this.options.siteID, transactionSeries, atMs, atMs + 1)
  }
}

function mayGo(record: TransactionRecord, nowMs: number): boolean {
  if (record.status !== 'stopped' && record.status !== 'unconfirmed') return false
  const restsFromMs = Math.max(record.stoppedAtMs ?? 0, record.startReceivedAtMs)
  return restsFromMs < nowMs - (record.status === 'stopped' ? stoppedStayMs : unconfirmedStayMs)
}

function startsOf(scope: Scope, ids: ReadonlySet<number>): Map<number, string[]> {
  const starts = new Map<number, string[]>()
  for (const [key, id] of scope.entries('start:')) if (typeof id === 'number' && ids.has(id)) starts.set(id, [...starts.get(id) ?? [], key])
  return starts
}

/** Series have whole times from 1970 on. */
export function beganAt({ startedAtMs }: Pick<TransactionRecord, 'startedAtMs'>): number {
  return Math.max(0, Math.floor(startedAtMs))
}

function numberOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) >>> 1
}
