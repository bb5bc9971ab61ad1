// A token bucket: so many messages a second, with a burst.
import type { Clock } from '../clock.ts'

export class TokenBucket {
  private readonly clock: Clock
  private readonly perSecond: number
  private readonly burst: number
  private tokens: number
  private filledAt: number

  /** `perSecond` 0 = never empty. */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.clock = clock
    this.perSecond = perSecond
    this.burst = burst
    this.tokens = burst
    this.filledAt = clock.mono()
  }

  /** Takes a token and returns 0, or takes none and returns the ms until there is one. */
  take(): number {
    if (this.perSecond === 0) return 0
    const now = this.clock.mono()
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) * this.perSecond / 1000)
    this.filledAt = now
    if (this.tokens < 1) return Math.max(1, Math.ceil((1 - this.tokens) * 1000 / this.perSecond))
    this.tokens -= 1
    return 0
  }
}
