// Which site phase feeds what, worked out from the site's description alone: the witness's own map of the wires.
import { perPhase, phases, type ChargePointConfig, type Phase, type PhaseAmps, type SiteConfig } from '../power/site.ts'

export interface WiredNode {
  readonly id: string
  readonly parent: string | null
  /** The site phases that feed its own L1, L2, L3. */
  readonly feeds: readonly Phase[]
  /** By site phase; null = no limit of its own. */
  readonly limitA: PhaseAmps | null
  readonly limitW: number | null
  /** By how much one phase may carry more than another, A. */
  readonly imbalanceLimitA: number | null
}

export interface Wiring {
  /** The site's own node first. */
  readonly nodes: readonly WiredNode[]
  /** Ids from a charge point's circuit up to the site, both included. */
  pathOf(chargePoint: ChargePointConfig): readonly string[]
  /** Site phases of a connector's L1, L2, L3, as many as are wired. */
  phasesOf(chargePoint: ChargePointConfig, connectorId: number): readonly Phase[]
}

/** The site has passed its checks: parents exist and form a tree. */
export function wireSite(site: SiteConfig): Wiring {
  const nodes = new Map<string, WiredNode>()
  nodes.set(site.id, { id: site.id, parent: null, feeds: phases, limitA: perPhase(site.fuseA), limitW: site.limitW ?? null, imbalanceLimitA: site.imbalanceLimitA ?? null })

  function add(id: string): WiredNode {
    const known = nodes.get(id)
    if (known !== undefined) return known
    const circuit = site.circuits.find((each) => each.id === id)
    if (circuit === undefined) throw new Error(`no circuit ${id}`)
    const above = add(circuit.parent ?? site.id)
    const feeds = (circuit.rotation ?? phases).map((own) => above.feeds[phases.indexOf(own)] ?? own)
    const own = circuit.limitA === undefined ? null : perPhase(circuit.limitA)
    const node: WiredNode = {
      id, parent: above.id, feeds,
      limitA: own === null ? null : bySitePhase(own, feeds),
      limitW: circuit.limitW ?? null,
      imbalanceLimitA: circuit.imbalanceLimitA ?? null,
    }
    nodes.set(id, node)
    return node
  }
  for (const circuit of site.circuits) add(circuit.id)

  return {
    nodes: [...nodes.values()],
    pathOf(chargePoint) {
      const path: string[] = []
      for (let id: string | null = chargePoint.circuit ?? site.id; id !== null; id = nodes.get(id)?.parent ?? null) path.push(id)
      return path
    },
    phasesOf(chargePoint, connectorId) {
      const config = chargePoint.connectors.find((each) => each.id === connectorId)
      return config?.phases ?? nodes.get(chargePoint.circuit ?? site.id)?.feeds ?? phases
    },
  }
}

function bySitePhase(own: PhaseAmps, feeds: readonly Phase[]): PhaseAmps {
  const at = (phase: Phase) => own[phases[feeds.indexOf(phase)] ?? phase]
  return { L1: at('L1'), L2: at('L2'), L3: at('L3') }
}
