// The only writer of the embedded store: one batch at a time, everything that waits goes into the next one, and a failed write reopens the log.
import type { Clock } from '../clock.ts'
import { asUnavailable } from './batch.ts'
import type { Level } from './level.ts'
import { StoreUnavailable } from './port.ts'

/** What a job sees while its group is put together: the data with the group's earlier jobs already in it. */
export interface View {
  get(key: string): string | undefined
  put(key: string, value: string): void
  /** A put of what no job of the group reads. */
  add(key: string, value: string): void
  del(key: string): void
}

interface Job {
  readonly sync: boolean
  readonly prepare: (view: View) => () => void
  /** Read before it, when everything before it is written; such a job is a group of its own. */
  readonly lead?: (level: Level) => Promise<void>
  readonly reject: (error: Error) => void
}

const groupWaitMs = 2
const largestGroup = 1_000
const mostPending = 50_000
const flushAfterMs = 1_000
const reopenAfterMs = 1_000
const flushMark = 'm\0flushed'

export class GroupWriter {
  private readonly clock: Clock
  private readonly open: () => Promise<Level>
  private level: Level
  private pending: Job[] = []
  private running: Promise<void> | undefined
  private cancelWake: (() => void) | undefined
  private cancelFlush: (() => void) | undefined
  private failure: Error | undefined
  private nextOpenMs = 0
  private closed = false
  private closing: Promise<void> | undefined

  constructor(clock: Clock, level: Level, open: () => Promise<Level>) {
    this.clock = clock
    this.level = level
    this.open = open
  }

  /** The database to read from. Throws StoreUnavailable once closed. */
  get reader(): Level {
    if (this.closed) throw new StoreUnavailable('the store is closed')
    return this.level
  }

  /**
   * Runs `work` in submission order inside the next group; resolves with its result after the group is written (and
   * synced, when any job of the group asks for it). `work` reads before it writes and may throw to refuse only itself.
   */
  submit<R>(sync: boolean, work: (view: View) => R): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.queue({
        sync,
        reject,
        prepare(view) {
          const result = work(view)
          return () => resolve(result)
        },
      })
    })
  }

  /** As a submit, for work that needs more than single keys: nothing is written between what `read` sees and what `work` writes. */
  submitAlone<T>(sync: boolean, read: (level: Level) => Promise<T>, work: (view: View, seen: T) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      let apply: ((view: View) => void) | undefined
      this.queue({
        sync,
        reject,
        async lead(level) {
          const seen = await read(level)
          apply = view => work(view, seen)
        },
        prepare(view) {
          apply?.(view)
          return resolve
        },
      })
    })
  }

  private queue(job: Job): void {
    if (this.closed) return job.reject(new StoreUnavailable('the store is closed'))
    if (this.pending.length >= mostPending) return job.reject(new StoreUnavailable(`${mostPending} writes are waiting already`))
    this.pending.push(job)
    this.wake()
  }

  /** Writes and syncs what was submitted, then closes the database. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private async finish(): Promise<void> {
    if (!this.failure) this.flush()
    this.closed = true
    this.cancelWake?.()
    this.cancelWake = undefined
    await this.running
    await this.drain()
    this.cancelFlush?.()
    await this.level.close()
  }

  private flush(): void {
    this.submit(true, view => view.put(flushMark, '')).catch(() => undefined)
  }

  private wake(): void {
    if (this.running || this.cancelWake) return
    this.cancelWake = this.clock.after(groupWaitMs, () => {
      this.cancelWake = undefined
      this.running = this.drain()
    })
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) await this.write(this.takeGroup())
    this.running = undefined
  }

  private takeGroup(): Job[] {
    const alone = this.pending.findIndex(({ lead }) => lead !== undefined)
    return this.pending.splice(0, Math.min(largestGroup, alone === -1 ? largestGroup : Math.max(1, alone)))
  }

  private async write(group: readonly Job[]): Promise<void> {
    const accepted: { readonly job: Job; readonly settle: () => void }[] = []
    try {
      await this.recover()
      await group[0]?.lead?.(this.level)
      const view = new GroupView(this.level)
      for (const job of group) {
        try {
          accepted.push({ job, settle: job.prepare(view) })
        } catch (error) {
          job.reject(asUnavailable('the store could not be read', error))
        }
      }
      const sync = accepted.some(({ job }) => job.sync)
      if (await view.write(sync)) this.planFlush(sync)
    } catch (error) {
      this.failure = asUnavailable('writing to the store failed', error)
      this.refuse(group, this.failure)
      return
    }
    for (const { settle } of accepted) settle()
  }

  // A failed append may leave a torn record in the log, behind which every later record would be lost: only reopening, which rewrites the log, makes it sound again.
  private async recover(): Promise<void> {
    if (!this.failure) return
    if (this.closed || this.clock.mono() < this.nextOpenMs) throw this.failure
    this.nextOpenMs = this.clock.mono() + reopenAfterMs
    await this.level.close()
    this.level = await this.open()
    this.failure = undefined
  }

  // What waits behind a failed write was built on it, so it fails too: the store holds a prefix of what was submitted, but for what was not synced when the database went on to its next log.
  private refuse(group: readonly Job[], error: Error): void {
    const waiting = this.pending
    this.pending = []
    for (const job of group) job.reject(error)
    for (const job of waiting) job.reject(error)
  }

  private planFlush(synced: boolean): void {
    if (synced) {
      this.cancelFlush?.()
      this.cancelFlush = undefined
    } else {
      this.cancelFlush ??= this.clock.after(flushAfterMs, () => {
        this.cancelFlush = undefined
        if (!this.closed) this.flush()
      })
    }
  }
}

// A chained batch takes each key at once: an array of operations costs seven times as much, and all of it in one go.
class GroupView implements View {
  private readonly batch: ReturnType<Level['batch']>
  private readonly written = new Map<string, string | undefined>()
  private readonly level: Level

  constructor(level: Level) {
    this.level = level
    this.batch = level.batch()
  }

  get(key: string): string | undefined {
    if (this.written.has(key)) return this.written.get(key)
    // As bytes: with a string key, getSync of classic-level 3.0.0 cuts a multi-byte character at the end of its shared buffer.
    return this.level.getSync<Buffer, string>(Buffer.from(key), { keyEncoding: 'buffer' })
  }

  put(key: string, value: string): void {
    this.written.set(key, value)
    this.batch.put(key, value)
  }

  add(key: string, value: string): void {
    this.batch.put(key, value)
  }

  del(key: string): void {
    this.written.set(key, undefined)
    this.batch.del(key)
  }

  /** False when there was nothing to write. */
  async write(sync: boolean): Promise<boolean> {
    if (this.batch.length === 0) {
      await this.batch.close()
      return false
    }
    await this.batch.write({ sync })
    return true
  }
}
