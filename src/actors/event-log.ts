// What happened, in order: numbered, streamed, and the newest kept so that a viewer can resume.
import { Subject } from 'rxjs'
import type { Clock } from '../clock.ts'
import type { KwotaEvent } from './house.ts'
import { instantText } from './instant-text.ts'

const mostKept = 10_000
/** Readings come by the thousand, and the next one says the same anew: they push out nothing else, and who resumes may miss some. */
const mostSamples = 1_000

interface Numbered { readonly number: number; readonly event: KwotaEvent }

export class EventLog {
  readonly events$ = new Subject<KwotaEvent>()
  private readonly kept: Numbered[] = []
  private readonly samples: Numbered[] = []
  private next = 1
  /** The newest that is kept no more, readings aside. */
  private forgotten = 0
  private readonly clock: Clock
  /** Tells this process's ids from a former one's, which cannot be resumed. */
  private readonly run: string

  constructor(clock: Clock, run: string) {
    this.clock = clock
    this.run = run
  }

  emit(event: Omit<KwotaEvent, 'id' | 'at'> & { readonly at?: string }): void {
    const number = this.next++
    const numbered: KwotaEvent = { id: `${this.run}-${number}`, ...event, at: event.at ?? instantText(this.clock.wall()) }
    if (event.type === 'meter.sample') keep(this.samples, mostSamples, { number, event: numbered })
    else this.forgotten = keep(this.kept, mostKept, { number, event: numbered }) ?? this.forgotten
    this.events$.next(numbered)
  }

  /** Oldest first; null when that id is of another run, or something besides readings that came after it is kept no more. */
  since(id: string): readonly KwotaEvent[] | null {
    const number = this.numberOf(id)
    if (number === null || number < this.forgotten) return null
    const after = [...this.kept, ...this.samples].filter((one) => one.number > number)
    return after.sort((a, b) => a.number - b.number).map(({ event }) => event)
  }

  private numberOf(id: string): number | null {
    const text = id.startsWith(`${this.run}-`) ? id.slice(this.run.length + 1) : ''
    const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0
    return number === 0 || number >= this.next ? null : number
  }
}

/** Adds one; answers the number of the newest that had to go for it, if any. Cut in blocks: moving the whole list for every event would cost more than keeping some more. */
function keep(list: Numbered[], most: number, one: Numbered): number | undefined {
  list.push(one)
  return list.length > most * 1.2 ? list.splice(0, list.length - most).at(-1)?.number : undefined
}
