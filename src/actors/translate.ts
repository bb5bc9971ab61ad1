// Between OCPP and electricity: the engine's grants as charging profiles, meter samples as amps on the site's phases.
import type { Entry } from '../power/ledger.ts'
import { phases, type PhaseAmps } from '../power/site.ts'
import type { Outlet } from '../power/tree.ts'
import type { ConnectorSample } from './site-desk.ts'

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
}

function profile({ id, stackLevel, purpose, periods, startMs, transactionId }: ProfileOptions) {
  return {
    chargingProfileId: id,
    ...(transactionId === undefined ? {} : { transactionId }),
    stackLevel,
    chargingProfilePurpose: purpose,
    chargingProfileKind: 'Absolute' as const,
    // An hour in the past, so that a charge point whose clock is behind does not wait for it to begin.
    chargingSchedule: { startSchedule: new Date(startMs).toISOString(), chargingRateUnit: 'A' as const, chargingSchedulePeriod: [...periods] },
  }
}

/** ChargePointMaxProfile on connector 0: all that the charge point may ever draw. */
export function maxProfileRequest(limitA: number, stackLevel: number, wallMs: number) {
  return {
    connectorId: 0,
    csChargingProfiles: profile({ id: engineProfileIds, stackLevel, purpose: 'ChargePointMaxProfile', periods: [{ startPeriod: 0, limit: wire(limitA) }], startMs: wallMs - dayMs }),
  }
}

/** The SetChargingProfile request that says what `entry` booked; a lease steps down to the fallback when it ends (I5). */
export function entryRequest(outlet: Outlet, entry: Entry, transactionId: number | null, stackLevel: number, time: WireTime) {
  const startMs = time.wallMs - (entry.slot === 'default' ? dayMs : hourMs)
  const periods = [{ startPeriod: 0, limit: wire(entry.limitA) }]
  if (entry.leaseEndsAtMs !== null) periods.push({ startPeriod: Math.round((entry.leaseEndsAtMs - time.nowMs + time.wallMs - startMs) / 1000), limit: wire(entry.fallbackA) })
  const id = engineProfileIds + outlet.connectorId * 10
  return {
    connectorId: outlet.connectorId,
    csChargingProfiles: entry.slot === 'default' || transactionId === null
      ? profile({ id: id + 1, stackLevel, purpose: 'TxDefaultProfile', periods, startMs })
      : profile({ id: id + 2, stackLevel, purpose: 'TxProfile', periods, startMs, transactionId }),
  }
}

/** Amps on the site's phases; null when the sample says nothing about current. */
export function sampleOnSite(outlet: Outlet, sample: ConnectorSample): PhaseAmps | null {
  const said = phases.flatMap((phase) => (sample.currentA?.[phase] === undefined ? [] : [{ phase, amps: sample.currentA[phase] }]))
  if (said.length === 0) return null
  const site: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const { phases: wired } = outlet
  // Connectors of one or two phases name them as they please: what fits neither their own order nor the site's is taken in order.
  const own = phases.slice(0, wired.length)
  const bySite = said.some(({ phase }) => !own.includes(phase))
  said.forEach(({ phase, amps }, index) => {
    const onSite = !bySite ? wired[own.indexOf(phase)] : wired.includes(phase) ? phase : wired[Math.min(index, wired.length - 1)]
    if (onSite !== undefined) site[onSite] = Math.max(site[onSite], amps)
  })
  return site
}

/** OCPP limits carry one decimal; always down. */
function wire(limitA: number): number {
  return Math.floor(limitA * 10 + 1e-6) / 10
}
