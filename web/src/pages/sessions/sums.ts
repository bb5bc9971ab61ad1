// What the sessions of a range come to, added up over charge points.
import type { ChargePointReport } from '../../../../src/actors/analytics-views.ts'

export interface Sums {
  readonly sessions: number
  readonly energyWh: number
  readonly idleS: number
  readonly limitedS: number
  readonly costs: readonly { readonly currency: string; readonly amountMinor: number }[]
}

/** `clientID` '' = all of them. Currencies are never added to one another. */
export function sumsOf(rows: readonly ChargePointReport[], clientID: string): Sums {
  const costs = new Map<string, number>()
  const sum = { sessions: 0, energyWh: 0, idleS: 0, limitedS: 0 }
  for (const row of rows) {
    if (clientID !== '' && row.clientID.toLowerCase() !== clientID.toLowerCase()) continue
    sum.sessions += row.sessions
    sum.energyWh += row.energyWh
    sum.idleS += row.idleS
    for (const { seconds } of row.lost) sum.limitedS += seconds
    for (const { currency, amountMinor } of row.costs) costs.set(currency, (costs.get(currency) ?? 0) + amountMinor)
  }
  return { ...sum, costs: [...costs].map(([currency, amountMinor]) => ({ currency, amountMinor })).sort((a, b) => (a.currency < b.currency ? -1 : 1)) }
}
