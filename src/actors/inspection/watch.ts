// One who watches: which events are his, and how he comes to know what lived before he came.
import type { Watcher, WatchFilter } from './inspection-face.ts'
import type { Root } from './root-book.ts'
import { withDefinition, type StreamEvent } from './stream-event.ts'

/** Is it one of those that are wanted and may be seen? */
export function fits({ siteID, clientID, actorID, types, frames, decisions, covers }: WatchFilter, event: Pick<StreamEvent, 'kind' | 'root' | 'type' | 'actorID'>): boolean {
  const { kind, root } = event
  if (kind === 'frame' ? !frames : kind === 'decision' && !decisions) return false
  return (siteID === undefined || root.siteID === siteID) && (clientID === undefined || root.clientID?.toLowerCase() === clientID.toLowerCase())
    && (types === undefined || types.includes(event.type)) && (actorID === undefined || event.actorID === actorID) && covers(root.siteID)
}

export class Watch {
  readonly filter: WatchFilter
  readonly watcher: Watcher
  /** Roots that he has not been told of: what happens there is not told him either. */
  private readonly untold: Set<Root>

  constructor(filter: WatchFilter, watcher: Watcher, roots: readonly Root[]) {
    this.filter = filter
    this.watcher = watcher
    this.untold = new Set(roots)
  }

  /** He is told of it when there is room. */
  postpone(root: Root): void {
    this.untold.add(root)
  }

  take(events: readonly StreamEvent[]): void {
    this.tell(events.filter((event) => !this.untold.has(event.root)))
  }

  /** Tells of as many more roots as there is room for; `describe` = null for one that is no more, undefined for one that is not attached yet. */
  catchUp(describe: (root: Root) => readonly StreamEvent[] | null | undefined): void {
    for (const root of this.untold) {
      if (!this.watcher.hasRoom()) return
      const found = describe(root)
      if (found === undefined) continue
      this.untold.delete(root)
      if (found !== null) this.tell(found)
    }
  }

  private tell(events: readonly StreamEvent[]): void {
    const texts = events.filter((event) => fits(this.filter, event)).map((event) => (this.filter.definitions ? withDefinition(event) : event.text))
    if (texts.length > 0) this.watcher.tell(texts)
  }
}
