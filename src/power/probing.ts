// What reclaim means for the sharing: the cap of a car that has shown what it takes, and which idle caps may be probed without taking from anybody.
import { grantSlot, type Row } from './ledger.ts'
import { boundsAbove, capacities, carPhases, subtract, type BaseAmps, type Load, type Place } from './loads.ts'
import { idleAtMs, probedA } from './reclaim.ts'
import { stretchOf } from './rungs.ts'
import type { Target, Targets } from './target.ts'

/** An idle cap that goes up to `capA`. */
export interface Probe { readonly key: string; readonly capA: number }

/** What the car on a connector with that minimum has shown to take, and one A; null = it has shown nothing less than its limit. */
export function reclaimCapA({ reclaim, transactionId }: Row, minA: number): number | null {
  return transactionId === null || reclaim === undefined || reclaim.capA === null ? null : Math.max(minA, reclaim.capA)
}

/** The same as an upper bound of what it is given, in watts for all the phases it may use; Infinity = none. */
export function shownA(place: Place): number {
  const capA = reclaimCapA(place.row, place.outlet.minA)
  return capA === null ? Infinity : capA * stretchOf(place)
}

/** How much more it may be given by a probe, A. */
export function probeA(place: Place): number {
  const capA = reclaimCapA(place.row, place.outlet.minA)
  return capA === null ? 0 : (probedA(capA, place.outlet.stepA) - capA) * stretchOf(place)
}

/** Those that are due go up by a step, each on top of the ones before it, where that fits beside all that is granted: nobody is lowered for it. */
export function probesOf(due: readonly Target[], { ground, targets }: Targets, baseA: BaseAmps): Probe[] {
  if (due.length === 0) return []
  const left = capacities(ground, baseA)
  for (const { place, stuck, defaultA, txA } of targets.values()) {
    const anyCarA = Math.max(stuck.anyCarA, defaultA)
    subtract(ground, left, place, { anyCarA, thisCarA: Math.max(stuck.thisCarA, anyCarA, txA) })
  }
  return due.toSorted((a, b) => (a.place.outlet.key < b.place.outlet.key ? -1 : 1)).flatMap(({ place, allocatedA }) => {
    const { outlet, row } = place
    const capA = probedA(reclaimCapA(row, outlet.minA)!, outlet.stepA)
    const growthA = Math.min(capA * stretchOf(place), outlet.maxA) - allocatedA
    const onTx = grantSlot(row) === 'tx'
    const bounds = boundsAbove(ground, place, onTx ? carPhases(place) : outlet.phases)
    if (bounds.some(({ index, perAmp }) => left[index]! < growthA * perAmp - 1e-6)) return []
    const grown: Load = { anyCarA: onTx ? 0 : growthA, thisCarA: growthA }
    subtract(ground, left, place, grown)
    return [{ key: outlet.key, capA }]
  })
}

/** Held by what its car has shown, and by nothing else, for 5 min. */
export function isDue({ place, allocatedA, binding, tied }: Target, nowMs: number, wake: { at(ms: number): void }): boolean {
  const atMs = idleAtMs(place.row.reclaim)
  if (atMs === null || tied !== null || binding !== 'vehicle' || allocatedA <= 0 || allocatedA < Math.floor(shownA(place)) - 1e-9) return false
  if (nowMs >= atMs) return true
  wake.at(atMs)
  return false
}
