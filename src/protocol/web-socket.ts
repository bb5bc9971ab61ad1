// Joins a `ws` socket to a connection.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { DepartureLine } from './departure-line.ts'
import { boundAssembly } from './message-deadline.ts'
import type { Log, Socket } from './ports.ts'
import type { Ticket } from './sessions.ts'
import type { SocketTurn, Speaker } from './socket-turn.ts'
import { textFrame } from './text-frame.ts'

/** How long a peer may take to answer our close before its socket is cut. */
const closeTimeoutMs = 2_000

/** Closes politely; a peer that does not answer in time is cut. */
export function closeWebSocket(client: WebSocket, clock: Clock, code: number, reason: string): void {
  client.close(code, reason)
  cutLater(client, clock)
}

function cutLater(client: WebSocket, clock: Clock): void {
  if (client.readyState === client.CLOSED) return
  const cancel = clock.after(closeTimeoutMs, () => client.terminate())
  client.once('close', cancel)
}

// What `ws` has already told the peer when it reports the fault.
const closeCodes: Record<string, number> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009, WS_ERR_INVALID_UTF8: 1007, WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008, WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
}

/** Opens the ticket's connection on an upgraded socket. Binary → 1003; oversize → 1009 and bad UTF-8 → 1007 come from `ws`. */
export function attachWebSocket(client: WebSocket, { socket, ticket, clock, log, turn, leaving }: { readonly socket: Duplex; readonly ticket: Ticket; readonly clock: Clock; readonly log: Log; readonly turn: SocketTurn; readonly leaving: Leaving }): void {
  turn.settle()
  // Also where `ws` closes by itself, at a close frame or a fault of the peer: what came before it is answered first.
  const close = client.close.bind(client)
  client.close = (code, reason) => {
    turn.settle()
    close(code, reason)
  }
  const connection = ticket.open(new ClientSocket(client, { socket, clock, turn }))
  endInLine(socket, leaving.ends, () => connection.left())
  boundAssembly(socket, {
    clock,
    isPaused: () => client.isPaused,
    late() {
      if (!connection.open) return
      log.warn({ event: 'message-not-finished', clientID: connection.clientID, remoteAddress: connection.remoteAddress }, 'a message was begun and not finished in time, socket closed')
      connection.close(1008, 'message not finished in time')
    },
  })
  client.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return turn.hear(connection, data.toString('utf8'))
    turn.settle()
    connection.close(1003, 'text frames only')
  })
  client.on('pong', () => connection.pong())
  client.on('ping', () => connection.pong())
  client.on('error', (cause: Error & { readonly code?: string }) => {
    turn.settle()
    log.warn({ err: cause, clientID: connection.clientID }, 'frame refused by the socket')
    connection.closed(closeCodes[cause.code ?? ''] ?? 1002, cause.message)
    cutLater(client, clock)
  })
  client.on('close', (code, reason) => {
    turn.settle()
    connection.left(code, reason.toString('utf8'))
    leaving.departures.leave(() => connection.closed(code, reason.toString('utf8')))
  })
}

/** Of all sockets of a server. */
export interface Leaving {
  /** A stream was read to its end, and its socket is taken down. */
  readonly ends: DepartureLine
  /** A socket is gone, and its connection ends. */
  readonly departures: DepartureLine
}

/** Taking a socket down costs calls of the kernel and steps of its streams: with thousands that end together, not all in the turn in which their ends are read. */
function endInLine(socket: Duplex, ends: DepartureLine, left: () => void): void {
  const listeners = socket.listeners('end')
  socket.removeAllListeners('end')
  // One of TLS would otherwise take itself down.
  socket.allowHalfOpen = true
  socket.once('end', () => {
    left()
    ends.leave(() => {
      // Broken meanwhile: its `close` has said so.
      if (!socket.destroyed) for (const ended of listeners) ended.call(socket)
    })
  })
}

// A failed write is followed by `close`, which ends the connection.
function ignoreFailure(): void {}

class ClientSocket implements Socket, Speaker {
  private readonly client: WebSocket
  private readonly socket: Duplex
  private readonly clock: Clock
  private readonly turn: SocketTurn

  constructor(client: WebSocket, { socket, clock, turn }: { readonly socket: Duplex; readonly clock: Clock; readonly turn: SocketTurn }) {
    this.client = client
    this.socket = socket
    this.clock = clock
    this.turn = turn
  }

  send(text: string): void {
    this.turn.say(this, text)
  }

  hasten(): void {
    this.turn.leave()
  }

  /** Frames leave whole and in order whoever writes them: nothing is compressed, so that `ws` keeps none back. */
  write(text: string): void {
    if (this.client.readyState !== this.client.OPEN) return
    const frame = textFrame(text)
    if (frame === null) this.client.send(text, ignoreFailure)
    else this.socket.write(frame, 'latin1')
  }

  close(code: number, reason: string): void {
    closeWebSocket(this.client, this.clock, code, reason)
  }

  ping(): void {
    if (this.client.readyState === this.client.OPEN) this.client.ping(undefined, undefined, ignoreFailure)
  }

  terminate(): void {
    this.turn.settle()
    this.client.terminate()
  }

  pause(): void {
    this.client.pause()
  }

  resume(): void {
    this.client.resume()
  }

  /** Without what leaves at the end of the turn: of one charge point that is little. */
  get bufferedAmount(): number {
    return this.client.bufferedAmount
  }
}
