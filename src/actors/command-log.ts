// All commands of this process by id: kept in the scope of their site, bounded, and waited for.
import type { Clock } from '../clock.ts'
import { commandRecordSchema, commandView, hasFinished, requestKey, type CommandRecord, type CommandView } from './command-record.ts'
import type { KwotaEvent } from './house.ts'
import type { Scope } from './scope.ts'

/** Why commands end with the stay of their charge point at a site. */
export type Leaving = 'charge-point-moved' | 'charge-point-deleted'
const left: Readonly<Record<Leaving, string>> = { 'charge-point-moved': 'the charge point was moved to another site', 'charge-point-deleted': 'the charge point was deleted' }

/** Finished ones beyond that go, oldest first, per site. */
const mostKept = 5_000

export interface CommandLogOptions {
  readonly clock: Clock
  readonly emit: (event: Omit<KwotaEvent, 'id' | 'at'>) => void
}

export class CommandLog {
  private readonly options: CommandLogOptions
  private readonly records = new Map<string, { record: CommandRecord; readonly scope: Scope }>()
  private readonly byClient = new Map<string, Set<string>>()
  private readonly kept = new Map<Scope, number>()
  private readonly waiting = new Map<string, Set<() => void>>()

  constructor(options: CommandLogOptions) {
    this.options = options
  }

  /** Takes in what a site's scope holds, oldest first. */
  restore(scope: Scope): void {
    const found = scope.entries('command:').flatMap(([, value]) => {
      const parsed = commandRecordSchema.safeParse(value)
      return parsed.success ? [parsed.data] : []
    })
    for (const record of found.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) this.hold(record, scope)
    const kept = new Set(found.filter((record) => !hasFinished(record)).map(({ id }) => requestKey(id)))
    for (const [key] of scope.entries(requestKey(''))) if (!kept.has(key)) scope.delete(key)
  }

  /** Forgets a site that is no more. */
  drop(scope: Scope): void {
    for (const [id, entry] of this.records) if (entry.scope === scope) this.forget(id)
    this.kept.delete(scope)
  }

  get(id: string): CommandRecord | undefined {
    return this.records.get(id)?.record
  }

  /** The newest command of an action to a charge point that `fits`. */
  newest(clientID: string, action: string, fits: (record: CommandRecord) => boolean = () => true): CommandRecord | undefined {
    let found: CommandRecord | undefined
    for (const id of this.byClient.get(clientID) ?? []) {
      const record = this.get(id)
      if (record?.action === action && fits(record)) found = record
    }
    return found
  }

  /** Those of a charge point that have not ended, oldest first. */
  liveOf(clientID: string): CommandRecord[] {
    return [...this.byClient.get(clientID) ?? []].flatMap((id) => this.get(id) ?? []).filter((record) => !hasFinished(record))
  }

  /** Charge points of a site with commands that have not ended. */
  unfinished(siteID: string): ReadonlySet<string> {
    return new Set([...this.records.values()].filter(({ record }) => record.siteID === siteID && !hasFinished(record)).map(({ record }) => record.clientID))
  }

  /** Newest first. */
  views(): CommandView[] {
    return [...this.records.values()].map(({ record }) => commandView(record)).reverse()
  }

  /** Keeps it and puts it into the scope, or into that of the site where it was issued; the caller makes it durable. */
  put(record: CommandRecord, scope: Scope): void {
    const own = this.records.get(record.id)?.scope ?? scope
    own.put(`command:${record.id}`, record)
    this.hold(record, scope)
    if (own !== scope) own.flush().catch(() => undefined)
  }

  /** How the live commands of a charge point end with its stay at a site: `changes` belong into the commit that ends it, then `tell`. */
  leave(clientID: string, siteID: string, why: Leaving): { readonly changes: Readonly<Record<string, CommandRecord | null>>; tell(): void } {
    const ended = this.liveOf(clientID).filter((record) => record.siteID === siteID).map((record) => this.endedBy(record, why))
    return {
      changes: Object.fromEntries(ended.flatMap((record) => [[`command:${record.id}`, record], [requestKey(record.id), null]] as const)),
      tell: () => {
        for (const record of ended) {
          const entry = this.records.get(record.id)
          if (entry === undefined) continue
          entry.record = record
          this.finished(record)
        }
      },
    }
  }

  /** Ends the live ones of a site whose charge point is not there any more; `siteOf` answers undefined when it is nowhere. */
  endStrays(scope: Scope, siteOf: (clientID: string) => string | undefined): void {
    for (const { record, scope: own } of [...this.records.values()]) {
      const siteID = siteOf(record.clientID)
      if (own !== scope || hasFinished(record) || siteID === record.siteID) continue
      const ended = this.endedBy(record, siteID === undefined ? 'charge-point-deleted' : 'charge-point-moved')
      this.put(ended, scope)
      scope.delete(requestKey(record.id))
      void scope.durable().then(() => this.finished(ended))
    }
  }

  /** It never was: nothing could be written. */
  withdraw(id: string): void {
    const entry = this.records.get(id)
    if (entry === undefined) return
    entry.scope.delete(`command:${id}`)
    this.forget(id)
  }

  /** Tells who waits, and everybody, that it has finished. */
  finished(record: CommandRecord): void {
    const { siteID, clientID } = record
    this.options.emit({ type: 'command.finished', siteID, clientID, data: { ...commandView(record) } })
    this.release(record.id)
  }

  /** Resolves when the command has finished or is forgotten, or `waitMs` have passed. */
  wait(id: string, waitMs: number): Promise<void> {
    const record = this.get(id)
    if (record === undefined || hasFinished(record)) return Promise.resolve()
    return new Promise((resolve) => {
      const waiters = this.waiting.get(id) ?? new Set()
      this.waiting.set(id, waiters)
      const go = (): void => {
        cancel()
        waiters.delete(go)
        resolve()
      }
      const cancel = this.options.clock.after(waitMs, go)
      waiters.add(go)
    })
  }

  private release(id: string): void {
    for (const go of this.waiting.get(id) ?? []) go()
    this.waiting.delete(id)
  }

  private endedBy(record: CommandRecord, why: Leaving): CommandRecord {
    const begun = record.status === 'sent' || record.leavingAtMs !== null
    const description = `${left[why]} ${begun ? 'before it answered; it may have been carried out' : 'before it was sent'}`
    return { ...record, status: 'cancelled', sentAtMs: record.sentAtMs ?? record.leavingAtMs, finishedAtMs: this.options.clock.wall(), error: { code: why, description } }
  }

  private hold(record: CommandRecord, scope: Scope): void {
    const known = this.records.get(record.id)
    if (known !== undefined) {
      known.record = record
      return
    }
    this.records.set(record.id, { record, scope })
    const own = this.byClient.get(record.clientID) ?? new Set()
    this.byClient.set(record.clientID, own.add(record.id))
    const count = (this.kept.get(scope) ?? 0) + 1
    this.kept.set(scope, count)
    if (count > mostKept) this.dropOldest(scope)
  }

  /** When those of a site were issued. */
  createdAtMs(scope: Scope): number[] {
    return [...this.records.values()].flatMap((entry) => (entry.scope === scope ? [entry.record.createdAtMs] : []))
  }

  /** Forgets what finished before that time; the caller makes it durable. */
  expire(scope: Scope, beforeMs: number): void {
    for (const [id, entry] of [...this.records]) {
      if (entry.scope !== scope || !hasFinished(entry.record) || (entry.record.finishedAtMs ?? entry.record.createdAtMs) >= beforeMs) continue
      scope.delete(`command:${id}`)
      this.forget(id)
    }
  }

  private dropOldest(scope: Scope): void {
    for (const [id, entry] of this.records) {
      if (entry.scope !== scope || !hasFinished(entry.record)) continue
      scope.delete(`command:${id}`)
      return this.forget(id)
    }
  }

  private forget(id: string): void {
    const entry = this.records.get(id)
    if (entry === undefined) return
    this.records.delete(id)
    const own = this.byClient.get(entry.record.clientID)
    own?.delete(id)
    if (own?.size === 0) this.byClient.delete(entry.record.clientID)
    this.kept.set(entry.scope, (this.kept.get(entry.scope) ?? 1) - 1)
    // Nobody waits for what is not known any more.
    this.release(id)
  }
}
