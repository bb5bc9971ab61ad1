// Cuts connections that do not finish asking: a timer of our own per socket, because Node's start only with the first byte.
import type { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

export const preRequestMs = 5_000
/** Above that the one that has said nothing for the longest is cut at once: whoever means it asks within a moment, and finds room. */
const mostSilent = 4_096

/**
 * Destroys every socket that has not sent the complete head of a request within 5 s of connecting, and sets `headersTimeout`
 * for the requests after the first. Create the server with `connectionsCheckingInterval: 1000`, or Node looks only every 30 s.
 */
export function guardHttp(server: HttpServer | HttpsServer, clock: Clock, most: number = mostSilent): void {
  server.headersTimeout = preRequestMs
  const silent = new Map<object, { readonly socket: Socket; cancel(): void }>()
  const forget = (socket: object) => {
    silent.get(socket)?.cancel()
    silent.delete(socket)
  }
  const watch = (socket: Socket) => {
    if (socket.destroyed) return
    silent.set(socket, { socket, cancel: clock.after(preRequestMs, () => socket.destroy()) })
    socket.once('close', () => forget(socket))
    const longest = silent.values().next()
    if (silent.size <= most || longest.done === true) return
    forget(longest.value.socket)
    longest.value.socket.destroy()
  }
  const release = (request: { readonly socket: object }) => forget(request.socket)
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', watch)
  server.prependListener('request', release)
  server.prependListener('upgrade', release)
}
