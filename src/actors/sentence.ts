// Why a connector has what it has, in one sentence a site manager understands.
import { isSettling, type Row } from '../power/ledger.ts'
import { isPromised } from '../power/limits.ts'
import { reservedLoad } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import type { SiteConfig } from '../power/site.ts'
import { isSteered } from '../power/stuck.ts'
import type { Target } from '../power/target.ts'
import type { Outlet } from '../power/tree.ts'
import { amps, nameOfLimit, sharing } from './limit-words.ts'
import { capSentence, nameOfProfile, timeWords, untilWords, wholeSentence, type Until } from './profile-words.ts'

/** What is known beside the target when its sentence is written. */
export interface Telling {
  readonly nowMs: number
  readonly site: SiteConfig
  readonly plan: Pick<Plan, 'targets' | 'waiting'>
  /** As it is booked now: a plan is made before its own orders are. */
  readonly rowOf: (key: string) => Row | undefined
  /** When what people's profiles allow changes, ms; `whole` = for the whole charge point; null = not within a day. */
  readonly profileUntilMs: (outlet: Outlet, whole: boolean) => number | null
  /** When a limit on the site ends by itself, ms; null = it does not. */
  readonly endsAtMs: (source: string) => number | null
  /** Who imposed a limit or why; null = nothing was said. */
  readonly wordsOf: (source: string) => string | null
  /** What a connector would get at that time, all else as it is now; null = that is not worked out here. */
  readonly thenA: (key: string, atMs: number) => number | null
  /** When turns change next at the latest, ms; null = nobody waits, or it is not known. */
  readonly turnAtMs: number | null
}

const round = (value: number): number => Math.round(value * 100) / 100

export function sentence(telling: Telling, target: Target): string {
  const { nowMs, site } = telling
  const { allocatedA, boundBy, binding } = target
  const row = telling.rowOf(target.place.outlet.key) ?? target.place.row
  const place = { ...target.place, row }
  const { outlet } = place
  if (outlet.control === 'none') return `kwota does not steer this connector, so its ${outlet.maxA} A count always.`
  if (row.contactedAtMs === null) return 'It has never booted with kwota; nothing is counted for it.'
  if (!isSteered(place)) return `It is offline; ${round(reservedLoad(place, nowMs).thisCarA)} A are kept reserved for it.`
  if (row.default.confirmed === null) return `Its fallback is not confirmed yet, so its ${outlet.maxA} A count as taken.`
  const until = (whole: boolean): Until => ({ nowMs, untilMs: telling.profileUntilMs(outlet, whole), timezone: site.timezone })
  const cap = place.profileCap?.source === binding ? place.profileCap : null
  if (row.transactionId === null) return idle(target, cap === null ? '' : `: ${nameOfProfile(cap.source)} allows no more${untilWords(until(false))}`)
  const after = doubts(row, allocatedA, nowMs)
  if (boundBy === null && cap !== null) return `${capSentence(cap, allocatedA, outlet.minA, until(false))}${after}`
  if (boundBy === null) return `${amps(allocatedA, outlet)}: ${ownWords(target, row)}.${after}`
  if (binding === 'queue') return `0 A: it waits its turn, place ${target.queuePlace} of ${telling.plan.waiting}, under ${nameOf(telling, target)}${turnWords(telling)}.${after}`
  if (binding === 'minimum') return `0 A: ${nameOf(telling, target)} leaves less than the ${outlet.minA} A a car needs${thenWords(telling, target)}.${after}`
  const sharers = sharersOf(telling.plan, target)
  if (!isPromised(boundBy) && boundBy.economic !== true) return `${wholeSentence(boundBy, allocatedA, sharers, until(true))}${after}`
  return `${amps(allocatedA, outlet)}: ${nameOf(telling, target)} ${sharing(site.policy, sharers)}${thenWords(telling, target)}.${after}`
}

/** How many cars the same constraint binds, this one included; 0 = none binds it. */
export function sharersOf({ targets }: Pick<Plan, 'targets'>, { boundBy }: Target): number {
  if (boundBy === null) return 0
  let count = 0
  for (const other of targets.values()) if (other.boundBy?.nodeID === boundBy.nodeID && other.boundBy.on === boundBy.on && other.boundBy.source === boundBy.source && other.allocatedA > 0) count++
  return count
}

function idle({ fallbackA }: Target, why: string): string {
  return `No car is charging; ${fallbackA} A are set as its fallback${why !== '' ? why : fallbackA > 0 ? ' and reserved for a car that starts by itself' : ''}.`
}

function ownWords({ binding }: Target, _row: Row): string {
  return binding === 'vehicle' ? 'the most the car takes' : 'the most the connector can give'
}

function nameOf({ site, wordsOf }: Telling, { boundBy }: Target): string {
  return boundBy === null ? 'what it could use' : nameOfLimit(boundBy, site.id, wordsOf(boundBy.source))
}

/** ` until 18:30, then 20 A`, where the limit ends by itself. */
function thenWords({ nowMs, site, endsAtMs, thenA }: Telling, { boundBy, place: { outlet } }: Target): string {
  const untilMs = boundBy === null ? null : endsAtMs(boundBy.source)
  if (untilMs === null || untilMs <= nowMs) return ''
  const nextA = thenA(outlet.key, untilMs)
  return `${untilWords({ nowMs, untilMs, timezone: site.timezone })}${nextA === null ? '' : `, then ${amps(nextA, outlet)}`}`
}

function turnWords({ nowMs, site, turnAtMs }: Telling): string {
  return turnAtMs === null || turnAtMs <= nowMs ? '' : `; next change at ${timeWords({ nowMs, untilMs: turnAtMs, timezone: site.timezone })} at the latest`
}

/** What the charge point does that its limit does not say. */
function doubts(row: Row, allocatedA: number, nowMs: number): string {
  if (row.excess && row.measuredA !== null) return ` It draws ${round(row.measuredA)} A all the same, and they stay reserved.`
  return isSettling(row, nowMs) && row.settling!.fromA > allocatedA ? ` ${round(row.settling!.fromA)} A stay reserved until the lowering is proven.` : ''
}
