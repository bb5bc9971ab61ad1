// The OpenAPI document: complete, consistent with the table, and free of loose ends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { watchSchema } from '../../src/api/inspection-query.ts'
import { routes } from '../../src/api/routes.ts'
import { startServer, type TestServer } from './server.ts'

const content = z.record(z.string(), z.strictObject({ schema: z.record(z.string(), z.unknown()) }))
const operation = z.strictObject({
  operationId: z.string().min(1),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(1),
  description: z.string().min(1),
  security: z.array(z.record(z.string(), z.array(z.never()))),
  parameters: z.array(z.strictObject({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean(), description: z.string().optional(), schema: z.looseObject({ type: z.string() }) })),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string().regex(/^(?:101|[2-5]\d\d)$/), z.strictObject({ description: z.string().min(1), headers: z.record(z.string(), z.unknown()).optional(), content: content.optional() })),
})
const documentSchema = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.literal('kwota'), version: z.literal('1.2.3') }),
  servers: z.array(z.strictObject({ url: z.literal('/') })),
  tags: z.array(z.strictObject({ name: z.string() })),
  security: z.array(z.unknown()),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'put', 'post', 'patch', 'delete']), operation)),
  components: z.strictObject({ securitySchemes: z.record(z.string(), z.unknown()), schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

describe('openapi.json', () => {
  let server: TestServer
  let raw: Record<string, unknown>
  let document: z.output<typeof documentSchema>
  beforeAll(async () => {
    server = await startServer()
    raw = (await server.ask('GET', '/api/v1/openapi.json')).json()
    document = documentSchema.parse(raw)
  })
  afterAll(() => server.close())

  const documented = routes.filter(({ page }) => page !== true)

  it('holds every route once, beside them the socket of inspection, and nothing else', () => {
    const listed = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
    expect(listed.sort()).toEqual([...documented.map(({ method, path }) => `${method} ${path}`), 'GET /api/v1/inspect'].sort())
    const watching = document.paths['/api/v1/inspect']?.get
    expect(Object.keys(watching?.responses ?? {})).toContain('101')
    expect(watching?.parameters.map(({ name }) => name)).toEqual(Object.keys(watchSchema.shape))
  })

  it('names operations uniquely', () => {
    const ids = routes.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('gives every answer but an empty one a schema, and every template parameter its entry', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const { responses, parameters } of Object.values(item)) {
        for (const [status, response] of Object.entries(responses)) {
          const schemas = Object.values(response.content ?? {}).map(({ schema }) => Object.keys(schema).length)
          expect({ path, status, hasBody: schemas.length > 0, empty: schemas.includes(0) }).toEqual({ path, status, hasBody: status !== '204' && status !== '101', empty: false })
        }
        const names = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`)
        expect(names.sort()).toEqual((path.match(/\{\w+\}/g) ?? []).sort())
      }
    }
  })

  it('has no dangling reference', () => {
    const references = [...JSON.stringify(raw).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference ?? '')
    expect(references.length).toBeGreaterThan(50)
    for (const reference of new Set(references)) {
      expect(reference).toMatch(/^#\/components\/schemas\/\w+$/)
      expect(document.components.schemas).toHaveProperty(reference.split('/').at(-1) ?? '')
    }
  })

  it('says what a limit takes: one of two units, nothing unknown', () => {
    const schema = document.paths['/api/v1/sites/{siteID}/grid-limit']?.put?.requestBody?.content['application/json']?.schema
    expect(schema).toMatchObject({ additionalProperties: false, oneOf: [{ required: ['currentA'] }, { required: ['powerW'] }] })
  })

  it('does not list what this version lacks, and a site still takes the rest', () => {
    expect(JSON.stringify(raw)).not.toMatch(/"not":/)
    const site = document.paths['/api/v1/sites']?.post?.requestBody?.content['application/json']?.schema
    expect(site).toMatchObject({ additionalProperties: false, required: ['id', 'fuseA'], properties: { circuits: { items: { properties: { limitA: {} } } } } })
  })

  it('demands a key for everything but the probes', () => {
    const free = Object.entries(document.paths).filter(([, item]) => Object.values(item).some(({ security }) => security.length === 0))
    expect(free.map(([path]) => path)).toEqual(['/livez', '/readyz'])
  })
})
