// A car at a charger: what it draws under a limit, second by second. Pure physics, nothing of OCPP.

export interface CarModel {
  /** Most it takes per phase, A. */
  readonly maxA: number
  /** Phases its on-board charger uses. */
  readonly phases: 1 | 2 | 3
  /** What it still wants, Wh; Infinity = never full. */
  readonly energyNeededWh: number
  /** Battery size, Wh, where the taper near full matters; absent = constant current until it has what it wants. */
  readonly batteryWh?: number
  /** How long it takes to follow a change over its whole range; absent = `followS`. */
  readonly followS?: number
}

export interface CarState {
  readonly model: CarModel
  /** Energy taken since it was plugged, Wh. */
  readonly takenWh: number
  /** Current per used phase now, A. */
  readonly currentA: number
  /** What the driver's own settings let it take at most, A; null = no such cap. */
  readonly cappedA: number | null
  /** It refuses current by itself. */
  readonly suspended: boolean
}

/** Below this the control pilot means "no charging" (IEC 61851-1). */
export const pilotMinA = 6
/** A car has followed a new limit after this long. */
export const followS = 4
const taperFrom = 0.8
const taperTo = 0.15

/** A car that has just been plugged in. */
export function plugCar(model: CarModel): CarState {
  return { model, takenWh: 0, currentA: 0, cappedA: null, suspended: false }
}

/** True when the car has all it wanted. */
export function isFull(car: CarState): boolean {
  return car.takenWh >= car.model.energyNeededWh - 0.01
}

/** What the car would settle at under `limitA`, A per used phase; 0 where the limit is below the pilot's minimum. */
export function wantedA(car: CarState, limitA: number): number {
  if (car.suspended || isFull(car) || limitA < pilotMinA - 1e-9) return 0
  return Math.max(0, Math.min(limitA, taperA(car), car.cappedA ?? Infinity))
}

/**
 * The car `dtS` seconds later under a limit that stood still meanwhile. It moves towards what it wants at a rate that
 * covers its whole range in `followS`; it stops at once when the limit is below 6 A. `voltage` is phase to neutral.
 */
export function stepCar(car: CarState, limitA: number, dtS: number, voltage: number): CarState {
  if (dtS <= 0) return car
  const target = wantedA(car, limitA)
  const reach = (Math.max(car.model.maxA, pilotMinA) / Math.max(0.001, car.model.followS ?? followS)) * dtS
  const nextA = target === 0 ? 0 : car.currentA + Math.max(-reach, Math.min(reach, target - car.currentA))
  const meanA = target === 0 ? 0 : (car.currentA + nextA) / 2
  const gainedWh = (meanA * voltage * car.model.phases * dtS) / 3600
  return { ...car, currentA: nextA, takenWh: Math.min(car.takenWh + gainedWh, car.model.energyNeededWh) }
}

/** Constant current up to 80 % of the battery, then falling in a line; never below what the pilot can say. */
function taperA(car: CarState): number {
  const { maxA, batteryWh, energyNeededWh } = car.model
  if (batteryWh === undefined || !Number.isFinite(energyNeededWh)) return maxA
  const soc = 1 - (energyNeededWh - car.takenWh) / batteryWh
  if (soc <= taperFrom) return maxA
  const share = 1 - ((1 - taperTo) * (soc - taperFrom)) / (1 - taperFrom)
  return Math.max(Math.min(pilotMinA, maxA), maxA * share)
}
