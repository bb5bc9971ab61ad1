// Reservations as REST and people ask for them: made, looked at, given up.
import type { Estate } from './estate.ts'
import type { Family } from './family.ts'
import { Refusal, type Caller } from './house.ts'
import { conflict } from './orders/order.ts'
import { reservationRequest } from './orders/reservation.ts'
import { outOfReach } from './reach.ts'
import { isLive, reservationView, type ReservationRecord, type ReservationView } from './reservation-record.ts'

export interface ReservationInput {
  readonly clientID: string
  /** 0 = any connector. */
  readonly connectorId: number
  readonly idTag: string
  /** RFC 3339. */
  readonly expiryDate: string
  readonly parentIdTag?: string | undefined
}

export interface ReservationFace {
  /** Newest first. */
  list(): readonly ReservationView[]
  get(id: number): ReservationView
  /** Resolves once it is durable and ReserveNow is on its way (and answered, or `waitMs` over). Refused (conflict) when the charge point cannot be reached or one is live there. */
  create(input: ReservationInput, waitMs: number, caller: Caller): Promise<ReservationView>
  /** As create, with CancelReservation. Refused (conflict): `reservation-ended`; `cancel-rejected` when that was answered within the wait. */
  cancel(id: number, waitMs: number, caller: Caller): Promise<void>
}

export class ReservationOffice implements ReservationFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list(): readonly ReservationView[] {
    return this.estate.reservations.list().map(reservationView)
  }

  get(id: number): ReservationView {
    return reservationView(this.record(id))
  }

  async create({ clientID, ...input }: ReservationInput, waitMs: number, caller: Caller): Promise<ReservationView> {
    const family = this.familyOf(clientID)
    const { station } = family
    const request = reservationRequest(station, { ...input, expiryDate: new Date(input.expiryDate).toISOString() })
    const other = station.reservations.liveOf(station.clientID).find(({ connectorId }) => connectorId === input.connectorId)
    if (other !== undefined) throw conflict('reservation-exists', `Connector ${input.connectorId} of ${station.clientID} has reservation ${other.id} (${other.status}) until ${new Date(other.expiresAtMs).toISOString()}.`, `Give it up first: DELETE /api/v1/reservations/${other.id}.`)
    const away = outOfReach(station, waitHint(station.clientID, 'reserve-now'))
    if (away !== null) throw away
    const command = await family.commands.issue({ action: 'ReserveNow', request, expiresAtMs: null }, caller)
    if (waitMs > 0) await this.estate.commands.wait(command.id, waitMs)
    return this.get(request.reservationId)
  }

  async cancel(id: number, waitMs: number, caller: Caller): Promise<void> {
    const record = this.record(id)
    if (!isLive(record)) throw conflict('reservation-ended', `Reservation ${id} has ended already: ${record.status}.`)
    const { commands, station } = this.familyOf(record.clientID)
    // What waits for its charge point need not be given up there.
    if (!record.granted && this.estate.commands.get(record.commandId)?.status === 'queued') return commands.cancel(record.commandId)
    const away = outOfReach(station, waitHint(station.clientID, 'cancel-reservation'))
    if (away !== null) throw away
    const { id: commandId } = await commands.issue({ action: 'CancelReservation', request: { reservationId: id }, expiresAtMs: null }, caller)
    if (waitMs === 0) return
    await this.estate.commands.wait(commandId, waitMs)
    const command = this.estate.commands.get(commandId)
    if (command?.status === 'rejected') throw conflict('cancel-rejected', `${record.clientID} does not give up reservation ${id}; it may not have it.`, 'It ends by itself at its expiryDate.')
    if (command?.status === 'failed') throw conflict('cancel-rejected', `${record.clientID} did not give up reservation ${id}: ${command.error?.code ?? 'it failed'}.`, 'Repeat it, or wait for its expiryDate.')
  }

  private record(id: number): ReservationRecord {
    const record = this.estate.reservations.get(id)
    if (record === undefined) throw new Refusal('not-found', 'unknown-reservation', `There is no reservation ${id}; the newest 1,000 of a site are kept.`)
    return record
  }

  private familyOf(clientID: string): Family {
    const family = this.estate.familyOf(this.estate.point(clientID)?.record.config.id ?? clientID)
    if (family === null) throw new Refusal('invalid', 'unknown-charge-point', `There is no charge point ${clientID}.`, { hint: 'GET /api/v1/chargepoints lists them.', errors: [{ pointer: '/clientID', message: `there is no charge point ${clientID}` }] })
    return family
  }
}

/** A reservation does not wait for its charge point; the command behind it may. */
function waitHint(clientID: string, command: 'reserve-now' | 'cancel-reservation'): string {
  return `Repeat it when the charge point is back, or let the command wait for it: POST /api/v1/chargepoints/${encodeURIComponent(clientID)}/${command} with "queue": true and "expiresAt".`
}
