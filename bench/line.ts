// A client socket of the `ws` library, as figures need it that have a few hundred charge points and no hurry.
import { once } from 'node:events'
import { WebSocket } from 'ws'

const handshakeTimeoutMs = 20_000

export async function dial(url: string, protocols: string[], received: (text: string) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, handshakeTimeout: handshakeTimeoutMs })
  socket.on('message', (data: Buffer) => received(data.toString('utf8')))
  await once(socket, 'open')
  return socket
}
