// What a site draws in its demand window: the site meter where there is one, else what the cars measure or may take, kept over a restart.
import { z } from 'zod'
import { countOn, windowMs, windowOf, type DemandSettings, type DemandState, type Draw } from '../power/demand-window.ts'
import { followMs } from '../power/ledger.ts'
import type { TimedLimit } from '../power/limits.ts'
import { onPhases, reservedLoad } from '../power/loads.ts'
import { perPhase, phases, type PhaseAmps } from '../power/site.ts'
import type { Engine } from './engine.ts'
import { isFresh } from './readings.ts'
import type { Scope } from './scope.ts'

const key = 'demand-window'
/** Stored this often: after a restart the time since then counts at its worst. */
const keptEveryMs = 30_000
const shortestStaleMs = 15_000
const recentMs = 1_000

export const recordSchema = z.object({ v: z.literal(1), windowAtMs: z.number(), energyWs: z.number(), uptoMs: z.number(), worstW: z.number(), allowedW: z.number() })

export class DemandMeter {
  private state: DemandState | null = null
  private readonly scope: Scope
  private readonly sampleIntervalMs: number
  private keptUptoMs = -Infinity
  private lookedAtMs = NaN
  private readAtMs: number | null = null

  constructor(scope: Scope, sampleIntervalMs: number) {
    this.scope = scope
    this.sampleIntervalMs = sampleIntervalMs
    const kept = recordSchema.safeParse(scope.get(key))
    if (!kept.success) return
    const { v: _, ...state } = kept.data
    this.state = { ...state, lastW: null }
    this.keptUptoMs = state.uptoMs
  }

  /** Counts on and says what is left for the rest of the window; null = the site has none. `aheadMs` = how far the wall clock is ahead of the engine's time. */
  look(engine: Engine, nowMs: number, aheadMs: number): TimedLimit | null {
    const { site } = engine.books
    if (site.demandWindow === undefined) return this.forget()
    const settings: DemandSettings = { targetW: site.demandWindow.targetW, stepW: site.voltage, staleAfterMs: Math.max(shortestStaleMs, site.baseLoad.staleAfterS * 1000) }
    const wallMs = nowMs + aheadMs
    if (!this.isRecent(engine, wallMs)) this.count(drawOf(engine, this.sampleIntervalMs, nowMs, aheadMs), settings, wallMs)
    const { windowAtMs, allowedW } = this.state!
    return { source: 'demand-window', powerW: allowedW, fromMs: windowAtMs - aheadMs, untilMs: windowAtMs + windowMs - aheadMs, economic: true }
  }

  /** Looked at so lately that nothing is new: a review asks several times. */
  private isRecent({ meters }: Engine, wallMs: number): boolean {
    const readAtMs = meters.base.meterAtMs
    const recent = this.state?.windowAtMs === windowOf(wallMs) && wallMs >= this.lookedAtMs && wallMs - this.lookedAtMs < recentMs && readAtMs === this.readAtMs
    this.readAtMs = readAtMs
    return recent
  }

  private count(seen: Draw, settings: DemandSettings, wallMs: number): void {
    this.lookedAtMs = wallMs
    const before = this.state
    const state = this.state = countOn(before, seen, settings, wallMs)
    if (before?.windowAtMs === state.windowAtMs && Math.abs(state.uptoMs - this.keptUptoMs) < keptEveryMs) return
    this.keptUptoMs = state.uptoMs
    const { lastW: _, ...kept } = state
    this.scope.put(key, { v: 1, ...kept })
  }

  private forget(): null {
    if (this.state === null) return null
    this.state = null
    this.keptUptoMs = -Infinity
    this.scope.delete(key)
    return null
  }
}

/** What is drawn, as far as somebody measures it, and what could be. Export counts as nothing unless the site is credited for it. */
function drawOf(engine: Engine, sampleIntervalMs: number, nowMs: number, aheadMs: number): Draw {
  const { books, meters } = engine
  const { site } = books
  const worstBaseA = perPhase(site.baseLoad.worstCaseA)
  const { amps: countedA } = engine.baseOf(site, nowMs)
  let worstA = 0
  let carsA = 0
  for (const place of books.places((clientID) => engine.isOnline(clientID))) {
    const reserved = sum(onPhases(place, reservedLoad(place, nowMs)))
    const reading = meters.readings.get(place.outlet.key)
    const changedAtMs = Math.max(place.row.changedAtMs ?? 0, place.row.settling?.acceptedAtMs ?? 0)
    worstA += reserved
    carsA += isFresh(reading, sampleIntervalMs, nowMs) && reading.receivedAtMs >= changedAtMs + followMs ? sum(reading.siteA) : reserved
  }
  const worstW = site.voltage * (worstA + phases.reduce((total, phase) => total + Math.max(worstBaseA[phase], countedA[phase]), 0))
  const { meterA, meterAtMs } = meters.base
  if (meterA === null || meterAtMs === null) return { drawnW: site.voltage * (carsA + sum(worstBaseA)), drawnAtMs: nowMs + aheadMs, worstW }
  const importA = site.baseLoad.creditExport ? Math.max(0, sum(meterA)) : phases.reduce((total, phase) => total + Math.max(0, meterA[phase]), 0)
  return { drawnW: site.voltage * importA, drawnAtMs: meterAtMs + aheadMs, worstW }
}

function sum(amps: PhaseAmps): number {
  return amps.L1 + amps.L2 + amps.L3
}
