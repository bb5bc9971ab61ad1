// The id tags we know: kept in the scope of what belongs to no site, found without regard to case, changed one after the other.
import { Subject } from 'rxjs'
import type { Log } from '../log.ts'
import { idTagKey, idTagRecordSchema, type IdTagRecord } from './id-tag-record.ts'
import { Refusal, type Caller, type Versioned } from './house.ts'
import { idTagSchema } from '../settings.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'

export type StoredTag = IdTagRecord['tag']
export type ImportMode = 'merge' | 'replace'
export interface Imported { readonly created: number; readonly updated: number; readonly removed: number; readonly unchanged: number }

export interface IdTagFace {
  /** By id. */
  list(): readonly Versioned<StoredTag>[]
  get(id: string): Versioned<StoredTag>
  /** Undefined when there is none. */
  find(id: string): Versioned<StoredTag> | undefined
  /** Creates or replaces; of two spellings the first seen stays. */
  put(tag: StoredTag, caller: Caller): Promise<{ readonly created: boolean; readonly idTag: Versioned<StoredTag> }>
  remove(id: string): Promise<void>
  /** All or nothing; ids differ. `replace` also removes what is not among them. Refused (conflict, `too-many-id-tags`) beyond 200,000. */
  import(tags: readonly StoredTag[], mode: ImportMode, caller: Caller): Promise<Imported>
}

export interface IdTagOptions {
  readonly scope: Scope
  readonly log: Log
  readonly wallMs: () => number
  /** Resolves when everybody else has had a turn. */
  readonly pause: () => Promise<void>
  /** Throws Refusal where what they name does not exist; `at` = the pointer to a tag's tariff. */
  readonly check?: (tags: readonly StoredTag[], at: (index: number) => string) => void
  /** Runs a change that names tariffs, so that none of them goes meanwhile. */
  readonly naming?: <T>(change: () => Promise<T>) => Promise<T>
}

const mostTags = 200_000
/** So many of a table are looked at before others have a turn. */
const slice = 500

export class IdTagShelf implements IdTagFace {
  /** Ids in lower case of the tags that were made, changed or removed. */
  readonly changed$ = new Subject<readonly string[]>()
  private readonly options: IdTagOptions
  private readonly records = new Map<string, IdTagRecord>()
  private sorted: readonly Versioned<StoredTag>[] = []
  /** Those that `sorted` does not have as they are now. */
  private readonly unsorted = new Set<string>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: IdTagOptions) {
    this.options = options
    for (const [key, value] of options.scope.entries('idtag:')) {
      const parsed = idTagRecordSchema.safeParse(value)
      if (parsed.success) this.hold(parsed.data.tag.id.toLowerCase(), parsed.data)
      else options.log.warn({ record: key.length }, 'an id tag on record cannot be read and is ignored')
    }
  }

  /** What a tag is, with or without regard to case. */
  tag(idTag: string): StoredTag | undefined {
    return this.records.get(idTag.toLowerCase())?.tag
  }

  /** In lower case, in no order. */
  names(): readonly string[] {
    return [...this.records.keys()]
  }

  /** What has not changed stays in its place: sorting costs little then. */
  list(): readonly Versioned<StoredTag>[] {
    if (this.unsorted.size === 0) return this.sorted
    const kept = this.sorted.filter(({ value }) => !this.unsorted.has(value.id.toLowerCase()))
    const come = [...this.unsorted].flatMap((id) => this.find(id) ?? [])
    this.unsorted.clear()
    this.sorted = [...kept, ...come].sort((a, b) => (a.value.id < b.value.id ? -1 : 1))
    return this.sorted
  }

  find(id: string): Versioned<StoredTag> | undefined {
    const record = this.records.get(id.toLowerCase())
    return record === undefined ? undefined : versioned(record)
  }

  get(id: string): Versioned<StoredTag> {
    const found = this.find(id)
    if (found === undefined) throw unknown(id)
    return found
  }

  put(tag: StoredTag, caller: Caller): Promise<{ created: boolean; idTag: Versioned<StoredTag> }> {
    return this.naming([tag], async () => {
      const before = this.records.get(tag.id.toLowerCase())
      this.options.check?.([tag], () => '/tariffId')
      if (before === undefined) this.checkRoom(this.records.size + 1)
      const after = this.revised(tag, before, caller.name)
      await this.apply(new Map([[tag.id.toLowerCase(), after]]))
      return { created: before === undefined, idTag: versioned(after) }
    })
  }

  remove(id: string): Promise<void> {
    return this.alone(() => {
      if (!this.records.has(id.toLowerCase())) throw unknown(id)
      return this.apply(new Map([[id.toLowerCase(), null]]))
    })
  }

  import(tags: readonly StoredTag[], mode: ImportMode, caller: Caller): Promise<Imported> {
    return this.naming(tags, async () => {
      const changes = new Map<string, IdTagRecord | null>()
      this.options.check?.(tags, (index) => `/rows/${index}/tariffId`)
      for (let from = 0; from < tags.length; from += slice) {
        if (from > 0) await this.options.pause()
        for (const [id, record] of this.differences(tags.slice(from, from + slice), caller.name)) changes.set(id, record)
      }
      const given = new Set(tags.map(({ id }) => id.toLowerCase()))
      const created = [...changes.keys()].filter((id) => !this.records.has(id)).length
      const updated = changes.size - created
      const gone = mode === 'replace' ? [...this.records.keys()].filter((id) => !given.has(id)) : []
      for (const id of gone) changes.set(id, null)
      this.checkRoom(this.records.size + created - gone.length)
      await this.apply(changes)
      return { created, updated, removed: gone.length, unchanged: given.size - created - updated }
    })
  }

  /** What the file says counts over what is stored, at every start; put, not yet durable. */
  provision(tags: readonly StoredTag[], by: string): void {
    for (const [id, record] of this.differences(tags, by)) {
      this.options.scope.put(idTagKey(id), record)
      this.hold(id, record)
    }
  }

  /** The records of those that are new or say something else. */
  private differences(tags: readonly StoredTag[], by: string): Map<string, IdTagRecord | null> {
    const changes = new Map<string, IdTagRecord | null>()
    for (const tag of tags) {
      const id = tag.id.toLowerCase()
      const before = this.records.get(id)
      const after = this.revised(tag, before, by)
      if (before === undefined || JSON.stringify(before.tag) !== JSON.stringify(after.tag)) changes.set(id, after)
    }
    return changes
  }

  private revised(tag: StoredTag, before: IdTagRecord | undefined, by: string): IdTagRecord {
    const spelt = { ...tag, id: before?.tag.id ?? tag.id }
    return { v: 1, version: (before?.version ?? 0) + 1, changedAt: new Date(this.options.wallMs()).toISOString(), changedBy: by, tag: inOrder(spelt) }
  }

  private checkRoom(count: number): void {
    if (count > mostTags) throw new Refusal('conflict', 'too-many-id-tags', `At most ${mostTags} id tags are kept; this would make ${count}.`, { hint: 'Remove some first, or let an external service decide (policy external).' })
  }

  private async apply(changes: ReadonlyMap<string, IdTagRecord | null>): Promise<void> {
    if (changes.size === 0) return
    await write(this.options.scope, Object.fromEntries([...changes].map(([id, record]) => [idTagKey(id), record])))
    for (const [id, record] of changes) this.hold(id, record)
    this.changed$.next([...changes.keys()])
  }

  private hold(id: string, record: IdTagRecord | null): void {
    this.unsorted.add(id)
    if (record === null) this.records.delete(id)
    else this.records.set(id, record)
  }

  private naming<T>(tags: readonly StoredTag[], change: () => Promise<T>): Promise<T> {
    const { naming } = this.options
    return naming === undefined || tags.every(({ tariffId }) => tariffId === undefined) ? this.alone(change) : naming(() => this.alone(change))
  }

  /** One change at a time, so that each sees what the one before has made of it. */
  private alone<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.last.then(change)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

const fields = Object.keys(idTagSchema.shape) as (keyof StoredTag)[]

/** Equal tags are equal texts; checked they are already. */
function inOrder(tag: StoredTag): StoredTag {
  return Object.fromEntries(fields.flatMap((field) => (tag[field] === undefined ? [] : [[field, tag[field]]]))) as StoredTag
}

function versioned({ version, changedAt, changedBy, tag }: IdTagRecord): Versioned<StoredTag> {
  return { version, changedAt, changedBy, value: tag }
}

function unknown(id: string): Refusal {
  return new Refusal('not-found', 'unknown-id-tag', `There is no id tag ${id}.`, { hint: 'GET /api/v1/id-tags lists them.' })
}
