// The line of a simulated charge point over a real WebSocket, for the demo.
import { WebSocket } from 'ws'
import type { Dial } from './link.ts'

const handshakeTimeoutMs = 10_000

/** Dials `<ocppUrl>/<clientID>` with subprotocol ocpp1.6. `password` = HTTP Basic, where the charge point has one. */
export function createWebSocketDial(ocppUrl: string, password?: string): Dial {
  const base = ocppUrl.replace(/\/+$/, '')
  return (clientID, ends) => {
    const client = new WebSocket(`${base}/${encodeURIComponent(clientID)}`, 'ocpp1.6', {
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
      ...(password === undefined ? {} : { auth: `${clientID}:${password}` }),
    })
    client.on('open', () => ends.opened({
      send: (text) => { if (client.readyState === WebSocket.OPEN) client.send(text) },
      close: () => client.close(1000),
    }))
    client.on('message', (data: Buffer, isBinary) => { if (!isBinary) ends.received(data.toString('utf8')) })
    // `close` follows every error; the link dials again then.
    client.on('error', () => undefined)
    client.on('close', () => ends.closed())
  }
}
