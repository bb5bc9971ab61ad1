// A week of limits as blocks on its seven days, by the clock of the site; blocks of one time lie side by side.
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { KeptSchedule } from './changes.ts'
import { dayMs, hoursOf, localOf, plusDays } from '../../data/zone.ts'
import { amountWords } from './changes.ts'

export const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** What a block is of: a block of the week or an interval of a schedule (`index` within it; -1 = the schedule is one interval), or a curtailment. */
export type BlockOf =
  | { readonly kind: 'weekly' | 'interval'; readonly schedule: KeptSchedule; readonly index: number }
  | { readonly kind: 'curtailment'; readonly curtailment: CurtailmentView }

export interface WeekBlock {
  readonly key: string
  /** 0 = Monday. */
  readonly day: number
  /** Minutes of the day; `to` up to 1440. */
  readonly from: number
  readonly to: number
  readonly of: BlockOf
  /** e.g. `27.6 kW`. */
  readonly amount: string
  /** For people: `17:00–20:00, Evening peak`. */
  readonly words: string
  /** Its place among those that lie beside it, and how many those are. */
  readonly lane: number
  readonly lanes: number
}
type Loose = Omit<WeekBlock, 'lane' | 'lanes'>

/** `monday`: the date on which the week begins. Of each day by the time it begins. */
export function weekOf(monday: string, zone: string, schedules: readonly KeptSchedule[], curtailments: readonly CurtailmentView[]): WeekBlock[][] {
  const days: Loose[][] = Array.from({ length: 7 }, () => [])
  const add = (day: number, from: number, to: number, of: BlockOf, whole: string, amount: string, name: string, key: string): void => {
    if (day >= 0 && day < 7 && to > from) days[day]?.push({ key: `${key}/${day}/${from}`, day, from, to, of, amount, words: `${whole}, ${name}` })
  }
  for (const schedule of schedules) {
    const name = schedule.name ?? schedule.id
    for (const [index, block] of (schedule.weekly ?? []).entries()) {
      const [from, to] = [minutesOf(block.from), minutesOf(block.to)]
      for (const dayName of block.days) {
        const day = dayNames.indexOf(dayName)
        const of = { kind: 'weekly' as const, schedule, index }
        const key = `${schedule.id}/${index}/${dayName}`
        const whole = `${block.from}–${block.to}`
        if (to > from) add(day, from, to, of, whole, amountWords(block), name, key)
        else {
          add(day, from, 1440, of, whole, amountWords(block), name, key)
          add((day + 1) % 7, 0, to, of, whole, amountWords(block), name, key)
        }
      }
    }
    const intervals = schedule.intervals ?? (schedule.startsAt === undefined || schedule.durationS === undefined ? [] : [{ ...schedule, startsAt: schedule.startsAt, durationS: schedule.durationS }])
    for (const [index, one] of intervals.entries()) {
      const fromMs = Date.parse(one.startsAt)
      spread(fromMs, fromMs + one.durationS * 1000, { kind: 'interval', schedule, index: schedule.intervals === undefined ? -1 : index }, amountWords(one), name, `${schedule.id}/${index}`)
    }
  }
  for (const one of curtailments) {
    if (one.state === 'cancelled' && one.endedAt !== null && Date.parse(one.endedAt) <= Date.parse(one.startsAt)) continue
    const untilMs = one.endedAt === null ? Date.parse(one.expiresAt) : Math.min(Date.parse(one.endedAt), Date.parse(one.expiresAt))
    spread(Date.parse(one.startsAt), untilMs, { kind: 'curtailment', curtailment: one }, amountWords(one), one.reason ?? one.source ?? one.kind, one.id)
  }
  return days.map(laid)

  function spread(fromMs: number, untilMs: number, of: BlockOf, amount: string, name: string, key: string): void {
    const [begin, end] = [localOf(fromMs, zone), localOf(untilMs, zone)]
    const whole = begin.date === end.date ? `${hoursOf(begin.minutes)}–${hoursOf(end.minutes)}` : `${begin.date} ${hoursOf(begin.minutes)} – ${end.date} ${hoursOf(end.minutes)}`
    for (let day = 0; day < 7; day++) {
      const date = plusDays(monday, day)
      if (date < begin.date || date > end.date) continue
      const least = date === begin.date ? begin.minutes : 0
      add(day, least, date === end.date ? Math.max(end.minutes, begin.date === end.date && untilMs > fromMs ? least + 1 : 0) : 1440, of, whole, amount, name, key)
    }
  }
}

/** The Monday of the week of an instant. */
export function mondayOf(ms: number, zone: string): string {
  const { date, weekday } = localOf(ms, zone)
  return plusDays(date, -weekday)
}

/** Where the instant lies in the week: its day and minute; null = in another. */
export function placeIn(monday: string, ms: number, zone: string): { readonly day: number; readonly minutes: number } | null {
  const { date, minutes } = localOf(ms, zone)
  const day = Math.round((Date.parse(date) - Date.parse(monday)) / dayMs)
  return day < 0 || day > 6 ? null : { day, minutes }
}

function laid(blocks: readonly Loose[]): WeekBlock[] {
  const sorted = blocks.toSorted((a, b) => a.from - b.from || b.to - a.to || (a.key < b.key ? -1 : 1))
  const done: WeekBlock[] = []
  for (let begin = 0; begin < sorted.length;) {
    // Those that touch one another share the width.
    const ends: number[] = []
    const lanes: number[] = []
    let untilMinutes = -1
    let end = begin
    for (let one = sorted[end]; one !== undefined && (end === begin || one.from < untilMinutes); one = sorted[end]) {
      const free = ends.findIndex((until) => until <= (one?.from ?? 0))
      const lane = free < 0 ? ends.length : free
      ends[lane] = one.to
      lanes.push(lane)
      untilMinutes = Math.max(untilMinutes, one.to)
      end++
    }
    for (const [i, lane] of lanes.entries()) {
      const one = sorted[begin + i]
      if (one !== undefined) done.push({ ...one, lane, lanes: ends.length })
    }
    begin = end
  }
  return done
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}
