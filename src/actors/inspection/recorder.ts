// Attached to every root while somebody watches: gathers facts, writes them five times a second, and hands them to the ring and to everybody who watches.
import type { Clock } from '../../clock.ts'
import { Attachment, type Fact } from './attachment.ts'
import { EventRing } from './event-ring.ts'
import type { Watcher, WatchFilter } from './inspection-face.ts'
import type { Root, RootBook, RootWatcher } from './root-book.ts'
import { writeEvent, type StreamEvent } from './stream-event.ts'
import { isSameValue } from './transition-notes.ts'
import { Watch } from './watch.ts'

export interface RecorderOptions {
  readonly book: RootBook
  readonly clock: Clock
  readonly mask: (idTag: string) => string
  /** Something could not be told; whoever did it must not notice. */
  readonly failed: (error: unknown) => void
  /** Told whether frames or decisions are wanted by anybody now. */
  readonly wanted: (what: { readonly frames: boolean; readonly decisions: boolean }) => void
}

const tickMs = 200
/** Of what is told in one tick: 5,000 events and 2.5 MiB a second. */
const mostPerTick = 1_000
const mostBytesPerTick = 512 * 1024
/** Those who begin in one tick; more are told of as those who lived before. */
const mostFresh = 20
/** Beginnings and ends are told beyond that. */
const mostWaiting = 20_000
const attachPerTick = 250
const keepUnwatchedMs = 600_000

export class Recorder implements RootWatcher {
  readonly ring = new EventRing()
  private readonly options: RecorderOptions
  private readonly watches = new Set<Watch>()
  private readonly attached = new Map<Root, Attachment>()
  private readonly coming = new Set<Root>()
  private facts: { fact: Fact; readonly atMs: number; superseded: boolean }[] = []
  /** Of each actor its last snapshot among the facts. */
  private readonly newest = new Map<string, (typeof this.facts)[number]>()
  private counted = 0
  private fresh = 0
  private dropped = 0
  /** Dropped before what is written next. */
  private missed = 0
  private number = 0
  private cancelTick = (): void => undefined
  private cancelForget = (): void => undefined

  constructor(options: RecorderOptions) {
    this.options = options
  }

  get watching(): number { return this.watches.size }
  get attachments(): number { return this.attached.size }

  /** Call what it returns when he watches no more. */
  watch(filter: WatchFilter, watcher: Watcher): () => void {
    const { book, clock } = this.options
    const watch = new Watch(filter, watcher, book.all())
    if (this.watches.size === 0) this.begin()
    this.watches.add(watch)
    this.tellWanted()
    clock.after(0, () => { if (this.watches.has(watch)) this.catchUp(watch) })
    return () => {
      if (!this.watches.delete(watch)) return
      this.tellWanted()
      if (this.watches.size === 0) this.end()
    }
  }

  /** Of frames and decisions too. */
  put(fact: Fact): void {
    const before = fact.kind === 'snapshot' ? this.newest.get(fact.actorID) : undefined
    if (before !== undefined && isRepeated(before.fact, fact)) before.superseded = true
    else if (fact.kind !== 'actor' && fact.ended !== true && ++this.counted > mostPerTick || this.facts.length >= mostWaiting) {
      this.dropped++
      return
    }
    const entry = { fact, atMs: this.options.clock.wall(), superseded: false }
    this.facts.push(entry)
    if (fact.kind === 'snapshot') this.newest.set(fact.actorID, entry)
  }

  began(root: Root): void {
    this.attach(root)
    if (++this.fresh > mostFresh) for (const watch of this.watches) watch.postpone(root)
  }

  ended(root: Root): void {
    this.coming.delete(root)
    this.attached.get(root)?.end()
    this.attached.delete(root)
  }

  stop(): void {
    for (const { watcher } of this.watches) watcher.end('kwota stops')
    this.watches.clear()
    this.end()
    this.cancelForget()
    this.ring.clear()
  }

  private begin(): void {
    const { book, clock } = this.options
    this.cancelForget()
    book.watcher = this
    for (const root of book.all()) this.coming.add(root)
    this.cancelTick = clock.after(0, () => this.tick())
  }

  private end(): void {
    const { book, clock } = this.options
    book.watcher = null
    this.cancelTick()
    for (const attachment of this.attached.values()) attachment.detach()
    this.attached.clear()
    this.coming.clear()
    this.forget()
    this.cancelForget()
    this.cancelForget = clock.after(keepUnwatchedMs, () => this.ring.clear())
  }

  private attach(root: Root): void {
    const attachment = new Attachment(root, (fact) => this.put(fact), this.options.failed)
    this.attached.set(root, attachment)
    for (const fact of attachment.describe()) this.put(fact)
  }

  private tick(): void {
    let room = attachPerTick
    for (const root of this.coming) {
      if (room-- <= 0) break
      this.coming.delete(root)
      this.attach(root)
    }
    const events = this.write()
    for (const event of events) this.ring.add(event)
    for (const watch of [...this.watches]) {
      const reason = watch.watcher.mayNot()
      if (reason !== null) watch.watcher.end(reason)
      else {
        watch.take(events)
        this.catchUp(watch)
      }
    }
    if (this.watches.size > 0) this.cancelTick = this.options.clock.after(tickMs, () => this.tick())
  }

  private write(): StreamEvent[] {
    const { mask, failed } = this.options
    const { facts } = this
    const told = facts.filter(({ superseded }) => !superseded)
    const { dropped } = this
    this.forget()
    const events: StreamEvent[] = []
    let left = mostBytesPerTick
    for (const { fact, atMs } of told) {
      if (left <= 0 && fact.kind !== 'actor' && fact.ended !== true) {
        this.missed++
        continue
      }
      try {
        events.push(writeEvent(fact, { number: ++this.number, atMs, dropped: this.missed, mask }))
        this.missed = 0
        if (fact.kind !== 'actor') left -= events.at(-1)!.text.length
      } catch (error) {
        this.missed++
        failed(error)
      }
    }
    this.missed += dropped
    return events
  }

  private forget(): void {
    this.facts = []
    this.newest.clear()
    this.counted = 0
    this.fresh = 0
    this.dropped = 0
  }

  /** Only when everything before is written: what is found then is newer than it. */
  private catchUp(watch: Watch): void {
    if (this.facts.length > 0) return
    const { clock, mask } = this.options
    watch.catchUp((root) => {
      if (this.coming.has(root)) return undefined
      const attachment = this.attached.get(root)
      return attachment === undefined ? null : attachment.describe().map((fact) => writeEvent(fact, { number: null, atMs: clock.wall(), dropped: 0, mask }))
    })
  }

  private tellWanted(): void {
    const filters = [...this.watches].map(({ filter }) => filter)
    this.options.wanted({ frames: filters.some(({ frames }) => frames), decisions: filters.some(({ decisions }) => decisions) })
  }
}

/** The state stayed: the later one says all that the earlier one said. */
function isRepeated(before: Fact, { snapshot, ended }: Fact): boolean {
  return ended !== true && before.ended !== true && snapshot?.status === before.snapshot?.status && isSameValue(snapshot?.value, before.snapshot?.value)
}
