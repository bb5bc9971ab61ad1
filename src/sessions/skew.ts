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
 * Takes in one message: the newest station time it names and when it was received, both ms since the epoch.
 * The smallest age wins at once: a message cannot be from the future. A larger age is believed only when it has held steady
 * for a minute, because a queue replayed after an outage looks the same as a slow clock at first sight.
 */
export function observeAge(skew: Skew, stationMs: number, receivedMs: number): Skew {
  const ageMs = receivedMs - stationMs
  if (ageMs < skew.offsetMs) return { offsetMs: ageMs, window: null }
  const held = skew.window
  const minMs = Math.min(held?.minMs ?? ageMs, ageMs)
  const maxMs = Math.max(held?.maxMs ?? ageMs, ageMs)
  if (held === null || maxMs - minMs > steadyMs || receivedMs < held.sinceMs) {
    return { offsetMs: skew.offsetMs, window: { sinceMs: receivedMs, minMs: ageMs, maxMs: ageMs, count: 1 } }
  }
  const window = { sinceMs: held.sinceMs, minMs, maxMs, count: held.count + 1 }
  if (receivedMs - window.sinceMs < proofMs || window.count < proofCount) return { offsetMs: skew.offsetMs, window }
  return { offsetMs: window.minMs, window: null }
}
