// The grid witness: sums what the simulated chargers could be drawing and says when it was more than the limit, trusting nobody's ledger.
import { phases, type Phase, type PhaseAmps } from '../power/site.ts'
import type { WiredNode } from './wiring.ts'

/** One connector with a car, as seen from outside. */
export interface WitnessedLoad {
  readonly key: string
  /** Node ids it hangs below. */
  readonly path: readonly string[]
  /** Site phases that carry its current. */
  readonly phases: readonly Phase[]
  readonly drawA: number
  readonly permitA: number
  /** Its charge point disobeys, is silent, offline or has refused a limit. */
  readonly unruly: boolean
  /** The lowering that it was told and does not follow: when it was told, and when others are to give way for it, ms; absent = there is none. */
  readonly unfollowed?: { readonly toldMs: number; readonly overdueMs: number }
}

export interface WitnessedMoment {
  readonly atMs: number
  /** The building, A per phase; negative = export. */
  readonly baseA: PhaseAmps
  /** What holds on the site beside its fuse, each in the form it was set: standing, curtailed, by the calendar. */
  readonly limits: readonly { readonly currentA?: number; readonly powerW?: number }[]
  readonly loads: readonly WitnessedLoad[]
}

type Where = Phase | 'power' | `${Phase} over ${Phase}`

export interface Excess {
  readonly atMs: number
  readonly node: string
  /** A phase, the sum of all in watts (told in amps per phase), or one phase against another. */
  readonly where: Where
  readonly overA: number
  readonly loadA: number
  readonly limitA: number
}

export interface Witness {
  observe(moment: WitnessedMoment): void
  /** Something outside our control happened: what follows within 10 s is no violation. */
  outsideEvent(atMs: number): void
  /** Violations in [fromMs, toMs], oldest first; at most 1,000 are kept. */
  violations(fromMs: number, toMs: number): readonly Excess[]
  /** The least headroom seen outside the excused times since `fromMs` 0, A; null before anything was seen. */
  readonly worstMarginA: number | null
}

const graceMs = 10_000
const toleranceA = 0.05
const kept = 1_000

/** A lowering that is not followed is an outside event once it is overdue; what it was to end may last until then. */
function isOutside({ toldMs, overdueMs }: NonNullable<WitnessedLoad['unfollowed']>, atMs: number, sinceMs: number | undefined): boolean {
  const answersExcess = sinceMs !== undefined && toldMs >= sinceMs && toldMs <= sinceMs + graceMs
  return atMs <= overdueMs + graceMs && (atMs >= overdueMs || answersExcess)
}

interface Balance { readonly node: string; readonly where: Where; readonly loadA: number; readonly limitA: number; readonly unruly: boolean; readonly unfollowed: readonly NonNullable<WitnessedLoad['unfollowed']>[] }

export function createWitness(nodes: readonly WiredNode[], voltage: number): Witness {
  const found: Excess[] = []
  /** Since when a node's phase has been over, ms. */
  const overSince = new Map<string, number>()
  let lastOutsideMs = -Infinity
  let worstMarginA: number | null = null

  function balances(moment: WitnessedMoment): Balance[] {
    const result: Balance[] = []
    for (const node of nodes) {
      const root = node.parent === null
      const below = moment.loads.filter((load) => load.path.includes(node.id))
      const unruly = below.some((load) => load.unruly)
      const unfollowed = below.flatMap((load) => (load.unruly ? load.unfollowed ?? [] : []))
      const loadOn = (phase: Phase) => (root ? moment.baseA[phase] : 0)
        + below.reduce((sum, load) => sum + (load.phases.includes(phase) ? Math.max(load.drawA, load.permitA) : 0), 0)
      const imposed = root ? moment.limits : []
      const imposedA = Math.min(Infinity, ...imposed.map(({ currentA }) => currentA ?? Infinity))
      for (const phase of phases) {
        const limitA = Math.min(node.limitA?.[phase] ?? Infinity, imposedA)
        if (limitA < Infinity) result.push({ node: node.id, where: phase, loadA: loadOn(phase), limitA, unruly, unfollowed })
      }
      const limitW = Math.min(node.limitW ?? Infinity, ...imposed.map(({ powerW }) => powerW ?? Infinity))
      if (limitW < Infinity) {
        const loadA = phases.reduce((sum, phase) => sum + loadOn(phase), 0) / phases.length
        result.push({ node: node.id, where: 'power', loadA, limitA: limitW / (voltage * phases.length), unruly, unfollowed })
      }
      if (node.imbalanceLimitA === null) continue
      // Who uses both phases loads both alike; who uses only the other may not draw at all.
      for (const one of phases) for (const other of phases) {
        if (one === other) continue
        const apart = below.filter((load) => load.phases.includes(one) && !load.phases.includes(other))
        const loadA = (root ? moment.baseA[one] - moment.baseA[other] : 0) + apart.reduce((sum, load) => sum + Math.max(load.drawA, load.permitA), 0)
        result.push({ node: node.id, where: `${one} over ${other}`, loadA, limitA: node.imbalanceLimitA, unruly, unfollowed })
      }
    }
    return result
  }

  return {
    observe(moment) {
      const { atMs } = moment
      for (const { node, where, loadA, limitA, unruly, unfollowed } of balances(moment)) {
        const key = `${node}/${where}`
        const marginA = limitA - loadA
        if (marginA >= -toleranceA) overSince.delete(key)
        else if (!overSince.has(key)) overSince.set(key, atMs)
        const sinceMs = overSince.get(key)
        const excused = atMs <= lastOutsideMs + graceMs || (unruly && sinceMs !== undefined && atMs <= sinceMs + graceMs) || unfollowed.some((lowering) => isOutside(lowering, atMs, sinceMs))
        if (excused || atMs < 0) continue
        worstMarginA = Math.min(worstMarginA ?? Infinity, marginA)
        if (marginA < -toleranceA && found.length < kept) found.push({ atMs, node, where, overA: -marginA, loadA, limitA })
      }
    },
    outsideEvent(atMs) { lastOutsideMs = Math.max(lastOutsideMs, atMs) },
    violations: (fromMs, toMs) => found.filter((excess) => excess.atMs >= fromMs && excess.atMs <= toMs),
    get worstMarginA() { return worstMarginA },
  }
}
