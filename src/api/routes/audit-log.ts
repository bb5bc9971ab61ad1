// The audit log: who changed what, when and why, chained so that nobody can change it unseen; as JSON or as a table.
import { z } from 'zod'
import type { AuditRecord } from '../../actors/audit-record.ts'
import { siteSchema } from '../../power/site.ts'
import { toCsv } from '../csv.ts'
import { nextLink, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { auditHeadView, auditRecordView } from '../audit-schemas.ts'
import { base } from './identifiers.ts'

const tag = 'audit log'
const path = `${base}/audit-log`
const columns = ['sequence', 'at', 'actor', 'action', 'targetKind', 'targetId', 'siteID', 'requestId', 'reason', 'before', 'after', 'previousHash', 'hash'] as const
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' })

const query = z.strictObject({
  ...pageQuery,
  cursor: z.string().regex(/^\d{1,15}$/, 'not a cursor of this list').optional().describe('`nextCursor` of the page before.'),
  actor: z.string().min(1).max(256).optional().describe('The name of an API key, `local`, `bootstrap`, `kwota.yaml`, `station:<clientID>` or `engine`.'),
  action: z.string().min(1).max(128).optional().describe('E.g. `set-grid-limit`.'),
  siteID: siteSchema.shape.id.optional(),
  requestId: z.string().min(1).max(128).optional().describe('The X-Request-Id of the request that caused it.'),
  from: time.optional(),
  to: time.optional().describe('Exclusive.'),
  order: z.enum(['newest-first', 'oldest-first']).default('newest-first'),
})

export const auditLogRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'listAuditLog', tag, scope: 'admin', reach: 'every-site',
    summary: 'Entries of the audit log; a page may be short and still have a next one, because 5,000 entries are looked at for each',
    query,
    answers: {
      200: {
        description: 'A page of entries; as CSV, with before and after as JSON, the next page is named by the Link header',
        content: { 'application/json': listOf(auditRecordView), 'text/csv': z.string() },
        headers: ['Link'],
      },
    },
    problems: [503],
    async handle({ query: asked, accepted, room }) {
      const { cursor, order, ...rest } = asked
      const { data, next } = await room.house.audit.list({ ...rest, oldestFirst: order === 'oldest-first', after: cursor === undefined ? undefined : Number(cursor) })
      const nextCursor = next === null ? null : String(next)
      const headers = nextLink(path, asked, nextCursor)
      return accepted === 'text/csv'
        ? { status: 200, headers, text: { type: 'text/csv', content: toCsv(columns, data.map(flat)) } }
        : { status: 200, headers, json: { data, nextCursor } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${path}/head`, operationId: 'getAuditLogHead', tag, scope: 'admin', reach: 'every-site',
    summary: 'The end of the audit log: how many entries there have been, the hash of the newest, and the oldest that is kept. Written down elsewhere, it shows later that nothing before it was changed',
    answers: { 200: { description: 'The end of the log', content: { 'application/json': auditHeadView } } },
    handle: ({ room }) => ({ status: 200, json: room.house.audit.end() }),
  }),
]

function flat({ target, cause, ...record }: AuditRecord): Record<(typeof columns)[number], unknown> {
  return { ...record, targetKind: target.kind, targetId: target.id, requestId: cause.requestId, reason: cause.reason }
}
