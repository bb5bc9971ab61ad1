// What becomes of the reservations of one charge point: asked for, granted, given up, used, run out. Record and actor change together.
import { readDateTime, type RequestOf, type ResponseOf } from '../protocol/messages/index.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { ChargePointSnapshot } from './charge-point.ts'
import type { ChargePointEvent } from './charge-point-facts.ts'
import type { CommandRecord } from './command-record.ts'
import type { Station } from './handlers/station.ts'
import type { ReservationEnd } from './reservation.ts'
import { isLive, usedBy, type ReservationRecord } from './reservation-record.ts'

type Wanted = RequestOf<'ReserveNow'>
type How = 'error' | 'timed-out' | 'unsent'

/** What stood under the same id before a request that may have to be taken back. */
const before = new WeakMap<Wanted, ReservationRecord>()

function mine(station: Station, id: number): ReservationRecord | undefined {
  const record = station.reservations.get(id)
  return record?.clientID === station.clientID ? record : undefined
}

function termsOf({ connectorId, idTag, parentIdTag, expiryDate }: Wanted) {
  return { connectorId, idTag, parentIdTag: parentIdTag ?? null, expiresAtMs: readDateTime(expiryDate) ?? 0 }
}

/** A ReserveNow was recorded: it is a reservation from now on, unless it is to replace one that is held (then that one stands until the answer). */
export function request(station: Station, wanted: Wanted, command: CommandRecord): void {
  const id = wanted.reservationId
  const known = mine(station, id)
  if (known !== undefined && isLive(known) && known.granted) return
  if (known !== undefined) before.set(wanted, known)
  const record: ReservationRecord = {
    v: 1, id, siteID: station.siteID, clientID: station.clientID, ...termsOf(wanted), status: known?.status === 'cancelling' ? 'cancelling' : 'requesting', granted: false, reason: null,
    createdAtMs: station.clock.wall(), endedAtMs: null, commandId: command.id, transactionId: null,
  }
  station.reservations.put(record, station.scope)
  station.send({ type: 'RESERVATION_REQUESTED', reservation: { id, expiresAtMs: record.expiresAtMs }, granted: false, cancelling: record.status === 'cancelling' })
}

/** The answer to ReserveNow, also a late one. */
export function answer(station: Station, wanted: Wanted, { status }: ResponseOf<'ReserveNow'>, command: CommandRecord): void {
  const record = mine(station, wanted.reservationId)
  if (record === undefined) return
  if (status === 'Accepted') return grant(station, record, wanted, command)
  const reason = status.toLowerCase()
  if (isLive(record) && record.granted) station.reservations.put({ ...record, reason: `not-replaced-${reason}` }, station.scope)
  else if (isLive(record) && record.commandId === command.id) end(station, record, 'refused', { reason })
}

function grant(station: Station, record: ReservationRecord, wanted: Wanted, command: CommandRecord): void {
  const terms = termsOf(wanted)
  const granted = { ...record, ...terms, granted: true, reason: null, commandId: command.id }
  if (isLive(record)) {
    station.reservations.put({ ...granted, status: record.status === 'cancelling' ? 'cancelling' : 'held' }, station.scope)
    tell(station, { type: 'RESERVATION_GRANTED', reservationId: record.id, expiresAtMs: terms.expiresAtMs })
    return
  }
  // What ended while a replacement was under way lives again; what was used or given up does not.
  if (terms.expiresAtMs <= station.clock.wall() || (record.status !== 'expired' && record.status !== 'refused')) return
  station.reservations.put({ ...granted, status: 'held', endedAtMs: null }, station.scope)
  tell(station, { type: 'RESERVATION_REQUESTED', reservation: { id: record.id, expiresAtMs: terms.expiresAtMs }, granted: true, cancelling: false })
}

/** ReserveNow ended without an answer. After a time-out it may be held all the same: a late answer, a start or its time will tell. */
export function fail(station: Station, wanted: Wanted, how: How, command: CommandRecord): void {
  const record = mine(station, wanted.reservationId)
  if (record === undefined || how === 'timed-out' || !isLive(record) || record.granted || record.commandId !== command.id) return
  if (command.status !== 'queued') return end(station, record, command.status === 'cancelled' ? 'cancelled' : 'refused', { reason: command.error?.code ?? 'not-sent' })
  // It was never written: it never was.
  const known = before.get(wanted)
  station.reservations.putBack(record.id, known, station.scope)
  if (known === undefined || !isLive(known)) tell(station, { type: 'RESERVATION_ENDED', reservationId: record.id, end: 'refused' })
  else tell(station, { type: 'RESERVATION_REQUESTED', reservation: { id: known.id, expiresAtMs: known.expiresAtMs }, granted: false, cancelling: known.status === 'cancelling' })
}

/** A CancelReservation was recorded, was taken back, or was refused by the charge point. */
export function cancelling(station: Station, id: number, yes: boolean, reason: string | null = null): void {
  const record = mine(station, id)
  if (record === undefined || !isLive(record) || (!yes && record.status !== 'cancelling')) return
  station.reservations.put({ ...record, status: yes ? 'cancelling' : record.granted ? 'held' : 'requesting', reason }, station.scope)
  tell(station, { type: 'RESERVATION_CANCELLING', reservationId: id, cancelling: yes })
}

export function cancelled(station: Station, id: number): void {
  const record = mine(station, id)
  if (record !== undefined && isLive(record)) end(station, record, 'cancelled', {})
}

/** A transaction has started: the reservation it names is used up, or one that is held there for its tag or group. `live` = it starts now. */
export function use(station: Station, started: TransactionRecord, live: boolean): void {
  const { reservationId } = started
  const held = station.reservations.liveOf(station.clientID).filter((one) => one.id === reservationId || (one.granted && (live || started.startedAtMs >= one.createdAtMs)))
  const start = { connectorId: started.connectorId, idTag: started.idTag, parentIdTag: started.idTagInfo.parentIdTag ?? null, reservationId }
  const named = reservationId === null ? undefined : mine(station, reservationId)
  // A start may be told of long after we let its reservation run out; that it names it is the proof.
  if (named?.status === 'expired' || named?.status === 'cancelled') station.reservations.put({ ...named, status: 'used', transactionId: started.id }, station.scope)
  const record = named !== undefined && !isLive(named) ? null : usedBy(start, held)
  if (record !== null) end(station, record, 'used', { transactionId: started.id })
}

/** A connector that is out of order or out of service holds nothing any more (OCPP 1.6, 5.13). */
export function endOn(station: Station, fact: { readonly connectorId: number; readonly status: string; readonly atMs: number; readonly live: boolean }): void {
  if (fact.status !== 'Faulted' && fact.status !== 'Unavailable') return
  for (const record of station.reservations.liveOf(station.clientID)) {
    const since = fact.live || fact.atMs >= record.createdAtMs
    if (record.connectorId === fact.connectorId && record.granted && since) end(station, record, 'cancelled', { reason: `connector-${fact.status.toLowerCase()}` })
  }
}

/** Its time has come, whatever the charge point says. */
export function expire(station: Station, id: number): void {
  const record = mine(station, id)
  if (record !== undefined && isLive(record) && record.expiresAtMs <= station.clock.wall()) end(station, record, 'expired', {})
}

/** After a start: every live record has its actor again, and no actor is without a live record. */
export function revive(station: Station): void {
  const actors = new Set(reservationsOf(station.snapshot()).map(({ id }) => id))
  const live = station.reservations.liveOf(station.clientID)
  for (const { id, expiresAtMs, granted, status } of live) {
    if (!actors.delete(id)) tell(station, { type: 'RESERVATION_REQUESTED', reservation: { id, expiresAtMs }, granted, cancelling: status === 'cancelling' })
  }
  for (const id of actors) tell(station, { type: 'RESERVATION_ENDED', reservationId: id, end: 'cancelled' })
}

/** The reservations that have not ended. */
export function reservationsOf(snapshot: ChargePointSnapshot) {
  const found = []
  for (const child of Object.values(snapshot.children)) {
    const state = child?.getSnapshot()
    if (state !== undefined && 'context' in state && 'reservation' in state.context) found.push({ ...state.context.reservation, state: state.value })
  }
  return found
}

function end(station: Station, record: ReservationRecord, how: ReservationEnd, more: Partial<Pick<ReservationRecord, 'reason' | 'transactionId'>>): void {
  station.reservations.put({ ...record, reason: null, ...more, status: how, endedAtMs: station.clock.wall() }, station.scope)
  tell(station, { type: 'RESERVATION_ENDED', reservationId: record.id, end: how })
}

/** The record says what holds; an actor that cannot be told is looked after by its supervisor. */
function tell(station: Station, event: ChargePointEvent): void {
  try {
    station.send(event)
  } catch (error) {
    station.log.error({ clientID: station.clientID, event: event.type, error }, 'the actor of a reservation could not be told')
  }
}
