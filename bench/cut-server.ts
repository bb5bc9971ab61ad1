// The yardstick of the limit cut: `ws` and nothing else, which sends the text of a PUT to every socket, and answers when all of it is written.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const http = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const text = Buffer.concat(pieces).toString('utf8')
    for (const socket of sockets.clients) socket.send(text)
    response.end()
  })
})
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
sockets.on('connection', (socket) => {
  socket.on('error', () => socket.terminate())
  socket.on('message', () => undefined)
})
http.listen(0, '127.0.0.1', 1_024, () => {
  process.stderr.write(`cut on 127.0.0.1:${(http.address() as AddressInfo).port}\n`)
})
