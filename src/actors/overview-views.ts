// How a site is shown at a glance, as its page asks for it once a second: one body for all of it.
import type { PhaseAmps, SiteConfig } from '../power/site.ts'
import type { DoingCounts } from './doing.ts'
import type { AlertView, ConnectorPowerView, PowerView, TransactionView } from './views.ts'

/** How a site stands as a whole, mildest first: `limited` = something lower than the fuse holds, or cars wait. */
export const levels = ['ok', 'limited', 'warning', 'critical'] as const
export type Level = (typeof levels)[number]

/** Does it follow its limit? `unknown` = no fresh reading says so: no car, offline, or still lowering. */
export const obediences = ['obeying', 'disobeying', 'unknown'] as const
export type Obedience = (typeof obediences)[number]

/** What people look at first, most urgent first; its place in this list is the rank. */
export const attentions = ['disobeying', 'faulted', 'offline-charging', 'offline', 'waiting', 'limited', 'charging', 'paused', 'plugged-in', 'unavailable', 'free', 'never-connected'] as const
export type Attention = (typeof attentions)[number]

export interface ConnectorOverview extends ConnectorPowerView {
  /** The sentence of the allocation: why it has what it has. */
  readonly why: string
  readonly queue: { readonly place: number; readonly of: number } | null
  readonly obeying: Obedience
  /** Of its running transaction, its totals as they were worked out last (every 10 s). */
  readonly transaction: Pick<TransactionView, 'id' | 'idTag' | 'status' | 'startedAt' | 'energyWh' | 'cost'> | null
  readonly priority: number
  readonly minA: number
  readonly maxA: number
  readonly attention: { readonly rank: number; readonly reason: Attention }
}

export interface DecisionLine { readonly id: string; readonly at: string; readonly cause: string; readonly words: string; readonly state: PowerView['state'] }

export interface OverviewView {
  readonly site: { readonly id: string; readonly name: string | null; readonly timezone: string; readonly voltage: number; readonly fuseA: PhaseAmps; readonly fuseAssumed?: true; readonly policy: SiteConfig['policy']; readonly circuits: SiteConfig['circuits'] }
  readonly at: string
  readonly engine: { readonly tickAgeS: number; readonly lastDecisionAt: string | null }
  readonly sentence: string
  readonly level: Level
  readonly counts: DoingCounts
  /** Without its connectors, which stand below with all else about them. */
  readonly power: Omit<PowerView, 'connectors'>
  readonly nextLimit: { readonly at: string; readonly currentA: number } | null
  readonly connectors: readonly ConnectorOverview[]
  /** Open ones that are critical or warnings, critical first, then newest; at most 50. */
  readonly alerts: readonly AlertView[]
  readonly alertCounts: { readonly critical: number; readonly warning: number }
  /** Those that moved somebody, newest first, at most 10. */
  readonly decisions: readonly DecisionLine[]
  /** `neverConnected` are those of the others that kwota has not seen yet. */
  readonly health: { readonly chargePoints: number; readonly online: number; readonly neverConnected: number }
}
