// The schemas of what is answered about reservations.
import { z } from 'zod'
import type { ReservationView } from '../actors/reservation-record.ts'
import { reservationStatuses } from '../actors/reservation.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const at = z.iso.datetime()

export const reservationSchema = z.strictObject({
  id: z.int().describe('The reservationId of OCPP.'),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int(),
  idTag: z.string(),
  parentIdTag: z.string().exactOptional(),
  expiryDate: at,
  status: z.enum(reservationStatuses),
  reason: z.string().exactOptional().describe('Why it was refused or ended early, or is still held.'),
  createdAt: at,
  endedAt: at.nullable(),
  commandId: z.string().describe('The newest ReserveNow for it.'),
  transactionId: z.int().exactOptional().describe('The transaction that used it up.'),
}) satisfies z.ZodType<Writable<ReservationView>>
