// Every route of the table, spoken to with good, bad and unknown input; every answer held against what the table promises.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { problemStatuses } from '../../src/api/openapi.ts'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { problemSchema } from '../../src/api/schemas.ts'
import { cases } from './cases/all.ts'
import type { Case } from './cases/case.ts'
import { startServer, type Reply, type TestServer } from './server.ts'
import { wholeSentence } from './whole-sentence.ts'

describe('every route of the table', () => {
  let server: TestServer
  beforeAll(async () => { server = await startServer() })
  afterAll(() => server.close())

  it('has cases', () => {
    expect(Object.keys(cases).sort()).toEqual(routes.map(({ operationId }) => operationId).sort())
  })

  for (const route of routes) {
    for (const asked of cases[route.operationId] ?? []) {
      const json = 'json' in asked ? JSON.stringify(asked.json) : undefined
      it(`${route.method} ${asked.path} ${(json ?? asked.body?.toString() ?? '').slice(0, 80)} → ${asked.status}`, async () => {
        const before = server.house.fingerprint()
        const address = route.path.startsWith('/api/') ? `/api/v1${asked.path}` : asked.path
        const body = json ?? asked.body
        const reply = await server.ask(route.method, address, { headers: { ...(json !== undefined && { 'Content-Type': 'application/json' }), ...asked.headers }, ...(body !== undefined && { body }) })
        expect({ status: reply.status, text: reply.text }).toMatchObject({ status: asked.status })
        expect(reply.text.replaceAll('\\"', '"')).toContain(asked.says ?? '')
        if (reply.status >= 400) expectProblem(route, asked, reply, { before, after: server.house.fingerprint() })
        else expectPromised(route, reply)
      })
    }
  }
})

/** A refusal of the kind the table foresees, told in full, that has changed nothing. */
function expectProblem(route: Route, asked: Case, reply: Reply, house: { before: string; after: string }): void {
  const problem = problemSchema.parse(reply.json())
  expect(problem).toMatchObject({ status: asked.status, type: `/problems/${problem.code}`, requestId: reply.headers['x-request-id'], ...(asked.code !== undefined && { code: asked.code }) })
  expect(problem.hint).toMatch(wholeSentence)
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(problemStatuses(route)).toContain(reply.status)
  expect(house.after).toBe(house.before)
}

/** A status, a content type and a body that the table has. */
function expectPromised(route: Route, { status, headers, text }: Reply): void {
  const type = (headers['content-type'] ?? '').split(';')[0] ?? ''
  const contents: Readonly<Record<string, z.ZodType>> = route.answers[status]?.content ?? {}
  const promised = Object.keys(contents).length > 0 ? contents[type] : z.literal('')
  const value: unknown = type === 'application/json' ? JSON.parse(text) : text
  expect(promised?.safeParse(value), `${route.operationId} answers ${status} ${type}`).toMatchObject({ success: true })
}
