// A connector of an honest charge point as it truly is: the profiles it holds, the car there, what that draws and has taken.
import type { Entry } from '../../power/ledger.ts'
import type { Outlet } from '../../power/tree.ts'
import { fullA, wattsPerAmp, type Session } from './session.ts'

/** After a profile is applied the car has followed within this time. */
export const carFollowsMs = 5_000

export interface Bay {
  readonly outlet: Outlet
  own: Entry | null
  tx: Entry | null
  session: Session | null
  drawnA: number
  takenWh: number
  /** Up to when `takenWh` is counted. */
  countedMs: number
  /** Changes with every change of the draw: what was foreseen for the one before is void. */
  turn: number
}

export function openBay(outlet: Outlet): Bay {
  return { outlet, own: null, tx: null, session: null, drawnA: 0, takenWh: 0, countedMs: 0, turn: 0 }
}

/** What its profiles let a car take, A per phase. */
export function permittedA({ own, tx, outlet }: Bay, nowMs: number): number {
  const rules = tx ?? own
  if (rules === null) return outlet.maxA
  const lapsed = outlet.obeysLease && rules.leaseEndsAtMs !== null && nowMs >= rules.leaseEndsAtMs
  return Math.min(outlet.maxA, lapsed ? rules.fallbackA : rules.limitA)
}

/** Counts the energy taken since the last time. */
export function count(bay: Bay, nowMs: number, voltage: number): void {
  if (bay.session !== null && bay.drawnA > 0) {
    const gainedWh = (bay.drawnA * wattsPerAmp(bay.session, bay.outlet, voltage) * (nowMs - bay.countedMs)) / 3_600_000
    bay.takenWh = Math.min(bay.session.wantedWh, bay.takenWh + gainedWh)
  }
  bay.countedMs = nowMs
}

/** Wanting nothing more. */
export function isFull({ session, takenWh }: Bay): boolean {
  return session !== null && takenWh >= session.wantedWh - 0.01
}

/** What the car draws once it has followed: nothing below the least that can be told it. */
export function wouldDrawA(bay: Bay, nowMs: number): number {
  if (bay.session === null || isFull(bay)) return 0
  const limitA = permittedA(bay, nowMs)
  return limitA < bay.outlet.minA - 1e-9 ? 0 : Math.min(limitA, fullA(bay.session, bay.outlet))
}

/** When the car is full if it goes on like this, ms; Infinity = never. */
export function fullAtMs(bay: Bay, nowMs: number, voltage: number): number {
  if (bay.session === null || bay.drawnA <= 0) return Infinity
  const restWh = bay.session.wantedWh - bay.takenWh
  return nowMs + Math.ceil((restWh * 3_600_000) / (bay.drawnA * wattsPerAmp(bay.session, bay.outlet, voltage)))
}
