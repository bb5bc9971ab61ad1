// Threat 54: a malicious or compromised operator sends no more mass commands and remote starts than one key may.
import { afterEach, expect, it } from 'vitest'
import { startServer, type TestServer } from '../api/server.ts'

let server: TestServer
afterEach(() => server.close())

const bootstrap = 'a-key-for-these-tests'
const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` })
const bulk = { selector: { siteID: 'main' }, body: { type: 'Hard' } }
const start = { idTag: 'TAG', connectorId: 1 }

it('threat 54: one key sends so many mass commands and remote starts a minute, each counted for itself, and other keys go on', async () => {
  server = await startServer({ apiKey: bootstrap, commandPace: { bulkPerMinute: 3, remoteStartsPerMinute: 6 } })
  const make = async (name: string): Promise<string> => String((await server.send('POST', '/api/v1/api-keys', { name, scopes: ['commands:write'] }, bearer(bootstrap))).json()['secret'])
  const [thief, colleague] = [await make('Thief'), await make('Colleague')]
  const ask = (path: string, body: unknown, key: string) => server.send('POST', `/api/v1${path}`, body, bearer(key))
  for (const [path, body, allowed] of [['/bulk/reset', bulk, 3], ['/chargepoints/CP1/remote-start', start, 6]] as const) {
    const replies = []
    for (let count = 0; count < 20; count++) replies.push(await ask(path, body, thief))
    expect(replies.map(({ status }) => status === 429)).toEqual(replies.map((_, index) => index >= allowed))
    expect(replies.at(-1)?.json()).toMatchObject({ code: 'too-many-commands' })
    expect(Number(replies.at(-1)?.headers['retry-after'])).toBe(60 / allowed)
    expect((await ask(path, body, colleague)).status).not.toBe(429)
  }
  expect((await server.ask('GET', '/api/v1/batches', { headers: bearer(bootstrap) })).json()['data']).toHaveLength(4)
  // Neither another operation nor another charge point is a way round; single commands go on.
  expect((await ask('/bulk/clear-cache', { selector: { siteID: 'main' } }, thief)).status).toBe(429)
  expect((await ask('/chargepoints/RDAM%20123/remote-start', start, thief)).status).toBe(429)
  expect((await ask('/chargepoints/CP1/unlock-connector', { connectorId: 1 }, thief)).status).toBe(409)
  await server.clock.advance(20_000)
  expect((await ask('/bulk/reset', bulk, thief)).status).toBe(202)
  expect((await ask('/bulk/reset', bulk, thief)).status).toBe(429)
})
