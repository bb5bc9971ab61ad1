// How far a charge point's clock is off, estimated from the ages of its messages; history must never look like now because of it.
import { z } from 'zod'

export const skewSchema = z.object({
  /** Add this to station time to get ours, ms. */
  offsetMs: z.number(),
  window: z.object({ sinceMs: z.number(), minMs: z.number(), maxMs: z.number(), count: z.int() }).nullable(),
})
export type Skew = Readonly<z.infer<typeof skewSchema>>

export const noSkew: Skew = { offsetMs: 0, window: null }

const proofMs = 60_000
const proofCount = 3
const steadyMs = 5_000

/**
 * The measure of one clock, mutable: every message of thousands says something about it.
 * The smallest age wins at once: a message cannot be from the future. A larger age is believed only when it has held steady
 * for a minute, because a queue replayed after an outage looks the same as a slow clock at first sight.
 */
export class ClockMeasure {
  offsetMs: number
  #sinceMs: number
  #minMs: number
  #maxMs: number
  /** 0 = there is no window. */
  #count: number

  constructor({ offsetMs, window }: Skew = noSkew) {
    this.offsetMs = offsetMs
    this.#sinceMs = window?.sinceMs ?? 0
    this.#minMs = window?.minMs ?? 0
    this.#maxMs = window?.maxMs ?? 0
    this.#count = window?.count ?? 0
  }

  get skew(): Skew {
    return { offsetMs: this.offsetMs, window: this.#count === 0 ? null : { sinceMs: this.#sinceMs, minMs: this.#minMs, maxMs: this.#maxMs, count: this.#count } }
  }

  /** Takes in one message: the newest station time it names and when it was received, both ms since the epoch. True = the offset is another. */
  observe(stationMs: number, receivedMs: number): boolean {
    const ageMs = receivedMs - stationMs
    if (ageMs < this.offsetMs) return this.#settle(ageMs)
    const isFirst = this.#count === 0
    const minMs = isFirst ? ageMs : Math.min(this.#minMs, ageMs)
    const maxMs = isFirst ? ageMs : Math.max(this.#maxMs, ageMs)
    const begins = isFirst || maxMs - minMs > steadyMs || receivedMs < this.#sinceMs
    if (begins) this.#sinceMs = receivedMs
    this.#minMs = begins ? ageMs : minMs
    this.#maxMs = begins ? ageMs : maxMs
    this.#count = begins ? 1 : this.#count + 1
    if (begins || receivedMs - this.#sinceMs < proofMs || this.#count < proofCount) return false
    return this.#settle(this.#minMs)
  }

  #settle(offsetMs: number): boolean {
    const isOther = offsetMs !== this.offsetMs
    this.offsetMs = offsetMs
    this.#count = 0
    return isOther
  }
}
