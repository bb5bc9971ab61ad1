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
  /** What happens from now on, and first what lives; call what it returns when nobody watches any more. */
  watch(filter: WatchFilter, watcher: Watcher): () => void
  /** What was recorded while somebody watched, of the last 20,000 events: their JSON, and the number to go on behind. */
  past(query: PastQuery): { readonly texts: readonly string[]; readonly next: number | null }
  /** How everything stood at an instant, as far as it was recorded. */
  states(atMs: number, query: ActorQuery): readonly PastState[]
}

export interface WatchFilter extends ActorQuery {
  readonly actorID?: string | undefined
  /** OCPP frames and decisions are told too. */
  readonly frames: boolean
  readonly decisions: boolean
  /** Actors come with their machine: needed by who knows none. */
  readonly definitions: boolean
}

/** Somebody who watches. */
export interface Watcher {
  /** Events as JSON, in order. */
  tell(texts: readonly string[]): void
  /** There is room for what lived before: it can wait. */
  hasRoom(): boolean
  /** Asked five times a second; a reason ends it. */
  mayNot(): string | null
  end(reason: string): void
}

export interface PastQuery extends WatchFilter {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  readonly order: 'ascending' | 'descending'
  /** Behind the event of this number. */
  readonly after: number | null
  readonly limit: number
}

/** An actor as it stood at an instant. */
export interface PastState extends Pick<ActorView, 'id' | 'type' | 'siteID' | 'clientID'> {
  /** Null: it had begun, and its state was not told. */
  readonly state: ActorView['state'] | null
  /** Since when. */
  readonly at: string
}
