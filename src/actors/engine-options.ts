// What the engine of a site is given: its records and configuration, the time, and whom it tells what.
import type { Fact } from '../power/ledger.ts'
import type { TimedLimit } from '../power/limits.ts'
import type { Plan } from '../power/plan.ts'
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { CountedBase } from './readings.ts'
import type { Scope } from './scope.ts'
import type { SiteMeterPorts } from './site-meters.ts'
import type { EstateLore } from './station-lore.ts'

export interface EngineSettings {
  readonly leaseMs: number
  readonly sampleIntervalMs: number
}

export interface Review {
  readonly cause: string
  readonly plan: Plan
  readonly before: Plan | null
  /** Connectors whose target is another than in the plan before. */
  readonly changed: readonly string[]
  readonly base: CountedBase
  readonly nowMs: number
}

/** Who else hears of live readings. */
export type ReadingPorts = Pick<SiteMeterPorts, 'account' | 'material'>

export interface EngineOptions {
  readonly readings: ReadingPorts
  readonly scope: Scope
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly settings: EngineSettings
  /** ms since the epoch that never step (wall clock at the start, then the monotonic clock). */
  readonly now: () => number
  /** The wall clock, which charge points are set by and which may step. */
  readonly wall: () => number
  /** It was set back before the start, and with it go the clocks of charge points. */
  readonly setBack?: boolean
  /** Runs `fn` once, later in this process. */
  readonly later: (delayMs: number, fn: () => void) => void
  /** What became of a profile; to be sent back as a fact. */
  readonly answered: (key: string, fact: Fact) => void
  readonly refused: (clientID: string, what: string, why: string) => void
  readonly reviewed: (review: Review) => void
  /** A lowering went to the socket, so long after it was decided. */
  readonly lowered: (latencyMs: number) => void
  /** Ends a transaction of a charger that goes on disobeying; absent: nobody can. */
  readonly stopTransaction?: (clientID: string, transactionId: number) => void
  /** The plan is to be looked at again. */
  readonly review: (cause: string) => void
  /** Limits for a time, by the engine's time: those that hold and those to come. Absent = none. */
  readonly timed?: (nowMs: number) => readonly TimedLimit[]
  /** Absent: nothing is known of models, and nothing is cleared. */
  readonly lore?: EstateLore
}
