// What is answered about the living parts of kwota: the shapes that REST, pages and commands show.
import type { ChargePointConfig, PhaseAmps } from '../power/site.ts'
import type { StopCause } from '../sessions/record-parts.ts'
import type { LimitsInForce } from '../sessions/session-limits.ts'
import type { Doing } from './doing.ts'

export interface Limit { readonly currentA: number; readonly powerW: number; readonly binding: string }

export interface GridLimitView {
  /** The standing limit as it was set; null when none. Watts set as powerW come back as powerW too. */
  readonly currentA: number | null
  readonly powerW?: number
  readonly reason?: string
  readonly setAt?: string
  readonly expiresAt?: string
  readonly effective: Limit
  readonly next: { readonly at: string; readonly currentA: number } | null
  readonly state: 'enforcing' | 'enforced' | 'unenforceable'
  readonly deficitA?: number
  readonly propagation: { readonly targets: number; readonly told: number; readonly confirmed: number; readonly waiting: readonly string[] }
  readonly decisionId: string | null
}

export interface ConnectorPowerView {
  readonly clientID: string
  readonly connectorId: number
  readonly circuit: string | null
  readonly status: string
  readonly online: boolean
  readonly transactionId: number | null
  /** What its car does; null = there is none that counts. */
  readonly doing: Doing | null
  readonly requestedA: number
  readonly allocatedA: number
  readonly confirmedA: number | null
  readonly reservedA: number
  /** By a reading of now and of the car that is there; null = there is none. */
  readonly measuredA: number | null
  /** When it was last measured, however long ago. */
  readonly measuredAt: string | null
  readonly binding: string
  /** Part of what it is allocated has not been told to it yet: what it was told last, and when a rule that it waits for is over (null = once there is room). */
  readonly raising?: { readonly toldA: number; readonly at: string | null }
  /** Of a DC connector: what its amps of the grid are at the car, and what it was measured to give, W. */
  readonly allocatedW?: number
  readonly measuredW?: number
}

export interface NodePowerView {
  /** Circuit id; the site's own node carries the site's id. */
  readonly id: string
  readonly parent: string | null
  readonly limitA: PhaseAmps
  readonly limitW?: number
  /** How much more than another a phase may carry here, and how much more one could, worst case, cars on other phases counted at 0. */
  readonly imbalanceLimitA?: number
  readonly imbalanceA?: number
  readonly binding: Record<'L1' | 'L2' | 'L3', string>
  readonly measuredA: PhaseAmps
  /** How much of what may flow here `measuredA` has in it: a car or a building that nobody measures now is missing there. */
  readonly measured: 'all' | 'part' | 'none'
  readonly reservedA: PhaseAmps
  readonly headroomA: PhaseAmps
  readonly shedding: boolean
}

export interface PowerView {
  readonly siteID: string
  readonly at: string
  readonly effective: Limit
  readonly baseLoad: { readonly status: 'fresh' | 'stale' | 'never'; readonly countedA: PhaseAmps; readonly at: string | null }
  /** What the demand window leaves for now, everything on the site together, until it ends. */
  readonly demandWindow?: { readonly targetW: number; readonly allowedW: number; readonly until: string }
  readonly state: 'enforcing' | 'enforced' | 'unenforceable'
  readonly deficitA?: number
  readonly circuits: readonly NodePowerView[]
  readonly connectors: readonly ConnectorPowerView[]
  readonly decisionId: string | null
}

export interface AllocationView {
  readonly requestedA: number
  readonly allocatedA: number
  readonly confirmedA: number | null
  readonly reservedA: number
  readonly measuredA: number | null
  readonly measuredAt: string | null
  readonly binding: string
  /** The constraint that bound it, or left too little: circuit (or site, or charge point), phase (or two, or W), source; null = none above it did. */
  readonly boundBy?: { readonly circuitID: string; readonly on: string; readonly source: string } | null
  /** One sentence a site manager understands. */
  readonly summary: string
  readonly constraints: readonly {
    readonly id: string; readonly limitA: number; readonly shareA?: number
    /** So much more is reserved than it allows. */
    readonly overA?: number
    readonly state: 'inactive' | 'ok' | 'limiting' | 'binding'; readonly until?: string; readonly inferred?: boolean
  }[]
  readonly queue: { readonly place: number; readonly of: number } | null
  readonly nextReviewAt: string | null
  readonly decisionId: string | null
}

export interface ConnectorView {
  readonly id: number
  readonly clientID: string
  readonly siteID: string
  readonly status: string
  readonly errorCode: string
  readonly info?: string
  readonly statusAt: string | null
  readonly transactionId: number | null
  readonly priority: number
  readonly weight: number
  readonly departureAt: string | null
  readonly energyNeededWh: number | null
  readonly vehicleMaxA: number | null
  readonly vehiclePhases: number | null
  readonly power: ConnectorPowerView
  readonly config: ChargePointConfig['connectors'][number]
}

/** What a person may change of a connector while it runs; null clears. */
export interface ConnectorPatch {
  readonly priority?: number
  readonly weight?: number
  readonly departureAt?: string | null
  readonly energyNeededWh?: number | null
  readonly vehicleMaxA?: number | null
  readonly vehiclePhases?: 1 | 2 | 3 | null
}

export interface ChargePointView extends ChargePointConfig {
  readonly hasPassword: boolean
  readonly connection: { readonly state: 'online' | 'offline' | 'booting' | 'never'; readonly since: string | null; readonly remoteAddress: string | null; readonly generation: number }
  readonly lastSeenAt: string | null
  readonly boot: Readonly<Record<string, unknown>> | null
  readonly quirks: Readonly<Record<string, unknown>>
  readonly state: string
}

export interface TransactionView {
  readonly id: number
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number
  readonly idTag: string
  readonly status: 'starting' | 'charging' | 'idle' | 'stopping' | 'stopped' | 'unconfirmed'
  /** While it runs, what its car does by all that its site knows: `status` is what the charge point said last. */
  readonly doing?: Doing
  readonly startedAt: string
  readonly stoppedAt: string | null
  readonly stopReason: string | null
  readonly meterStartWh: number
  readonly meterStopWh: number | null
  readonly energyWh: number
  /** As if it stopped now, while it runs; null = no tariff holds. */
  readonly cost: { readonly amountMinor: number; readonly currency: string } | null
  /** In the version that held as it began. */
  readonly tariff: { readonly id: string; readonly version: number } | null
  /** Set on this transaction. */
  readonly limits: { readonly energyWh?: number; readonly durationS?: number; readonly costMinor?: number }
  /** While it runs: of each kind the lowest that holds; `settings` are the nearest word of its connector, charge point, site or everybody. */
  readonly limitsInForce?: LimitsInForce
  /** Seconds for which limits kept it below what it could take, by reason. */
  readonly limitedS: Readonly<Record<string, number>>
  readonly idleS: number
  /** What its register said that cannot be (docs/transactions.md, energy): not 0 = its energy and cost are doubtful. */
  readonly anomalies: number
  /** Who ended it, where that was not the charge point by itself. */
  readonly stoppedBy: { readonly cause: StopCause; readonly by: string; readonly at: string } | null
}

export interface AlertView {
  readonly id: string
  readonly code: string
  readonly severity: 'critical' | 'warning' | 'info'
  readonly siteID: string
  readonly clientID: string | null
  readonly connectorId: number | null
  readonly message: string
  readonly raisedAt: string
  readonly resolvedAt: string | null
  readonly ackedAt: string | null
  /** The name of the key that acknowledged it. */
  readonly ackedBy: string | null
}

/** How much kwota holds in memory, and at which epoch it owns each site. */
export interface Inventory {
  readonly sites: readonly {
    readonly id: string; readonly epoch: number
    /** Another process took it from this one; who, where that is known. */
    readonly lostTo: { readonly id: string | null } | null
    /** When it is anybody's unless it is renewed; null: when this process ends. */
    readonly leaseEndsAt: string | null
  }[]
  /** Charge points that are connected now. */
  readonly connections: number
  readonly chargePoints: number
  readonly transactions: number
  readonly alerts: number
}

export interface Health {
  readonly ready: boolean
  readonly checks: readonly { readonly name: 'store' | 'clock' | 'engine'; readonly ok: boolean; readonly detail: string }[]
}
