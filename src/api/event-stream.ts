// Server-Sent Events: what happens in the house, live and resumable, to readers that keep up.
import type { ServerResponse } from 'node:http'
import type { Subscription } from 'rxjs'
import type { House, KwotaEvent } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import { Problem } from './problem.ts'
import type { Show } from './tag-mask.ts'

const commentEveryMs = 15_000
/** A reader with more than this waiting in the process is cut; it resumes by its last id. */
const longestBacklogBytes = 1024 * 1024
const longestMissedBytes = longestBacklogBytes / 2
const mostStreams = 100
const retryMs = 2_000

export interface StreamRequest {
  /** Only events for which this is true. */
  readonly wants: (event: KwotaEvent) => boolean
  readonly lastEventID: string | undefined
  /** As the reader may see it. */
  readonly show: Show
  /** Asked at each event and comment; false ends the stream. */
  readonly stands: () => boolean
}

export interface EventStreams {
  /** Problem 429 when 100 streams are open. */
  admit(): void
  /** Writes to `response` until either side ends. */
  open(response: ServerResponse, request: StreamRequest): void
}

/** The event streams of one server. `onCut` hears of every reader that was too slow. */
export function createEventStreams(ports: { house: House; clock: Clock; onCut: (backlogBytes: number) => void }): EventStreams {
  const { house, clock, onCut } = ports
  let count = 0

  function open(response: ServerResponse, { wants, lastEventID, show, stands }: StreamRequest): void {
    let ended = false
    let cancelComment = (): void => undefined
    let live: Subscription | undefined
    count += 1

    function send(text: string): void {
      if (ended) return
      if (response.writableLength + Buffer.byteLength(text) > longestBacklogBytes) {
        onCut(response.writableLength)
        response.destroy()
        end()
        return
      }
      response.write(text)
    }
    function sendEvent(event: KwotaEvent): void {
      if (!stands()) return void response.end()
      if (wants(event)) send(frame(show(event)))
    }
    function comment(): void {
      if (!stands()) return void response.end()
      send(':\n\n')
      if (!ended) cancelComment = clock.after(commentEveryMs, comment)
    }
    function end(): void {
      if (ended) return
      ended = true
      count -= 1
      cancelComment()
      live?.unsubscribe()
    }

    response.on('close', end).on('error', end)
    send(`retry: ${retryMs}\n\n`)
    const missed = lastEventID === undefined ? [] : house.eventsSince(lastEventID)
    const texts = (missed ?? []).filter(wants).map((event) => frame(show(event)))
    // More than may wait would cut the reader, who would come back for the same.
    const isTooMuch = texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) > longestMissedBytes
    if (missed === null || isTooMuch) send(resync(lastEventID, missed === null ? 'unknown-last-event-id' : 'too-much-missed'))
    else for (const text of texts) send(text)
    comment()
    if (!ended) live = house.events$.subscribe({ next: sendEvent, complete: () => response.end(), error: () => response.destroy() })
  }

  return {
    admit() {
      if (count >= mostStreams) throw new Problem(429, 'too-many-streams', `At most ${mostStreams} event streams can be open.`, { headers: { 'Retry-After': '10' } })
    },
    open,
  }
}

/** JSON has no raw line breaks, so one `data:` line holds the whole event. */
function frame(event: KwotaEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

/** Tells a reader that events were lost: it should read the present state again. Has no id. */
function resync(lastEventID: string | undefined, reason: 'unknown-last-event-id' | 'too-much-missed'): string {
  return `event: resync\ndata: ${JSON.stringify({ type: 'resync', reason, lastEventID })}\n\n`
}
