// The hand-made side of the bench: what it sends, a real WebSocket server reads; what that sends in any pieces, it reads; and it counts right answers only.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { meterFrame } from '../../bench/meter-frame.ts'
import { MeterTemplate } from '../../bench/meter-template.ts'
import { Wire, frameOf, openWire } from '../../bench/wire.ts'

let http: Server
let sockets: WebSocketServer
let url = ''

beforeAll(async () => {
  http = createServer()
  sockets = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: (protocols) => [...protocols][0] ?? false })
  sockets.on('connection', (socket) => {
    socket.send('hello')
    socket.on('message', (data: Buffer) => socket.send(data.toString('utf8')))
  })
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/somewhere`
})
afterAll(() => {
  sockets.close()
  http.close()
})

describe('a wire', () => {
  test('hears the first word behind the handshake, and gets back every text it sent', async () => {
    const heard: string[] = []
    const wire = await openWire(url, 'ocpp1.6')
    const texts = ['a', 'é'.repeat(70), 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(65_535)]
    const all = new Promise<void>((resolve) => {
      wire.heard = (payload) => {
        heard.push(payload.toString('utf8'))
        if (heard.length === texts.length + 1) resolve()
      }
    })
    for (const text of texts) wire.send(text)
    await all
    expect(heard).toEqual(['hello', ...texts])
    wire.close()
  })

  test('answers a ping, and says when it is hung up', async () => {
    const wire = await openWire(url, null)
    const lost = new Promise<void>((resolve) => { wire.lost = resolve })
    const [client] = [...sockets.clients].slice(-1)
    const pong = new Promise<string>((resolve) => { client!.once('pong', (data: Buffer) => resolve(data.toString())) })
    client!.ping('there?')
    expect(await pong).toBe('there?')
    client!.terminate()
    await lost
  })

  test('is not let in by what is no WebSocket server', async () => {
    const plain = createServer((_request, response) => response.writeHead(404).end())
    plain.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'))
    await new Promise<void>((resolve) => { plain.listen(0, '127.0.0.1', resolve) })
    await expect(openWire(`ws://127.0.0.1:${(plain.address() as AddressInfo).port}/`, null)).rejects.toThrow(/not let in: HTTP\/1\.1 503/)
    plain.close()
  })

  test('reads frames of every size, in whatever pieces they come', () => {
    const unmasked = (text: string): Buffer => {
      const payload = Buffer.from(text)
      const head = payload.length < 126 ? Buffer.from([0x81, payload.length]) : payload.length < 65_536 ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]) : Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0]), Buffer.from([payload.length >>> 24, (payload.length >> 16) & 255, (payload.length >> 8) & 255, payload.length & 255])])
      return Buffer.concat([head, payload])
    }
    const sizes = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 1_200, max: 1_400 }), fc.constantFrom(65_535, 65_536, 70_000))
    fc.assert(fc.property(fc.array(sizes, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 }), (lengths, pieces) => {
      const texts = lengths.map((length, index) => String(index % 10).repeat(length))
      const bytes = Buffer.concat(texts.map(unmasked))
      const wire = new Wire(new Socket())
      const heard: string[] = []
      wire.heard = (payload) => void heard.push(payload.toString())
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const piece = pieces[turn % pieces.length]!
        wire.read(bytes.subarray(at, at + piece))
        at += piece
      }
      expect(heard).toEqual(texts)
    }), { numRuns: 100 })
  })
})

test('a template writes the frame that the plain text would be, each time with another id, time and register', () => {
  const template = new MeterTemplate(42)
  const wanted = (count: number, iso: string): string => meterFrame(String(count).padStart(8, '0'), 42, 100_000_000 + count, 31.5).replace(/"timestamp":"[^"]+"/, `"timestamp":"${iso}"`)
  for (const [index, iso] of ['2026-01-02T03:04:05.678Z', '2027-11-12T13:14:15.000Z'].entries()) {
    const { bytes } = frameOf(Buffer.from(wanted(index + 1, iso)))
    expect(template.next(iso).equals(bytes)).toBe(true)
    expect(template.id).toBe(`0000000${index + 1}`)
  }
})
