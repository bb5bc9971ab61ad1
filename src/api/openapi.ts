// The OpenAPI 3.1 document, made from the table of routes and nothing else.
import { z } from 'zod'
import { inspectOperation } from './inspect-operation.ts'
import { inspectPath } from './inspection-query.ts'
import type { Route } from './route.ts'
import { problemSchema, views } from './schemas.ts'

type JsonObject = Record<string, unknown>

const componentOf = new Map<z.ZodType, string>(Object.entries(views).map(([name, schema]) => [schema, name]))
const headerTexts = {
  ETag: 'The version of what was answered; send it as If-Match with the next change.',
  Location: 'The address of what was made.',
  Link: 'The next page, rel="next".',
  'Preference-Applied': 'The wait that was granted.',
} as const

const refused = { description: 'Refused', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } } as const

/** The document of `routes` as plain JSON; pages are left out. */
export function openapiDocument(routes: readonly Route[], version: string): JsonObject {
  const documented = routes.filter((route) => route.page !== true)
  const paths: Record<string, JsonObject> = { [inspectPath]: { get: inspectOperation('inspection', refused) } }
  for (const route of documented) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'kwota',
      version,
      summary: 'OCPP 1.6-J central system with a real-time power engine',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(documented.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer …, with KWOTA_API_KEY or a key made at POST /api/v1/api-keys; each operation names the scope that it needs. Not needed on a loopback address while no key is configured.' } },
      schemas: { ...Object.fromEntries([...componentOf].map(([schema, name]) => [name, jsonSchema(schema, 'output')])), Problem: jsonSchema(problemSchema, 'output') },
    },
  }
}

/** Status codes of the problems a route may answer with. */
export function problemStatuses(route: Route): number[] {
  const writes = route.method !== 'GET'
  const statuses = [
    400, 403, 500,
    ...(route.scope === 'public' ? [] : [401, 422, 429]),
    ...(route.path.includes('{') ? [404] : []),
    ...(route.body === null ? [] : [413, 415]),
    ...(route.produces.length > 0 ? [406] : []),
    ...(route.ifMatch === true ? [412] : []),
    ...(writes ? [503] : []),
    ...(route.method === 'POST' && route.scope !== 'public' ? [409] : []),
    ...(route.problems ?? []),
  ]
  return [...new Set(statuses)].filter((status) => route.answers[status] === undefined).sort((a, b) => a - b)
}

function operation(route: Route): JsonObject {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: route.scope === 'public' ? 'Needs no key.' : `Needs the scope \`${route.scope}\`${route.reach === 'every-site' ? ' of a key for every site' : ''}${route.also === undefined ? '' : `, and \`${route.also}\``}.`,
    security: route.scope === 'public' ? [] : [{ key: [] }],
    parameters: parameters(route),
    ...(route.body !== null && { requestBody: { required: route.body.optional !== true, content: contents(route.body.types.map((type) => [type, route.body?.schema ?? z.unknown()]), 'input') } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, { description, content, headers }]) => [status, {
        description,
        ...(headers !== undefined && { headers: Object.fromEntries(headers.map((name) => [name, { description: headerTexts[name], schema: { type: 'string' } }])) }),
        ...(content !== undefined && { content: contents(Object.entries(content), 'output') }),
      }])),
      ...Object.fromEntries(problemStatuses(route).map((status) => [status, refused])),
    },
  }
}

function parameters(route: Route): JsonObject[] {
  const list = (part: 'path' | 'query', schema: z.ZodObject): JsonObject[] => {
    const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' })
    return Object.entries(properties).map(([name, property]) => ({ name, in: part, required: part === 'path' || required.includes(name), schema: property }))
  }
  const header = (name: string, description: string): JsonObject => ({ name, in: 'header', required: false, description, schema: { type: 'string' } })
  return [
    ...list('path', route.params),
    ...list('query', route.query),
    ...(route.ifMatch === true ? [header('If-Match', 'Refused with 412 unless this is still the version.')] : []),
    ...(route.method === 'POST' && route.scope !== 'public' ? [header('Idempotency-Key', 'The same request under the same key is done once within 24 h, and answered the same.')] : []),
    ...(route.waits === true ? [header('Prefer', '`wait=N`: answers 200 with the end of the command if it comes within N seconds (at most 30).')] : []),
    ...(route.resumable === true ? [header('Last-Event-ID', 'Sends what happened after this event first.')] : []),
  ]
}

function contents(entries: readonly (readonly [string, z.ZodType])[], io: 'input' | 'output'): JsonObject {
  return Object.fromEntries(entries.map(([type, schema]) => {
    const name = io === 'output' ? componentOf.get(schema) : undefined
    return [type, { schema: name === undefined ? jsonSchema(schema, io) : { $ref: `#/components/schemas/${name}` } }]
  }))
}

/** Answers may grow, so what they may have in addition is left open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = withoutLater(z.toJSONSchema(schema, {
    io,
    override({ jsonSchema: node }) {
      if (io === 'output' && node.additionalProperties === false) delete node.additionalProperties
    },
  })) as JsonObject
  return rest
}

/** Leaves out the properties that nothing may have: they are named only to be refused with a better message. */
function withoutLater(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutLater)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).filter(([, value]) => !isNever(value)).map(([key, value]) => [key, withoutLater(value)]))
}

function isNever(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'not' in value && JSON.stringify(value.not) === '{}'
}
