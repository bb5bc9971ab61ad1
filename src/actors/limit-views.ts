// How the limits of a site over time are shown: the stack at an instant, and the line of the day that follows.
import type { Limit } from './views.ts'

export { keptScheduleSchema, limitScheduleSchema, scheduleIdSchema } from '../power/limit-schedule.ts'

export interface LimitAmount { readonly currentA: number; readonly powerW: number }

export const limitKinds = ['fuse', 'circuit', 'imbalance', 'grid-limit', 'failsafe', 'schedule', 'curtailment', 'dimming', 'demand-window'] as const
export const limitStates = ['inactive', 'ok', 'limiting', 'binding'] as const

/** `inactive` = it does not hold then; `ok` = no lower than the fuse; `limiting` = lower, but another is lower still; `binding` = the lowest. An `imbalance` limit is what one phase may carry more than another, which no fuse compares with: `ok`. */
export interface LimitEntry extends LimitAmount {
  /** fuse, circuit:<site>, imbalance:<site>, grid-limit, failsafe, schedule:<id>, curtailment:<id>, demand-window: as in `binding` everywhere. */
  readonly id: string
  readonly kind: (typeof limitKinds)[number]
  readonly state: (typeof limitStates)[number]
  /** Null = as long as anybody knows. */
  readonly from: string | null
  readonly until: string | null
  readonly reason: string | null
  /** Who asked for it. */
  readonly source: string | null
}

/** What is in effect from then on. */
export interface LimitStep extends Limit { readonly at: string }

export interface LimitStackView {
  readonly siteID: string
  readonly at: string
  readonly effective: Limit
  /** Most permanent first. */
  readonly limits: readonly LimitEntry[]
  /** The 24 h from `at`, a step for each change that is known. */
  readonly outlook: readonly LimitStep[]
}
