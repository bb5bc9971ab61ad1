// The audit log as REST writes and reads it.
import type { AuditEntry, AuditHead, AuditRecord } from './audit-record.ts'
import type { AuditLog } from './audit-log.ts'
import { unreadable } from './records.ts'

export interface AuditQuery {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly siteID?: string | undefined
  readonly requestId?: string | undefined
  /** RFC 3339; from inclusive, to exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** `next` of the page before. */
  readonly after?: number | undefined
  readonly oldestFirst: boolean
  /** At least 1. */
  readonly limit: number
}

export interface AuditFace {
  /** Resolves when the entry is durable; rejects with Refusal store-down. */
  record(entry: AuditEntry): Promise<void>
  /** Puts an entry that nobody waits for. */
  note(entry: AuditEntry): void
  nameOfTag(tag: string): string
  end(): AuditHead
  /** Looks at no more than 5,000 entries at a time: a page may be short and still have a next. Rejects with Refusal store-down. */
  list(query: AuditQuery): Promise<{ readonly data: readonly AuditRecord[]; readonly next: number | null }>
}

const mostScanned = 5_000

export class AuditOffice implements AuditFace {
  private readonly log: AuditLog

  constructor(log: AuditLog) {
    this.log = log
  }

  record(entry: AuditEntry): Promise<void> { return this.log.record(entry) }
  note(entry: AuditEntry): void { this.log.note(entry) }
  nameOfTag(tag: string): string { return this.log.nameOfTag(tag) }
  end(): AuditHead { return this.log.end }

  async list(query: AuditQuery): Promise<{ readonly data: readonly AuditRecord[]; readonly next: number | null }> {
    const data: AuditRecord[] = []
    let scanned = 0
    let last: number | null = null
    try {
      for await (const { number, value } of query.oldestFirst ? this.log.oldestFirst(query.after) : this.log.newestFirst(query.after)) {
        const one = value as AuditRecord
        if (data.length >= query.limit || scanned >= mostScanned) return { data, next: last }
        scanned++
        last = number
        if (fits(one, query)) data.push(one)
      }
    } catch (error) {
      unreadable(error)
    }
    return { data, next: null }
  }
}

function fits({ actor, action, siteID, cause, at }: AuditRecord, query: AuditQuery): boolean {
  return (query.actor === undefined || query.actor === actor) && (query.action === undefined || query.action === action) &&
    (query.siteID === undefined || query.siteID === siteID) && (query.requestId === undefined || query.requestId === cause.requestId) &&
    (query.from === undefined || Date.parse(at) >= Date.parse(query.from)) && (query.to === undefined || Date.parse(at) < Date.parse(query.to))
}
