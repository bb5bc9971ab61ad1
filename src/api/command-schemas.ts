// How commands are asked for and shown over REST.
import { z } from 'zod'
import { commandStatuses } from '../actors/command.ts'
import { bodyOf } from '../actors/orders/table.ts'
import type { CentralAction } from '../protocol/messages/index.ts'

const at = z.iso.datetime()
const nullableAt = at.nullable()
const json = z.record(z.string(), z.unknown())

export const commandSchema = z.strictObject({
  id: z.string(),
  siteID: z.string(),
  clientID: z.string(),
  action: z.string().describe('The OCPP 1.6 action.'),
  status: z.enum(commandStatuses),
  request: json.describe('As it is sent; secrets are left out.'),
  response: json.nullable().describe('The charge point\'s own answer.'),
  error: z.strictObject({ code: z.string(), description: z.string() }).nullable().describe('Why there is no answer: a CALLERROR, a time-out, a lost connection.'),
  createdAt: at,
  createdBy: z.string(),
  requestId: z.string(),
  batchId: z.string().nullable(),
  expiresAt: nullableAt,
  sentAt: nullableAt,
  finishedAt: nullableAt,
  latencyMs: z.number().nullable(),
  progress: z.array(z.strictObject({ status: z.string(), at })).describe('What its notifications said afterwards, oldest first.'),
  removed: z.array(z.int()).exactOptional().describe('Of ClearChargingProfile: ids of the stored profiles that are gone.'),
  count: z.int().exactOptional().describe('Of ClearChargingProfile: how many.'),
})

const waiting = {
  queue: z.boolean().exactOptional().describe('The command may wait until the charge point is connected.'),
  expiresAt: z.iso.datetime({ offset: true }).exactOptional().describe('Until then, at most 30 days ahead; needed with queue.'),
}

/** What is taken for an action: its own fields, and how it may wait. */
export function commandBody(action: CentralAction) {
  return waitingBody(bodyOf(action))
}

/** `own` and how the command may wait. */
export function waitingBody(own: z.ZodType) {
  const whole = own instanceof z.ZodObject ? own.extend(waiting) : z.intersection(own, z.object(waiting))
  return whole.superRefine((value: unknown, ctx) => {
    const { queue, expiresAt } = value as z.output<typeof waitingSchema>
    if (queue === true && expiresAt === undefined) ctx.addIssue({ code: 'custom', path: ['expiresAt'], message: 'needed with queue: when is the command no longer worth sending?' })
    if (queue !== true && expiresAt !== undefined) ctx.addIssue({ code: 'custom', path: ['expiresAt'], message: 'only with "queue": true' })
  })
}

const waitingSchema = z.object(waiting)

/** The OCPP fields and the two of ours, apart. */
export function splitBody(body: unknown): { readonly fields: Readonly<Record<string, unknown>>; readonly expiresAt: string | undefined } {
  const { queue: _, expiresAt, ...fields } = body as z.output<typeof waitingSchema> & Record<string, unknown>
  return { fields, expiresAt }
}
