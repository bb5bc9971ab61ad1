// The circuits of a site as a tree in the site's own phases, and where each connector hangs in it.
import { perPhase, phases, type ChargePointConfig, type ConnectorConfig, type Phase, type PhaseAmps, type SiteConfig, connectorKey } from './site.ts'

export interface CircuitNode {
  readonly id: string
  readonly parent: string | null
  /** Node ids from this node up to the site. */
  readonly path: readonly string[]
  /** The site phase that feeds this node's L1, L2, L3. */
  readonly feeds: Readonly<Record<Phase, Phase>>
  /** Limits by site phase, in amps; absent = none of its own. */
  readonly limitA: PhaseAmps | null
  readonly limitW: number | null
  /** How much more than another any phase may carry, A; absent or null = any. */
  readonly imbalanceLimitA?: number | null
}

/** What a DC connector gives at most, what of the grid's power that is, and what it gives for one amp on each of the grid's phases. */
export interface DirectCurrent { readonly maxW: number; readonly efficiency: number; readonly wattsPerA: number }

/** Where nothing is said of the efficiency: less than that of any sound rectifier, so that more is counted than drawn. */
const usualEfficiency = 0.9

/** A connector with its place in the tree; the static half of what the plan needs. */
export interface Outlet {
  readonly key: string
  readonly clientID: string
  readonly connectorId: number
  /** Node ids from its charge point (`chargePointNode`) over its circuit up to the site. */
  readonly path: readonly string[]
  /** The site phases of its L1, L2, L3. */
  readonly phases: readonly Phase[]
  readonly maxA: number
  readonly minA: number
  readonly stepA: number
  readonly fallbackA: number
  readonly control: 'engine' | 'none'
  readonly obeysLease: boolean
  readonly keepsProfiles: boolean
  /** Absent or null = AC. All amps of a DC connector are those of the grid: W / efficiency / (3 × voltage). */
  readonly dc?: DirectCurrent | null
}

export interface Tree {
  readonly site: SiteConfig
  /** The site's node first, then parents before children. */
  readonly nodes: readonly CircuitNode[]
  readonly outlets: ReadonlyMap<string, Outlet>
}

/** A configuration that cannot be built; `pointer` is a JSON pointer into the site (or charge point) it was found in. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
  readonly code: string
  readonly pointer: string
  constructor(code: string, pointer: string, message: string) {
    super(message)
    this.code = code
    this.pointer = pointer
  }
}

/** Builds the tree. Throws TreeError on an unknown parent or circuit, a cycle, or a circuit or connector named twice. */
export function buildTree(site: SiteConfig, chargePoints: readonly ChargePointConfig[]): Tree {
  const root: CircuitNode = {
    id: site.id, parent: null, path: [site.id], feeds: { L1: 'L1', L2: 'L2', L3: 'L3' }, limitA: null, limitW: site.limitW ?? null, imbalanceLimitA: site.imbalanceLimitA ?? null,
  }
  const nodes = new Map<string, CircuitNode>([[site.id, root]])
  let waiting = site.circuits.map((circuit, index) => ({ circuit, index }))
  const names = new Set([site.id])
  for (const { circuit, index } of waiting) {
    if (names.has(circuit.id)) throw new TreeError('duplicate-circuit', `/circuits/${index}/id`, `the circuit id "${circuit.id}" is used twice (a circuit may not carry the site's id either)`)
    names.add(circuit.id)
  }
  while (waiting.length > 0) {
    const rest = waiting.filter(({ circuit, index }) => {
      const parent = nodes.get(circuit.parent ?? site.id)
      if (parent === undefined) {
        if (names.has(circuit.parent ?? '')) return true
        throw new TreeError('unknown-circuit', `/circuits/${index}/parent`, `circuit "${circuit.id}" hangs under "${circuit.parent}", which does not exist`)
      }
      const [l1, l2, l3] = circuit.rotation ?? phases
      const feeds = { L1: parent.feeds[l1 ?? 'L1'], L2: parent.feeds[l2 ?? 'L2'], L3: parent.feeds[l3 ?? 'L3'] }
      nodes.set(circuit.id, {
        id: circuit.id, parent: parent.id, path: [circuit.id, ...parent.path], feeds,
        limitA: circuit.limitA === undefined ? null : inSitePhases(perPhase(circuit.limitA), feeds),
        limitW: circuit.limitW ?? null, imbalanceLimitA: circuit.imbalanceLimitA ?? null,
      })
      return false
    })
    if (rest.length === waiting.length) {
      const { circuit, index } = rest[0]!
      throw new TreeError('circuit-cycle', `/circuits/${index}/parent`, `circuit "${circuit.id}" is its own ancestor`)
    }
    waiting = rest
  }
  const outlets = new Map<string, Outlet>()
  for (const chargePoint of chargePoints) {
    const node = nodes.get(chargePoint.circuit ?? site.id)
    if (node === undefined) throw new TreeError('unknown-circuit', '/circuit', `charge point "${chargePoint.id}" is on circuit "${chargePoint.circuit}", which site "${site.id}" does not have`)
    for (const [index, connector] of chargePoint.connectors.entries()) {
      const outlet = placeConnector(chargePoint, connector, node, site.voltage)
      if (outlets.has(outlet.key)) throw new TreeError('duplicate-connector', `/connectors/${index}/id`, `connector ${connector.id} of charge point "${chargePoint.id}" is named twice`)
      outlets.set(outlet.key, outlet)
    }
  }
  return { site, nodes: [...nodes.values()], outlets }
}

/** The node of a charge point in the paths of its connectors; no circuit can be called so. */
export function chargePointNode(clientID: string): string {
  return `chargepoint:${clientID}`
}

/** The circuit a connector hangs on; null = the site itself. */
export function circuitOf({ path }: Outlet): string | null {
  return path.length > 2 ? path[1]! : null
}

/** What a DC connector is in terms of the grid; null = an AC connector. */
export function directCurrentOf({ current, maxW, efficiency = usualEfficiency }: Pick<ConnectorConfig, 'current' | 'maxW' | 'efficiency'>, voltage: number): DirectCurrent | null {
  return current === 'AC' || maxW === undefined ? null : { maxW, efficiency, wattsPerA: 3 * voltage * efficiency }
}

/** The most a connector can take from the grid, A on each of its phases; of DC in hundredths, never less than it is. */
export function mostA(connector: Pick<ConnectorConfig, 'current' | 'maxW' | 'efficiency' | 'maxA'>, voltage: number): number {
  const dc = directCurrentOf(connector, voltage)
  return dc === null ? connector.maxA : Math.ceil((dc.maxW / dc.wattsPerA) * 100 - 1e-9) / 100
}

function placeConnector(chargePoint: ChargePointConfig, connector: ConnectorConfig, node: CircuitNode, voltage: number): Outlet {
  return {
    key: connectorKey(chargePoint.id, connector.id),
    clientID: chargePoint.id,
    connectorId: connector.id,
    path: [chargePointNode(chargePoint.id), ...node.path],
    phases: connector.phases ?? phases.map((phase) => node.feeds[phase]),
    maxA: mostA(connector, voltage), minA: connector.minA, stepA: connector.stepA,
    fallbackA: chargePoint.fallbackA,
    control: chargePoint.control, obeysLease: chargePoint.obeysLease, keepsProfiles: chargePoint.keepsProfiles, dc: directCurrentOf(connector, voltage),
  }
}

function inSitePhases(own: PhaseAmps, feeds: Readonly<Record<Phase, Phase>>): PhaseAmps {
  const site: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  for (const phase of phases) site[feeds[phase]] = own[phase]
  return site
}
