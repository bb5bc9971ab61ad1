// What a site shows: its power, and the grid limit with how far it has come.
import { followMs, newest, type Row } from '../power/ledger.ts'
import { effectiveLimit, hasLapsed, isInForce, pairOf, type Constraint } from '../power/limits.ts'
import { capacities, onPhases, reservedLoad, subtract, type Load, type Place } from '../power/loads.ts'
import { pendingRaising } from '../power/pending-raising.ts'
import { phases, type Phase, type PhaseAmps } from '../power/site.ts'
import type { Target } from '../power/target.ts'
import { circuitOf, type Outlet } from '../power/tree.ts'
import { doingOf } from './doing.ts'
import type { Engine } from './engine.ts'
import type { ConnectorPowerView, GridLimitView, NodePowerView, PowerView } from './views.ts'
import { isCurrent, isFresh } from './readings.ts'

export interface SiteView {
  readonly engine: Engine
  readonly sampleIntervalMs: number
  readonly decisionId: string | null
  readonly nowMs: number
  /** How far the wall clock is ahead of that, ms; absent = not at all. */
  readonly aheadMs?: number
  /** Who imposed a limit and why; absent = nobody said. */
  readonly wordsOf?: (source: string) => string | null
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
  const place = placeNow(view.engine, target)
  return placePower(view, target, place, reservedLoad(place, view.nowMs))
}

function placePower(view: SiteView, target: Target, { outlet, row }: Place, { thisCarA }: Load): ConnectorPowerView {
  const { engine, nowMs } = view
  const reading = engine.meters.readings.get(outlet.key)
  const current = reading !== undefined && isCurrent(reading, row, view.sampleIntervalMs, nowMs) ? reading : null
  const { status } = engine.books.wiring(outlet.key)
  const online = engine.isOnline(outlet.clientID)
  const confirmedA = row.tx.confirmed?.limitA ?? row.default.confirmed?.limitA ?? null
  const requestedA = row.transactionId === null ? 0 : target.requestedA
  const changedSince = row.changedAtMs !== null && (reading?.receivedAtMs ?? -Infinity) < row.changedAtMs + followMs
  const measuredA = current === null ? null : round(current.highestA)
  return {
    clientID: outlet.clientID,
    connectorId: outlet.connectorId,
    circuit: circuitOf(outlet),
    status,
    online,
    transactionId: row.transactionId,
    doing: doingOf({ transactionId: row.transactionId, online, status, requestedA, allocatedA: target.allocatedA, confirmedA, measuredA, changedSince }),
    requestedA,
    allocatedA: target.allocatedA,
    confirmedA,
    reservedA: round(thisCarA),
    measuredA,
    measuredAt: reading === undefined ? null : iso(reading.measuredAtMs),
    binding: target.binding,
    ...raisingOf(view, target, row),
    ...directOf(outlet, target.allocatedA, current?.powerW ?? null),
  }
}

/** What it was not told yet of what it is allocated; nothing of the others. */
function raisingOf({ nowMs, aheadMs = 0 }: SiteView, target: Target, row: Row): Pick<ConnectorPowerView, 'raising'> {
  const pending = pendingRaising(target, row, nowMs)
  return pending === null ? {} : { raising: { toldA: round(pending.heldA), at: pending.atMs === null ? null : iso(pending.atMs + aheadMs) } }
}

/** What a DC connector gives, W; nothing of the others. */
function directOf({ dc = null }: Outlet, allocatedA: number, measuredW: number | null): { allocatedW?: number; measuredW?: number } {
  return dc === null ? {} : { allocatedW: Math.round(allocatedA * dc.wattsPerA), ...(measuredW === null ? {} : { measuredW: Math.round(measuredW) }) }
}

export function powerView(view: SiteView): PowerView {
  const { engine, nowMs } = view
  const { site, tree } = engine.books
  const base = engine.baseOf(site, nowMs)
  const targets = [...(engine.plan?.targets.values() ?? [])]
  const left = engine.plan === null ? [] : capacities(engine.plan.ground, base.amps)
  const below = new Map(tree.nodes.map(({ id }) => [id, { reserved: { L1: 0, L2: 0, L3: 0 }, cars: { L1: 0, L2: 0, L3: 0 }, seen: 0, unseen: 0 }]))
  const connectors = targets.map((target): ConnectorPowerView => {
    const place = placeNow(engine, target)
    const load = reservedLoad(place, nowMs)
    subtract(engine.plan!.ground, left, place, load)
    const amps = onPhases(place, load)
    const reading = engine.meters.readings.get(place.outlet.key)
    const fresh = isFresh(reading, view.sampleIntervalMs, nowMs)
    const mayDraw = place.row.transactionId !== null && load.thisCarA > 0
    for (const id of place.outlet.path) {
      const node = below.get(id)
      if (node === undefined) continue
      addTo(node.reserved, amps)
      if (fresh) addTo(node.cars, reading.siteA)
      if (mayDraw && fresh) node.seen++
      if (mayDraw && !fresh) node.unseen++
    }
    return placePower(view, target, place, load)
  })
  // What begins soon is planned with, and not shown as in effect.
  const held = (engine.plan?.ground.constraints ?? []).map((one, index) => ({ ...one, leftOver: left[index]! })).filter((one) => one.coming !== true)
  const circuits = tree.nodes.map((node): NodePowerView => {
    const { reserved, cars, seen, unseen } = below.get(node.id)!
    const meterA = node.parent === null && base.status === 'fresh' ? engine.meters.base.meterA : null
    const unmetered = node.parent === null && (base.status === 'stale' || phases.some((phase) => base.amps[phase] > 0))
    const limitA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    const binding: Record<Phase, string> = { L1: '', L2: '', L3: '' }
    const headroomA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    for (const phase of phases) {
      const limit = tightestAbove(held, node.path, phase)
      limitA[phase] = limit.capacity
      binding[phase] = limit.source
      headroomA[phase] = headroomOf(held, node.path, phase, site.voltage)
    }
    const watts = held.filter((one) => one.nodeID === node.id && one.on === 'W').map(({ capacity }) => capacity)
    const tilts = held.flatMap(({ nodeID, on, capacity, leftOver }) => (nodeID === node.id && pairOf(on) !== null ? [{ capacity, carriedA: capacity - leftOver }] : []))
    return {
      id: node.id, parent: node.parent, limitA: roundAll(limitA), binding,
      ...(watts.length === 0 ? {} : { limitW: Math.min(...watts) }),
      ...(tilts.length === 0 ? {} : { imbalanceLimitA: tilts[0]!.capacity, imbalanceA: round(Math.max(0, ...tilts.map(({ carriedA }) => carriedA))) }),
      measuredA: roundAll(meterA ?? cars), measured: meterA !== null || (unseen === 0 && !unmetered) ? 'all' : seen > 0 ? 'part' : 'none',
      reservedA: roundAll(reserved), headroomA: roundAll(headroomA),
      shedding: engine.plan?.over.some(({ constraint }) => constraint.nodeID === node.id && isInForce(constraint)) ?? false,
    }
  })
  return {
    siteID: site.id, at: iso(nowMs),
    effective: effectiveLimit(site, engine.grid, nowMs, engine.timed(nowMs)),
    baseLoad: { status: base.status, countedA: roundAll(base.amps), at: engine.meters.base.meterAtMs === null ? null : iso(engine.meters.base.meterAtMs) },
    ...demandOf(view),
    ...stateOf(view),
    circuits,
    connectors: connectors.sort((a, b) => a.clientID.localeCompare(b.clientID) || a.connectorId - b.connectorId),
    decisionId: view.decisionId,
  }
}

function demandOf({ engine, nowMs, aheadMs = 0 }: SiteView): Pick<PowerView, 'demandWindow'> {
  const now = engine.timed(nowMs).find(({ source, fromMs, untilMs }) => source === 'demand-window' && fromMs <= nowMs && nowMs < untilMs)
  const targetW = engine.books.site.demandWindow?.targetW
  return now?.powerW === undefined || targetW === undefined ? {} : { demandWindow: { targetW, allowedW: Math.round(now.powerW), until: iso(now.untilMs + aheadMs) } }
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
    ...(grid?.expiresAtMs === undefined ? {} : { expiresAt: iso(Math.floor(grid.expiresAtMs + (view.aheadMs ?? 0))) }),
    effective: effectiveLimit(site, grid, nowMs, engine.timed(nowMs)),
    next: held?.expiresAtMs === undefined ? null : { at: iso(held.expiresAtMs), currentA: effectiveLimit(site, grid, held.expiresAtMs).currentA },
    ...stateOf(view),
    propagation: { targets: concerned.length, told, confirmed: concerned.length - waiting.length, waiting },
    decisionId: view.decisionId,
  }
}

/** The place with its row of now: the plan was made before its own orders were booked. */
export function placeNow(engine: Engine, { place }: Target): Place {
  const row = engine.books.row(place.outlet.key) ?? place.row
  return row === place.row ? place : { ...place, row }
}

function tightestAbove(constraints: readonly Constraint[], path: readonly string[], phase: Phase): Constraint {
  let best: Constraint | undefined
  for (const one of constraints) if (one.on === phase && path.includes(one.nodeID) && (best === undefined || one.capacity < best.capacity)) best = one
  return best ?? { nodeID: path.at(-1)!, on: phase, capacity: 0, source: 'fuse' }
}

/** What the limits of a node itself leave on a phase, A; of one without any, those of the next above. Watts that are left may all go to one phase, those that are missing are missing on three. */
function headroomOf(held: readonly (Constraint & { readonly leftOver: number })[], path: readonly string[], phase: Phase, voltage: number): number {
  for (const id of path) {
    const rooms = held.flatMap(({ nodeID, on, leftOver }) => nodeID !== id ? [] : on === phase ? [leftOver] : on === 'W' ? [leftOver / (leftOver < 0 ? 3 * voltage : voltage)] : [])
    if (rooms.length > 0) return Math.min(...rooms)
  }
  return 0
}

function addTo(sum: PhaseAmps, amps: PhaseAmps): void {
  for (const phase of phases) sum[phase] += amps[phase]
}

