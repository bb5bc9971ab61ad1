// Cuts requests whose body does not end: in place of Node's requestTimeout, which cannot tell a long upload from a slow client.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Clock } from '../clock.ts'

export const bodyMs = 30_000

/** Turns `requestTimeout` of the server off; a body must be whole 30 s after its head, unless `patient` says that somebody else watches it. */
export function boundBodies(server: Server | TlsServer, clock: Clock, patient: (request: IncomingMessage) => boolean): void {
  server.requestTimeout = 0
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (patient(request)) return
    const cancel = clock.after(bodyMs, () => {
      if (request.complete) return
      if (!response.headersSent) request.socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      request.destroy()
    })
    response.once('close', cancel)
  })
}
