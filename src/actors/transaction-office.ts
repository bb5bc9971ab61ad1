// Transactions towards people: listed, looked at, and put right where the charge point did not say how they ended.
import { connectorKey } from '../power/site.ts'
import { hasEnded, toView, type TransactionRecord } from '../sessions/record.ts'
import { closeTransaction, correctTransaction, type Assumed, type Closing, type Correction } from './corrections.ts'
import type { Estate } from './estate.ts'
import type { Caller } from './house.ts'
import { runningView } from './limits-in-force.ts'
import { connectorPower } from './site-views.ts'
import { asOfNow, findRecord, heldRecords, listRecords, newerFirst, type TransactionQuery } from './transaction-reader.ts'
import type { TransactionView } from './views.ts'

export interface TransactionFace {
  /** What is in memory: what runs, and what ended not long ago; newest first. */
  held(): readonly TransactionView[]
  /** Newest first. Looks at no more than 5,000 at a time: a page may be short and still have a next. Rejects with Refusal store-down. */
  list(query: TransactionQuery): Promise<{ readonly data: readonly TransactionView[]; readonly next: string | null }>
  /** Rejects with Refusal not-found (`unknown-transaction`) or store-down. */
  get(id: number): Promise<TransactionView>
  /** As `get`, all that is kept of it. */
  record(id: number): Promise<TransactionRecord>
  /** Ends one that runs in the books only, or has no stop. Rejects with Refusal: not-found, conflict (`transaction-stopped`, `transaction-charging`), invalid, store-down. */
  close(id: number, closing: Closing, caller: Caller): Promise<TransactionView & { readonly assumed: Assumed }>
  /** Changes what is on record of one that has stopped. Rejects with Refusal: not-found, conflict (`transaction-not-stopped`), invalid, store-down. */
  correct(id: number, correction: Correction, caller: Caller): Promise<TransactionView>
}

export class TransactionOffice implements TransactionFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  held(): readonly TransactionView[] {
    const all = [...this.estate.sites.values()].flatMap((site) => heldRecords(this.estate, site))
    return all.sort(newerFirst).map((record) => this.view(asOfNow(this.estate, record)))
  }

  async list(query: TransactionQuery): Promise<{ readonly data: readonly TransactionView[]; readonly next: string | null }> {
    const { data, next } = await listRecords(this.estate, query)
    return { data: data.map((record) => this.view(record)), next }
  }

  async get(id: number): Promise<TransactionView> {
    return this.view(await this.record(id))
  }

  async record(id: number): Promise<TransactionRecord> {
    return (await findRecord(this.estate, id)).record
  }

  async close(id: number, closing: Closing, caller: Caller): Promise<TransactionView & { readonly assumed: Assumed }> {
    const { record, assumed } = await closeTransaction(this.estate, id, closing, caller)
    return { ...toView(record), assumed }
  }

  async correct(id: number, correction: Correction, caller: Caller): Promise<TransactionView> {
    return toView(await correctTransaction(this.estate, id, correction, caller))
  }

  private view(record: TransactionRecord): TransactionView {
    const station = hasEnded(record) ? undefined : this.estate.point(record.clientID)?.family?.station
    return station?.tallies.running.has(record.id) === true ? { ...runningView(station, record), ...this.doing(record) } : toView(record)
  }

  /** As its site shows it; nothing where another transaction stands there, or no plan has been made. */
  private doing({ id, siteID, clientID, connectorId }: TransactionRecord): Pick<TransactionView, 'doing'> {
    const view = this.estate.sites.get(siteID)?.room.view()
    const target = view?.engine.plan?.targets.get(connectorKey(clientID, connectorId))
    if (view === undefined || target === undefined) return {}
    const { transactionId, doing } = connectorPower(view, target)
    return transactionId !== id || doing === null ? {} : { doing }
  }
}
