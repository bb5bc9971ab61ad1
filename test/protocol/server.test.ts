// The WebSocket server over real sockets: who gets in, how, and what ends a connection.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Admission } from '../../src/protocol/session.ts'
import { Client, maskedFrame, openRaw, startServer, type Running } from './station-server.ts'

let running: Running
beforeEach(async () => { running = await startServer() })
afterEach(async () => { await running.stop() })

const beat = (id: string) => [2, id, 'Heartbeat', {}]
const client = (path: string, protocols?: string[], headers: Record<string, string> = {}) => new Client(`${running.endpoint}${path}`, protocols, { headers })
const basic = (bytes: string | Buffer) => ({ authorization: `Basic ${Buffer.from(bytes).toString('base64')}` })

describe('identity and path', () => {
  test.each([
    ['/ocpp/CP1', 'CP1'], ['/foo/ocpp/CP1', 'CP1'], ['/a/b/c/ocpp/CP1?x=1', 'CP1'], ['/ocpp/RDAM%20123', 'RDAM 123'], ['/ocpp/a%2Fb', 'a/b'], ['/ocpp/a%252Fb', 'a%2Fb'],
    ['/ocpp/%F0%9F%98%80', '😀'], ['/OCPP/CP1', 'CP1'], [`/ocpp/${'x'.repeat(48)}`, 'x'.repeat(48)], ['/ocpp/ocpp', 'ocpp'], ['/ocpp/CP1/', 'CP1'], ['/foo/ocpp/a%2Fb/?x=1', 'a/b'], ['/ocpp/__proto__', '__proto__'],
  ])('%s is %s', async (path, clientID) => {
    await client(path).ready()
    expect(running.desk.attempts[0]).toMatchObject({ clientID, loopback: true, secure: false, subprotocols: ['ocpp1.6'] })
    expect(running.server.get(clientID)?.open).toBe(true)
  })

  test.each([
    ['/ocpp/', 'empty-id'], ['/ocpp', 'empty-id'], ['/foo/ocpp/', 'empty-id'], ['/ocpp/a%00b', 'id-invalid-chars'], ['/ocpp/a%0Ab', 'id-invalid-chars'], ['/ocpp/%ff', 'id-invalid-chars'],
    ['/ocpp/%', 'id-invalid-chars'], ['/ocpp/%20a', 'id-invalid-chars'], ['/ocpp/a%E2%80%AEb', 'id-invalid-chars'], [`/ocpp/${'x'.repeat(49)}`, 'id-invalid-chars'],
    ['/CP1', 'bad-path'], ['/ocpp/x/CP1', 'bad-path'], ['/ocpp/CP1//', 'bad-path'], ['/ocpp/CP1/CP1', 'bad-path'], ['/', 'bad-path'],
  ])('%s is refused: %s', async (path, reason) => {
    expect((await client(path).arrival).status).toBe(404)
    expect(running.desk.events).toEqual([expect.stringMatching(new RegExp(`^refused .*${reason}$`))])
    expect(running.desk.attempts).toEqual([])
  })

  test('other upgrades belong to others, or nobody', async () => {
    expect((await client('/live', ['chat']).arrival).status).toBe(404)
    expect(running.desk.events).toEqual([])
    const shared = await startServer({
      onOtherUpgrade: (request, socket) => {
        if (request.url !== '/live') return false
        socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n')
        return true
      },
    })
    expect((await new Client(`${shared.endpoint}/live`).arrival).status).toBe(418)
    expect((await new Client(`${shared.endpoint}/dead`).arrival).status).toBe(404)
    await shared.stop()
  })

  test('a web page in a browser is kept out', async () => {
    expect((await client('/ocpp/CP1', ['ocpp1.6'], { origin: 'https://evil.example' }).arrival).status).toBe(403)
    expect(running.desk.attempts).toEqual([])
  })

})

describe('plain HTTP', () => {
  const plain = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${running.port}${path}`, init)

  test.each(['/', '/v1/sites/ocpp/power', '/foo/ocpp/CP1', '/ocppx/CP1', '/ocpp/CP1/x', '/metrics'])('%s is served beside it', async (path) => {
    const response = await plain(path)
    expect([response.status, await response.text()]).toEqual([200, 'hello'])
    expect(running.desk.events).toEqual([])
  })

  test.each([
    ['/ocpp/CP-01', 'GET', 'CP-01', '/ocpp/CP-01 '], ['/ocpp/RDAM%20123?x=1', 'GET', 'RDAM 123', '/ocpp/RDAM%20123 '], ['/ocpp/CP-01', 'POST', 'CP-01', '/ocpp/CP-01 '],
    ['/ocpp/', 'GET', '', '/ocpp/NAME-OF-THE-CHARGE-POINT '], ['/ocpp', 'GET', '', '/ocpp/NAME-OF-THE-CHARGE-POINT '], ['/ocpp/%ff', 'GET', '%ff', '/ocpp/%ff '],
  ])('%s by %s is 426 with the way in', async (path, method, clientID, shown) => {
    const response = await plain(path, { method })
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
    const text = await response.text()
    expect(text).toContain(`ws://127.0.0.1:${running.port}${shown}`)
    expect(text).toContain('subprotocol ocpp1.6')
    expect(text.trimEnd().split('\n')).toHaveLength(1)
    expect(running.desk.events).toEqual([`refused ${clientID} upgrade-missing`])
    expect(running.desk.attempts).toEqual([])
  })

  test('an Upgrade header that a proxy left without its Connection header is one too', async () => {
    const socket = connect(running.port, '127.0.0.1')
    socket.write('GET /ocpp/CP1 HTTP/1.1\r\nHost: <b>x\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
    let bytes = ''
    socket.on('data', (data: Buffer) => { bytes += data.toString() })
    await once(socket, 'close')
    expect(bytes).toMatch(/^HTTP\/1.1 426 /)
    expect(bytes).toMatch(/^connection: upgrade, close\r$/im)
    expect(bytes).toContain('ws://HOST/ocpp/CP1 ')
  })

  test('a flood is answered and counted, and told to nobody after the first twenty', async () => {
    for (let n = 0; n < 40; n++) expect((await plain('/ocpp/CP1')).status).toBe(426)
    expect(running.desk.events.length).toBeGreaterThanOrEqual(20)
    expect(running.desk.events.length).toBeLessThan(30)
    expect(running.server.counters.refused).toBe(40)
    await client('/ocpp/CP1').ready()
  })
})

describe('subprotocol', () => {
  test.each([[['ocpp1.6']], [['ocpp2.0.1', 'ocpp1.6']], [['ocpp1.6', 'ocpp1.5']]])('%j: ocpp1.6 is answered', async (offered) => {
    const one = await client('/ocpp/CP1', offered).ready()
    expect(one.socket.protocol).toBe('ocpp1.6')
  })

  test('none in common: upgraded without one, then closed', async () => {
    const one = client('/ocpp/CP1', ['ocpp2.0.1', 'ocpp1.5'])
    const arrival = await one.arrival
    expect(arrival.status).toBe(101)
    expect(arrival.headers).not.toHaveProperty('sec-websocket-protocol')
    await one.closed
    expect(running.desk.events).toEqual(['refused CP1 wrong-subprotocol'])
  })

  test('none offered: closed with 1002, unless the entry allows it', async () => {
    expect(await client('/ocpp/CP1', []).closed).toEqual({ code: 1002, reason: 'subprotocol ocpp1.6 required' })
    expect(running.desk.events).toEqual(['refused CP1 no-subprotocol'])
    running.desk.decide = (attempt) => ({ admitted: true, clientID: attempt.clientID, withoutSubprotocol: true })
    const one = await client('/ocpp/CP1', []).ready()
    one.send(beat('1'))
    expect((await one.frames(1))[0]?.[0]).toBe(3)
    expect(one.socket.protocol).toBe('')
  })

  test('threat 11: compression is never agreed', async () => {
    const arrival = await new Client(`${running.endpoint}/ocpp/CP1`, ['ocpp1.6'], { perMessageDeflate: true }).arrival
    expect(arrival.headers).not.toHaveProperty('sec-websocket-extensions')
  })
})

describe('authentication', () => {
  test('credentials are split at the first colon, as bytes', async () => {
    const password = Buffer.from([0x3a, 0xff, 0x00, 0x3a, 0x80])
    await client('/ocpp/CP1', ['ocpp1.6'], basic(Buffer.concat([Buffer.from('CP1:'), password]))).ready()
    expect(running.desk.attempts[0]?.credentials).toEqual({ username: 'CP1', password })
  })

  test.each([{}, { authorization: 'Bearer abc' }, { authorization: 'Basic !!!' }, basic('nocolon')])('%j holds none', async (headers) => {
    await client('/ocpp/CP1', ['ocpp1.6'], headers as Record<string, string>).ready()
    expect(running.desk.attempts[0]).not.toHaveProperty('credentials')
  })

  test('unknown identity and wrong password get the same bytes', async () => {
    running.desk.decide = (attempt): Admission => ({ admitted: false, status: 401, reason: attempt.clientID === 'known' ? 'auth-wrong' : 'unknown-id' })
    const known = await client('/ocpp/known', ['ocpp1.6'], basic('known:bad')).arrival
    const unknown = await client('/ocpp/stranger').arrival
    expect(known.status).toBe(401)
    expect(known.headers['www-authenticate']).toMatch(/^Basic realm=/)
    expect(unknown).toEqual(known)
    expect(known.body.length).toBeLessThan(64)
    expect(running.desk.events.toSorted()).toEqual(['refused known auth-wrong', 'refused stranger unknown-id'])
  })

  test.each([403, 404, 409, 429, 503] as const)('status %i of the desk is answered', async (status) => {
    running.desk.decide = () => ({ admitted: false, status, reason: 'rate-limited' })
    const arrival = await client('/ocpp/CP1').arrival
    expect(arrival.status).toBe(status)
    expect('retry-after' in arrival.headers).toBe(status === 429 || status === 503)
  })

  test('a desk that fails: 503, and the next one is served', async () => {
    running.desk.decide = () => { throw new Error('store down') }
    expect((await client('/ocpp/CP1').arrival).status).toBe(503)
    running.desk.decide = (attempt) => ({ admitted: true, clientID: attempt.clientID })
    await client('/ocpp/CP1').ready()
  })

  test('authentication comes before the subprotocol and before the old socket is touched', async () => {
    const first = await client('/ocpp/CP1').ready()
    running.desk.decide = () => ({ admitted: false, status: 401, reason: 'auth-wrong' })
    expect((await client('/ocpp/CP1', ['ocpp2.0.1']).arrival).status).toBe(401)
    expect(first.socket.readyState).toBe(first.socket.OPEN)
  })
})

describe('a second connection of the same identity', () => {
  test('the first is alive: 409', async () => {
    const first = await client('/ocpp/CP1').ready()
    expect((await client('/ocpp/cp1').arrival).status).toBe(409)
    first.send(beat('1'))
    expect(await first.frames(1)).toHaveLength(1)
    expect(running.desk.events).toEqual(['connected CP1 1', 'refused cp1 duplicate-id'])
  })

  test('threat 6: the first of an identity is frozen: replaced; its late close changes nothing', async () => {
    const frozen = await openRaw(running.port, '/ocpp/CP1')
    const second = await client('/ocpp/CP1').ready()
    expect(running.server.get('CP1')?.generation).toBe(2)
    frozen.destroy()
    second.send(beat('1'))
    await second.frames(1)
    expect(running.server.get('CP1')?.generation).toBe(2)
    expect(running.desk.events).toEqual(['connected CP1 1', 'disconnected CP1 1 1006 replaced by a new connection', 'connected CP1 2'])
  })

  test('a malformed handshake leaves no claim behind', async () => {
    const socket = connect(running.port, '127.0.0.1')
    socket.write('GET /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n')
    const [answer] = await once(socket, 'data') as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400/)
    await client('/ocpp/CP1').ready()
  })
})

describe('frames', () => {
  test('threat 22: eight CALLs in one TCP segment: eight answers in order', async () => {
    const socket = await openRaw(running.port, '/ocpp/CP1')
    socket.write(Buffer.concat(Array.from({ length: 8 }, (_, at) => maskedFrame(0x81, Buffer.from(JSON.stringify(beat(`m${at}`)))))))
    let bytes = ''
    while ((bytes.match(/\[3,"m/g) ?? []).length < 8) bytes += String((await once(socket, 'data'))[0])
    expect(bytes.match(/m\d/g)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'])
    socket.destroy()
  })

  test('CALLs sent together with the handshake are answered', async () => {
    const socket = connect(running.port, '127.0.0.1')
    socket.on('error', () => undefined)
    const handshake = 'GET /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n'
    socket.write(Buffer.concat([Buffer.from(handshake), maskedFrame(0x81, Buffer.from(JSON.stringify(beat('early'))))]))
    let bytes = ''
    while (!bytes.includes('[3,"early"')) bytes += String((await once(socket, 'data'))[0])
    expect(running.desk.handled).toHaveLength(1)
    socket.destroy()
  })

  test.each<[string, Buffer, number]>([
    ['65,537 bytes', Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]), Buffer.alloc(65_537, 'x')]), 1009],
    ['an endless length', Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), 1009],
    ['binary', maskedFrame(0x82, Buffer.from([1, 2, 3])), 1003],
    ['invalid UTF-8', maskedFrame(0x81, Buffer.from([0xff, 0xfe])), 1007],
    ['an unmasked frame', Buffer.from([0x81, 1, 0x61]), 1002],
    ['100 fragments', Buffer.concat(Array.from({ length: 100 }, (_, at) => maskedFrame(at === 0 ? 0x01 : 0x00, Buffer.from('x')))), 1008],
  ])('%s: closed, and the next charge point is served', async (_, bytes, code) => {
    const socket = await openRaw(running.port, '/ocpp/CP1')
    socket.write(bytes)
    const [answer] = await once(socket, 'data') as [Buffer]
    expect(answer.readUInt16BE(2)).toBe(code)
    expect(await running.desk.until('disconnected CP1')).toMatch(new RegExp(`^disconnected CP1 1 ${code}`))
    socket.destroy()
    await client('/ocpp/CP2').ready()
  })

  test('exactly 64 KiB passes, and bad frames leave the socket alone', async () => {
    const one = await client('/ocpp/CP1').ready()
    const head = '[2,"big","DataTransfer",{"vendorId":"v","data":"'
    one.send(`${head}${'d'.repeat(65_536 - head.length - 3)}"}]`)
    one.send(`[2,"deep","Heartbeat",${'['.repeat(20_000)}${']'.repeat(20_000)}]`)
    one.send('not json')
    one.send([2, 'x', 'CustomOperation', {}])
    one.send(beat('last'))
    running.desk.onHandle = (_session, action) => action === 'DataTransfer' ? { status: 'UnknownVendorId' } : undefined
    expect((await one.frames(4)).map((frame) => [frame[0], frame[1], frame[0] === 4 ? frame[2] : ''])).toEqual([
      [3, 'big', ''], [4, 'deep', 'FormationViolation'], [4, 'x', 'NotImplemented'], [3, 'last', ''],
    ])
  })

  test('a charge point that floods is held back by TCP and loses nothing', async () => {
    const one = await client('/ocpp/CP1').ready()
    for (let at = 0; at < 130; at++) one.send(beat(`m${at}`))
    expect((await one.frames(130)).map((frame) => frame[1])).toEqual(Array.from({ length: 130 }, (_, at) => `m${at}`))
    expect(running.server.counters.pauses).toBeGreaterThan(0)
  })
})

test('close() says 1012 to everyone, takes nobody new, and ends', async () => {
  const clients = await Promise.all(['A', 'B', 'C'].map((id) => client(`/ocpp/${id}`).ready()))
  const closing = running.server.close()
  expect((await client('/ocpp/D').arrival).status).toBe(503)
  expect(await Promise.all(clients.map((one) => one.closed))).toEqual(Array.from({ length: 3 }, () => ({ code: 1012, reason: 'service restart' })))
  await closing
  expect(running.server.sessions.all()).toEqual([])
  expect(running.desk.events.filter((event) => event.startsWith('disconnected'))).toHaveLength(3)
})
