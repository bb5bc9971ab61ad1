// Joins the frames of the live connections to requests with their answers, per connection and direction.
import type { Session } from '../protocol/session.ts'
import type { MessageDirection, MessageRow, MessageStatus } from './message-row.ts'
import { glance, redact } from './message-text.ts'

export interface MessagePairsOptions {
  readonly wall: () => number
  /** A new row id for this time. */
  readonly id: (atMs: number) => string
  readonly siteOf: (clientID: string) => string
  /** Takes a row that changes no more. */
  readonly done: (row: MessageRow) => void
}

interface Open { readonly row: MessageRow; readonly secrets: readonly string[] }
/** Oldest first: of requests that share an id, the oldest is answered first, as on the wire. */
type Waiting = Open[]

interface Line {
  readonly clientID: string
  readonly siteID: string
  readonly in: Waiting
  readonly out: Waiting
}

const longestText = 64 * 1024
/** Requests of one connection and direction that may wait for an answer; then the oldest is given up. */
const mostWaiting = 64
/** What all waiting requests may hold together, in characters; beyond it only their beginnings are kept. */
const mostHeld = 16 * 1024 * 1024
const shortText = 1024

export class MessagePairs {
  private readonly options: MessagePairsOptions
  private readonly lines = new Map<string, Line>()
  private held = 0

  constructor(options: MessagePairsOptions) {
    this.options = options
  }

  frame(session: Session, direction: MessageDirection, text: string, nowMono: number): void {
    let line = this.lines.get(session.id)
    if (line === undefined) {
      line = { clientID: session.clientID, siteID: this.options.siteOf(session.clientID), in: [], out: [] }
      this.lines.set(session.id, line)
    }
    const seen = glance(text)
    if (seen === null) return this.options.done(this.row(line, direction, text, null, null, 'unreadable', nowMono))
    if (seen.type === 2) return this.ask(line, direction, text, seen.id, seen.action, nowMono)
    this.answer(line, direction, text, seen.id, seen.type === 4, nowMono)
  }

  /** The connection is over: nothing that waits will be answered. */
  ended({ id }: Pick<Session, 'id'>): void {
    const line = this.lines.get(id)
    if (line === undefined) return
    this.lines.delete(id)
    for (const waiting of [line.in, line.out]) while (waiting.length > 0) this.giveUp(waiting, 'unanswered')
  }

  endAll(): void {
    for (const id of [...this.lines.keys()]) this.ended({ id })
  }

  /** Gives up what was asked of charge points before `sentMono` and never answered. */
  sweep(sentMono: number): void {
    for (const line of this.lines.values()) {
      while ((line.out[0]?.row.sentMono ?? Infinity) < sentMono) this.giveUp(line.out, 'timed-out')
    }
  }

  /** Rows that still wait. */
  open(): MessageRow[] {
    return [...this.lines.values()].flatMap((line) => [...line.in, ...line.out].map(({ row }) => row))
  }

  private ask(line: Line, direction: MessageDirection, text: string, id: string, action: string | null, nowMono: number): void {
    const { text: shown, secrets } = redact(text, action)
    const row = this.row(line, direction, shown, action, id, 'waiting', nowMono, text.length)
    const waiting = line[direction]
    if (waiting.length >= mostWaiting) this.giveUp(waiting, direction === 'out' ? 'timed-out' : 'unanswered')
    waiting.push({ row, secrets })
    this.held += row.request?.length ?? 0
  }

  private answer(line: Line, direction: MessageDirection, text: string, id: string, failed: boolean, nowMono: number): void {
    const open = this.take(direction === 'in' ? line.out : line.in, id)
    if (open === undefined) {
      // Whose answer it is cannot be known, so neither what may be in it.
      const { text: shown } = redact(text, 'GetConfiguration')
      return this.options.done({ ...this.row(line, direction, null, null, id, 'unmatched', nowMono, text.length), answer: cut(shown), cut: shown.length > longestText })
    }
    const { row, secrets } = open
    const { text: shown } = redact(text, row.action ?? 'GetConfiguration', secrets)
    row.answer = cut(shown)
    row.cut ||= shown.length > longestText
    row.bytes += text.length
    row.latencyMs = Math.round((nowMono - row.sentMono) * 10) / 10
    row.status = failed ? 'error' : 'answered'
    this.options.done(row)
  }

  private take(waiting: Waiting, id: string): Open | undefined {
    const open = waiting[0]?.row.messageId === id ? waiting.shift() : takeFrom(waiting, id)
    if (open !== undefined) this.held -= open.row.request?.length ?? 0
    return open
  }

  private giveUp(waiting: Waiting, status: MessageStatus): void {
    const oldest = waiting.shift()
    if (oldest === undefined) return
    this.held -= oldest.row.request?.length ?? 0
    oldest.row.status = status
    this.options.done(oldest.row)
  }

  private row({ clientID, siteID }: Line, direction: MessageDirection, given: string | null, action: string | null, messageId: string | null, status: MessageStatus, nowMono: number, bytes = given?.length ?? 0): MessageRow {
    const atMs = this.options.wall()
    const request = status === 'unreadable' && given !== null ? redact(given, null).text : given
    const longest = this.held > mostHeld ? shortText : longestText
    return {
      id: this.options.id(atMs), atMs, sentMono: nowMono, clientID, siteID, direction, action, messageId,
      request: request === null ? null : cut(request, longest), answer: null, status, latencyMs: null, bytes, cut: request !== null && request.length > longest,
    }
  }
}

/** Answers need not come in the order of their requests. */
function takeFrom(waiting: Waiting, id: string): Open | undefined {
  const at = waiting.findIndex(({ row }) => row.messageId === id)
  return at === -1 ? undefined : waiting.splice(at, 1)[0]
}

/** A copy when cut: a slice would hold on to the whole text. */
function cut(text: string, longest = longestText): string {
  return text.length > longest ? Buffer.from(text.slice(0, longest)).toString() : text
}
