// The timer of a connection that has asked nothing yet.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { guardHttp, preRequestMs } from '../../src/protocol/guard-http.ts'
import { VirtualClock, settle } from '../virtual-clock.ts'

test('silent and slow sockets are cut; one that has asked is not', async () => {
  const clock = new VirtualClock()
  const http = createServer((_request, response) => { response.write('streaming') })
  guardHttp(http, clock)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const open = async (text: string) => {
    const accepted = once(http, 'connection')
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    await accepted
    if (text !== '') socket.write(text)
    return socket
  }
  const silent = await open('')
  const slow = await open('GET / HTTP/1.1\r\nHost: x\r\n')
  const honest = await open('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(honest, 'data')
  expect(clock.pending).toBe(2)
  const cut = Promise.all([once(silent, 'close'), once(slow, 'close')])
  await clock.advance(preRequestMs)
  await cut
  await settle()
  expect(honest.destroyed).toBe(false)
  expect(clock.pending).toBe(0)
  expect(http.headersTimeout).toBe(preRequestMs)
  http.closeAllConnections()
  http.close()
  await once(http, 'close')
})
