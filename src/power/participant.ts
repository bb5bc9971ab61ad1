// What a car brings to the sharing: the least and the most it can use, and every limit it loads.
import { ceilTo, floorTo, type Member } from './allocate.ts'
import { grantSlot, newest } from './ledger.ts'
import { boundsAbove, carPhases, type Ground, type Place } from './loads.ts'
import { shownA } from './probing.ts'
import type { Standing } from './queue.ts'
import { fullA, isSated } from './slack.ts'
import { lowestA, startMinA, stretchOf } from './rungs.ts'

/** A car on its way to its share: the most it can use, its fallback, and its places in the queue and in the order of filling. */
export interface Sharer {
  readonly standing: Standing
  readonly capA: number
  readonly fallbackA: number
  readonly rank: number
  readonly queue: number
}

/** As a member of the sharing. */
export function memberOf(ground: Ground, { standing, capA, fallbackA, rank, queue }: Sharer, nowMs: number): Member {
  const { place, urgent, waitMs, turn } = standing
  const { outlet, row } = place
  const hasDeadline = waitMs !== Infinity
  return {
    key: outlet.key, priority: place.priority, weight: place.weight, rank, queue, urgent,
    minA: startMinA(place), capA, floorA: Math.max(fallbackA, lowestA(place)), stepA: outlet.stepA,
    // Under a TxDefaultProfile any car may draw, on every phase.
    bounds: boundsAbove(ground, place, grantSlot(row) === 'tx' ? carPhases(place) : outlet.phases),
    turn: turn ?? undefined, sated: isSated(place) ? true : undefined,
    latestMs: hasDeadline ? Math.round(nowMs + waitMs) : undefined, fullA: hasDeadline ? fullA(place) : undefined, heldA: hasDeadline ? newest(row[grantSlot(row)])?.limitA ?? 0 : undefined,
  }
}

/** All connectors that one profile limits, as one: the idle ones are given as much, so they load what is above them as well. */
export function together(ground: Ground, member: Member, group: readonly Place[]): Member {
  const stepA = Math.max(...group.map(({ outlet }) => outlet.stepA))
  const cars = group.filter(({ row }) => row.transactionId !== null)
  const capA = Math.min(Math.max(...cars.map(capOf)), ...group.map(({ outlet, profileCap }) => floorTo(Math.min(outlet.maxA, profileCap?.limitA ?? Infinity), stepA)))
  return {
    ...member, stepA, capA, minA: Math.max(...group.map((one) => ceilTo(startMinA(one), stepA))),
    bounds: sumBounds(group.map((one) => boundsAbove(ground, one, one.outlet.phases))),
  }
}

function sumBounds(lists: readonly (readonly { index: number; perAmp: number }[])[]): { index: number; perAmp: number }[] {
  const sums = new Map<number, number>()
  for (const { index, perAmp } of lists.flat()) sums.set(index, (sums.get(index) ?? 0) + perAmp)
  return [...sums].map(([index, perAmp]) => ({ index, perAmp }))
}

/** The most a connector can use, A: hardware, cable, car, what that has shown to take, and what people's charging profiles let it take. */
export function capOf(place: Place): number {
  const { outlet, vehicleMaxA, profileCap, row } = place
  const vehicle = row.transactionId === null ? null : place.withheld === true ? 0 : vehicleMaxA !== null && vehicleMaxA >= outlet.minA ? vehicleMaxA * stretchOf(place) : vehicleMaxA
  return floorTo(Math.min(outlet.maxA, vehicle ?? Infinity, profileCap?.limitA ?? Infinity, shownA(place), place.checkCapA ?? Infinity), outlet.stepA)
}

function withoutCheck(place: Place): Place {
  return { ...place, checkCapA: Infinity }
}

/** What that is bound by. */
export function capSource(place: Place): string {
  const { outlet, vehicleMaxA, profileCap } = place
  if (place.withheld === true) return 'transaction-limit'
  if (place.checkCapA !== undefined && place.checkCapA < capOf(withoutCheck(place))) return 'commissioning-check'
  if (isSated(place) || shownA(place) < Math.min(outlet.maxA, vehicleMaxA ?? Infinity, profileCap?.limitA ?? Infinity)) return 'vehicle'
  if (profileCap !== null && profileCap.limitA < Math.min(outlet.maxA, vehicleMaxA ?? Infinity)) return profileCap.source
  return vehicleMaxA !== null && vehicleMaxA < outlet.maxA ? 'vehicle' : 'hardware'
}
