// What another limit, or another description of the site, would come to: decided from the cars of now, and nothing booked, sent or stored.
import { findMisfits } from '../power/fit.ts'
import { effectiveLimit, hasLapsed, type GridLimit, type TimedLimit } from '../power/limits.ts'
import { plan, type Plan, type PlanInputs } from '../power/plan.ts'
import { rewireRow } from '../power/restoring.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { Target } from '../power/target.ts'
import { buildTree } from '../power/tree.ts'
import type { Engine } from './engine.ts'
import { placeOf } from './limit-words.ts'
import { sentence, type Telling } from './sentence.ts'
import type { Limit } from './views.ts'

/** What would be otherwise; what is absent stays as it is. */
export interface LimitChange {
  readonly grid?: GridLimit | null
  /** All of them, in place of those of now. */
  readonly timed?: readonly TimedLimit[]
  readonly site?: SiteConfig
  /** With `site`; absent = as configured. */
  readonly chargePoints?: readonly ChargePointConfig[]
}

export interface PreviewTime {
  readonly nowMs: number
  /** When the limits are looked at, with the cars as they are now: of one that begins later, its beginning. Absent = now. */
  readonly atMs?: number
  /** How far the wall clock, by which people read times, is ahead, ms; absent = not at all. */
  readonly aheadMs?: number
  /** Who imposed a limit and why; absent = nobody said. */
  readonly wordsOf?: (source: string) => string | null
  /** What holds for a time at `atMs` without the change; absent = what is known now. */
  readonly timed?: readonly TimedLimit[]
}

export interface ConnectorPreview {
  readonly clientID: string
  readonly connectorId: number
  readonly beforeA: number
  readonly afterA: number
  readonly bindingBefore: string
  readonly bindingAfter: string
  /** Its allocation, or what binds it, would be another. */
  readonly changed: boolean
  readonly why: string
}

export interface LimitPreview {
  readonly dryRun: true
  readonly siteID: string
  /** The instant whose limits were compared. */
  readonly at: string
  /** `before` null: the site is not there yet. */
  readonly effective: { readonly before: Limit | null; readonly after: Limit }
  /** As the site would stand at once: enforcing while anything has to be lowered. */
  readonly state: Plan['state']
  readonly deficitA?: number
  /** Those that would change and those with a car, by name; at most 500, those that would change before the others. */
  readonly connectors: readonly ConnectorPreview[]
  readonly counts: { readonly connectors: number; readonly changed: number; readonly lowered: number; readonly raised: number; readonly leftOut: number }
  /** What would leave at once, the largest cut first; at most 1,000. A connector may come twice: what its car gets, and what it falls back to. */
  readonly lowerings: readonly { readonly clientID: string; readonly connectorId: number; readonly purpose: 'TxProfile' | 'TxDefaultProfile'; readonly toA: number; readonly cutA: number }[]
  /** What would not hold, in sentences. */
  readonly misfits: readonly string[]
}

const mostShown = 500
const mostLowerings = 1_000

/** Pure over the state of the engine. Throws TreeError where the site could not be built. */
export function previewChange(engine: Engine, change: LimitChange, { nowMs, atMs = nowMs, aheadMs = 0, wordsOf = () => null, timed }: PreviewTime): LimitPreview {
  const now = { ...engine.inputs(nowMs), ...(timed === undefined ? {} : { timed }) }
  const before = standingAt(now, nowMs, atMs)
  const after = standingAt(changed(engine, now, change, nowMs), nowMs, atMs)
  const [was, will] = [plan(before, nowMs), plan(after, nowMs)]
  const { site } = after.tree
  const telling: Telling = {
    nowMs, aheadMs, site, plan: will, rowOf: (key) => will.targets.get(key)?.place.row, profileUntilMs: (outlet, whole) => engine.books.limits.untilMs(outlet, whole),
    endsAtMs: (source) => endsAtMs(change.grid === undefined ? now.grid : change.grid, change.timed ?? now.timed ?? [], source, atMs), wordsOf, thenA: () => null,
  }
  const all = [...will.targets.values()]
  const others = all.filter((target) => otherwise(was.targets.get(target.place.outlet.key), target)).sort(byName)
  const changing = new Set(others)
  const told = [...others, ...all.filter((target) => target.place.row.transactionId !== null && !changing.has(target)).sort(byName)]
  const cut = (target: Target) => target.allocatedA - (was.targets.get(target.place.outlet.key)?.allocatedA ?? 0)
  return {
    dryRun: true, siteID: site.id, at: new Date(Math.round(atMs + aheadMs)).toISOString(),
    effective: { before: effectiveLimit(before.tree.site, before.grid, nowMs, before.timed), after: effectiveLimit(site, after.grid, nowMs, after.timed) },
    state: will.state, ...(will.deficitA > 0 ? { deficitA: Math.round(will.deficitA * 100) / 100 } : {}),
    connectors: told.slice(0, mostShown).sort(byName).map((target) => {
      const { place: { outlet } } = target
      const old = was.targets.get(outlet.key)
      return { clientID: outlet.clientID, connectorId: outlet.connectorId, beforeA: old?.allocatedA ?? 0, afterA: target.allocatedA, bindingBefore: old?.binding ?? 'hardware', bindingAfter: target.binding, changed: changing.has(target), why: sentence(telling, target) }
    }),
    counts: { connectors: will.targets.size, changed: others.length, lowered: others.filter((target) => cut(target) < 0).length, raised: others.filter((target) => cut(target) > 0).length, leftOut: Math.max(0, told.length - mostShown) },
    lowerings: will.lowerings.slice(0, mostLowerings).map(({ key, slot, limitA, cutA }) => {
      const { clientID, connectorId } = after.tree.outlets.get(key)!
      return { clientID, connectorId, purpose: slot === 'tx' ? 'TxProfile' : 'TxDefaultProfile', toA: limitA, cutA }
    }),
    misfits: [
      ...(change.site === undefined ? [] : findMisfits(after.tree).map(({ message }) => message)),
      ...will.missing.map(({ constraint, amount }) => `${placeOf(constraint)} (${constraint.source}) would lack ${Math.round(amount * 10) / 10} ${constraint.on === 'W' ? 'W' : 'A'} even with every charge point that listens at its least.`),
    ],
  }
}

/** When the grid limit, or a limit for a time that holds at `atMs`, ends by itself, ms; null = it does not, or it is none of these. */
export function endsAtMs(grid: GridLimit | null, timed: readonly TimedLimit[], source: string, atMs: number): number | null {
  const ends = source === 'grid-limit' ? grid?.expiresAtMs : timed.find((one) => one.source === source && one.fromMs <= atMs && atMs < one.untilMs)?.untilMs
  return ends === undefined || !Number.isFinite(ends) ? null : ends
}

/** The limits of `atMs` as if they held now, cars and rows as they are. */
export function standingAt(inputs: PlanInputs, nowMs: number, atMs: number): PlanInputs {
  if (atMs === nowMs) return inputs
  const { grid, timed = [] } = inputs
  const held = timed.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs).map((one) => ({ ...one, fromMs: nowMs, untilMs: Infinity }))
  if (grid?.expiresAtMs === undefined) return { ...inputs, timed: held }
  const { expiresAtMs: _, ...lasting } = grid
  return { ...inputs, timed: held, grid: hasLapsed(grid, atMs) ? { ...grid, expiresAtMs: nowMs } : lasting }
}

function changed(engine: Engine, now: PlanInputs, { grid, timed, site, chargePoints }: LimitChange, nowMs: number): PlanInputs {
  const limits = { ...(grid === undefined ? {} : { grid }), ...(timed === undefined ? {} : { timed }) }
  if (site === undefined) return { ...now, ...limits }
  const tree = buildTree(site, chargePoints ?? engine.books.chargePoints)
  const places = now.places.flatMap((place) => {
    const outlet = tree.outlets.get(place.outlet.key)
    return outlet === undefined ? [] : [{ ...place, outlet, row: rewireRow(place.row, outlet.maxA, outlet.obeysLease, outlet.phases.length, (outlet.dc ?? null) !== null) }]
  })
  return { ...now, tree, places, baseA: engine.baseOf(site, nowMs).amps, ...limits }
}

function otherwise(old: Target | undefined, { allocatedA, binding }: Target): boolean {
  return old?.allocatedA !== allocatedA || old.binding !== binding
}

function byName({ place: { outlet: a } }: Target, { place: { outlet: b } }: Target): number {
  return a.clientID.localeCompare(b.clientID) || a.connectorId - b.connectorId
}
