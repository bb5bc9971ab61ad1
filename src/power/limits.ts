// The limits that hold at an instant, each with its source, reduced to one constraint per node and phase (or watts).
import { perPhase, phases, type Phase, type PhaseAmps, type SiteConfig } from './site.ts'
import { floorShown } from './steps.ts'
import type { Tree } from './tree.ts'

/** The standing grid limit as a manager set it: exactly one of currentA (per phase) and powerW. */
export interface GridLimit {
  readonly currentA?: number
  readonly powerW?: number
  readonly reason?: string
  readonly setAtMs: number
  /** When it lapses into the site's failsafe; absent = never. */
  readonly expiresAtMs?: number
  /** It has lapsed because the store came back older, not by itself: it holds beside the failsafe. */
  readonly beside?: true
}

/** A limit on the whole site for a time, besides the standing grid limit. Exactly one of currentA (per phase) and powerW (sum over phases of voltage × current, base load included). */
export interface TimedLimit {
  /** curtailment:<id> | schedule:<id> | demand-window */
  readonly source: string
  readonly currentA?: number
  readonly powerW?: number
  readonly fromMs: number
  /** Infinity = no end. */
  readonly untilMs: number
  /** Bought, not fused: cars of class 1 and up keep their minimum under it; it is never over, and nobody is alarmed. */
  readonly economic?: true
}

/** Two phases: what the first may carry more than the second. */
export type Pair = { [P in Phase]: `${P}-${Exclude<Phase, P>}` }[Phase]

const phasesOf: Readonly<Record<string, readonly [Phase, Phase]>> = { 'L1-L2': ['L1', 'L2'], 'L1-L3': ['L1', 'L3'], 'L2-L1': ['L2', 'L1'], 'L2-L3': ['L2', 'L3'], 'L3-L1': ['L3', 'L1'], 'L3-L2': ['L3', 'L2'] } satisfies Record<Pair, readonly [Phase, Phase]>
export const pairs: readonly Pair[] = ['L1-L2', 'L1-L3', 'L2-L1', 'L2-L3', 'L3-L1', 'L3-L2']

/** At most `capacity` amps on one phase of a node or between two, or watts over all phases. */
export interface Constraint {
  readonly nodeID: string
  readonly on: Phase | 'W' | Pair
  readonly capacity: number
  /** fuse, grid-limit, failsafe, circuit:<id>, imbalance:<node>, the source of a timed limit, profile:<id> (a ChargePointMaxProfile of people, on the node of its charge point) */
  readonly source: string
  readonly economic?: true
  /** It is planned with, and begins within the lead: nothing is over or missing under it yet. */
  readonly coming?: true
}

/** What charging profiles of people ask for at the nodes of their charge points, and when that changes, ms; Infinity = not without news. */
export interface Imposed {
  readonly constraints: readonly Constraint[]
  readonly nextAtMs: number
}

/** A limit the site stands for. What people ask of a charge point by a profile is planned with; where it cannot be had (out of reach), no fuse is in danger and nobody is alarmed. */
export function isPromised({ source, economic }: Constraint): boolean {
  return economic !== true && !source.startsWith('profile:')
}

/** A limit the site stands for that holds already. */
export function isInForce(constraint: Constraint): boolean {
  return constraint.coming !== true && isPromised(constraint)
}

export function isPhase(on: Constraint['on']): on is Phase {
  return on === 'L1' || on === 'L2' || on === 'L3'
}

/** The two phases of a constraint between two; null = it is none. */
export function pairOf(on: Constraint['on']): readonly [Phase, Phase] | null {
  return phasesOf[on] ?? null
}

/** True once a limit with a time to live has lapsed: the energy manager went silent, the failsafe holds. */
export function hasLapsed(limit: GridLimit | null, nowMs: number): boolean {
  return limit?.expiresAtMs !== undefined && nowMs >= limit.expiresAtMs
}

/** The more permanent source wins a tie: fuse, circuit, grid limit or failsafe, schedule, curtailment, demand window. */
const timedOrder = ['schedule', 'curtailment', 'demand-window']

/** So long before it begins a limit that is known beforehand is planned with: a second for the answer, five for the car to follow. */
export const leadMs = 6_000

/** The timed limits that hold now, or begin within `aheadMs`, more permanent first. */
function activeOf(timed: readonly TimedLimit[], nowMs: number, aheadMs: number): TimedLimit[] {
  return timed.filter(({ fromMs, untilMs, economic }) => fromMs - (economic === true ? 0 : aheadMs) <= nowMs && nowMs < untilMs).sort(byPermanence)
}

/** The more permanent first, in the order in which they win ties. */
export function byPermanence(a: TimedLimit, b: TimedLimit): number {
  const rank = ({ source }: TimedLimit): number => (timedOrder.indexOf(source.split(':')[0] ?? '') + timedOrder.length + 1) % (timedOrder.length + 1)
  return rank(a) - rank(b) || (a.source < b.source ? -1 : 1)
}

/** A limit of `currentA` on every phase, or of `powerW` in total; neither = none. */
function onNode(nodeID: string, source: string, { currentA, powerW, economic }: Pick<TimedLimit, 'currentA' | 'powerW' | 'economic'>): Constraint[] {
  const flag = economic === true ? { economic } : {}
  if (currentA !== undefined) return phases.map((phase) => ({ nodeID, on: phase, capacity: currentA, source, ...flag }))
  return powerW === undefined ? [] : [{ nodeID, on: 'W', capacity: powerW, source, ...flag }]
}

/** What any phase may carry more than another at a node. */
function imbalanceAt(nodeID: string, limitA: number): Constraint[] {
  return pairs.map((on) => ({ nodeID, on, capacity: limitA, source: `imbalance:${nodeID}` }))
}

/** Every limit imposed on a site's own node now (or known to begin within `aheadMs`), unreduced, most permanent first. */
export function siteLimits(site: SiteConfig, grid: GridLimit | null, nowMs: number, timed: readonly TimedLimit[] = [], aheadMs = 0): Constraint[] {
  const fuse = perPhase(site.fuseA)
  const list: Constraint[] = phases.map((phase) => ({ nodeID: site.id, on: phase, capacity: fuse[phase], source: 'fuse' }))
  if (site.limitW !== undefined) list.push({ nodeID: site.id, on: 'W', capacity: site.limitW, source: `circuit:${site.id}` })
  if (site.imbalanceLimitA !== undefined) list.push(...imbalanceAt(site.id, site.imbalanceLimitA))
  const lapsed = hasLapsed(grid, nowMs)
  if (lapsed) list.push(...onNode(site.id, 'failsafe', { currentA: site.failsafeA }))
  if (grid !== null && (!lapsed || grid.beside === true)) list.push(...onNode(site.id, 'grid-limit', grid))
  for (const limit of activeOf(timed, nowMs, aheadMs)) {
    const own = onNode(site.id, limit.source, limit)
    list.push(...(limit.fromMs <= nowMs ? own : own.map((one) => ({ ...one, coming: true as const }))))
  }
  return list
}

/** The site's own limit per phase, for judging its meter; Infinity where only watts are limited. What is only bought is not judged. */
export function siteLimitA(site: SiteConfig, grid: GridLimit | null, nowMs: number, timed: readonly TimedLimit[] = []): PhaseAmps {
  const limit: PhaseAmps = { L1: Infinity, L2: Infinity, L3: Infinity }
  for (const { on, capacity, economic } of siteLimits(site, grid, nowMs, timed)) if (isPhase(on) && economic !== true) limit[on] = Math.min(limit[on], capacity)
  return limit
}

/** One constraint per node and phase, pair or watts: the lowest of those active; the most permanent source wins a tie. What is only bought stands beside what is fused, and what begins soon beside what holds and is no lower. In the same order however the circuits are listed. */
export function constraintsAt(tree: Tree, grid: GridLimit | null, nowMs: number, imposed: readonly Constraint[] = [], timed: readonly TimedLimit[] = []): Constraint[] {
  const lowest = new Map<string, Constraint>()
  const keyOf = ({ nodeID, on, economic }: Constraint) => `${nodeID} ${on} ${economic === true}`
  const offer = (constraint: Constraint) => {
    const key = constraint.coming === true ? `${keyOf(constraint)} coming` : keyOf(constraint)
    const other = lowest.get(key)
    if (other === undefined || constraint.capacity < other.capacity) lowest.set(key, constraint)
  }
  for (const constraint of siteLimits(tree.site, grid, nowMs, timed, leadMs)) offer(constraint)
  const circuits = tree.nodes.filter((node) => node.parent !== null).sort((a, b) => a.path.length - b.path.length || (a.id < b.id ? -1 : 1))
  for (const node of circuits) {
    const source = `circuit:${node.id}`
    if (node.limitA !== null) for (const phase of phases) offer({ nodeID: node.id, on: phase, capacity: node.limitA[phase], source })
    if (node.limitW !== null) offer({ nodeID: node.id, on: 'W', capacity: node.limitW, source })
    if (typeof node.imbalanceLimitA === 'number') for (const constraint of imbalanceAt(node.id, node.imbalanceLimitA)) offer(constraint)
  }
  for (const constraint of [...imposed].sort((a, b) => (`${a.nodeID} ${a.source}` < `${b.nodeID} ${b.source}` ? -1 : 1))) offer(constraint)
  return [...lowest.values()].filter((one) => one.coming !== true || one.capacity < (lowest.get(keyOf(one))?.capacity ?? Infinity))
}

/** The lowest active limit of the site for display: amps per phase and watts over three phases, converted by 3 × voltage. */
export function effectiveLimit(site: SiteConfig, grid: GridLimit | null, nowMs: number, timed: readonly TimedLimit[] = []): { currentA: number; powerW: number; binding: string } {
  const perAmp = 3 * site.voltage
  let best = { currentA: Infinity, binding: 'fuse' }
  for (const { on, capacity, source } of siteLimits(site, grid, nowMs, timed)) {
    if (pairOf(on) !== null) continue
    const currentA = on === 'W' ? capacity / perAmp : capacity
    if (currentA < best.currentA) best = { currentA, binding: source }
  }
  return { currentA: floorShown(best.currentA), powerW: Math.floor(best.currentA * perAmp + 1e-6), binding: best.binding }
}
