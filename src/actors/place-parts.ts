// What the plan sees of a connector, made of what is known there; made anew only when one of these is another.
import type { Row } from '../power/ledger.ts'
import type { Place, ProfileCap } from '../power/loads.ts'
import type { Outlet } from '../power/tree.ts'
import type { Wiring } from './books.ts'

export interface PlaceParts { readonly outlet: Outlet; readonly row: Row; readonly wiring: Wiring; readonly online: boolean; readonly profileCap: ProfileCap | null; readonly overruledA: number; readonly remainingWh: number | null; readonly departureAtMs: number | null }

export function isMadeOf(one: PlaceParts, other: PlaceParts): boolean {
  return one.row === other.row && one.outlet === other.outlet && one.wiring === other.wiring && one.online === other.online && one.profileCap === other.profileCap && one.overruledA === other.overruledA
    && one.remainingWh === other.remainingWh && one.departureAtMs === other.departureAtMs
}

/** One shape for all, and nothing of `...rest`, which would give each a shape of its own: the plan reads nothing as often. */
export function placeOf({ outlet, row, wiring, online, profileCap, overruledA, remainingWh, departureAtMs }: PlaceParts): Place {
  const { car, queuedAtMs, withheldFor, checkCap = null } = wiring
  const { transactionId } = row
  return {
    outlet, row, online, profileCap, overruledA, remainingWh, departureAtMs, queuedAtMs, vehiclePhases: car.vehiclePhases, vehicleMaxA: car.vehicleMaxA, priority: car.priority, weight: car.weight,
    withheld: typeof withheldFor === 'number' && transactionId === withheldFor ? true : undefined, checkCapA: checkCap !== null && transactionId === checkCap.transactionId ? checkCap.limitA : undefined,
  }
}
