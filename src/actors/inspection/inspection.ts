// Inspection of everything that lives in an estate: read only, nobody is asked to wait for it.
import type { Estate } from '../estate.ts'
import { detailOf, findActor, historyOf, listActors, type Beside } from './actor-views.ts'
import type { ActorDetail, ActorQuery, ActorView, InspectionFace, TransitionView } from './inspection-face.ts'
import { RootBook } from './root-book.ts'

export class Inspection implements InspectionFace {
  readonly roots: RootBook
  private readonly beside: Beside

  constructor(estate: Estate) {
    this.roots = new RootBook(() => estate.options.clock.wall())
    this.beside = {
      circuitOf: (clientID) => estate.point(clientID)?.record.config.circuit ?? null,
      callsWaiting: (clientID) => estate.point(clientID)?.session?.callsWaiting ?? 0,
      maskTag: (idTag) => estate.tagMask.of(idTag),
    }
  }

  actors(query: ActorQuery): readonly ActorView[] { return listActors(this.roots, query, this.beside) }
  actor(id: string, full: boolean): ActorDetail { return detailOf(findActor(this.roots, id), full, this.beside) }
  history(id: string): readonly TransitionView[] { return historyOf(findActor(this.roots, id)) }
}
