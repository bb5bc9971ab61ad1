// Asks the operator's own service whether an id tag may charge: one signed HTTP POST, bounded in time and size, believed only when it can be read.
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { readDateTime, type IdTagInfo } from '../protocol/messages/index.ts'

export interface ExternalQuestion {
  readonly clientID: string
  readonly connectorId?: number
  readonly idTag: string
  readonly siteID: string
  readonly at: string
  readonly reason: 'authorize' | 'start' | 'stop'
}

export interface ExternalAuthority {
  /** Never rejects: `failure` says why there is no answer. */
  ask(question: ExternalQuestion): Promise<{ readonly idTagInfo: IdTagInfo } | { readonly failure: string }>
}

/** The part of fetch that is needed. */
export type Post = (url: string, init: { method: 'POST'; headers: Record<string, string>; body: string; redirect: 'manual'; signal: AbortSignal }) => Promise<{
  readonly status: number
  readonly body: { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> } } | null
}>

export interface ExternalOptions {
  readonly url: string
  /** `whsec_` and base64, or any text; absent = not signed. */
  readonly secret?: string
  readonly timeoutS: number
  readonly post: Post
  readonly clock: Clock
  /** A new opaque id per request. */
  readonly newId: () => string
}

const longestAnswerBytes = 64 * 1024

const answerSchema = z.object({
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
  expiryDate: z.string().refine((text) => readDateTime(text) !== undefined, 'not a date-time').nullish(),
  parentIdTag: z.string().min(1).max(20).nullish(),
})

/** The service of kwota.yaml's `authorisationService`; a request is signed as Standard Webhooks are (webhook-id, -timestamp, -signature). */
export function createExternalAuthority(options: ExternalOptions): ExternalAuthority {
  const { url, secret, timeoutS, post, clock, newId } = options

  function headersFor(body: string): Record<string, string> {
    const id = `auth_${newId()}`
    const timestamp = String(Math.floor(clock.wall() / 1000))
    const signature = secret === undefined ? {} : { 'webhook-signature': `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}` }
    return { 'content-type': 'application/json', accept: 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, ...signature }
  }

  async function exchange(question: ExternalQuestion, signal: AbortSignal): Promise<IdTagInfo> {
    const body = JSON.stringify(question)
    const response = await post(url, { method: 'POST', headers: headersFor(body), body, redirect: 'manual', signal })
    const text = await readText(response.body)
    if (response.status !== 200) throw new Error(`it answered with status ${response.status}`)
    return readAnswer(text, clock.wall())
  }

  return {
    async ask(question) {
      const abort = new AbortController()
      const cancel = clock.after(timeoutS * 1000, () => abort.abort())
      try {
        return { idTagInfo: await exchange(question, abort.signal) }
      } catch (error) {
        return { failure: abort.signal.aborted ? `no answer within ${timeoutS} s` : reasonOf(error) }
      } finally {
        cancel()
        abort.abort()
      }
    },
  }
}

/** Standard Webhooks secrets are base64 behind `whsec_`. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
}

type Body = Awaited<ReturnType<Post>>['body']

async function readText(body: Body): Promise<string> {
  const reader = body?.getReader()
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true }
    if (done || value === undefined) return Buffer.concat(parts).toString()
    bytes += value.length
    if (bytes > longestAnswerBytes) {
      await reader?.cancel()
      throw new Error(`its answer is longer than ${longestAnswerBytes} bytes`)
    }
    parts.push(value)
  }
}

function readAnswer(text: string, nowMs: number): IdTagInfo {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('its answer is not JSON')
  }
  const answer = answerSchema.safeParse(value)
  if (!answer.success) throw new Error(`its answer is no idTagInfo: ${answer.error.issues[0]?.path.join('/') ?? ''} ${answer.error.issues[0]?.message ?? ''}`)
  const { status, expiryDate, parentIdTag } = answer.data
  const over = typeof expiryDate === 'string' && (readDateTime(expiryDate) ?? -Infinity) <= nowMs
  return {
    ...(typeof expiryDate === 'string' ? { expiryDate } : {}), ...(typeof parentIdTag === 'string' ? { parentIdTag } : {}),
    status: status === 'Accepted' && over ? 'Expired' : status,
  }
}

/** fetch hides why a connection failed in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return code === undefined ? error.message : `it cannot be reached (${code})`
}
