// Whether a configuration can be safe at all: every fallback and the worst base load at once, under every limit.
import { constraintsAt, isPhase } from './limits.ts'
import { boundsAbove, capacities, layGround, subtract, type Place } from './loads.ts'
import { openRow } from './ledger.ts'
import { perPhase, phases } from './site.ts'
import type { Outlet, Tree } from './tree.ts'

/** Per limit that does not hold: the node, phases (`L1`, `L1, L3`, `L1–L3`) or `W`, the sum, the limit, and whose fallback could be 0. */
export interface Misfit {
  readonly nodeID: string
  readonly on: string
  readonly sum: number
  readonly limit: number
  readonly source: string
  readonly reducible: readonly string[]
  readonly message: string
}

/** The base load can tilt the phases or not; only what the fallbacks do alone is held against a configuration. */
const level = { 'L1-L2': 0, 'L1-L3': 0, 'L2-L1': 0, 'L2-L3': 0, 'L3-L1': 0, 'L3-L2': 0 }

/** Σ fallback (hardware maximum where nothing is steered) + baseLoad.worstCaseA against every limit (I5). Empty = it fits. */
export function findMisfits(tree: Tree): Misfit[] {
  const constraints = constraintsAt(tree, null, 0)
  const ground = layGround(tree, constraints)
  const left = capacities(ground, { ...perPhase(tree.site.baseLoad.worstCaseA), between: level })
  const places = [...tree.outlets.values()].map(placeFor)
  for (const place of places) {
    const heldA = place.outlet.control === 'none' ? place.outlet.maxA : place.outlet.fallbackA
    subtract(ground, left, place, { anyCarA: heldA, thisCarA: heldA })
  }
  const misfits = new Map<string, Omit<Misfit, 'on' | 'message'> & { readonly on: string[] }>()
  for (const [index, { nodeID, on, capacity: limit, source }] of constraints.entries()) {
    if (left[index]! >= -1e-6) continue
    const reducible = places.filter((place) => place.outlet.control === 'engine' && place.outlet.fallbackA > 0 && boundsAbove(ground, place, place.outlet.phases).some((bound) => bound.index === index)).map((place) => place.outlet.key)
    const sum = Math.round((limit - left[index]!) * 100) / 100
    const key = JSON.stringify([nodeID, on === 'W' ? on : isPhase(on), sum, limit, source, reducible])
    const same = misfits.get(key)
    if (same === undefined) misfits.set(key, { nodeID, on: [on], sum, limit, source, reducible })
    else same.on.push(on)
  }
  return [...misfits.values()].map((misfit) => {
    const on = misfit.on.join() === phases.join() ? 'L1–L3' : misfit.on.join(', ')
    return { ...misfit, on, message: sentence({ ...misfit, on }, misfit.nodeID === tree.site.id) }
  })
}

/** The base load hangs at the site's own node; below it there are only fallbacks. */
function sentence({ nodeID, on, sum, limit, source, reducible }: Omit<Misfit, 'message'>, atSite: boolean): string {
  const unit = on === 'W' ? 'W' : 'A'
  const tilts = source.startsWith('imbalance:')
  const some = `${reducible.slice(0, 10).join(', ')}${reducible.length > 10 ? ` and ${reducible.length - 10} more` : ''}`
  const fix = reducible.length > 0 ? `Set fallbackA: 0 on some of ${some}, or raise the limit.` : atSite && !tilts ? 'Raise the limit or lower baseLoad.worstCaseA.' : 'Raise the limit.'
  if (tilts) return `${nodeID} ${on}: cars on one phase could tilt the phases by ${sum} A with the fallbacks alone, the limit (${source}) is ${limit} A. ${fix}`
  return `${nodeID} ${on}: fallbacks ${atSite ? 'and worst base load ' : ''}add up to ${sum} ${unit}, the limit (${source}) is ${limit} ${unit}. ${fix}`
}

function placeFor(outlet: Outlet): Place {
  return { outlet, row: openRow(outlet.maxA, false), online: false, vehiclePhases: null, vehicleMaxA: null, profileCap: null, priority: 0, weight: 1, queuedAtMs: 0 }
}
