// The port to the operator's own service against a real HTTP server: what is sent, what is believed, and that it never takes longer than its time.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createExternalAuthority, type ExternalAuthority, type ExternalOptions, type ExternalQuestion } from '../../src/actors/external-authoriser.ts'
import { systemClock } from '../../src/clock.ts'
import { createOutgoing } from '../../src/outgoing.ts'

const question: ExternalQuestion = { clientID: 'CP1', connectorId: 1, idTag: 'Guest', siteID: 'main', at: '2024-05-01T10:00:00.000Z', reason: 'start' }
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Heard { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string }

async function service(answer: (response: ServerResponse, heard: Heard) => void, options: Partial<ExternalOptions> = {}): Promise<{ authority: ExternalAuthority; heard: Heard[]; url: string }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      heard.push(one)
      answer(response, one)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/authorise?tenant=7`
  let made = 0
  return { heard, url, authority: createExternalAuthority({ url, timeoutS: 5, clock: systemClock, outgoing: createOutgoing({ clock: systemClock, newId: () => `id${++made}` }), ...options }) }
}

const says = (value: unknown) => (response: ServerResponse): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(typeof value === 'string' ? value : JSON.stringify(value))

describe('the request', () => {
  test('is one POST of the question as JSON, with an id of its own', async () => {
    const { authority, heard } = await service(says({ status: 'Accepted' }))
    expect(await authority.ask(question)).toEqual({ idTagInfo: { status: 'Accepted' } })
    await authority.ask(question)
    expect(heard).toHaveLength(2)
    expect(heard[0]).toMatchObject({ method: 'POST', path: '/authorise?tenant=7', headers: { 'content-type': 'application/json', 'webhook-id': 'auth_id1' } })
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual(question)
    expect(heard[1]?.headers['webhook-id']).toBe('auth_id2')
    expect(heard[0]?.headers['webhook-signature']).toBeUndefined()
  })

  test.each([
    ['a plain secret', 'a secret of many letters', Buffer.from('a secret of many letters')],
    ['a secret as Standard Webhooks have them', `whsec_${Buffer.from('thirty-two bytes of key material').toString('base64')}`, Buffer.from('thirty-two bytes of key material')],
  ])('%s signs id, time and body', async (_, secret, key) => {
    const { authority, heard } = await service(says({ status: 'Accepted' }), { secret })
    await authority.ask(question)
    const { headers, body } = heard[0] ?? { headers: {} as IncomingMessage['headers'], body: '' }
    const timestamp = String(headers['webhook-timestamp'])
    expect(Math.abs(Number(timestamp) * 1000 - systemClock.wall())).toBeLessThan(60_000)
    const expected = createHmac('sha256', key).update(`${String(headers['webhook-id'])}.${timestamp}.${body}`).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
    expect(JSON.stringify(heard)).not.toContain(secret)
  })
})

describe('the answer', () => {
  test.each([
    [{ status: 'Blocked' }, { status: 'Blocked' }],
    [{ status: 'ConcurrentTx', extra: 1 }, { status: 'ConcurrentTx' }],
    [{ status: 'Accepted', expiryDate: '2099-01-01T00:00:00Z', parentIdTag: 'G' }, { expiryDate: '2099-01-01T00:00:00Z', parentIdTag: 'G', status: 'Accepted' }],
    [{ status: 'Accepted', expiryDate: null, parentIdTag: null }, { status: 'Accepted' }],
    [{ status: 'Accepted', expiryDate: '2001-01-01T00:00:00Z' }, { expiryDate: '2001-01-01T00:00:00Z', status: 'Expired' }],
    [{ status: 'Blocked', expiryDate: '2001-01-01T00:00:00Z' }, { expiryDate: '2001-01-01T00:00:00Z', status: 'Blocked' }],
  ])('%j counts', async (answer, idTagInfo) => {
    expect(await (await service(says(answer))).authority.ask(question)).toEqual({ idTagInfo })
  })

  test.each([
    ['broken JSON', says('{"status":'), /not JSON/], ['nothing', says(''), /not JSON/], ['a word', says('"Accepted"'), /no idTagInfo/], ['another status', says({ status: 'Yes' }), /no idTagInfo: status/],
    ['no date', says({ status: 'Accepted', expiryDate: 'soon' }), /expiryDate not a date-time/], ['a long parent', says({ status: 'Accepted', parentIdTag: 'x'.repeat(21) }), /parentIdTag/],
    ['an error', (response: ServerResponse) => void response.writeHead(500).end('{"status":"Accepted"}'), /status 500/], ['not found', (response: ServerResponse) => void response.writeHead(404).end(), /status 404/],
    ['no content', (response: ServerResponse) => void response.writeHead(204).end(), /status 204/],
    ['a huge answer', says(`{"status":"Accepted","x":"${'y'.repeat(70_000)}"}`), /longer than 65536 bytes/],
    ['a cut connection', (response: ServerResponse) => { response.writeHead(200, { 'content-length': '50' }).write('{'); response.destroy() }, /./],
  ])('%s is none', async (_, answer, failure) => {
    expect(await (await service(answer)).authority.ask(question)).toEqual({ failure: expect.stringMatching(failure) as string })
  })

  test('a redirect is not followed', async () => {
    const other = await service(says({ status: 'Accepted' }))
    const { authority } = await service((response) => void response.writeHead(307, { location: other.url }).end())
    expect(await authority.ask(question)).toEqual({ failure: 'it answered with status 307' })
    expect(other.heard).toEqual([])
  })

  test('none within its time is none, whether silent or slow', async () => {
    const silent = await service(() => undefined, { timeoutS: 0.1 })
    expect(await silent.authority.ask(question)).toEqual({ failure: 'no answer within 0.1 s' })
    const slow = await service((response) => void response.writeHead(200).write('{"status":'), { timeoutS: 0.1 })
    expect(await slow.authority.ask(question)).toEqual({ failure: 'no answer within 0.1 s' })
  })

  test('nobody there is said with the reason of the machine', async () => {
    const { url } = await service(says({}))
    const server = servers.pop()
    await new Promise((resolve) => server?.close(resolve))
    const authority = createExternalAuthority({ url, timeoutS: 5, clock: systemClock, outgoing: createOutgoing({ clock: systemClock, newId: () => 'x' }) })
    expect(await authority.ask(question)).toEqual({ failure: 'it cannot be reached (ECONNREFUSED)' })
  })
})
