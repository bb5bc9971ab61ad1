// All reservations of this process by id: kept in the scope of their site, bounded, told to everybody when they change.
import type { Estate } from './estate.ts'
import type { KwotaEvent } from './house.ts'
import { isLive, reservationKey, reservationRecordSchema, reservationView, type ReservationRecord } from './reservation-record.ts'
import type { Scope } from './scope.ts'

/** Ended ones beyond that go, oldest first, per site. */
const mostKept = 1_000

export interface ReservationLogOptions {
  readonly wall: () => number
  /** Positive, 31 bits. */
  readonly newId: () => number
  readonly emit: (event: Omit<KwotaEvent, 'id' | 'at'>) => void
  readonly warn: (fields: object, message: string) => void
}

export class ReservationLog {
  private readonly options: ReservationLogOptions
  private readonly records = new Map<number, { readonly record: ReservationRecord; readonly scope: Scope }>()
  /** Ids by charge point: every start and status asks. */
  private readonly live = new Map<string, Set<number>>()

  constructor(options: ReservationLogOptions) {
    this.options = options
  }

  /** Takes in what a site's scope holds, oldest first; what cannot be read is said and left alone. */
  restore(scope: Scope): void {
    const found = scope.entries('reservation:').flatMap(([key, value]) => {
      const parsed = reservationRecordSchema.safeParse(value)
      if (!parsed.success) this.options.warn({ siteID: scope.name, key }, 'the record of a reservation cannot be read')
      return parsed.success ? [parsed.data] : []
    })
    for (const record of found.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) this.keep({ record, scope })
  }

  /** Forgets a site that is no more. */
  drop(scope: Scope): void {
    for (const { record, scope: own } of [...this.records.values()]) if (own === scope) this.forget(record)
  }

  get(id: number): ReservationRecord | undefined {
    return this.records.get(id)?.record
  }

  /** Newest first. */
  list(): ReservationRecord[] {
    return [...this.records.values()].map(({ record }) => record).toSorted((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id)
  }

  /** Those a charge point may still have, oldest first. */
  liveOf(clientID: string): ReservationRecord[] {
    return [...this.live.get(clientID) ?? []].flatMap((id) => this.get(id) ?? [])
  }

  /** A number no reservation has that is known here. */
  newId(): number {
    for (;;) {
      const id = this.options.newId()
      if (!this.records.has(id)) return id
    }
  }

  /** Keeps it, puts it into the scope and tells everybody; the caller makes it durable. */
  put(record: ReservationRecord, scope: Scope): void {
    this.hold(record, scope)
    const { siteID, clientID, connectorId } = record
    this.options.emit({ type: 'reservation.changed', siteID, clientID, ...(connectorId === 0 ? {} : { connectorId }), data: { ...reservationView(record) } })
  }

  /** As it was before: what came meanwhile could not be written. Undefined = it never was. */
  putBack(id: number, before: ReservationRecord | undefined, scope: Scope): void {
    const now = this.get(id)
    if (before !== undefined) return this.hold(before, scope)
    if (now !== undefined) this.forget(now)
    scope.delete(reservationKey(id))
  }

  /** Ends the live ones of a site whose charge point has left it. */
  endStrays(scope: Scope, belongs: (clientID: string) => boolean): void {
    for (const { record, scope: own } of [...this.records.values()]) {
      if (own !== scope || !isLive(record) || belongs(record.clientID)) continue
      this.put({ ...record, status: 'cancelled', reason: 'charge-point-left', endedAtMs: this.options.wall() }, scope)
    }
  }

  private hold(record: ReservationRecord, scope: Scope): void {
    const known = this.records.get(record.id)
    scope.put(reservationKey(record.id), record)
    this.keep({ record, scope })
    if (known !== undefined && isLive(known.record) && !isLive(record)) this.dropOldest(scope)
  }

  private keep(entry: { readonly record: ReservationRecord; readonly scope: Scope }): void {
    const { id, clientID } = entry.record
    this.records.set(id, entry)
    const live = this.live.get(clientID) ?? new Set()
    if (isLive(entry.record)) this.live.set(clientID, live.add(id))
    else if (live.delete(id) && live.size === 0) this.live.delete(clientID)
  }

  private forget({ id, clientID }: ReservationRecord): void {
    this.records.delete(id)
    const live = this.live.get(clientID)
    if (live?.delete(id) === true && live.size === 0) this.live.delete(clientID)
  }

  private dropOldest(scope: Scope): void {
    const ended = [...this.records.values()].filter((entry) => entry.scope === scope && !isLive(entry.record))
    if (ended.length <= mostKept) return
    for (const { record } of ended.toSorted((a, b) => (a.record.endedAtMs ?? 0) - (b.record.endedAtMs ?? 0)).slice(0, ended.length - mostKept)) {
      this.forget(record)
      scope.delete(reservationKey(record.id))
    }
  }
}

export function openReservationLog({ options: { clock, log, ids }, events }: Pick<Estate, 'options' | 'events'>): ReservationLog {
  return new ReservationLog({
    wall: () => clock.wall(), newId: () => ids.transactionId(), emit: (event) => events.emit(event), warn: (fields, message) => log.warn(fields, message),
  })
}

/** Whoever has a live reservation is awake, so that its deadline is; one whose charge point has left its site ends. */
export function tendReservations(estate: Estate): void {
  for (const [siteID, { scope }] of estate.sites) {
    estate.reservations.endStrays(scope, (clientID) => estate.point(clientID)?.record.config.site === siteID)
    scope.flush().catch(() => undefined)
  }
  for (const record of estate.reservations.list()) if (isLive(record) && estate.sites.has(record.siteID)) estate.familyOf(record.clientID)
}
