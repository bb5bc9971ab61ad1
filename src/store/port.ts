// What survives: the port every store implements. One contract test (test/store/contract.ts) holds for all of them.

/** Plain JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Writes to one scope that land together or not at all. Keys are printable strings of at most 512 characters. */
export interface Batch {
  readonly puts?: ReadonlyMap<string, unknown>
  readonly deletes?: readonly string[]
}

export interface SeriesEntry { readonly atMs: number; readonly value: unknown }

/** What stands under a key and cannot be read. */
export type Damaged = (key: string, text: string) => void

export interface AppendOptions {
  /** So long after the end of its UTC day an entry may go by itself where the store can do that (Redis); elsewhere `expire` alone drops it. Absent: never. */
  readonly keepMs?: number | undefined
  /** Durable when it resolves, as a commit is: for what is taken from somewhere else behind it. Without, a power cut may take it although a later commit is there. */
  readonly durable?: boolean | undefined
}

/** One piece of what a store holds. */
export type Piece =
  | { readonly type: 'scope'; readonly scope: string; readonly epoch: number }
  | { readonly type: 'record'; readonly scope: string; readonly key: string; readonly value: unknown }
  | { readonly type: 'claim'; readonly space: string; readonly key: string; readonly owner: string }
  | { readonly type: 'entry'; readonly scope: string; readonly series: string; readonly atMs: number; readonly value: unknown }

export interface DumpOptions { readonly withoutSeries?: boolean }

/** A process that owns scopes, for people to find it. */
export interface Owner { readonly id: string; readonly host: string; readonly pid: number; readonly startedAt: string }

/** What is known of the ownership of a scope without asking anybody. */
export interface Hold {
  /** `fresh`: nobody else can have it. `overdue`: the lease could not be renewed in time, so somebody may. `lost`: somebody has. */
  readonly state: 'fresh' | 'overdue' | 'lost'
  /** When the lease ends unless it is renewed, by the wall clock; null where it does not end by itself, or has ended. */
  readonly endsAtMs: number | null
  /** Who has it now that it is lost; null when it is not, or nobody knows. */
  readonly owner: Owner | null
}

/** Ownership, told by the monotonic clock of this process: a lease is over here before it is over in the store. */
export interface Leases {
  hold(scope: string, epoch: number): Hold
  /**
   * Null while what `hold` says may be acted on. After a pause of this process that was longer than its leases: resolves
   * once the store has said who owns what now, or has not answered within the deadline of a write. Until then nobody may be told anything.
   */
  doubt(): Promise<void> | null
}

/** Where a lock on all the data keeps everybody else out for as long as the process lives. */
export const locked: Leases = { hold: () => ({ state: 'fresh', endsAtMs: null, owner: null }), doubt: () => null }

/** The record of a scope that says that its store is older than what was acknowledged; `{ v: 1, at, madeAt }`, the last of a restored backup. */
export const olderKey = 'older-store'

/**
 * A scope is a site (or `kwota` for what belongs to no site). Writes are fenced: `commit` with an epoch that is not the
 * scope's newest throws StaleEpoch and changes nothing.
 */
export interface Store {
  readonly leases: Leases
  /**
   * Takes ownership of a scope: its epoch is incremented durably and returned. Rejects with StoreOwned while another owner lives; the
   * lease of one that does not is waited for. `lost` = told once, when another has taken it from us.
   * `older` = told when the store does not hold any more what it has acknowledged for this scope (on Redis: it came back older): before this
   * resolves, of what an earlier run was acknowledged; later, within the next commit at the latest, of what this one was. That commit itself is
   * durable, what came before it may be gone.
   */
  own(scope: string, lost?: (why: string) => void, older?: () => void): Promise<number>
  /** Durable when it resolves. Rejects with StaleEpoch, or StoreUnavailable when the outcome is unknown or failed. */
  commit(scope: string, epoch: number, batch: Batch): Promise<void>
  /** Every live key of a scope. A row that is no JSON is left out and told to `onDamaged`; without one the call rejects with StoreDamaged, which names it. */
  read(scope: string, onDamaged?: Damaged): Promise<Map<string, unknown>>
  /** Names of all scopes that were ever owned. */
  scopes(): Promise<string[]>
  /** Makes `key` in `space` belong to `owner` unless another has it; answers who owns it now. Durable. */
  claim(space: string, key: string, owner: string): Promise<string>
  /** Ends the claim if `owner` holds it. */
  release(space: string, key: string, owner: string): Promise<void>
  /** Every claim in a space. */
  claims(space: string): Promise<Map<string, string>>
  /** Adds to a time series of a scope; not waited for by any reply, durable soon after it resolves. */
  append(scope: string, series: string, entries: readonly SeriesEntry[], options?: AppendOptions): Promise<void>
  /** As append, to many series of a scope at once. */
  appendAll(scope: string, entries: ReadonlyMap<string, readonly SeriesEntry[]>, options?: AppendOptions): Promise<void>
  /** Puts `entries` in place of everything with fromMs ≤ atMs < toMs, all at once or not at all; TypeError when one is outside of it, or it is longer than 366 days. */
  replace(scope: string, series: string, fromMs: number, toMs: number, entries: readonly SeriesEntry[], options?: AppendOptions): Promise<void>
  /** Names of the series of a scope that begin with `prefix`, ascending; one may come whose entries have all gone by themselves. */
  series(scope: string, prefix?: string): Promise<string[]>
  /** Entries with fromMs ≤ atMs < toMs, ascending, at most `limit` (default 10,000); an entry that is no JSON is left out. */
  range(scope: string, series: string, fromMs: number, toMs: number, limit?: number): Promise<SeriesEntry[]>
  /** Drops entries of a series older than `beforeMs`. */
  expire(scope: string, series: string, beforeMs: number): Promise<void>
  /** What goes by itself in a series now does so `keepMs` after the end of its UTC day; what does not, and stores where nothing does, stay as they are. */
  keep(scope: string, series: string, keepMs: number): Promise<void>
  /** Takes what was dropped or replaced in the state of a scope, or in one series of it, out of the files as well, which may take minutes. Answers false where that is for others to do (Redis). */
  compact(scope: string, series?: string): Promise<boolean>
  /**
   * All that it holds, a scope before its records, entries of a series in their order. The records are those of one instant: of all scopes
   * together, on Redis of each by itself; series go on growing there meanwhile. Throws StoreUnavailable.
   */
  dump(options?: DumpOptions): AsyncIterable<Piece>
  /**
   * Adds what a dump has told to what is there, durable when it resolves; an epoch becomes the higher of both. What was taken before
   * something fails stays. For a store that nobody else writes to meanwhile. TypeError for a piece that no store can hold.
   */
  load(pieces: AsyncIterable<Piece>): Promise<void>
  /** Resolves when the store can take a write now; rejects with StoreUnavailable and the reason otherwise. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Another owner lives. */
export class StoreOwned extends Error {
  override readonly name = 'StoreOwned'
  /** Null when it did not say who it is. */
  readonly owner: Owner | null
  constructor(scope: string, owner: Owner | null) {
    super(`${scope} is in use by ${ownerInWords(owner)}`)
    this.owner = owner
  }
}

export function ownerInWords(owner: Owner | null): string {
  return owner === null ? 'another kwota' : `another kwota (${owner.id} on ${owner.host}, process ${owner.pid}, since ${owner.startedAt})`
}

export class StaleEpoch extends Error {
  override readonly name = 'StaleEpoch'
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** What was stored cannot be read: a row, where nobody said what is to become of such, or a file. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged'
}
