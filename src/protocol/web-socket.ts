// Joins a `ws` socket to a connection.
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { Log, Socket } from './ports.ts'
import type { Ticket } from './sessions.ts'

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
export function attachWebSocket(client: WebSocket, ticket: Ticket, clock: Clock, log: Log): void {
  const socket: Socket = {
    send: (text) => client.send(text, ignoreFailure),
    close: (code, reason) => closeWebSocket(client, clock, code, reason),
    ping: () => { if (client.readyState === client.OPEN) client.ping(undefined, undefined, ignoreFailure) },
    terminate: () => client.terminate(),
    pause: () => client.pause(),
    resume: () => client.resume(),
    get bufferedAmount() {
      return client.bufferedAmount
    },
  }
  const connection = ticket.open(socket)
  client.on('message', (data: Buffer, isBinary) => {
    if (isBinary) connection.close(1003, 'text frames only')
    else connection.received(data.toString('utf8'))
  })
  client.on('pong', () => connection.pong())
  client.on('ping', () => connection.pong())
  client.on('error', (cause: Error & { readonly code?: string }) => {
    log.warn({ err: cause, clientID: connection.clientID }, 'frame refused by the socket')
    connection.closed(closeCodes[cause.code ?? ''] ?? 1002, cause.message)
    cutLater(client, clock)
  })
  client.on('close', (code, reason) => connection.closed(code, reason.toString('utf8')))
}

// A failed write is followed by `close`, which ends the connection.
function ignoreFailure(): void {}
