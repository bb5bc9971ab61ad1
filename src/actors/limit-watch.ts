// Says what people should know of the limits of a site: which one limits now, which changed, which ended; one open alert per cause, and none for long.
import { causeKey, type AlertCause, type Alerts } from './alerts.ts'
import type { KwotaEvent } from './house.ts'

/** A limit that holds now. */
export interface Standing {
  /** curtailment:<id>, schedule:<id>, failsafe. */
  readonly source: string
  readonly currentA: number
  readonly powerW: number
  /** It leaves less than the fuse and the standing limit do. */
  readonly limits: boolean
  /** `curtailment to 20 A until 18:30 (grid operator)`. */
  readonly words: () => string
}

/** A change or an end is news for so long; who changes a limit more often keeps one alert open. */
const newsMs = 600_000
const mostNews = 500

export class LimitWatch {
  private readonly siteID: string
  private readonly alerts: Alerts
  private readonly emit: (event: Pick<KwotaEvent, 'type' | 'data'>) => void
  private standing: ReadonlyMap<string, Standing> | null = null
  private readonly news = new Map<string, { readonly cause: AlertCause; readonly untilMs: number }>()
  /** Somebody is changing it: what is seen of that is told by them. */
  private hushed: string | null = null
  private limiting: ReadonlyMap<string, Standing> = new Map()

  constructor(siteID: string, alerts: Alerts, emit: (event: Pick<KwotaEvent, 'type' | 'data'>) => void) {
    this.siteID = siteID
    this.alerts = alerts
    this.emit = emit
  }

  /** Runs a change of a limit, of which `changed` is told afterwards. */
  while(source: string, change: () => void): void {
    this.hushed = source
    try { change() } finally { this.hushed = null }
  }

  /** Somebody changed it: what follows from that at the next look is no news. `standing` = those that hold with the change. */
  changed(source: string, words: string, data: Readonly<Record<string, unknown>>, standing: readonly Standing[], nowMs: number): void {
    this.standing = new Map(standing.map((one) => [one.source, one]))
    this.tell('limit-changed', source, words, nowMs)
    this.resolve('limit-expired', source, nowMs)
    this.emit({ type: 'limit.changed', data: { source, ...data } })
  }

  /** With every review. The first look after a start is no news. */
  look(standing: readonly Standing[], nowMs: number): void {
    const before = this.standing
    this.standing = new Map(standing.map((one) => [one.source, one]))
    if (before !== null) this.compare(before, this.standing, nowMs)
    const limiting = new Map(standing.filter(({ limits }) => limits).map((one) => [one.source, one]))
    for (const [source, one] of limiting) if (!isSame(this.limiting.get(source), one)) this.alerts.set(this.cause('limit-active', source), `The ${one.words()} is in force.`, nowMs)
    for (const source of this.limiting.keys()) if (!limiting.has(source)) this.alerts.set(this.cause('limit-active', source), null, nowMs)
    this.limiting = limiting
    for (const { cause, untilMs } of [...this.news.values()]) if (untilMs <= nowMs) this.resolve(cause.code, cause.about!, nowMs)
  }

  private compare(before: ReadonlyMap<string, Standing>, after: ReadonlyMap<string, Standing>, nowMs: number): void {
    for (const [source, one] of after) {
      const old = before.get(source)
      if (source === this.hushed) continue
      if (source === 'failsafe') {
        if (old !== undefined) continue
        this.emit({ type: 'limit.expired', data: { source: 'grid-limit', failsafeA: one.currentA } })
        this.tell('limit-expired', 'grid-limit', `The grid limit was not renewed in time: the ${one.words()} holds until a new one is set.`, nowMs)
      } else if (!isSame(old, one)) {
        if (!source.startsWith('schedule:')) this.tell('limit-changed', source, `The ${one.words()} has begun.`, nowMs)
        this.emit({ type: 'limit.changed', data: { source, limit: { currentA: one.currentA, powerW: one.powerW } } })
      }
    }
    for (const [source, one] of before) {
      if (after.has(source) || source === 'failsafe' || source === this.hushed) continue
      if (!source.startsWith('schedule:')) this.tell('limit-expired', source, `The ${one.words()} has ended.`, nowMs)
      this.emit({ type: 'limit.expired', data: { source, limit: { currentA: one.currentA, powerW: one.powerW } } })
    }
  }

  private tell(code: 'limit-changed' | 'limit-expired', source: string, message: string, nowMs: number): void {
    const cause = this.cause(code, source)
    const key = causeKey(cause)
    this.news.delete(key)
    const [oldest] = this.news.values()
    if (this.news.size >= mostNews && oldest !== undefined) this.resolve(oldest.cause.code, oldest.cause.about!, nowMs)
    this.news.set(key, { cause, untilMs: nowMs + newsMs })
    this.alerts.set(cause, message, nowMs)
  }

  private resolve(code: AlertCause['code'], source: string, nowMs: number): void {
    const cause = this.cause(code, source)
    if (this.news.delete(causeKey(cause))) this.alerts.set(cause, null, nowMs)
  }

  private cause(code: AlertCause['code'], source: string): AlertCause {
    return { code, siteID: this.siteID, about: source }
  }
}

function isSame(a: Standing | undefined, b: Standing): boolean {
  return a?.currentA === b.currentA && a.powerW === b.powerW
}
