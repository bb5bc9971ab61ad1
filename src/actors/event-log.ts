// What happened, in order: numbered, streamed, and the newest kept so that a viewer can resume.
import { Subject } from 'rxjs'
import type { Clock } from '../clock.ts'
import type { KwotaEvent } from './house.ts'

const mostKept = 10_000

export class EventLog {
  readonly events$ = new Subject<KwotaEvent>()
  private readonly kept: KwotaEvent[] = []
  private next = 1
  private readonly clock: Clock
  /** Tells this process's ids from a former one's, which cannot be resumed. */
  private readonly run: string

  constructor(clock: Clock, run: string) {
    this.clock = clock
    this.run = run
  }

  emit(event: Omit<KwotaEvent, 'id' | 'at'> & { readonly at?: string }): void {
    const numbered: KwotaEvent = { id: `${this.run}-${this.next++}`, ...event, at: event.at ?? new Date(this.clock.wall()).toISOString() }
    this.kept.push(numbered)
    // Cut in blocks: moving the whole list for every event would cost more than keeping some more.
    if (this.kept.length > mostKept * 1.2) this.kept.splice(0, this.kept.length - mostKept)
    this.events$.next(numbered)
  }

  /** Oldest first; null when that id is not held any more. */
  since(id: string): readonly KwotaEvent[] | null {
    const index = this.kept.findIndex((event) => event.id === id)
    return index === -1 ? null : this.kept.slice(index + 1)
  }
}
