// Who made a running transaction stop, written into its record before the charge point is asked, and taken back where it goes on after all.
import { withTrail, type StopCause, type TrailEntry } from '../sessions/record-parts.ts'
import { recordKey, type TransactionRecord } from '../sessions/record.ts'
import type { Station } from './handlers/station.ts'

export type StoppedBy = NonNullable<TransactionRecord['stoppedBy']>

/** Changes the record of a running transaction, and puts it; not yet durable. Null when it does not run here. */
export function changeRunning(station: Station, transactionId: number, change: (record: TransactionRecord) => TransactionRecord): TransactionRecord | null {
  const tally = station.tallies.running.get(transactionId)
  if (tally === undefined) return null
  const after = change(tally.record)
  if (after !== tally.record) {
    tally.record = after
    station.scope.put(recordKey(transactionId), after)
  }
  return after
}

/** `why` goes into its trail. */
export function noteStop(station: Station, transactionId: number, stoppedBy: StoppedBy, why?: string): void {
  const { cause, by, atMs } = stoppedBy
  const after = { cause }
  changeRunning(station, transactionId, (record) => withTrail({ ...record, stoppedBy }, { atMs, by, what: 'stop-ordered', after, ...(why === undefined ? {} : { reason: why }) }))
}

/** The first who stops it stays on record; that kwota did too is in its trail. */
export function noteDisobeying(station: Station, transactionId: number): void {
  const why = 'it draws more than its limit whatever it is told'
  const after = { cause: 'disobeying' as const }
  if (station.tallies.running.get(transactionId)?.record.stoppedBy === null) noteStop(station, transactionId, { ...after, by: 'kwota', atMs: station.clock.wall() }, why)
  else noteTrail(station, transactionId, { what: 'stop-ordered', after, reason: why })
}

/** In its trail: it goes on after all. */
export const calledOff = 'stop-called-off'

/** In its trail, once for all in a row: the charge point does not do what kwota ordered by itself. */
export function noteRefused(station: Station, transactionId: number, reason: string): void {
  const what = 'stop-refused'
  const last = station.tallies.running.get(transactionId)?.record.trail.at(-1)
  if (last?.what !== what || last.reason !== reason) noteTrail(station, transactionId, { what, reason })
}

/** It was not stopped by these causes after all; what others have ordered stays. */
export function takeBackStop(station: Station, transactionId: number, causes: ReadonlySet<StopCause>, why: string): void {
  const atMs = station.clock.wall()
  changeRunning(station, transactionId, (record) => (record.stoppedBy === null || !causes.has(record.stoppedBy.cause) ? record
    : withTrail({ ...record, stoppedBy: null }, { atMs, by: 'kwota', what: calledOff, reason: why, before: { cause: record.stoppedBy.cause } })))
}

export function noteTrail(station: Station, transactionId: number, entry: Omit<TrailEntry, 'atMs' | 'by'>): void {
  changeRunning(station, transactionId, (record) => withTrail(record, { atMs: station.clock.wall(), by: 'kwota', ...entry }))
}
