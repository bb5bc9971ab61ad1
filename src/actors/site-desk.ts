// What a charge point's actors tell their site, and the facts they carry: the only way from the family to the engine.
import type { Phase } from '../power/site.ts'
import type { Session } from '../protocol/session.ts'
import type { Limited } from './limited.ts'
import type { ProfileGuard } from './profile-guard.ts'

/** A normalised meter reading of one connector; amps on the connector's own phases, absent where nothing was said. */
export interface ConnectorSample {
  readonly clientID: string
  readonly connectorId: number
  readonly currentA: Partial<Record<Phase, number>> | null
  /** It was worked out from a total: on which phases the current flows is not known. */
  readonly spread?: true
  readonly powerW: number | null
  readonly energyWh: number | null
  readonly voltageV: number | null
  /** Station time corrected for its measured skew, ms since the epoch. */
  readonly measuredAtMs: number
  readonly receivedAtMs: number
  /** Measured within 30 s of reception: may say something about now. History never moves power. */
  readonly live: boolean
}

/** What its site takes of it. */
export type MeterSample = Pick<ConnectorSample, 'currentA' | 'spread' | 'powerW' | 'energyWh' | 'measuredAtMs' | 'receivedAtMs'>

/** Takes the live readings of one connector. */
export interface SampleDesk {
  take(sample: MeterSample): void
  /** As `SiteDesk.clockMeasured`, of its charge point. */
  clockMeasured(skewMs: number): void
}

export interface TransactionFact {
  readonly clientID: string
  readonly connectorId: number
  readonly transactionId: number
  /** When the car came, ms since the epoch, by our clock: its place in the queue. */
  readonly startedAtMs: number
}

/** Facts for one site, in order. Every call makes the site review its plan. */
export interface SiteDesk {
  /** It has passed authentication: from now on it counts, whether it boots or not. Nothing may be sent before `stationOnline`. */
  stationConnected(clientID: string): void
  /** It came with a BootNotification, which is about to be answered: what it held may be gone, and nothing may be sent before `stationOnline`. `another` = of another model or firmware than before. */
  stationBooted(session: Session, another?: boolean): void
  /** A session that may be spoken to: accepted boot in the past or now. */
  stationOnline(session: Session): void
  stationOffline(clientID: string): void
  /** For so long, ms, nothing it says will be taken up, since somebody else is waited for: its silence proves nothing. 0 = that is over. Frees nothing, so nothing is reviewed. */
  stationHeld(clientID: string, forMs: number): void
  statusChanged(clientID: string, connectorId: number, status: string): void
  transactionStarted(fact: TransactionFact): void
  /** `endedAtMs` = when it says that was, by the wall clock. */
  transactionStopped(fact: { clientID: string; connectorId: number; transactionId: number; endedAtMs?: number }): void
  sampled(sample: ConnectorSample): void
  /** Where the live readings of a connector go, however the site is wired later. */
  meterOf(clientID: string, connectorId: number): SampleDesk
  /** What limits have cost a transaction up to now, all of it since it began; null = nothing is known here, and its record has the last word. */
  limitedOf(transactionId: number): Limited | null
  /** The transaction has reached a limit and does not end: while it runs, the connector is given nothing. null = it may have what it can get. */
  withhold(connector: string, transactionId: number | null): void
  /** How far the charge point's clock is off, ms, as measured now: leases are believed only where that is little (I5). */
  clockMeasured(clientID: string, skewMs: number): void
  /** What of other people's profiles may be sent, and that they are others now. */
  readonly profiles: Pick<ProfileGuard, 'refuse' | 'refuseClear' | 'note' | 'changed'>
}
