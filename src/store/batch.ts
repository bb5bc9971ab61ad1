// What callers hand to a store, checked and serialised at the call, the same way for every implementation.
import { StoreDamaged, StoreUnavailable, type AppendOptions, type Batch, type Damaged, type SeriesEntry } from './port.ts'

/** One key's new value as JSON text; undefined deletes it. */
export interface Change { readonly key: string; readonly json: string | undefined }

/** One series entry with its value as JSON text. */
export interface Line { readonly atMs: number; readonly json: string }

/** How many entries a range query answers at most when the caller names no limit. */
export const defaultRangeLimit = 10_000

const longestName = 512
const longestReplacedMs = 366 * 86_400_000
const unprintable = /[\p{Cc}\p{Cs}]/u

/** Throws TypeError unless `name` is a printable string of 1 to 512 characters; `what` names it in the message. */
export function checkName(what: string, name: string): void {
  if (typeof name !== 'string' || name.length === 0 || name.length > longestName || unprintable.test(name)) {
    throw new TypeError(`${what} must be 1 to ${longestName} printable characters`)
  }
}

/** Deletes first, then puts: a key in both ends up put. Throws TypeError for a bad key or a value that JSON cannot hold. */
export function encodeBatch(batch: Batch): Change[] {
  const changes: Change[] = []
  for (const key of batch.deletes ?? []) {
    checkName('a key', key)
    changes.push({ key, json: undefined })
  }
  for (const [key, value] of batch.puts ?? []) {
    checkName('a key', key)
    changes.push({ key, json: encode(value) })
  }
  return changes
}

/** Throws TypeError when a time is not a whole number of ms since 1970. */
export function encodeEntries(entries: readonly SeriesEntry[]): Line[] {
  return entries.map(({ atMs, value }) => {
    checkTime(atMs)
    return { atMs, json: encode(value) }
  })
}

/** Throws TypeError when it is not a whole number of ms since 1970. */
export function checkTime(atMs: number): void {
  if (!Number.isSafeInteger(atMs) || atMs < 0) throw new TypeError(`atMs must be a whole number of ms since 1970, got ${atMs}`)
}

/** The lines of each series that has any. Throws TypeError for a bad name or time. */
export function encodeAll(entries: ReadonlyMap<string, readonly SeriesEntry[]>): Map<string, Line[]> {
  const lines = new Map<string, Line[]>()
  for (const [series, some] of entries) {
    checkName('a series', series)
    const encoded = encodeEntries(some)
    if (encoded.length > 0) lines.set(series, encoded)
  }
  return lines
}

/** What replaces a stretch of a series. Throws TypeError when an entry is outside of it, or it is longer than 366 days. */
export function encodeReplacement(fromMs: number, toMs: number, entries: readonly SeriesEntry[]): { fromMs: number; toMs: number; lines: Line[] } {
  const bounds = clampRange(fromMs, toMs, Infinity)
  if (bounds.toMs - bounds.fromMs > longestReplacedMs) throw new TypeError('at most 366 days are replaced at once')
  const lines = encodeEntries(entries)
  const stray = lines.find(({ atMs }) => atMs < bounds.fromMs || atMs >= bounds.toMs)
  if (stray !== undefined) throw new TypeError(`atMs ${stray.atMs} is outside of what is replaced`)
  return { fromMs: bounds.fromMs, toMs: bounds.toMs, lines }
}

/** How long the entries are kept at least, ms; null = for ever. */
export function keptMs(options: AppendOptions | undefined): number | null {
  const keepMs = options?.keepMs
  if (keepMs !== undefined && !(keepMs > 0)) throw new TypeError(`keepMs must be more than 0, got ${keepMs}`)
  return keepMs === undefined || keepMs === Infinity ? null : Math.ceil(keepMs)
}

/** The whole-number bounds and count of a range query; NaN is a TypeError. */
export function clampRange(fromMs: number, toMs: number, limit: number) {
  return { fromMs: wholeMs('fromMs', fromMs), toMs: wholeMs('toMs', toMs), limit: Math.max(0, Math.floor(limit)) }
}

/** The first whole ms at or after `ms`, within what a time can be. */
export function wholeMs(what: string, ms: number): number {
  if (Number.isNaN(ms)) throw new TypeError(`${what} must be a number`)
  return Math.min(Math.max(Math.ceil(ms), 0), Number.MAX_SAFE_INTEGER)
}

/** Any failure of the machinery below as the port's StoreUnavailable; the port's own errors stay as they are. */
export function asUnavailable(doing: string, error: unknown): Error {
  if (error instanceof Error && (error.name === 'StaleEpoch' || error instanceof StoreUnavailable)) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return new StoreUnavailable(`${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause: error })
}

/** The rows of a scope by key; what is no JSON is left out and told, or thrown as StoreDamaged where nobody listens. */
export function decodeRows(scope: string, rows: Iterable<readonly [key: string, text: string]>, onDamaged: Damaged | undefined): Map<string, unknown> {
  const live = new Map<string, unknown>()
  for (const [key, text] of rows) {
    const value = decode(text)
    if (value !== undefined) live.set(key, value)
    else if (onDamaged === undefined) throw new StoreDamaged(`${key} of ${scope} is no JSON`)
    else onDamaged(key, text)
  }
  return live
}

/** At most so many entries as they are read; what is no JSON is left out. */
export function decodeEntries(lines: Iterable<Line>, limit = Infinity): SeriesEntry[] {
  const entries: SeriesEntry[] = []
  for (const { atMs, json } of lines) {
    if (entries.length >= limit) break
    const value = decode(json)
    if (value !== undefined) entries.push({ atMs, value })
  }
  return entries
}

/** Undefined = no JSON, which knows no undefined. */
function decode(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function encode(value: unknown): string {
  const json: string | undefined = JSON.stringify(value)
  if (json === undefined) throw new TypeError(`a value of type ${typeof value} cannot be stored as JSON`)
  return json
}
