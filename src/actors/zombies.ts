// Transactions that run in the books and not in the world: closed as unconfirmed, and told until somebody says how they ended.
import { asRecord, type TransactionRecord } from '../sessions/record.ts'
import type { AlertCause } from './alerts.ts'
import { connectorsOf } from './charge-point.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { recordOf } from './handlers/counting.ts'
import { endTransaction, unconfirmed } from './handlers/running.ts'
import type { Station } from './handlers/station.ts'
import { draws } from './transaction.ts'

const everyMs = 60_000
/** A connector that has been free for so long, by its own word, has no car that charges. */
const freeMs = 600_000
/** A stop that is on its way may come for so long before people are told. */
const toldAfterMs = 600_000

export class ZombieWatch {
  private readonly estate: Estate
  private cancel: () => void
  private told = new Map<string, AlertCause>()

  constructor(estate: Estate) {
    this.estate = estate
    this.cancel = estate.options.clock.after(everyMs, () => this.look())
  }

  stop(): void {
    this.cancel()
  }

  private look(): void {
    const { points, sites, options: { clock } } = this.estate
    this.cancel = clock.after(everyMs, () => this.look())
    for (const { family } of points.values()) if (family !== null && family.station.tallies.running.size > 0) closeGone(family.station, family.view().lastSeenAt)
    const told = new Map<string, AlertCause>()
    for (const site of sites.values()) this.tell(site, told)
    for (const [key, cause] of this.told) if (!told.has(key)) this.estate.alerts.set(cause, null, clock.wall())
    this.told = told
  }

  /** One that has left memory is told no more: it is in the list of unconfirmed ones. */
  private tell({ scope, record: { site } }: SiteEntry, told: Map<string, AlertCause>): void {
    const nowMs = this.estate.options.clock.wall()
    for (const [, value] of scope.entries('tx:')) {
      const record = asRecord(value)
      if (record === null || record.status !== 'unconfirmed' || closedAtMs(record) + toldAfterMs > nowMs) continue
      const cause: AlertCause = { code: 'zombie-transaction', siteID: site.id, clientID: record.clientID, connectorId: record.connectorId, about: String(record.id) }
      told.set(`${site.id} ${record.id}`, cause)
      this.estate.alerts.set(cause, wordsOf(record), nowMs)
    }
  }
}

/** When it was closed, by our clock. */
function closedAtMs({ trail, stoppedAtMs, startReceivedAtMs }: TransactionRecord): number {
  return trail.findLast(({ what }) => what === 'unconfirmed')?.atMs ?? Math.max(stoppedAtMs ?? 0, startReceivedAtMs)
}

function wordsOf({ id, clientID, connectorId, trail }: TransactionRecord): string {
  const why = trail.findLast(({ what }) => what === 'unconfirmed')?.reason ?? 'its charge point has begun anew'
  return `Transaction ${id} of ${clientID}/${connectorId} has no stop (${why}): it counts as over until its stop comes, or somebody says how it ended (POST /api/v1/transactions/${id}/close).`
}

/** Ends what cannot be running any more; the scope writes it down as soon as it can. */
function closeGone(station: Station, lastSeenAt: string | null): void {
  const nowMs = station.clock.wall()
  for (const [id, tally] of [...station.tallies.running]) {
    const gone = goneSince(station, tally.record, lastSeenAt === null ? null : Date.parse(lastSeenAt), nowMs)
    const record = gone === null ? null : recordOf(station, id)
    if (record === null || gone === null) continue
    station.log.warn({ clientID: station.clientID, transactionId: id, why: gone.why }, 'a transaction is taken to be over')
    endTransaction(station, unconfirmed(record, Math.max(gone.atMs, record.startedAtMs), gone.why, nowMs))
    station.scope.flush().catch(() => undefined)
  }
}

/** Since when a transaction is not in the world any more, and why; null = it may be. */
function goneSince(station: Station, record: TransactionRecord, lastSeenMs: number | null, nowMs: number): { readonly atMs: number; readonly why: string } | null {
  const { zombieAfterS } = station.settings()
  if (station.session() === null) {
    const atMs = Math.max(lastSeenMs ?? 0, record.startReceivedAtMs)
    return zombieAfterS > 0 && nowMs - atMs >= zombieAfterS * 1000 ? { atMs, why: `its charge point has been away since ${new Date(atMs).toISOString()}` } : null
  }
  const connector = connectorsOf(station.snapshot()).find(({ connectorId }) => connectorId === record.connectorId)
  const atMs = connector?.statusAtMs ?? null
  if (connector?.status !== 'Available' || atMs === null || atMs <= record.startedAtMs || nowMs - atMs < freeMs) return null
  const reading = station.readings.get(record.connectorId)
  const draw = reading !== undefined && nowMs - reading.receivedAtMs < freeMs && draws(reading) === true
  return draw ? null : { atMs, why: `its connector has been Available since ${new Date(atMs).toISOString()}` }
}
