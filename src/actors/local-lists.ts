// What the local lists of all charge points have in common: what is wanted, and whose turn it is.
import type { Location } from './id-tag-record.ts'
import type { Estate } from './estate.ts'
import { ListTurns } from './list-turns.ts'
import type { Change, TagSet } from './listed-tags.ts'
import type { Listed } from './local-list-record.ts'
import { WantedLists, type WantedList } from './wanted-lists.ts'

/** As one charge point sees them. */
export interface ListDesk {
  /** Resolves when `wanted` is there without work for every tag. */
  ready(): Promise<void>
  /** Our id tags that may charge there, as many as fit: the first by name. */
  wanted(room: number): WantedList
  /** What is said there of a tag that is wanted. */
  say(name: string): Listed
  changes(from: TagSet, to: TagSet): readonly Change[]
  /** Does it when its turn has come among all charge points. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
}

export interface LocalLists {
  readonly wanted: WantedLists
  of(at: Location): ListDesk
  /** A charge point has connected. */
  contacted(): void
  stop(): void
}

export function openLocalLists({ idTags, sites, options: { clock, listRestMs = 0 } }: Estate): LocalLists {
  const wanted = new WantedLists({ idTags, wallMs: () => clock.wall(), pause: () => new Promise((resolve) => { clock.after(0, resolve) }) })
  const turns = new ListTurns({ clock, restMs: listRestMs, isShedding: () => [...sites.values()].some(({ room }) => (room.engine.plan?.over.length ?? 0) > 0) })
  return {
    wanted,
    of: (at) => ({
      ready: () => wanted.ready(),
      wanted: (room) => wanted.at(at, room),
      say: (name) => wanted.say(name, at),
      changes: (from, to) => wanted.changes(from, to),
      inTurn: (work) => turns.take(work),
    }),
    contacted: () => turns.contacted(),
    stop: () => turns.stop(),
  }
}
