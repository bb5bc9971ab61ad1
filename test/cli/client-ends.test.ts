// Every exit code of the commands that ask a running kwota, each really provoked; the error is one line, the hint another, and stdout stays empty.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { kwota, type Ran } from './command.ts'

const minute = 60_000
const apiKey = 'a-key-of-these-tests'
let server: Server
let place = ''
beforeAll(async () => {
  place = await newPlace()
  server = await startServer({ place, config: 'sites:\n  - { id: main, fuseA: 63, failsafeA: 10 }\n', env: { KWOTA_API_KEY: apiKey } })
}, minute)
afterAll(tidyUp)
const stubs: HttpServer[] = []
afterEach(() => {
  for (const listening of stubs.splice(0)) {
    listening.closeAllConnections()
    listening.close()
  }
})

async function stub(answer: (path: string) => readonly [status: number, body: string] | null): Promise<string> {
  const listening = createServer((request, response) => {
    const answered = answer(request.url ?? '')
    if (answered !== null) response.writeHead(answered[0], { 'content-type': 'text/html' }).end(answered[1])
  })
  stubs.push(listening)
  await new Promise<void>((then) => { listening.listen(0, '127.0.0.1', then) })
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

const ofRequests = /\b(?:GET|PUT|POST|PATCH|DELETE)\b|\/api\/|\/readyz|[{}]|If-Match|^hint: Send\b|\b(?:ttlS|expiresAt|connectorId)\b/m

function expectEnded(ran: Ran, code: number, says: RegExp): void {
  expect(ran).toMatchObject({ code, out: '' })
  const lines = ran.err.split('\n')
  expect(lines.find((line) => line.startsWith('kwota: ') && !line.includes('waiting for')) ?? ran.err).toMatch(says)
  expect(lines.filter((line) => line.startsWith('hint: '))).toHaveLength(1)
  expect(ran.err, 'nobody at a command line writes requests').not.toMatch(ofRequests)
}

const ask = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => kwota(place, args, { KWOTA_URL: server.url, KWOTA_API_KEY: apiKey, ...env })

test('2: usage, of words, addresses and values that kwota refuses', async () => {
  for (const args of [['limit', 'set', '40'], ['limit', 'set', '60%'], ['curtail', '20A', '--for', 'ever'], ['limit', 'sett'], ['limit', 'set', '40A', '--nowait'], ['tail', '--lines', '-1'], ['nothing']]) {
    expect(await ask(args), args.join(' ')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error: .+/) as string })
  }
  expectEnded(await ask(['limit', 'set', '900A']), 2, /above the fuse/)
  expectEnded(await ask(['limit', 'set', '40A', '--ttl', '8d']), 2, /--ttl is from 1s to 7d/)
  expectEnded(await ask(['limit', 'set', '40A', '--reason', 'x'.repeat(201)]), 2, /--reason is a text of at most 200/)
  expectEnded(await ask(['curtail', '20A', '--for', '8d']), 2, /within 7 days/)
  expectEnded(await ask(['curtail', '20A', '--for', '1h', '--source', 'x'.repeat(201)]), 2, /--source is a text/)
  expectEnded(await ask(['status', '--url', 'kwota.example']), 2, /no address of kwota/)
  expectEnded(await ask(['status', '--url', 'ftp://127.0.0.1']), 2, /no address of kwota/)
  expectEnded(await ask(['status'], { KWOTA_API_KEY_FILE: 'key' }), 2, /both set/)
  expectEnded(await ask(['status'], { KWOTA_API_KEY: '', KWOTA_API_KEY_FILE: 'nowhere' }), 2, /cannot be read \(ENOENT\)/)
  expectEnded(await ask(['status'], { KWOTA_API_KEY: 'schlüssel' }), 2, /no API key/)
  expectEnded(await ask(['status', '--url', await stub(() => [200, '<html>'])]), 2, /does not answer as kwota does/)
  expectEnded(await ask(['status', '--url', 'http://127.0.0.1:1']), 2, /no web server/)
  expectEnded(await ask(['status', '--url', await stub(() => [404, '<html>'])]), 2, /answers 404, and not as kwota does/)
}, minute)

test('3: not found', async () => {
  expectEnded(await ask(['why', 'CP-99/1']), 3, /no charge point CP-99/)
  expectEnded(await ask(['limit', 'show', '--site', 'nowhere']), 3, /nowhere/)
  expectEnded(await ask(['curtail', 'end', 'cur_0']), 3, /cur_0/)
  for (const args of [['tail', 'CP-99'], ['check', 'CP-99'], ['why', 'CP-99'], ['status', '--site', 'nowhere'], ['limit', 'set', '40A', '--site', 'nowhere'], ['lobby', 'accept', 'CP-99']]) expectEnded(await ask(args), 3, /CP-99|nowhere/)
}, minute)

test('4: no key, a wrong key, a key that may not', async () => {
  expectEnded(await ask(['status'], { KWOTA_API_KEY: '' }), 4, /needs an API key/)
  expectEnded(await ask(['status'], { KWOTA_API_KEY: 'another-key-than-it-is' }), 4, /key/)
  const made = await server.request<{ secret: string }>('POST', '/api/v1/api-keys', { name: 'reader', scopes: ['read'] }, { authorization: `Bearer ${apiKey}` })
  expect(made.status).toBe(201)
  expect(await ask(['limit', 'show'], { KWOTA_API_KEY: made.body.secret })).toMatchObject({ code: 0 })
  expectEnded(await ask(['limit', 'set', '40A'], { KWOTA_API_KEY: made.body.secret }), 4, /limits:write/)
}, minute)

test('5: a conflict with how things stand, and a kwota that is not there or not ready', async () => {
  expect((await ask(['limit', 'set', '40A', '--ttl', '1s', '--no-wait'])).code).toBe(0)
  for (let tries = 0; tries < 100 && (await ask(['limit', 'show'])).out.includes('by grid-limit'); tries++);
  expectEnded(await ask(['limit', 'clear']), 5, /failsafe|lapsed/)
  const gone = await stub(() => null)
  await new Promise((then) => { stubs.pop()?.close(then) })
  expectEnded(await ask(['status', '--url', gone]), 5, /cannot be reached \(ECONNREFUSED\)/)
  expectEnded(await ask(['status', '--url', await stub(() => [503, JSON.stringify({ code: 'store-down', detail: 'The store does not take writes.', hint: 'Repeat it.' })])]), 5, /store/)
}, minute)

test('6: no answer in time, and that it is waited is said', async () => {
  const ran = await ask(['status', '--url', await stub(() => null), '--timeout', '3s'])
  expectEnded(ran, 6, /has not answered within 3 s/)
  expect(ran.err).toMatch(/^kwota: waiting for http:\S+ since \d+ s\n/)
}, minute)

test('6: a limit that is not proven in time stays set', async () => {
  const limit = { currentA: 20, setAt: '2026-01-01T00:00:00.000Z', effective: { currentA: 20, powerW: 13_800, binding: 'grid-limit' }, next: null, state: 'enforcing', propagation: { targets: 2, told: 2, confirmed: 1, waiting: ['CP-5/1'] }, decisionId: null }
  expectEnded(await ask(['limit', 'set', '20A', '--site', 'main', '--timeout', '1s', '--url', await stub(() => [200, JSON.stringify(limit)])]), 6, /After 1s .* told 2\/2, confirmed 1\/2, waiting for CP-5\/1/)
}, minute)

test('1: what cannot be enforced stays set, is shown, and is a failure; 5: somebody else has set another one meanwhile', async () => {
  const limit = { currentA: 2, setAt: '2026-01-01T00:00:00.000Z', effective: { currentA: 2, powerW: 1_380, binding: 'grid-limit' }, next: null, state: 'unenforceable', deficitA: 4, propagation: { targets: 1, told: 1, confirmed: 1, waiting: [] }, decisionId: null }
  expect(await ask(['limit', 'set', '2A', '--site', 'main', '--url', await stub(() => [200, JSON.stringify(limit)])])).toMatchObject({ code: 1, out: expect.stringContaining('main: 2 A') as string, err: expect.stringMatching(/4 A are missing/) as string })
  let asked = 0
  const url = await stub(() => [200, JSON.stringify({ ...limit, state: 'enforced', setAt: `2026-01-01T00:00:0${asked++}.000Z` })])
  expect(await ask(['limit', 'set', '2A', '--site', 'main', '--url', url])).toMatchObject({ code: 5, err: expect.stringContaining('Somebody has changed the limit') as string })
}, minute)
