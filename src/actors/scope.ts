// The durable records of one site: what is put here lands in the store in coalesced, atomic, fenced commits.
import type { Clock } from '../clock.ts'
import { olderKey, StaleEpoch, StoreUnavailable, type Hold, type Store } from '../store/port.ts'
import { olderRecord } from './older-store.ts'
import { RecordMap } from './record-map.ts'
import { asideKey, asidePrefix, asideRecord, asideTooMany, type Aside, type Found } from './set-aside.ts'

export interface Scope {
  readonly name: string
  readonly epoch: number
  /** The newest value put under `key` (also before it is durable), or what the store held at the start. */
  get(key: string): unknown
  /** Entries whose key begins with `prefix`. */
  entries(prefix: string): [string, unknown][]
  /** Values are plain JSON and must not be changed after they were put. */
  put(key: string, value: unknown): void
  delete(key: string): void
  /** Resolves when everything put so far is durable; rejects with the store's error when this attempt failed (it is retried by itself), and with StoreUnavailable once the scope is closed or lost. */
  flush(): Promise<void>
  /** As flush, but waits through failures until the records are durable or the scope is closed (then it never settles: nobody may be told). */
  durable(): Promise<void>
  /** The reason why the last commit failed; null while the store takes writes. */
  readonly failure: string | null
  /** Another owner has it: nothing more is written, and nobody may be told anything. */
  readonly lost: boolean
  /** What is known of its ownership now. */
  hold(): Hold
  /** Writes that wait for the store. */
  waiting(): number
  /** What could not be read and lies under a key of its own since this start. */
  readonly aside: readonly Aside[]
  /** Moves a record that cannot be read there. */
  setAside(key: string, reason: string): void
  close(): Promise<void>
  /** As if the process had been killed: nothing more is written. */
  abandon(): void
}

export interface ScopeOptions {
  readonly store: Store
  readonly name: string
  readonly clock: Clock
  /** Why a record cannot be read; null = it can. What cannot is set aside before anybody sees it. Absent: whatever is JSON can. */
  readonly fault?: (key: string, value: unknown) => string | null
  /** Told when the store stops or resumes taking writes. */
  readonly onFailure?: (reason: string | null) => void
  /** Another owner took this scope: nothing may be sent for it any more. */
  readonly onLost?: (why: string) => void
  /** The store came back older than it was: true = everything is being written again, false = it is. */
  readonly onOlder?: (writing: boolean) => void
}

const retryAfterMs = 1_000
const rewrittenTogether = 1_000
/** They leave only for the archive, which has lost them with the store: they are moved there again. */
const archived = /^(?:tx|start):/

/** Takes ownership of a scope and reads it. Rejects with StoreUnavailable, with StoreOwned while another owner lives, with StaleEpoch when another took it at once. */
export async function openScope(options: ScopeOptions): Promise<Scope> {
  const { store, name, clock } = options
  let lost: StaleEpoch | null = null
  let whenLost = (_error: StaleEpoch): void => undefined
  let older = false
  let begun = false
  const epoch = await store.own(name, (why) => lose(new StaleEpoch(why)), () => {
    older = true
    if (!begun) return
    options.onOlder?.(true)
    clock.after(0, retry)
  })
  const damaged: (readonly [key: string, reason: string, found: Found])[] = []
  const stored = await store.read(name, (key, text) => damaged.push([key, 'it is no JSON', { text }]))
  const records = new RecordMap(stored)
  begun = true
  if (lost !== null) throw new StaleEpoch(`${name} was taken by another while it was opened`)
  let dirty = new Map<string, unknown>()
  const gone = Symbol('deleted')
  let running: Promise<void> | null = null
  let closed = false
  let abandoned = false
  let refused = false
  let retrying = false
  // Puts are numbered, so that who waits for one is not held up by those that came after it.
  let put = 0
  let committed = 0
  const patient = new Set<{ readonly upTo: number; readonly resolve: () => void }>()

  async function commitDirty(): Promise<void> {
    const batch = dirty
    const upTo = put
    dirty = new Map()
    const puts = new Map<string, unknown>()
    const deletes: string[] = []
    for (const [key, value] of batch) value === gone ? deletes.push(key) : puts.set(key, value)
    try {
      await store.commit(name, epoch, { puts, deletes })
      while (older) await writeAgain()
      committed = upTo
      report(null)
      for (const one of patient) if (one.upTo <= committed && patient.delete(one)) one.resolve()
    } catch (error) {
      for (const [key, value] of batch) if (!dirty.has(key)) dirty.set(key, value)
      if (error instanceof StaleEpoch) lose(error)
      else report(error instanceof Error ? error.message : String(error))
      if (lost === null && !closed) retryLater()
      throw error
    }
  }

  /** Everything as it is now, a part at a time; until the last the record says that it is not all there. */
  async function writeAgain(): Promise<void> {
    older = false
    try {
      const stored = await store.read(name, () => undefined)
      for (const [key, value] of stored) if (archived.test(key) && records.get(key) === undefined) records.set(key, value)
      const all = records.entries('')
      const gone = [...stored.keys()].filter((key) => key !== olderKey && records.get(key) === undefined)
      await store.commit(name, epoch, { puts: new Map([[olderKey, olderRecord(clock.wall())]]), deletes: gone })
      for (let from = 0; from < all.length && !abandoned; from += rewrittenTogether) await store.commit(name, epoch, { puts: new Map(all.slice(from, from + rewrittenTogether)) })
      if (abandoned) throw new StoreUnavailable('the records are closed')
      if (records.get(olderKey) === undefined) await store.commit(name, epoch, { deletes: [olderKey] })
    } catch (error) {
      older = true
      throw error
    }
    if (!older) options.onOlder?.(false)
  }

  function lose(error: StaleEpoch): void {
    if (lost !== null) return
    lost = error
    whenLost(error)
  }

  function report(reason: string | null): void {
    if (reason === face.failure || lost !== null) return
    face.failure = reason
    options.onFailure?.(reason)
  }

  /** However many attempts failed: one of its own for each would leave no time for anything else when the store is away for long. */
  function retryLater(): void {
    if (retrying) return
    retrying = true
    clock.after(retryAfterMs, () => {
      retrying = false
      retry()
    })
  }

  function retry(): void {
    if (!closed && (dirty.size > 0 || older) && running === null) write().catch(() => undefined)
  }

  /** One commit at a time; whoever comes during one joins the next. */
  async function write(): Promise<void> {
    if (running !== null) await running.catch(() => undefined)
    if (running !== null) return running
    // What was dropped was not written: nobody may be told that it was.
    if (abandoned) throw new StoreUnavailable('the records are closed')
    if (lost !== null) throw lost
    if (dirty.size === 0 && !older) return
    running = commitDirty().finally(() => { running = null })
    await running
  }

  /** A put after the end is not taken, so whoever made it is never told that it is durable. */
  function refuse(): void {
    refused = true
  }

  async function flush(): Promise<void> {
    if (closed) throw new StoreUnavailable('the records are closed')
    return write()
  }

  const aside: Aside[] = []

  function moveAside(key: string, reason: string, found: Found): void {
    aside.push({ key, reason })
    face.delete(key)
    face.put(asideKey(key), asideRecord({ key, reason }, found, clock.wall()))
    for (const old of asideTooMany(records.entries(asidePrefix))) face.delete(old)
  }

  // No getters: an object literal with them is a dictionary to V8, and every message asks this one.
  const face: Scope & { failure: string | null; lost: boolean } = {
    name,
    epoch,
    failure: null,
    lost: false,
    get: (key) => records.get(key),
    entries: (prefix) => records.entries(prefix),
    put(key, value) {
      if (closed) return refuse()
      records.set(key, value)
      dirty.set(key, value)
      put++
    },
    delete(key) {
      if (closed) return refuse()
      records.delete(key)
      dirty.set(key, gone)
      put++
    },
    flush,
    durable() {
      const upTo = refused ? Infinity : put
      return flush().catch(() => new Promise<void>((resolve) => {
        if (committed >= upTo) resolve()
        else if (lost === null) patient.add({ upTo, resolve })
      }))
    },
    hold: () => store.leases.hold(name, epoch),
    waiting: () => dirty.size,
    aside,
    setAside: (key, reason) => moveAside(key, reason, { value: records.get(key) ?? null }),
    async close() {
      closed = true
      await write().catch(() => undefined)
    },
    abandon() {
      closed = true
      abandoned = true
      dirty.clear()
      patient.clear()
    },
  }
  whenLost = ({ message }) => {
    face.lost = true
    face.failure = message
    // They would never be told.
    patient.clear()
    options.onLost?.(message)
  }
  for (const [key, value] of stored) {
    const reason = key.startsWith(asidePrefix) ? null : options.fault?.(key, value) ?? null
    if (reason !== null) damaged.push([key, reason, { value }])
  }
  for (const [key, reason, found] of damaged) moveAside(key, reason, found)
  // Of what an earlier run was acknowledged nothing is known: whoever reads the records is told.
  if (older) {
    older = false
    face.put(olderKey, olderRecord(clock.wall()))
  }
  return face
}
