// A real server on a free port with a recording desk, and a way to knock at it with raw bytes.
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket as TcpSocket } from 'node:net'
import { once } from 'node:events'
import { WebSocket, type ClientOptions } from 'ws'
import { systemClock, type Clock } from '../../src/clock.ts'
import { guardHttp } from '../../src/protocol/guard-http.ts'
import type { Limits } from '../../src/protocol/ports.ts'
import { capSockets, type SocketCaps } from '../../src/protocol/socket-caps.ts'
import { createStationServer, type StationServer, type StationServerOptions } from '../../src/protocol/server.ts'
import { RecordingLog } from './memory-socket.ts'
import { RecordingDesk } from './recording-desk.ts'

export interface Running {
  readonly desk: RecordingDesk
  readonly server: StationServer
  readonly log: RecordingLog
  readonly http: Server
  readonly port: number
  readonly endpoint: string
  stop(): Promise<void>
}

export async function startServer(options: { readonly limits?: Partial<Limits>; readonly onOtherUpgrade?: StationServerOptions['onOtherUpgrade']; readonly clock?: Clock; readonly line?: StationServerOptions['line']; readonly caps?: SocketCaps; readonly mostSilent?: number } = {}): Promise<Running> {
  const desk = new RecordingDesk()
  const log = new RecordingLog()
  const http = createServer((request, response) => { if (!server.answerPlain(request, response)) response.end('hello') })
  const { clock = systemClock } = options
  if (options.caps !== undefined) capSockets([http], options.caps, { clock, log })
  guardHttp(http, clock, options.mostSilent)
  const server = createStationServer({
    http, desk, log, clock, limits: { probeMs: 300, ...options.limits },
    ...(options.line === undefined ? {} : { line: options.line }),
    ...(options.onOtherUpgrade === undefined ? {} : { onOtherUpgrade: options.onOtherUpgrade }),
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const stop = async () => {
    await server.close()
    http.closeAllConnections()
    http.close()
    await once(http, 'close')
  }
  return { desk, server, log, http, port, endpoint: `ws://127.0.0.1:${port}`, stop }
}

/** A `ws` client with everything it received and how it ended. */
export class Client {
  readonly socket: WebSocket
  readonly received: unknown[][] = []
  /** `101`, or the HTTP status of the refusal with its body. */
  readonly arrival: Promise<{ readonly status: number; readonly body: string; readonly headers: Record<string, unknown> }>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>

  constructor(url: string, protocols: string[] = ['ocpp1.6'], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.socket.on('message', (data: Buffer) => { this.received.push(JSON.parse(data.toString()) as unknown[]) })
    this.arrival = new Promise((resolve) => {
      this.socket.on('upgrade', (response) => resolve({ status: response.statusCode ?? 0, body: '', headers: response.headers }))
      this.socket.on('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => { body += chunk.toString() })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
      })
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    this.socket.on('error', () => undefined)
  }

  async ready(): Promise<this> {
    await once(this.socket, 'open')
    return this
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  }

  /** Resolves with the first `count` frames received. */
  async frames(count: number): Promise<unknown[][]> {
    while (this.received.length < count) await once(this.socket, 'message')
    return this.received.slice(0, count)
  }
}

/** A masked client frame, for sending bytes no client library would. */
export function maskedFrame(firstByte: number, payload: Buffer): Buffer {
  const header = payload.length < 126 ? Buffer.from([firstByte, 0x80 | payload.length]) : Buffer.from([firstByte, 0x80 | 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([header, Buffer.alloc(4), payload])
}

/** What a charge point asks for when it comes. */
export function upgradeOf(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n`
}

/** Opens a WebSocket by hand and leaves the bare TCP socket, which answers nothing by itself. */
export async function openRaw(port: number, path: string): Promise<TcpSocket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(upgradeOf(path))
  await once(socket, 'data')
  return socket
}
