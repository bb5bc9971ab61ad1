// What a site shows: power, the grid limit with how far it has come, and why a connector gets what it gets.
import { isSettling, newest } from '../power/ledger.ts'
import { effectiveLimit, hasLapsed, isPhase, isPromised, siteLimits, type Constraint } from '../power/limits.ts'
import { capacities, onPhases, reservedLoad, subtract, type Place } from '../power/loads.ts'
import { phases, type Phase, type PhaseAmps } from '../power/site.ts'
import { isSteered } from '../power/stuck.ts'
import type { Target } from '../power/target.ts'
import { circuitOf } from '../power/tree.ts'
import type { Engine } from './engine.ts'
import { capRow, capSentence, nameOfProfile, untilWords, wholeSentence, type Until } from './profile-words.ts'
import type { AllocationView, ConnectorPowerView, GridLimitView, NodePowerView, PowerView } from './views.ts'
import { baseNow, sumMeasured } from './readings.ts'

export interface SiteView {
  readonly engine: Engine
  readonly sampleIntervalMs: number
  readonly decisionId: string | null
  readonly nowMs: number
}

const round = (amps: number) => Math.round(amps * 100) / 100
const roundAll = (amps: PhaseAmps): PhaseAmps => ({ L1: round(amps.L1), L2: round(amps.L2), L3: round(amps.L3) })
const iso = (ms: number) => new Date(ms).toISOString()

/** Until the fallbacks of newly met charge points are confirmed a site is enforcing, not unenforceable. */
export const firstContactMs = 60_000

export function stateOf({ engine, nowMs }: SiteView): { state: PowerView['state']; deficitA?: number } {
  const { plan } = engine
  if (plan === null) return { state: 'enforcing' }
  if (plan.state !== 'unenforceable') return { state: plan.state }
  if (nowMs < engine.lastContactMs + firstContactMs) return { state: 'enforcing' }
  return { state: 'unenforceable', deficitA: round(plan.deficitA) }
}

export function connectorPower(view: SiteView, target: Target): ConnectorPowerView {
  const { engine, nowMs } = view
  const place = placeNow(engine, target)
  const { outlet, row } = place
  const reading = engine.meters.readings.get(outlet.key)
  return {
    clientID: outlet.clientID,
    connectorId: outlet.connectorId,
    circuit: circuitOf(outlet),
    status: engine.books.wiring(outlet.key).status,
    online: engine.isOnline(outlet.clientID),
    transactionId: row.transactionId,
    requestedA: row.transactionId === null ? 0 : target.requestedA,
    allocatedA: target.allocatedA,
    confirmedA: row.tx.confirmed?.limitA ?? row.default.confirmed?.limitA ?? null,
    reservedA: round(reservedLoad(place, nowMs).thisCarA),
    measuredA: reading === undefined ? null : round(reading.highestA),
    measuredAt: reading === undefined ? null : iso(reading.measuredAtMs),
    binding: target.binding,
  }
}

export function powerView(view: SiteView): PowerView {
  const { engine, nowMs } = view
  const { site, tree } = engine.books
  const base = baseNow(engine.meters, site, view.sampleIntervalMs, nowMs)
  const targets = [...(engine.plan?.targets.values() ?? [])]
  const constraints = engine.plan?.ground.constraints ?? []
  const left = engine.plan === null ? [] : capacities(engine.plan.ground, base.amps)
  for (const target of targets) {
    const place = placeNow(engine, target)
    subtract(engine.plan!.ground, left, place, reservedLoad(place, nowMs))
  }
  const circuits = tree.nodes.map((node): NodePowerView => {
    const below = targets.filter(({ place }) => place.outlet.path.includes(node.id))
    const isSite = node.parent === null
    const reserved: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    for (const target of below) {
      const place = placeNow(engine, target)
      addTo(reserved, onPhases(place, reservedLoad(place, nowMs)))
    }
    const cars = sumMeasured(engine.meters, below.map(({ place }) => place.outlet.key), view.sampleIntervalMs, nowMs)
    const limitA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    const binding: Record<Phase, string> = { L1: '', L2: '', L3: '' }
    const headroomA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    for (const phase of phases) {
      const limit = tightestAbove(constraints, node.path, phase)
      limitA[phase] = limit.capacity
      binding[phase] = limit.source
      const rooms = constraints.flatMap(({ nodeID, on }, index) => !node.path.includes(nodeID) ? [] : on === phase ? [left[index]!] : on === 'W' ? [left[index]! / site.voltage] : [])
      headroomA[phase] = rooms.length === 0 ? 0 : Math.min(...rooms)
    }
    const watts = constraints.find((one) => one.nodeID === node.id && one.on === 'W')
    return {
      id: node.id, parent: node.parent, limitA: roundAll(limitA), binding,
      ...(watts === undefined ? {} : { limitW: watts.capacity }),
      measuredA: roundAll(isSite && engine.meters.base.meterA !== null && base.status === 'fresh' ? engine.meters.base.meterA : cars),
      reservedA: roundAll(reserved), headroomA: roundAll(headroomA),
      shedding: engine.plan?.over.some(({ constraint }) => constraint.nodeID === node.id) ?? false,
    }
  })
  return {
    siteID: site.id, at: iso(nowMs),
    effective: effectiveLimit(site, engine.grid, nowMs, engine.timed(nowMs)),
    baseLoad: { status: base.status, countedA: roundAll(base.amps), at: engine.meters.base.meterAtMs === null ? null : iso(engine.meters.base.meterAtMs) },
    ...stateOf(view),
    circuits,
    connectors: targets.map((target) => connectorPower(view, target)).sort((a, b) => a.clientID.localeCompare(b.clientID) || a.connectorId - b.connectorId),
    decisionId: view.decisionId,
  }
}

/** `once` = the connectors whose limit the last change of the grid limit had to change. */
export function gridLimitView(view: SiteView, once: readonly string[]): GridLimitView {
  const { engine, nowMs } = view
  const concerned = once.filter((key) => engine.plan?.targets.has(key) && engine.books.row(key) !== undefined)
  const { site } = engine.books
  const { grid } = engine
  let told = 0
  const waiting: string[] = []
  for (const key of concerned) {
    const row = engine.books.row(key)
    const target = engine.plan?.targets.get(key)
    if (row === undefined || target === undefined) continue
    const slot = row.transactionId === null || (row.tx.confirmed === null && row.tx.inFlight.length === 0) ? row.default : row.tx
    const wantedA = slot === row.tx ? target.txA : target.defaultA
    if ((newest(slot)?.limitA ?? Infinity) <= wantedA) told++
    if (slot.confirmed === null || slot.confirmed.limitA > wantedA || slot.inFlight.length > 0) waiting.push(key)
  }
  const held = grid !== null && !hasLapsed(grid, nowMs) ? grid : null
  return {
    currentA: grid?.currentA ?? (grid?.powerW === undefined ? null : Math.floor((grid.powerW / (3 * site.voltage)) * 100) / 100),
    ...(grid?.powerW === undefined ? {} : { powerW: grid.powerW }),
    ...(grid?.reason === undefined ? {} : { reason: grid.reason }),
    ...(grid === null ? {} : { setAt: iso(grid.setAtMs) }),
    ...(grid?.expiresAtMs === undefined ? {} : { expiresAt: iso(grid.expiresAtMs) }),
    effective: effectiveLimit(site, grid, nowMs, engine.timed(nowMs)),
    next: held?.expiresAtMs === undefined ? null : { at: iso(held.expiresAtMs), currentA: effectiveLimit(site, grid, held.expiresAtMs).currentA },
    ...stateOf(view),
    propagation: { targets: concerned.length, told, confirmed: concerned.length - waiting.length, waiting },
    decisionId: view.decisionId,
  }
}

export function allocationView(view: SiteView, target: Target, nextReviewAtMs: number): AllocationView {
  const { engine, nowMs } = view
  const power = connectorPower(view, target)
  const { place } = target
  const sharers = [...engine.plan!.targets.values()].filter((other) => other.boundBy !== null && other.boundBy === target.boundBy && other.allocatedA > 0).length
  return {
    requestedA: power.requestedA, allocatedA: power.allocatedA, confirmedA: power.confirmedA, reservedA: power.reservedA,
    measuredA: power.measuredA, measuredAt: power.measuredAt, binding: power.binding,
    summary: sentence(view, target, sharers),
    constraints: constraintRows(view, target, sharers),
    queue: target.queuePlace === null ? null : { place: target.queuePlace, of: engine.plan!.waiting },
    nextReviewAt: Number.isFinite(nextReviewAtMs) ? iso(Math.max(nextReviewAtMs, nowMs)) : null,
    decisionId: view.decisionId,
  }

  function constraintRows({ engine: { books, grid } }: SiteView, { boundBy, binding, place: { outlet } }: Target, among: number): AllocationView['constraints'] {
    const left = capacities(engine.plan!.ground, baseNow(engine.meters, books.site, view.sampleIntervalMs, nowMs).amps)
    for (const other of engine.plan!.targets.values()) subtract(engine.plan!.ground, left, other.place, { anyCarA: other.fallbackA, thisCarA: Math.max(other.txA, other.defaultA) })
    const nodeLimits = [...siteLimits(books.site, grid, nowMs), ...engine.plan!.ground.constraints.filter(({ nodeID }) => nodeID !== books.site.id && outlet.path.includes(nodeID))]
    const bySource = new Map<string, Constraint>()
    for (const one of nodeLimits) if (!isPhase(one.on) || outlet.phases.includes(one.on)) if ((bySource.get(one.source)?.capacity ?? Infinity) > one.capacity) bySource.set(one.source, one)
    const whole = books.limits.untilMs(outlet, true)
    const rows = [...bySource.values()].map((one) => {
      const index = engine.plan!.ground.constraints.findIndex((other) => other.nodeID === one.nodeID && other.on === one.on && other.source === one.source)
      const full = index !== -1 && left[index]! < outlet.stepA * (one.on === 'W' ? books.site.voltage : 1)
      const binds = boundBy?.source === one.source
      return {
        id: one.source, limitA: round(one.on === 'W' ? one.capacity / (3 * books.site.voltage) : one.capacity),
        ...(binds && among > 0 ? { shareA: power.allocatedA } : {}),
        state: binds ? 'binding' as const : full ? 'limiting' as const : 'ok' as const,
        ...(one.source === 'grid-limit' && grid?.expiresAtMs !== undefined ? { until: iso(grid.expiresAtMs) } : {}),
        ...(isPromised(one) || whole === null ? {} : { until: iso(whole) }),
      }
    })
    const { vehicleMaxA, profileCap } = place
    return [
      ...rows,
      ...(profileCap === null ? [] : [capRow(profileCap, target, books.limits.untilMs(outlet, false))]),
      ...(vehicleMaxA === null ? [] : [{ id: 'vehicle', limitA: vehicleMaxA, state: binding === 'vehicle' ? 'binding' as const : 'ok' as const }]),
      { id: 'hardware', limitA: outlet.maxA, state: binding === 'hardware' ? 'binding' as const : 'ok' as const },
    ]
  }
}

/** The place with its row of now: the plan was made before its own orders were booked. */
function placeNow(engine: Engine, { place }: Target): Place {
  return { ...place, row: engine.books.row(place.outlet.key) ?? place.row }
}

/** Why, in one sentence a site manager understands. */
function sentence({ engine, nowMs }: SiteView, target: Target, sharers: number): string {
  const { allocatedA, boundBy } = target
  const place = placeNow(engine, target)
  const { row, outlet } = place
  const limitA = boundBy === null ? 0 : round(boundBy.on === 'W' ? boundBy.capacity / (3 * engine.books.site.voltage) : boundBy.capacity)
  const name = boundBy === null ? '' : describe(boundBy)
  if (outlet.control === 'none') return `kwota does not steer this connector, so its ${outlet.maxA} A count always.`
  if (row.contactedAtMs === null) return 'It has never booted with kwota; nothing is counted for it.'
  if (!isSteered(place)) return `It is offline; ${round(reservedLoad(place, nowMs).thisCarA)} A are kept reserved for it.`
  if (row.default.confirmed === null) return `Its fallback is not confirmed yet, so its ${outlet.maxA} A count as taken.`
  const until = (whole: boolean): Until => ({ nowMs, untilMs: engine.books.limits.untilMs(outlet, whole), timezone: engine.books.site.timezone })
  const cap = place.profileCap?.source === target.binding ? place.profileCap : null
  if (row.transactionId === null) return `No car is charging; ${target.fallbackA} A are set as its fallback${cap === null ? '' : `: ${nameOfProfile(cap.source)} allows no more${untilWords(until(false))}`}.`
  const settling = row.excess && row.measuredA !== null ? ` It draws ${round(row.measuredA)} A all the same, and they stay reserved.`
    : isSettling(row, nowMs) && row.settling!.fromA > allocatedA ? ` ${round(row.settling!.fromA)} A stay reserved until the lowering is proven.` : ''
  if (target.binding === 'queue') return `0 A: it waits its turn, place ${target.queuePlace}, under ${name} of ${limitA} A.${settling}`
  if (target.binding === 'minimum') return `0 A: ${name} of ${limitA} A leaves less than the ${outlet.minA} A a car needs.${settling}`
  if (boundBy === null && cap !== null) return `${capSentence(cap, allocatedA, outlet.minA, until(false))}${settling}`
  if (boundBy === null) return `${allocatedA} A: the most the ${target.binding === 'vehicle' ? 'car takes' : 'connector can give'}.${settling}`
  if (!isPromised(boundBy)) return `${wholeSentence(boundBy, allocatedA, sharers, until(true))}${settling}`
  return `${allocatedA} A: ${name} of ${limitA} A ${sharers > 1 ? `is shared by ${sharers} cars` : 'leaves no more'}.${settling}`
}

function describe({ source }: Constraint): string {
  if (source === 'fuse') return 'the fuse'
  if (source === 'grid-limit') return 'the grid limit'
  if (source === 'failsafe') return 'the failsafe limit (the energy manager is silent)'
  if (source.startsWith('profile:')) return `${nameOfProfile(source)} for the whole charge point`
  if (source.startsWith('imbalance:')) return `the imbalance limit of ${source.slice(10)}`
  return source.startsWith('circuit:') ? `circuit ${source.slice(8)}` : source
}

function tightestAbove(constraints: readonly Constraint[], path: readonly string[], phase: Phase): Constraint {
  let best: Constraint | undefined
  for (const one of constraints) if (one.on === phase && path.includes(one.nodeID) && (best === undefined || one.capacity < best.capacity)) best = one
  return best ?? { nodeID: path.at(-1)!, on: phase, capacity: 0, source: 'fuse' }
}

function addTo(sum: PhaseAmps, amps: PhaseAmps): void {
  for (const phase of phases) sum[phase] += amps[phase]
}

