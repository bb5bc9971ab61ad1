// The stored part of one site's message log: written in batches, bounded in age and size, never in the way of anything else.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/port.ts'
import { blocksOf, messageSeries, type MessageRow } from './message-row.ts'
import type { Scope } from './scope.ts'

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
  readonly scope: Pick<Scope, 'get' | 'put' | 'flush'> | undefined
}

const sizesKey = 'message-log'
const batchMs = 250
const batchRows = 500
const batchBytes = 1024 * 1024
/** Rows and bytes that wait for the store; beyond it the oldest tenth is lost, and the log says so. */
const mostPending = 5_000
const mostPendingBytes = 32 * 1024 * 1024
const retryMs = 1_000
const tidyMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** What is stored of a row besides its texts: the other fields, and the marks in front of quotes. */
const rowOverhead = 160

/** What was written in an hour, from its first moment that is still kept. */
interface Hour { fromMs: number; bytes: number }

export class MessageShelf {
  private readonly options: MessageShelfOptions
  private readonly hours: Map<number, Hour>
  private waiting: MessageRow[] = []
  private waitingBytes = 0
  private writing: readonly MessageRow[] = []
  private running: Promise<void> | null = null
  private cancelTimer: (() => void) | null = null
  private lost = 0
  private failing = false
  private tidiedMono = -Infinity

  constructor(options: MessageShelfOptions) {
    this.options = options
    const noted = options.scope?.get(sizesKey)
    this.hours = new Map((Array.isArray(noted) ? noted as [number, number, number][] : []).map(([hour, fromMs, bytes]) => [hour, { fromMs, bytes }]))
  }

  add(row: MessageRow): void {
    this.waiting.push(row)
    this.waitingBytes += sizeOf(row)
    if (this.waiting.length > mostPending || this.waitingBytes > mostPendingBytes) this.lost += this.takeOldest(Math.ceil(this.waiting.length / 10)).length
    if (this.waiting.length >= batchRows && this.running === null && !this.failing) void this.write()
    else this.wake(batchMs)
  }

  /** Rows that are not known to be stored. */
  pending(): readonly MessageRow[] {
    return [...this.writing, ...this.waiting]
  }

  /** Writes what waits; a failure is only logged. */
  async flush(): Promise<void> {
    await this.running
    do await this.write()
    while (this.waiting.length > 0 && !this.failing)
    this.note()
    await this.options.scope?.flush().catch(() => undefined)
  }

  stop(): void {
    this.cancelTimer?.()
    this.cancelTimer = null
    this.waiting = []
  }

  private wake(delayMs: number): void {
    if (this.running !== null) return
    this.cancelTimer ??= this.options.clock.after(delayMs, () => {
      this.cancelTimer = null
      void this.write()
    })
  }

  private write(): Promise<void> {
    this.running ??= this.writeAll().finally(() => {
      this.running = null
      if (this.waiting.length > 0) this.wake(this.failing ? retryMs : batchMs)
    })
    return this.running
  }

  private async writeAll(): Promise<void> {
    const { siteID, store, log, clock } = this.options
    this.cancelTimer?.()
    this.cancelTimer = null
    for (let more = this.waiting.length > 0; more; more = this.waiting.length >= batchRows) {
      this.writing = this.takeOldest(this.batchLength())
      try {
        await store.append(siteID, messageSeries, blocksOf(this.writing))
      } catch (error) {
        this.waiting.unshift(...this.writing)
        for (const row of this.writing) this.waitingBytes += sizeOf(row)
        this.writing = []
        if (!this.failing) log.warn({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'messages cannot be stored')
        this.failing = true
        return
      }
      for (const row of this.writing) this.count(row)
      this.writing = []
      if (this.failing || this.lost > 0) log.warn({ siteID, lost: this.lost }, 'messages are stored again')
      this.failing = false
      this.lost = 0
    }
    if (clock.mono() - this.tidiedMono < tidyMs) return
    this.tidiedMono = clock.mono()
    await this.tidy().catch((error: unknown) => log.warn({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'old messages cannot be dropped'))
  }

  /** How many of the oldest rows go into one write. */
  private batchLength(): number {
    let bytes = 0
    const beyond = this.waiting.findIndex((row, index) => index >= batchRows || (bytes += sizeOf(row)) > batchBytes)
    return beyond === -1 ? this.waiting.length : Math.max(1, beyond)
  }

  private takeOldest(count: number): MessageRow[] {
    const taken = this.waiting.splice(0, count)
    for (const row of taken) this.waitingBytes -= sizeOf(row)
    return taken
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
