// What happened, in order: numbered, streamed, and the newest kept so that a viewer can resume.
import { merge, Subject, type Observable } from 'rxjs'
import type { Clock } from '../clock.ts'
import type { ConnectorReading } from './connector.ts'
import type { KwotaEvent } from './house.ts'
import { instantText } from './instant-text.ts'

const mostKept = 10_000
/** Readings come by the thousand, and the next one says the same anew: they push out nothing else, and who resumes may miss some. */
const mostSamples = 1_000

type Unnumbered = Omit<KwotaEvent, 'id'>
interface Numbered<T> { readonly number: number; readonly event: T }

/** A reading of a connector, as it is kept: written as an event only for whoever hears it. */
export interface SampleFact {
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number
  /** Of the running transaction, where it is its own. */
  readonly transactionId: number | null
  readonly reading: ConnectorReading
  readonly toldAtMs: number
}

export function sampleEvent({ siteID, clientID, connectorId, transactionId, reading, toldAtMs }: SampleFact): Unnumbered {
  const { currentA, powerW, energyWh, voltageV, socPercent, measuredAtMs, live } = reading
  return { type: 'meter.sample', at: instantText(toldAtMs), siteID, clientID, connectorId, data: { transactionId, currentA, powerW, energyWh, voltageV, socPercent, measuredAt: instantText(measuredAtMs), live } }
}

export class EventLog {
  /** All but readings. */
  readonly facts$ = new Subject<KwotaEvent>()
  /** `meter.sample` alone. */
  readonly samples$ = new Subject<KwotaEvent>()
  /** Everything, in order. */
  readonly events$: Observable<KwotaEvent> = merge(this.facts$, this.samples$)
  private readonly kept: Numbered<KwotaEvent>[] = []
  private readonly samples: Numbered<SampleFact>[] = []
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

  /** All but readings: they go to `sample`. */
  emit(event: Omit<KwotaEvent, 'id' | 'at'> & { readonly at?: string }): void {
    const number = this.next++
    const numbered = this.withNumber({ number, event: { ...event, at: event.at ?? instantText(this.clock.wall()) } })
    this.forgotten = keep(this.kept, mostKept, { number, event: numbered }) ?? this.forgotten
    this.facts$.next(numbered)
  }

  sample(event: SampleFact): void {
    const one = { number: this.next++, event }
    keep(this.samples, mostSamples, one)
    if (this.samples$.observed) this.samples$.next(this.asEvent(one))
  }

  /** Oldest first; null when that id is of another run, or something besides readings that came after it is kept no more. */
  since(id: string): readonly KwotaEvent[] | null {
    const number = this.numberOf(id)
    if (number === null || number < this.forgotten) return null
    const after = this.kept.filter((one) => one.number > number)
    for (const one of this.samples) if (one.number > number) after.push({ number: one.number, event: this.asEvent(one) })
    return after.sort((a, b) => a.number - b.number).map(({ event }) => event)
  }

  private asEvent({ number, event }: Numbered<SampleFact>): KwotaEvent {
    return this.withNumber({ number, event: sampleEvent(event) })
  }

  private withNumber({ number, event }: Numbered<Unnumbered>): KwotaEvent {
    return { id: `${this.run}-${number}`, ...event }
  }

  private numberOf(id: string): number | null {
    const text = id.startsWith(`${this.run}-`) ? id.slice(this.run.length + 1) : ''
    const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0
    return number === 0 || number >= this.next ? null : number
  }
}

/** Adds one; answers the number of the newest that had to go for it, if any. Cut in blocks: moving the whole list for every event would cost more than keeping some more. */
function keep<T>(list: Numbered<T>[], most: number, one: Numbered<T>): number | undefined {
  list.push(one)
  return list.length > most * 1.2 ? list.splice(0, list.length - most).at(-1)?.number : undefined
}
