// Between OCPP and electricity: the engine's grants as charging profiles, meter samples as amps on the site's phases.
import type { Entry } from '../power/ledger.ts'
import { sharesOne, usualQuirks, type Quirks } from '../power/quirks.ts'
import { perPhase, phases, type PhaseAmps } from '../power/site.ts'
import type { Outlet } from '../power/tree.ts'
import type { MeterSample } from './site-desk.ts'

/** Profile ids from here on, and the charge point's top stack level, belong to the engine. */
export const engineProfileIds = 1_000_000_000

/** The engine's time never steps; what charge points are told is the wall clock they are set by. */
export interface WireTime { readonly nowMs: number; readonly wallMs: number }

const hourMs = 3_600_000
/** Without a lease a start further back costs nothing, and outlives larger steps of a clock. */
const dayMs = 24 * hourMs

interface ProfileOptions {
  readonly id: number
  readonly stackLevel: number
  readonly purpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  readonly periods: readonly { startPeriod: number; limit: number }[]
  readonly startMs: number
  readonly transactionId?: number
  readonly unit?: 'A' | 'W'
}

function profile({ id, stackLevel, purpose, periods, startMs, transactionId, unit = 'A' }: ProfileOptions) {
  return {
    chargingProfileId: id,
    ...(transactionId === undefined ? {} : { transactionId }),
    stackLevel,
    chargingProfilePurpose: purpose,
    chargingProfileKind: 'Absolute' as const,
    // An hour in the past, so that a charge point whose clock is behind does not wait for it to begin.
    chargingSchedule: { startSchedule: new Date(startMs).toISOString(), chargingRateUnit: unit, chargingSchedulePeriod: [...periods] },
  }
}

/** ChargePointMaxProfile on connector 0: all that the charge point may ever draw; `limitW` = the same in watts, where it takes these. */
export function maxProfileRequest(limitA: number, stackLevel: number, wallMs: number, limitW?: number) {
  const [unit, limit] = limitW === undefined ? ['A' as const, limitA] : ['W' as const, limitW]
  return {
    connectorId: 0,
    csChargingProfiles: profile({ id: engineProfileIds, stackLevel, purpose: 'ChargePointMaxProfile', periods: [{ startPeriod: 0, limit: wire(limit) }], startMs: wallMs - dayMs, unit }),
  }
}

/**
 * The SetChargingProfile request that says what `entry` booked, in the shape the charge point takes; a lease steps down to
 * the fallback when it ends (I5). Watts are those of the phases the entry was booked for, at `voltage` (phase to neutral);
 * of the fallback, those of one phase, since any car may be there then. A DC connector is always told watts, those that it gives;
 * where one profile holds for all connectors of the charge point (`all`), each amp is as many watts as suit every one of them.
 */
export function entryRequest(outlet: Outlet, entry: Entry, transactionId: number | null, stackLevel: number, time: WireTime, quirks: Quirks = usualQuirks, voltage = 230, all: readonly Outlet[] = [outlet]) {
  const { ladder, lease, pauseA } = quirks
  const limited = entry.slot === 'default' && sharesOne(quirks) ? all : [outlet]
  // What amps mean to a DC charge point nobody knows.
  const unit = limited.every(({ dc = null }) => dc === null) ? quirks.unit : 'W'
  const startMs = time.wallMs - (entry.slot === 'default' && entry.leaseEndsAtMs === null ? dayMs : hourMs)
  const limit = (amps: number, phases: number) => wire(unit === 'A' ? amps : amps * Math.min(...limited.map(({ dc = null }) => dc?.wattsPerA ?? phases * voltage)))
  const periods = [{ startPeriod: 0, limit: limit(Math.max(entry.limitA, pauseA), entry.phases ?? 1) }]
  if (lease && entry.leaseEndsAtMs !== null) periods.push({ startPeriod: Math.round((entry.leaseEndsAtMs - time.nowMs + time.wallMs - startMs) / 1000), limit: limit(entry.fallbackA, 1) })
  const id = engineProfileIds + outlet.connectorId * 10
  // What is booked for a transaction goes with it, whatever the ladder says by now.
  if (entry.slot === 'tx' && transactionId !== null) {
    return { connectorId: outlet.connectorId, csChargingProfiles: profile({ id: id + 2, stackLevel, purpose: 'TxProfile', unit, periods, startMs, transactionId }) }
  }
  if (ladder === 'max-0') return { connectorId: 0, csChargingProfiles: profile({ id: engineProfileIds, stackLevel, purpose: 'ChargePointMaxProfile', unit, periods, startMs }) }
  if (ladder === 'connector-0') return { connectorId: 0, csChargingProfiles: profile({ id: engineProfileIds + 1, stackLevel, purpose: 'TxDefaultProfile', unit, periods, startMs }) }
  return { connectorId: outlet.connectorId, csChargingProfiles: profile({ id: id + 1, stackLevel, purpose: 'TxDefaultProfile', unit, periods, startMs }) }
}

/** Amps on the site's phases; null when the sample says nothing about current. Of a DC connector only its power says what it takes from the grid. */
export function sampleOnSite(outlet: Outlet, sample: Pick<MeterSample, 'currentA' | 'powerW'>): PhaseAmps | null {
  const { dc = null } = outlet
  if (dc !== null) return sample.powerW === null ? null : perPhase(sample.powerW / dc.wattsPerA)
  const { currentA } = sample
  const named = phasesNamed(sample)
  if (currentA === null || named === 0) return null
  const site: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const { phases: wired } = outlet
  // Connectors of one or two phases name them as they please: what fits neither their own order nor the site's is taken in order.
  let bySite = false
  for (let own = wired.length; own < phases.length; own++) bySite ||= currentA[phases[own]!] !== undefined
  let index = 0
  for (let own = 0; own < phases.length; own++) {
    const phase = phases[own]!
    const amps = currentA[phase]
    if (amps === undefined) continue
    const onSite = !bySite ? wired[own] : wired.includes(phase) ? phase : wired[Math.min(index, wired.length - 1)]
    if (onSite !== undefined) site[onSite] = Math.max(site[onSite], amps)
    index++
  }
  return site
}

/** Less is a meter's noise, or a car that is only waking, A. */
const drawsA = 1

/** How many phases a car is proven to use; 0 = the sample does not say, since it draws nothing or not every phase is named. */
export function phasesProven(outlet: Outlet, sample: Pick<MeterSample, 'currentA' | 'spread'>, siteA: PhaseAmps): number {
  if (sample.spread === true || (outlet.dc ?? null) !== null || phasesNamed(sample) < outlet.phases.length) return 0
  return (siteA.L1 > drawsA ? 1 : 0) + (siteA.L2 > drawsA ? 1 : 0) + (siteA.L3 > drawsA ? 1 : 0)
}

function phasesNamed({ currentA }: Pick<MeterSample, 'currentA'>): number {
  if (currentA === null) return 0
  return (currentA.L1 === undefined ? 0 : 1) + (currentA.L2 === undefined ? 0 : 1) + (currentA.L3 === undefined ? 0 : 1)
}

/** All phases together, of a sample that names none; null = it names them, or tells no power. */
export function totalOf({ spread, powerW }: Pick<MeterSample, 'spread' | 'powerW'>, siteA: PhaseAmps): number | null {
  return spread === true && powerW !== null ? phases.reduce((sum, phase) => sum + siteA[phase], 0) : null
}

/** OCPP limits carry one decimal; always down. */
function wire(limitA: number): number {
  return Math.floor(limitA * 10 + 1e-6) / 10
}
