// What is kept of a reservation: for whom, where, until when, and what became of it; and how it is shown.
import { z } from 'zod'
import { reservationStatuses, type ReservationStatus } from './reservation.ts'

export const reservationRecordSchema = z.object({
  v: z.literal(1),
  /** The reservationId of OCPP. */
  id: z.int(),
  siteID: z.string(),
  clientID: z.string(),
  /** 0 = any connector of the charge point. */
  connectorId: z.int(),
  idTag: z.string(),
  parentIdTag: z.string().nullable(),
  expiresAtMs: z.number(),
  status: z.enum(reservationStatuses),
  /** The charge point has accepted it. */
  granted: z.boolean(),
  /** Why it was refused, ended early, or is still held though it was to be given up. */
  reason: z.string().nullable(),
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** The newest ReserveNow for it. */
  commandId: z.string(),
  /** The transaction that used it up. */
  transactionId: z.int().nullable(),
})
export type ReservationRecord = Readonly<z.infer<typeof reservationRecordSchema>>

export interface ReservationView {
  readonly id: number
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag?: string
  readonly expiryDate: string
  readonly status: ReservationStatus
  readonly reason?: string
  readonly createdAt: string
  readonly endedAt: string | null
  readonly commandId: string
  readonly transactionId?: number
}

export function reservationKey(id: number): string {
  return `reservation:${id}`
}

/** Its charge point may still have it. */
export function isLive({ status }: Pick<ReservationRecord, 'status'>): boolean {
  return status === 'requesting' || status === 'held' || status === 'cancelling'
}

export function reservationView(record: ReservationRecord): ReservationView {
  const { id, siteID, clientID, connectorId, idTag, parentIdTag, expiresAtMs, status, reason, createdAtMs, endedAtMs, commandId, transactionId } = record
  return {
    id, siteID, clientID, connectorId, idTag, ...(parentIdTag === null ? {} : { parentIdTag }),
    expiryDate: new Date(expiresAtMs).toISOString(), status, ...(reason === null ? {} : { reason }),
    createdAt: new Date(createdAtMs).toISOString(), endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    commandId, ...(transactionId === null ? {} : { transactionId }),
  }
}

/** A start as it concerns reservations; the parent is that of the tag, as it was authorised. */
export interface Start { readonly connectorId: number; readonly idTag: string; readonly parentIdTag: string | null; readonly reservationId: number | null }

/** Of those a charge point holds, the one that a start uses up: the one it names, else one for its tag or group, its own connector's first (OCPP 1.6, 5.13). */
export function usedBy(start: Start, held: readonly ReservationRecord[]): ReservationRecord | null {
  const named = start.reservationId === null ? undefined : held.find(({ id }) => id === start.reservationId)
  if (named !== undefined) return named
  const forIt = held.filter((one) => (one.connectorId === start.connectorId || one.connectorId === 0) && isFor(one, start))
  return forIt.find(({ connectorId }) => connectorId !== 0) ?? forIt[0] ?? null
}

/** A parent is compared with a parent, never with a tag that was presented. */
function isFor(reservation: ReservationRecord, start: Start): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  return same(reservation.idTag, start.idTag) || (reservation.parentIdTag !== null && start.parentIdTag !== null && same(reservation.parentIdTag, start.parentIdTag))
}
