// Looking back into what was recorded: the events of a time, and how everything stood at an instant.
import type { EventRing } from './event-ring.ts'
import type { ActorQuery, PastQuery, PastState } from './inspection-face.ts'
import type { StreamEvent } from './stream-event.ts'
import { fits } from './watch.ts'

export function pastEvents(ring: EventRing, query: PastQuery): { readonly texts: readonly string[]; readonly next: number | null } {
  const { fromMs, toMs, order, after, limit } = query
  const texts: string[] = []
  let last: number | null = null
  for (const event of ring.events(order)) {
    const number = event.number ?? 0
    if (after !== null && (order === 'ascending' ? number <= after : number >= after)) continue
    if (event.atMs < fromMs || event.atMs >= toMs || !fits(query, event)) continue
    if (texts.length >= limit) return { texts, next: last }
    texts.push(event.text)
    last = number
  }
  return { texts, next: null }
}

export function statesAt(ring: EventRing, atMs: number, query: ActorQuery): PastState[] {
  const found = new Map<string, StreamEvent>()
  for (const event of ring.events('ascending')) {
    if (event.atMs > atMs) continue
    if (event.kind !== 'actor' && event.kind !== 'snapshot') continue
    if (event.ended) found.delete(event.actorID)
    else if (fits({ ...query, frames: false, decisions: false, definitions: false }, event)) found.set(event.actorID, event)
  }
  return [...found.values()].map(({ actorID, type, root: { siteID, clientID }, state, atMs: sinceMs }) => ({ id: actorID, type, siteID, clientID, state, at: new Date(sinceMs).toISOString() }))
}
