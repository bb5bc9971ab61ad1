// The message log: every OCPP frame paired with its answer, kept per site, and asked by people newest first.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Session } from '../protocol/session.ts'
import { defaultSettings } from '../settings.ts'
import type { Store } from '../store/port.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { messageSeries } from './message-block.ts'
import { MessagePairs } from './message-pairs.ts'
import { newestFirst } from './message-reader.ts'
import { messageView, stamp, stampDigits, type MessageDirection, type MessageRow, type MessageStatus, type MessageView } from './message-row.ts'
import { MessageShelf, type MessageKeep } from './message-shelf.ts'
import type { Scope } from './scope.ts'

export interface MessageQuery {
  readonly clientID?: string | undefined
  readonly siteID?: string | undefined
  /** Absent: every site. */
  readonly covers?: (siteID: string) => boolean
  readonly action?: string | undefined
  readonly direction?: MessageDirection | undefined
  /** Only what was not answered with a result. */
  readonly errorsOnly?: boolean | undefined
  /** RFC 3339; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Part of either text, without regard to case. */
  readonly text?: string | undefined
  /** Id of a row: only what is older. */
  readonly after?: string | undefined
  /** At least 1. */
  readonly limit: number
}

export interface MessagesFace {
  /**
   * Newest first. Looks at no more than 20,000 rows at a time: `next` (the id to go on behind) may come with few or no
   * rows, and is null only when there is nothing older. Rejects with Refusal store-down when the store cannot be read.
   */
  list(query: MessageQuery): Promise<{ readonly data: readonly MessageView[]; readonly next: string | null }>
}

export interface MessageLogOptions {
  readonly store: Pick<Store, 'append' | 'range' | 'expire'>
  readonly clock: Clock
  readonly log: Log
  /** null: nothing is recorded. */
  readonly keep: MessageKeep | null
  /** Distinguishes ids of this process from those of others. */
  readonly run: string
  readonly siteIDs: () => readonly string[]
  /** The site of a charge point, also of one that nobody has configured. */
  readonly siteOf: (clientID: string) => string
  readonly scopeOf: (siteID: string) => Pick<Scope, 'get' | 'put' | 'delete' | 'flush'> | undefined
  readonly callTimeoutMs: number
}

/** All ends of two characters that a number can have. */
const idTails = Array.from({ length: 36 * 36 }, (_, nth) => nth.toString(36).padStart(2, '0'))
const mostScanned = 20_000
const dayMs = 86_400_000
const sweepMs = 30_000
/** How often the time-out of a CALL a late answer may take and still be found beside its request. */
const patience = 4
/** Writes of an orderly stop. */
const mostRounds = 20

export class MessageLog implements MessagesFace {
  private readonly options: MessageLogOptions
  private readonly pairs: MessagePairs
  private readonly shelves = new Map<string, MessageShelf>()
  private made = 0
  private sweptMono = 0
  private stamped = { atMs: -1, thousand: -1, text: '' }

  constructor(options: MessageLogOptions) {
    this.options = options
    const { clock, siteOf } = options
    this.pairs = new MessagePairs({
      wall: () => clock.wall(), siteOf, done: (row) => this.shelf(row.siteID).add(row),
      id: (atMs) => this.idAt(atMs),
    })
  }

  /** A frame as it came or went. Costs one to three microseconds here, and as much again when it is stored. */
  frame(session: Session, direction: MessageDirection, text: string): void {
    if (this.options.keep === null) return
    const { clock, callTimeoutMs } = this.options
    const nowMono = clock.mono()
    this.pairs.frame(session, direction, text, nowMono)
    if (nowMono - this.sweptMono < sweepMs) return
    this.sweptMono = nowMono
    this.pairs.sweep(nowMono - patience * callTimeoutMs)
  }

  ended(session: Session): void {
    this.pairs.ended(session)
  }

  async list(query: MessageQuery): Promise<{ readonly data: readonly MessageView[]; readonly next: string | null }> {
    const { store, clock, keep, siteIDs } = this.options
    if (keep === null) return { data: [], next: null }
    const sites = siteIDs().filter((siteID) => (query.siteID === undefined || siteID === query.siteID) && query.covers?.(siteID) !== false)
    const fromMs = Math.max(clock.wall() - keep.keepDays * dayMs, query.from === undefined ? 0 : Date.parse(query.from))
    const afterMs = query.after === undefined ? Infinity : parseInt(query.after.slice(0, stampDigits), 36) + 1
    // The wall clock may have stepped back behind what is stored.
    const toMs = Math.min(query.to === undefined ? clock.wall() + dayMs : Date.parse(query.to), afterMs)
    const wanted = this.filter(query)
    const data: MessageView[] = []
    let scanned = 0
    let last = query.after ?? null
    try {
      for await (const rows of this.merged(newestFirst(store, sites, { fromMs, toMs, nowMs: clock.wall() }), sites, fromMs, toMs)) {
        for (const row of rows) {
          if (last !== null && row.id >= last) continue
          if (data.length >= query.limit || scanned >= mostScanned) return { data, next: last }
          last = row.id
          scanned++
          const status = this.statusOf(row)
          if (wanted(row, status)) data.push(messageView(row, status))
        }
      }
    } catch (error) {
      throw new Refusal('store-down', 'store-down', `The store cannot be read: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Repeat the request when /readyz says the store is back.' })
    }
    return { data, next: null }
  }

  /** Forgets a site that is no more: what is stored of it goes as well as it can. */
  async drop(siteID: string): Promise<void> {
    const { store, clock, log } = this.options
    const shelf = this.shelves.get(siteID)
    this.shelves.delete(siteID)
    shelf?.stop()
    await shelf?.flush()
    await store.expire(siteID, messageSeries, clock.wall() + dayMs).catch((error: unknown) => log.warn({ siteID, error }, 'the messages of a deleted site could not be dropped'))
  }

  /** Orderly: what still waits for an answer is kept as unanswered, and so is what comes while that is written, unless it does not end. */
  async stop(): Promise<void> {
    let taken = true
    for (let round = 0; round < mostRounds && taken; round++) {
      this.pairs.endAll()
      const shelves = [...this.shelves.values()]
      if (round > 0 && shelves.every((shelf) => shelf.pending().length === 0)) break
      taken = (await Promise.all(shelves.map((shelf) => shelf.flush()))).every(Boolean)
    }
    for (const shelf of this.shelves.values()) shelf.stop()
  }

  /** Writes what is whole; a failure is only logged. */
  async flush(): Promise<void> {
    await Promise.all([...this.shelves.values()].map((shelf) => shelf.flush()))
  }

  /** As if killed. */
  abandon(): void {
    for (const shelf of this.shelves.values()) shelf.abandon()
  }

  /** Stored rows with those in memory between them; a row that is both comes once. */
  private async *merged(stored: AsyncGenerator<MessageRow[]>, sites: readonly string[], fromMs: number, toMs: number): AsyncGenerator<MessageRow[]> {
    const memory = [...this.pairs.open(), ...[...this.shelves.values()].flatMap((shelf) => shelf.pending())]
      .filter(({ siteID, atMs }) => sites.includes(siteID) && atMs >= fromMs && atMs < toMs)
      .sort(newer)
    for await (const rows of stored) {
      const oldest = rows.at(-1)?.id ?? ''
      const cut = memory.findIndex(({ id }) => id < oldest)
      yield [...memory.splice(0, cut === -1 ? memory.length : cut), ...rows].sort(newer)
    }
    yield memory
  }

  private filter(query: MessageQuery): (row: MessageRow, status: MessageStatus) => boolean {
    const clientID = query.clientID?.toLowerCase()
    const text = query.text?.toLowerCase()
    return (row, status) =>
      (clientID === undefined || row.clientID.toLowerCase() === clientID) &&
      (query.action === undefined || row.action === query.action) &&
      (query.direction === undefined || row.direction === query.direction) &&
      (query.errorsOnly !== true || (status !== 'answered' && status !== 'waiting')) &&
      (text === undefined || `${row.request ?? ''}\n${row.answer ?? ''}`.toLowerCase().includes(text))
  }

  /** Many come within a millisecond, and what changes with every one is its end. */
  private idAt(atMs: number): string {
    const made = this.made++
    const thousand = Math.floor(made / idTails.length)
    if (atMs !== this.stamped.atMs || thousand !== this.stamped.thousand) this.stamped = { atMs, thousand, text: `${stamp(atMs)}-${thousand.toString(36).padStart(6, '0')}` }
    return this.stamped.text + idTails[made % idTails.length]! + this.options.run
  }

  private statusOf({ status, direction, sentMono }: MessageRow): MessageStatus {
    const { clock, callTimeoutMs } = this.options
    return status === 'waiting' && direction === 'out' && clock.mono() - sentMono > callTimeoutMs ? 'timed-out' : status
  }

  private shelf(siteID: string): MessageShelf {
    const known = this.shelves.get(siteID)
    if (known !== undefined) return known
    const { store, clock, log, keep, scopeOf } = this.options
    const shelf = new MessageShelf({ siteID, store, clock, log, keep: keep ?? { keepDays: 1, keepMiB: 1 }, scope: scopeOf(siteID) })
    this.shelves.set(siteID, shelf)
    return shelf
  }
}

/** As the estate says; messages of those whom nobody has configured are kept with site main, or with the first there is. */
export function openMessageLog(estate: Estate): MessageLog {
  const { options: { store, clock, log, ids, messageLog, defaults }, sites } = estate
  return new MessageLog({
    store, clock, log, keep: messageLog === undefined ? null : { get keepDays() { return estate.retention.days('messages') }, keepMiB: messageLog.keepMiB }, run: ids.opaque().slice(0, 4), callTimeoutMs: (defaults?.callTimeoutS ?? defaultSettings.callTimeoutS) * 1000,
    siteIDs: () => [...sites.keys()], scopeOf: (siteID) => sites.get(siteID)?.scope,
    siteOf: (clientID) => estate.point(clientID)?.record.config.site ?? (sites.has('main') ? 'main' : sites.keys().next().value ?? 'main'),
  })
}

function newer(a: MessageRow, b: MessageRow): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}
