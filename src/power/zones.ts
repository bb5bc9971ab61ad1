// Splits a site into zones that share nothing: a constraint that all its connectors at their worst cannot fill binds nobody.
import type { Constraint } from './limits.ts'
import { carPhases, type Load, type Place } from './loads.ts'
import type { Phase } from './site.ts'
import type { Outlet, Tree } from './tree.ts'

/** Where each of the given places hangs, by their order. */
export interface Layout {
  readonly tree: Tree
  readonly outlets: readonly Outlet[]
  /** Index of its circuit in `tree.nodes`, and back. */
  readonly nodeOf: readonly number[]
  readonly placesAt: readonly (readonly number[])[]
  /** The piece of its circuit it is in: what one place under no constraint changes is looked at again piece by piece. */
  readonly pieceOf: readonly number[]
  readonly nodes: ReadonlyMap<string, number>
  readonly parents: readonly number[]
}

/** The topmost node whose constraint may bind and all below it, or the number of a piece that none does: by the places' order. */
export interface Zone {
  readonly id: string | number
  readonly members: readonly number[]
}

export interface Zones {
  /** One text per way of dividing the site. */
  readonly shape: string
  readonly list: readonly Zone[]
  /** Index in `list`, by the places' order. */
  readonly zoneOf: readonly number[]
}

/** On each of the site's phases, all together. */
export type Sums = Record<Phase, number>

const pieceSize = 32

/** Every connector of a charge point is in the same piece. */
export function layOut(tree: Tree, places: readonly Place[]): Layout {
  const nodes = new Map(tree.nodes.map(({ id }, index) => [id, index]))
  const pieces = new Map<string, number>()
  const open = new Map<number, { readonly number: number; size: number }>()
  const placesAt: number[][] = tree.nodes.map(() => [])
  let count = 0
  const nodeOf = places.map(({ outlet }, index) => {
    const node = nodes.get(outlet.path[1] ?? '') ?? 0
    placesAt[node]!.push(index)
    return node
  })
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
  return { tree, outlets: places.map(({ outlet }) => outlet), nodeOf, placesAt, pieceOf, nodes, parents: tree.nodes.map(({ parent }) => (parent === null ? -1 : nodes.get(parent)!)) }
}

/** What the places of one circuit itself come to when each is counted with the most it can be. */
export function sumOf(members: readonly number[], places: readonly Place[], mostOf: (index: number) => Load): Sums {
  const sum: Sums = { L1: 0, L2: 0, L3: 0 }
  for (const index of members) {
    const { anyCarA, thisCarA } = mostOf(index)
    if (thisCarA === 0) continue
    const place = places[index]!
    for (const phase of place.outlet.phases) sum[phase] += anyCarA
    if (thisCarA > anyCarA) for (const phase of carPhases(place)) sum[phase] += thisCarA - anyCarA
  }
  return sum
}

/** Which constraints may bind: `left` = what each has for its connectors, `own` = what every circuit's own places come to at most, `beside` = the same of a node that is no circuit. */
export function bindingOf({ nodes, parents, tree }: Layout, constraints: readonly Constraint[], left: readonly number[], own: readonly Sums[], beside: (nodeID: string) => Sums): Constraint[] {
  const sums = own.map((sum) => ({ ...sum }))
  for (let index = sums.length - 1; index > 0; index--) {
    const [sum, above] = [sums[index]!, sums[parents[index]!]!]
    above.L1 += sum.L1
    above.L2 += sum.L2
    above.L3 += sum.L3
  }
  return constraints.filter(({ nodeID, on }, index) => {
    const at = nodes.get(nodeID)
    return !(fullest(at === undefined ? beside(nodeID) : sums[at]!, on, tree.site.voltage) <= left[index]! + 1e-9)
  })
}

/** A constraint between two phases is filled by all that loads the first: at worst none of it loads the second. */
function fullest(sums: Sums, on: Constraint['on'], voltage: number): number {
  if (on === 'W') return (sums.L1 + sums.L2 + sums.L3) * voltage
  return on.startsWith('L1') ? sums.L1 : on.startsWith('L2') ? sums.L2 : sums.L3
}

/** The zones under those constraints; `before` where the site divides as it did. */
export function divide({ tree, nodes, nodeOf, pieceOf, outlets, parents }: Layout, binding: readonly Constraint[], before: Zones | null): { readonly zones: Zones; readonly constraintsOf: ReadonlyMap<string | number, readonly Constraint[]> } {
  const bindingAt = new Set(binding.map(({ nodeID }) => nodeID))
  const tops: (string | null)[] = []
  for (const [index, { id }] of tree.nodes.entries()) tops.push((parents[index] === -1 ? null : tops[parents[index]!]!) ?? (bindingAt.has(id) ? id : null))
  // Only what people ask of whole charge points stands on nodes that are no circuits.
  const strange = new Map([...bindingAt].flatMap((nodeID) => (nodes.has(nodeID) ? [] : [[nodeID, null as string | null]])))
  if (strange.size > 0) for (const [index, { path }] of outlets.entries()) if (strange.has(path[0]!)) strange.set(path[0]!, tops[nodeOf[index]!]!)
  const topOf = (nodeID: string) => (nodes.has(nodeID) ? tops[nodes.get(nodeID)!] : strange.get(nodeID)) ?? nodeID
  const constraintsOf = new Map<string | number, Constraint[]>()
  for (const constraint of binding) {
    const top = topOf(constraint.nodeID)
    const list = constraintsOf.get(top)
    if (list === undefined) constraintsOf.set(top, [constraint])
    else list.push(constraint)
  }
  const shape = [...constraintsOf.keys()].join('\n')
  if (before?.shape === shape) return { zones: before, constraintsOf }
  const list: { id: string | number; members: number[] }[] = [...constraintsOf.keys()].map((id) => ({ id, members: [] }))
  const numbers = new Map(list.map(({ id }, index) => [id, index]))
  const zoneOf = pieceOf.map((piece, index) => {
    const id = tops[nodeOf[index]!] ?? (strange.has(outlets[index]!.path[0]!) ? outlets[index]!.path[0]! : piece)
    const number = numbers.get(id) ?? list.push({ id, members: [] }) - 1
    numbers.set(id, number)
    list[number]!.members.push(index)
    return number
  })
  return { zones: { shape, list, zoneOf }, constraintsOf }
}
