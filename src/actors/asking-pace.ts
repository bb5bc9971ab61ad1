// Nobody guesses id tags at a charge point: each may ask about so many a minute, the rest is refused unasked and alerted.
import type { Clock } from '../clock.ts'
import type { Alerts } from './alerts.ts'
import type { Location } from './id-tag-record.ts'

const burst = 10
const everyMs = 6_000
const overAfterMs = 60_000

interface Bucket { tokens: number; filledAtMs: number; cancel: (() => void) | null }

/** 10 Authorize a minute per charge point, 10 at once. The alert is over when a minute has passed without one too many. */
export class AskingPace {
  private readonly alerts: Alerts
  private readonly clock: Clock
  /** By charge point: as many as are configured. */
  private readonly buckets = new Map<string, Bucket>()
  private stopped = false

  constructor(alerts: Alerts, clock: Clock) {
    this.alerts = alerts
    this.clock = clock
  }

  mayAsk({ siteID, clientID }: Location): boolean {
    const nowMs = this.clock.mono()
    const bucket = this.buckets.get(clientID) ?? { tokens: burst, filledAtMs: nowMs, cancel: null }
    this.buckets.set(clientID, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.filledAtMs) / everyMs)
    bucket.filledAtMs = nowMs
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return true
    }
    if (this.stopped) return false
    const cause = { code: 'id-tag-guessing', siteID, clientID } as const
    this.alerts.set(cause, `${clientID} asks about more than ${burst} id tags a minute; those above are answered Invalid without asking.`, this.clock.wall())
    bucket.cancel?.()
    bucket.cancel = this.clock.after(overAfterMs, () => this.alerts.set(cause, null, this.clock.wall()))
    return false
  }

  stop(): void {
    this.stopped = true
    for (const { cancel } of this.buckets.values()) cancel?.()
  }
}
