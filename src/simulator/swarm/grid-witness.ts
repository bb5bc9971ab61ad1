// The grid witness of a seed: what the charge points could draw against the limit then valid, node by node; it knows nothing of the ledger.
import { phases, type Phase, type PhaseAmps } from '../../power/site.ts'
import type { WiredNode } from '../wiring.ts'
import type { Findings } from './finding.ts'
import type { Amount } from './imposed.ts'
import type { Load } from './yard.ts'

export interface Moment {
  readonly atMs: number
  readonly baseA: PhaseAmps
  /** What one phase of the building carries more than another; null = nobody can be held to that now. */
  readonly tiltA: (one: Phase, other: Phase) => number | null
  /** How far a reading of the site meter may be off, A per phase; 0 = exact. */
  readonly noiseA: number
  /** What of the building no reading of its meter has shown lately. */
  readonly missedA: (on: On) => number
  /** What holds beside the fuse. */
  readonly limits: readonly Amount[]
  readonly loads: readonly Load[]
  /** kwota runs, is not frozen, and has been so since then; null = not now. */
  readonly awakeSinceMs: number | null
  /** A charge point was met for the first time then. */
  readonly contactMs: number
  /** An open alert speaks of this limit, or of one of these connectors. */
  readonly alerted: (node: string, on: On, below: readonly string[]) => boolean
}

/** A phase, the sum of all, or one phase against another. */
export type On = Phase | 'W' | `${Phase}-${Phase}`

export interface Worth { readonly path: readonly string[]; readonly phases: readonly Phase[]; readonly worthA: number }

export interface Balance { readonly node: string; readonly on: On; readonly loadA: number; readonly limitA: number }

export interface GridWitness {
  observe(moment: Moment): void
  /** The limit fell, the building took more, or kwota could not know: what follows within the grace is no fault of its own. */
  excuse(atMs: number): void
  readonly worstMarginA: number | null
  readonly overSeconds: number
}

/** A raising that was on its way when the news came may still land. */
export const graceMs = 10_000
/** power.md: an excess of more than 10 s has its alert; what is lowered and only waits for its proof is given a sample interval and 10 s more (25 s), and an idle tick. */
const alertedWithinMs = 27_000
/** Whoever draws more than it was allowed is known after its next samples and 15 s. */
const unrulyWithinMs = 75_000
/** Nobody below a meter knows of it before its next sample, and it is believed after 15 s. */
const unrulyGraceMs = 45_000
const contactMs = 60_000
const toleranceA = 0.06

/** Watts are told in amps per phase. */
export function balances(nodes: readonly WiredNode[], voltage: number, moment: Pick<Moment, 'baseA' | 'tiltA' | 'limits'>, loads: readonly Worth[]): Balance[] {
  const result: Balance[] = []
  for (const node of nodes) {
    const root = node.parent === null
    const below = loads.filter((load) => load.path.includes(node.id))
    const own = root ? moment.limits : []
    const sum = (counts: (load: Worth) => boolean) => below.reduce((total, load) => total + (counts(load) ? load.worthA : 0), 0)
    const on = (phase: Phase) => (root ? Math.max(0, moment.baseA[phase]) : 0) + sum((load) => load.phases.includes(phase))
    for (const phase of phases) {
      const limitA = Math.min(node.limitA?.[phase] ?? Infinity, ...own.map(({ currentA }) => currentA ?? Infinity))
      if (limitA < Infinity) result.push({ node: node.id, on: phase, loadA: on(phase), limitA })
    }
    if (node.imbalanceLimitA !== null) {
      for (const one of phases) for (const other of phases) {
        const tiltA = one === other ? null : root ? moment.tiltA(one, other) : 0
        if (tiltA !== null) result.push({ node: node.id, on: `${one}-${other}`, loadA: tiltA + sum((load) => load.phases.includes(one) && !load.phases.includes(other)), limitA: node.imbalanceLimitA })
      }
    }
    const limitW = Math.min(node.limitW ?? Infinity, ...own.map(({ powerW }) => powerW ?? Infinity))
    if (limitW < Infinity) result.push({ node: node.id, on: 'W', loadA: phases.reduce((sum, phase) => sum + on(phase), 0) / 3, limitA: limitW / (3 * voltage) })
  }
  return result
}

/** More of it is more on that balance. */
export function bears({ phases: used }: Pick<Worth, 'phases'>, on: On): boolean {
  if (on === 'W') return true
  const [one, other] = on.split('-')
  return used.some((phase) => phase === one) && !used.some((phase) => phase === other)
}

export function createGridWitness(nodes: readonly WiredNode[], voltage: number, findings: Findings): GridWitness {
  let excusedMs = -Infinity
  let worstMarginA: number | null = null
  let overMs = 0
  let lastMs = 0
  let first = true
  const roots = new Set(nodes.flatMap(({ id, parent }) => (parent === null ? [id] : [])))
  const worthOf = new Map<string, number>()
  /** Until when a node is excused because somebody below it took more than he was allowed. */
  const unrulyUntil = new Map<string, number>()
  /** Since when a reading shows it. */
  const overSince = new Map<string, number>()

  function observe(moment: Moment): void {
    const { atMs, loads, awakeSinceMs } = moment
    const risen = loads.filter((load) => load.trusted && Math.max(load.drawA, load.permitA) > (worthOf.get(load.key) ?? (first ? Infinity : 0)) + 0.01)
    for (const load of loads) {
      if (!load.trusted && load.drawA > (worthOf.get(load.key) ?? 0) + 0.5) for (const id of load.path) unrulyUntil.set(id, atMs + unrulyGraceMs)
    }
    first = false
    let anyOver = false
    const all = balances(nodes, voltage, moment, loads.map((load) => ({ ...load, worthA: load.trusted ? Math.max(load.drawA, load.permitA) : load.drawA })))
    // What ended is not over any more: what comes later has its own time.
    const held = new Set(all.map(({ node, on }) => `${node}/${on}`))
    for (const key of overSince.keys()) if (!held.has(key)) overSince.delete(key)
    for (const { node, on, loadA, limitA } of all) {
      const key = `${node}/${on}`
      const overA = loadA - limitA
      if (overA <= toleranceA) {
        overSince.delete(key)
        if (atMs > excusedMs + graceMs) worstMarginA = Math.min(worstMarginA ?? Infinity, -overA)
        continue
      }
      anyOver = true
      const below = loads.filter((load) => load.path.includes(node))
      const alerted = moment.alerted(node, on, below.map(({ key: each }) => each))
      const culprits = risen.filter((load) => load.path.includes(node) && bears(load, on))
      // As far as the meter is off nobody knows better; between two phases it is off twice.
      const unsureA = roots.has(node) ? moment.noiseA * (on.includes('-') ? 2 : 1) : 0
      if (culprits.length > 0 && overA > toleranceA + unsureA && atMs > excusedMs + graceMs && atMs > (unrulyUntil.get(node) ?? 0) && !alerted && awakeSinceMs !== null) {
        findings.add('I1', `${node} ${on}: ${round(loadA)} A against ${round(limitA)} A, and ${culprits.map((load) => `${load.key} may draw ${round(load.permitA)} A, before ${round(worthOf.get(load.key) ?? 0)} A`).join(', ')}`)
      }
      // Nobody can speak of what the meter has not shown.
      if (overA - (roots.has(node) ? moment.missedA(on) : 0) <= toleranceA) {
        overSince.delete(key)
        continue
      }
      const sinceMs = overSince.get(key) ?? atMs
      overSince.set(key, sinceMs)
      if (awakeSinceMs === null || alerted) continue
      const hidden = below.some((load) => !load.trusted && load.unmetered)
      const within = below.some((load) => !load.trusted) ? unrulyWithinMs : alertedWithinMs
      const knownMs = Math.max(sinceMs, Math.max(awakeSinceMs, moment.contactMs) + contactMs)
      if (!hidden && atMs - knownMs > within) findings.add('alerted', `${node} ${on} has been over by ${round(overA)} A for ${Math.round((atMs - sinceMs) / 1000)} s, and no alert says so`)
    }
    if (anyOver) overMs += Math.max(0, atMs - lastMs)
    lastMs = atMs
    for (const load of loads) worthOf.set(load.key, load.trusted ? Math.max(load.drawA, load.permitA) : load.drawA)
    // A car that comes is no surprise: whatever may start is reserved for.
    const here = new Set(loads.map(({ key }) => key))
    for (const key of worthOf.keys()) if (!here.has(key)) worthOf.set(key, 0)
  }

  return {
    observe,
    excuse(atMs) { excusedMs = Math.max(excusedMs, atMs) },
    get worstMarginA() { return worstMarginA },
    get overSeconds() { return Math.round(overMs / 1000) },
  }
}

export function round(amps: number): number {
  return Math.round(amps * 100) / 100
}
