// What is asked of the audit log.
import type { Cases } from './case.ts'

export const auditLogCases: Cases = {
  listAuditLog: [
    { path: '/audit-log', status: 200, says: '"previousHash":' }, { path: '/audit-log?actor=local&action=set-grid-limit&siteID=main&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B01:00', status: 200, says: '"kind":"grid-limit"' },
    { path: '/audit-log?actor=nobody', status: 200, says: '"data":[]' }, { path: '/audit-log?limit=1&order=oldest-first', status: 200, says: '"nextCursor":"1"' }, { path: '/audit-log?cursor=1', status: 200, says: '"data":[]' },
    { path: '/audit-log', headers: { Accept: 'text/csv' }, status: 200, says: 'sequence,at,actor,action,targetKind' },
    ...['cursor=x', 'siteID=%20', 'actor=', 'action=', 'requestId=', 'from=now', 'to=2026-01-01', 'order=random', 'limit=0', 'colour=red'].map((search) => ({ path: `/audit-log?${search}`, status: 422, says: `/${search.split('=')[0]}` })),
  ],
  getAuditLogHead: [{ path: '/audit-log/head', status: 200, says: '"sequence":' }],
}
