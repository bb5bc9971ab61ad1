// What a reading of the running transaction says of its flow, and that it goes on.
import type { TransactionRecord } from '../../sessions/record.ts'
import type { ConnectorReading } from '../connector.ts'
import { draws, type TransactionContext } from '../transaction.ts'
import type { Turn } from './pace.ts'
import { reportChange, reportProgress, tellSite } from './running.ts'
import type { Station } from './station.ts'

/** `context` = what its actor knows; `turn` = whether its progress is about to be told. */
export function followFlow(station: Station, { id, idTagInfo }: TransactionRecord, { flowing: before, told }: Pick<TransactionContext, 'flowing' | 'told'>, reading: ConnectorReading, turn: Turn): void {
  // What was measured long ago says nothing about the flow now.
  const flowing = reading.live ? draws(reading) : null
  const isOther = flowing !== null && flowing !== before
  if (isOther) station.sendLossy({ type: 'FLOWED', transactionId: id, flowing })
  if (reading.live && !told && (idTagInfo.status === 'Accepted' || flowing === true)) tellSite(station, id)
  if (isOther) reportChange(station, id)
  else if (turn.cancel === null) reportProgress(station, id)
}
