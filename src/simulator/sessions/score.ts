// The figures by which ways of sharing are compared.
import type { Delivery } from './session.ts'

export interface Score {
  readonly sessions: number
  /** What they could have got, what they got, and the difference: lost to the limit, kWh. */
  readonly wantedKWh: number
  readonly deliveredKWh: number
  readonly lostKWh: number
  /** Of what they could have got, %. */
  readonly energyPercent: number
  /** Sessions that got at least 99 % of what they could have got, %. */
  readonly servedInFullPercent: number
  /** Sessions that got less than half of it. */
  readonly poorlyServed: number
  /** Jain's index over the share each got: 1 = all the same; null = nobody got anything. */
  readonly fairness: number | null
}

/** Sessions that could have got nothing are left out of the shares. */
export function scoreOf(deliveries: readonly Delivery[]): Score {
  const able = deliveries.filter(({ feasibleWh }) => feasibleWh > 0)
  const shares = able.map(({ deliveredWh, feasibleWh }) => Math.min(1, deliveredWh / feasibleWh))
  const wantedWh = able.reduce((sum, one) => sum + one.feasibleWh, 0)
  const deliveredWh = able.reduce((sum, one) => sum + Math.min(one.deliveredWh, one.feasibleWh), 0)
  return {
    sessions: deliveries.length,
    wantedKWh: wantedWh / 1000, deliveredKWh: deliveredWh / 1000, lostKWh: (wantedWh - deliveredWh) / 1000,
    energyPercent: wantedWh === 0 ? 100 : (100 * deliveredWh) / wantedWh,
    servedInFullPercent: able.length === 0 ? 100 : (100 * shares.filter((share) => share >= 0.99).length) / able.length,
    poorlyServed: shares.filter((share) => share < 0.5).length,
    fairness: fairnessOf(shares),
  }
}

/** Jain's index (Σx)² / (n Σx²); null where nobody has a share. */
export function fairnessOf(shares: readonly number[]): number | null {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? null : (sum * sum) / (shares.length * squares)
}
