// Every route of the table, spoken to as in the walk: what changes something leaves exactly one entry in the audit log, all else none.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditRecord } from '../../src/actors/audit-record.ts'
import { auditOf } from '../../src/api/audit.ts'
import { audits } from '../../src/api/audit-table.ts'
import { routes } from '../../src/api/routes.ts'
import { cases } from './cases/all.ts'
import { startServer, type TestServer } from './server.ts'

const unrecorded = ['pushBaseLoad', 'openSession', 'endSession']
const changing = routes.filter(({ method }) => method !== 'GET')

it('every route that changes something says what its entry is about', () => {
  expect(Object.keys(audits).sort()).toEqual(changing.map(({ operationId }) => operationId).sort())
})

it('only a measurement and who comes and goes leave none', () => {
  expect(changing.filter((route) => auditOf(route) === null).map(({ operationId }) => operationId)).toEqual(unrecorded)
  expect(routes.filter((route) => route.method === 'GET' && auditOf(route) !== null)).toEqual([])
})

describe('every route of the table', () => {
  let server: TestServer
  beforeAll(async () => { server = await startServer() })
  afterAll(() => server.close())
  let asked = 0
  const left = async (requestId: string): Promise<readonly AuditRecord[]> => (await server.house.audit.list({ requestId, oldestFirst: false, limit: 10 })).data

  for (const route of routes) {
    for (const one of cases[route.operationId] ?? []) {
      const json = 'json' in one ? JSON.stringify(one.json) : undefined
      it(`${route.method} ${one.path} ${(json ?? one.body?.toString() ?? '').slice(0, 60)} → ${one.status}`, async () => {
        const before = server.house.audit.end().sequence
        const requestId = `walk-${++asked}`
        const body = json ?? one.body
        const reply = await server.ask(route.method, route.path.startsWith('/api/') ? `/api/v1${one.path}` : one.path, { headers: { ...(json !== undefined && { 'Content-Type': 'application/json' }), ...one.headers, 'X-Request-Id': requestId }, ...(body !== undefined && { body }) })
        const entries = await left(requestId)
        const changes = route.method !== 'GET' && !unrecorded.includes(route.operationId) && reply.status < 300 && !one.path.includes('dryRun=true') && reply.headers['idempotent-replayed'] === undefined
        expect(entries.length).toBe(changes ? 1 : 0)
        if (!changes) return expect(server.house.audit.end().sequence).toBe(before)
        const { operationId } = route
        expect(entries[0]).toMatchObject({ actor: 'local', cause: { requestId }, action: operationId.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase(), target: { kind: audits[operationId]?.kind } })
        expect(entries[0]?.target.id).not.toBe('')
        // The same again is an entry with no differences.
        if (route.method !== 'DELETE') expect(entries[0]?.after, 'an entry says what it came to').not.toBeNull()
      })
    }
  }
})
