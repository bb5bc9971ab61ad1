// A limit of people as a request, and the request that brings back what stood before it: never for longer than it stood, and never what had lapsed.
import type { GridLimitView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import type { Wish } from '../../data/wish.ts'

export type LimitAim = { readonly kind: 'limit' } | { readonly kind: 'curtail'; readonly percent: number }

export interface Filled { readonly value: string; readonly unit: string; readonly minutes: string; readonly reason: string }

/** What a limit's rest is shortened by: as much as the clock read from answers may be behind, and the way there takes. */
const marginMs = 2000
const minuteMs = 60_000

const gridLimit = (siteID: string): string => `/sites/${segment(siteID)}/grid-limit`
export const liftingWish = (siteID: string): Wish => ({ method: 'DELETE', path: gridLimit(siteID) })

/** null while the numbers are none. A curtailment ends with the minute in which its time is over. */
export function wishOf(kind: LimitAim['kind'], siteID: string, { value, unit, minutes, reason }: Filled, nowMs: number): Wish | null {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number) || number < 0) return null
  const amount = unit === 'A' ? { currentA: number } : unit === 'kW' ? { powerW: Math.round(number * 1000) } : { percent: number }
  const why = reason.trim() === '' ? {} : { reason: reason.trim() }
  if (kind === 'limit') return { method: 'PUT', path: gridLimit(siteID), body: { ...amount, ...why } }
  const forMinutes = Number(minutes)
  if (!Number.isFinite(forMinutes) || forMinutes < 1) return null
  const expiresAt = new Date(Math.ceil(nowMs / minuteMs + forMinutes) * minuteMs).toISOString()
  return { method: 'POST', path: `/sites/${segment(siteID)}/curtailments`, body: { ...amount, ...why, expiresAt } }
}

/** What undoes a change of the limit that stood `before`; a text = why nothing does. */
export function undoing(siteID: string, { currentA, powerW, reason, expiresAt, effective }: Pick<GridLimitView, 'currentA' | 'powerW' | 'reason' | 'expiresAt' | 'effective'>, nowMs: number): Wish | string {
  // Nobody knows what may be drawn: whoever wants more than the failsafe says how much.
  if (effective.binding === 'failsafe') return 'the limit before had lapsed, and the failsafe held.'
  const restS = expiresAt === undefined ? null : Math.floor((Date.parse(expiresAt) - nowMs - marginMs) / 1000)
  if (restS !== null && restS < 1) return 'the limit before has reached its end.'
  if (currentA === null) return liftingWish(siteID)
  return { method: 'PUT', path: gridLimit(siteID), body: { ...(powerW === undefined ? { currentA } : { powerW }), ...(reason !== undefined && { reason }), ...(restS !== null && { ttlS: restS }) } }
}
