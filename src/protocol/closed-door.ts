// The door of the charge points while nobody behind it knows them yet: each is sent away with 503, to come again, and keeps its fallback.
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { refuseUpgrade } from './server.ts'

/** Answers every upgrade of these servers; call what it returns before somebody else takes them. */
export function closeDoor(servers: readonly (HttpServer | HttpsServer)[]): () => void {
  const refuse = (_request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => socket.destroy())
    refuseUpgrade(socket, 503)
  }
  for (const server of servers) server.on('upgrade', refuse)
  return () => { for (const server of servers) server.off('upgrade', refuse) }
}
