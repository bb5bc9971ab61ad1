// Where the audit log lies in a store, and how it is read there oldest first.
import type { Store } from '../store/port.ts'

export const auditSeries = 'audit'
export const auditHeadKey = 'audit-head'
export const auditPrefix = 'audit:'

/** In the order of the numbers also as text. */
export function auditKey(sequence: number): string {
  return `${auditPrefix}${String(sequence).padStart(12, '0')}`
}

/** A minute each, so that stores which keep a series by days keep few of them together. */
export function placeOf(sequence: number): number {
  return sequence * 60_000
}

const readTogether = 500

/** `number` = where it stands, `value` = what stands there, whatever that says of itself. */
export interface StoredEntry { readonly number: number; readonly value: unknown }

/** Entries from a number on: first those of the series, then those that have not moved yet. Rejects with StoreUnavailable. */
export async function* storedRecords(store: Pick<Store, 'range'>, scope: string, waiting: readonly (readonly [key: string, value: unknown])[], from: number): AsyncGenerator<StoredEntry> {
  let next = placeOf(from)
  for (;;) {
    const rows = await store.range(scope, auditSeries, next, Number.MAX_SAFE_INTEGER, readTogether)
    yield* rows.map(({ atMs, value }) => ({ number: Math.floor(atMs / placeOf(1)), value }))
    next = (rows.at(-1)?.atMs ?? next - 1) + 1
    if (rows.length < readTogether) break
  }
  const left = waiting.filter(([key]) => placeOf(numberOf(key)) >= next).sort(([a], [b]) => (a < b ? -1 : 1))
  yield* left.map(([key, value]) => ({ number: numberOf(key), value }))
}

function numberOf(key: string): number {
  return Number(key.slice(auditPrefix.length))
}
