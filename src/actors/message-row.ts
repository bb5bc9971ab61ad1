// One message of the log, a request with its answer: as it is collected, as it is stored, and as people see it.
import { parse } from './message-text.ts'

/** `in` = the charge point asked, `out` = we did; for an answer to nothing, the way it went itself. */
export type MessageDirection = 'in' | 'out'

/**
 * `waiting` = no answer yet; `timed-out` = none in the usual time; `unanswered` = the connection ended first;
 * `unreadable` = no OCPP frame; `unmatched` = an answer to nothing that was asked.
 */
export const messageStatuses = ['answered', 'error', 'waiting', 'timed-out', 'unanswered', 'unreadable', 'unmatched'] as const
export type MessageStatus = (typeof messageStatuses)[number]

/** A row while its answer is waited for or it is on its way to the store. Texts are without secrets and cut. */
export interface MessageRow {
  /** Sorts by time; unique over all sites. */
  readonly id: string
  readonly atMs: number
  readonly sentMono: number
  readonly clientID: string
  readonly siteID: string
  readonly direction: MessageDirection
  readonly action: string | null
  readonly messageId: string | null
  readonly request: string | null
  answer: string | null
  status: MessageStatus
  latencyMs: number | null
  /** Of both texts as they came, in characters. */
  bytes: number
  /** One of the texts was cut. */
  cut: boolean
}

export interface MessageError { readonly code: string; readonly description: string; readonly details: unknown }

export interface MessageView {
  readonly id: string
  readonly at: string
  readonly clientID: string
  readonly siteID: string
  readonly direction: MessageDirection
  readonly action: string | null
  readonly messageId: string | null
  /** The payload; the text itself where it cannot be read; null for an answer to nothing. */
  readonly request: unknown
  readonly response: unknown
  readonly error: MessageError | null
  readonly latencyMs: number | null
  readonly status: MessageStatus
  readonly bytes: number
  readonly raw: { readonly request: string | null; readonly response: string | null }
}

/** `status` is what holds now; parses the texts, so only for what is shown. */
export function messageView(row: MessageRow, status: MessageStatus): MessageView {
  const request = row.request === null ? null : read(row.request, 3)
  const answer = row.answer === null ? null : parse(row.answer)
  const failed = Array.isArray(answer) && answer[0] === 4
  return {
    id: row.id, at: new Date(row.atMs).toISOString(), clientID: row.clientID, siteID: row.siteID, direction: row.direction,
    action: row.action, messageId: row.messageId,
    request: request === null ? null : request.value,
    response: row.answer === null || failed ? null : read(row.answer, 2).value,
    error: failed ? { code: String(answer[2] ?? ''), description: String(answer[3] ?? ''), details: (answer[4] as unknown) ?? {} } : null,
    latencyMs: row.latencyMs,
    // A broken CALL whose beginning could be read is answered with an error, and is unreadable all the same.
    status: request !== null && !request.readable && !row.cut ? 'unreadable' : status,
    bytes: row.bytes, raw: { request: row.request, response: row.answer },
  }
}

/** Element `index` of a frame, or the text. */
function read(text: string, index: number): { readonly value: unknown; readonly readable: boolean } {
  const frame = parse(text)
  return Array.isArray(frame) ? { value: (frame[index] as unknown) ?? {}, readable: true } : { value: text, readable: false }
}

export const stampDigits = 9

/** What an id begins with: sorts as the times do, for some thousand years. */
export function stamp(atMs: number): string {
  return atMs.toString(36).padStart(stampDigits, '0')
}
