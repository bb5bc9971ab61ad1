// Tells people of a transaction whose energy is doubtful because its register says what cannot be.
import { connectorKey } from '../../power/site.ts'
import type { TransactionRecord } from '../../sessions/record.ts'
import type { Station } from './station.ts'

/** After its stop; told until a transaction of the same connector stops that is not doubtful. */
export function tellDoubt(station: Station, record: TransactionRecord): void {
  const { id, connectorId, anomalies } = record
  station.condition('meter-anomaly', anomalies === 0 ? null : doubtInWords(station.clientID, record), `${connectorId} transaction`, connectorId)
  if (anomalies > 0) station.log.warn({ clientID: station.clientID, connectorId, transactionId: id, anomalies }, 'the register of a transaction says what cannot be; its energy is doubtful')
}

function doubtInWords(clientID: string, { id, connectorId, meterStartWh, meterStopWh, energyMWh, maxPowerW }: TransactionRecord): string {
  return `Transaction ${id} of ${connectorKey(clientID, connectorId)} went from ${meterStartWh} Wh to ${meterStopWh} Wh in a way that hardware of ${Math.round(maxPowerW)} W cannot deliver; ${Math.round(energyMWh / 1000)} Wh are counted. `
    + `See whether its meter was exchanged and whether its entry is as strong as it is; POST /api/v1/transactions/${id}/correct changes what is on record.`
}
