// Rows of one connector and one second as one entry of its history: what their values are of stands in it once.
import { z } from 'zod'
import type { SampledValue } from '../protocol/messages/index.ts'
import type { SeriesEntry } from '../store/port.ts'
import { decodeRow, encodeRow, kindsOf, longestValue, mostValues, saidOf, textsOf, type AddedRow, type MeterRow } from './meter-row.ts'

/** A bundle stands at the beginning of its second; a row alone stands at its own time, as all did up to 0.7. */
export const bundleMs = 1_000
export const mostInBundle = 64

/**
 * A row is one text, its fields between separators: ms since the second began, ms from measured to received, transaction id or 0, the place of its kinds, what a row
 * that named no transaction ends with (`-` = it named one), then the values.
 */
interface Bundle { readonly kinds: readonly (readonly string[])[]; readonly rows: readonly string[] }
const bundleSchema = z.object({ kinds: z.array(z.array(z.string())), rows: z.array(z.unknown()) })

const separator = '\x7f'
const named = '-'

/** What the store keeps of rows of one connector, in their order within each second. Their times are whole ms. */
export function entriesOf(rows: readonly AddedRow[]): SeriesEntry[] {
  const entries: SeriesEntry[] = []
  const open = new Map<number, AddedRow[]>()
  for (const row of rows) {
    const secondMs = secondOf(row.atMs)
    const some = open.get(secondMs)
    if (some === undefined) open.set(secondMs, [row])
    else if (some.push(row) >= mostInBundle) {
      putTogether(secondMs, some, entries)
      open.delete(secondMs)
    }
  }
  for (const [secondMs, some] of open) putTogether(secondMs, some, entries)
  return entries
}

export function secondOf(atMs: number): number {
  return Math.floor(atMs / bundleMs) * bundleMs
}

function putTogether(secondMs: number, rows: readonly AddedRow[], entries: SeriesEntry[]): void {
  const alone = (row: AddedRow): void => { entries.push({ atMs: row.atMs, value: encodeRow(row) }) }
  if (rows.length === 1) return alone(rows[0]!)
  const bundle: { kinds: (readonly string[])[]; rows: string[] } = { kinds: [], rows: [] }
  for (const row of rows) {
    const text = textOf(secondMs, row, bundle.kinds)
    if (text === null) alone(row)
    else bundle.rows.push(text)
  }
  if (bundle.rows.length > 0) entries.push({ atMs: secondMs, value: bundle satisfies Bundle })
}

/** Null for what is kept alone. */
function textOf(secondMs: number, row: AddedRow, lists: (readonly string[])[]): string | null {
  const kinds = kindsOf(row)
  const texts = textsOf(row)
  let place = lists.indexOf(kinds)
  if (place === -1) place = lists.push(kinds) - 1
  let text = `${row.atMs - secondMs}${separator}${row.receivedAtMs - row.atMs}${separator}${row.transactionId ?? 0}${separator}${place}${separator}${row.saidMs === undefined ? named : row.saidMs === null ? '' : row.atMs - row.saidMs}`
  for (let index = 0; index < texts.length && index < mostValues; index++) {
    const value = texts[index]!
    if (value.length > longestValue || value.includes(separator)) return null
    text += separator + value
  }
  return text
}

/** The rows of an entry of the series of a connector; none of what no version of ours has written. */
export function readEntry(key: string, { atMs, value }: SeriesEntry): MeterRow[] {
  if (Array.isArray(value)) {
    const row = decodeRow(key, atMs, value)
    return row === null ? [] : [row]
  }
  const bundle = bundleSchema.safeParse(value).data
  if (bundle === undefined) return []
  const lists = bundle.kinds.map((kinds) => kinds.map(saidOf))
  return bundle.rows.flatMap((row) => (typeof row === 'string' ? readText(key, atMs, row.split(separator), lists) : null) ?? [])
}

function readText(key: string, secondMs: number, [after = '', late = '', transaction = '', place = '', said = '', ...texts]: readonly string[], lists: readonly (readonly (Omit<SampledValue, 'value'> | null)[])[]): MeterRow | null {
  const [atMs, lateMs, transactionId, kinds] = [secondMs + Number(after), Number(late), Number(transaction), lists[Number(place)]]
  if (after === '' || kinds === undefined || kinds.length !== texts.length || !Number.isInteger(atMs) || Number.isNaN(lateMs) || !Number.isInteger(transactionId) || (said !== named && Number.isNaN(Number(said)))) return null
  return {
    key, atMs, receivedAtMs: atMs + lateMs, transactionId: transactionId === 0 ? null : transactionId, ...(said === named ? {} : { saidMs: said === '' ? null : atMs - Number(said) }),
    values: texts.flatMap((value, index) => (kinds[index] === null ? [] : [{ value, ...kinds[index] }])),
  }
}
