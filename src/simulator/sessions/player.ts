// Plays sessions at a site through the real plan and ledger, event by event on a time of its own: honest charge points, cars that follow in 5 s.
import type { GridLimit } from '../../power/limits.ts'
import { perPhase, type ChargePointConfig, type PhaseAmps, type SiteConfig } from '../../power/site.ts'
import { buildTree } from '../../power/tree.ts'
import { createAgenda } from './agenda.ts'
import { carFollowsMs, count, fullAtMs, openBay, permittedA, wouldDrawA, type Bay } from './bay.ts'
import { EngineRoom } from './engine-room.ts'
import { feasibleWh, type Delivery, type Session } from './session.ts'
import { SiteLimits } from './site-limits.ts'
import { watchLoad } from './site-load.ts'

export interface PlayInputs {
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  /** In any order; no two at one connector at a time. */
  readonly sessions: readonly Session[]
  readonly grid: GridLimit | null
  /** The building's load from each moment on, ascending; none = the site's `baseLoad.worstCaseA` throughout. */
  readonly base?: readonly { readonly atMs: number; readonly baseA: PhaseAmps }[]
  readonly leaseMs?: number
  /** Told now and then how much has been played, from 0 to 1. */
  readonly onStep?: (share: number) => void
}

export interface Played {
  /** In order of arrival. */
  readonly deliveries: readonly Delivery[]
  readonly profilesSent: number
  readonly peakA: number
  readonly worstMarginA: number | null
  /** The highest mean of the site over a clock quarter of an hour, the building included, W. */
  readonly highestQuarterW: number
}

/** Before the first car everything connects and its fallbacks are confirmed. */
const prologueMs = 120_000
/** Samples come every 10 s; of those that say what the one before said, only one a minute is played. */
const sampleMs = 10_000
const sameSampleMs = 60_000
const applyMs = 200
const answerMs = 500
const usualLeaseMs = 900_000
/** Events between two words about how far it is. */
const stepEvents = 500

/** The same inputs give the same result. Throws TreeError when the site cannot be built. */
export function playSessions(inputs: PlayInputs): Played {
  const { site, grid } = inputs
  const sessions = [...inputs.sessions].sort((a, b) => a.arrivalMs - b.arrivalMs || (a.key < b.key ? -1 : 1))
  const tree = buildTree(site, inputs.chargePoints)
  const startMs = (sessions[0]?.arrivalMs ?? 0) - prologueMs
  const agenda = createAgenda()
  const load = watchLoad(tree, grid, startMs)
  const limits = new SiteLimits(site, startMs)
  const bays = new Map([...tree.outlets.values()].map((outlet) => [outlet.key, openBay(outlet)]))
  const here = new Set<Bay>()
  const deliveries = new Map<Session, Delivery>()
  let nowMs = startMs
  let stirred = true
  let sampling = false
  const engine = new EngineRoom({ tree, grid, limits, leaseMs: inputs.leaseMs ?? usualLeaseMs, send: (key, entry) => {
    const bay = bays.get(key)!
    const { session } = bay
    agenda.plan(nowMs + applyMs, () => {
      if (entry.slot === 'default') bay.own = entry
      else if (bay.session === session) bay.tx = entry
      if (entry.leaseEndsAtMs !== null && bay.outlet.obeysLease) agenda.plan(entry.leaseEndsAtMs, () => turn(bay))
      turn(bay)
    })
    agenda.plan(nowMs + answerMs, () => { if (engine.accepted(key, nowMs)) stirred = true })
  } }, startMs)

  /** Something about its limit or its car has changed: it draws otherwise once the car has followed. */
  function turn(bay: Bay): void {
    show(bay)
    const after = ++bay.turn
    agenda.plan(nowMs + carFollowsMs, () => { if (bay.turn === after) follow(bay) })
  }

  function follow(bay: Bay): void {
    count(bay, nowMs, site.voltage)
    bay.drawnA = wouldDrawA(bay, nowMs)
    show(bay)
    const { turn: now } = bay
    const fullMs = fullAtMs(bay, nowMs, site.voltage)
    if (fullMs < (bay.session?.departureMs ?? 0)) agenda.plan(fullMs, () => { if (bay.turn === now) follow(bay) })
    if (bay.session !== null) agenda.plan(Math.ceil((nowMs + 1) / sampleMs) * sampleMs, () => { if (bay.turn === now) report(bay) })
  }

  function show(bay: Bay): void {
    const { outlet, session, drawnA } = bay
    load.set(outlet.key, { drawnA, couldA: Math.max(drawnA, permittedA(bay, nowMs)), phases: session === null ? outlet.phases : outlet.phases.slice(0, session.car.phases) })
  }

  function arrive(session: Session, number: number): void {
    const bay = bays.get(session.key)!
    if (bay.session !== null) depart(bay, bay.session)
    Object.assign(bay, { session, takenWh: 0, countedMs: nowMs, drawnA: 0, tx: null })
    here.add(bay)
    engine.started(session.key, number, {
      queuedAtMs: nowMs, vehiclePhases: session.car.phases === 3 ? null : session.car.phases, vehicleMaxA: null,
      departureAtMs: session.saidDepartureMs, remainingWh: session.saidWh,
    })
    turn(bay)
    stirred = true
    if (!sampling) sample()
    agenda.plan(session.departureMs, () => depart(bay, session))
  }

  function depart(bay: Bay, session: Session): void {
    // The next one may have come in the same instant.
    if (bay.session !== session) return
    count(bay, nowMs, site.voltage)
    deliveries.set(session, { session, deliveredWh: bay.takenWh, feasibleWh: feasibleWh(session, bay.outlet, site.voltage) })
    Object.assign(bay, { session: null, tx: null, drawnA: 0 })
    bay.turn++
    here.delete(bay)
    show(bay)
    engine.stopped(session.key)
    stirred = true
  }

  /** Whoever has a car reports what it draws, all in the same instant. */
  function sample(): void {
    sampling = here.size > 0
    if (!sampling) return
    for (const bay of here) report(bay)
    agenda.plan(nowMs + sameSampleMs, sample)
  }

  function report(bay: Bay): void {
    if (bay.session === null) return
    count(bay, nowMs, site.voltage)
    const { saidWh, car } = bay.session
    const remainingWh = saidWh === null ? null : Math.max(0, saidWh - bay.takenWh)
    // What is left below a whole watt-hour is no need.
    if (engine.sampled(bay.outlet.key, bay.drawnA, car.phases, nowMs, remainingWh === null || remainingWh >= 1 ? remainingWh : 0)) stirred = true
  }

  function setBase(baseA: PhaseAmps): void {
    engine.baseA = baseA
    load.setBase(baseA)
    stirred = true
  }

  for (const bay of bays.values()) show(bay)
  setBase(inputs.base?.findLast(({ atMs }) => atMs <= startMs)?.baseA ?? perPhase(site.baseLoad.worstCaseA))
  for (const { atMs, baseA } of inputs.base ?? []) if (atMs > startMs) agenda.plan(atMs, () => setBase(baseA))
  sessions.forEach((session, index) => agenda.plan(session.arrivalMs, () => arrive(session, index + 1)))
  const endMs = sessions.reduce((last, { departureMs }) => Math.max(last, departureMs), startMs)
  for (let events = 1; nowMs <= endMs; events++) {
    if (events % stepEvents === 0) inputs.onStep?.((nowMs - startMs) / (endMs - startMs))
    if (stirred || engine.dueAtMs <= nowMs) engine.review(nowMs)
    stirred = false
    const nextMs = Math.min(agenda.nextMs, Math.max(engine.dueAtMs, nowMs + 1))
    if (nextMs > endMs) break
    nowMs = nextMs
    limits.count(load.drawnW, nowMs)
    agenda.runAll(nowMs)
    // While the fallbacks go out for the first time nothing is settled yet.
    if (nowMs >= startMs + prologueMs) load.look(limits.holding(nowMs))
  }
  return {
    deliveries: sessions.map((session) => deliveries.get(session)!),
    profilesSent: engine.profilesSent, peakA: load.peakA, worstMarginA: load.worstMarginA, highestQuarterW: limits.highestQuarterW,
  }
}
