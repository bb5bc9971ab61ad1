// What has ended at a charge point and is still in its site's memory: found once among the records, then kept as transactions end.
import { asRecord, hasEnded, recordKey, type TransactionRecord } from '../sessions/record.ts'
import { endedFacts, type Ended } from './counted-time.ts'
import type { Scope } from './scope.ts'

/** Of one charge point; those that were noted first go first. */
const mostPast = 2_000
/** Below this nobody looks which of them have left the memory. */
const fewPast = 64

export class PastOnes {
  private readonly isThere: (id: number) => boolean
  private readonly ended = new Map<number, Ended>()
  private readonly stopsMs = new Map<number, number>()
  private tidyAbove = fewPast

  /** `isThere` = its record is still in memory. */
  constructor(isThere: (id: number) => boolean = () => true) {
    this.isThere = isThere
  }

  /** It has ended, or is another than it was. */
  note(record: TransactionRecord): void {
    const { id, connectorId, stoppedAtMs } = record
    this.ended.delete(id)
    this.ended.set(id, endedFacts(record))
    this.stopsMs.set(connectorId, Math.max(stoppedAtMs ?? -Infinity, this.newestStopMs(connectorId)))
    if (this.ended.size > this.tidyAbove) this.tidy()
  }

  /** It runs again, or is in memory no more. */
  forget(id: number): void {
    this.ended.delete(id)
  }

  of(connectorId: number): Ended[] {
    return [...this.ended.values()].filter((one) => one.connectorId === connectorId)
  }

  /** No transaction of that connector stopped later; -Infinity = none has stopped. */
  newestStopMs(connectorId: number): number {
    return this.stopsMs.get(connectorId) ?? -Infinity
  }

  private tidy(): void {
    for (const id of this.ended.keys()) if (!this.isThere(id)) this.ended.delete(id)
    for (const id of this.ended.keys()) {
      if (this.ended.size <= mostPast) break
      this.ended.delete(id)
    }
    this.tidyAbove = Math.min(mostPast, Math.max(fewPast, 2 * this.ended.size))
  }
}

const sites = new WeakMap<Scope, Map<string, PastOnes>>()

/** Those of a charge point; the same for everybody who asks, so that whoever begins anew finds what has ended meanwhile. */
export function pastOf(scope: Scope, clientID: string): PastOnes {
  const known = sites.get(scope)
  const site = known ?? new Map<string, PastOnes>()
  const of = (whose: string): PastOnes => {
    const past = site.get(whose) ?? new PastOnes((id) => scope.get(recordKey(id)) !== undefined)
    site.set(whose, past)
    return past
  }
  if (known === undefined) {
    sites.set(scope, site)
    for (const [, value] of scope.entries('tx:')) {
      const record = asRecord(value)
      if (record !== null && hasEnded(record)) of(record.clientID).note(record)
    }
  }
  return of(clientID)
}
