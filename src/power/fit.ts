// Whether a configuration can be safe at all: every fallback and the worst base load at once, under every limit.
import { constraintsAt } from './limits.ts'
import { boundsAbove, capacities, layGround, subtract, type Place } from './loads.ts'
import { openRow } from './ledger.ts'
import { perPhase } from './site.ts'
import type { Outlet, Tree } from './tree.ts'

/** Per limit that does not hold: the node, phase (or W), the sum, the limit, and whose fallback could be 0. */
export interface Misfit {
  readonly nodeID: string
  readonly on: string
  readonly sum: number
  readonly limit: number
  readonly source: string
  readonly reducible: readonly string[]
  readonly message: string
}

/** Σ fallback (hardware maximum where nothing is steered) + baseLoad.worstCaseA against every limit (I5). Empty = it fits. */
export function findMisfits(tree: Tree): Misfit[] {
  const constraints = constraintsAt(tree, null, 0)
  const ground = layGround(tree, constraints)
  const left = capacities(ground, perPhase(tree.site.baseLoad.worstCaseA))
  const places = [...tree.outlets.values()].map(placeFor)
  for (const place of places) {
    const heldA = place.outlet.control === 'none' ? place.outlet.maxA : place.outlet.fallbackA
    subtract(ground, left, place, { anyCarA: heldA, thisCarA: heldA })
  }
  return constraints.flatMap(({ nodeID, on, capacity, source }, index) => {
    if (left[index]! >= -1e-6) return []
    const reducible = places.filter((place) => place.outlet.control === 'engine' && place.outlet.fallbackA > 0 && boundsAbove(ground, place, place.outlet.phases).some((bound) => bound.index === index)).map((place) => place.outlet.key)
    const sum = Math.round((capacity - left[index]!) * 100) / 100
    const unit = on === 'W' ? 'W' : 'A'
    const fix = reducible.length === 0 ? 'Raise the limit or lower baseLoad.worstCaseA.' : `Set fallbackA: 0 on some of ${reducible.slice(0, 10).join(', ')}${reducible.length > 10 ? ` and ${reducible.length - 10} more` : ''}, or raise the limit.`
    return [{ nodeID, on, sum, limit: capacity, source, reducible, message: `${nodeID} ${on}: fallbacks and worst base load add up to ${sum} ${unit}, the limit (${source}) is ${capacity} ${unit}. ${fix}` }]
  })
}

function placeFor(outlet: Outlet): Place {
  return { outlet, row: openRow(outlet.maxA, false), online: false, vehiclePhases: null, vehicleMaxA: null, priority: 0, weight: 1, queuedAtMs: 0 }
}
