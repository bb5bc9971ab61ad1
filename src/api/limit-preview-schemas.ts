// Dry runs of limits over REST: how they are asked for, and what they would come to.
import { z } from 'zod'
import type { LimitPreview } from '../actors/limit-preview.ts'
import { viewOf } from './view-of.ts'

export const limitDryRun = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('true: says what it would come to with the cars of now; nothing is sent or stored.'),
})

const limit = z.strictObject({ currentA: z.number(), powerW: z.number(), binding: z.string() })
const where = { clientID: z.string(), connectorId: z.int() }

export const limitPreviewSchema = viewOf<LimitPreview>()(z.strictObject({
  dryRun: z.literal(true),
  siteID: z.string(),
  at: z.iso.datetime().describe('The instant whose limits were compared.'),
  effective: z.strictObject({ before: limit.nullable(), after: limit }),
  state: z.enum(['enforcing', 'enforced', 'unenforceable']),
  deficitA: z.number().exactOptional(),
  connectors: z.array(z.strictObject({ ...where, beforeA: z.number(), afterA: z.number(), bindingBefore: z.string(), bindingAfter: z.string(), changed: z.boolean().describe('Its allocation, or what binds it, would be another.'), why: z.string() })).describe('Before, after and why of those that would change and those with a car, by name; at most 500, those that would change before the others.'),
  counts: z.strictObject({ connectors: z.int(), changed: z.int(), lowered: z.int(), raised: z.int(), leftOut: z.int().describe('Connectors that found no room in the list.') }),
  lowerings: z.array(z.strictObject({ ...where, purpose: z.enum(['TxProfile', 'TxDefaultProfile']).describe('TxProfile: what its car gets; TxDefaultProfile: what it falls back to.'), toA: z.number(), cutA: z.number() })).describe('What would leave at once; at most 1,000.'),
  misfits: z.array(z.string()).describe('What would not hold.'),
}))
