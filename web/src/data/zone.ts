// Times by the clock of a site, whatever the clock of the reader says.
import { dayMs, offsetAt } from '../../../src/power/local-time.ts'

export { dayMs }

/** What the clock on the wall shows: `date` 2026-11-24, `minutes` since midnight, `weekday` 0 = Monday. */
export interface Local { readonly date: string; readonly minutes: number; readonly weekday: number }

export function localOf(ms: number, zone: string): Local {
  const wall = new Date(ms + offsetAt(zone, ms))
  return { date: wall.toISOString().slice(0, 10), minutes: wall.getUTCHours() * 60 + wall.getUTCMinutes(), weekday: weekdayOf(wall.toISOString().slice(0, 10)) }
}

/** The instant at which the clock there shows `2026-11-24T18:30`; of an hour that comes twice the first, of one that is left out what it would be without the change. NaN for what is no time. */
export function instantOf(local: string, zone: string): number {
  const wallMs = Date.parse(`${local.length === 10 ? `${local}T00:00` : local}Z`)
  if (Number.isNaN(wallMs)) return NaN
  const [early, late] = [offsetAt(zone, wallMs - dayMs), offsetAt(zone, wallMs + dayMs)]
  for (const ahead of [Math.max(early, late), Math.min(early, late)]) if (offsetAt(zone, wallMs - ahead) === ahead) return wallMs - ahead
  return wallMs - early
}

/** For `<input type="datetime-local">`. */
export function inputOf(ms: number, zone: string): string {
  const { date, minutes } = localOf(ms, zone)
  return `${date}T${hoursOf(minutes)}`
}

/** `2026-11-24` + 1 → `2026-11-25`. */
export const plusDays = (date: string, days: number): string => new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10)

/** 0 = Monday. */
export const weekdayOf = (date: string): number => (new Date(date).getUTCDay() + 6) % 7

/** 1110 → `18:30`. */
export const hoursOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(Math.floor(minutes % 60)).padStart(2, '0')}`
