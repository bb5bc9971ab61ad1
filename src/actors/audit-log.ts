// The audit log of an installation: one chain in the scope of what belongs to no site, its older entries moved to a series.
import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/port.ts'
import { auditHeadSchema, auditRecordSchema, emptyHead, expiryAction, nextRecord, type AuditEntry, type AuditHead, type AuditRecord } from './audit-record.ts'
import { auditHeadKey, auditKey, auditPrefix, auditSeries, placeOf, storedRecords, type StoredEntry } from './audit-stored.ts'
import { storeDown } from './records.ts'
import type { Scope } from './scope.ts'

export interface AuditLogOptions {
  readonly scope: Pick<Scope, 'name' | 'get' | 'put' | 'delete' | 'entries' | 'flush'>
  readonly store: Pick<Store, 'range' | 'replace' | 'expire'>
  readonly clock: Clock
  readonly log: Log
}

/** So many stay in memory before they move. */
const stayTogether = 200
/** As many wait for the store at most; what comes then is counted, and the log of kwota and the next entry say so. */
const mostWaiting = 2_000
const movedTogether = 100
const expiredTogether = 500
const tagKey = 'audit-tag-key'

export class AuditLog {
  private readonly options: AuditLogOptions
  private head: AuditHead
  /** Not yet in the series, by number. */
  private readonly waiting = new Map<number, AuditRecord>()
  private lost = 0
  private moving: Promise<void> | null = null
  private failing = false
  private stopped = false

  constructor(options: AuditLogOptions) {
    this.options = options
    const { scope, log } = options
    // A store gives its records in any order.
    for (const [key, value] of scope.entries(auditPrefix).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { data } = auditRecordSchema.safeParse(value)
      if (data === undefined) log.error({ key }, 'an entry of the audit log cannot be read; kwota audit verify says which')
      else this.waiting.set(data.sequence, data as AuditRecord)
    }
    const noted = auditHeadSchema.safeParse(scope.get(auditHeadKey)).data
    this.head = noted ?? emptyHead
    const newest = [...this.waiting.values()].at(-1)
    if (noted === undefined && newest !== undefined) {
      log.error({ sequence: newest.sequence }, 'the head of the audit log is missing or cannot be read; the log goes on behind its newest entry')
      this.head = { ...emptyHead, sequence: newest.sequence, hash: newest.hash }
      this.note(ofItself('restore-audit-head', null, { sequence: newest.sequence, hash: newest.hash }))
    }
  }

  /** The newest entry's number and hash, and the oldest that is kept. */
  get end(): AuditHead { return this.head }

  /** Entries that are kept. */
  get count(): number { return this.head.sequence + 1 - this.head.first.sequence }

  /** When the oldest that is kept was made; null = there is none. Rejects with StoreUnavailable. */
  async oldestMs(): Promise<number | null> {
    const { done, value } = await this.oldestFirst().next()
    return done === true ? null : Date.parse((value.value as AuditRecord).at)
  }

  /** What an id tag is called here: the same for the same tag, and no way back to it without the key that lies in the store. */
  nameOfTag(tag: string): string {
    const { scope } = this.options
    const kept = scope.get(tagKey)
    const key = typeof kept === 'string' ? kept : randomBytes(32).toString('base64url')
    if (key !== kept) scope.put(tagKey, key)
    return `tag-${createHmac('sha256', key).update(tag.toLowerCase()).digest('hex').slice(0, 16)}`
  }

  /** Puts an entry, which is durable with the next commit of its scope; null when too many wait for the store, and it is only counted. */
  put(entry: AuditEntry): AuditRecord | null {
    const { scope, clock, log } = this.options
    if (this.waiting.size >= mostWaiting) {
      if (this.lost++ === 0) log.error({ action: entry.action, actor: entry.actor }, 'entries of the audit log are lost: too many wait for the store')
      return null
    }
    if (this.lost > 0) {
      const count = this.lost
      this.lost = 0
      this.put(ofItself('lose-audit-entries', null, { count }, 'too many waited for the store'))
    }
    const record = nextRecord(this.head, entry, new Date(clock.wall()).toISOString())
    this.head = { ...this.head, sequence: record.sequence, hash: record.hash }
    this.waiting.set(record.sequence, record)
    // Both land in one commit, so that no crash leaves one without the other.
    scope.put(auditKey(record.sequence), record)
    scope.put(auditHeadKey, this.head)
    if (this.waiting.size >= stayTogether) void this.move()
    return record
  }

  /** Puts an entry and has it written; nobody waits for it. */
  note(entry: AuditEntry): void {
    this.put(entry)
    this.options.scope.flush().catch(() => undefined)
  }

  /** Resolves when the entry is durable; rejects with Refusal store-down when it is not yet: it is still written when the store takes writes. */
  async record(entry: AuditEntry): Promise<void> {
    const { scope } = this.options
    if (this.put(entry) === null) throw storeDown(new Error('too many entries of the audit log wait for it'))
    await scope.flush().catch((error: unknown) => { throw storeDown(error) })
  }

  /** Newest first, from number `below` on down. Rejects with StoreUnavailable. */
  async *newestFirst(below = Infinity): AsyncGenerator<StoredEntry> {
    const { store } = this.options
    let next = Math.min(this.head.sequence, below - 1)
    for (let one = this.waiting.get(next); one !== undefined; one = this.waiting.get(next)) {
      yield { number: next, value: one }
      next--
    }
    while (next >= this.head.first.sequence) {
      const from = Math.max(this.head.first.sequence, next - movedTogether + 1)
      const rows = await store.range(this.options.scope.name, auditSeries, placeOf(from), placeOf(next + 1))
      yield* rows.reverse().map(({ atMs, value }) => ({ number: Math.floor(atMs / placeOf(1)), value }))
      next = from - 1
    }
  }

  /** Oldest first, from number `above` on up, as of now. Rejects with StoreUnavailable. */
  oldestFirst(above = 0): AsyncGenerator<StoredEntry> {
    const { store, scope } = this.options
    return storedRecords(store, scope.name, scope.entries(auditPrefix), Math.max(this.head.first.sequence, above + 1))
  }

  /** Resolves when all that was put is durable; rejects with StoreUnavailable. */
  durable(): Promise<void> { return this.options.scope.flush() }

  /** Resolves when few enough wait for the store to put many more. */
  async room(): Promise<void> {
    if (this.waiting.size >= stayTogether) await this.move()
  }

  /** What waits goes to the series; a failure is logged, and the next time it goes on. */
  move(): Promise<void> {
    return this.moving ??= this.moveAll()
      .then(() => { this.failing = false })
      .catch((error: unknown) => {
        if (!this.failing) this.options.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'entries of the audit log could not be moved')
        this.failing = true
      })
      .finally(() => { this.moving = null })
  }

  /** Forgets entries from before that time, with an entry that says so; answers how many. Rejects with StoreUnavailable or Refusal store-down. */
  async expire(beforeMs: number): Promise<number> {
    const { scope, store } = this.options
    await this.move()
    const { first } = this.head
    let [sequence, previousHash] = [first.sequence, first.previousHash]
    for (let old = true; old;) {
      const rows = await store.range(this.options.scope.name, auditSeries, placeOf(sequence), placeOf(sequence + expiredTogether))
      for (const { value } of rows) {
        const record = value as AuditRecord
        old = Date.parse(record.at) < beforeMs
        if (!old) break
        ;[sequence, previousHash] = [record.sequence + 1, record.hash]
      }
      if (rows.length < expiredTogether) old = false
    }
    const count = sequence - first.sequence
    if (count > 0) {
      // Said and durable first: what is then still there is no part of the log any more.
      this.head = { ...this.head, first: { sequence, previousHash } }
      this.put(ofItself(expiryAction, { firstSequence: first.sequence }, { firstSequence: sequence, previousHash }, 'retention'))
      await scope.flush().catch((error: unknown) => { throw storeDown(error) })
    }
    await store.expire(this.options.scope.name, auditSeries, placeOf(sequence))
    return count
  }

  /** Moves nothing any more. */
  stop(): void {
    this.stopped = true
  }

  private async moveAll(): Promise<void> {
    const { scope, store } = this.options
    // Only what is durable here may stand there.
    const due = [...this.waiting.values()]
    await scope.flush()
    for (let from = 0; from < due.length && !this.stopped; from += movedTogether) {
      const some = due.slice(from, from + movedTogether)
      // In place of what a crash may have left of the same numbers.
      await store.replace(this.options.scope.name, auditSeries, placeOf(some[0]!.sequence), placeOf(some.at(-1)!.sequence + 1), some.map((value) => ({ atMs: placeOf(value.sequence), value })), { durable: true })
      for (const { sequence } of some) {
        scope.delete(auditKey(sequence))
        this.waiting.delete(sequence)
      }
      await scope.flush()
    }
  }
}

/** What happens to the log itself. */
function ofItself(action: string, before: unknown, after: unknown, reason?: string): AuditEntry {
  return { actor: 'engine', action, target: { kind: 'audit-log', id: 'entries' }, siteID: null, before, after, reason }
}
