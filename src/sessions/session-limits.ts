// What a running transaction has reached of its limits, what it is near to, and when time alone may bring it further.
import type { TransactionRecord } from './record.ts'
import type { StopCause } from './record-parts.ts'
import type { Tariff } from './tariff.ts'

/** Absent = nothing bounds it. Costs are minor units of the currency of its tariff. */
export interface SessionLimits {
  readonly energyWh?: number | undefined
  readonly durationS?: number | undefined
  readonly costMinor?: number | undefined
  /** So long idle without a break. */
  readonly idleTimeoutS?: number | undefined
}

export type LimitCause = Extract<StopCause, 'energy-limit' | 'duration-limit' | 'cost-limit' | 'idle-timeout'>
/** What is counted of it now: a record is one, as it was last worked out. */
export type Counted = Pick<TransactionRecord, 'startedAtMs' | 'energyMWh' | 'cost' | 'tariff'>

export interface LimitState {
  /** What ends it, the first of energy, duration, cost and idle time; null = nothing yet. */
  readonly reached: LimitCause | null
  /** What it is near to, and has not reached: 90 % of the energy or the cost, the last 5 min of the duration. */
  readonly near: readonly LimitCause[]
  /** Before then time alone changes nothing of the two above; at least 1 s ahead. null = only new readings can. */
  readonly nextAtMs: number | null
}

const nearShare = 0.9
/** So long before its end by time a transaction is near to it. */
export const nearMs = 300_000
const leastWaitMs = 1_000

/** `idleSinceMs`: since when it is idle without a break (`idleSince`), null = it is not. Energy and time count as reached when they are met exactly. */
export function limitState(counted: Counted, limits: SessionLimits, idleSinceMs: number | null, nowMs: number): LimitState {
  const reached: LimitCause[] = []
  const near: LimitCause[] = []
  const nextMs: number[] = []
  const upTo = (cause: LimitCause, amount: number, limit: number): void => {
    if (amount >= limit) reached.push(cause)
    else if (amount >= limit * nearShare) near.push(cause)
  }
  if (limits.energyWh !== undefined) upTo('energy-limit', counted.energyMWh, limits.energyWh * 1000)
  if (limits.durationS !== undefined) {
    const dueMs = counted.startedAtMs + limits.durationS * 1000
    if (nowMs >= dueMs) reached.push('duration-limit')
    else if (nowMs >= dueMs - nearMs) near.push('duration-limit')
    nextMs.push(nowMs >= dueMs - nearMs ? dueMs : dueMs - nearMs)
  }
  if (limits.costMinor !== undefined && counted.cost !== null && counted.tariff !== null) {
    const { amountMinor } = counted.cost
    upTo('cost-limit', amountMinor, limits.costMinor)
    const perMinuteMinor = dearestMinute(counted.tariff)
    const goal = amountMinor >= limits.costMinor * nearShare ? limits.costMinor : limits.costMinor * nearShare
    // The amount is rounded: half a unit may be missing already.
    if (perMinuteMinor > 0) nextMs.push(nowMs + ((goal - amountMinor - 1) / perMinuteMinor) * 60_000)
  }
  if (limits.idleTimeoutS !== undefined && idleSinceMs !== null) {
    const dueMs = idleSinceMs + limits.idleTimeoutS * 1000
    if (nowMs >= dueMs) reached.push('idle-timeout')
    nextMs.push(dueMs)
  }
  const next = reached.length > 0 || nextMs.length === 0 ? null : Math.max(Math.floor(Math.min(...nextMs)), nowMs + leastWaitMs)
  return { reached: reached[0] ?? null, near, nextAtMs: next }
}

/** So much energy, mWh, has to flow at least before energy or cost are near to what limits them, or reach it; ≤ 0 = it may any moment, Infinity = neither is limited. Time alone is `limitState`'s. */
export function energyToGo({ energyMWh, cost, tariff }: Counted, limits: SessionLimits): number {
  const toGo = (amount: number, limit: number): number => (amount >= limit * nearShare ? limit : limit * nearShare) - amount
  const byEnergy = limits.energyWh === undefined ? Infinity : toGo(energyMWh, limits.energyWh * 1000)
  if (limits.costMinor === undefined || cost === null || tariff === null) return byEnergy
  const perKWhMinor = Math.max(tariff.perKWhMinor, ...(tariff.blocks ?? []).map((block) => block.perKWhMinor ?? 0))
  // Rounded, half a unit may be missing; and some time goes by too until it is counted again.
  const leftMinor = toGo(cost.amountMinor, limits.costMinor) - 1 - dearestMinute(tariff) / 2 - (energyMWh === 0 ? tariff.perSessionMinor : 0)
  return Math.min(byEnergy, leftMinor <= 0 ? 0 : (leftMinor / perKWhMinor) * 1_000_000)
}

export type LimitSource = 'transaction' | 'tag' | 'settings'
/** Of each kind the lowest that holds, and who says it. */
export type LimitsInForce = { readonly [K in keyof SessionLimits]?: { readonly value: number; readonly from: LimitSource } }

/** Of two that say the same the first. */
export function inForce(said: readonly (readonly [LimitSource, SessionLimits | undefined])[]): LimitsInForce {
  const of = (name: keyof SessionLimits): LimitsInForce => {
    const [lowest] = said.flatMap(([from, limits]) => (limits?.[name] === undefined ? [] : [{ value: limits[name], from }])).toSorted((a, b) => a.value - b.value)
    return lowest === undefined ? {} : { [name]: lowest }
  }
  return { ...of('energyWh'), ...of('durationS'), ...of('costMinor'), ...of('idleTimeoutS') }
}

/** Of each the lowest that somebody says. */
export function lowestLimits(...said: readonly (SessionLimits | undefined)[]): SessionLimits {
  const lowest = (name: keyof SessionLimits): SessionLimits => {
    const values = said.flatMap((limits) => limits?.[name] ?? [])
    return values.length === 0 ? {} : { [name]: Math.min(...values) }
  }
  return { ...lowest('energyWh'), ...lowest('durationS'), ...lowest('costMinor'), ...lowest('idleTimeoutS') }
}

/** The most that a minute without energy can cost. */
function dearestMinute({ perMinuteMinor, idlePerMinuteMinor, blocks }: Tariff): number {
  return Math.max(perMinuteMinor, ...(blocks ?? []).map((block) => block.perMinuteMinor ?? 0)) + idlePerMinuteMinor
}
