// The schemas of id tags and of what was answered about them.
import { z } from 'zod'
import type { CachedAnswerView } from '../actors/authorisation-face.ts'
import { idTagSchema } from '../settings.ts'

/** As it is kept: with everything that has a default. */
export const idTagView = idTagSchema

const statuses = ['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'] as const satisfies readonly CachedAnswerView['status'][]

export const cachedAnswerSchema = z.strictObject({
  idTag: z.string(),
  status: z.enum(statuses),
  expiryDate: z.string().exactOptional(),
  parentIdTag: z.string().exactOptional(),
  answeredAt: z.iso.datetime(),
  /** Until then the policy `cache` uses it. */
  freshUntilAt: z.iso.datetime(),
})
