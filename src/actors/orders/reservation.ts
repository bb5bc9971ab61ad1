// ReserveNow and CancelReservation: each becomes a reservation, or the end of one, with its command, its answer and its deadline.
import { messages, readDateTime, type RequestOf } from '../../protocol/messages/index.ts'
import { knownValue, readConfiguration } from '../configuration-record.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'
import * as desk from '../reservation-desk.ts'
import { conflict, type Order } from './order.ts'

const body = messages.ReserveNow.request.partial({ reservationId: true }).extend({ idTag: messages.ReserveNow.request.shape.idTag.min(1) })
/** More than any charge point has connectors. */
const mostLive = 100

/** The request with an id, which is made up where none is given; throws Refusal when it cannot be meant. */
export function reservationRequest(station: Station, given: Omit<RequestOf<'ReserveNow'>, 'reservationId'> & { readonly reservationId?: number | undefined }): RequestOf<'ReserveNow'> {
  const { connectorId, expiryDate, idTag, parentIdTag, reservationId = station.reservations.newId() } = given
  if (isOver(station, expiryDate)) throw new Refusal('invalid', 'expiry-in-the-past', `A reservation until ${expiryDate} would have ended already.`, { errors: [{ pointer: '/expiryDate', message: 'a time in the future' }] })
  const other = station.reservations.get(reservationId)
  if (other !== undefined && other.clientID !== station.clientID) throw conflict('reservation-id-taken', `Reservation ${reservationId} belongs to another charge point.`, 'Leave reservationId out: a free one is made up.')
  return { connectorId, expiryDate, idTag, ...(parentIdTag === undefined ? {} : { parentIdTag }), reservationId }
}

function isOver(station: Station, expiryDate: string): boolean {
  return (readDateTime(expiryDate) ?? 0) <= station.clock.wall()
}

export const reserveNow: Order<'ReserveNow'> = {
  body,
  prepare: reservationRequest,
  refuse(station, { connectorId, expiryDate, reservationId }) {
    // It may have waited for its charge point until nobody needs it any more.
    if (isOver(station, expiryDate)) return conflict('reservation-expired', `The reservation was until ${expiryDate}.`)
    const zero = connectorId === 0 ? knownValue(readConfiguration(station.scope, station.clientID, () => undefined), 'ReserveConnectorZeroSupported') : null
    if (zero !== null && zero.toLowerCase() !== 'true') {
      return conflict('connector-zero-not-supported', `${station.clientID} takes no reservation of connector 0: its ReserveConnectorZeroSupported is ${zero === '' ? 'empty' : zero}.`, 'Reserve one of its connectors.')
    }
    const live = station.reservations.liveOf(station.clientID)
    if (live.length >= mostLive && !live.some(({ id }) => id === reservationId)) return conflict('too-many-reservations', `${station.clientID} has ${mostLive} reservations already.`, 'Give up some: DELETE /api/v1/reservations/{id}.')
    return null
  },
  issued: desk.request,
  answered: desk.answer,
  unanswered: desk.fail,
}

export const cancelReservation: Order<'CancelReservation'> = {
  issued: (station, { reservationId }) => desk.cancelling(station, reservationId, true),
  answered(station, { reservationId }, { status }) {
    if (status === 'Accepted') desk.cancelled(station, reservationId)
    else desk.cancelling(station, reservationId, false, 'cancel-rejected')
  },
  unanswered(station, { reservationId }, how, command) {
    // After a time-out it may be given up all the same: a late answer or its time will tell.
    if (how !== 'timed-out') desk.cancelling(station, reservationId, false, how === 'error' ? command.error?.code ?? 'cancel-failed' : null)
  },
}
