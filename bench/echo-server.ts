// The yardstick: `ws` and nothing else, sending every frame back as it came.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false })
sockets.on('connection', (socket) => {
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }))
})
http.listen(0, '127.0.0.1', 1_024, () => {
  process.stderr.write(`echo on 127.0.0.1:${(http.address() as AddressInfo).port}\n`)
})
