// Why a connector has what it has, in one sentence a site manager understands.
import type { Row } from '../power/ledger.ts'
import { isPromised, type Constraint } from '../power/limits.ts'
import { reservedLoad, type Place } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import { shownA } from '../power/probing.ts'
import type { SiteConfig } from '../power/site.ts'
import { isSated } from '../power/slack.ts'
import { isSteered } from '../power/stuck.ts'
import type { Target } from '../power/target.ts'
import { turnMs } from '../power/turns.ts'
import type { Outlet } from '../power/tree.ts'
import { doubts, pastWords } from './doubt-words.ts'
import { amps, nameOfLimit, sharing } from './limit-words.ts'
import { isSharer, takenWords, type Taken } from './taken-from.ts'
import { capSentence, nameOfProfile, timeWords, untilWords, wholeSentence, type Until } from './profile-words.ts'

/** What is known beside the target when its sentence is written. */
export interface Telling {
  readonly nowMs: number
  /** How far the wall clock, by which people read times, is ahead of that, ms. */
  readonly aheadMs: number
  readonly site: SiteConfig
  readonly plan: Pick<Plan, 'targets' | 'waiting'>
  /** As it is booked now: a plan is made before its own orders are. */
  readonly rowOf: (key: string) => Row | undefined
  /** When what people's profiles allow changes, ms of the wall clock; `whole` = for the whole charge point; null = not within a day. */
  readonly profileUntilMs: (outlet: Outlet, whole: boolean) => number | null
  /** When a limit on the site ends by itself, ms; null = it does not. */
  readonly endsAtMs: (source: string) => number | null
  /** When a limit begins that is planned with already, ms; null or absent = it holds. */
  readonly beginsAtMs?: (source: string) => number | null
  /** Who imposed a limit or why; null = nothing was said. */
  readonly wordsOf: (source: string) => string | null
  /** What of a limit those it binds do not share; null or absent = that is not worked out here. */
  readonly takenOf?: (bound: Constraint) => Taken | null
  /** What a connector would get at that time, all else as it is now; null = that is not worked out here. */
  readonly thenA: (key: string, atMs: number) => number | null
}

const round = (value: number): number => Math.round(value * 100) / 100

export function sentence(telling: Telling, target: Target): string {
  const { nowMs, site } = telling
  const { allocatedA, boundBy, binding } = target
  const row = telling.rowOf(target.place.outlet.key) ?? target.place.row
  const place = { ...target.place, row }
  const { outlet } = place
  if (outlet.control === 'none') return `kwota does not steer this connector, so its ${outlet.maxA} A count always.`
  if (row.contactedAtMs === null) return 'It has never connected to kwota; nothing is counted for it.'
  if (!isSteered(place) && row.default.confirmed === null) return `It has not booted with kwota, or is offline, and its fallback was never confirmed: its ${outlet.maxA} A count as taken. If there is no such charger, remove it on its page, or with DELETE /api/v1/chargepoints/${encodeURIComponent(outlet.clientID)}.`
  if (!isSteered(place)) return `It is offline; ${round(reservedLoad(place, nowMs).thisCarA)} A are kept reserved for it.`
  if (row.default.confirmed === null) return `Its fallback is not confirmed yet, so its ${outlet.maxA} A count as taken.`
  const until = (whole: boolean): Until => ({ nowMs: nowMs + telling.aheadMs, untilMs: telling.profileUntilMs(outlet, whole), timezone: site.timezone })
  const cap = place.profileCap?.source === binding ? place.profileCap : null
  if (row.transactionId === null) return `${idle(target, cap === null ? '' : `: ${nameOfProfile(cap.source)} allows no more${untilWords(until(false))}`)}${pastWords(row)}`
  const after = doubts(target, row, { nowMs, aheadMs: telling.aheadMs, timezone: site.timezone })
  if (boundBy === null && cap !== null) return `${capSentence(cap, allocatedA, outlet.minA, until(false))}${after}`
  if (boundBy === null) return `${amps(allocatedA, outlet)}: ${ownWords(place, binding)}.${after}`
  if (binding === 'queue') return `0 A: it waits its turn, place ${target.queuePlace} of ${telling.plan.waiting}, under ${nameOf(telling, target)}${turnWords(telling, target)}.${after}`
  if (binding === 'minimum') return `0 A: ${nameOf(telling, target)}${takenOf(telling, target)} leaves less than the ${outlet.minA} A a car needs${thenWords(telling, target)}.${after}`
  const sharers = sharersOf(telling.plan, target)
  if (!isPromised(boundBy) && boundBy.economic !== true) return `${wholeSentence(boundBy, allocatedA, sharers, until(true))}${after}`
  return `${amps(allocatedA, outlet)}: ${nameOf(telling, target)}${takenOf(telling, target)} ${sharing(site.policy, sharers)}${thenWords(telling, target)}.${after}`
}

/** How many cars the same constraint binds, this one included; 0 = none binds it. */
export function sharersOf({ targets }: Pick<Plan, 'targets'>, { boundBy }: Target): number {
  if (boundBy === null) return 0
  const known = sharers.get(targets) ?? countSharers(targets)
  sharers.set(targets, known)
  return known.get(nameOfBound(boundBy)) ?? 0
}

/** Counted once for all connectors that ask before the next plan. */
const sharers = new WeakMap<Plan['targets'], ReadonlyMap<string, number>>()

function countSharers(targets: Plan['targets']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const target of targets.values()) if (target.boundBy !== null && isSharer(target)) counts.set(nameOfBound(target.boundBy), (counts.get(nameOfBound(target.boundBy)) ?? 0) + 1)
  return counts
}

function nameOfBound({ nodeID, on, source }: NonNullable<Target['boundBy']>): string {
  return `${nodeID} ${on} ${source}`
}

function idle({ fallbackA }: Target, why: string): string {
  return `No car is charging; ${fallbackA} A are set as its fallback${why !== '' ? why : fallbackA > 0 ? ' and reserved for a car that starts by itself' : ''}.`
}

function takenOf({ takenOf: look }: Telling, { boundBy, place: { outlet: { key } } }: Target): string {
  return boundBy === null || look === undefined ? '' : takenWords(look(boundBy), boundBy.on, key)
}

function ownWords(place: Place, binding: string): string {
  if (binding === 'transaction-limit') return 'its transaction has reached its limit and does not end'
  if (binding === 'commissioning-check') return 'a commissioning check tests whether it follows a lower limit, for a minute at most'
  if (binding !== 'vehicle') return 'the most the connector can give'
  if (isSated(place)) return 'the car has all the energy it asked for'
  const told = place.vehicleMaxA ?? Infinity
  return shownA(place) < Math.min(told, place.outlet.maxA) ? 'the car has shown to take no more; it gets more as soon as it does' : 'the most the car takes'
}

function nameOf({ site, wordsOf }: Telling, { boundBy }: Target): string {
  return boundBy === null ? 'what it could use' : nameOfLimit(boundBy, site, wordsOf(boundBy.source))
}

/** ` from 18:00 until 18:30, then 20 A`, where the limit begins or ends by itself. */
function thenWords({ nowMs, aheadMs, site, endsAtMs, beginsAtMs, thenA }: Telling, { boundBy, allocatedA, place: { outlet } }: Target): string {
  const fromMs = boundBy === null ? null : beginsAtMs?.(boundBy.source) ?? null
  const from = fromMs === null ? '' : ` from ${timeWords({ nowMs: nowMs + aheadMs, untilMs: fromMs + aheadMs, timezone: site.timezone })}`
  const untilMs = boundBy === null ? null : endsAtMs(boundBy.source)
  if (untilMs === null || untilMs <= nowMs) return from
  const nextA = thenA(outlet.key, untilMs)
  return `${from}${untilWords({ nowMs: nowMs + aheadMs, untilMs: untilMs + aheadMs, timezone: site.timezone })}${nextA === null || nextA === allocatedA ? '' : `, then ${amps(nextA, outlet)}`}`
}

function turnWords({ nowMs, aheadMs, site }: Telling, { queueSinceMs = null }: Target): string {
  const atMs = queueSinceMs === null ? nowMs : queueSinceMs + turnMs
  return atMs <= nowMs ? '' : `; next change at ${timeWords({ nowMs: nowMs + aheadMs, untilMs: Math.ceil((atMs + aheadMs) / 60_000) * 60_000, timezone: site.timezone })} at the latest`
}
