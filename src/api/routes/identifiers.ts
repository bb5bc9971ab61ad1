// The parts of a path that name something, and the addresses made of them.
import { z } from 'zod'
import { clientIDSchema, siteSchema } from '../../power/site.ts'

export const base = '/api/v1'

export const siteParams = z.strictObject({ siteID: siteSchema.shape.id })
export const chargePointParams = z.strictObject({ clientID: clientIDSchema })
export const connectorParams = z.strictObject({
  clientID: clientIDSchema,
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
