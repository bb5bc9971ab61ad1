// Writes rows to the store in batches: never in the way of those who bring them, tried again until they are taken, bounded meanwhile.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

export interface ShelfWriterOptions<Row> {
  readonly siteID: string
  readonly clock: Clock
  readonly log: Log
  /** The rows as the log calls them, in the plural. */
  readonly what: string
  /** Rows and bytes that wait for the store; beyond it the oldest are lost, and the log says how many. */
  readonly mostRows: number
  readonly mostBytes: number
  /** How long a row waits for others, and how many are written at once at most; absent: 100 ms, 500 rows. */
  readonly batchMs?: number
  readonly batchRows?: number
  /** In bytes; the same for a row each time. */
  readonly sizeOf: (row: Row) => number
  /** Resolves when the store has them; after a rejection they come again. */
  readonly write: (rows: readonly Row[]) => Promise<void>
  /** After a write, at most once a minute: drops what is too old or too much. */
  readonly tidy: () => Promise<void>
}

const usualBatchMs = 100
const usualBatchRows = 500
const batchBytes = 1024 * 1024
const retryMs = 1_000
const tidyMs = 60_000

export class ShelfWriter<Row> {
  private readonly options: ShelfWriterOptions<Row>
  private readonly waiting: Row[] = []
  private waitingBytes = 0
  private writing: readonly Row[] = []
  private running: Promise<void> | null = null
  private cancelTimer: (() => void) | null = null
  private failing = false
  private lost = 0
  private tidiedMono = -Infinity
  private stopped = false
  private abandoned = false

  constructor(options: ShelfWriterOptions<Row>) {
    this.options = options
  }

  add(row: Row): void {
    if (this.stopped) return
    this.waiting.push(row)
    this.waitingBytes += this.options.sizeOf(row)
    this.loseOldest()
    this.pace()
  }

  /** Rows that are not known to be stored, oldest first. */
  pending(): readonly Row[] {
    return [...this.writing, ...this.waiting]
  }

  /** Writes what waits, also when stopped; a failure is only logged, and told by false. */
  async flush(): Promise<boolean> {
    await this.running
    await this.write()
    return !this.failing
  }

  /** Takes no more and sets nothing going any more. */
  stop(): void {
    this.stopped = true
    this.cancelTimer?.()
    this.cancelTimer = null
  }

  /** As if killed: what waits is gone, and of a write under way nothing follows. */
  abandon(): void {
    this.stop()
    this.abandoned = true
    this.takeOldest(this.waiting.length)
  }

  private pace(): void {
    const { batchMs = usualBatchMs, batchRows = usualBatchRows } = this.options
    if (this.running !== null || this.stopped || this.waiting.length === 0) return
    if (this.waiting.length >= batchRows && !this.failing) void this.write()
    else this.cancelTimer ??= this.options.clock.after(this.failing ? retryMs : batchMs, () => void this.write())
  }

  private write(): Promise<void> {
    this.running ??= this.writeAll().finally(() => {
      this.running = null
      this.pace()
    })
    return this.running
  }

  /** What waits now, in batches; what comes meanwhile has its own turn, so that a flush ends. */
  private async writeAll(): Promise<void> {
    const { siteID, clock, log, what, write, tidy } = this.options
    this.cancelTimer?.()
    this.cancelTimer = null
    if (this.waiting.length === 0) return
    for (let left = this.waiting.length; left > 0 && this.waiting.length > 0;) {
      const rows = this.writing = this.takeOldest(this.batchLength())
      left -= rows.length
      try {
        await write(rows)
      } catch (error) {
        if (this.abandoned) return
        this.waiting.unshift(...rows)
        for (const row of rows) this.waitingBytes += this.options.sizeOf(row)
        this.loseOldest()
        if (!this.failing) log.warn({ siteID, reason: reasonOf(error) }, `${what} cannot be stored`)
        this.failing = true
        return
      } finally {
        this.writing = []
      }
      if (this.abandoned) return
      if (this.failing || this.lost > 0) log.warn({ siteID, lost: this.lost }, `${what} are stored again`)
      this.failing = false
      this.lost = 0
    }
    if (clock.mono() - this.tidiedMono < tidyMs) return
    this.tidiedMono = clock.mono()
    await tidy().catch((error: unknown) => log.warn({ siteID, reason: reasonOf(error) }, `old ${what} cannot be dropped`))
  }

  /** How many of the oldest rows go into one write. */
  private batchLength(): number {
    const { batchRows = usualBatchRows } = this.options
    let bytes = 0
    const beyond = this.waiting.findIndex((row, index) => index >= batchRows || (bytes += this.options.sizeOf(row)) > batchBytes)
    return beyond === -1 ? this.waiting.length : Math.max(1, beyond)
  }

  private loseOldest(): void {
    const { mostRows, mostBytes } = this.options
    while (this.waiting.length > mostRows || this.waitingBytes > mostBytes) this.lost += this.takeOldest(1).length
  }

  private takeOldest(count: number): Row[] {
    const taken = this.waiting.splice(0, count)
    for (const row of taken) this.waitingBytes -= this.options.sizeOf(row)
    return taken
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
