// What a handler may know and do of the charge point it answers: the narrow face of its family.
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { Outgoing } from '../../outgoing.ts'
import type { ChargePointConfig } from '../../power/site.ts'
import { readDateTime, type CentralAction, type RequestOf, type ResponseOf, type StationAction } from '../../protocol/messages/index.ts'
import type { Session } from '../../protocol/session.ts'
import type { TransactionRecord } from '../../sessions/record.ts'
import type { defaultSettings, Settings } from '../../settings.ts'
import type { AlertCode } from '../alerts.ts'
import type { Shelf } from '../archive.ts'
import type { Authoriser } from '../authorise.ts'
import type { CertificateAuthority } from '../certificate-authority.ts'
import type { ChargePointSnapshot } from '../charge-point.ts'
import type { ChargePointEvent } from '../charge-point-facts.ts'
import type { CommandRecord } from '../command-record.ts'
import type { ConnectorReading } from '../connector.ts'
import { liveWithinMs } from '../counted-time.ts'
import type { CredentialChange } from '../credential-change.ts'
import type { Exchanges } from '../data-transfers.ts'
import type { EventType } from '../house.ts'
import type { ListDesk } from '../local-lists.ts'
import type { MeterShelf } from '../meter-history.ts'
import type { ReservationLog } from '../reservation-log.ts'
import type { Scope } from '../scope.ts'
import type { SampleDesk, SiteDesk } from '../site-desk.ts'
import type { Tallies } from '../tallies.ts'
import type { LocationRule } from '../orders/location.ts'
import type { UploadAddresses } from '../uploads-addresses.ts'
import type { VendorHandler, VendorSettings } from '../../vendor-settings.ts'
import type { Waits } from '../waits.ts'
import type { Pace } from './pace.ts'
import type { Way } from './usual-values.ts'

export interface FamilyAlert {
  readonly code: 'stop-conflict' | 'snapshot-unreadable' | 'charge-point-quarantined'
  readonly severity: 'critical' | 'warning' | 'info'
  readonly clientID: string
  readonly connectorId: number | null
  readonly message: string
}

export interface Station {
  readonly clientID: string
  readonly siteID: string
  readonly config: ChargePointConfig
  readonly clock: Clock
  readonly scope: Scope
  /** Ended transactions that have left the scope. */
  readonly archive: Shelf
  /** What its meters said. */
  readonly history: MeterShelf
  readonly site: SiteDesk
  readonly log: Log
  readonly authoriser: Authoriser
  readonly credentials: CredentialChange
  /** Null: requests for certificates are rejected. */
  readonly certificateAuthority: CertificateAuthority | null
  /** What answers vendor messages: its own, before what holds for everybody. */
  readonly vendors: { own(): VendorSettings; readonly everybody: VendorSettings; isTrusted(handler: VendorHandler): boolean }
  readonly exchanges: Exchanges
  /** Calls a service of the operator. */
  readonly outgoing: Outgoing
  /** Our id tags that may charge there. */
  readonly listed: ListDesk
  /** Those of every charge point. */
  readonly reservations: ReservationLog
  /** Phase to neutral. */
  readonly nominalV: number
  /** Add this to a station time to get ours, ms. */
  readonly offsetMs: number
  /** Takes in the newest station time of a message for the measure of the clock. `desk` = whom of its site that concerns, where it is at hand. */
  observeTime(stationMs: number, receivedAtMs: number, desk?: SampleDesk): void
  countBadSamples(count: number): void
  readonly pace: Pace
  /** Who waits for somebody outside says so here: nothing more is heard of the charge point meanwhile. */
  readonly waits: Waits
  /** What is set for it now, or for one of its connectors. */
  settings(connectorId?: number): Settings & typeof defaultSettings
  /** A message that was asked for: while its boot is pending, it may be sent for a minute. */
  expect(action: string): void
  /** Sends an action in the name of kwota and resolves with how it ended; rejects with Refusal when it may not be sent. */
  order<A extends CentralAction>(action: A, request: RequestOf<A>): Promise<CommandRecord>
  /** The newest command of that action that fits. */
  newestCommand(action: CentralAction, fits?: (record: CommandRecord) => boolean): CommandRecord | undefined
  /** Keeps what follows from the answer of a command, for people. */
  keepResult(command: CommandRecord, result: Readonly<Record<string, unknown>>): void
  /** Keeps what a notification says about a command. */
  reportProgress(command: CommandRecord, status: string): void
  /** The live session; null while there is none. */
  session(): Session | null
  snapshot(): ChargePointSnapshot
  /** The newest reading of each connector; 0 = of the charge point as a whole. After a restart there is none until it comes. */
  readonly readings: Map<number, ConnectorReading>
  /** What a reading concerns, by connector, for those on which a transaction runs. */
  readonly ways: Map<number, Way>
  /** What is counted of its transactions. */
  readonly tallies: Tallies
  /** Tells the actors and puts the family's new snapshot. Throws ActorFailed for a poison event. */
  send(event: ChargePointEvent): void
  /** As `send` for what comes often and may be lost: it reaches the store with the next snapshot. */
  sendLossy(event: ChargePointEvent): void
  /** What a transaction that began at that instant is counted by: the zone of its site, and the tariff of its tag, charge point or site. */
  billing(idTag: string, connectorId: number, startedAtMs: number): Pick<TransactionRecord, 'timezone' | 'tariff'>
  /** A number no transaction has or ever had, durably claimed. */
  claimTransactionId(): Promise<number>
  /** Tells of a reading, as `meter.sample`. */
  sample(connectorId: number, transactionId: number | null, reading: ConnectorReading): void
  emit(type: EventType, data: Readonly<Record<string, unknown>>, connectorId?: number): void
  alert(alert: Omit<FamilyAlert, 'clientID'>): void
  /** An alert that stands as long as its cause: raised with a message, resolved with null. `about` tells causes of one code apart. */
  condition(code: AlertCode, message: string | null, about?: string, connectorId?: number): void
  /** Our own one-time addresses that it may upload to. */
  readonly uploads: UploadAddresses
  /** Where it may be sent; undefined: what is usual. */
  readonly locations: LocationRule | undefined
}

/** The answer of one handler; what it throws becomes a CALLERROR. */
export type Handle<A extends StationAction> = (station: Station, request: RequestOf<A>) => ResponseOf<A> | Promise<ResponseOf<A>>

/** A time a charge point named, by our clock, and whether it may say something about now. */
export interface StationTime {
  /** Corrected for the measured skew; the time of reception when nothing usable was named. */
  readonly atMs: number
  /** As it was named, uncorrected; null = nothing usable was. */
  readonly saidMs: number | null
  readonly receivedAtMs: number
  /** Within 30 s of reception. */
  readonly live: boolean
}

const earliestMs = Date.UTC(2010, 0, 1)
const aheadMs = 24 * 3_600_000

/** Ms since the epoch, uncorrected; null when it is no date-time, before 2010, or more than a day ahead of us. */
export function plausibleTime(text: string, receivedAtMs: number): number | null {
  const ms = readDateTime(text)
  return ms === undefined || ms < earliestMs || ms > receivedAtMs + aheadMs ? null : ms
}

/** Reads a station time. `measure` = the message was sent when it happened or later, so its age says something about the clock. */
export function stationTime(station: Station, text: string | undefined, options: { measure: boolean }): StationTime {
  const receivedAtMs = station.clock.wall()
  const stationMs = text === undefined ? null : plausibleTime(text, receivedAtMs)
  // Naming no time means now; naming nonsense is no proof of it.
  if (stationMs === null) return { atMs: receivedAtMs, saidMs: null, receivedAtMs, live: text === undefined }
  if (options.measure) station.observeTime(stationMs, receivedAtMs)
  const atMs = stationMs + station.offsetMs
  return { atMs, saidMs: stationMs, receivedAtMs, live: receivedAtMs - atMs <= liveWithinMs }
}
