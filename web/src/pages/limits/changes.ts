// Changes of curtailments and schedules as requests, and the requests that undo them.
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { LimitSchedule } from '../../../../src/power/limit-schedule.ts'
import { segment } from '../../data/call.ts'
import { amps, kilowatts } from '../../data/words.ts'
import type { Wish } from '../../data/wish.ts'

export type KeptSchedule = LimitSchedule & { readonly id: string }
type Weekly = NonNullable<LimitSchedule['weekly']>[number]
type Interval = NonNullable<LimitSchedule['intervals']>[number]

export type Unit = 'A' | 'kW' | '%'

/** As it stands in a form. */
export function amountOf(one: { readonly currentA?: number; readonly powerW?: number; readonly limitW?: number; readonly percent?: number }): { readonly value: string; readonly unit: Unit } {
  if (one.currentA !== undefined) return { value: String(one.currentA), unit: 'A' }
  if (one.percent !== undefined) return { value: String(one.percent), unit: '%' }
  const watts = one.powerW ?? one.limitW
  return watts === undefined ? { value: '', unit: 'A' } : { value: String(watts / 1000), unit: 'kW' }
}
export function amountWords(one: Parameters<typeof amountOf>[0]): string {
  const { unit, value } = amountOf(one)
  return unit === 'A' ? `${amps(Number(value))} per phase` : unit === '%' ? `${value} % of the fuse` : kilowatts(Number(value) * 1000)
}

/** null while it is no number. `watts` = the name of the field that holds them. */
export function amountField(value: string, unit: Unit, watts: 'powerW' | 'limitW'): Readonly<Record<string, number>> | null {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number) || number < 0) return null
  return unit === 'A' ? { currentA: number } : unit === '%' ? { percent: number } : { [watts]: Math.round(number * 1000) }
}

const curtailmentsOf = (siteID: string): string => `/sites/${segment(siteID)}/curtailments`
const schedulesOf = (siteID: string): string => `/sites/${segment(siteID)}/limit-schedules`
export const curtailmentPath = (siteID: string, id: string): string => `${curtailmentsOf(siteID)}/${segment(id)}`
export const schedulePath = (siteID: string, id: string): string => `${schedulesOf(siteID)}/${segment(id)}`

/** What is asked for anew, as it was: from now on where it has begun. */
export function curtailmentAgain(siteID: string, { kind, currentA, powerW, percent, startsAt, expiresAt, state, reason, source }: CurtailmentView): Wish {
  const amount = percent !== undefined ? { percent } : currentA !== undefined ? { currentA } : { powerW }
  return { method: 'POST', path: curtailmentsOf(siteID), body: { kind, ...amount, ...(state === 'scheduled' && { startsAt }), expiresAt, ...(reason !== undefined && { reason }), ...(source !== undefined && { source }) } }
}

/** Back to what it was before it was changed. */
export function curtailmentBack(siteID: string, { id, currentA, powerW, percent, startsAt, expiresAt, state, reason }: CurtailmentView): Wish {
  const amount = percent !== undefined ? { percent } : currentA !== undefined ? { currentA } : { powerW }
  return { method: 'PATCH', path: curtailmentPath(siteID, id), body: { ...amount, ...(state === 'scheduled' && { startsAt }), expiresAt, reason: reason ?? '' } }
}

export const curtailmentGone = (siteID: string, id: string): Wish => ({ method: 'DELETE', path: curtailmentPath(siteID, id) })

/** The schedule with a block in the place `index` (its length = behind the last), or without that one (`block` null); null = nothing is left of it. */
export function withWeekly(schedule: KeptSchedule, index: number, block: Weekly | null): KeptSchedule | null {
  const weekly = replaced(schedule.weekly ?? [], index, block)
  return weekly.length === 0 ? null : { ...schedule, weekly }
}

/** `index` -1 = the schedule itself is the interval; it becomes a list as soon as there is another. */
export function withInterval(schedule: KeptSchedule, index: number, interval: Interval | null): KeptSchedule | null {
  const { startsAt: _, durationS: __, limitW: ___, currentA: ____, ...rest } = schedule
  const intervals = replaced(blocksOf(schedule).filter((one): one is Interval => 'startsAt' in one), Math.max(0, index), interval)
  return intervals.length === 0 ? null : { ...rest, intervals }
}

/** Where the block that was opened is now that others have changed its schedule; -1 = it is gone. */
export function foundAgain(before: KeptSchedule, index: number, now: KeptSchedule): { readonly index: number; readonly changed: boolean } {
  const [old, fresh] = [blocksOf(before).map((one) => JSON.stringify(one)), blocksOf(now).map((one) => JSON.stringify(one))]
  const place = Math.max(0, index)
  const wanted = old[place] ?? ''
  if (fresh[place] === wanted) return { index: place, changed: false }
  const elsewhere = fresh.indexOf(wanted)
  if (elsewhere >= 0) return { index: elsewhere, changed: false }
  return fresh.length < old.length ? { index: -1, changed: true } : { index: place, changed: true }
}

/** The blocks of the week or the intervals of a schedule. */
export function blocksOf({ weekly, intervals, startsAt, durationS, limitW, currentA }: KeptSchedule): readonly (Weekly | Interval)[] {
  if (weekly !== undefined) return weekly
  return intervals ?? (startsAt === undefined || durationS === undefined ? [] : [{ startsAt, durationS, ...(limitW === undefined ? { currentA: currentA ?? 0 } : { limitW }) }])
}

function replaced<T>(list: readonly T[], index: number, one: T | null): T[] {
  return one === null ? list.filter((_, i) => i !== index) : index >= list.length ? [...list, one] : list.map((old, i) => (i === index ? one : old))
}

/** Puts the schedule as it is to be; null = away with it. */
export function scheduleWish(siteID: string, id: string, schedule: KeptSchedule | null): Wish {
  const path = schedulePath(siteID, id)
  return schedule === null ? { method: 'DELETE', path } : { method: 'PUT', path, body: schedule }
}
export const newScheduleWish = (siteID: string, schedule: Omit<LimitSchedule, 'id'>): Wish => ({ method: 'POST', path: schedulesOf(siteID), body: schedule })
