// A charging session to be played: when the car is there, what it wants and can take, and what its driver said.
import type { Outlet } from '../../power/tree.ts'

export interface Session {
  /** Names it in messages: the line of a file, the number of a transaction. */
  readonly id: string
  /** The connector, e.g. CP1/1. */
  readonly key: string
  readonly arrivalMs: number
  readonly departureMs: number
  /** As the driver said it; null = not at all. */
  readonly saidDepartureMs: number | null
  readonly wantedWh: number
  /** What the engine is told of it; null = nothing. */
  readonly saidWh: number | null
  readonly car: { readonly maxA: number; readonly phases: 1 | 2 | 3 }
}

/** What became of a session. */
export interface Delivery {
  readonly session: Session
  readonly deliveredWh: number
  /** The most it could have got in its stay at its connector, had nothing else limited it. */
  readonly feasibleWh: number
}

/** From the first arrival to the last departure; from Infinity to -Infinity where there is none. */
export function spanOf(stays: readonly Pick<Session, 'arrivalMs' | 'departureMs'>[]): { readonly fromMs: number; readonly toMs: number } {
  let [fromMs, toMs] = [Infinity, -Infinity]
  for (const { arrivalMs, departureMs } of stays) [fromMs, toMs] = [Math.min(fromMs, arrivalMs), Math.max(toMs, departureMs)]
  return { fromMs, toMs }
}

/** Watts the car takes at its connector for each amp per phase. */
export function wattsPerAmp({ car }: Session, outlet: Outlet, voltage: number): number {
  return voltage * Math.min(car.phases, outlet.phases.length)
}

/** The amps per phase that the car takes where nothing limits it. */
export function fullA({ car }: Session, outlet: Outlet): number {
  return car.maxA < outlet.minA ? 0 : Math.min(car.maxA, outlet.maxA)
}

/** What it wants, capped at what the connector gives in the stay. */
export function feasibleWh(session: Session, outlet: Outlet, voltage: number): number {
  const stayH = (session.departureMs - session.arrivalMs) / 3_600_000
  return Math.min(session.wantedWh, fullA(session, outlet) * wattsPerAmp(session, outlet, voltage) * stayH)
}
