// Inspection of everything that lives in an estate: read only, nobody is asked to wait for it, and next to nothing while nobody watches.
import type { Subscription } from 'rxjs'
import type { Session } from '../../protocol/session.ts'
import type { Estate } from '../estate.ts'
import type { KwotaEvent } from '../house.ts'
import { siteActorID } from './actor-id.ts'
import { detailOf, findActor, historyOf, listActors, type Beside } from './actor-views.ts'
import { Frames } from './frames.ts'
import type { ActorDetail, ActorQuery, ActorView, InspectionFace, PastQuery, PastState, TransitionView, Watcher, WatchFilter } from './inspection-face.ts'
import { pastEvents, statesAt } from './past.ts'
import { Recorder } from './recorder.ts'
import { RootBook } from './root-book.ts'

export class Inspection implements InspectionFace {
  readonly roots: RootBook
  /** Somebody wants frames. */
  hears = false
  private readonly estate: Estate
  private readonly beside: Beside
  private readonly frames: Frames
  private opened: Recorder | null = null
  private decisions: Subscription | null = null

  constructor(estate: Estate) {
    this.estate = estate
    this.roots = new RootBook(() => estate.options.clock.wall())
    this.beside = {
      circuitOf: (clientID) => estate.point(clientID)?.record.config.circuit ?? null,
      callsWaiting: (clientID) => estate.point(clientID)?.session?.callsWaiting ?? 0,
      maskTag: (idTag) => estate.tagMask.of(idTag),
    }
    this.frames = new Frames(this.roots, this.beside.maskTag)
  }

  /** Made when it is first needed: the estate is whole then. */
  get recorder(): Recorder {
    return this.opened ??= new Recorder({ book: this.roots, clock: this.estate.options.clock, mask: this.beside.maskTag, failed: (error) => this.estate.options.log.error({ error }, 'something could not be shown to who inspects'), wanted: ({ frames, decisions }) => this.want(frames, decisions) })
  }

  actors(query: ActorQuery): readonly ActorView[] { return listActors(this.roots, query, this.beside) }
  actor(id: string, full: boolean): ActorDetail { return detailOf(findActor(this.roots, id), full, this.beside) }
  history(id: string): readonly TransitionView[] { return historyOf(findActor(this.roots, id)) }
  watch(filter: WatchFilter, watcher: Watcher): () => void { return this.recorder.watch(filter, watcher) }
  past(query: PastQuery): { readonly texts: readonly string[]; readonly next: number | null } { return pastEvents(this.recorder.ring, query) }
  states(atMs: number, query: ActorQuery): readonly PastState[] { return statesAt(this.recorder.ring, atMs, query) }

  /** A frame as it came or went; asked only while somebody hears. */
  frame(session: Session, direction: 'in' | 'out', text: string): void {
    const fact = this.frames.read(session, direction, text)
    if (fact !== null) this.recorder.put(fact)
  }

  stop(): void {
    this.opened?.stop()
  }

  private want(frames: boolean, decisions: boolean): void {
    this.hears = frames
    if (!frames) this.frames.forget()
    if (!decisions) {
      this.decisions?.unsubscribe()
      this.decisions = null
    } else this.decisions ??= this.estate.events.facts$.subscribe((event) => this.decided(event))
  }

  private decided({ type, siteID, data }: KwotaEvent): void {
    const root = type === 'decision.made' ? this.roots.find(siteActorID(siteID)) : undefined
    if (root !== undefined) this.recorder.put({ kind: 'decision', root, actorID: root.id, type: root.type, more: data })
  }
}
