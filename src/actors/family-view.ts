// How a charge-point family is shown: connection, boot, connectors, and what was learnt of its quirks.
import { connectorsOf, type ChargePointSnapshot } from './charge-point.ts'
import type { ConnectorReading } from './connector.ts'
import type { ChargePointView } from './views.ts'

export interface FamilyView {
  readonly state: string
  readonly connection: ChargePointView['connection']
  readonly lastSeenAt: string | null
  readonly boot: ChargePointView['boot']
  readonly quirks: ChargePointView['quirks']
  /** The newest reading of connector 0. */
  readonly mainMeter: ConnectorReading | null
  readonly connectors: readonly {
    readonly id: number
    readonly status: string
    readonly errorCode: string
    readonly info?: string
    readonly statusAt: string | null
    readonly transactionId: number | null
    /** The mirror of its ledger row. */
    readonly limit: string
  }[]
}

export interface Seen {
  readonly quarantined: boolean
  readonly lastSeenAtMs: number | null
  readonly offsetMs: number
  readonly mainMeter: ConnectorReading | null
  readonly badSamples: number
  readonly softFaults: number
}

export function viewFamily(snapshot: ChargePointSnapshot, seen: Seen): FamilyView {
  const { context } = snapshot
  const session = context.session
  const connected = session === null ? (context.everConnected ? 'offline' : 'never') : context.accepted ? 'online' : 'booting'
  return {
    state: seen.quarantined ? 'quarantined' : snapshot.value,
    connection: { state: connected, since: isoOf(context.connectionSinceMs), remoteAddress: session?.remoteAddress ?? null, generation: session?.generation ?? 0 },
    lastSeenAt: isoOf(seen.lastSeenAtMs ?? context.lastSeenAtMs),
    boot: context.boot,
    quirks: {
      clockOffsetMs: Math.round(seen.offsetMs),
      badSamples: seen.badSamples,
      softFaults: seen.softFaults,
      notices: context.notices,
      securityEvents: context.securityEvents,
    },
    mainMeter: seen.mainMeter,
    connectors: connectorsOf(snapshot).map((one) => ({
      id: one.connectorId,
      status: one.status,
      errorCode: one.errorCode,
      ...(one.info === null ? {} : { info: one.info }),
      statusAt: isoOf(one.statusAtMs),
      transactionId: context.running[one.connectorId] ?? null,
      limit: one.limit,
    })),
  }
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
