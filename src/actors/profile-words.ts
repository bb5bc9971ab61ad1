// How people's charging profiles are shown where they limit: a row beside the other limits, and a sentence with the time at which it ends.
import type { Constraint } from '../power/limits.ts'
import type { ProfileCap } from '../power/loads.ts'
import type { Target } from '../power/target.ts'
import type { AllocationView } from './views.ts'

/** The instant of looking and of the next change, ms of the wall clock (null = none within a day), told in the site's time zone. */
export interface Until { readonly nowMs: number; readonly untilMs: number | null; readonly timezone: string }

const round = (amps: number): number => Math.round(amps * 100) / 100

/** `charging profile 7` for `profile:7`. */
export function nameOfProfile(source: string): string {
  return `charging profile ${source.slice('profile:'.length)}`
}

/** ` until 18:30`, with the day where it is another; empty where nothing ends. */
export function untilWords({ nowMs, untilMs, timezone }: Until): string {
  return untilMs === null ? '' : ` until ${timeWords({ nowMs, untilMs, timezone })}`
}

/** `18:30`, or `29 March, 00:30` where that is another day. */
export function timeWords({ nowMs, untilMs, timezone }: Until & { readonly untilMs: number }): string {
  const { day, minute, second } = formatsOf(timezone)
  const time = (new Date(untilMs).getUTCSeconds() === 0 ? minute : second).format(untilMs)
  const then = day.format(untilMs)
  return then === day.format(nowMs) ? time : `${then}, ${time}`
}

/** Making one takes longer than a page of hundreds of connectors has. */
const formats = new Map<string, { readonly day: Intl.DateTimeFormat; readonly minute: Intl.DateTimeFormat; readonly second: Intl.DateTimeFormat }>()
const mostFormats = 100

function formatsOf(timeZone: string) {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  if (formats.size >= mostFormats) formats.clear()
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { timeZone, ...options })
  const made = { day: format({ day: 'numeric', month: 'long' }), minute: format({ hour: '2-digit', minute: '2-digit' }), second: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }) }
  formats.set(timeZone, made)
  return made
}

/** The row of a cap among the limits of a connector. */
export function capRow({ limitA, source }: ProfileCap, { allocatedA, binding, place: { outlet, row } }: Target, untilMs: number | null): AllocationView['constraints'][number] {
  const full = row.transactionId !== null && allocatedA > limitA - outlet.stepA
  return { id: source, limitA: round(limitA), state: binding === source ? 'binding' : full ? 'limiting' : 'ok', ...(untilMs === null ? {} : { until: new Date(untilMs).toISOString() }) }
}

/** Why a connector has what it has where the cap of people's profiles binds it. */
export function capSentence({ limitA, source }: ProfileCap, allocatedA: number, minA: number, until: Until): string {
  const name = nameOfProfile(source)
  if (allocatedA > 0) return `${allocatedA} A: ${name} allows no more${untilWords(until)}.`
  return limitA === 0 ? `0 A: ${name} allows nothing${untilWords(until)}.` : `0 A: ${name} allows ${round(limitA)} A${untilWords(until)}, less than the ${minA} A a car needs.`
}

/** The same where people's ChargePointMaxProfile binds it: one limit for all connectors together. */
export function wholeSentence({ source, capacity, on }: Constraint, allocatedA: number, sharers: number, until: Until): string {
  return `${allocatedA} A: ${nameOfProfile(source)} allows the whole charge point ${round(capacity)} ${on === 'W' ? 'W' : 'A'}${untilWords(until)}${sharers > 1 ? `, shared by ${sharers} cars` : ''}.`
}
