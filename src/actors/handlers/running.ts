// The running transactions of a charge point: opened, told to the site once they are live, paced on their way to people, closed.
import { plausibleTime } from './station.ts'
import { withTrail } from '../../sessions/record-parts.ts'
import { asRecord, closeUnconfirmed, hasEnded, listTransactions, recordKey, toView, type TransactionRecord } from '../../sessions/record.ts'
import { connectorsOf, transactionsOf, transactionState } from '../charge-point.ts'
import { runningView } from '../limits-in-force.ts'
import { keepStart } from '../orphans.ts'
import { pastOf } from '../past-ones.ts'
import { dropTxProfiles } from '../stored-profiles.ts'
import type { TransactionContext } from '../transaction.ts'
import { meetConnector } from './connectors.ts'
import { count, countAgain, ownName, readBack, recordOf } from './counting.ts'
import { restoreStatuses } from './kept-statuses.ts'
import { noteTurn, turnedMs } from './turned-clock.ts'
import type { Station } from './station.ts'

export function runningOn(station: Station, connectorId: number): TransactionContext | null {
  const id = station.snapshot().context.running[connectorId]
  return id === undefined ? null : runningAs(station, id)
}

/** What is known of a running transaction; its totals as they were worked out last (`recordOf` = as they are now). */
export function runningAs(station: Station, transactionId: number): TransactionContext | null {
  const found = transactionState(station.snapshot(), transactionId)
  if (found === null) return null
  const { context, status } = found
  return { ...context, record: { ...(station.tallies.running.get(transactionId)?.record ?? context.record), status } }
}

/** Beside each actor of a running transaction its tally, as its record was written last: after a restart, whose readings are read back later. */
export function restoreTallies(station: Station): void {
  const running = transactionsOf(station.snapshot())
  station.tallies.aheadMs = station.clock.wall() - station.clock.mono() - (running.length === 0 ? 0 : turnedMs(station))
  station.tallies.past = pastOf(station.scope, station.clientID)
  restoreStatuses(station)
  for (const { record } of running) {
    const kept = asRecord(station.scope.get(recordKey(record.id)))
    station.tallies.begin(kept === null || hasEnded(kept) ? record : { ...kept, maxPowerW: Math.min(kept.maxPowerW, record.maxPowerW) }, false)
  }
}

/** Puts a new transaction on its connector; one that still holds it is closed as unconfirmed before. */
export function openTransaction(station: Station, record: TransactionRecord): void {
  if (!meetConnector(station, record.connectorId)) {
    station.log.warn({ clientID: station.clientID, connectorId: record.connectorId }, 'transaction on a connector that cannot exist')
    keepStart(station, { connectorId: record.connectorId, idTag: record.idTag, timestamp: record.startedAtStation, meterStart: record.meterStartWh }, record.id, record.startReceivedAtMs)
    station.scope.put(recordKey(record.id), unconfirmed(record, record.startReceivedAtMs, `there is no connector ${record.connectorId}`))
    return
  }
  const other = runningOn(station, record.connectorId)
  if (other !== null) endTransaction(station, unconfirmed(other.record, record.startReceivedAtMs, `another start came at its connector, transaction ${record.id}`))
  begin(station, record, true)
  station.emit('transaction.started', runningView(station, record), record.connectorId)
}

/** Over since then, without a stop; its trail says why, and when it was found. */
export function unconfirmed(record: TransactionRecord, atMs: number, reason: string, foundAtMs = atMs): TransactionRecord {
  return withTrail(closeUnconfirmed(record, atMs), { atMs: foundAtMs, by: ownName, what: 'unconfirmed', reason })
}

function begin(station: Station, record: TransactionRecord, isNew: boolean): void {
  station.send({ type: 'TRANSACTION_STARTED', record, bootsAtStart: station.snapshot().context.boots })
  const tally = station.tallies.begin(record, isNew)
  station.tallies.takeStatuses(tally)
  station.scope.put(recordKey(record.id), tally.record)
  noteTurn(station)
  if (!tally.isRead) void readBack(station, tally)
  station.authoriser.started(record.idTag, record, record.id)
}

/** One that was taken to be over runs after all: nobody else is on its connector. */
export function takeUpAgain(station: Station, record: TransactionRecord): void {
  begin(station, record, false)
  station.emit('transaction.updated', runningView(station, record), record.connectorId)
}

/** `record` says how it ended: stopped or unconfirmed. */
export function endTransaction(station: Station, record: TransactionRecord): void {
  dropTxProfiles(station.scope, station.clientID, record.id)
  const running = runningAs(station, record.id)
  if (running === null) return
  station.pace.forget(record.id)
  station.send({ type: 'TRANSACTION_ENDED', record })
  const tally = station.tallies.end(record)
  station.tallies.takeStatuses(tally)
  station.scope.put(recordKey(record.id), count(station, tally))
  noteTurn(station)
  station.authoriser.stopped(record.id)
  if (!tally.isRead) void readBack(station, tally).then(() => countAgain(station, tally))
  if (running.told) station.site.transactionStopped({ clientID: station.clientID, connectorId: record.connectorId, transactionId: record.id, ...(record.stoppedAtMs === null ? {} : { endedAtMs: record.stoppedAtMs }) })
  station.emit('transaction.stopped', toView(tally.record), record.connectorId)
}

/** Tells the site of a transaction that is live, once. */
export function tellSite(station: Station, transactionId: number): void {
  const running = transactionState(station.snapshot(), transactionId)
  if (running === null || running.context.told) return
  station.send({ type: 'TRANSACTION_TOLD', transactionId })
  station.site.transactionStarted(factOf(station, running.context.record))
}

/** Tells the site again of everything it was told before: after a new connection it may have forgotten. */
export function tellSiteAgain(station: Station): void {
  for (const { connectorId, status } of connectorsOf(station.snapshot())) if (status !== 'Unknown') station.site.statusChanged(station.clientID, connectorId, status)
  for (const { told, record } of transactionsOf(station.snapshot())) if (told) station.site.transactionStarted(factOf(station, record))
}

/** Power goes by the clock as it is measured now, not as it was pinned for billing. */
function factOf(station: Station, { id, connectorId, startedAtStation, startedAtMs, startReceivedAtMs }: TransactionRecord) {
  const saidMs = plausibleTime(startedAtStation, startReceivedAtMs)
  return { clientID: station.clientID, connectorId, transactionId: id, startedAtMs: saidMs === null ? startedAtMs : saidMs + station.offsetMs }
}

/** Writes down how far a transaction is and says so, once in 10 s: at an instant of its own, so that those which began together do not all come due in one turn. */
export function reportProgress(station: Station, transactionId: number): void {
  station.pace.run(transactionId, () => report(station, transactionId))
}

/** As `reportProgress`, but at once where nothing was said of it for 10 s: its status is another. */
export function reportChange(station: Station, transactionId: number): void {
  station.pace.runSoon(transactionId, () => report(station, transactionId))
}

function report(station: Station, transactionId: number): void {
  const record = recordOf(station, transactionId)
  if (record === null) return
  station.scope.put(recordKey(transactionId), record)
  noteTurn(station)
  // The scope reports a failure itself and tries again.
  station.scope.flush().catch(() => undefined)
  station.emit('transaction.updated', runningView(station, record), record.connectorId)
}

/** Before an orderly end: how far each is, and what limits have cost it up to now, which no reading may have brought into its record. */
export function keepRunning(station: Station): void {
  for (const id of station.tallies.running.keys()) {
    const record = recordOf(station, id)
    const limited = station.site.limitedOf(id)
    if (record !== null && limited !== null) station.scope.put(recordKey(id), { ...record, ...limited, held: [...limited.held] })
  }
}

/** After an unreadable snapshot: what the records say is still running gets its actor back; of two on one connector the newer. */
export function reviveTransactions(station: Station): void {
  const open = listTransactions(station.scope).filter((record) => record.clientID === station.clientID && !hasEnded(record))
  for (const record of open) {
    const free = meetConnector(station, record.connectorId) && runningOn(station, record.connectorId) === null
    if (!free) {
      const closed = closeUnconfirmed(record, station.clock.wall())
      station.scope.put(recordKey(record.id), closed)
      pastOf(station.scope, station.clientID).note(closed)
    } else station.send({ type: 'TRANSACTION_STARTED', record, bootsAtStart: 0 })
  }
}
