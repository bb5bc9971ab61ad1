// When something of a transaction was, as it counts time, and what was while it ran.
import type { Point } from '../sessions/curve.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { RegisterPoint } from './meter-history.ts'

/** A time as the charge point said it, or by our clock where it said none that can be. */
export interface SaidTime {
  readonly atMs: number
  readonly byStation: boolean
  /** Of a live message whose clock is another than was pinned: the time by the clock as it is measured now, and when it was heard by ours, as it is and as if nobody had turned it since kwota began. */
  readonly live?: { readonly byMs: number; readonly heardMs: readonly [number, number] }
}

type Span = Pick<TransactionRecord, 'id' | 'startedAtMs' | 'stoppedAtMs' | 'clockOffsetMs'> & Partial<Pick<TransactionRecord, 'startReceivedAtMs'>>

/** When one was that has ended, and of when the newest status is that it knows from before its start; -Infinity = it knows none. */
export type Ended = Pick<TransactionRecord, 'id' | 'connectorId' | 'startedAtMs' | 'stoppedAtMs' | 'clockOffsetMs' | 'startReceivedAtMs'> & { readonly statusBeforeMs: number }

export function endedFacts({ id, connectorId, startedAtMs, stoppedAtMs, clockOffsetMs, startReceivedAtMs, statuses }: TransactionRecord): Ended {
  const [first = startedAtMs] = statuses[0] ?? []
  return { id, connectorId, startedAtMs, stoppedAtMs, clockOffsetMs, startReceivedAtMs, statusBeforeMs: first < startedAtMs ? first : -Infinity }
}

/** A reading says something about now for so long. */
export const liveWithinMs = 30_000
export const isNear = (aMs: number, bMs: number): boolean => Math.abs(aMs - bMs) <= liveWithinMs

/** When something was, as its transaction counts time (docs/transactions.md, When). */
export function countedTime(record: Pick<TransactionRecord, 'clockOffsetMs'> & Partial<Pick<TransactionRecord, 'startedAtMs' | 'startReceivedAtMs'>>, { atMs, byStation, live }: SaidTime): number {
  const countedMs = byStation ? atMs + record.clockOffsetMs : atMs
  if (live === undefined || live.heardMs.some((heardMs) => isNear(countedMs, heardMs))) return countedMs
  const wasLive = record.startedAtMs !== undefined && record.startReceivedAtMs !== undefined && isNear(record.startedAtMs, record.startReceivedAtMs)
  return wasLive ? live.byMs : countedMs
}

/** Did it run then? At the instant of its stop it does no more. */
export function covers(record: Span, time: SaidTime): boolean {
  const atMs = countedTime(record, time)
  return atMs >= record.startedAtMs && (record.stoppedAtMs === null || atMs < record.stoppedAtMs)
}

/** Of what the history has of a connector, what belongs to a transaction: what named it, and what named none and was measured while it ran and seemed to be no other's. */
export function ownPoints(record: Span, points: readonly RegisterPoint[]): Point[] {
  return points.flatMap(({ atMs, energyWh, loose }) => {
    if (loose === undefined) return { atMs, energyWh }
    const time = saidAgain(record.id, atMs, loose)
    return (loose.transactionId ?? record.id) === record.id && covers(record, time) ? { atMs: countedTime(record, time), energyWh } : []
  })
}

/** The time of a reading that named no transaction: as it was counted with the one whose it seemed to be, for others as it was said. */
export function saidAgain(transactionId: number, atMs: number, loose: { readonly transactionId: number | null; readonly saidMs: number | null }): SaidTime {
  const said = loose.transactionId === transactionId ? null : loose.saidMs
  return { atMs: said ?? atMs, byStation: said !== null }
}
