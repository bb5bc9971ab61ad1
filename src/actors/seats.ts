// Where each connection leads: its charge point's actors, looked up once and compared with what is now, since readings come by the thousand.
import type { Session } from '../protocol/session.ts'
import type { Estate, PointEntry } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import type { Family } from './family.ts'
import type { Scope } from './scope.ts'

interface Seat {
  readonly point: PointEntry
  readonly family: Family
  readonly scope: Scope
  record: PointRecord
  connectorIds: ReadonlySet<number>
}

export class Seats {
  private readonly estate: Estate
  /** From its first look until it ends. */
  private readonly seats = new Map<Session, Seat>()

  constructor(estate: Estate) {
    this.estate = estate
  }

  /** The actors of a charge point that has been taken in, for a message about a connector that is known; null = it needs another look. */
  familyAt(session: Session, payload: unknown): Family | null {
    const seat = this.seats.get(session) ?? this.take(session)
    if (seat === null || seat.point.session !== session || seat.point.family !== seat.family || seat.scope.lost) return null
    if (seat.record !== seat.point.record) {
      seat.record = seat.point.record
      seat.connectorIds = connectorIdsOf(seat.record)
    }
    const connectorId = connectorIn(payload)
    return connectorId <= 0 || seat.connectorIds.has(connectorId) ? seat.family : null
  }

  leave(session: Session): void {
    this.seats.delete(session)
  }

  private take(session: Session): Seat | null {
    const point = this.estate.point(session.clientID)
    const site = point === undefined ? undefined : this.estate.sites.get(point.record.config.site)
    if (point === undefined || site === undefined || point.family === null || point.session !== session) return null
    const seat = { point, family: point.family, scope: site.scope, record: point.record, connectorIds: connectorIdsOf(point.record) }
    this.seats.set(session, seat)
    return seat
  }
}

function connectorIdsOf({ config }: PointRecord): ReadonlySet<number> {
  return new Set(config.connectors.map(({ id }) => id))
}

/** 0 = it names none. */
export function connectorIn(payload: unknown): number {
  const connectorId = typeof payload === 'object' && payload !== null && 'connectorId' in payload ? payload.connectorId : 0
  return typeof connectorId === 'number' ? connectorId : 0
}
