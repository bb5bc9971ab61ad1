// Reservations: a connector kept for an id tag until a time; made with ReserveNow, given up with CancelReservation.
import { z } from 'zod'
import type { ReservationView } from '../../actors/reservation-record.ts'
import { reservationStatuses } from '../../actors/reservation.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { messages } from '../../protocol/messages/index.ts'
import { page, pageQuery } from '../paging.ts'
import { chargePointNamed } from '../reach.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base } from './identifiers.ts'

const tag = 'reservations'
const one = { description: 'The reservation', content: { 'application/json': views.Reservation } } as const
const params = z.strictObject({ id: z.string().regex(/^-?\d{1,15}$/, 'a whole number') })
const { connectorId, idTag, parentIdTag } = messages.ReserveNow.request.shape

const body = z.strictObject({
  clientID: clientIDSchema,
  connectorId: connectorId.describe('0 = any connector, where the charge point supports it.'),
  idTag: idTag.min(1),
  expiryDate: z.iso.datetime({ offset: true }).describe('Until then, in the future.'),
  parentIdTag: parentIdTag.unwrap().min(1).exactOptional().describe('Tags of this group may use it too.'),
})

const query = z.strictObject({
  ...pageQuery,
  status: z.enum(reservationStatuses).optional(),
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
})

function fits(reservation: ReservationView, { status, siteID, clientID }: z.output<typeof query>): boolean {
  return (status === undefined || reservation.status === status) && (siteID === undefined || reservation.siteID === siteID)
    && (clientID === undefined || reservation.clientID.toLowerCase() === clientID.toLowerCase())
}

export const reservationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/reservations`, operationId: 'listReservations', tag, summary: 'Reservations, newest first', scope: 'read', reach: 'filtered',
    query,
    answers: { 200: { description: 'A page of reservations', content: { 'application/json': listOf(views.Reservation) } } },
    handle: ({ query: asked, principal, room }) => ({
      status: 200, json: page(room.house.reservations.list().filter((reservation) => principal.covers(reservation.siteID) && fits(reservation, asked)), asked, ({ createdAt, id }) => `${createdAt} ${String(id).padStart(16, '0')}`, 'descending'),
    }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/reservations`, operationId: 'createReservation', tag, scope: 'commands:write', reach: 'filtered',
    summary: 'Reserves a connector with ReserveNow; with Prefer: wait the charge point\'s answer decides the status in the answer',
    body: { types: ['application/json'], schema: body },
    waits: true,
    answers: { 201: { ...one, headers: ['Location', 'Preference-Applied'] } },
    problems: [409],
    async handle({ body: wanted, waitMs, caller, principal, room }) {
      await chargePointNamed(wanted.clientID, principal, room.house)
      const reservation = await room.house.reservations.create(wanted, waitMs, caller)
      return { status: 201, headers: { Location: `${base}/reservations/${reservation.id}`, ...(waitMs > 0 && { 'Preference-Applied': `wait=${waitMs / 1000}` }) }, json: reservation }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/reservations/{id}`, operationId: 'getReservation', tag, summary: 'One reservation', scope: 'read', reach: 'reservation',
    params,
    answers: { 200: one },
    handle: ({ params: { id }, room }) => ({ status: 200, json: room.house.reservations.get(Number(id)) }),
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/reservations/{id}`, operationId: 'deleteReservation', tag, scope: 'commands:write', reach: 'reservation',
    summary: 'Gives a reservation up with CancelReservation; its status tells when the charge point has done so',
    params,
    waits: true,
    answers: { 204: { description: 'CancelReservation is on its way; with Prefer: wait it was not refused within the wait', headers: ['Preference-Applied'] } },
    problems: [409],
    async handle({ params: { id }, waitMs, caller, room }) {
      await room.house.reservations.cancel(Number(id), waitMs, caller)
      return { status: 204, ...(waitMs > 0 && { headers: { 'Preference-Applied': `wait=${waitMs / 1000}` } }) }
    },
  }),
]
