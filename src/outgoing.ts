// Calls to services of the operator: one signed POST of JSON, bounded in time and size, never redirected, to private addresses only where that was allowed.
import { createHmac } from 'node:crypto'
import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { isInnerAddress } from './addresses.ts'
import type { Clock } from './clock.ts'

export interface OutgoingCall {
  /** http or https. */
  readonly url: string
  /** `whsec_` and base64 (Standard Webhooks), or any text; absent = not signed. */
  readonly secret?: string | undefined
  readonly timeoutS: number
  /** Stands before the id of the request, e.g. `sign`. */
  readonly kind: string
  readonly payload: unknown
  /** The operator's own configuration says so; otherwise only public addresses are called. */
  readonly trusted: boolean
}

/** Resolves with the JSON of an answer 200; rejects with an Error that says why there is none. */
export type Outgoing = (call: OutgoingCall) => Promise<unknown>

export interface OutgoingPorts {
  readonly clock: Clock
  /** A new opaque id per request. */
  readonly newId: () => string
}

/** One signed POST. */
export interface OutgoingPost {
  /** http or https. */
  readonly url: string
  readonly id: string
  /** Signed with each of them; none = not signed. */
  readonly secrets: readonly string[]
  readonly body: string
  readonly timeoutS: number
  /** As in OutgoingCall. */
  readonly trusted: boolean
  /** Ends it early. */
  readonly signal?: AbortSignal
}

export interface Posted {
  readonly status: number
  /** What Retry-After asks for, where it is in seconds. */
  readonly retryAfterS: number | null
  /** At most 64 KiB. Rejects when it is longer. */
  text(): Promise<string>
}

/** Resolves with what `read` makes of the answer, whatever its status; what it has not read is not waited for. Rejects with an Error that says why there is none. */
export type Poster = <T>(post: OutgoingPost, read: (posted: Posted) => T | Promise<T>) => Promise<T>

const longestAnswerBytes = 64 * 1024

export function createPoster(clock: Clock): Poster {
  return async ({ url, id, secrets, body, timeoutS, trusted, signal }, read) => {
    const target = new URL(url)
    if (target.protocol !== 'http:' && target.protocol !== 'https:') throw new Error('only http and https can be called')
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1')
    if (!trusted && isIP(host) !== 0 && isInnerAddress(host)) throw new Error(`${host} is no public address`)
    const abort = new AbortController()
    const stop = (): void => abort.abort()
    let late = false
    const cancel = clock.after(timeoutS * 1000, () => {
      late = true
      stop()
    })
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    try {
      const response = await send(target, headersFor(), body, { trusted, signal: abort.signal })
      const asked = response.headers['retry-after'] ?? ''
      return await read({ status: response.statusCode ?? 0, retryAfterS: /^\d{1,7}$/.test(asked) ? Number(asked) : null, text: () => readText(response) })
    } catch (error) {
      if (late) throw new Error(`no answer within ${timeoutS} s`, { cause: error })
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
      throw code === null ? error : new Error(`it cannot be reached (${code})`, { cause: error })
    } finally {
      cancel()
      signal?.removeEventListener('abort', stop)
      stop()
    }

    /** As Standard Webhooks sign: the id, the time and the body. */
    function headersFor(): Record<string, string> {
      const timestamp = String(Math.floor(clock.wall() / 1000))
      const signatures = secrets.map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
      return { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kwota', 'content-length': String(Buffer.byteLength(body)), 'webhook-id': id, 'webhook-timestamp': timestamp, ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }) }
    }
  }
}

export function createOutgoing({ clock, newId }: OutgoingPorts): Outgoing {
  const post = createPoster(clock)
  return async ({ url, secret, timeoutS, kind, payload, trusted }) => post({ url, id: `${kind}_${newId()}`, secrets: secret === undefined ? [] : [secret], body: JSON.stringify(payload), timeoutS, trusted }, async ({ status, text }) => {
    const said = await text()
    if (status !== 200) throw new Error(`it answered with status ${status}`)
    return parse(said)
  })
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)
}

function send(target: URL, headers: Record<string, string>, body: string, { trusted, signal }: { trusted: boolean; signal: AbortSignal }): Promise<IncomingMessage> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    // Checked as the connection is made: a name that changes its mind between a check and a call gains nothing.
    const asked = request(target, { method: 'POST', headers, signal, agent: false, ...(trusted ? {} : { lookup: lookupPublic }) }, resolve)
    asked.on('error', reject)
    asked.end(body)
  })
}

type Looked = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

function lookupPublic(hostname: string, options: object, done: Looked): void {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, [])
    const bad = addresses.find(({ address }) => isInnerAddress(address))
    if (bad !== undefined) return done(new Error(`${hostname} is ${bad.address}, which is no public address`), [])
    const [first] = addresses
    if ('all' in options && options.all === true) done(null, addresses)
    else done(null, first?.address ?? '', first?.family)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    bytes += (part as Buffer).length
    if (bytes > longestAnswerBytes) {
      response.destroy()
      throw new Error(`its answer is longer than ${longestAnswerBytes} bytes`)
    }
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('its answer is not JSON')
  }
}
