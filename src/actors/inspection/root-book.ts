// Every root actor that lives: sites and charge points, each with its notes, for whoever looks in.
import type { AnyActor } from 'xstate'
import { chargePointActorID, siteActorID } from './actor-id.ts'
import { keepNotes, TransitionNotes } from './transition-notes.ts'

/** A site has no charge point. */
export interface RootFacts {
  readonly siteID: string
  readonly clientID: string | null
}

export interface Root extends RootFacts {
  /** Of the actor, e.g. `charge-point:CP-03`. */
  readonly id: string
  readonly type: 'site' | 'charge-point'
  readonly actor: AnyActor
  readonly notes: TransitionNotes
}

export interface RootWatcher {
  began(root: Root): void
  ended(root: Root): void
}

export class RootBook {
  /** Told of those that come and go; null: nobody watches. */
  watcher: RootWatcher | null = null
  private readonly roots = new Map<string, Root>()
  private readonly wall: () => number

  constructor(wall: () => number) {
    this.wall = wall
  }

  /** The actor runs; call what it returns when it has ended. One that takes the place of another keeps its notes. */
  begin({ siteID, clientID }: RootFacts, actor: AnyActor): () => void {
    const id = clientID === null ? siteActorID(siteID) : chargePointActorID(clientID)
    const key = keyOf(id)
    const before = this.roots.get(key)
    const notes = before?.siteID === siteID ? before.notes : new TransitionNotes(this.wall)
    const root: Root = { id, type: clientID === null ? 'site' : 'charge-point', siteID, clientID, actor, notes }
    keepNotes(actor, notes)
    if (before !== undefined) this.watcher?.ended(before)
    this.roots.set(key, root)
    this.watcher?.began(root)
    return () => {
      if (this.roots.get(key) !== root) return
      this.roots.delete(key)
      this.watcher?.ended(root)
    }
  }

  all(): readonly Root[] {
    return [...this.roots.values()]
  }

  /** Charge points without regard to case. */
  find(id: string): Root | undefined {
    return this.roots.get(keyOf(id))
  }
}

/** Sites are told apart by case, charge points are not. */
function keyOf(id: string): string {
  return id.startsWith('site:') ? id : id.toLowerCase()
}
