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

const longestAnswerBytes = 64 * 1024

export function createOutgoing({ clock, newId }: OutgoingPorts): Outgoing {
  return async ({ url, secret, timeoutS, kind, payload, trusted }) => {
    const target = new URL(url)
    if (target.protocol !== 'http:' && target.protocol !== 'https:') throw new Error('only http and https can be called')
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1')
    if (!trusted && isIP(host) !== 0 && isInnerAddress(host)) throw new Error(`${host} is no public address`)
    const body = JSON.stringify(payload)
    const abort = new AbortController()
    const cancel = clock.after(timeoutS * 1000, () => abort.abort())
    try {
      const response = await send(target, headersFor(body, secret), body, { trusted, signal: abort.signal })
      const text = await readText(response)
      if (response.statusCode !== 200) throw new Error(`it answered with status ${response.statusCode ?? 0}`)
      return parse(text)
    } catch (error) {
      if (abort.signal.aborted) throw new Error(`no answer within ${timeoutS} s`, { cause: error })
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
      throw code === null ? error : new Error(`it cannot be reached (${code})`, { cause: error })
    } finally {
      cancel()
      abort.abort()
    }

    /** As Standard Webhooks sign: the id, the time and the body. */
    function headersFor(text: string, key: string | undefined): Record<string, string> {
      const id = `${kind}_${newId()}`
      const timestamp = String(Math.floor(clock.wall() / 1000))
      const signed = key === undefined ? {} : { 'webhook-signature': `v1,${createHmac('sha256', keyOf(key)).update(`${id}.${timestamp}.${text}`).digest('base64')}` }
      return { 'content-type': 'application/json', accept: 'application/json', 'content-length': String(Buffer.byteLength(text)), 'webhook-id': id, 'webhook-timestamp': timestamp, ...signed }
    }
  }
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
