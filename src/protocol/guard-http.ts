// Cuts connections that do not finish asking: a timer of our own per socket, because Node's start only with the first byte.
import type { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

export const preRequestMs = 5_000

/**
 * Destroys every socket that has not sent the complete head of a request within 5 s of connecting, and sets `headersTimeout`
 * for the requests after the first. Create the server with `connectionsCheckingInterval: 1000`, or Node looks only every 30 s.
 */
export function guardHttp(server: HttpServer | HttpsServer, clock: Clock): void {
  server.headersTimeout = preRequestMs
  const timers = new WeakMap<object, () => void>()
  const watch = (socket: Socket) => {
    const cancel = clock.after(preRequestMs, () => socket.destroy())
    timers.set(socket, cancel)
    socket.once('close', cancel)
  }
  const release = (request: { readonly socket: object }) => {
    timers.get(request.socket)?.()
    timers.delete(request.socket)
  }
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', watch)
  server.prependListener('request', release)
  server.prependListener('upgrade', release)
}
