// Frames that we write ourselves, read by a client that we did not write.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrames } from '../../src/api/text-frames.ts'

test('texts of every size and alphabet come as they were sent, between messages of the library, and a ping', async () => {
  const texts = ['', 'a', 'x'.repeat(125), 'x'.repeat(126), 'ä€😀'.repeat(40), '\ud800 alone', 'x'.repeat(65_535), 'x'.repeat(65_536), 'ü'.repeat(70_000), '{"type":"@xstate.event"}']
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.send('first')
    socket.write(textFrames(texts))
    webSocket.ping()
    socket.write(textFrames([]))
    socket.write(textFrames(['again']))
    webSocket.close(1000, 'done')
  }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const [heard, pings]: [string[], unknown[]] = [[], []]
  client.on('message', (data: Buffer, isBinary) => heard.push(`${isBinary ? 'binary ' : ''}${data.toString()}`))
  client.on('ping', () => pings.push(1))
  const [code, reason] = (await once(client, 'close')) as [number, Buffer]
  // Half of a pair is no text: it is replaced, as everywhere.
  expect(heard).toEqual(['first', ...texts.map((text) => text.replace('\ud800', '\ufffd')), 'again'])
  expect([code, reason.toString(), pings.length]).toEqual([1000, 'done', 1])
  await new Promise((resolve) => { server.close(resolve) })
})
