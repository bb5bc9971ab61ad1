// One decision of a site as people see it: what set it off, what it was made of, and who has what now that had something else before.
import { effectiveLimit, type Constraint, type GridLimit, type TimedLimit } from '../power/limits.ts'
import { capacities, layGround, subtract } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import type { PhaseAmps, SiteConfig } from '../power/site.ts'
import type { Target } from '../power/target.ts'
import type { Review } from './engine-options.ts'
import type { Limit } from './views.ts'

/** What set a review off; with the request where one did. */
export interface Trigger { readonly cause: string; readonly requestId?: string; readonly by?: string }

/** A connector's part in a decision. `boundBy` = the constraint that bound it or left too little; null = none of the site's. */
export interface Standing {
  readonly allocatedA: number
  readonly binding: string
  readonly boundBy: { readonly circuitID: string; readonly on: string; readonly source: string } | null
  /** From 1; null = it does not wait. */
  readonly queuePlace: number | null
}

export interface DecisionChange {
  readonly clientID: string
  readonly connectorId: number
  /** null: it was not decided upon before, by this process. */
  readonly before: Standing | null
  /** null: the connector is gone. */
  readonly after: Standing | null
}

/** An order that was given: to what, A, and by how much less that is; 0 for a raising. */
export interface DecisionOrder { readonly clientID: string; readonly connectorId: number; readonly toA: number; readonly cutA: number }

export interface DecisionView {
  /** `dec_<epoch>_<number>`, and `_<siteID>` behind it on sites other than main. */
  readonly id: string
  readonly at: string
  readonly siteID: string
  readonly trigger: Trigger
  readonly inputs: {
    readonly effective: Limit
    readonly baseLoad: { readonly status: 'fresh' | 'stale' | 'never'; readonly countedA: PhaseAmps }
    /** What bound somebody, or does not hold: capacity and what the decision leaves of it, A, or W where `on` is W. */
    readonly tight: readonly { readonly id: string; readonly circuitID: string; readonly on: string; readonly capacity: number; readonly left: number }[]
  }
  readonly state: Plan['state']
  readonly deficitA: number
  readonly changes: readonly DecisionChange[]
  readonly lowerings: readonly DecisionOrder[]
  readonly raisings: readonly DecisionOrder[]
  readonly nextReviewAt: string
}

/** What was decided upon, and the limits it was decided under. */
export interface Decided extends Review { readonly site: SiteConfig; readonly grid: GridLimit | null; readonly timed: readonly TimedLimit[] }

const round = (value: number): number => Math.round(value * 100) / 100

/** Keys of the connectors whose allocation, reason or place is another than before, those that are gone included. */
export function changedKeys({ plan, before }: Pick<Review, 'plan' | 'before'>): string[] {
  const keys: string[] = []
  for (const [key, target] of plan.targets) {
    const old = before?.targets.get(key)
    if (old !== target && (old === undefined || !isSame(old, target))) keys.push(key)
  }
  for (const key of before?.targets.keys() ?? []) if (!plan.targets.has(key)) keys.push(key)
  return keys
}

/** Of those, where the amps are others, for whoever follows along. */
export function changedAllocations({ plan, before }: Pick<Review, 'plan' | 'before'>, changed: readonly string[]) {
  return changed.flatMap((key) => {
    const [was, is] = [before?.targets.get(key), plan.targets.get(key)]
    return is === undefined || was?.allocatedA === is.allocatedA ? [] : [{ key, allocatedA: is.allocatedA, beforeA: was?.allocatedA ?? null, binding: is.binding }]
  })
}

/** True when the review is worth a record: somebody has another allocation, was given an order, or the site stands otherwise. */
export function isDecision({ plan, before }: Pick<Review, 'plan' | 'before'>, changed: readonly string[]): boolean {
  return changed.length > 0 || plan.lowerings.length > 0 || plan.raisings.length > 0 || plan.state !== before?.state
}

export function decisionOf({ plan, before, base, nowMs, site, grid, timed }: Decided, changed: readonly string[], id: string, trigger: Trigger): DecisionView {
  return {
    id, at: new Date(nowMs).toISOString(), siteID: site.id, trigger,
    inputs: {
      effective: effectiveLimit(site, grid, nowMs, timed),
      baseLoad: { status: base.status, countedA: { L1: round(base.amps.L1), L2: round(base.amps.L2), L3: round(base.amps.L3) } },
      tight: tightOf(plan, base.amps),
    },
    state: plan.state, deficitA: round(plan.deficitA),
    changes: changed.map((key) => changeOf(before?.targets.get(key), plan.targets.get(key))),
    lowerings: plan.lowerings.map((order) => orderOf(plan, order)),
    raisings: plan.raisings.map((order) => orderOf(plan, order)),
    nextReviewAt: new Date(plan.nextAtMs).toISOString(),
  }
}

function isSame(a: Target, b: Target): boolean {
  return a.allocatedA === b.allocatedA && a.binding === b.binding && a.queuePlace === b.queuePlace && (a.boundBy === b.boundBy || nameOf(a.boundBy) === nameOf(b.boundBy))
}

/** Thousands of connectors are bound by a few constraints. */
const names = new WeakMap<Constraint, string>()

function nameOf(constraint: Constraint | null): string {
  if (constraint === null) return ''
  const name = names.get(constraint) ?? `${constraint.nodeID} ${constraint.on} ${constraint.source}`
  names.set(constraint, name)
  return name
}

function changeOf(before: Target | undefined, after: Target | undefined): DecisionChange {
  const { clientID, connectorId } = (after ?? before)!.place.outlet
  return { clientID, connectorId, before: before === undefined ? null : standingOf(before), after: after === undefined ? null : standingOf(after) }
}

function standingOf(target: Target): Standing {
  const { allocatedA, binding, queuePlace } = target
  return { allocatedA, binding, boundBy: boundOf(target), queuePlace }
}

/** The constraint that bound it or left too little, as people see it. */
export function boundOf({ boundBy }: Target): Standing['boundBy'] {
  if (boundBy === null) return null
  const shown = bounds.get(boundBy) ?? { circuitID: boundBy.nodeID, on: boundBy.on, source: boundBy.source }
  bounds.set(boundBy, shown)
  return shown
}

/** One for each constraint: every change of a record that is kept names one or two. */
const bounds = new WeakMap<Constraint, NonNullable<Standing['boundBy']>>()

function orderOf({ targets }: Plan, { key, limitA, cutA }: Plan['lowerings'][number]): DecisionOrder {
  const { clientID, connectorId } = targets.get(key)!.place.outlet
  return { clientID, connectorId, toA: round(limitA), cutA: round(cutA) }
}

/** Constraints that bound somebody or do not hold, with what is left once everything that was decided holds. */
function tightOf({ ground, targets, missing }: Plan, baseA: Parameters<typeof capacities>[1]): DecisionView['inputs']['tight'] {
  const tight = new Set(missing.map(({ constraint }) => nameOf(constraint)))
  for (const { boundBy } of targets.values()) if (boundBy !== null) tight.add(nameOf(boundBy))
  const few = layGround(ground.tree, ground.constraints.filter((one) => tight.has(nameOf(one))))
  if (few.constraints.length === 0) return []
  const left = capacities(few, baseA)
  for (const { place, fallbackA, defaultA, txA, stuck } of targets.values()) {
    const anyCarA = Math.max(stuck.anyCarA, fallbackA, defaultA)
    subtract(few, left, place, { anyCarA, thisCarA: Math.max(stuck.thisCarA, txA, anyCarA) })
  }
  return few.constraints.map((one, index) => ({ id: one.source, circuitID: one.nodeID, on: one.on, capacity: round(one.capacity), left: round(left[index]!) }))
}
