// The stored part of one site's message log: written in batches, bounded in age and size, never in the way of anything else.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/port.ts'
import { MessageBlocks, messageSeries } from './message-block.ts'
import type { MessageRow } from './message-row.ts'
import type { Scope } from './scope.ts'
import { asideKey } from './set-aside.ts'
import { ShelfWriter } from './shelf-writer.ts'

export interface MessageKeep {
  /** Older ones are dropped. */
  readonly keepDays: number
  /** Per site; the oldest are dropped beyond it. */
  readonly keepMiB: number
}

export interface MessageShelfOptions {
  readonly siteID: string
  readonly store: Pick<Store, 'append' | 'expire'>
  readonly clock: Clock
  readonly log: Log
  readonly keep: MessageKeep
  /** Where the sizes are noted; undefined: they are counted from now on. */
  readonly scope: Pick<Scope, 'get' | 'put' | 'delete' | 'flush'> | undefined
}

const sizesKey = 'message-log'
/** Hours of the clock, from which moment of each messages are kept, and their bytes. */
export const sizesSchema = z.array(z.tuple([z.number(), z.number(), z.number()]))
const asideSchema = z.looseObject({ value: sizesSchema })
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** What is stored of a row besides its texts: the other fields, and the marks in front of quotes. */
const rowOverhead = 160

/** What was written in an hour, from its first moment that is still kept. */
interface Hour { fromMs: number; bytes: number }

export class MessageShelf {
  private readonly options: MessageShelfOptions
  private readonly hours: Map<number, Hour>
  private readonly writer: ShelfWriter<MessageRow>
  private readonly blocks = new MessageBlocks()

  constructor(options: MessageShelfOptions) {
    this.options = options
    this.hours = new Map((sizesSchema.safeParse(options.scope?.get(sizesKey)).data ?? []).map(([hour, fromMs, bytes]) => [hour, { fromMs, bytes }]))
    this.takeBack()
    const { siteID, store, clock, log } = options
    this.writer = new ShelfWriter<MessageRow>({
      siteID, clock, log, what: messageSeries, mostRows: 5_000, mostBytes: 32 * 1024 * 1024, sizeOf,
      write: async (rows) => {
        await store.append(siteID, messageSeries, this.blocks.of(rows))
        for (const row of rows) this.count(row)
      },
      tidy: () => this.tidy(),
    })
  }

  add(row: MessageRow): void { this.writer.add(row) }
  /** Rows that are not known to be stored. */
  pending(): readonly MessageRow[] { return this.writer.pending() }
  stop(): void { this.writer.stop() }
  /** As if killed. */
  abandon(): void { this.writer.abandon() }

  /** Writes what waits; a failure is only logged, and told by false. */
  async flush(): Promise<boolean> {
    const taken = await this.writer.flush()
    this.note()
    await this.options.scope?.flush().catch(() => undefined)
    return taken
  }

  /** Up to 0.6.1 what was noted was set aside at every start, though it was sound. */
  private takeBack(): void {
    const { scope } = this.options
    const aside = asideSchema.safeParse(scope?.get(asideKey(sizesKey))).data
    if (aside === undefined) return
    for (const [at, fromMs, bytes] of aside.value) {
      const hour = this.hours.get(at)
      this.hours.set(at, { fromMs: Math.min(fromMs, hour?.fromMs ?? fromMs), bytes: bytes + (hour?.bytes ?? 0) })
    }
    scope?.delete(asideKey(sizesKey))
    this.note()
  }

  private count(row: MessageRow): void {
    const at = Math.floor(row.atMs / hourMs)
    const bytes = sizeOf(row)
    const hour = this.hours.get(at)
    if (hour === undefined) this.hours.set(at, { fromMs: at * hourMs, bytes })
    else hour.bytes += bytes
  }

  /** Drops what is too old, and the oldest of what is too much: an hour is taken to be evenly filled. */
  private async tidy(): Promise<void> {
    const { siteID, store, clock, keep } = this.options
    const mostBytes = keep.keepMiB * 1024 * 1024
    let beforeMs = Math.max(0, clock.wall() - keep.keepDays * dayMs)
    const kept = [...this.hours].sort(([a], [b]) => a - b)
    let excess = kept.reduce((sum, [, { bytes }]) => sum + bytes, 0) - mostBytes
    // Some more at once, so that not every look has to drop something.
    if (excess > 0) excess += mostBytes / 16
    for (const [at, hour] of kept) {
      const endMs = Math.min((at + 1) * hourMs, Math.max(clock.wall(), hour.fromMs))
      const share = excess <= 0 ? 0 : Math.min(1, excess / Math.max(1, hour.bytes))
      const cutMs = Math.max(beforeMs, share === 0 ? 0 : Math.ceil(hour.fromMs + (endMs - hour.fromMs) * share))
      if (share > 0) excess -= hour.bytes
      if (cutMs <= hour.fromMs) break
      beforeMs = Math.max(beforeMs, cutMs)
      if (cutMs >= endMs) {
        this.hours.delete(at)
        continue
      }
      hour.bytes = Math.round(hour.bytes * (endMs - cutMs) / (endMs - hour.fromMs))
      hour.fromMs = cutMs
      break
    }
    await store.expire(siteID, messageSeries, beforeMs)
    this.note()
    await this.options.scope?.flush().catch(() => undefined)
  }

  private note(): void {
    this.options.scope?.put(sizesKey, [...this.hours].map(([at, { fromMs, bytes }]) => [at, fromMs, bytes]))
  }
}

function sizeOf({ request, answer }: MessageRow): number {
  return (request?.length ?? 0) + (answer?.length ?? 0) + rowOverhead
}
