// The limits that hold for a transaction while it runs: its own, those of its id tag, and those of its settings.
import { toView, type TransactionRecord } from '../sessions/record.ts'
import { inForce, lowestLimits, type LimitsInForce, type LimitSource, type SessionLimits } from '../sessions/session-limits.ts'
import type { Station } from './handlers/station.ts'

function saidOf(station: Station, record: TransactionRecord): readonly (readonly [LimitSource, SessionLimits | undefined])[] {
  const { transactionLimits, idleTimeoutS } = station.settings(record.connectorId)
  return [
    ['transaction', record.limits], ['tag', station.authoriser.limitsOf(record.idTag)],
    ['settings', { ...transactionLimits, ...(idleTimeoutS > 0 ? { idleTimeoutS } : {}) }],
  ]
}

/** Of each the lowest that anybody says; of its settings the nearest word. */
export function limitsFor(station: Station, record: TransactionRecord): SessionLimits {
  return lowestLimits(...saidOf(station, record).map(([, limits]) => limits))
}

/** As `toView`, of one that runs at that charge point, with what limits it now. Without a tariff nothing limits its cost. */
export function runningView(station: Station, record: TransactionRecord) {
  const { costMinor, ...others } = inForce(saidOf(station, record))
  const limitsInForce: LimitsInForce = costMinor === undefined || record.tariff === null ? others : { ...others, costMinor }
  return { ...toView(record), limitsInForce }
}
