// The limits of a site that come and go while sessions are played: those of its calendar, and what its demand window still allows.
import { LimitCalendar } from '../../actors/limit-calendar.ts'
import { countOn, windowMs, windowOf, type DemandState } from '../../power/demand-window.ts'
import { leadMs, type TimedLimit } from '../../power/limits.ts'
import type { SiteConfig } from '../../power/site.ts'

const dayMs = 86_400_000
/** A demand window is looked at this often, and near its end as often as a site does. */
const demandEveryMs = 30_000
const nearEndMs = 90_000
const nearEveryMs = 5_000

export class SiteLimits {
  /** The highest mean over a clock quarter of an hour so far, W. */
  highestQuarterW = 0
  private readonly site: SiteConfig
  private readonly calendar = new LimitCalendar()
  private quarter: { atMs: number; energyWs: number; uptoMs: number }
  private demand: DemandState | null = null
  private drawnW = 0
  private held: { readonly fromMs: number; readonly untilMs: number; readonly limits: readonly TimedLimit[] } = { fromMs: 0, untilMs: 0, limits: [] }

  constructor(site: SiteConfig, startMs: number) {
    this.site = site
    this.quarter = { atMs: windowOf(startMs), energyWs: 0, uptoMs: windowOf(startMs) }
  }

  /** So much was drawn by the site since the last call, W: known as a meter would count it. */
  count(drawnW: number, nowMs: number): void {
    for (let endMs = this.quarter.atMs + windowMs; endMs <= nowMs; endMs += windowMs) {
      this.add(drawnW, endMs)
      this.quarter = { atMs: endMs, energyWs: 0, uptoMs: endMs }
    }
    this.add(drawnW, nowMs)
    this.drawnW = drawnW
  }

  /** For the engine: those of the calendar that hold now or within the day, and what is left of the demand window. */
  timed(nowMs: number): readonly TimedLimit[] {
    const { demandWindow, voltage } = this.site
    const timed = this.calendar.timed(this.site, nowMs, 0)
    if (demandWindow === undefined) return timed
    const { atMs, energyWs } = this.quarter
    const before = { windowAtMs: atMs, energyWs, uptoMs: nowMs, lastW: this.drawnW, worstW: this.drawnW, allowedW: this.demand?.windowAtMs === atMs ? this.demand.allowedW : demandWindow.targetW }
    this.demand = countOn(before, { drawnW: this.drawnW, drawnAtMs: nowMs, worstW: this.drawnW }, { targetW: demandWindow.targetW, stepW: voltage, staleAfterMs: windowMs }, nowMs)
    return [...timed, { source: 'demand-window', powerW: this.demand.allowedW, fromMs: atMs, untilMs: atMs + windowMs, economic: true }]
  }

  /** Look again within so many ms, though nothing happens; null = there is no demand window that would ask for it. */
  lookAgainMs(nowMs: number): number | null {
    if (this.site.demandWindow === undefined) return null
    return windowOf(nowMs) + windowMs - nowMs <= nearEndMs ? nearEveryMs : demandEveryMs
  }

  /** When one of them begins, is about to, or ends, after now; Infinity = nothing within the day. */
  nextEdgeMs(timed: readonly TimedLimit[], nowMs: number): number {
    return Math.min(Infinity, ...timed.flatMap(({ fromMs, untilMs }) => [fromMs - leadMs, fromMs, untilMs]).filter((ms) => ms > nowMs))
  }

  /** What the calendar limits at this moment. */
  holding(nowMs: number): readonly TimedLimit[] {
    if (nowMs >= this.held.fromMs && nowMs < this.held.untilMs) return this.held.limits
    const timed = this.calendar.timed(this.site, nowMs, 0)
    const limits = timed.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)
    this.held = { fromMs: nowMs, untilMs: Math.min(this.nextEdgeMs(timed, nowMs), nowMs + dayMs / 2), limits }
    return limits
  }

  /** For yardsticks: the least of the calendar that holds at any time in there, and the target of the demand window, A per phase; Infinity = none. */
  lowestA(fromMs: number, untilMs: number): number {
    const { demandWindow, voltage } = this.site
    const amps = this.calendar.timed(this.site, fromMs, 0).filter((one) => one.fromMs < untilMs).map(({ currentA, powerW }) => currentA ?? (powerW ?? 0) / (3 * voltage))
    return Math.min(demandWindow === undefined ? Infinity : demandWindow.targetW / (3 * voltage), ...amps)
  }

  private add(drawnW: number, uptoMs: number): void {
    this.quarter.energyWs += (drawnW * (uptoMs - this.quarter.uptoMs)) / 1000
    this.quarter.uptoMs = uptoMs
    this.highestQuarterW = Math.max(this.highestQuarterW, (this.quarter.energyWs * 1000) / windowMs)
  }
}
