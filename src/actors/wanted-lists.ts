// What local lists are to say: worked out once per change of id tags, in slices, for all charge points that may have the same.
import { byName, changesBetween, printOf, sumOf, type Change, type Print, type TagSet } from './listed-tags.ts'
import { judgeTag, type Location } from './id-tag-record.ts'
import type { IdTagShelf, StoredTag } from './id-tags.ts'
import type { Listed } from './local-list-record.ts'

/** A set as wanted; `total` = how many may charge there, also those that do not fit. */
export interface WantedList extends TagSet { readonly total: number }

export interface WantedListsOptions {
  readonly idTags: Pick<IdTagShelf, 'tag' | 'names' | 'changed$'>
  readonly wallMs: () => number
  /** Resolves when everybody else has had a turn. */
  readonly pause: () => Promise<void>
}

/** So many are looked at before others have a turn. */
const slice = 500
/** Beyond that the oldest goes and is worked out again when it is asked for. */
const mostLists = 1_000
/** Tags that keep changing do not put it off for ever. */
const mostTries = 3

interface Sorted {
  readonly everywhere: readonly Print[]
  readonly bySite: ReadonlyMap<string, readonly Print[]>
  /** By identity in lower case. */
  readonly byPoint: ReadonlyMap<string, readonly Print[]>
}

export class WantedLists {
  /** What was done so far: tags shortened to a print, lists put together, pairs of sets compared. */
  readonly work = { printed: 0, built: 0, compared: 0 }
  private readonly options: WantedListsOptions
  private readonly prints = new WeakMap<StoredTag, Print>()
  private names: readonly string[] | null = null
  private readonly changed = new Set<string>()
  private sorted: Sorted | null = null
  private readonly lists = new Map<string, WantedList>()
  private readonly ways = new WeakMap<TagSet['tags'], WeakMap<TagSet['tags'], readonly Change[]>>()
  private running: Promise<void> | null = null

  constructor(options: WantedListsOptions) {
    this.options = options
    options.idTags.changed$.subscribe((names) => {
      for (const name of names) this.changed.add(name)
      this.sorted = null
      this.lists.clear()
    })
  }

  /** Resolves when what is wanted now can be had without work for every tag. */
  ready(): Promise<void> {
    if (this.sorted !== null) return Promise.resolve()
    this.running ??= this.prepare().finally(() => { this.running = null })
    return this.running
  }

  /** What is wanted there where so many fit: the first by name. Not `ready`, it takes its time at once. */
  at({ siteID, clientID }: Location, room: number): WantedList {
    const sorted = this.sorted ?? this.sortNow()
    const point = clientID.toLowerCase()
    const key = JSON.stringify([sorted.bySite.has(siteID) ? siteID : null, sorted.byPoint.has(point) ? point : null])
    const all = this.list(key, () => merge(sorted.everywhere, sorted.bySite.get(siteID) ?? [], sorted.byPoint.get(point) ?? []))
    return all.total <= room ? all : this.list(`${key} ${room}`, () => all.tags.slice(0, room), all.total)
  }

  /** What is said there of a tag that is in one of its sets. */
  say(name: string, at: Location): Listed {
    const tag = this.options.idTags.tag(name)
    if (tag === undefined) throw new Error(`there is no id tag ${name}`)
    return { idTag: tag.id, idTagInfo: judgeTag(tag, at, this.options.wallMs()) }
  }

  /** What leads from one set to the other, compared once for all who go that way. */
  changes(from: TagSet, to: TagSet): readonly Change[] {
    const ways = this.ways.get(from.tags) ?? new WeakMap<TagSet['tags'], readonly Change[]>()
    this.ways.set(from.tags, ways)
    const known = ways.get(to.tags)
    if (known !== undefined) return known
    this.work.compared++
    const found = changesBetween(from.tags, to.tags)
    ways.set(to.tags, found)
    return found
  }

  private list(key: string, tags: () => TagSet['tags'], total?: number): WantedList {
    const known = this.lists.get(key)
    if (known !== undefined) return known
    this.work.built++
    const made = tags()
    const list = new Built(made, total ?? made.length)
    for (const oldest of this.lists.keys()) {
      if (this.lists.size < mostLists) break
      this.lists.delete(oldest)
    }
    this.lists.set(key, list)
    return list
  }

  private async prepare(): Promise<void> {
    for (let tries = 0; this.sorted === null && tries < mostTries; tries++) {
      const names = this.sortedNames()
      for (const _ of this.sortOut(names)) {
        await this.options.pause()
        // They have changed meanwhile, or somebody could not wait: what was printed stays.
        if (this.changed.size > 0 || this.sorted !== null) break
      }
    }
    this.sorted ??= this.sortNow()
  }

  private sortNow(): Sorted {
    for (const _ of this.sortOut(this.sortedNames()));
    return this.sorted!
  }

  /** Yields after every slice; sets `sorted` when it has come to the end. */
  private *sortOut(names: readonly string[]): Generator<void> {
    const everywhere: Print[] = []
    const bySite = new Map<string, Print[]>()
    const byPoint = new Map<string, Print[]>()
    const add = (to: Map<string, Print[]>, key: string, print: Print): void => {
      const own = to.get(key)
      if (own === undefined) to.set(key, [print])
      else own.push(print)
    }
    for (const [at, name] of names.entries()) {
      if (at % slice === slice - 1) yield
      const tag = this.options.idTags.tag(name)
      if (tag === undefined) continue
      const print = this.printOf(name, tag)
      if (tag.sites === undefined && tag.chargePoints === undefined) everywhere.push(print)
      for (const siteID of new Set(tag.sites)) add(bySite, siteID, print)
      for (const point of new Set(tag.chargePoints?.map((id) => id.toLowerCase()))) add(byPoint, point, print)
    }
    this.sorted = { everywhere, bySite, byPoint }
  }

  private printOf(name: string, tag: StoredTag): Print {
    const known = this.prints.get(tag)
    if (known !== undefined) return known
    this.work.printed++
    const print = printOf(name, tag)
    this.prints.set(tag, print)
    return print
  }

  /** Sorted once; then only what has changed finds its place. */
  private sortedNames(): readonly string[] {
    const { idTags } = this.options
    const kept = (this.names ?? idTags.names()).filter((name) => !this.changed.has(name))
    this.names = [...kept, ...[...this.changed].filter((name) => idTags.tag(name) !== undefined)].sort()
    this.changed.clear()
    return this.names
  }
}

class Built implements WantedList {
  readonly tags: TagSet['tags']
  readonly total: number
  private known: string | null = null
  constructor(tags: TagSet['tags'], total: number) {
    this.tags = tags
    this.total = total
  }

  /** Of one that is only the beginning of another nobody asks for it. */
  get sum(): string {
    return this.known ??= sumOf(this.tags)
  }
}

function merge(everywhere: readonly Print[], ...own: (readonly Print[])[]): readonly Print[] {
  const more = new Set(own.flat())
  return more.size === 0 ? everywhere : [...everywhere, ...more].sort(byName)
}
