// A real TLS server on a free port with a recording desk, its certificates, and raw TLS sockets that knock at it.
import { once } from 'node:events'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { systemClock } from '../../src/clock.ts'
import { guardHttp } from '../../src/protocol/guard-http.ts'
import { createStationServer, type StationServer } from '../../src/protocol/server.ts'
import { createTlsServer } from '../../src/protocol/tls-server.ts'
import { createAuthority, type Authority, type Issued, type KeyKind } from '../tls-certificates.ts'
import { RecordingLog } from './memory-socket.ts'
import { RecordingDesk } from './recording-desk.ts'

export interface SecureStation {
  readonly desk: RecordingDesk
  readonly server: StationServer
  readonly log: RecordingLog
  readonly port: number
  readonly https: HttpsServer
  /** Signs the server's certificate. */
  readonly root: Authority
  /** Signs those of charge points. */
  readonly clients: Authority
  stop(): Promise<void>
}

export async function startSecure(options: { readonly keys?: readonly KeyKind[]; readonly clientCa?: boolean; readonly handshakeMs?: number } = {}): Promise<SecureStation> {
  const [root, clients] = await Promise.all([createAuthority('Server CA'), createAuthority('Client CA')])
  const issued = await Promise.all((options.keys ?? ['ecdsa']).map((key) => root.issue({ commonName: 'kwota', for: 'server', key })))
  const desk = new RecordingDesk()
  const log = new RecordingLog()
  const material = { cert: issued.map(({ cert }) => cert), key: issued.map(({ key }) => key), clientCa: options.clientCa === false ? null : clients.cert }
  const https = createTlsServer(material, { clock: systemClock, log, ...(options.handshakeMs === undefined ? {} : { handshakeMs: options.handshakeMs }) }, (request, response) => {
    if (!server.answerPlain(request, response)) response.end('hello')
  })
  guardHttp(https, systemClock)
  const server = createStationServer({ http: [https], desk, log, clock: systemClock, limits: { probeMs: 300 } })
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  const { port } = https.address() as AddressInfo
  return {
    desk, server, log, port, https, root, clients,
    async stop() {
      await server.close()
      https.closeAllConnections()
      https.close()
      await once(https, 'close')
    },
  }
}

export interface Greeting { readonly protocol: string | null; readonly cipher: string; readonly reused: boolean }

/** A handshake with nothing after it; rejects with the alert. The socket stays open for the caller. */
export async function greet(port: number, options: ConnectionOptions): Promise<{ readonly socket: TLSSocket; readonly greeting: Greeting }> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  return { socket, greeting: { protocol: socket.getProtocol(), cipher: socket.getCipher().name, reused: socket.isSessionReused() } }
}

/** Asks for an upgrade on an open TLS socket; the answer's first line. */
export async function askUpgrade(socket: TLSSocket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n`)
  const [bytes] = await once(socket, 'data') as [Buffer]
  return bytes.toString().split('\r\n', 1)[0] ?? ''
}

/** What a client needs to show a certificate. */
export function shows({ cert, key }: Issued): { readonly cert: string; readonly key: string } {
  return { cert, key }
}
