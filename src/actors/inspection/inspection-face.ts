// What can be asked about the actors that live: what they are, how they stand, and what became of them last.
import type { MachineType } from './machine-types.ts'

export interface ActorView {
  /** By what it is, e.g. `connector:CP-03:1`. */
  readonly id: string
  readonly type: MachineType
  /** Id of the actor above: of a charge point its site; null for a site. */
  readonly parent: string | null
  readonly siteID: string
  readonly clientID: string | null
  /** The circuit of a charge point that is configured in one. */
  readonly circuitID: string | null
  /** Of a connector, and of the transaction on it. */
  readonly connectorId: number | null
  /** A state, or one for each region. */
  readonly state: string | Readonly<Record<string, string>>
  /** What waits to be sent to a charge point; null where there is no queue. */
  readonly queued: number | null
}

export interface ActorDetail extends ActorView {
  readonly status: string
  /** Id tags hashed, secrets hidden. */
  readonly context: unknown
  /** The context was cut. */
  readonly truncated: boolean
}

export interface TransitionView {
  readonly at: string
  readonly event: string
  readonly from: ActorView['state']
  readonly to: ActorView['state']
}

export interface ActorQuery {
  readonly siteID?: string | undefined
  readonly clientID?: string | undefined
  readonly types?: readonly MachineType[] | undefined
  readonly covers: (siteID: string) => boolean
}

export interface InspectionFace {
  /** Those that live now; a charge point that has not been needed since the start has none. */
  actors(query: ActorQuery): readonly ActorView[]
  /** Context cut at 4 KiB, `full` at 256 KiB. Throws Refusal not-found. */
  actor(id: string, full: boolean): ActorDetail
  /** Newest first, the last 64 of its charge point or site at most. Throws Refusal not-found. */
  history(id: string): readonly TransitionView[]
}
