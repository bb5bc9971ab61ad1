// The messages of the Reservation profile.
import { z } from 'zod'
import { accepted, connectorOrAll, dateTime, integer, message, text } from './types.ts'

export const reservation = {
  CancelReservation: message({
    direction: 'central', profile: 'Reservation', summary: 'Give up a reservation.',
    request: z.strictObject({ reservationId: integer }),
    response: accepted,
  }),
  ReserveNow: message({
    direction: 'central', profile: 'Reservation', summary: 'Keep a connector for an id tag until a time.',
    request: z.strictObject({
      connectorId: connectorOrAll,
      expiryDate: dateTime,
      idTag: text(20),
      parentIdTag: text(20).optional(),
      reservationId: integer,
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Faulted', 'Occupied', 'Rejected', 'Unavailable']) }),
  }),
}
