// Nobody guesses passwords: an address and an identity may fail so often, then they are refused before anything is computed.
import { networkOf } from '../addresses.ts'
import type { Clock } from '../clock.ts'
import type { Attempt } from '../protocol/session.ts'

interface Bucket { tokens: number; filledAtMs: number }

const mostKept = 10_000

/** Token buckets by key. Of more than 10 000 the longest untouched is forgotten, and is full when it comes again. */
export class Buckets {
  private readonly clock: Clock
  private readonly burst: number
  private readonly everyMs: number
  private readonly kept = new Map<string, Bucket>()

  constructor(clock: Clock, burst: number, everyMs: number) {
    this.clock = clock
    this.burst = burst
    this.everyMs = everyMs
  }

  has(key: string): boolean {
    return this.filled(key).tokens >= 1
  }

  /** Until there is a token; 0 = there is one. */
  waitMs(key: string): number {
    return Math.max(0, Math.ceil((1 - this.filled(key).tokens) * this.everyMs))
  }

  /** One less, never below none. */
  take(key: string): void {
    const bucket = this.filled(key)
    bucket.tokens = Math.max(0, bucket.tokens - 1)
    this.kept.delete(key)
    this.kept.set(key, bucket)
    const oldest = this.kept.keys().next()
    if (this.kept.size > mostKept && oldest.done !== true) this.kept.delete(oldest.value)
  }

  giveBack(key: string): void {
    const bucket = this.filled(key)
    bucket.tokens = Math.min(this.burst, bucket.tokens + 1)
  }

  private filled(key: string): Bucket {
    const nowMs = this.clock.mono()
    const bucket = this.kept.get(key) ?? { tokens: this.burst, filledAtMs: nowMs }
    bucket.tokens = Math.min(this.burst, bucket.tokens + (nowMs - bucket.filledAtMs) / this.everyMs)
    bucket.filledAtMs = nowMs
    return bucket
  }
}

/**
 * 10 failures per identity, then one in 6 s; 30 per address (several charge points may come from one), then one in 2 s. While an
 * identity is attacked, an address that has not tried it yet may, three times: its charge point is not locked out by others.
 */
export class FailurePace {
  private readonly identities: Buckets
  private readonly addresses: Buckets
  private readonly pairs: Buckets

  constructor(clock: Clock) {
    this.identities = new Buckets(clock, 10, 6_000)
    this.addresses = new Buckets(clock, 30, 2_000)
    this.pairs = new Buckets(clock, 3, 20_000)
  }

  /** Counts a failure ahead, so that those at the same time count; call what it returns when it was none. Null = too many, refuse unseen. */
  enter({ clientID, remoteAddress }: Pick<Attempt, 'clientID' | 'remoteAddress'>): (() => void) | null {
    const identity = clientID.toLowerCase()
    const address = networkOf(remoteAddress)
    const pair = `${identity}\n${address}`
    if (!this.addresses.has(address) || !(this.identities.has(identity) || this.pairs.has(pair))) return null
    const taken = [[this.identities, identity], [this.addresses, address], [this.pairs, pair]] as const
    for (const [buckets, key] of taken) buckets.take(key)
    let given = false
    return () => {
      if (given) return
      given = true
      for (const [buckets, key] of taken) buckets.giveBack(key)
    }
  }
}
