// Ends a transaction that has reached what its settings or its id tag allow, in time or energy: asked for on every fact of it and when its time is over.
import { toView, type TransactionRecord } from '../sessions/record.ts'
import type { Settings } from '../settings.ts'
import { transactionsOf } from './charge-point.ts'
import type { Station } from './handlers/station.ts'
import type { IdTag } from './id-tag-record.ts'
import { outOfReach } from './reach.ts'

/** A charge point that did not stop is asked again so much later, so often. */
const againMs = 60_000
const mostTries = 5
/** Timers do not reach further than that. */
const longestMs = 86_400_000

interface Watch { cancel: (() => void) | null; readonly tries: Map<number, { count: number; atMs: number }> }
const watches = new WeakMap<Station, Watch>()

/** What a transaction has reached of its limits; null = nothing yet. */
export function reachedLimit(record: TransactionRecord, limits: Settings['transactionLimits'], nowMs: number): 'durationS' | 'energyWh' | null {
  if (limits?.energyWh !== undefined && record.energyMWh >= limits.energyWh * 1000) return 'energyWh'
  return limits?.durationS !== undefined && nowMs - record.startedAtMs >= limits.durationS * 1000 ? 'durationS' : null
}

/** Of each the lower, where both say one. */
function lower(settings: NonNullable<Settings['transactionLimits']>, tag: IdTag['limits']): NonNullable<Settings['transactionLimits']> {
  const energyWh = Math.min(settings.energyWh ?? Infinity, tag?.energyWh ?? Infinity)
  const durationS = Math.min(settings.durationS ?? Infinity, tag?.durationS ?? Infinity)
  return { ...(energyWh === Infinity ? {} : { energyWh }), ...(durationS === Infinity ? {} : { durationS }) }
}

/** Looks at every running transaction, stops what must end, and looks again when the next one may have to; what is due comes from records, so a restart loses nothing. */
export function watchLimits(station: Station): void {
  const watch = watches.get(station) ?? { cancel: null, tries: new Map() }
  watches.set(station, watch)
  watch.cancel?.()
  watch.cancel = null
  const nowMs = station.clock.wall()
  const running = transactionsOf(station.snapshot())
  for (const id of watch.tries.keys()) if (!running.some(({ record }) => record.id === id)) watch.tries.delete(id)
  const due = running.flatMap(({ record }) => {
    const limits = lower(station.settings(record.connectorId).transactionLimits, station.authoriser.limitsOf(record.idTag))
    const reached = reachedLimit(record, limits, nowMs)
    if (reached === null) return limits.durationS === undefined ? [] : [record.startedAtMs + limits.durationS * 1000]
    const tried = watch.tries.get(record.id)
    if (tried !== undefined && tried.count >= mostTries) return []
    if (tried !== undefined && tried.atMs + againMs > nowMs) return [tried.atMs + againMs]
    // One that is away is looked at again when it comes back.
    if (outOfReach(station) !== null) return []
    watch.tries.set(record.id, { count: (tried?.count ?? 0) + 1, atMs: nowMs })
    stop(station, record, reached)
    return [nowMs + againMs]
  })
  if (due.length > 0) watch.cancel = station.clock.after(Math.min(Math.max(Math.min(...due) - nowMs, 0), longestMs), () => watchLimits(station))
}

/** The step after a boot. */
export function tendLimits(station: Station): Promise<void> {
  watchLimits(station)
  return Promise.resolve()
}

function stop(station: Station, record: TransactionRecord, reached: 'durationS' | 'energyWh'): void {
  const { clientID } = station
  station.log.info({ clientID, transactionId: record.id, limit: reached }, 'a transaction has reached its limit and is stopped')
  station.order('RemoteStopTransaction', { transactionId: record.id }).then(
    ({ status }) => { if (status !== 'accepted') station.log.warn({ clientID, transactionId: record.id, status }, 'a transaction at its limit was not stopped; it is asked again') },
    (error: unknown) => station.log.warn({ clientID, transactionId: record.id, error }, 'a transaction at its limit could not be stopped'),
  )
  station.emit('transaction.updated', { ...toView(record), limitReached: reached }, record.connectorId)
}
