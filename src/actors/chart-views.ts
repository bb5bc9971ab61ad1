// How a site over time is shown: what it drew, and the limits behind it and ahead.
import type { CurtailmentView } from './curtailment-record.ts'
import type { LimitStep } from './limit-views.ts'
import type { DecisionLine } from './overview-views.ts'

/** One number for each of `times`; null = not known. */
export type Column = readonly (number | null)[]

/** From then on; null = kwota did not run, or nothing is on record. */
export type PastStep = LimitStep | { readonly at: string; readonly currentA: null; readonly powerW: null; readonly binding: null }

export interface ChartView {
  readonly siteID: string
  readonly at: string
  readonly from: string
  readonly to: string
  readonly stepS: number
  readonly voltage: number
  readonly measured: {
    /** When each stretch of `stepS` begins, s since the epoch; none lies in the future. */
    readonly times: readonly number[]
    /** Everything together, where the site meter was fresh. */
    readonly totalW: Column
    readonly buildingW: Column
    /** The cars below each node, the site itself first, then parents before children; of a site with many circuits those nearest to it. */
    readonly nodes: readonly { readonly id: string; readonly parent: string | null; readonly powerW: Column; /** Highest phase. */ readonly currentA: Column }[]
  }
  readonly limits: { readonly past: readonly PastStep[]; readonly future: readonly LimitStep[] }
  readonly curtailments: readonly (Pick<CurtailmentView, 'id' | 'kind' | 'state' | 'limit'> & { readonly startsAt: string; readonly endsAt: string; readonly reason: string | null; readonly source: string | null })[]
  /** Those that moved somebody or were asked for, oldest first; where there are too many, the weightiest of each while. */
  readonly decisions: readonly DecisionLine[]
}
