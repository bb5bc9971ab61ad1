// The limits that hold at an instant, each with its source, reduced to one constraint per node and phase (or watts).
import { perPhase, phases, type Phase, type PhaseAmps, type SiteConfig } from './site.ts'
import type { Tree } from './tree.ts'

/** The standing grid limit as a manager set it: exactly one of currentA (per phase) and powerW. */
export interface GridLimit {
  readonly currentA?: number
  readonly powerW?: number
  readonly reason?: string
  readonly setAtMs: number
  /** When it lapses into the site's failsafe; absent = never. */
  readonly expiresAtMs?: number
}

/** At most `capacity` amps on one phase of a node, or watts over all phases. */
export interface Constraint {
  readonly nodeID: string
  readonly on: Phase | 'W'
  readonly capacity: number
  /** fuse, grid-limit, failsafe, circuit:<id>, profile:<id> (a ChargePointMaxProfile of people, on the node of its charge point) */
  readonly source: string
}

/** What charging profiles of people ask for at the nodes of their charge points, and when that changes, ms; Infinity = not without news. */
export interface Imposed {
  readonly constraints: readonly Constraint[]
  readonly nextAtMs: number
}

/** A limit the site stands for. What people ask of a charge point by a profile is planned with; where it cannot be had (out of reach), no fuse is in danger and nobody is alarmed. */
export function isPromised({ source }: Constraint): boolean {
  return !source.startsWith('profile:')
}

/** True once a limit with a time to live has lapsed: the energy manager went silent, the failsafe holds. */
export function hasLapsed(limit: GridLimit | null, nowMs: number): boolean {
  return limit?.expiresAtMs !== undefined && nowMs >= limit.expiresAtMs
}

/** Every limit imposed on a site's own node now, unreduced, most permanent first. */
export function siteLimits(site: SiteConfig, grid: GridLimit | null, nowMs: number): Constraint[] {
  const fuse = perPhase(site.fuseA)
  const list: Constraint[] = phases.map((phase) => ({ nodeID: site.id, on: phase, capacity: fuse[phase], source: 'fuse' }))
  if (site.limitW !== undefined) list.push({ nodeID: site.id, on: 'W', capacity: site.limitW, source: `circuit:${site.id}` })
  if (grid === null) return list
  const lapsed = hasLapsed(grid, nowMs)
  const currentA = lapsed ? site.failsafeA : grid.currentA
  const source = lapsed ? 'failsafe' : 'grid-limit'
  if (currentA !== undefined) for (const phase of phases) list.push({ nodeID: site.id, on: phase, capacity: currentA, source })
  else if (grid.powerW !== undefined) list.push({ nodeID: site.id, on: 'W', capacity: grid.powerW, source })
  return list
}

/** The site's own limit per phase, for judging its meter; Infinity where only watts are limited. */
export function siteLimitA(site: SiteConfig, grid: GridLimit | null, nowMs: number): PhaseAmps {
  const limit: PhaseAmps = { L1: Infinity, L2: Infinity, L3: Infinity }
  for (const { on, capacity } of siteLimits(site, grid, nowMs)) if (on !== 'W') limit[on] = Math.min(limit[on], capacity)
  return limit
}

/** One constraint per node and phase or watts: the lowest of those active; the most permanent source wins a tie. In the same order however the circuits are listed. */
export function constraintsAt(tree: Tree, grid: GridLimit | null, nowMs: number, imposed: readonly Constraint[] = []): Constraint[] {
  const lowest = new Map<string, Constraint>()
  const offer = (constraint: Constraint) => {
    const key = `${constraint.nodeID} ${constraint.on}`
    const other = lowest.get(key)
    if (other === undefined || constraint.capacity < other.capacity) lowest.set(key, constraint)
  }
  for (const constraint of siteLimits(tree.site, grid, nowMs)) offer(constraint)
  const circuits = tree.nodes.filter((node) => node.parent !== null).sort((a, b) => a.path.length - b.path.length || (a.id < b.id ? -1 : 1))
  for (const node of circuits) {
    const source = `circuit:${node.id}`
    if (node.limitA !== null) for (const phase of phases) offer({ nodeID: node.id, on: phase, capacity: node.limitA[phase], source })
    if (node.limitW !== null) offer({ nodeID: node.id, on: 'W', capacity: node.limitW, source })
  }
  for (const constraint of [...imposed].sort((a, b) => (`${a.nodeID} ${a.source}` < `${b.nodeID} ${b.source}` ? -1 : 1))) offer(constraint)
  return [...lowest.values()]
}

/** The lowest active limit of the site for display: amps per phase and watts over three phases, converted by 3 × voltage. */
export function effectiveLimit(site: SiteConfig, grid: GridLimit | null, nowMs: number): { currentA: number; powerW: number; binding: string } {
  const perAmp = 3 * site.voltage
  let best = { currentA: Infinity, binding: 'fuse' }
  for (const { on, capacity, source } of siteLimits(site, grid, nowMs)) {
    const currentA = on === 'W' ? capacity / perAmp : capacity
    if (currentA < best.currentA) best = { currentA, binding: source }
  }
  return { currentA: Math.floor(best.currentA * 100 + 1e-9) / 100, powerW: Math.floor(best.currentA * perAmp + 1e-6), binding: best.binding }
}
