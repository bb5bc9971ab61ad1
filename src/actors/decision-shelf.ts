// The stored decisions of one site: written in batches, never in the way of a review, bounded in age and size.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SeriesEntry } from '../store/port.ts'
import type { DecisionView } from './decision-record.ts'
import type { Scope } from './scope.ts'

export const decisionSeries = 'decisions'

export interface DecisionShelfOptions {
  readonly siteID: string
  readonly clock: Clock
  readonly log: Log
  readonly append: (series: string, entries: readonly SeriesEntry[]) => Promise<void>
  /** Absent: nothing is ever dropped. */
  readonly expire?: ((series: string, beforeMs: number) => Promise<void>) | undefined
  /** Where the sizes are noted. */
  readonly scope: Pick<Scope, 'get' | 'put'>
}

const sizesKey = 'decision-log'
const batchMs = 250
const retryMs = 1_000
/** Decisions that wait for the store; beyond it the oldest are lost, and the log says so. */
const mostPending = 1_000
const tidyMs = 60_000
const hourMs = 3_600_000
/** Older ones are dropped, and the oldest hours of what is more. */
export const keptDecisionsMs = 7 * 24 * hourMs
const mostBytes = 64 * 1024 * 1024

export class DecisionShelf {
  private readonly options: DecisionShelfOptions
  /** Bytes by hour. */
  private readonly hours: Map<number, number>
  private waiting: (() => DecisionView)[] = []
  private writing: readonly DecisionView[] = []
  private running: Promise<void> | null = null
  private cancelTimer: (() => void) | null = null
  private failing = false
  private lost = 0
  private tidiedMono = -Infinity
  private stopped = false

  constructor(options: DecisionShelfOptions) {
    this.options = options
    const noted = options.scope.get(sizesKey)
    this.hours = new Map(Array.isArray(noted) ? noted as [number, number][] : [])
  }

  /** `make` is called when the decision is written. */
  add(make: () => DecisionView): void {
    if (this.stopped) return
    this.waiting.push(make)
    if (this.waiting.length > mostPending) {
      this.waiting.shift()
      this.lost++
    }
    this.wake(this.failing ? retryMs : batchMs)
  }

  /** Those that are not known to be stored. */
  pending(): readonly DecisionView[] {
    return [...this.writing, ...this.waiting.map((make) => make())]
  }

  /** Writes what waits; a failure is only logged. */
  async flush(): Promise<void> {
    await this.running
    if (this.waiting.length > 0) await this.write()
  }

  stop(): void {
    this.stopped = true
    this.cancelTimer?.()
    this.cancelTimer = null
  }

  private wake(delayMs: number): void {
    if (this.running !== null || this.stopped) return
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
    const { siteID, append, log, clock } = this.options
    const made = this.waiting.map((make) => make())
    this.waiting = []
    this.writing = made
    try {
      await append(decisionSeries, made.map((value) => ({ atMs: Date.parse(value.at), value })))
      if (this.failing || this.lost > 0) log.warn({ siteID, lost: this.lost }, 'decisions are stored again')
      this.failing = false
      this.lost = 0
      for (const one of made) this.count(one)
    } catch (error) {
      if (!this.failing) log.warn({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'decisions cannot be stored')
      this.failing = true
      const all = [...made.map((one) => () => one), ...this.waiting]
      this.lost += Math.max(0, all.length - mostPending)
      this.waiting = all.slice(-mostPending)
    }
    this.writing = []
    if (this.failing || clock.mono() - this.tidiedMono < tidyMs) return
    this.tidiedMono = clock.mono()
    await this.tidy().catch((error: unknown) => log.warn({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'old decisions cannot be dropped'))
  }

  private count(decision: DecisionView): void {
    const hour = Math.floor(Date.parse(decision.at) / hourMs)
    this.hours.set(hour, (this.hours.get(hour) ?? 0) + sizeOf(decision))
  }

  private async tidy(): Promise<void> {
    const { clock, scope, expire } = this.options
    let keepFrom = Math.floor((clock.wall() - keptDecisionsMs) / hourMs)
    let sum = 0
    for (const [hour, bytes] of [...this.hours].sort(([a], [b]) => b - a)) {
      sum += bytes
      // The hour that is being written stays whole.
      if (sum > mostBytes && hour < Math.max(...this.hours.keys())) {
        keepFrom = Math.max(keepFrom, hour + 1)
        break
      }
    }
    for (const hour of [...this.hours.keys()]) if (hour < keepFrom) this.hours.delete(hour)
    scope.put(sizesKey, [...this.hours])
    await expire?.(decisionSeries, Math.max(0, keepFrom * hourMs))
  }
}

/** About what it takes in the store: writing it down once more to measure it would cost as much as storing it. */
function sizeOf({ changes, lowerings, raisings, inputs }: DecisionView): number {
  return 600 + 330 * changes.length + 65 * (lowerings.length + raisings.length) + 100 * inputs.tight.length
}
