// Joins a `ws` socket to a connection.
import type { Duplex } from 'node:stream'
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
export function attachWebSocket(client: WebSocket, stream: Duplex, ticket: Ticket, clock: Clock, log: Log): void {
  const socket: Socket = {
    send: (text) => { if (client.readyState === client.OPEN) stream.write(textFrame(text), ignoreFailure) },
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

const [shortest, middle] = [126, 65_536]

/** A whole text frame, unmasked, in one piece (RFC 6455, 5.2): nothing is compressed here, and `ws` would write its head by itself. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < shortest ? 2 : length < middle ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = 0x81
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head, 'utf8')
  return frame
}

// A failed write is followed by `close`, which ends the connection.
function ignoreFailure(): void {}
