// One connector of a simulated charge point: the car in it, its transaction, what it may draw and what it draws.
import type { Behaviour } from './behaviours.ts'
import { isFull, pilotMinA, plugCar, stepCar, type CarModel, type CarState } from './car.ts'
import type { Running } from './profile-memory.ts'

export type OutletStatus = 'Available' | 'Preparing' | 'Charging' | 'SuspendedEVSE' | 'SuspendedEV' | 'Finishing' | 'Unavailable'

export interface OutletTransaction {
  /** Null until the central system has answered. */
  id: number | null
  readonly startedMs: number
  readonly meterStartWh: number
  readonly idTag: string
}

/** A DC connector: what it gives at most, W, and what of the grid's power that is. All its amps are those of the grid. */
export interface Direct { readonly maxW: number; readonly efficiency: number }

/** What a car's battery stands at, V: the amps of a DC cable are those at this voltage. */
export const batteryV = 400

export interface Outlet {
  readonly id: number
  readonly direct: Direct | null
  /** Hardware and cable, A per phase. */
  readonly maxA: number
  /** Phases it is wired to. */
  readonly wired: number
  car: CarState | null
  transaction: OutletTransaction | null
  status: OutletStatus
  /** Register of the meter, Wh. */
  registerWh: number
  /** It draws without limit until the next profile (full-power-after-pause). */
  unbridled: boolean
  /** A transaction ended and the car still hangs on it. */
  finishing: boolean
  operative: boolean
  lastAllowedA: number
}

export function createOutlet(id: number, maxA: number, wired: number, direct: Direct | null = null): Outlet {
  return {
    id, maxA, wired, direct, car: null, transaction: null, status: 'Available', registerWh: 1000 * id, unbridled: false, finishing: false,
    operative: true, lastAllowedA: Infinity,
  }
}

export function plugInto(outlet: Outlet, model: CarModel): void {
  outlet.car = plugCar(model)
  outlet.finishing = false
  outlet.unbridled = false
  outlet.lastAllowedA = Infinity
}

/** Phases a car draws on here: its own, as far as the connector is wired for them. */
export function phasesInUse(outlet: Outlet, behaviour: Behaviour): number {
  if (outlet.car === null || outlet.direct !== null) return outlet.wired
  return behaviour.onePhase === true ? 1 : Math.min(outlet.car.model.phases, outlet.wired)
}

/** What comes out for one amp on each phase in use, W. `voltage` is phase to neutral. */
export function wattsPerA(outlet: Outlet, voltage: number, behaviour: Behaviour): number {
  return voltage * Math.max(1, phasesInUse(outlet, behaviour)) * (outlet.direct?.efficiency ?? 1)
}

/** The transaction as profiles know it; before its id is known no TxProfile fits it. */
export function runningOf(outlet: Outlet): Running | null {
  const { transaction } = outlet
  return transaction === null ? null : { transactionId: transaction.id ?? Number.NaN, startedMs: transaction.startedMs }
}

/** The car `dtS` later, charging only where a transaction runs. `allowedA` is per phase in use. */
export function stepOutlet(outlet: Outlet, allowedA: number, powered: boolean, dtS: number, voltage: number, behaviour: Behaviour): void {
  const { car } = outlet
  if (car === null) return
  const limitA = outlet.transaction === null || !powered ? 0 : Math.min(allowedA, outlet.maxA)
  if (behaviour.fullPowerAfterPause === true && outlet.lastAllowedA < pilotMinA && limitA >= pilotMinA) outlet.unbridled = true
  outlet.lastAllowedA = outlet.transaction === null ? Infinity : limitA
  const model = { ...car.model, phases: phasesInUse(outlet, behaviour) as 1 | 2 | 3 }
  const next = stepCar({ ...car, model }, limitA, dtS, voltage * (outlet.direct?.efficiency ?? 1))
  outlet.registerWh += next.takenWh - car.takenWh
  outlet.car = { ...next, model: car.model }
}

/** What the connector reports now. */
export function statusOf(outlet: Outlet, allowedA: number): OutletStatus {
  if (!outlet.operative && outlet.transaction === null) return 'Unavailable'
  if (outlet.car === null) return 'Available'
  if (outlet.transaction === null) return outlet.finishing ? 'Finishing' : 'Preparing'
  if (Math.min(allowedA, outlet.maxA) < pilotMinA) return 'SuspendedEVSE'
  return outlet.car.suspended || isFull(outlet.car) ? 'SuspendedEV' : 'Charging'
}
