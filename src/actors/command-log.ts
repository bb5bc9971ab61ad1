// All commands of this process by id: kept in the scope of their site, bounded, and waited for.
import type { Clock } from '../clock.ts'
import { commandRecordSchema, commandView, hasFinished, type CommandRecord, type CommandView } from './command-record.ts'
import type { KwotaEvent } from './house.ts'
import type { Scope } from './scope.ts'

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

  /** Keeps it and puts it into the scope; the caller makes it durable. */
  put(record: CommandRecord, scope: Scope): void {
    scope.put(`command:${record.id}`, record)
    this.hold(record, scope)
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
    for (const go of this.waiting.get(record.id) ?? []) go()
    this.waiting.delete(record.id)
  }

  /** Resolves when the command has finished, or `waitMs` have passed. */
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
  }
}
