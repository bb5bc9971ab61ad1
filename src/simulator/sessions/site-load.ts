// What the site carries while sessions are played: the current drawn, what could be drawn, and how near that came to a limit.
import { constraintsAt, type GridLimit, type TimedLimit } from '../../power/limits.ts'
import { phases, type Phase, type PhaseAmps } from '../../power/site.ts'
import type { Tree } from '../../power/tree.ts'

/** Amps per used phase that a connector draws, and that its profiles let it draw. */
export interface Draw { readonly drawnA: number; readonly couldA: number; readonly phases: readonly Phase[] }

interface Watched { readonly on: Phase | 'W'; readonly capacity: number; readonly base: boolean; readonly nodeID: string; couldBe: number }

export interface SiteLoad {
  /** The connector draws this from now on. */
  set(key: string, draw: Draw): void
  setBase(baseA: PhaseAmps): void
  /** Takes note of this moment, under what limits the site for a time besides. */
  look(held: readonly TimedLimit[]): void
  /** What the site imports, the building included, W. */
  readonly drawnW: number
  /** Highest current drawn on a phase of the site, the building left out, A. */
  readonly peakA: number
  /** Least distance between a limit and what could be drawn under it (watts as amps on three phases), A; null = nothing limits. */
  readonly worstMarginA: number | null
}

export function watchLoad(tree: Tree, grid: GridLimit | null, nowMs: number): SiteLoad {
  const draws = new Map<string, Draw>()
  const drawnA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  let baseA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const { voltage, id } = tree.site
  const watched: Watched[] = constraintsAt(tree, grid, nowMs).flatMap(({ nodeID, on, capacity }) => (
    on === 'W' || on === 'L1' || on === 'L2' || on === 'L3' ? [{ nodeID, on, capacity, base: nodeID === id, couldBe: 0 }] : []
  ))
  const above = new Map([...tree.outlets.values()].map(({ key, path }) => [key, watched.filter(({ nodeID }) => path.includes(nodeID))]))
  const couldA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  let peakA = 0
  let worst = Infinity

  function add(key: string, draw: Draw, sign: 1 | -1): void {
    for (const phase of draw.phases) {
      drawnA[phase] += sign * draw.drawnA
      couldA[phase] += sign * draw.couldA
    }
    for (const one of above.get(key) ?? []) {
      if (one.on === 'W') one.couldBe += sign * draw.couldA * draw.phases.length * voltage
      else if (draw.phases.includes(one.on)) one.couldBe += sign * draw.couldA
    }
  }

  return {
    set(key, draw) {
      const before = draws.get(key)
      if (before !== undefined) add(key, before, -1)
      draws.set(key, draw)
      add(key, draw, 1)
    },
    setBase(amps) { baseA = amps },
    look(held) {
      for (const phase of phases) peakA = Math.max(peakA, drawnA[phase])
      for (const { on, capacity, base, couldBe } of watched) {
        const carried = couldBe + (base ? (on === 'W' ? voltage * (baseA.L1 + baseA.L2 + baseA.L3) : baseA[on]) : 0)
        worst = Math.min(worst, (capacity - carried) / (on === 'W' ? 3 * voltage : 1))
      }
      for (const { currentA, powerW } of held) {
        const carriedA = phases.map((phase) => baseA[phase] + couldA[phase])
        if (currentA !== undefined) worst = Math.min(worst, currentA - Math.max(...carriedA))
        if (powerW !== undefined) worst = Math.min(worst, (powerW / voltage - carriedA.reduce((sum, amps) => sum + amps, 0)) / 3)
      }
    },
    get drawnW() { return voltage * phases.reduce((sum, phase) => sum + Math.max(0, baseA[phase] + drawnA[phase]), 0) },
    get peakA() { return round(peakA) },
    get worstMarginA() { return worst === Infinity ? null : round(worst) },
  }
}

function round(amps: number): number {
  return Math.round(amps * 100) / 100 + 0
}
