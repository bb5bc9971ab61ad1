// What holds on the site beside its fuse, as the people and the calendar of a scenario have it: the witness's own account.
import type { SiteConfig } from '../power/site.ts'

interface Amount { readonly currentA?: number; readonly powerW?: number }
/** `dimming` = of the charge points that can be steered, together. */
export interface Curtailed extends Amount { readonly dimming?: true }

export interface OutsideLimits {
  /** Replaces the standing limit; null = there is none. */
  stand(limit: Amount | null): void
  /** Holds beside all others until `untilMs` of the wall clock. */
  curtail(limit: Curtailed, untilMs: number): void
  /** Everything that holds at an instant of the wall clock while so much comes on top of the charge points that can be steered, W. */
  at(wallMs: number, besideW: number): readonly Amount[]
  /** The instants of the wall clock at which the calendar puts a limit on, in [fromMs, toMs]. */
  begins(fromMs: number, toMs: number): readonly number[]
}

/** At most so many curtailments are known at a time; the oldest goes first. */
const mostCurtailments = 1_000
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const minuteMs = 60_000

export function createOutsideLimits(site: SiteConfig): OutsideLimits {
  let standing: Amount | null = null
  const curtailments: { readonly limit: Curtailed; readonly untilMs: number }[] = []
  const intervals: { readonly limit: Amount; readonly fromMs: number; readonly untilMs: number }[] = []
  const blocks: { readonly limit: Amount; readonly days: readonly string[]; readonly from: number; readonly to: number }[] = []
  const local = new Intl.DateTimeFormat('en-GB', { timeZone: site.timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

  for (const schedule of site.limitSchedules ?? []) {
    for (const each of [schedule, ...(schedule.intervals ?? [])]) {
      if (each.startsAt === undefined || each.durationS === undefined) continue
      const fromMs = Date.parse(each.startsAt)
      intervals.push({ limit: amountOf(each), fromMs, untilMs: fromMs + each.durationS * 1000 })
    }
    for (const each of schedule.weekly ?? []) blocks.push({ limit: amountOf(each), days: each.days, from: minuteOf(each.from), to: minuteOf(each.to) })
  }

  function byTheWeek(wallMs: number): Amount[] {
    if (blocks.length === 0) return []
    const parts = new Map(local.formatToParts(wallMs).map(({ type, value }) => [type, value]))
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
    const today = weekdays.indexOf((parts.get('weekday') ?? '').toLowerCase().slice(0, 3))
    const isOn = (days: readonly string[], day: number) => days.includes(weekdays[(day + 7) % 7]!)
    return blocks.filter(({ days, from, to }) => (from < to
      ? isOn(days, today) && minute >= from && minute < to
      : (isOn(days, today) && minute >= from) || (isOn(days, today - 1) && minute < to))).map(({ limit }) => limit)
  }

  return {
    stand(limit) { standing = limit },
    curtail(limit, untilMs) {
      curtailments.push({ limit, untilMs })
      if (curtailments.length > mostCurtailments) curtailments.shift()
    },
    at: (wallMs, besideW) => [
      ...(standing === null ? [] : [standing]),
      ...curtailments.filter(({ untilMs }) => wallMs < untilMs).map(({ limit: { dimming, ...limit } }) => (dimming === true ? { powerW: (limit.powerW ?? (limit.currentA ?? 0) * 3 * site.voltage) + besideW } : limit)),
      ...intervals.filter(({ fromMs, untilMs }) => wallMs >= fromMs && wallMs < untilMs).map(({ limit }) => limit),
      ...byTheWeek(wallMs),
    ],
    begins(fromMs, toMs) {
      const found = new Set(intervals.map((each) => each.fromMs).filter((ms) => ms >= fromMs && ms <= toMs))
      for (let ms = Math.ceil(fromMs / minuteMs) * minuteMs; blocks.length > 0 && ms <= toMs; ms += minuteMs) {
        if (byTheWeek(ms).length > byTheWeek(ms - 1).length) found.add(ms)
      }
      return [...found].sort((a, b) => a - b)
    },
  }
}

function amountOf({ limitW, currentA }: { readonly limitW?: number | undefined; readonly currentA?: number | undefined }): Amount {
  return { ...(currentA === undefined ? {} : { currentA }), ...(limitW === undefined ? {} : { powerW: limitW }) }
}

/** `17:30` → minutes since midnight; `24:00` → 1440. */
function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
