// Takes the charge points' WebSockets on an HTTP server it shares with the API.
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import { readApproach, readCertificate } from './attempt.ts'
import { DepartureLine } from './departure-line.ts'
import { createPlainHttp } from './plain-http.ts'
import type { Counters, Limits, Log } from './ports.ts'
import { subprotocol, type Attempt, type ClientCertificate, type Session, type StationDesk } from './session.ts'
import { Sessions, type Ticket } from './sessions.ts'
import { SocketTurn } from './socket-turn.ts'
import { UpgradeLine, type UpgradeLineOptions } from './upgrade-line.ts'
import { attachWebSocket, closeWebSocket } from './web-socket.ts'

export const maxPayloadBytes = 64 * 1024
/** Those who wait longest in a line of this length still wait for less than charge points do for an answer. */
const line = { perTurn: 8, mostWaiting: 4_096, mostUnderWay: 512 }
/** Ends of streams, and ends of connections. */
const leavingPerTurn = 8

export interface StationServerOptions {
  /** Each that charge points may come to. */
  readonly http: HttpServer | HttpsServer | readonly (HttpServer | HttpsServer)[]
  readonly desk: StationDesk
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<Limits>
  readonly line?: Partial<UpgradeLineOptions>
  /** A new opaque id per connection, at most 24 characters. */
  readonly ids?: () => string
  /** See SocketTurn; absent: never. */
  readonly doubt?: () => Promise<void> | null
  /** Takes upgrades that are not below `/ocpp/`; false = not mine either, answer 404. */
  readonly onOtherUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
}

export interface StationServer {
  readonly sessions: Sessions
  readonly counters: Counters
  get(clientID: string): Session | undefined
  /** Answers 426 to a plain request where charge points connect; false = not mine. Ask it before any other handler. */
  answerPlain(request: IncomingMessage, response: ServerResponse): boolean
  /** Takes no more upgrades, closes every session with 1012, and resolves when all sockets are gone. */
  close(): Promise<void>
}

const reasonPhrases: Record<number, string> = {
  401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict', 429: 'Too Many Requests', 503: 'Service Unavailable',
}

/** The answer depends on the status alone, so that an unknown identity and a wrong password look the same. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const body = `${reasonPhrases[status] ?? 'Error'}\n`
  const extra = status === 401 ? 'WWW-Authenticate: Basic realm="kwota", charset="UTF-8"\r\n' : status === 429 || status === 503 ? 'Retry-After: 10\r\n' : ''
  socket.end(
    `HTTP/1.1 ${status} ${body.trimEnd()}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`,
    () => socket.destroy(),
  )
}

/** Attaches to the `upgrade` event of every server. Their owner listens and closes; see `guardHttp` for their timers. */
export function createStationServer(options: StationServerOptions): StationServer {
  const { desk, clock, log } = options
  const sessions = new Sessions(options)
  const sockets = new Set<WebSocket>()
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxPayloadBytes,
    maxFragments: 64,
    // 64 KiB in the smallest segments IPv4 guarantees.
    maxBufferedChunks: 128,
    handleProtocols: (offered) => offered.has(subprotocol) ? subprotocol : false,
  })
  const turn = new SocketTurn(options.doubt)
  const leaving = { ends: new DepartureLine(leavingPerTurn), departures: new DepartureLine(leavingPerTurn) }
  const upgrades = new UpgradeLine({ ...line, ...options.line })
  let closing = false
  let allGone: (() => void) | undefined

  const keep = (socket: WebSocket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      if (closing && sockets.size === 0) allGone?.()
    })
  }

  const turnAway = (socket: Duplex, attempt: Attempt, reason: Parameters<Sessions['refuse']>[1], status: number) => {
    sessions.refuse(attempt, reason)
    refuseUpgrade(socket, status)
  }

  /** The specification wants the upgrade completed without a subprotocol and then closed, not an HTTP error (OCPP-J 3.2). */
  const closeWithoutProtocol = (request: IncomingMessage, socket: Duplex, head: Buffer, attempt: Attempt) => {
    sessions.refuse(attempt, attempt.subprotocols.length === 0 ? 'no-subprotocol' : 'wrong-subprotocol')
    webSockets.handleUpgrade(request, socket, head, (client) => {
      keep(client)
      client.on('error', () => client.terminate())
      closeWebSocket(client, clock, 1002, `subprotocol ${subprotocol} required`)
    })
  }

  const welcome = async (request: IncomingMessage, socket: Duplex, head: Buffer, attempt: Attempt) => {
    const admission = await desk.admit(attempt)
    if (socket.destroyed) return
    if (!admission.admitted) return turnAway(socket, attempt, admission.reason, admission.status)
    const speaks = attempt.subprotocols.includes(subprotocol)
    const excused = attempt.subprotocols.length === 0 && admission.withoutSubprotocol === true
    if (!speaks && !excused) return closeWithoutProtocol(request, socket, head, attempt)
    const ticket = await sessions.claim(attempt, admission)
    if (ticket === undefined) return turnAway(socket, attempt, 'duplicate-id', 409)
    if (socket.destroyed || closing) {
      ticket.release()
      return refuseUpgrade(socket, 503)
    }
    open(request, socket, head, ticket)
  }

  const open = (request: IncomingMessage, socket: Duplex, head: Buffer, ticket: Ticket) => {
    let opened = false
    try {
      webSockets.handleUpgrade(request, socket, head, (client) => {
        opened = true
        keep(client)
        attachWebSocket(client, { socket, ticket, clock, log, turn, leaving })
      })
    } finally {
      // handleUpgrade answers a malformed request by itself and never calls back.
      if (!opened) ticket.release()
    }
  }

  const takeUp = async (request: IncomingMessage, socket: Duplex, head: Buffer, certificate: ClientCertificate | undefined): Promise<void> => {
    // Gone while it stood in line.
    if (socket.destroyed) return
    const approach = readApproach(request, certificate)
    if (approach.type === 'elsewhere') {
      if (options.onOtherUpgrade?.(request, socket, head) === true) return
      if (!approach.attempt.subprotocols.some((token) => /^ocpp/i.test(token))) return refuseUpgrade(socket, 404)
      return turnAway(socket, approach.attempt, 'bad-path', 404)
    }
    // Charge points send no Origin; a web page in somebody's browser does.
    if (request.headers.origin !== undefined) return refuseUpgrade(socket, 403)
    if (approach.type === 'refused') return turnAway(socket, approach.attempt, approach.reason, 404)
    if (closing) return refuseUpgrade(socket, 503)
    await welcome(request, socket, head, approach.attempt).catch((cause: unknown) => {
      log.error({ err: cause, clientID: approach.attempt.clientID }, 'upgrade failed')
      refuseUpgrade(socket, 503)
    })
  }

  /** Thousands may come in one turn: what they want is read when it is theirs. */
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', destroyIt)
    // Asked for later, a certificate that does not hold has ended the connection by then: OpenSSL keeps its complaint for the next read.
    const certificate = readCertificate(request.socket)
    if (!upgrades.enter(() => takeUp(request, socket, head, certificate))) turnAway(socket, readApproach(request, certificate).attempt, 'rate-limited', 503)
  }

  const answerPlain = createPlainHttp({
    clock, subprotocol,
    refused: (attempt, told) => {
      if (told) sessions.refuse(attempt, 'upgrade-missing')
      else sessions.counters.refused++
    },
  })

  for (const http of [options.http].flat()) http.on('upgrade', upgrade)
  return {
    sessions,
    counters: sessions.counters,
    get: (clientID) => sessions.get(clientID),
    answerPlain(request, response) {
      // Whoever asks sees what charge points have said before.
      turn.settle()
      return answerPlain(request, response)
    },
    close: () => new Promise((resolve) => {
      closing = true
      allGone = resolve
      sessions.closeAll(1012, 'service restart')
      if (sockets.size === 0) resolve()
    }),
  }
}

/** Of no closure: one made beside the request would keep it and its head for as long as the connection lasts. */
function destroyIt(this: Duplex): void {
  this.destroy()
}
