// The stored decisions of one site: written in batches, never in the way of a review, bounded in age and size.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SeriesEntry } from '../store/port.ts'
import type { DecisionView } from './decision-record.ts'
import type { Scope } from './scope.ts'
import { ShelfWriter } from './shelf-writer.ts'

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
/** Hours of the clock, and the bytes that were written in each. */
export const sizesSchema = z.array(z.tuple([z.number(), z.number()]))
const hourMs = 3_600_000
/** Older ones are dropped, and the oldest hours of what is more. */
export const keptDecisionsMs = 7 * 24 * hourMs
const mostBytes = 64 * 1024 * 1024

export class DecisionShelf {
  private readonly options: DecisionShelfOptions
  /** Bytes by hour. */
  private readonly hours: Map<number, number>
  private readonly writer: ShelfWriter<() => DecisionView>

  constructor(options: DecisionShelfOptions) {
    this.options = options
    this.hours = new Map(sizesSchema.safeParse(options.scope.get(sizesKey)).data)
    const { siteID, clock, log, append } = options
    this.writer = new ShelfWriter<() => DecisionView>({
      // How large one is, is known when it is made.
      siteID, clock, log, what: decisionSeries, mostRows: 1_000, mostBytes: Infinity, sizeOf: () => 0,
      write: async (makes) => {
        const made = makes.map((make) => make())
        try {
          await append(decisionSeries, made.map((value) => ({ atMs: Date.parse(value.at), value })))
        } catch (error) {
          // A store that is down may stay so for long, and what waits holds on to whole plans until it is made.
          for (const make of this.writer.pending()) make()
          throw error
        }
        for (const one of made) this.count(one)
      },
      tidy: () => this.tidy(),
    })
  }

  /** `make` is called whenever the decision is written or looked at, or could not be written; it gives the same each time, and lets go of what it is made of once it was called. */
  add(make: () => DecisionView): void { this.writer.add(make) }
  /** Those that are not known to be stored. */
  pending(): readonly DecisionView[] { return this.writer.pending().map((make) => make()) }
  /** Writes what waits, also when stopped; a failure is only logged. */
  async flush(): Promise<void> { await this.writer.flush() }
  stop(): void { this.writer.stop() }
  /** As if killed. */
  abandon(): void { this.writer.abandon() }

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
