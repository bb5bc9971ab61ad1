// For those who run kwota: is it alive, is it ready, what does it count, what can be asked of it.
import { z } from 'zod'
import { storeRetryAfterS } from '../problem.ts'
import { defineRoute, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'operations'

export const operationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: '/livez', operationId: 'getLiveness', tag, summary: 'The process answers', scope: 'public', reach: 'anyone',
    answers: { 200: { description: 'Alive', content: { 'application/json': z.strictObject({ status: z.literal('alive'), version: z.string() }) } } },
    handle: ({ room }) => ({ status: 200, json: { status: 'alive', version: room.version } }),
  }),
  defineRoute({
    method: 'GET', path: '/readyz', operationId: 'getReadiness', tag, summary: 'Store, clock and engine, each with its state', scope: 'public', reach: 'anyone',
    answers: {
      200: { description: 'Ready', content: { 'application/json': views.Health } },
      503: { description: 'Not ready; the checks say why', content: { 'application/json': views.Health } },
    },
    async handle({ room }) {
      const health = await room.house.health()
      return health.ready ? { status: 200, json: health } : { status: 503, headers: { 'Retry-After': String(storeRetryAfterS) }, json: health }
    },
  }),
  defineRoute({
    method: 'GET', path: '/metrics', operationId: 'getMetrics', tag, summary: 'Counters and gauges for Prometheus', scope: 'read', reach: 'every-site',
    answers: { 200: { description: 'In the exposition format', content: { 'text/plain': z.string() } } },
    async handle({ room }) {
      const { type, text } = await room.metrics()
      return { status: 200, text: { type, content: text } }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/openapi.json`, operationId: 'getOpenapi', tag, summary: 'This document', scope: 'read', reach: 'anyone',
    answers: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': z.looseObject({ openapi: z.literal('3.1.0') }) } } },
    handle: ({ room }) => ({ status: 200, json: room.document() }),
  }),
]
