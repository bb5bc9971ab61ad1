// Keeps two people from overwriting each other: If-Match against the present version, also while a write is under way.
import type { Caller, Versioned } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import { Problem } from './problem.ts'

interface Guarded {
  /** What is written, like `site main`; for people, and the key under which writes exclude each other. */
  readonly what: string
  readonly ifMatch: string | undefined
  /** Nothing may be there yet: Problem 409 otherwise. */
  readonly creates?: true
  readonly caller: Caller
  /** What stands now; undefined when there is nothing yet. */
  current(): Versioned<unknown> | undefined
}

export interface Writes {
  /**
   * Runs `write`. With If-Match: Problem 412 when the version is another, or another write of the same thing has not
   * ended; it is never made to wait, because a lowering must not.
   */
  run<T>(guarded: Guarded, write: () => Promise<T>): Promise<T>
}

/** One per server: it sees the writes that go through this process. */
export function createWrites(clock: Clock): Writes {
  const underWay = new Map<string, { count: number; name: string; atMs: number }>()
  return {
    async run({ what, ifMatch, creates, caller, current }, write) {
      const other = underWay.get(what)
      if (ifMatch !== undefined) {
        if (other !== undefined) throw stale(`The ${what} is being changed by ${other.name} since ${new Date(other.atMs).toISOString()}.`)
        compare(what, ifMatch, current())
      }
      if (creates && (other !== undefined || current() !== undefined)) {
        throw new Problem(409, 'already-exists', `The ${what} exists already.`, { hint: 'PUT replaces it.' })
      }
      const mine = { count: (other?.count ?? 0) + 1, name: caller.name, atMs: clock.wall() }
      underWay.set(what, mine)
      try {
        return await write()
      } finally {
        const left = underWay.get(what)
        if (left !== undefined && --left.count <= 0) underWay.delete(what)
      }
    },
  }
}

/** `3` → `"3"`. */
export function etag(versioned: Versioned<unknown>): string {
  return `"${versioned.version}"`
}

function compare(what: string, ifMatch: string, now: Versioned<unknown> | undefined): void {
  if (now === undefined) throw stale(`The ${what} does not exist.`)
  const versions = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''))
  if (versions.includes('*') || versions.includes(String(now.version))) return
  throw stale(`The ${what} was changed by ${now.changedBy} at ${now.changedAt}; it is version ${etag(now)} now.`)
}

function stale(detail: string): Problem {
  return new Problem(412, 'stale', detail, { hint: 'Read it again, and send its new ETag as If-Match.' })
}
