// Limits that come and go by the calendar: blocks of the week in the site's time zone, and single intervals.
import { z } from 'zod'
import { dayMs, offsetAt, offsetsOver, type OffsetSpan } from './local-time.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const amount = {
  limitW: z.number().min(0).max(1_000_000_000).exactOptional().describe('Watts over all phases.'),
  currentA: z.number().min(0).max(100_000).exactOptional().describe('Amps per phase.'),
}
const oneAmount = 'exactly one of limitW and currentA is needed'
const hasOneAmount = ({ limitW, currentA }: { limitW?: number; currentA?: number }) => (limitW === undefined) !== (currentA === undefined)
const startsAt = z.iso.datetime({ offset: true })
const durationS = z.int().min(1).max(366 * 86_400)

const interval = z.strictObject({ startsAt, durationS, ...amount }).refine(hasOneAmount, oneAmount)
const block = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).max(7).refine((days) => new Set(days).size === days.length, 'a day is named twice').describe('The days it begins on, by the clock of the site.'),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time like 17:30'),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a local time like 21:00, or 24:00').describe('Not included; earlier than `from` = on the next day.'),
  ...amount,
}).refine(hasOneAmount, oneAmount).refine(({ from, to }) => from !== to, { error: 'from and to are the same; a whole day is 00:00 to 24:00', path: ['to'] })

export const scheduleIdSchema = z.string().min(1).max(48).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash and underscore only, beginning with a letter or digit')

const described = z.strictObject({
  id: scheduleIdSchema.exactOptional(),
  name: z.string().max(200).exactOptional(),
  weekly: z.array(block).min(1).max(30).exactOptional(),
  intervals: z.array(interval).min(1).max(700).exactOptional(),
  startsAt: startsAt.exactOptional(),
  durationS: durationS.exactOptional(),
  ...amount,
})

/** As it is shown: it always has an id. */
export const keptScheduleSchema = described.extend({ id: scheduleIdSchema })

/** One schedule: weekly blocks, a list of intervals, or a single interval written straight into it. */
export const limitScheduleSchema = described.superRefine((schedule, context) => {
  const single = schedule.startsAt !== undefined || schedule.durationS !== undefined || schedule.limitW !== undefined || schedule.currentA !== undefined
  const forms = [schedule.weekly !== undefined, schedule.intervals !== undefined, single].filter(Boolean).length
  if (forms !== 1) return context.addIssue({ code: 'custom', message: 'say weekly, intervals, or startsAt, durationS and limitW: exactly one of the three' })
  if (single && (schedule.startsAt === undefined || schedule.durationS === undefined)) context.addIssue({ code: 'custom', message: 'an interval needs startsAt and durationS' })
  else if (single && !hasOneAmount(schedule)) context.addIssue({ code: 'custom', message: oneAmount })
})

const mostSchedules = 20

/** The schedules of a site; those without an id are called by their place, `1`, `2`. */
export const limitSchedulesSchema = z.array(limitScheduleSchema).max(mostSchedules)
  .refine((list) => new Set(list.map(scheduleID)).size === list.length, 'two schedules have the same id')

export type LimitSchedule = z.output<typeof limitScheduleSchema>
type Block = z.output<typeof block>

/** Amps per phase or watts in total. */
export interface Amount { readonly currentA?: number; readonly powerW?: number }
/** A limit from `fromMs` until `untilMs` (not included). */
export interface Span extends Amount { readonly fromMs: number; readonly untilMs: number }

export function scheduleID(schedule: Pick<LimitSchedule, 'id'>, index: number): string {
  return schedule.id ?? String(index + 1)
}

/** What a schedule asks for at an instant, lowest not singled out. A block holds whenever the clock of the site shows a time within it: an hour that comes twice counts twice, one that is left out not at all. */
export function activeAt(schedule: LimitSchedule, ms: number, timezone: string): Amount[] {
  const active: Amount[] = intervalsOf(schedule).filter(({ fromMs, untilMs }) => ms >= fromMs && ms < untilMs).map(amountOf)
  if (schedule.weekly === undefined) return active
  const localMs = ms + offsetAt(timezone, ms)
  return [...active, ...schedule.weekly.filter((one) => covers(hoursOf(one), localMs)).map(amountOf)]
}

/** When a schedule next changes after `ms`; null when not within `horizonMs`. */
export function nextChangeMs(schedule: LimitSchedule, ms: number, timezone: string, horizonMs = 15 * dayMs): number | null {
  const edges = spansOf(schedule, timezone, ms, ms + horizonMs).flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]).filter((edge) => edge > ms && edge < ms + horizonMs)
  return edges.length === 0 ? null : Math.min(...edges)
}

/** When a schedule holds from `ms` on: `ms` itself where it holds then, else the beginning of its next span; null = it does not any more. */
export function nextHoldingMs(schedule: LimitSchedule, ms: number, timezone: string): number | null {
  // Blocks of the week come again; of an hour that a clock leaves out, a week later.
  const untilMs = schedule.weekly === undefined ? Infinity : ms + 15 * dayMs
  const [first] = spansOf(schedule, timezone, ms, untilMs)
  return first === undefined ? null : Math.max(ms, first.fromMs)
}

/** Every span of a schedule that touches `fromMs`…`untilMs`, by its start. Those of weekly blocks are cut there; intervals are whole. */
export function spansOf(schedule: LimitSchedule, timezone: string, fromMs: number, untilMs: number): Span[] {
  const spans: Span[] = intervalsOf(schedule).filter((one) => one.untilMs > fromMs && one.fromMs < untilMs)
  if (schedule.weekly !== undefined) {
    const offsets = offsetsOver(timezone, fromMs, untilMs)
    for (const one of schedule.weekly) spans.push(...spansOfBlock(one, offsets))
  }
  return spans.sort((a, b) => a.fromMs - b.fromMs || a.untilMs - b.untilMs)
}

/** A block as numbers, read once: minutes of the day. */
interface Hours extends Pick<Block, 'days'> { readonly begin: number; readonly end: number }

function hoursOf({ days, from, to }: Block): Hours {
  return { days, begin: minutesOf(from), end: minutesOf(to) }
}

function spansOfBlock(one: Block, offsets: readonly OffsetSpan[]): Span[] {
  const spans: Span[] = []
  const hours = hoursOf(one)
  for (const { fromMs, untilMs, offsetMs } of offsets) {
    // Within one offset local time runs like any other, so edges are plain sums.
    for (let startMs = fromMs; startMs < untilMs;) {
      const endMs = Math.min(nextEdge(hours, startMs + offsetMs) - offsetMs, untilMs)
      if (covers(hours, startMs + offsetMs)) {
        const last = spans.at(-1)
        if (last?.untilMs === startMs) spans[spans.length - 1] = { ...last, untilMs: endMs }
        else spans.push({ fromMs: startMs, untilMs: endMs, ...amountOf(one) })
      }
      startMs = endMs
    }
  }
  return spans
}

/** The next local moment after `localMs` at which the block may begin or end. */
function nextEdge({ begin, end }: Hours, localMs: number): number {
  const midnightMs = Math.floor(localMs / dayMs) * dayMs
  const after = (minutes: number): number => {
    const edgeMs = midnightMs + minutes * 60_000
    return edgeMs > localMs ? edgeMs : edgeMs + dayMs
  }
  return Math.min(after(begin), after(end))
}

function covers({ days, begin, end }: Hours, localMs: number): boolean {
  const day = Math.floor(localMs / dayMs)
  const minute = (localMs - day * dayMs) / 60_000
  if (end > begin) return minute >= begin && minute < end && days.includes(weekdayOf(day))
  return (minute >= begin && days.includes(weekdayOf(day))) || (minute < end && days.includes(weekdayOf(day - 1)))
}

/** Day 0 of the epoch was a Thursday. */
function weekdayOf(day: number): (typeof weekdays)[number] {
  return weekdays[(((day + 3) % 7) + 7) % 7]!
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

function intervalsOf(schedule: LimitSchedule): Span[] {
  const single = schedule.startsAt === undefined || schedule.durationS === undefined ? [] : [{ startsAt: schedule.startsAt, durationS: schedule.durationS, ...amountOf(schedule) }]
  return [...(schedule.intervals?.map((one) => ({ ...one, ...amountOf(one) })) ?? []), ...single].map((one) => {
    const fromMs = Date.parse(one.startsAt)
    return { fromMs, untilMs: fromMs + one.durationS * 1000, ...(one.currentA === undefined ? {} : { currentA: one.currentA }), ...(one.powerW === undefined ? {} : { powerW: one.powerW }) }
  })
}

function amountOf(one: { readonly currentA?: number; readonly powerW?: number; readonly limitW?: number }): Amount {
  if (one.currentA !== undefined) return { currentA: one.currentA }
  const powerW = one.limitW ?? one.powerW
  return powerW === undefined ? {} : { powerW }
}
