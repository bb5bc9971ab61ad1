// What is in a store or a backup, counted for people: to see what would come and what would go.
import { hasEnded, asRecord } from '../sessions/record.ts'
import type { Piece } from '../store/port.ts'
import { transactionSeries } from '../actors/archive.ts'

export interface Tally {
  readonly sites: number
  readonly chargePoints: number
  readonly transactions: { readonly running: number; readonly ended: number }
  /** Grid limits that are set, and curtailments. */
  readonly limits: number
  readonly reservations: number
  readonly records: number
  readonly seriesEntries: number
  /** When the newest record that says so was written; null when none does. */
  readonly newestAt: string | null
}

/** Fields that say when something was written, never when it will be. */
const isoNames = ['changedAt', 'at'] as const
const msNames = ['receivedAtMs', 'startedAtMs', 'stoppedAtMs', 'createdAtMs', 'endedAtMs', 'setAtMs'] as const

export async function tallyOf(pieces: AsyncIterable<Piece>, seen: () => void = () => undefined): Promise<Tally> {
  const counts = { sites: 0, chargePoints: 0, limits: 0, reservations: 0, records: 0, seriesEntries: 0 }
  const running = new Set<number>()
  const ended = new Set<number>()
  let newestMs = -Infinity
  for await (const piece of pieces) {
    seen()
    if (piece.type === 'entry') {
      counts.seriesEntries++
      if (piece.series === transactionSeries) note(piece.value)
    }
    if (piece.type !== 'record') continue
    counts.records++
    newestMs = Math.max(newestMs, writtenAtMs(piece.value))
    const [kind] = piece.key.split(':', 1)
    if (piece.key === 'config') counts.sites++
    else if (kind === 'chargepoint') counts.chargePoints++
    else if (kind === 'reservation') counts.reservations++
    else if (kind === 'curtailment' || (kind === 'grid-limit' && field(piece.value, 'limit') !== null)) counts.limits++
    else if (kind === 'tx') note(piece.value)
  }
  // One that is being moved to the archive is in both places.
  return { ...counts, transactions: { running: running.size, ended: ended.size }, newestAt: newestMs === -Infinity ? null : new Date(newestMs).toISOString() }

  function note(value: unknown): void {
    const record = asRecord(value)
    if (record !== null) (hasEnded(record) ? ended : running).add(record.id)
  }
}

function writtenAtMs(value: unknown): number {
  let newest = -Infinity
  for (const name of isoNames) {
    const text = field(value, name)
    const ms = typeof text === 'string' ? Date.parse(text) : NaN
    if (ms > newest) newest = ms
  }
  for (const name of msNames) {
    const ms = field(value, name)
    // What a charge point says may be no time at all.
    if (typeof ms === 'number' && ms > newest && ms < latestMs) newest = ms
  }
  return newest
}

const latestMs = 8.64e15

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
