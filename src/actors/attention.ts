// What of a connector people should look at first, and whether it follows its limit.
import { disobeys } from '../power/disobedience.ts'
import { isSettling, type Row } from '../power/ledger.ts'
import { attentions, type Attention, type ConnectorOverview, type Obedience } from './overview-views.ts'
import type { ConnectorPowerView } from './views.ts'

/** So much is a car that charges, A; less is what stands by. */
const drawsA = 1

/** `fresh` = there is a reading of now. */
export function obedienceOf(row: Row, fresh: boolean, nowMs: number): Obedience {
  if (disobeys(row.disobeying) || row.distrusted) return 'disobeying'
  const proven = row.transactionId !== null && row.tx.confirmed !== null && !row.excess && !row.disobeying && !isSettling(row, nowMs)
  return proven && fresh ? 'obeying' : 'unknown'
}

/** What a car does that has a transaction; null = there is none. */
export function doingOf({ transactionId, allocatedA, requestedA, measuredA, status }: Pick<ConnectorPowerView, 'transactionId' | 'allocatedA' | 'requestedA' | 'measuredA' | 'status'>): 'charging' | 'waiting' | 'paused' | null {
  if (transactionId === null) return null
  if (allocatedA <= 0 && requestedA > 0) return 'waiting'
  return (measuredA === null ? status === 'Charging' : measuredA >= drawsA) ? 'charging' : 'paused'
}

export function attentionOf(connector: ConnectorPowerView, obeying: Obedience, met: boolean): ConnectorOverview['attention'] {
  const reason = reasonOf(connector, obeying, met)
  return { rank: attentions.indexOf(reason), reason }
}

/** `met` = its charge point has connected once. */
function reasonOf(connector: ConnectorPowerView, obeying: Obedience, met: boolean): Attention {
  const { online, status, transactionId, allocatedA, requestedA } = connector
  if (obeying === 'disobeying') return 'disobeying'
  if (!met) return 'never-connected'
  if (!online) return transactionId === null ? 'offline' : 'offline-charging'
  if (status === 'Faulted') return 'faulted'
  const doing = doingOf(connector)
  if (doing !== null) return doing === 'charging' && allocatedA < requestedA ? 'limited' : doing
  if (status === 'Unavailable') return 'unavailable'
  return status === 'Preparing' || status === 'Finishing' || status.startsWith('Suspended') ? 'plugged-in' : 'free'
}
