// The record of one transaction, from its start to long after its stop; what bills and people read.
import { z } from 'zod'
import { costSchema } from './price.ts'
import { byReasonSchema, limitsSchema, stoppedBySchema, trailEntrySchema } from './record-parts.ts'
import { liftRecord, notCounted } from './record-v1.ts'
import { tariffVersionSchema } from './tariff.ts'

const idTagInfoSchema = z.object({
  expiryDate: z.string().optional(),
  parentIdTag: z.string().optional(),
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
})

const mostPieces = 500

const newestSchema = z.object({
  v: z.literal(2),
  id: z.int().positive(),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int(),
  idTag: z.string(),
  /** What the start was answered; a repeated start gets the same. */
  idTagInfo: idTagInfoSchema,
  status: z.enum(['starting', 'charging', 'idle', 'stopping', 'stopped', 'unconfirmed']),
  /** By our clock: station time and `clockOffsetMs`. */
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
  /** Later stops that said something else; the first one holds. */
  conflicts: z.array(z.object({ meterStopWh: z.number(), stoppedAtStation: z.string(), receivedAtMs: z.number() })),
  /** Pinned at the start: what is added to every time of its charge point; 0 below 10 s. */
  clockOffsetMs: z.number(),
  /** Pinned at the start: what the hardware can deliver at most. */
  maxPowerW: z.number(),
  /** Pinned at the start: that of its site. */
  timezone: z.string(),
  /** Pinned at the start, in its version; null = it costs nothing. */
  tariff: tariffVersionSchema.nullable(),
  /** What its connector said of itself, by our clock, sorted; the last before the start included. */
  statuses: z.array(z.tuple([z.number(), z.string()])).max(mostPieces),
  /** When it was told nothing, and had accepted that. */
  held: z.array(z.object({ fromMs: z.number(), untilMs: z.number() })).max(mostPieces),
  /** Seconds and Wh that limits cost it, by reason. */
  limitedS: byReasonSchema,
  lostWh: byReasonSchema,
  limits: limitsSchema,
  /** Who ended it, where that was not the charge point by itself. */
  stoppedBy: stoppedBySchema.nullable(),
  /** From here on as last worked out; whole mWh. */
  energyMWh: z.number(),
  anomalies: z.int(),
  idleMs: z.number(),
  cost: costSchema.nullable(),
  peakW: z.number().nullable(),
  averageW: z.number().nullable(),
  /** Who changed it, and how; oldest first. */
  trail: z.array(trailEntrySchema),
})
export type TransactionRecord = Readonly<z.infer<typeof newestSchema>>

/** Takes records of every version and gives those of today. */
export const recordSchema = z.preprocess(liftRecord, newestSchema)

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
  /** Absent = 0. */
  readonly clockOffsetMs?: number
  /** Absent = not known, which bounds nothing that charges. */
  readonly maxPowerW?: number
  /** Absent = UTC. */
  readonly timezone?: string
  /** Absent or null = it costs nothing. */
  readonly tariff?: TransactionRecord['tariff']
  readonly limits?: TransactionRecord['limits']
}

export function openRecord({ receivedAtMs, ...start }: Start): TransactionRecord {
  return {
    ...notCounted(),
    v: 2,
    status: 'starting',
    startReceivedAtMs: receivedAtMs,
    stoppedAtMs: null,
    stoppedAtStation: null,
    stopReason: null,
    stopIdTag: null,
    meterStopWh: null,
    conflicts: [],
    ...start,
  }
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

/** The first stop closes the record (an unconfirmed one too); the same again changes nothing; another one is kept as a conflict. Its totals are those of before until it is counted again. */
export function stopRecord(record: TransactionRecord, stop: Stop): TransactionRecord {
  if (record.status === 'stopped') {
    const isKnown = saysTheSame(record, stop) || record.conflicts.some((conflict) => saysTheSame(conflict, stop))
    if (isKnown || record.conflicts.length >= maxConflicts) return record
    const conflict = { meterStopWh: stop.meterStopWh, stoppedAtStation: stop.stoppedAtStation, receivedAtMs: stop.receivedAtMs }
    return { ...record, conflicts: [...record.conflicts, conflict] }
  }
  return {
    ...record,
    status: 'stopped',
    stoppedAtMs: Math.max(stop.stoppedAtMs, record.startedAtMs),
    stoppedAtStation: stop.stoppedAtStation,
    stopReason: stop.reason,
    stopIdTag: stop.idTag,
    meterStopWh: stop.meterStopWh,
  }
}

/** The same meter at the same instant, however that is written. */
function saysTheSame(known: { readonly meterStopWh: number | null; readonly stoppedAtStation: string | null }, { meterStopWh, stoppedAtStation }: Stop): boolean {
  return known.meterStopWh === meterStopWh && (known.stoppedAtStation === stoppedAtStation || Date.parse(known.stoppedAtStation ?? '') === Date.parse(stoppedAtStation))
}

/** It has ended, but nobody said how: closed with what is known until its stop arrives. */
export function closeUnconfirmed(record: TransactionRecord, atMs: number): TransactionRecord {
  return hasEnded(record) ? record : { ...record, status: 'unconfirmed', stoppedAtMs: atMs }
}

/** Ended means that it holds no connector any more; the stop of an unconfirmed one may still come. */
export function hasEnded({ status }: Pick<TransactionRecord, 'status'>): boolean {
  return status === 'stopped' || status === 'unconfirmed'
}

/** How a transaction is shown; times ISO 8601 UTC. */
export function toView(record: TransactionRecord) {
  const { cost, tariff, stoppedBy } = record
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
    energyWh: Math.round(record.energyMWh / 1000),
    cost: cost === null ? null : { amountMinor: cost.amountMinor, currency: cost.currency },
    tariff: tariff === null ? null : { id: tariff.id, version: tariff.version },
    limits: record.limits,
    limitedS: record.limitedS,
    idleS: Math.floor(record.idleMs / 1000),
    anomalies: record.anomalies,
    stoppedBy: stoppedBy === null ? null : { cause: stoppedBy.cause, by: stoppedBy.by, at: new Date(stoppedBy.atMs).toISOString() },
  }
}

/** What a scope holds under a record's key, when it is one; a first one is lifted. Only kwota writes there, so its version is proof enough. */
export function asRecord(value: unknown): TransactionRecord | null {
  const record = liftRecord(value)
  return typeof record === 'object' && record !== null && 'v' in record && record.v === 2 && 'startedAtMs' in record ? (record as TransactionRecord) : null
}

/** Every transaction of a site, newest first. */
export function listTransactions(scope: { entries(prefix: string): [string, unknown][] }): TransactionRecord[] {
  return scope.entries('tx:').map(([, value]) => asRecord(value)).filter((record) => record !== null)
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs || b.id - a.id)
}
