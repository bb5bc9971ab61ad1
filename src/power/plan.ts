// The decision: compares what every connector should have with what the ledger must assume, and says what to send now.
import { constraintsAt, leadMs, type Constraint, type GridLimit, type Imposed, type TimedLimit } from './limits.ts'
import { capacities, layGround, type BaseAmps, type Place } from './loads.ts'
import { look, openMemory, type PlanMemory } from './memory.ts'
import { keepZone, recallZone, sameConstraints, type KnownZone } from './recall.ts'
import type { Probe } from './probing.ts'
import type { Note, Order } from './raising.ts'
import { queueOrder } from './queue.ts'
import type { Target, Targets } from './target.ts'
import type { Tree } from './tree.ts'
import { alarmAfter } from './wake.ts'
import { planZone } from './zone-plan.ts'
import { bindingOf, divide, sumOf, type Sums } from './zones.ts'

export interface PlanInputs {
  readonly tree: Tree
  readonly grid: GridLimit | null
  /** The counted base load per site phase, and between phases. */
  readonly baseA: BaseAmps
  readonly places: readonly Place[]
  /** What people's charging profiles ask of whole charge points, and when they next change anything. */
  readonly imposed?: Imposed
  /** Look again after so long at the latest, ms; absent = 5 s. A player of months that brings every event itself may wait longer. */
  readonly longestMs?: number
  /** Limits of the site for a time; those that hold now count. */
  readonly timed?: readonly TimedLimit[]
}

export interface Plan extends Targets {
  /** Due now, largest cut first. */
  readonly lowerings: readonly Order[]
  /** Fit now, each on top of the ones before it. */
  readonly raisings: readonly Order[]
  /** The same limit again, before its lease ends. */
  readonly renewals: readonly Order[]
  /** What the rows must remember; only rows where it changed. */
  readonly notes: readonly Note[]
  /** Idle caps of what cars take that go up. */
  readonly probes: readonly Probe[]
  /** Constraints where base + Σ reserved is over now, with the excess: nothing may be raised below their nodes. Those that begin soon as well. */
  readonly over: readonly { readonly constraint: Constraint; readonly amount: number }[]
  readonly state: 'enforcing' | 'enforced' | 'unenforceable'
  /** Missing amps when unenforceable. */
  readonly deficitA: number
  /** When the plan must be looked at again, ms. */
  readonly nextAtMs: number
}

/** The site plans at least this often, whatever happens. */
const longestMs = 5_000

/**
 * The whole decision at `nowMs`. Pure: the same inputs give the same plan, in whatever order the places come, and with or
 * without the memory of the plan before, which only saves working out what has not changed.
 */
export function plan(inputs: PlanInputs, nowMs: number, memory: PlanMemory = openMemory()): Plan {
  const { tree, baseA, places } = inputs
  if (memory.busy) Object.assign(memory, openMemory())
  memory.busy = true
  const constraints = sameConstraints(memory.ground?.constraints ?? [], constraintsAt(tree, inputs.grid, nowMs, inputs.imposed?.constraints, inputs.timed))
  const ground = memory.ground?.constraints === constraints && memory.ground.tree === tree ? memory.ground : layGround(tree, constraints)
  const { layout, looked, renewed } = look(memory, tree, places, nowMs)
  const binding = bindingOf(layout, constraints, capacities(ground, baseA), memory.own, besideOf(places, memory))
  const { zones: division, constraintsOf } = divide(layout, binding, memory.division)
  const touched = division === memory.division && renewed !== null ? new Set(renewed.map((index) => division.zoneOf[index]!)) : null
  const zones = new Map<string | number, KnownZone>()
  const changed = new Map<string, Target>()
  let shared = 0
  for (const [number, { id, members }] of division.list.entries()) {
    const before = memory.zones.get(id)
    const here = before !== undefined && touched?.has(number) === false ? before.places : members.map((index) => places[index]!)
    const above = constraintsOf.get(id) ?? []
    const recalled = recallZone(before, tree, above, here, baseA, nowMs, changed)
    zones.set(id, recalled ?? keepZone(before, above, here, baseA, planZone(tree, above, baseA, here, nowMs), nowMs, changed))
    if (recalled === null) shared += here.length
  }
  const all = [...zones.values()]
  const compareByQueue = queueOrder(tree.site.voltage, nowMs)
  const queued = queueUp(all, memory.queued, compareByQueue)
  for (const [key, { to }] of queued) if (memory.targets.get(key) !== to) changed.set(key, to)
  for (const [key, { from }] of memory.queued) if (!queued.has(key) && !changed.has(key)) changed.set(key, from)
  const targets = mergeTargets(renewed === null ? null : memory.targets, places, all, changed)
  Object.assign(memory, { busy: false, ground, division, zones, queued, targets, effort: { looked, shared, changed: [...changed.keys()] } } satisfies Partial<PlanMemory>)

  const plans = all.map((one) => one.plan)
  const lowerings = plans.flatMap((one) => one.lowerings).sort((a, b) => b.cutA - a.cutA || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.slot < b.slot ? -1 : 1))
  const inQueue = (orders: Order[]) => (orders.length < 2 ? orders : orders.sort((a, b) => compareByQueue(targets.get(a.key)!.place, targets.get(b.key)!.place)))
  const byConstraint = (list: Plan['over'][number][]) => (list.length < 2 ? list : list.sort((a, b) => constraints.indexOf(a.constraint) - constraints.indexOf(b.constraint)))
  const missing = byConstraint(plans.flatMap((one) => one.missing))
  const deficitA = missing.reduce((most, { constraint, amount }) => Math.max(most, constraint.on === 'W' ? amount / (3 * tree.site.voltage) : amount), 0)
  const wake = alarmAfter(nowMs, inputs.longestMs ?? longestMs)
  for (const { nextAtMs } of plans) wake.at(nextAtMs)
  if (inputs.grid?.expiresAtMs !== undefined) wake.at(inputs.grid.expiresAtMs)
  if (inputs.imposed !== undefined) wake.at(inputs.imposed.nextAtMs)
  for (const { fromMs, untilMs } of inputs.timed ?? []) for (const ms of [fromMs - leadMs, fromMs, untilMs]) wake.at(ms)
  return {
    probes: plans.flatMap(({ probes }) => probes),
    ground, targets, missing, lowerings, deficitA,
    raisings: inQueue(plans.flatMap((one) => one.raisings)), renewals: inQueue(plans.flatMap((one) => one.renewals)),
    notes: plans.flatMap((one) => one.notes).sort((a, b) => (a.key < b.key ? -1 : 1)),
    over: byConstraint(plans.flatMap((one) => one.over)),
    waiting: plans.reduce((count, { waiting }) => count + waiting, 0),
    state: deficitA > 0 ? 'unenforceable' : plans.some(({ unsettled }) => unsettled) ? 'enforcing' : 'enforced',
    nextAtMs: wake.first(),
  }
}

/** What the connectors of a charge point come to at most, for limits on it. */
function besideOf(places: readonly Place[], { known }: PlanMemory): (nodeID: string) => Sums {
  let members: Map<string, number[]> | null = null
  return (nodeID) => {
    members ??= byPoint(places)
    return sumOf(members.get(nodeID) ?? [], places, (index) => known[index]!.most)
  }
}

function byPoint(places: readonly Place[]): Map<string, number[]> {
  const members = new Map<string, number[]>()
  for (const [index, { outlet }] of places.entries()) {
    const point = outlet.path[0]!
    const list = members.get(point)
    if (list === undefined) members.set(point, [index])
    else list.push(index)
  }
  return members
}

/** Places in the queue of the whole site, where more than one zone has cars waiting. */
function queueUp(zones: readonly KnownZone[], before: PlanMemory['queued'], compareByQueue: (a: Place, b: Place) => number): PlanMemory['queued'] {
  const queued = new Map<string, { readonly from: Target; readonly to: Target }>()
  const queues = zones.filter(({ plan: { waiting } }) => waiting > 0)
  if (queues.length < 2) return queued
  const waiting = queues.flatMap(({ queue, targets }) => queue.map((key) => targets.get(key)!)).sort((a, b) => compareByQueue(a.place, b.place))
  for (const [index, from] of waiting.entries()) {
    if (from.queuePlace === index + 1) continue
    const { key } = from.place.outlet
    const last = before.get(key)
    queued.set(key, last?.from === from && last.to.queuePlace === index + 1 ? last : { from, to: { ...from, queuePlace: index + 1 } })
  }
  return queued
}

/** In the order of the places. */
function mergeTargets(before: ReadonlyMap<string, Target> | null, places: readonly Place[], zones: readonly KnownZone[], changed: ReadonlyMap<string, Target>): ReadonlyMap<string, Target> {
  if (before !== null && changed.size === 0) return before
  const merged = new Map(before ?? places.map(({ outlet: { key } }) => [key, undefined as Target | undefined]))
  if (before === null) for (const { targets } of zones) for (const [key, target] of targets) merged.set(key, target)
  for (const [key, target] of changed) merged.set(key, target)
  return merged as ReadonlyMap<string, Target>
}
