// What a transaction comes to: its energy, idle time and cost worked out anew from its record and its readings (docs/transactions.md).
import { offsetsOver } from '../power/local-time.ts'
import { countEnergy, type Count } from '../sessions/count.ts'
import type { Point } from '../sessions/curve.ts'
import { idlePieces, type Piece } from '../sessions/idle.ts'
import { priceSession, type Cost } from '../sessions/price.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import { powerOf } from '../sessions/session-power.ts'

/** The count of a transaction up to its stop, or up to `nowMs` while it runs, and when it was idle. */
export function countOf(record: TransactionRecord, points: readonly Point[], nowMs: number): { readonly count: Count; readonly idle: readonly Piece[] } {
  const count = countEnergy(record, points, nowMs)
  return { count, idle: idlePieces(count, record, record.statuses, record.held) }
}

/** What it costs by the tariff it has kept, by the clock of its site; null = it has none. */
export function costOf(record: TransactionRecord, count: Count, idle: readonly Piece[]): Cost | null {
  const { tariff } = record
  if (tariff === null) return null
  const offsets = tariff.blocks === undefined || tariff.blocks.length === 0 ? [] : offsetsOver(record.timezone, record.startedAtMs, Math.max(count.untilMs, record.startedAtMs + 1))
  return priceSession({ session: record, count, idle, tariff, offsets })
}

/** The record with its totals as they are at `nowMs`; those of one that has ended depend on nothing but its record and readings. */
export function recount(record: TransactionRecord, points: readonly Point[], nowMs: number): TransactionRecord {
  const { count, idle } = countOf(record, points, nowMs)
  const { energyMWh, anomalies } = count
  return {
    ...record, energyMWh, anomalies,
    idleMs: idle.reduce((sum, piece) => sum + piece.untilMs - piece.fromMs, 0),
    cost: costOf(record, count, idle),
    ...powerOf(count),
  }
}
