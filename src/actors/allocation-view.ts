// Why a connector gets what it gets: its sentence, and every limit that stands above it with how close it is.
import { isPhase, isPromised, leadMs, siteLimits, type Constraint, type TimedLimit } from '../power/limits.ts'
import { boundsAbove, capacities, carPhases, layGround, reservedLoad, subtract, type BaseAmps, type Ground, type Place } from '../power/loads.ts'
import { plan, type Plan } from '../power/plan.ts'
import { reclaimCapA } from '../power/probing.ts'
import { floorShown } from '../power/steps.ts'
import type { Target } from '../power/target.ts'
import { boundOf } from './decision-record.ts'
import { endsAtMs, standingAt } from './limit-preview.ts'
import { capRow } from './profile-words.ts'
import { sentence, sharersOf, type Telling } from './sentence.ts'
import { connectorPower, placeNow, type SiteView } from './site-views.ts'
import { takenFrom, type Taken } from './taken-from.ts'
import type { AllocationView } from './views.ts'

type Row = AllocationView['constraints'][number]

const round = (amps: number) => Math.round(amps * 100) / 100
const iso = (ms: number) => new Date(ms).toISOString()
/** So far ahead limits that do not hold yet are shown, and at most so many. */
const aheadMs = 86_400_000
const mostComing = 10

/** `view.decisionId` = the decision it stands by. */
export function allocationView(view: SiteView, target: Target, nextReviewAtMs: number): AllocationView {
  const { engine, nowMs } = view
  const power = connectorPower(view, target)
  return {
    requestedA: power.requestedA, allocatedA: power.allocatedA, confirmedA: power.confirmedA, reservedA: power.reservedA,
    measuredA: power.measuredA, measuredAt: power.measuredAt, binding: power.binding,
    boundBy: boundOf(target),
    summary: sentence(tellingOf(view), target),
    constraints: [...limitRows(view, target), ...comingRows(view, target), ...ownRows(view, target)],
    queue: target.queuePlace === null ? null : { place: target.queuePlace, of: engine.plan!.waiting },
    nextReviewAt: Number.isFinite(nextReviewAtMs) ? iso(Math.max(nextReviewAtMs, nowMs)) : null,
    decisionId: view.decisionId,
  }
}

/** Made once for all connectors whose sentence is asked for at the same instant. */
export function tellingOf(view: SiteView): Telling {
  const { engine, nowMs } = view
  const { books, grid } = engine
  const timed = engine.timed(nowMs)
  return {
    nowMs, aheadMs: view.aheadMs ?? 0, site: books.site, plan: engine.plan!, rowOf: (key) => books.row(key),
    profileUntilMs: (outlet, whole) => books.limits.untilMs(outlet, whole),
    endsAtMs: (source) => endsAtMs(grid, timed, source, beginsAtMs(timed, nowMs, source) ?? nowMs),
    beginsAtMs: (source) => beginsAtMs(timed, nowMs, source),
    wordsOf: view.wordsOf ?? (() => null),
    takenOf: takenNow(view),
    thenA: (key, atMs) => targetsAt(view, atMs).get(key)?.allocatedA ?? null,
  }
}

/** Worked out once for all connectors that ask at the same instant. */
function takenNow({ engine, nowMs }: SiteView): NonNullable<Telling['takenOf']> {
  const taken = new Map<string, Taken | null>()
  let base: BaseAmps | null = null
  return (bound) => {
    const name = `${bound.nodeID} ${bound.on} ${bound.source}`
    if (!taken.has(name)) taken.set(name, takenFrom(engine.plan!, base ??= engine.baseOf(engine.books.site, nowMs).amps, bound))
    return taken.get(name) ?? null
  }
}

/** When a limit begins that is planned with although it does not hold yet, ms; null = it is none. */
function beginsAtMs(timed: readonly TimedLimit[], nowMs: number, source: string): number | null {
  const own = timed.filter((one) => one.source === source && nowMs < one.untilMs)
  if (own.some(({ fromMs }) => fromMs <= nowMs)) return null
  return own.reduce<number | null>((first, { fromMs, economic }) => (economic !== true && fromMs <= nowMs + leadMs && fromMs < (first ?? Infinity) ? fromMs : first), null)
}

/** Worked out once for all connectors that ask before the next plan. */
const outlooks = new WeakMap<Plan, Map<number, Plan['targets']>>()

function targetsAt({ engine, nowMs }: SiteView, atMs: number): Plan['targets'] {
  const known = outlooks.get(engine.plan!) ?? new Map<number, Plan['targets']>()
  outlooks.set(engine.plan!, known)
  const targets = known.get(atMs) ?? plan(standingAt(engine.inputs(nowMs), nowMs, atMs), nowMs).targets
  known.set(atMs, targets)
  return targets
}

/** Every limit that holds now, or is planned with already, on the way from the connector up to the site, the lowest of each source. */
function limitRows(view: SiteView, target: Target): Row[] {
  const { engine, nowMs } = view
  const { books, grid } = engine
  const { place: { outlet, row }, boundBy } = target
  const timed = engine.timed(nowMs)
  const shares = sharesOf(view)
  const { ground } = shares
  const bySource = new Map<string, number>()
  for (const [index, one] of ground.constraints.entries()) {
    if (!outlet.path.includes(one.nodeID) || (isPhase(one.on) && !outlet.phases.includes(one.on))) continue
    const other = bySource.get(one.source)
    if (other === undefined || one.capacity < ground.constraints[other]!.capacity || (isBinding(one, boundBy) && one.capacity === ground.constraints[other]!.capacity)) bySource.set(one.source, index)
  }
  const sharers = sharersOf(engine.plan!, target)
  const whole = books.limits.untilMs(outlet, true)
  return [...bySource].map(([source, index]) => {
    const one = ground.constraints[index]!
    const binds = boundBy?.source === source
    const shareA = shareUnder(shares, index, target.place)
    const limits = row.transactionId !== null && shareA !== null && shareA < target.requestedA - 1e-9
    const full = shares.left[index]! < outlet.stepA * (one.on === 'W' ? books.site.voltage : 1)
    const over = one.coming === true ? 0 : -shares.spare[index]! / (one.on === 'W' ? 3 * books.site.voltage : 1)
    const ends = isPromised(one) || one.economic === true ? endsAtMs(grid, timed, source, beginsAtMs(timed, nowMs, source) ?? nowMs) : null
    const untilMs = ends !== null ? ends + (view.aheadMs ?? 0) : isPromised(one) || one.economic === true ? null : whole
    return {
      id: source, limitA: floorShown(one.on === 'W' ? one.capacity / (3 * books.site.voltage) : one.capacity),
      ...(binds && sharers > 0 ? { shareA: target.allocatedA } : !binds && limits ? { shareA: shareA! } : {}),
      state: binds ? 'binding' : limits || full || over > 0.005 ? 'limiting' : 'ok',
      ...(over > 0.005 ? { overA: round(over) } : {}),
      ...(untilMs === null ? {} : { until: iso(untilMs) }),
    }
  })
}

function isBinding(one: Constraint, boundBy: Constraint | null): boolean {
  return boundBy !== null && one.nodeID === boundBy.nodeID && one.on === boundBy.on && one.source === boundBy.source
}

/** Every limit of a site, those that another stands below included: what is left of each once all has what was decided, and beside all that is reserved, and what the cars under it have and take per amp. */
interface Shares { readonly ground: Ground; readonly left: readonly number[]; readonly spare: readonly number[]; readonly loads: readonly { perAmp: number; used: number }[] }

/** Worked out once for all connectors that ask before the next plan. */
const known = new WeakMap<Plan, Shares>()

function sharesOf({ engine, nowMs }: SiteView): Shares {
  const made = engine.plan!
  const before = known.get(made)
  if (before !== undefined) return before
  const { books, grid } = engine
  const ground = layGround(books.tree, [...siteLimits(books.site, grid, nowMs, engine.timed(nowMs), leadMs), ...made.ground.constraints.filter(({ nodeID }) => nodeID !== books.site.id)])
  const left = capacities(ground, engine.baseOf(books.site, nowMs).amps)
  const spare = [...left]
  const loads = ground.constraints.map(() => ({ perAmp: 0, used: 0 }))
  for (const target of made.targets.values()) subtract(ground, spare, target.place, reservedLoad(placeNow(engine, target), nowMs))
  for (const { place, fallbackA, txA, defaultA, allocatedA } of made.targets.values()) {
    subtract(ground, left, place, { anyCarA: fallbackA, thisCarA: Math.max(txA, defaultA) })
    if (place.row.transactionId === null || allocatedA <= 0) continue
    for (const { index, perAmp } of boundsAbove(ground, place, carPhases(place))) {
      loads[index]!.perAmp += perAmp
      loads[index]!.used += perAmp * allocatedA
    }
  }
  const shares = { ground, left, spare, loads }
  known.set(made, shares)
  return shares
}

/** What a car would get if only this limit were shared by those who charge under it, A; null = it loads nothing there. */
function shareUnder({ ground, left, loads }: Shares, index: number, place: Place): number | null {
  const { perAmp, used } = loads[index]!
  const { stepA } = place.outlet
  const own = boundsAbove(ground, place, carPhases(place)).find((bound) => bound.index === index)
  // Where nobody charges it would have all that is left.
  return own === undefined ? null : round(Math.max(0, Math.floor((left[index]! + used) / (perAmp === 0 ? own.perAmp : perAmp) / stepA + 1e-6) * stepA))
}

/** Limits for a time that do not hold yet, the next of each source. */
function comingRows(view: SiteView, { boundBy }: Target): Row[] {
  const { engine, nowMs, aheadMs: clockMs = 0 } = view
  const timed = engine.timed(nowMs)
  const next = new Map<string, TimedLimit>()
  for (const one of timed) if (one.fromMs > nowMs && one.fromMs < nowMs + aheadMs && one.fromMs < (next.get(one.source)?.fromMs ?? Infinity)) next.set(one.source, one)
  const holding = new Set(timed.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs).map(({ source }) => source))
  return [...next.values()].filter(({ source }) => !holding.has(source) && beginsAtMs(timed, nowMs, source) === null).sort((a, b) => a.fromMs - b.fromMs).slice(0, mostComing).map(({ source, currentA, powerW, untilMs }) => ({
    id: source, limitA: floorShown(currentA ?? (powerW ?? 0) / (3 * engine.books.site.voltage)), state: boundBy?.source === source ? 'binding' as const : 'inactive' as const, ...(Number.isFinite(untilMs) ? { until: iso(untilMs + clockMs) } : {}),
  }))
}

/** What the car, its profile and the connector itself can do. */
function ownRows({ engine }: SiteView, target: Target): Row[] {
  const { outlet, vehicleMaxA, profileCap, row, withheld, checkCapA } = placeNow(engine, target)
  const state = (binds: boolean) => (binds ? 'binding' as const : 'ok' as const)
  const reclaimedA = reclaimCapA(row, outlet.minA)
  const inferred = reclaimedA !== null && reclaimedA < (vehicleMaxA ?? Infinity)
  const vehicleA = inferred ? reclaimedA : vehicleMaxA
  return [
    ...(profileCap === null ? [] : [capRow(profileCap, target, engine.books.limits.untilMs(outlet, false))]),
    ...(vehicleA === null ? [] : [{ id: 'vehicle', limitA: round(vehicleA), state: state(target.binding === 'vehicle'), ...(inferred ? { inferred } : {}) }]),
    ...(withheld === true ? [{ id: 'transaction-limit', limitA: 0, state: state(target.binding === 'transaction-limit') }] : []),
    ...(checkCapA === undefined ? [] : [{ id: 'commissioning-check', limitA: checkCapA, state: state(target.binding === 'commissioning-check') }]),
    { id: 'hardware', limitA: outlet.maxA, state: state(target.binding === 'hardware') },
  ]
}
