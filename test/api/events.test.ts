// Event streams over a real socket: order, resuming, filters, signs of life, and the end of a reader that does not read.
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeEach(async () => { server = await startServer() })
afterEach(() => server.close())

interface Reader { readonly response: IncomingMessage; until(text: string): Promise<string>; close(): void }

function read(path: string, headers: Record<string, string> = {}): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: server.port, path, agent: false, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += chunk.toString() }).on('error', () => undefined)
      resolve({
        response,
        async until(wanted) {
          while (!text.includes(wanted)) await new Promise((next) => response.once('data', next))
          return text
        },
        close: () => request.destroy(),
      })
    })
    request.on('error', reject)
  })
}
const ids = (text: string): string[] => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '')
const event = (id: string, extra = {}) => ({ id, type: 'connector.status', data: {}, ...extra }) as const

describe('event streams', () => {
  it('send the whole event with its id and type', async () => {
    const reader = await read('/api/v1/events')
    expect(reader.response.headers['content-type']).toMatch(/^text\/event-stream/)
    await reader.until('retry:')
    server.house.emit(event('1', { clientID: 'CP1', connectorId: 2, data: { text: 'two\nlines' } }))
    const text = await reader.until('data:')
    expect(text).toContain('id: 1\nevent: connector.status\ndata: {')
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? ''
    expect(JSON.parse(data)).toEqual(server.house.kept[0])
  })

  it('resume after the last id without a gap or a repetition', async () => {
    for (const id of ['1', '2', '3']) server.house.emit(event(id))
    const reader = await read('/api/v1/events', { 'Last-Event-ID': '1' })
    await reader.until('id: 3')
    server.house.emit(event('4'))
    expect(ids(await reader.until('id: 4'))).toEqual(['2', '3', '4'])
  })

  it('say `resync` where more was missed than may wait: the reader is not cut again and again', async () => {
    for (let id = 1; id <= 600; id++) server.house.emit(event(`${id}`, { data: { text: 'x'.repeat(2_000) } }))
    const reader = await read('/api/v1/events', { 'Last-Event-ID': '1' })
    await reader.until('event: resync\ndata: {"type":"resync","reason":"too-much-missed"')
    server.house.emit(event('601'))
    expect(ids(await reader.until('id: 601'))).toEqual(['601'])
    const near = await read('/api/v1/events', { 'Last-Event-ID': '500' })
    expect(ids(await near.until('id: 601'))).toHaveLength(101)
  })

  it('say `resync` when the last id is no longer held, then go on live', async () => {
    const reader = await read('/api/v1/events', { 'Last-Event-ID': 'long-ago' })
    await reader.until('event: resync\ndata: {"type":"resync","reason":"unknown-last-event-id"')
    server.house.emit(event('9'))
    expect(ids(await reader.until('id: 9'))).toEqual(['9'])
  })

  it('are filtered by site, type and charge point, also when resuming', async () => {
    server.house.emit(event('0'))
    server.house.emit(event('1', { clientID: 'CP1' }))
    server.house.emit(event('2', { clientID: 'CP2' }))
    server.house.emit(event('3', { clientID: 'CP1', type: 'meter.sample' }))
    server.house.emit(event('4', { clientID: 'CP1', siteID: 'other' }))
    const reader = await read('/api/v1/sites/main/events?types=connector.status,limit.changed&clientID=cp1', { 'Last-Event-ID': '0' })
    await reader.until('id: 1')
    server.house.emit(event('5', { siteID: 'other', clientID: 'CP1' }))
    server.house.emit(event('6', { clientID: 'CP1', type: 'limit.changed' }))
    expect(ids(await reader.until('id: 6'))).toEqual(['1', '6'])
  })

  it('show a sign of life every 15 s', async () => {
    const reader = await read('/api/v1/events')
    const before = (await reader.until(':\n\n')).length
    await server.clock.advance(14_999)
    server.house.emit(event('1'))
    expect((await reader.until('id: 1')).slice(before)).not.toContain('\n:\n')
    await server.clock.advance(1)
    await reader.until('}\n\n:\n\n')
  })

  it('end with the house, and are forgotten when the reader leaves', async () => {
    const staying = await read('/api/v1/events')
    const leaving = await read('/api/v1/events')
    await leaving.until('retry:')
    leaving.close()
    while (observers() === 2) await turn()
    expect(observers()).toBe(1)
    const ended = new Promise((resolve) => staying.response.on('end', resolve))
    server.house.events$.complete()
    await ended
  })

  it('cut a reader with over 1 MiB waiting, and nobody else', async () => {
    const slow = connect(server.port, '127.0.0.1', () => slow.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    slow.on('error', () => undefined)
    while (observers() === 0) await turn()
    const data = { text: 'x'.repeat(100_000) }
    let sent = 0
    while (observers() > 0 && sent < 1_000) {
      server.house.emit(event(String(++sent), { data }))
      await turn()
    }
    expect(observers()).toBe(0)
    expect(sent).toBeGreaterThan(10)
    expect(server.logged).toContainEqual(expect.objectContaining({ message: 'slow event reader cut' }))
    slow.destroy()
    const other = await read('/api/v1/events')
    await other.until('retry:')
  })

  it('are limited in number', async () => {
    const readers = await Promise.all(Array.from({ length: 100 }, () => read('/api/v1/events')))
    const refused = await server.ask('GET', '/api/v1/events')
    expect(refused.json()).toMatchObject({ status: 429, code: 'too-many-streams' })
    expect(refused.headers['retry-after']).toBe('10')
    for (const reader of readers) reader.close()
    while (observers() > 0) await turn()
    await (await read('/api/v1/events')).until('retry:')
  })
})

/** How many streams listen to the house: what RxJS itself keeps. */
function observers(): number {
  return server.house.events$.observers.length
}
