// What is kept of a webhook and of each delivery to it, and the face that shows them.
import { z } from 'zod'
import type { EventType, Versioned } from './house.ts'

export const webhookRecordSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  url: z.string(),
  description: z.string(),
  /** Null = all but `meter.sample`, which comes by the thousand. */
  types: z.array(z.string()).nullable(),
  /** Null = every site. */
  siteID: z.string().nullable(),
  showIdTags: z.boolean(),
  enabled: z.boolean(),
  /** Why kwota has disabled it; null = it has not. */
  disabledReason: z.string().nullable(),
  secret: z.string(),
  /** The one before, still signed with until then. */
  former: z.object({ secret: z.string(), untilMs: z.number() }).nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
  version: z.int(),
  changedAt: z.string(),
  changedBy: z.string(),
})
export type WebhookRecord = z.output<typeof webhookRecordSchema>

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const

export const deliveryRecordSchema = z.object({
  v: z.literal(1),
  webhookID: z.string(),
  /** Ascending per webhook. */
  seq: z.int(),
  /** What is sent as webhook-id: that of the event. */
  eventId: z.string(),
  type: z.string(),
  siteID: z.string(),
  at: z.string(),
  /** The body; null once there is nothing more to send. */
  payload: z.string().nullable(),
  status: z.enum(deliveryStatuses),
  attempts: z.int(),
  firstAttemptAtMs: z.number().nullable(),
  lastAttemptAtMs: z.number().nullable(),
  nextAttemptAtMs: z.number().nullable(),
  responseStatus: z.int().nullable(),
  error: z.string().nullable(),
})
export type DeliveryRecord = z.output<typeof deliveryRecordSchema>

export const webhookKey = (id: string): string => `webhook:${id}`
export const deliveriesPrefix = (webhookID: string): string => `delivery:${webhookID}:`
export const deliveryKey = ({ webhookID, seq }: Pick<DeliveryRecord, 'webhookID' | 'seq'>): string => `${deliveriesPrefix(webhookID)}${String(seq).padStart(15, '0')}`

export interface WebhookView {
  readonly id: string
  readonly url: string
  readonly description: string
  readonly types: readonly string[] | null
  readonly siteID: string | null
  readonly showIdTags: boolean
  readonly enabled: boolean
  readonly disabledReason: string | null
  /** Until then requests are signed with the secret before as well. */
  readonly formerSecretUntil: string | null
  /** Events that wait. */
  readonly queued: number
  /** Events that found no room since kwota was started. */
  readonly dropped: number
  readonly lastDeliveredAt: string | null
  readonly createdAt: string
  readonly createdBy: string
}

export interface DeliveryView {
  readonly id: string
  readonly webhookID: string
  readonly eventId: string
  readonly type: string
  readonly siteID: string
  readonly at: string
  readonly status: (typeof deliveryStatuses)[number]
  readonly attempts: number
  readonly lastAttemptAt: string | null
  readonly nextAttemptAt: string | null
  /** Of the last attempt; null = there was no answer. */
  readonly responseStatus: number | null
  readonly error: string | null
}

/** What people say of a webhook. */
export interface GivenWebhook {
  readonly url: string
  readonly description: string
  readonly types: readonly EventType[] | null
  readonly siteID: string | null
  readonly showIdTags: boolean
  readonly enabled: boolean
}

export interface WebhookFace {
  list(): readonly Versioned<WebhookView>[]
  get(id: string): Versioned<WebhookView>
  /** The secret is said here and never again; one is made unless it is given. Refused (invalid) `unknown-site`, `private-address`, (conflict) `too-many-webhooks`. */
  create(given: GivenWebhook, secret: string | undefined, by: string): Promise<{ readonly webhook: Versioned<WebhookView>; readonly secret: string }>
  /** Refused as `create`. One that was disabled goes on where it was once it is enabled. */
  change(id: string, given: Partial<GivenWebhook>, by: string): Promise<Versioned<WebhookView>>
  /** With its queue and its deliveries. */
  remove(id: string): Promise<void>
  /** Requests are signed with both for `keepFormerS`. */
  rotate(id: string, secret: string | undefined, keepFormerS: number, by: string): Promise<{ readonly webhook: Versioned<WebhookView>; readonly secret: string }>
  /** Newest first. */
  deliveries(id: string): readonly DeliveryView[]
  /** Sends one event of the type `webhook.test`, once, also while it is disabled; resolves with what became of it. Refused (conflict, `test-running`) while another one runs. */
  test(id: string): Promise<DeliveryView>
}

export function webhookView(record: WebhookRecord, live: { readonly queued: number; readonly dropped: number; readonly lastDeliveredAtMs: number | null }, nowMs: number): Versioned<WebhookView> {
  const { id, url, description, types, siteID, showIdTags, enabled, disabledReason, former, createdAt, createdBy, version, changedAt, changedBy } = record
  return {
    version, changedAt, changedBy,
    value: {
      id, url, description, types, siteID, showIdTags, enabled, disabledReason, formerSecretUntil: former === null || former.untilMs <= nowMs ? null : new Date(former.untilMs).toISOString(),
      queued: live.queued, dropped: live.dropped, lastDeliveredAt: timeOf(live.lastDeliveredAtMs), createdAt, createdBy,
    },
  }
}

export function deliveryView({ webhookID, seq, eventId, type, siteID, at, status, attempts, lastAttemptAtMs, nextAttemptAtMs, responseStatus, error }: DeliveryRecord): DeliveryView {
  return { id: `${webhookID}-${seq}`, webhookID, eventId, type, siteID, at, status, attempts, lastAttemptAt: timeOf(lastAttemptAtMs), nextAttemptAt: timeOf(nextAttemptAtMs), responseStatus, error }
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
