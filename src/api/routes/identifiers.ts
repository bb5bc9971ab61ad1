// The parts of a path that name something, and the addresses made of them.
import { z } from 'zod'
import { chargePointSchema, siteSchema } from '../../power/site.ts'

export const base = '/api/v1'

/** What a charge point may be called here: it must be addressable in a URL and readable in a log. */
export const clientID = chargePointSchema.shape.id
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces')
  .refine((id) => id !== '.' && id !== '..', 'cannot be addressed in a URL')

export const siteParams = z.strictObject({ siteID: siteSchema.shape.id })
export const chargePointParams = z.strictObject({ clientID })
export const connectorParams = z.strictObject({
  clientID,
  connectorID: z.string().regex(/^[1-9]\d{0,3}$/, 'a whole number from 1'),
})

/** `/api/v1/sites/main` */
export function siteAddress(siteID: string): string {
  return `${base}/sites/${encodeURIComponent(siteID)}`
}

/** `/api/v1/chargepoints/CP%3A1` */
export function chargePointAddress(id: string): string {
  return `${base}/chargepoints/${encodeURIComponent(id)}`
}
