// The circuits of a site as a tree, with the connectors that hang on each, and what stands out of a whole branch.
import type { ConnectorPowerView, NodePowerView, PowerView } from '../../../../src/actors/views.ts'

export interface Branch {
  readonly node: NodePowerView
  readonly children: readonly Branch[]
  /** Those that hang on it directly. */
  readonly connectors: readonly ConnectorPowerView[]
  /** Of everything below it. */
  readonly counts: { readonly connectors: number; readonly charging: number }
}

/** null while the site has no node of its own. A connector on a circuit that is not there hangs on the site. */
export function treeOf({ circuits, connectors }: Pick<PowerView, 'circuits' | 'connectors'>): Branch | null {
  const root = circuits.find(({ parent }) => parent === null)
  if (root === undefined) return null
  const ids = new Set(circuits.map(({ id }) => id))
  const hangsOn = grouped(connectors, ({ circuit }) => (circuit !== null && ids.has(circuit) ? circuit : root.id))
  const below = grouped(circuits.filter(({ id }) => id !== root.id), ({ parent }) => (parent !== null && ids.has(parent) ? parent : root.id))
  const branch = (node: NodePowerView): Branch => {
    const children = (below.get(node.id) ?? []).map(branch)
    const own = hangsOn.get(node.id) ?? []
    return {
      node, children, connectors: own,
      counts: {
        connectors: own.length + children.reduce((sum, { counts }) => sum + counts.connectors, 0),
        charging: own.filter(({ transactionId }) => transactionId !== null).length + children.reduce((sum, { counts }) => sum + counts.charging, 0),
      },
    }
  }
  return branch(root)
}

/** What binds, with the phases it binds: `the fuse (L1, L2, L3)`. */
export function boundPhases({ binding }: Pick<NodePowerView, 'binding'>, words: (source: string) => string): string {
  const phases = (['L1', 'L2', 'L3'] as const).filter((phase) => binding[phase] !== '')
  const by = grouped(phases, (phase) => binding[phase])
  if (by.size === 1) return [...by.keys()].map(words).join()
  return [...by].map(([source, list]) => `${list.join(', ')} by ${words(source)}`).join('; ')
}

function grouped<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}
