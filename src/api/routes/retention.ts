// How long what is kept, and how much of it there is.
import { z } from 'zod'
import type { KeptKind } from '../../actors/retention.ts'
import { retentionChangeSchema, retentionKinds } from '../../settings.ts'
import { defineRoute, type Route } from '../route.ts'
import { viewOf } from '../view-of.ts'
import { etag } from '../writes.ts'
import { base } from './identifiers.ts'

const tag = 'retention'
const path = `${base}/retention`
const at = z.iso.datetime()
const kept = viewOf<KeptKind>()(z.strictObject({
  kind: z.enum(retentionKinds),
  keepDays: z.int(),
  defaultDays: z.int(),
  leastDays: z.int(),
  mostDays: z.int(),
  source: z.enum(['default', 'file', 'set']).describe('Who says keepDays: kwota itself, kwota.yaml, or a PUT here.'),
  oldestAt: at.nullable().describe('When the oldest that is kept was, as far as that can be told at once.'),
  count: z.int().nullable(),
  bytes: z.int().nullable(),
}))
const answer = { description: 'By kind', content: { 'application/json': z.strictObject({ kinds: z.array(kept) }) }, headers: ['ETag'] } as const

export const retentionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path, operationId: 'getRetention', tag, summary: 'How long what is kept, who says so, and how much of it there is', scope: 'read', reach: 'every-site',
    answers: { 200: answer },
    problems: [503],
    async handle({ room: { house } }) {
      const found = await house.retention.get()
      return { status: 200, headers: { ETag: etag(found) }, json: found.value }
    },
  }),
  defineRoute({
    method: 'PUT', path, operationId: 'putRetention', tag, scope: 'config:write', reach: 'every-site',
    summary: 'Says how long kinds are kept, in days; null = as kwota.yaml says; what is left out stays. What is older then goes at once, and each hour; what is there is kept for as long as was said now',
    body: { types: ['application/json'], schema: retentionChangeSchema.refine((change) => Object.keys(change).length > 0, 'name at least one kind'), hint: `Kinds are ${retentionKinds.join(', ')}.` },
    ifMatch: true,
    answers: { 200: answer },
    async handle({ body, ifMatch, caller, room: { house, writes } }) {
      return writes.run({ what: 'retention', ifMatch, caller, current: () => house.retention.said() }, async () => {
        await house.retention.put(body, caller)
        const found = await house.retention.get()
        return { status: 200, headers: { ETag: etag(found) }, json: found.value }
      })
    },
  }),
]
