// Circuits as a tree: who hangs where, also what hangs on nothing, and what binds in words.
import { describe, expect, it } from 'vitest'
import type { ConnectorPowerView, NodePowerView } from '../../src/actors/views.ts'
import { boundPhases, treeOf } from '../../web/src/pages/circuits/tree.ts'

const zero = { L1: 0, L2: 0, L3: 0 }
const node = (id: string, parent: string | null): NodePowerView => ({ id, parent, limitA: zero, binding: { L1: 'fuse', L2: 'fuse', L3: 'fuse' }, measuredA: zero, measured: 'all', reservedA: zero, headroomA: zero, shedding: false })
const connector = (clientID: string, circuit: string | null, transactionId: number | null): ConnectorPowerView => ({ clientID, connectorId: 1, circuit, status: 'Charging', online: true, transactionId, doing: transactionId === null ? null : 'charging', requestedA: 0, allocatedA: 0, confirmedA: 0, reservedA: 0, measuredA: 0, measuredAt: null, binding: 'fuse' })

describe('the tree of circuits', () => {
  it('hangs circuits under their parents and connectors on their circuits, and counts whole branches', () => {
    const tree = treeOf({ circuits: [node('b', 'a'), node('main', null), node('a', 'main')], connectors: [connector('X', 'b', 7), connector('Y', null, null), connector('Z', 'gone', 8)] })
    expect(tree?.counts).toEqual({ connectors: 3, charging: 2 })
    expect(tree?.connectors.map(({ clientID }) => clientID)).toEqual(['Y', 'Z'])
    expect(tree?.children.map((a) => [a.node.id, a.counts, a.children.map((b) => b.node.id)])).toEqual([['a', { connectors: 1, charging: 1 }, ['b']]])
    expect(treeOf({ circuits: [], connectors: [] })).toBeNull()
  })

  it('names the phases only where they are bound by different limits', () => {
    const words = (source: string): string => `the ${source}`
    expect(boundPhases(node('a', null), words)).toBe('the fuse')
    expect(boundPhases({ binding: { L1: 'fuse', L2: 'curtailment', L3: 'fuse' } }, words)).toBe('L1, L3 by the fuse; L2 by the curtailment')
  })
})
