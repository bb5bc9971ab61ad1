// Splits a site into zones that share nothing: a constraint that all its connectors at their worst cannot fill binds nobody.
import type { Constraint } from './limits.ts'
import { carPhases, type Load, type Place } from './loads.ts'
import type { Phase } from './site.ts'
import type { Outlet, Tree } from './tree.ts'

/** Where each of the given places hangs, by their order. */
export interface Layout {
  readonly tree: Tree
  readonly outlets: readonly Outlet[]
  /** Index of its circuit in `tree.nodes`. */
  readonly nodeOf: readonly number[]
  /** The piece of its circuit it is in: what one place under no constraint changes is looked at again piece by piece. */
  readonly pieceOf: readonly number[]
  readonly nodes: ReadonlyMap<string, number>
  readonly parents: readonly number[]
}

export interface Zone {
  /** The topmost node whose constraint may bind, or the number of a piece that none does. */
  readonly id: string | number
  /** Those that may bind, in the order given. */
  readonly constraints: readonly Constraint[]
  /** In the order given. */
  readonly places: readonly Place[]
}

const pieceSize = 32

/** Every connector of a charge point is in the same piece. */
export function layOut(tree: Tree, places: readonly Place[]): Layout {
  const nodes = new Map(tree.nodes.map(({ id }, index) => [id, index]))
  const pieces = new Map<string, number>()
  const open = new Map<number, { readonly number: number; size: number }>()
  let count = 0
  const nodeOf = places.map(({ outlet }) => nodes.get(outlet.path[1] ?? '') ?? 0)
  const pieceOf = places.map(({ outlet: { clientID } }, index) => {
    const known = pieces.get(clientID)
    if (known !== undefined) return known
    const last = open.get(nodeOf[index]!)
    const piece = last !== undefined && last.size < pieceSize ? last : { number: count++, size: 0 }
    piece.size++
    open.set(nodeOf[index]!, piece)
    pieces.set(clientID, piece.number)
    return piece.number
  })
  return { tree, outlets: places.map(({ outlet }) => outlet), nodeOf, pieceOf, nodes, parents: tree.nodes.map(({ parent }) => (parent === null ? -1 : nodes.get(parent)!)) }
}

/**
 * `left` = what each constraint has for its connectors; `most` = the most each place can be counted
 * with, whatever is decided. Zones with the constraints come first, in their order.
 */
export function splitZones({ nodeOf, pieceOf, nodes, parents, tree }: Layout, constraints: readonly Constraint[], left: readonly number[], places: readonly Place[], most: readonly Load[]): Zone[] {
  const inTree = sumUp(places, most, nodeOf, parents)
  // Only what people ask of whole charge points stands on nodes outside the tree.
  const strange = new Set(constraints.flatMap(({ nodeID }) => (nodes.has(nodeID) ? [] : [nodeID])))
  const beside = new Map<string, Sums>()
  if (strange.size > 0) for (const [index, place] of places.entries()) if (strange.has(place.outlet.path[0]!)) add(beside, place, most[index]!)
  const binding = constraints.filter(({ nodeID, on }, index) => {
    const at = nodes.get(nodeID)
    const sums = at === undefined ? beside.get(nodeID) : inTree[at]
    return !(fullest(sums ?? nothing, on, tree.site.voltage) <= left[index]! + 1e-9)
  })
  const bindingAt = new Set(binding.map(({ nodeID }) => nodeID))
  const tops: (string | null)[] = []
  for (const [index, { id }] of tree.nodes.entries()) tops.push((parents[index] === -1 ? null : tops[parents[index]!]!) ?? (bindingAt.has(id) ? id : null))
  const zones = new Map<string | number, { id: string | number; constraints: Constraint[]; places: Place[] }>()
  const zoneOf = (id: string | number) => {
    const known = zones.get(id)
    if (known !== undefined) return known
    const made = { id, constraints: [], places: [] }
    zones.set(id, made)
    return made
  }
  const aloft = new Map<string, string | null>()
  if (bindingAt.size > 0 && strange.size > 0) for (const [index, { outlet }] of places.entries()) if (strange.has(outlet.path[0]!)) aloft.set(outlet.path[0]!, tops[nodeOf[index]!]!)
  for (const constraint of binding) {
    const at = nodes.get(constraint.nodeID)
    zoneOf((at === undefined ? aloft.get(constraint.nodeID) : tops[at]) ?? constraint.nodeID).constraints.push(constraint)
  }
  for (let index = 0; index < places.length; index++) {
    const place = places[index]!
    const top = tops[nodeOf[index]!]!
    const own = strange.size > 0 && bindingAt.has(place.outlet.path[0]!) ? place.outlet.path[0]! : null
    zoneOf(top ?? own ?? pieceOf[index]!).places.push(place)
  }
  return [...zones.values()]
}

/** On each of the site's phases, all together. */
type Sums = Record<Phase, number>

const nothing: Sums = { L1: 0, L2: 0, L3: 0 }

function sumUp(places: readonly Place[], most: readonly Load[], nodeOf: readonly number[], parents: readonly number[]): readonly Sums[] {
  const sums: Sums[] = parents.map(() => ({ L1: 0, L2: 0, L3: 0 }))
  for (let index = 0; index < places.length; index++) {
    const load = most[index]!
    if (load.thisCarA > 0) addLoad(sums[nodeOf[index]!]!, places[index]!, load)
  }
  for (let index = sums.length - 1; index > 0; index--) {
    const sum = sums[index]!
    const above = sums[parents[index]!]!
    above.L1 += sum.L1
    above.L2 += sum.L2
    above.L3 += sum.L3
  }
  return sums
}

function addLoad(sum: Sums, place: Place, { anyCarA, thisCarA }: Load): void {
  for (const phase of place.outlet.phases) sum[phase] += anyCarA
  if (thisCarA > anyCarA) for (const phase of carPhases(place)) sum[phase] += thisCarA - anyCarA
}

function add(sums: Map<string, Sums>, place: Place, load: Load): void {
  const sum = sums.get(place.outlet.path[0]!) ?? { ...nothing }
  addLoad(sum, place, load)
  sums.set(place.outlet.path[0]!, sum)
}

/** A constraint between two phases is filled by all that loads the first: at worst none of it loads the second. */
function fullest(sums: Sums, on: Constraint['on'], voltage: number): number {
  if (on === 'W') return (sums.L1 + sums.L2 + sums.L3) * voltage
  const [phase] = on.split('-')
  return phase === 'L1' ? sums.L1 : phase === 'L2' ? sums.L2 : sums.L3
}
