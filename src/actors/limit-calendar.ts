// The limit schedules of a site laid out over the next days, by the engine's time; laid out again when they change or the days run out.
import { scheduleID, spansOf, type LimitSchedule, type Span } from '../power/limit-schedule.ts'
import type { TimedLimit } from '../power/limits.ts'
import type { SiteConfig } from '../power/site.ts'

const dayMs = 86_400_000
const nothing: readonly LimitSchedule[] = []

export class LimitCalendar {
  private of: readonly LimitSchedule[] = nothing
  private timezone = ''
  private fromMs = Infinity
  private untilMs = -Infinity
  private laid: readonly (Span & { readonly source: string })[] = []

  /** Those that hold now and those of the next 24 h. Schedules go by the wall clock: a step of it changes what holds. */
  timed({ limitSchedules, timezone }: Pick<SiteConfig, 'limitSchedules' | 'timezone'>, nowMs: number, aheadMs: number): TimedLimit[] {
    if (limitSchedules === undefined || limitSchedules.length === 0) return []
    const wallMs = nowMs + aheadMs
    if (this.of !== limitSchedules || this.timezone !== timezone || wallMs < this.fromMs || wallMs + dayMs > this.untilMs) {
      this.of = limitSchedules
      this.timezone = timezone
      this.fromMs = wallMs
      this.untilMs = wallMs + 2 * dayMs
      this.laid = layOut(limitSchedules, timezone, this.fromMs, this.untilMs)
    }
    return this.laid.filter((span) => span.untilMs > wallMs && span.fromMs < wallMs + dayMs).map((span) => onEngineTime(span, aheadMs))
  }
}

/** Every span of every schedule that touches the time, each with its source. */
export function layOut(schedules: readonly LimitSchedule[], timezone: string, fromMs: number, untilMs: number): (Span & { readonly source: string })[] {
  return schedules.flatMap((schedule, index) => spansOf(schedule, timezone, fromMs, untilMs).map((span) => ({ ...span, source: `schedule:${scheduleID(schedule, index)}` })))
}

export function onEngineTime({ fromMs, untilMs, ...rest }: Span & { readonly source: string }, aheadMs: number): TimedLimit {
  return { ...rest, fromMs: fromMs - aheadMs, untilMs: untilMs - aheadMs }
}
