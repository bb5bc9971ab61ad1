// A client socket with one frame under way at a time, as the closed loop needs it.
import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface Line {
  send(frame: string): void
  /** Gets what comes back; one at a time. */
  heard: (text: string) => void
  close(): void
}

const handshakeTimeoutMs = 20_000

export async function dial(url: string, protocols: string[], received: (text: string) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, handshakeTimeout: handshakeTimeoutMs })
  socket.on('message', (data: Buffer) => received(data.toString('utf8')))
  await once(socket, 'open')
  return socket
}

export async function openEchoLine(url: string): Promise<Line> {
  const line: Line = { send: (frame) => socket.send(frame), heard: () => undefined, close: () => socket.terminate() }
  const socket = await dial(url.replace(/^http/, 'ws'), [], (text) => line.heard(text))
  return line
}
