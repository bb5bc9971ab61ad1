// Uploads over real sockets: one file per address, streamed, bounded in size and time, and no way from there to anything else.
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createUploadDoor, isUpload } from '../../src/api/upload-door.ts'
import { bodyMs, boundBodies } from '../../src/api/slow-bodies.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'
import { createMemoryFiles, type MemoryFiles } from '../store/memory-files.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'

let stand: HouseStand
let files: MemoryFiles
let server: Server
let port: number
let token: string
/** The door's own time; the house has another. */
let clock: VirtualClock
let logged: string[]
const sockets: Socket[] = []

beforeEach(async () => {
  files = createMemoryFiles()
  stand = await openHouse({ chargePoints: [{ id: 'CP1' }], uploads: { files, maxMiB: 1, keepDays: 30, keepFilesPerChargePoint: 5 } })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  peer.script = () => ({ fileName: 'C:\\logs\\diag.zip' })
  const issued = stand.house.commands.issue('CP1', 'GetDiagnostics', {}, {}, caller)
  await stand.clock.advance(500)
  await issued
  token = /\/uploads\/([\w-]{22})\/$/.exec((peer.last().payload as { location: string }).location)![1]!
  clock = new VirtualClock()
  logged = []
  const note = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`)
  let made = 0
  const door = createUploadDoor({ uploads: stand.house.uploads, clock, log: { debug: note, info: note, warn: note, error: note }, ids: () => `made-${++made}` })
  server = createServer((request, response) => {
    if (!door(request, response)) response.writeHead(418).end('elsewhere')
  })
  boundBodies(server, clock, isUpload)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

interface Reply { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly text: string }

function send(method: string, path: string, body: string | Buffer | readonly Buffer[] = 'x', headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, agent: false, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += chunk.toString() }).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text })).on('error', reject)
    })
    request.on('error', reject)
    if (Array.isArray(body)) for (const chunk of body) request.write(chunk)
    request.end(Array.isArray(body) ? undefined : body)
  })
}

/** A connection that says this and goes on as it is told. */
async function open(text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

const list = () => stand.house.uploads.list('CP1')
const at = (rest = ''): string => `/uploads/${token}${rest}`
const code = ({ text }: Reply): unknown => (JSON.parse(text) as { code: string }).code

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000 && !await holds(); i++) await settle()
  expect(await holds()).toBe(true)
}

describe('a file is taken', () => {
  test.each([
    ['PUT', '', 'diag.zip'], ['POST', '', 'diag.zip'], ['PUT', '/', 'diag.zip'], ['PUT', '/my%20log.tgz', 'my log.tgz'], ['POST', '/a.txt?overwrite=1', 'a.txt'],
  ])('%s to %j as %j', async (method, rest, fileName) => {
    const reply = await send(method, at(rest), 'what happened', { 'Content-Type': 'text/plain' })
    expect(reply).toMatchObject({ status: 201, text: '', headers: { 'x-content-type-options': 'nosniff', 'x-request-id': 'made-1' } })
    expect(list()).toMatchObject([{ fileName, bytes: 13, contentType: 'text/plain', kind: 'diagnostics' }])
  })

  test('in chunks, without a length, up to the cap', async () => {
    expect(await send('PUT', at(), Array.from({ length: 16 }, () => Buffer.alloc(65_536)))).toMatchObject({ status: 201 })
    expect(list()).toMatchObject([{ bytes: 1 << 20 }])
  })

  test('once: then the address is gone', async () => {
    expect(await send('PUT', at())).toMatchObject({ status: 201 })
    const again = await send('PUT', at())
    expect([again.status, code(again)]).toEqual([410, 'upload-address-ended'])
    expect(list()).toHaveLength(1)
  })
})

describe('a file is not taken, and the address stays good', () => {
  const good = { listed: 0, next: 201 }
  /** Once nothing of the upload is left: what is listed, and what the next one is answered. */
  async function afterwards(): Promise<typeof good> {
    await until(async () => (await files.list()).length === 0)
    return { listed: list().length, next: (await send('PUT', at())).status }
  }

  test('too large, as it says beforehand', async () => {
    const reply = await send('PUT', at(), 'x', { 'Content-Length': String((1 << 20) + 1) })
    expect([reply.status, code(reply), reply.headers['connection']]).toEqual([413, 'upload-too-large', 'close'])
    expect(await afterwards()).toEqual(good)
  })

  test('too large, as it turns out', async () => {
    const reply = await send('PUT', at(), Array.from({ length: 17 }, () => Buffer.alloc(65_536)))
    expect([reply.status, code(reply)]).toEqual([413, 'upload-too-large'])
    expect(await afterwards()).toEqual(good)
  })

  test('cut short', async () => {
    const socket = await open(`PUT ${at()} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`)
    await until(() => clock.pending > 1)
    const second = await send('PUT', at())
    expect([second.status, code(second), second.headers['retry-after']]).toEqual([503, 'upload-under-way', '60'])
    socket.destroy()
    await once(socket, 'close')
    await until(() => clock.pending <= 1)
    expect(await afterwards()).toEqual(good)
  })

  test('empty', async () => {
    const reply = await send('PUT', at(), '')
    expect([reply.status, code(reply)]).toEqual([400, 'upload-empty'])
    expect(await afterwards()).toEqual(good)
  })

  test('while nothing can be stored', async () => {
    files.trouble = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    const reply = await send('PUT', at())
    expect([reply.status, code(reply), reply.headers['retry-after']]).toEqual([503, 'files-unavailable', '2'])
    files.trouble = null
    expect(await afterwards()).toEqual(good)
  })

  test('silent for half a minute', async () => {
    const socket = await open(`PUT ${at()} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`)
    await until(() => clock.pending > 1)
    const closed = once(socket, 'close')
    await clock.advance(30_000)
    await closed
    expect(await afterwards()).toEqual(good)
  })

  test('a sender of a KiB a second that never ends is cut after half an hour', async () => {
    const socket = await open(`PUT ${at()} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const closed = once(socket, 'close')
    let ended = false
    void closed.then(() => { ended = true })
    for (let minute = 0; minute < 31 * 3 && !ended; minute++) {
      socket.write(`10\r\n${'x'.repeat(16)}\r\n`)
      for (let turn = 0; turn < 5; turn++) await settle()
      await clock.advance(20_000)
    }
    await closed
    expect(clock.mono()).toBeGreaterThanOrEqual(30 * 60_000)
    expect(await afterwards()).toEqual(good)
  })
})

describe('there is nothing behind the door', () => {
  test.each([
    ['PUT', '/uploads', 404, 'not-found'], ['PUT', '/uploads/', 404, 'not-found'], ['PUT', `/uploads/${'A'.repeat(22)}`, 404, 'unknown-upload-address'], ['PUT', '/uploads/x/y/z', 404, 'not-found'],
    ['PUT', '/uploads/../api/v1/sites', 404, 'not-found'], ['PUT', '/uploads/%2e%2e/x', 404, 'unknown-upload-address'], ['PUT', '/uploads//x', 404, 'not-found'],
    ['GET', '/uploads/x', 405, 'method-not-allowed'], ['DELETE', '/uploads/x/y', 405, 'method-not-allowed'], ['PUT', '/uploads/x/..%2f..%2fetc%2fpasswd', 400, 'bad-file-name'], ['PUT', '/uploads/x/%00', 400, 'bad-file-name'],
  ])('%s %s → %i %s', async (method, path, status, expected) => {
    const reply = await send(method, path, method === 'PUT' ? 'x' : '')
    expect([reply.status, code(reply), reply.headers['content-type']]).toEqual([status, expected, 'application/problem+json'])
    expect([list(), await files.list()]).toEqual([[], []])
  })

  test('a right token does not open a bad name, and is in no log line', async () => {
    expect(await send('PUT', at('/..%2fx'))).toMatchObject({ status: 400 })
    expect(await send('GET', at(), '')).toMatchObject({ status: 405, headers: { allow: 'PUT, POST' } })
    expect(await send('PUT', at())).toMatchObject({ status: 201 })
    expect(await send('PUT', at())).toMatchObject({ status: 410 })
    expect(logged.join()).not.toContain(token)
    expect(stand.logged.join()).not.toContain(token)
  })

  test('who asks for something else is left alone', async () => {
    for (const path of ['/', '/api/v1/sites', '/uploadsx', '/Uploads/x']) expect(await send('PUT', path)).toMatchObject({ status: 418 })
  })
})

describe('bodies that are no uploads', () => {
  test('must be whole in half a minute', async () => {
    const hanging = createServer((request) => void request.resume())
    boundBodies(hanging, clock, isUpload)
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    const socket = connect((hanging.address() as AddressInfo).port, '127.0.0.1')
    sockets.push(socket)
    let said = ''
    socket.on('data', (chunk: Buffer) => { said += chunk.toString() }).on('error', () => undefined)
    socket.write('PUT /api/v1/sites/main HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    await until(() => clock.pending > 0)
    const closed = once(socket, 'close')
    await clock.advance(bodyMs)
    await closed
    expect(said).toMatch(/^HTTP\/1\.1 408 /)
    hanging.closeAllConnections()
    await new Promise((resolve) => hanging.close(resolve))
  })

  test('once whole, its answer may take as long as it likes, and nothing waits for it when it has gone', async () => {
    const socket = await open('GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [answer] = await once(socket, 'data') as [Buffer]
    expect(answer.toString()).toContain('418')
    await once(socket, 'close')
    await until(() => clock.pending === 0)
  })
})
