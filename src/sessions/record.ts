// The record of one transaction, from its start to long after its stop; what bills and people read.
import { z } from 'zod'
import { advance, openRegister, registerSchema, settle } from './register.ts'

const idTagInfoSchema = z.object({
  expiryDate: z.string().optional(),
  parentIdTag: z.string().optional(),
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
})

export const recordSchema = z.object({
  v: z.literal(1),
  id: z.int().positive(),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int(),
  idTag: z.string(),
  /** What the start was answered; a repeated start gets the same. */
  idTagInfo: idTagInfoSchema,
  status: z.enum(['starting', 'charging', 'idle', 'stopping', 'stopped', 'unconfirmed']),
  /** By our clock: station time corrected for its skew. */
  startedAtMs: z.number(),
  /** As the charge point wrote it. */
  startedAtStation: z.string(),
  startReceivedAtMs: z.number(),
  stoppedAtMs: z.number().nullable(),
  stoppedAtStation: z.string().nullable(),
  stopReason: z.string().nullable(),
  stopIdTag: z.string().nullable(),
  reservationId: z.int().nullable(),
  meterStartWh: z.number(),
  meterStopWh: z.number().nullable(),
  register: registerSchema,
  /** Later stops that said something else; the first one holds. */
  conflicts: z.array(z.object({ meterStopWh: z.number(), stoppedAtStation: z.string(), receivedAtMs: z.number() })),
})
export type TransactionRecord = Readonly<z.infer<typeof recordSchema>>

/** The key of a record in its site's scope. */
export function recordKey(transactionId: number): string {
  return `tx:${transactionId}`
}

export interface Start {
  readonly id: number
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number
  readonly idTag: string
  readonly idTagInfo: TransactionRecord['idTagInfo']
  readonly startedAtMs: number
  readonly startedAtStation: string
  readonly receivedAtMs: number
  readonly meterStartWh: number
  readonly reservationId: number | null
}

export function openRecord(start: Start): TransactionRecord {
  return {
    v: 1,
    id: start.id,
    siteID: start.siteID,
    clientID: start.clientID,
    connectorId: start.connectorId,
    idTag: start.idTag,
    idTagInfo: start.idTagInfo,
    status: 'starting',
    startedAtMs: start.startedAtMs,
    startedAtStation: start.startedAtStation,
    startReceivedAtMs: start.receivedAtMs,
    stoppedAtMs: null,
    stoppedAtStation: null,
    stopReason: null,
    stopIdTag: null,
    reservationId: start.reservationId,
    meterStartWh: start.meterStartWh,
    meterStopWh: null,
    register: openRegister(start.meterStartWh, start.startedAtMs),
    conflicts: [],
  }
}

/** Takes in a register reading of a transaction that has not stopped. */
export function meterRecord(record: TransactionRecord, energyWh: number, atMs: number, maxPowerW: number): TransactionRecord {
  return record.status === 'stopped' ? record : { ...record, register: advance(record.register, energyWh, atMs, maxPowerW) }
}

export interface Stop {
  readonly meterStopWh: number
  readonly stoppedAtMs: number
  readonly stoppedAtStation: string
  readonly receivedAtMs: number
  readonly reason: string
  readonly idTag: string | null
}

const maxConflicts = 10

/** The first stop closes the record (an unconfirmed one too); the same again changes nothing; another one is kept as a conflict. */
export function stopRecord(record: TransactionRecord, stop: Stop, maxPowerW: number): TransactionRecord {
  if (record.status === 'stopped') {
    const same = record.meterStopWh === stop.meterStopWh
    const known = record.conflicts.some((conflict) => conflict.meterStopWh === stop.meterStopWh)
    if (same || known || record.conflicts.length >= maxConflicts) return record
    const conflict = { meterStopWh: stop.meterStopWh, stoppedAtStation: stop.stoppedAtStation, receivedAtMs: stop.receivedAtMs }
    return { ...record, conflicts: [...record.conflicts, conflict] }
  }
  const stoppedAtMs = Math.max(stop.stoppedAtMs, record.startedAtMs)
  const meter = { startWh: record.meterStartWh, stopWh: stop.meterStopWh, durationMs: stoppedAtMs - record.startedAtMs }
  return {
    ...record,
    status: 'stopped',
    stoppedAtMs,
    stoppedAtStation: stop.stoppedAtStation,
    stopReason: stop.reason,
    stopIdTag: stop.idTag,
    meterStopWh: stop.meterStopWh,
    register: settle(record.register, meter, maxPowerW),
  }
}

/** It has ended, but nobody said how: closed with what is known until its stop arrives. */
export function closeUnconfirmed(record: TransactionRecord, atMs: number): TransactionRecord {
  return record.status === 'stopped' || record.status === 'unconfirmed' ? record : { ...record, status: 'unconfirmed', stoppedAtMs: atMs }
}

/** Ended means that it holds no connector any more; the stop of an unconfirmed one may still come. */
export function hasEnded(record: TransactionRecord): boolean {
  return record.status === 'stopped' || record.status === 'unconfirmed'
}

/** How a transaction is shown; times ISO 8601 UTC. */
export function toView(record: TransactionRecord) {
  return {
    id: record.id,
    siteID: record.siteID,
    clientID: record.clientID,
    connectorId: record.connectorId,
    idTag: record.idTag,
    status: record.status,
    startedAt: new Date(record.startedAtMs).toISOString(),
    stoppedAt: record.stoppedAtMs === null ? null : new Date(record.stoppedAtMs).toISOString(),
    stopReason: record.stopReason,
    meterStartWh: record.meterStartWh,
    meterStopWh: record.meterStopWh,
    energyWh: Math.round(record.register.energyWh),
  }
}

/** What a scope holds under a record's key, when it is one. Only kwota writes there, so its version is proof enough. */
export function asRecord(value: unknown): TransactionRecord | null {
  return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 && 'startedAtMs' in value ? (value as TransactionRecord) : null
}

/** Every transaction of a site, newest first. */
export function listTransactions(scope: { entries(prefix: string): [string, unknown][] }): TransactionRecord[] {
  return scope.entries('tx:').map(([, value]) => asRecord(value)).filter((record) => record !== null)
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs || b.id - a.id)
}
