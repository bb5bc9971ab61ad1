// Orphans towards people: listed with what they may belong to, given to a transaction, or dismissed; durable, and on both trails.
import { messages } from '../protocol/messages/index.ts'
import { withTrail } from '../sessions/record-parts.ts'
import { stopRecord, type Stop, type TransactionRecord } from '../sessions/record.ts'
import { settle } from './corrections.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { keepData } from './handlers/history.ts'
import { readMessage } from './handlers/meter-values.ts'
import { plausibleTime, type Station } from './handlers/station.ts'
import { Refusal, type Caller } from './house.ts'
import { orphansIn, orphanView, type OrphanCandidate, type OrphanKind, type OrphanRecord, type OrphanState, type OrphanView } from './orphan-record.ts'
import { isTold, tellOrphans } from './orphans.ts'
import { write } from './records.ts'
import { countedTime } from './counted-time.ts'
import type { Tally } from './tallies.ts'
import { findRecord, heldRecords } from './transaction-reader.ts'

export interface OrphanQuery {
  readonly siteID?: string | undefined
  readonly clientID?: string | undefined
  readonly kind?: OrphanKind | undefined
  readonly state?: OrphanState | undefined
}

export interface OrphanFace {
  /** Newest first. */
  list(query: OrphanQuery): readonly OrphanView[]
  /** Throws Refusal not-found (`unknown-orphan`). */
  get(id: string): OrphanView
  /** Ends that transaction of the same charge point by the stop. Rejects with Refusal: not-found, conflict (`orphan-closed`, `orphan-not-a-stop`, `other-charge-point`, `transaction-stopped`, `meter-below-start`, `stop-before-start`), store-down. */
  assign(id: string, given: { readonly transactionId: number; readonly reason: string }, caller: Caller): Promise<OrphanView>
  /** Rejects with Refusal: not-found, conflict (`orphan-closed`), store-down. */
  dismiss(id: string, given: { readonly reason: string }, caller: Caller): Promise<OrphanView>
}

const mostCandidates = 10
/** A stop may be said to be a little before the start: clocks of charge points are set back. */
const earlyMs = 600_000

interface Kept { readonly site: SiteEntry; readonly key: string; readonly orphan: OrphanRecord }

export class OrphanOffice implements OrphanFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list({ siteID, clientID, kind, state }: OrphanQuery): readonly OrphanView[] {
    const open = [...this.estate.sites].filter(([id]) => siteID === undefined || id === siteID)
    return open.flatMap(([, site]) => {
      const unended = withoutStop(heldRecords(this.estate, site))
      return orphansIn(site.scope).map(([, orphan]) => orphan)
        .filter((one) => (clientID === undefined || one.clientID.toLowerCase() === clientID.toLowerCase()) && (kind === undefined || one.kind === kind) && (state === undefined || one.state === state))
        .map((one) => orphanView(one, candidatesOf(one, unended)))
    }).sort((a, b) => (a.receivedAt < b.receivedAt || (a.receivedAt === b.receivedAt && a.id < b.id) ? 1 : -1))
  }

  get(id: string): OrphanView {
    return this.view(this.find(id))
  }

  async assign(id: string, { transactionId, reason }: { readonly transactionId: number; readonly reason: string }, caller: Caller): Promise<OrphanView> {
    const kept = this.find(id)
    const { orphan, site, key } = kept
    refuseClosed(orphan)
    if (orphan.kind !== 'stop') throw new Refusal('conflict', 'orphan-not-a-stop', `${id} is no stop: it ends no transaction.`, { hint: 'Dismiss it; what its readings say is in the message log.' })
    const found = await findRecord(this.estate, transactionId)
    if (found.record.clientID !== orphan.clientID || found.site !== site) throw new Refusal('conflict', 'other-charge-point', `Transaction ${transactionId} is one of ${found.record.clientID}, and the stop came from ${orphan.clientID}.`, { hint: `GET /api/v1/orphans/${id} names those it may belong to.` })
    const atMs = this.estate.options.clock.wall()
    const given = { orphan: id }
    const closed = close(orphan, { state: 'assigned', reason, assignedTo: transactionId, atMs }, caller)
    await settle(this.estate, found, (record) => {
      if (record.status === 'stopped') throw new Refusal('conflict', 'transaction-stopped', `Transaction ${transactionId} has a stop of its own.`, { hint: `POST /api/v1/transactions/${transactionId}/correct changes what is on record.` })
      refuseClosed(this.find(id).orphan)
      const stop = stopOf(orphan, record)
      const misfit = misfitOf(stop, record)
      if (misfit !== null) throw new Refusal('conflict', misfit.code, `${misfit.words} Nothing was changed.`, { hint: `GET /api/v1/orphans/${id} names those it may belong to. If it is the end of this one all the same, dismiss it, and say how the transaction ended: POST /api/v1/transactions/${transactionId}/close.` })
      return withTrail(stopRecord(record, stop), { atMs, by: caller.name, requestId: caller.requestId, what: 'stop-assigned', reason, after: given })
    }, { beside: { [key]: closed }, meet: (station, tally) => takeData(station, tally, orphan) })
    this.tell(kept)
    return this.get(id)
  }

  async dismiss(id: string, { reason }: { readonly reason: string }, caller: Caller): Promise<OrphanView> {
    const kept = this.find(id)
    refuseClosed(kept.orphan)
    await write(kept.site.scope, { [kept.key]: close(kept.orphan, { state: 'dismissed', reason, assignedTo: null, atMs: this.estate.options.clock.wall() }, caller) })
    this.tell(kept)
    return this.get(id)
  }

  private find(id: string): Kept {
    for (const site of this.estate.sites.values()) {
      for (const [key, orphan] of orphansIn(site.scope)) if (orphan.id === id) return { site, key, orphan }
    }
    throw new Refusal('not-found', 'unknown-orphan', `There is no orphan ${id}.`, { hint: 'GET /api/v1/orphans lists them.' })
  }

  private view({ site, orphan }: Kept): OrphanView {
    return orphanView(orphan, candidatesOf(orphan, withoutStop(heldRecords(this.estate, site))))
  }

  private tell({ site: { scope, record: { site: { id: siteID } } }, orphan: { clientID } }: Kept): void {
    tellOrphans({ clientID, scope, condition: (code, message) => this.estate.alerts.set({ code, siteID, clientID }, message, this.estate.options.clock.wall()) })
  }
}

/** After a start: what is still open is told again. */
export function tellAllOrphans({ alerts, options: { clock } }: Estate, { scope, record: { site: { id: siteID } } }: SiteEntry): void {
  const points = new Set(orphansIn(scope).filter(([, orphan]) => isTold(orphan)).map(([, { clientID }]) => clientID))
  for (const clientID of points) tellOrphans({ clientID, scope, condition: (code, message) => alerts.set({ code, siteID, clientID }, message, clock.wall()) })
}

function refuseClosed({ id, state, closedBy }: OrphanRecord): void {
  if (state !== 'open') throw new Refusal('conflict', 'orphan-closed', `${id} was ${state} by ${closedBy ?? 'nobody'}.`, { hint: `GET /api/v1/orphans/${id} says when and why.` })
}

function close(orphan: OrphanRecord, end: { readonly state: 'assigned' | 'dismissed'; readonly reason: string; readonly assignedTo: number | null; readonly atMs: number }, caller: Caller): OrphanRecord {
  const { atMs, ...rest } = end
  return { ...orphan, ...rest, closedAtMs: atMs, closedBy: caller.name, closedRequestId: caller.requestId }
}

/** The stop as it would have been taken for that transaction, by whose clock its times are counted. */
function stopOf({ request, receivedAtMs }: OrphanRecord, { clockOffsetMs }: TransactionRecord): Stop {
  const said = typeof request['timestamp'] === 'string' ? request['timestamp'] : ''
  const saidMs = plausibleTime(said, receivedAtMs)
  return {
    meterStopWh: Number(request['meterStop']), stoppedAtMs: countedTime({ clockOffsetMs }, { atMs: saidMs ?? receivedAtMs, byStation: saidMs !== null }), stoppedAtStation: said, receivedAtMs,
    reason: typeof request['reason'] === 'string' ? request['reason'] : 'Local', idTag: typeof request['idTag'] === 'string' ? request['idTag'] : null,
  }
}

/** Why that stop cannot be the end of that transaction; null = it may be. */
function misfitOf({ meterStopWh, stoppedAtMs }: Stop, { id, startedAtMs, meterStartWh }: TransactionRecord): { readonly code: string; readonly words: string } | null {
  if (!(meterStopWh >= meterStartWh)) return { code: 'meter-below-start', words: `The stop says ${meterStopWh} Wh, and transaction ${id} began at ${meterStartWh} Wh.` }
  if (startedAtMs > stoppedAtMs + earlyMs) return { code: 'stop-before-start', words: `The stop is of ${new Date(stoppedAtMs).toISOString()}, and transaction ${id} began at ${new Date(startedAtMs).toISOString()}.` }
  return null
}

/** The readings that came with the stop belong to its transaction. */
function takeData(station: Station, tally: Tally, { request }: OrphanRecord): void {
  const data = messages.StopTransaction.request.safeParse(request).data?.transactionData ?? []
  keepData(station, tally.record, data)
  for (const one of readMessage(station, tally.record.connectorId, data)) if (one.reading.energyWh !== null) station.tallies.note(tally, one, one.reading.energyWh)
}

type ByPoint = ReadonlyMap<string, readonly TransactionRecord[]>

/** Those that have no stop, by charge point: there may be thousands of orphans and of transactions. */
function withoutStop(held: readonly TransactionRecord[]): ByPoint {
  const byPoint = new Map<string, TransactionRecord[]>()
  for (const record of held) {
    if (record.status === 'stopped') continue
    const some = byPoint.get(record.clientID)
    if (some === undefined) byPoint.set(record.clientID, [record])
    else some.push(record)
  }
  return byPoint
}

/** Those of its charge point that have no stop and fit in time and meter: the tag's own first, then the one that began last. */
function candidatesOf(orphan: OrphanRecord, unended: ByPoint): OrphanCandidate[] {
  if (orphan.kind !== 'stop' || orphan.state !== 'open') return []
  const tag = String(orphan.request['idTag'] ?? '').toLowerCase()
  const fitting = (unended.get(orphan.clientID) ?? []).filter((record) => misfitOf(stopOf(orphan, record), record) === null)
  const own = ({ idTag }: TransactionRecord): number => (tag !== '' && idTag.toLowerCase() === tag ? 0 : 1)
  return fitting.toSorted((a, b) => own(a) - own(b) || b.startedAtMs - a.startedAtMs).slice(0, mostCandidates).map(({ id, connectorId, idTag, status, startedAtMs, meterStartWh }) => (
    { transactionId: id, connectorId, idTag, status, startedAt: new Date(startedAtMs).toISOString(), meterStartWh }))
}
