// Calls to services: signed so that Standard Webhooks can check it, bounded in time and size, and never to an inner address that nobody allowed.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { isInnerAddress } from '../src/addresses.ts'
import { createOutgoing, type OutgoingCall } from '../src/outgoing.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

async function serve(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => answer(request, body, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

let made = 0
const outgoing = createOutgoing({ clock: systemClock, newId: () => `id${++made}` })
const call = (url: string, more: Partial<OutgoingCall> = {}) => outgoing({ url, timeoutS: 5, kind: 'test', payload: { a: 1 }, trusted: true, ...more })

test('the answer is the JSON that was said', async () => {
  const url = await serve((request, body, response) => response.end(JSON.stringify({ method: request.method, said: JSON.parse(body), signed: request.headers['webhook-signature'] ?? null })))
  expect(await call(url)).toEqual({ method: 'POST', said: { a: 1 }, signed: null })
})

test.each(['plain secret', `whsec_${Buffer.from('bytes of a key').toString('base64')}`])('signed as Standard Webhooks are: %s', async (secret) => {
  let seen: { body: string; headers: IncomingMessage['headers'] } | null = null
  const url = await serve((request, body, response) => {
    seen = { body, headers: request.headers }
    response.end('{}')
  })
  await call(url, { secret })
  const { body, headers } = seen!
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  expect(headers['webhook-id']).toMatch(/^test_id\d+$/)
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')}`)
})

describe('no answer', () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    ['a failure', (response) => response.writeHead(500).end('{}'), 'it answered with status 500'],
    ['a redirect is not followed', (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), 'it answered with status 307'],
    ['no JSON', (response) => response.end('<html>'), 'its answer is not JSON'],
    ['too much', (response) => response.end(`"${'x'.repeat(70_000)}"`), 'its answer is longer than 65536 bytes'],
    ['silence', () => undefined, 'no answer within 1 s'],
    ['cut short', (response) => response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()), 'it cannot be reached (ECONNRESET)'],
  ])('%s', async (_title, answer, why) => {
    const url = await serve((_request, _body, response) => answer(response))
    await expect(call(url, { timeoutS: 1 })).rejects.toThrow(why)
  })
  test('nobody there', async () => expect(call('http://127.0.0.1:1/')).rejects.toThrow('it cannot be reached (ECONNREFUSED)'))
  test('another protocol', async () => expect(call('file:///etc/passwd')).rejects.toThrow('only http and https'))
})

describe('addresses', () => {
  test.each(['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '192.0.0.8', '192.0.2.1', '198.51.100.7', '203.0.113.9', '240.0.0.1', '255.255.255.255', '::', '::1', '::10.0.0.1', '::7f00:1', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:a00:1'])('%s is inner', (address) => expect(isInnerAddress(address)).toBe(true))
  test.each(['8.8.8.8', '172.32.0.1', '192.0.3.1', '198.51.101.1', '203.0.114.1', '223.255.255.1', '2003::1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])('%s is public', (address) => expect(isInnerAddress(address)).toBe(false))
  test.each(['http://127.0.0.1:1/', 'http://[::1]:1/', 'http://2130706433:1/', 'http://localhost:1/'])('%s is not called for a stranger', async (url) => {
    await expect(call(url, { trusted: false })).rejects.toThrow('no public address')
  })
})
