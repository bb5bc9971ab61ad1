// Lists in pages: a stable order, and a cursor that survives items coming and going.
import { z } from 'zod'
import { Problem } from './problem.ts'

const wholeNumber = 'a whole number from 1 to 500'

/** The query of every list: at most `limit` items, behind `cursor`. */
export const pageQuery = {
  limit: z.coerce.number({ error: wholeNumber }).int({ error: wholeNumber, abort: true }).min(1, { error: wholeNumber, abort: true }).max(500, { error: wholeNumber }).default(50).describe('How many items at most.'),
  cursor: z.string().min(1).max(512).optional().describe('`nextCursor` of the page before.'),
}

interface Page<T> { readonly data: T[]; readonly nextCursor: string | null }
type Order = 'ascending' | 'descending'

/** The items behind the cursor in the order of `keyOf`, which must be unique. Problem 422 for a cursor that is none of ours. */
export function page<T>(items: readonly T[], query: { limit: number; cursor?: string | undefined }, keyOf: (item: T) => string, order: Order): Page<T> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor)
  const direction = order === 'ascending' ? 1 : -1
  const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -direction : direction)
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === null || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key))
  const shown = rest.slice(0, query.limit)
  const last = shown.at(-1)
  return { data: shown.map(({ item }) => item), nextCursor: last !== undefined && rest.length > shown.length ? writeCursor(last.key) : null }
}

/** Names the next page of a list at `path`, asked for as this one was, for those who read no JSON; nothing when this was the last. */
export function nextLink(path: string, asked: Readonly<Record<string, unknown>>, cursor: string | null): { readonly Link?: string } {
  if (cursor === null) return {}
  const search = new URLSearchParams(Object.entries({ ...asked, cursor }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]])))
  return { Link: `<${path}?${search}>; rel="next"` }
}

function writeCursor(key: string): string {
  return Buffer.from(`k:${key}`).toString('base64url')
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!text.startsWith('k:')) throw noCursor()
  return text.slice(2)
}

/** What is answered to a cursor that another list gave, or nobody. */
export function noCursor(): Problem {
  return new Problem(422, 'invalid', '/cursor: not a cursor of this list', { hint: 'Send the nextCursor of the page before as it came, or leave cursor out.', errors: [{ in: 'query', pointer: '/cursor', message: 'not a cursor of this list' }] })
}
