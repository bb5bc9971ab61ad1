// Answers plain HTTP where charge points connect: what is missing, and what to type into the charge point.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { readApproach } from './attempt.ts'
import type { Attempt } from './session.ts'
import { TokenBucket } from './token-bucket.ts'

export interface PlainHttpOptions {
  readonly clock: Clock
  readonly subprotocol: string
  /** `told` is false when there were too many lately to tell anybody. */
  refused(attempt: Attempt, told: boolean): void
}

/** Anybody can send these, as fast as they like. */
const toldPerSecond = 0.1
const toldAtOnce = 20

function urlOf(request: IncomingMessage, attempt: Attempt): string {
  const host = /^[\w.:[\]-]{1,255}$/.exec(request.headers.host ?? '')?.[0] ?? 'HOST'
  const path = /^\/ocpp\/?$/i.test(attempt.path) ? '/ocpp/NAME-OF-THE-CHARGE-POINT' : attempt.path
  return `${attempt.secure ? 'wss' : 'ws'}://${host}${path}`
}

/**
 * For the `request` event: a request for `/ocpp` or `/ocpp/{clientID}` without an upgrade is answered 426 (true); any other is
 * left alone (false). A prefix before `/ocpp` counts for upgrades only: below another path the API may have the name.
 */
export function createPlainHttp({ clock, subprotocol, refused }: PlainHttpOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const bucket = new TokenBucket(clock, toldPerSecond, toldAtOnce)
  return (request, response) => {
    if (!/ocpp|%/i.test(request.url ?? '')) return false
    const { attempt } = readApproach(request)
    if (!/^\/ocpp(?:\/[^/]*\/?)?$/i.test(attempt.path)) return false
    refused(attempt, bucket.take() === 0)
    const text = `Charge points connect here by WebSocket: set the URL ${urlOf(request, attempt)} and the subprotocol ${subprotocol}; a proxy in between must pass on the headers Upgrade and Connection.\n`
    response.writeHead(426, {
      Upgrade: 'websocket', Connection: 'Upgrade, close', 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'", 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Resource-Policy': 'same-origin',
    }).end(text)
    return true
  }
}
