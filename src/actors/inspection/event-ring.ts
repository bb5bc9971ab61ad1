// The newest events of inspection, for whoever looks back: so many, and so many bytes, whatever happens.
import type { StreamEvent } from './stream-event.ts'

export interface RingBounds { readonly events: number; readonly bytes: number }

const usual: RingBounds = { events: 20_000, bytes: 32 * 1024 * 1024 }
/** What an event holds besides its text. */
const besideBytes = 200

export class EventRing {
  /** null: forgotten already, and dropped with many others at once. */
  private readonly kept: (StreamEvent | null)[] = []
  /** Where the oldest is. */
  private head = 0
  private bytes = 0
  private readonly bounds: RingBounds

  constructor(bounds: RingBounds = usual) {
    this.bounds = bounds
  }

  add(event: StreamEvent): void {
    this.kept.push(event)
    this.bytes += sizeOf(event)
    while (this.size > this.bounds.events || this.bytes > this.bounds.bytes) this.dropOldest()
    if (this.head <= this.bounds.events) return
    this.kept.splice(0, this.head)
    this.head = 0
  }

  get size(): number {
    return this.kept.length - this.head
  }

  /** Oldest first, or newest first. */
  *events(order: 'ascending' | 'descending'): Generator<StreamEvent> {
    const [first, last] = [this.head, this.kept.length - 1]
    for (let at = first; at <= last; at++) {
      const event = this.kept[order === 'ascending' ? at : last - (at - first)]
      if (event) yield event
    }
  }

  private dropOldest(): void {
    const oldest = this.kept[this.head]
    if (oldest) this.bytes -= sizeOf(oldest)
    this.kept[this.head++] = null
  }

  clear(): void {
    this.kept.length = 0
    this.head = 0
    this.bytes = 0
  }
}

function sizeOf({ text }: StreamEvent): number {
  return text.length + besideBytes
}
