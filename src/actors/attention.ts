// What of a connector people should look at first, and whether it follows its limit.
import { disobeys } from '../power/disobedience.ts'
import { isSettling, type Row } from '../power/ledger.ts'
import { attentions, type Attention, type ConnectorOverview, type Obedience } from './overview-views.ts'
import type { ConnectorPowerView } from './views.ts'

/** `fresh` = there is a reading of now. */
export function obedienceOf(row: Row, fresh: boolean, nowMs: number): Obedience {
  if (disobeys(row.disobeying) || row.distrusted) return 'disobeying'
  const proven = row.transactionId !== null && row.tx.confirmed !== null && !row.excess && !row.disobeying && !isSettling(row, nowMs)
  return proven && fresh ? 'obeying' : 'unknown'
}

export function attentionOf(connector: ConnectorPowerView, obeying: Obedience, met: boolean): ConnectorOverview['attention'] {
  const reason = reasonOf(connector, obeying, met)
  return { rank: attentions.indexOf(reason), reason }
}

/** `met` = its charge point has connected once. */
function reasonOf(connector: ConnectorPowerView, obeying: Obedience, met: boolean): Attention {
  const { online, status, transactionId, allocatedA, requestedA, doing } = connector
  if (obeying === 'disobeying') return 'disobeying'
  if (!met) return 'never-connected'
  if (!online) return transactionId === null ? 'offline' : 'offline-charging'
  if (status === 'Faulted') return 'faulted'
  if (doing !== null && doing !== 'offline') return doing === 'charging' && allocatedA < requestedA ? 'limited' : doing
  if (status === 'Unavailable') return 'unavailable'
  return status === 'Preparing' || status === 'Finishing' || status.startsWith('Suspended') ? 'plugged-in' : 'free'
}
