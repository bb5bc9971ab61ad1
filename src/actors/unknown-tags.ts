// Alerts about starts with an id tag that nobody knows: one per tag and charge point, over when the tag is known, or after an hour.
import type { Clock } from '../clock.ts'
import type { AlertCause, Alerts } from './alerts.ts'
import type { Question } from './authorise.ts'

const forgottenAfterMs = 3_600_000
/** Beyond that the oldest is taken back. */
const mostKept = 1_000

export class UnknownTags {
  private readonly alerts: Alerts
  private readonly clock: Clock
  private readonly seen = new Map<string, { readonly tag: string; readonly cause: AlertCause; readonly cancel: () => void }>()
  private stopped = false

  constructor(alerts: Alerts, clock: Clock) {
    this.alerts = alerts
    this.clock = clock
  }

  started({ idTag, siteID, clientID }: Question): void {
    const tag = idTag.toLowerCase()
    const key = `${clientID}\n${tag}`
    if (this.stopped) return
    this.seen.get(key)?.cancel()
    this.seen.delete(key)
    const cause = { code: 'unknown-id-tag', siteID, clientID, about: tag } as const
    this.seen.set(key, { tag, cause, cancel: this.clock.after(forgottenAfterMs, () => this.resolve(key)) })
    this.alerts.set(cause, `Somebody started at ${clientID} with an id tag that nobody knows (it ends in ${idTag.slice(-3)}). Add it to the id tags if it is to charge; the transaction names it.`, this.clock.wall())
    const [oldest] = this.seen.keys()
    if (this.seen.size > mostKept && oldest !== undefined) this.resolve(oldest)
  }

  /** Somebody knows it now. */
  known(idTag: string): void {
    const known = idTag.toLowerCase()
    for (const [key, { tag }] of this.seen) if (tag === known) this.resolve(key)
  }

  stop(): void {
    this.stopped = true
    for (const { cancel } of this.seen.values()) cancel()
  }

  private resolve(key: string): void {
    const one = this.seen.get(key)
    if (one === undefined) return
    one.cancel()
    this.seen.delete(key)
    this.alerts.set(one.cause, null, this.clock.wall())
  }
}
