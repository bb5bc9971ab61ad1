// One request to kwota's REST API, and what it says when it refuses.
import { heardDate } from './server-clock.ts'

/** A refusal as kwota words it (RFC 9457), or what kept it from answering. */
export class Refusal extends Error {
  /** 0 = kwota did not answer. */
  readonly status: number
  readonly code: string
  readonly hint: string | null
  constructor(status: number, code: string, detail: string, hint: string | null) {
    super(detail)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.hint = hint
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** After so many milliseconds it counts as not answered; left out: 10 s. */
  readonly withinMs?: number
  readonly signal?: AbortSignal
}

/** The answer's JSON, null where it has no body. `path` is under `/api/v1`. Rejects with `Refusal`. */
export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await callTagged<T>(path, asked)).data
}

/** As `call`, with the ETag that a change of it sends as If-Match. */
export async function callTagged<T>(path: string, { method = 'GET', body, headers = {}, withinMs = 10_000, signal }: Asked = {}): Promise<{ readonly data: T; readonly etag: string | null }> {
  const timeout = AbortSignal.timeout(withinMs)
  const askedAtMs = Date.now()
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new Refusal(0, 'no-answer', timeout.aborted ? `kwota did not answer within ${withinMs / 1000} s.` : 'kwota cannot be reached.', null)
  })
  heardDate(response.headers.get('Date'), askedAtMs, Date.now())
  const text = await response.text()
  const json: unknown = text === '' ? null : parsed(text)
  if (response.ok) return { data: json as T, etag: response.headers.get('ETag') }
  const { code = 'unknown', detail = response.statusText, hint = null } = (json ?? {}) as { code?: string; detail?: string; hint?: string | null }
  throw new Refusal(response.status, code, detail, hint)
}

/** For an address: one segment of a path. */
export const segment = encodeURIComponent

/** In words for people. */
export function said(error: unknown): string {
  if (error instanceof Refusal) return error.hint === null ? error.message : `${error.message} ${error.hint}`
  return error instanceof Error ? error.message : String(error)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
