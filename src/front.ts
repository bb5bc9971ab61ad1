// The front: the servers that listen from the first moment of a start on, and who answers there by now.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { boundBodies } from './api/slow-bodies.ts'
import { isUpload } from './api/upload-door.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { guardHttp } from './protocol/guard-http.ts'
import { capSockets } from './protocol/socket-caps.ts'
import { createTlsServer } from './protocol/tls-server.ts'

export interface Front {
  /** Each that charge points may come to. */
  readonly servers: readonly (Server | TlsServer)[]
  readonly url: string
  /** Over TLS; null where that is not configured. */
  readonly secureUrl: string | null
  /** Who answers from now on. */
  answerWith(listener: RequestListener): void
  close(): Promise<void>
}

/** Resolves when every server listens; rejects with the socket's error. Until somebody answers, requests are answered 503. */
export async function openFront({ host, port, tls, connections }: Pick<Config, 'host' | 'port' | 'tls' | 'connections'>, ports: { readonly clock: Clock; readonly log: Log }): Promise<Front> {
  let listener: RequestListener = (_request, response) => void response.writeHead(503, { 'Retry-After': '2' }).end()
  const answer: RequestListener = (request, response) => listener(request, response)
  const http = createServer({ connectionsCheckingInterval: 1_000, requestTimeout: 30_000 }, answer)
  const https = tls === null ? null : createTlsServer(tls, ports, answer)
  const servers = https === null ? [http] : [http, https]
  capSockets(servers, { most: connections.most, perAddress: connections.perAddress ?? null }, ports)
  for (const server of servers) guardHttp(server, ports.clock)
  for (const server of servers) boundBodies(server, ports.clock, isUpload)
  try {
    return {
      servers,
      url: `http://${await listen(http, host, port)}`,
      secureUrl: https === null || tls === null ? null : `https://${await listen(https, tls.host ?? host, tls.port)}`,
      answerWith(next) { listener = next },
      async close() {
        for (const server of servers) {
          server.closeAllConnections()
          await new Promise<void>((resolve) => { server.close(() => resolve()) })
        }
      },
    }
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
}

/** Resolves with `host:port` as it stands in a URL. */
async function listen(server: Server | TlsServer, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, 1_024, resolve)
  })
  const bare = host.replace(/^\[|\]$/g, '')
  return `${bare.includes(':') ? `[${bare}]` : bare}:${(server.address() as AddressInfo).port}`
}
