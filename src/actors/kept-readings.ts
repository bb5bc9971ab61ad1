// Where the history has the readings of a transaction: they may stand there by another clock than it counts by.
import { connectorKey } from '../power/site.ts'
import type { TransactionRecord } from '../sessions/record.ts'
import type { MeterShelf, RegisterPoint } from './meter-history.ts'

/** What was measured may be so long after a stop, or stand in the same stretch of a curve as a start; before its clock was measured, what named none was kept as it was said. */
export const aroundMs = 86_400_000

/** All that may belong to it and was measured in [fromMs, untilMs) as it counts time; of a clock that is off by more than a day also as it was said. Some may be there twice. Rejects with StoreUnavailable. */
export async function keptReadings(history: Pick<MeterShelf, 'registersOf'>, record: Pick<TransactionRecord, 'id' | 'clientID' | 'connectorId' | 'clockOffsetMs'>, fromMs: number, untilMs: number): Promise<RegisterPoint[]> {
  const { id, clientID, connectorId, clockOffsetMs } = record
  const kept: RegisterPoint[] = []
  for (const byMs of Math.abs(clockOffsetMs) > aroundMs ? [0, clockOffsetMs] : [0]) {
    kept.push(...await history.registersOf(connectorKey(clientID, connectorId), fromMs - byMs, untilMs - byMs, id))
  }
  return kept
}
