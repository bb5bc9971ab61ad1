// Decisions over REST: each run of the engine that changed something, with what it was made of.
import { z } from 'zod'
import type { DecisionView } from '../actors/decision-record.ts'
import { viewOf } from './view-of.ts'

const at = z.iso.datetime()
const where = { clientID: z.string(), connectorId: z.int() }
const standing = z.strictObject({
  allocatedA: z.number(), binding: z.string(),
  boundBy: z.strictObject({ circuitID: z.string(), on: z.string(), source: z.string() }).nullable(),
  queuePlace: z.int().nullable(),
}).nullable()
const orders = z.array(z.strictObject({ ...where, toA: z.number(), cutA: z.number() }))

export const decisionSchema = viewOf<DecisionView>()(z.strictObject({
  id: z.string(),
  at,
  siteID: z.string(),
  trigger: z.strictObject({ cause: z.string(), requestId: z.string().exactOptional().describe('The X-Request-Id of the request that caused it.'), by: z.string().exactOptional() }),
  inputs: z.strictObject({
    effective: z.strictObject({ currentA: z.number(), powerW: z.number(), binding: z.string() }),
    baseLoad: z.strictObject({ status: z.enum(['fresh', 'stale', 'never']), countedA: z.strictObject({ L1: z.number(), L2: z.number(), L3: z.number() }) }),
    tight: z.array(z.strictObject({ id: z.string(), circuitID: z.string(), on: z.string().describe('A phase, two phases, or W.'), capacity: z.number(), left: z.number() })).describe('What bound somebody, or does not hold.'),
  }),
  state: z.enum(['enforcing', 'enforced', 'unenforceable']),
  deficitA: z.number(),
  changes: z.array(z.strictObject({ ...where, before: standing.describe('null: not decided upon before.'), after: standing.describe('null: it is gone.') })),
  lowerings: orders,
  raisings: orders,
  nextReviewAt: at,
}))
