// The registry of vendor messages: vendor → message → what answers it, for everybody and for one charge point.
import { z } from 'zod'
import { vendorSettingsSchema, type VendorHandler, type VendorSettings } from '../vendor-settings.ts'
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'

/** The first of `layers` that knows the message decides; a vendor that any of them knows is known. Names are compared without regard to case (CiString). */
export function findHandler(layers: readonly VendorSettings[], vendor: string, message: string): VendorHandler | 'UnknownVendorId' | 'UnknownMessageId' {
  const known = layers.flatMap(({ vendors }) => Object.entries(vendors).filter(([name]) => name.toLowerCase() === vendor.toLowerCase()).map(([, { messages }]) => messages))
  if (known.length === 0) return 'UnknownVendorId'
  for (const wanted of [message.toLowerCase(), '*']) {
    for (const messages of known) {
      const found = Object.entries(messages).find(([name]) => name.toLowerCase() === wanted)
      if (found !== undefined) return found[1]
    }
  }
  return 'UnknownMessageId'
}

export const recordSchema = z.object({ v: z.literal(1), version: z.int(), changedAt: z.string(), changedBy: z.string(), settings: vendorSettingsSchema })
export type VendorRecord = Readonly<z.infer<typeof recordSchema>>

export function vendorsKey(clientID: string): string {
  return `vendors:${clientID}`
}

export function readVendors(scope: Scope, clientID: string): VendorRecord | null {
  const parsed = recordSchema.safeParse(scope.get(vendorsKey(clientID)))
  return parsed.success ? parsed.data : null
}

/** A secret that is not said again stays, as long as the URL is the same: it cannot be read back. Refusal invalid for an address nobody may name over REST. */
export function withSecrets(given: VendorSettings, before: VendorSettings): VendorSettings {
  const vendors = Object.fromEntries(Object.entries(given.vendors).map(([vendor, { messages }]) => [vendor, {
    messages: Object.fromEntries(Object.entries(messages).map(([message, handler]) => {
      if (handler.handler !== 'webhook') return [message, handler]
      if (new URL(handler.url).username !== '') throw new Refusal('invalid', 'credentials-in-url', 'A webhook URL holds no user or password.', { hint: 'Give a secret: requests are signed with it.' })
      const old = before.vendors[vendor]?.messages[message]
      const kept = handler.secret ?? (old?.handler === 'webhook' && old.url === handler.url ? old.secret : undefined)
      return [message, { ...handler, ...(kept === undefined ? {} : { secret: kept }) }]
    })),
  }]))
  return { vendors }
}
