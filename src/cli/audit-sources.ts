// Where an audit log is read from: an exported file, a data directory, Redis, or a running kwota; its head first, then its entries, oldest first.
import { auditHeadSchema, canonical, emptyHead } from '../actors/audit-record.ts'
import { auditHeadKey, auditPrefix, storedRecords } from '../actors/audit-stored.ts'
import { globalScope } from '../actors/global-scope.ts'
import type { HistoryStore } from '../simulator/sessions/history.ts'
import type { Client } from './client.ts'

/** As they were read, whatever that is. */
export interface AuditSource { readonly head: unknown; readonly rows: AsyncIterable<unknown> }

/** What stands in the first line of an exported file. */
const fileKind = 'kwota-audit-log'

/** The lines of an exported file: what it is and the head, then every entry. */
export async function* exportLines({ head, rows }: AuditSource): AsyncGenerator<string> {
  yield `${canonical({ file: fileKind, v: 1, head })}\n`
  for await (const row of rows) yield `${canonical(row)}\n`
}

/** `chunks` = the bytes of an exported file. Each line must be as it was written, byte for byte. */
export async function fileSource(chunks: AsyncIterable<Uint8Array>): Promise<AuditSource> {
  const lines = linesOf(chunks)
  const first = await lines.next()
  const opening = first.done === true ? null : asWritten(first.value)
  const head = typeof opening === 'object' && opening !== null && 'file' in opening && opening.file === fileKind && 'head' in opening ? opening.head : null
  return { head, rows: entriesOf(lines) }
}

async function* entriesOf(lines: AsyncIterable<string>): AsyncGenerator<unknown> {
  for await (const line of lines) yield asWritten(line)
}

/** The value of a line, or the line itself where it is not how kwota writes that value. */
function asWritten(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line)
    return `${canonical(value)}\n` === line ? value : line
  } catch {
    return line
  }
}

const longestLine = 1024 * 1024

/** With their line ends; what is longer than 1 MiB comes in pieces, which are no entries. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      yield rest.slice(from, end + 1)
      from = end + 1
    }
    rest = rest.slice(from)
    if (rest.length <= longestLine) continue
    yield rest
    rest = ''
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** Rejects with StoreUnavailable. */
export async function storeSource(store: Pick<HistoryStore, 'read' | 'range'>): Promise<AuditSource> {
  const records = await store.read(globalScope)
  const head = records.get(auditHeadKey) ?? emptyWhere(records)
  const from = auditHeadSchema.safeParse(head).data?.first.sequence ?? 1
  return { head, rows: valuesOf(storedRecords(store, globalScope, [...records].filter(([key]) => key.startsWith(auditPrefix)), from)) }
}

/** A store without a change has neither a head nor entries: that is whole. */
function emptyWhere(records: ReadonlyMap<string, unknown>): unknown {
  return [...records.keys()].some((key) => key.startsWith(auditPrefix)) ? null : emptyHead
}

async function* valuesOf(rows: AsyncIterable<{ readonly value: unknown }>): AsyncGenerator<unknown> {
  for await (const { value } of rows) yield value
}

/** A running kwota, as of now: entries that come meanwhile are left out. Rejects with Ended. */
export async function runningSource(client: Client): Promise<AuditSource> {
  const head = await client.ask<unknown>('GET', '/audit-log/head')
  const last = auditHeadSchema.safeParse(head).data?.sequence ?? Infinity
  async function* rows(): AsyncGenerator<unknown> {
    for (let cursor: string | null = '0'; cursor !== null && Number(cursor) < last;) {
      const page: { readonly data: readonly unknown[]; readonly nextCursor: string | null } = await client.ask('GET', '/audit-log', { query: { order: 'oldest-first', limit: 500, cursor } })
      for (const row of page.data) if (!(numberOf(row) > last)) yield row
      cursor = page.nextCursor
    }
  }
  return { head, rows: rows() }
}

function numberOf(row: unknown): number {
  return typeof row === 'object' && row !== null && 'sequence' in row && typeof row.sequence === 'number' ? row.sequence : NaN
}
