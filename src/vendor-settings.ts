// What answers vendor messages (DataTransfer): the shape of it, for everybody in kwota.yaml and for one charge point over REST.
import { z } from 'zod'

const url = z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' }).max(2_000)
const secret = z.string().min(8).max(200)

/** `accept` answers Accepted with `data`, `reject` Rejected, `webhook` what the service at `url` says. */
export const vendorHandlerSchema = z.discriminatedUnion('handler', [
  z.strictObject({ handler: z.literal('accept'), data: z.string().max(4_096).exactOptional() }),
  z.strictObject({ handler: z.literal('reject'), data: z.string().max(4_096).exactOptional() }),
  z.strictObject({ handler: z.literal('webhook'), url, secret: secret.exactOptional(), timeoutS: z.int().min(1).max(10).default(5) }),
])
export type VendorHandler = z.output<typeof vendorHandlerSchema>

const vendorId = z.string().min(1).max(255)
/** `*` = any message, `` = one without an id. */
const messageId = z.string().max(50)
const few = (object: object): boolean => Object.keys(object).length <= 100

export const vendorSettingsSchema = z.strictObject({
  vendors: z.record(vendorId, z.strictObject({ messages: z.record(messageId, vendorHandlerSchema).refine(few, 'at most 100 messages') })).refine(few, 'at most 100 vendors'),
})
export type VendorSettings = z.output<typeof vendorSettingsSchema>

/** The same said in kwota.yaml, one line each. */
const entry = { vendorId, messageId: messageId.default('*') }
export const vendorEntrySchema = z.discriminatedUnion('handler', [
  vendorHandlerSchema.options[0].extend(entry), vendorHandlerSchema.options[1].extend(entry), vendorHandlerSchema.options[2].extend(entry),
])
export type VendorEntry = z.output<typeof vendorEntrySchema>

export const noVendors: VendorSettings = { vendors: {} }

export function settingsOfEntries(entries: readonly VendorEntry[]): VendorSettings {
  const vendors: Record<string, { messages: Record<string, VendorHandler> }> = {}
  for (const { vendorId: vendor, messageId: message, ...rest } of entries) {
    vendors[vendor] = { messages: { ...vendors[vendor]?.messages, [message]: vendorHandlerSchema.parse(rest) } }
  }
  return { vendors }
}
