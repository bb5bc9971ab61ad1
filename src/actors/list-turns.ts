// Who may bring a local list in step now: a few at a time, first come first served, none while the power needs the process.
import type { Clock } from '../clock.ts'

export interface ListTurnsOptions {
  readonly clock: Clock
  /** A site is over a limit and takes power back. */
  readonly isShedding: () => boolean
  /** After the first contact: whoever comes back after a start is served before any list. */
  readonly restMs: number
}

const mostAtOnce = 4
/** So often it is looked whether the power is calm again. */
const lookAgainMs = 1_000
/** A site that nothing brings below its limit does not keep blocked tags valid for ever. */
const longestWaitMs = 900_000

/** Those who wait are as many as there are charge points: each asks once at a time. */
export class ListTurns {
  private readonly options: ListTurnsOptions
  private readonly waiting: { readonly sinceMs: number; readonly begin: () => void }[] = []
  private running = 0
  private restsUntilMs: number | null = null
  private cancel: (() => void) | null = null
  private stopped = false

  constructor(options: ListTurnsOptions) {
    this.options = options
  }

  /** A charge point has connected. */
  contacted(): void {
    this.restsUntilMs ??= this.options.clock.mono() + this.options.restMs
  }

  /** Does the work when its turn has come, and ends as it ends; never settles once stopped. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const sinceMs = this.options.clock.mono()
    await new Promise<void>((begin) => {
      this.waiting.push({ sinceMs, begin })
      this.pump()
    })
    try {
      return await work()
    } finally {
      this.running--
      this.pump()
    }
  }

  stop(): void {
    this.stopped = true
    this.waiting.length = 0
    this.cancel?.()
  }

  private pump(): void {
    while (!this.stopped && this.cancel === null && this.running < mostAtOnce && this.waiting.length > 0) {
      const waitMs = this.waitMs()
      if (waitMs > 0) {
        this.cancel = this.options.clock.after(waitMs, () => {
          this.cancel = null
          this.pump()
        })
        return
      }
      this.running++
      this.waiting.shift()!.begin()
    }
  }

  private waitMs(): number {
    const { clock, isShedding } = this.options
    const nowMs = clock.mono()
    const restMs = (this.restsUntilMs ?? nowMs) - nowMs
    if (restMs > 0) return restMs
    return isShedding() && nowMs - this.waiting[0]!.sinceMs < longestWaitMs ? lookAgainMs : 0
  }
}
