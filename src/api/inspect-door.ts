// The WebSocket of inspection: who may watch, how many, and what becomes of those who do not keep up.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { bearerOf, demandScope, keyNeeded, type Auth, type Principal } from './auth.ts'
import type { FailedKeys } from './failed-keys.ts'
import { guard } from './guard.ts'
import { filterOf, inspectPath, watchSchema } from './inspection-query.ts'
import type { KeySessions } from './key-sessions.ts'
import { internalProblem, Problem, problemBody, toProblem } from './problem.ts'
import { textFrames } from './text-frames.ts'
import { validate } from './validation.ts'

export interface InspectDoorPorts {
  readonly house: Pick<House, 'inspection'>
  readonly auth: Auth
  readonly keySessions: KeySessions
  readonly failedKeys: FailedKeys
  readonly clock: Clock
  readonly log: Log
  readonly ids: () => string
  /** As for REST. */
  readonly hosts?: readonly string[] | null
  readonly origins?: readonly string[]
  /** Left out: 8. */
  readonly mostViewers?: number
}

export interface InspectDoor {
  /** False: not mine. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Sends everybody away, and takes nobody more. */
  close(): void
}

/** Above it nothing more is told of what lived before. */
const roomBytes = 256 * 1024
/** A viewer with more than this waiting in the process is cut; who comes again is told the present state. */
const longestBacklogBytes = 2 * 1024 * 1024
const pingEveryMs = 30_000
const closeWithinMs = 1_000

/** Bearer key or session cookie as for REST, with the scope `inspect`; a cookie only with an Origin, which is checked. Open where REST is. */
export function createInspectDoor(ports: InspectDoorPorts): InspectDoor {
  const { house, auth, keySessions, failedKeys, clock, log } = ports
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: 1_024 })
  const viewers = new Set<{ end(code: number, reason: string): void }>()
  const mostViewers = ports.mostViewers ?? 8
  const origins = (ports.origins ?? []).map((origin) => origin.toLowerCase())
  let closed = false

  function admit(request: IncomingMessage, url: URL) {
    const { authorization, cookie, origin = '', host = '' } = request.headers
    // Not a reading one: whoever opens it sees what happens from then on.
    guard({ method: 'CONNECT', host, origin }, ports.hosts ?? (auth.open ? [] : null), origins)
    const principal = authorization === undefined && origin !== '' ? keySessions.find(cookie) ?? auth.authenticate(undefined) : auth.authenticate(authorization)
    if (principal === null) {
      if (bearerOf(authorization) !== undefined) {
        log.warn({ event: 'wrong-key', remoteAddress: request.socket.remoteAddress }, 'an API key that opens nothing was refused')
        failedKeys.note(request.socket.remoteAddress)
      }
      throw keyNeeded(bearerOf(authorization))
    }
    demandScope(principal, 'inspect')
    const { definitions, ...query } = validate(watchSchema, Object.fromEntries(url.searchParams), 'query')
    if (closed) throw new Problem(503, 'stopping', 'kwota stops.', { headers: { 'Retry-After': '10' } })
    if (viewers.size >= mostViewers) throw new Problem(429, 'too-many-viewers', `At most ${mostViewers} can watch at a time.`, { hint: 'Close one, or come again later.', headers: { 'Retry-After': '10' } })
    return { principal, filter: filterOf(query, principal.covers, definitions === 'true') }
  }

  function open(webSocket: WebSocket, socket: Duplex, { principal, filter }: ReturnType<typeof admit>, cookie: string | undefined): void {
    const byCookie = keySessions.find(cookie) === principal
    let heard = true
    let cancelPing = (): void => undefined
    const viewer = {
      end(code: number, reason: string): void {
        leave()
        webSocket.close(code, reason)
        clock.after(closeWithinMs, () => webSocket.terminate())
      },
    }
    viewers.add(viewer)
    const unwatch = house.inspection.watch(filter, {
      hasRoom: () => webSocket.bufferedAmount < roomBytes,
      mayNot: () => whyNot(principal) ?? (byCookie && keySessions.find(cookie) === null ? 'the session has ended' : null),
      end: (reason) => viewer.end(reason === 'kwota stops' ? 1012 : 1008, reason),
      tell(texts) {
        if (webSocket.readyState !== webSocket.OPEN) return
        socket.write(textFrames(texts))
        if (webSocket.bufferedAmount <= longestBacklogBytes) return
        log.warn({ backlogBytes: webSocket.bufferedAmount }, 'slow viewer of the inspection cut')
        leave()
        webSocket.terminate()
      },
    })

    function leave(): void {
      cancelPing()
      viewers.delete(viewer)
      unwatch()
    }
    function ping(): void {
      if (!heard) return webSocket.terminate()
      heard = false
      webSocket.ping()
      cancelPing = clock.after(pingEveryMs, ping)
    }
    webSocket.on('pong', () => { heard = true })
    webSocket.on('close', leave)
    webSocket.on('error', () => webSocket.terminate())
    cancelPing = clock.after(pingEveryMs, ping)
  }

  return {
    take(request, socket, head) {
      const url = urlOf(request)
      if (url?.pathname !== inspectPath) return false
      try {
        const admitted = admit(request, url)
        sockets.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket, admitted, request.headers.cookie))
      } catch (error) {
        refuse(socket, toProblem(error) ?? internalProblem(), ports.ids())
      }
      return true
    },
    close() {
      closed = true
      for (const viewer of viewers) viewer.end(1012, 'kwota stops')
    },
  }
}

function whyNot(principal: Principal): string | null {
  return !principal.stands() ? 'the key is gone' : principal.may('inspect') ? null : 'the key has no scope inspect any more'
}

function urlOf({ url = '' }: IncomingMessage): URL | null {
  try {
    return new URL(url, 'http://kwota')
  } catch {
    return null
  }
}

function refuse(socket: Duplex, problem: Problem, requestId: string): void {
  const body = JSON.stringify(problemBody(problem, requestId))
  const headers = { ...problem.headers, Connection: 'close', 'Content-Type': 'application/problem+json', 'Content-Length': String(Buffer.byteLength(body)) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
}
