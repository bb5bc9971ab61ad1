// Threats 34 and 35: what is taken from a key is gone for what goes on as well, and what names nobody may see stands neither in refusals nor in the log nor in the audit log.
import { request, type IncomingMessage } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { maskTagText } from '../../src/actors/tag-mask.ts'
import { startServer, type TestServer } from '../api/server.ts'
import { openTwoSites } from '../api/two-sites.ts'

const bootstrap = 'a-key-for-these-tests'
const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` })
const grid = '/api/v1/sites/main/grid-limit'
const closing: (() => Promise<void>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

async function start(apiKey?: string): Promise<TestServer> {
  const server = await startServer(apiKey === undefined ? {} : { apiKey })
  closing.push(() => server.close())
  return server
}

/** `heard` is told after each piece what has come so far; resolves with all of it when the stream ends or `heard` says true. */
function follow(port: number, headers: Record<string, string>, heard: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/api/v1/events', headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (heard(text)) { response.destroy(); resolve(text) }
      }).on('end', () => resolve(text)).on('error', reject)
    }).on('error', reject).end()
  })
}

it('threat 34: a stream masks id tags from the moment on that its key lost pii:read', async () => {
  const server = await start(bootstrap)
  const made = (await server.send('POST', '/api/v1/api-keys', { name: 'Desk', scopes: ['read', 'pii:read'] }, bearer(bootstrap))).json()
  const emit = (id: string) => server.house.emit({ id, type: 'transaction.started', data: { idTag: 'TAG-OF-ANNA' } })
  let told = 0
  const text = await follow(server.port, bearer(String(made['secret'])), (sofar) => {
    const count = sofar.split('event: transaction.started').length - 1
    if (told === 0) { told = 1; emit('1') }
    if (told === 1 && count === 1) {
      told = 2
      void server.send('PATCH', `/api/v1/api-keys/${String(made['id'])}`, { scopes: ['read'] }, bearer(bootstrap)).then(() => emit('2'))
    }
    return count === 2 && sofar.endsWith('\n\n')
  })
  expect(text.split('TAG-OF-ANNA')).toHaveLength(2)
})

it('threat 35: a scope that is taken away while the body comes is missing for what it asks', async () => {
  const server = await start(bootstrap)
  for (const [name, change] of [['scope', { scopes: ['read'] }], ['key', null]] as const) {
    const made = (await server.send('POST', '/api/v1/api-keys', { name, scopes: ['limits:write'] }, bearer(bootstrap))).json()
    const before = server.house.gridLimit('main').version
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const slow = request({ host: '127.0.0.1', port: server.port, method: 'PUT', path: grid, headers: { ...bearer(String(made['secret'])), 'Content-Type': 'application/json', 'Content-Length': '15' } }, (response) => { response.resume(); resolve(response) })
      slow.on('error', reject).write('{"currentA":')
      const at = `/api/v1/api-keys/${String(made['id'])}`
      // What is begun has come when another request of the same machine is answered.
      void (async () => {
        await server.ask('GET', grid, { headers: bearer(bootstrap) })
        await (change === null ? server.ask('DELETE', at, { headers: bearer(bootstrap) }) : server.send('PATCH', at, change, bearer(bootstrap)))
        slow.end(' 7}')
      })()
    })
    expect([(await answered).statusCode, server.house.gridLimit('main').version]).toEqual([change === null ? 401 : 403, before])
  }
})

it('threat 35: a stream that was opened while nobody needed a key ends with the first key', async () => {
  const server = await start()
  let told = false
  const text = await follow(server.port, {}, () => {
    if (told) return false
    told = true
    void server.send('POST', '/api/v1/api-keys', { name: 'Admin', scopes: ['admin'] }).then(() => server.house.emit({ id: '1', type: 'connector.status', data: {} }))
    return false
  })
  expect(text).not.toContain('connector.status')
})

it('threat 38: a cookie is not exchanged for another: it ends when it said it would, and with its session', async () => {
  const server = await start(bootstrap)
  const opened = await server.ask('POST', '/api/v1/session', { headers: bearer(bootstrap) })
  const Cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const again = await server.ask('POST', '/api/v1/session', { headers: { Cookie } })
  expect([again.status, again.headers['set-cookie']]).toEqual([401, undefined])
  expect((await server.ask('POST', '/api/v1/session', { headers: { Cookie, ...bearer(bootstrap) } })).status).toBe(201)
})

it('threat 34: the log names no id tag of an address, however it is spelt, nor what it was refused for', async () => {
  const server = await start(bootstrap)
  for (const [method, path] of [['PUT', '/api/v1/id-tags/TAG-OF-ANNA'], ['DELETE', '/API/v1/ID-TAGS/TAG-OF-ANNA/'], ['POST', '/api/v1/id-tags/TAG-OF-ANNA/erase'], ['PUT', '/api/v1/id-tags/%54AG-OF-ANNA']] as const) {
    await server.send(method, path, { status: 'Accepted', note: 1 }, bearer(bootstrap))
  }
  const lines = server.logged.filter(({ message }) => message === 'request').map(({ fields }) => JSON.stringify(fields))
  expect(lines).toHaveLength(4)
  expect(lines.filter((line) => /AG-OF-ANNA/.test(line))).toEqual([])
})

it('threat 35: who asks for the number of a reservation elsewhere is not told where that is', async () => {
  const two = await openTwoSites()
  closing.push(() => two.close())
  const key = await two.key({ scopes: ['read', 'commands:write'], sites: ['south'] })
  const expiryDate = new Date(two.stand.clock.wall() + 3_600_000).toISOString()
  const reply = await two.ask('POST', '/api/v1/chargepoints/CP-SOUTH/reserve-now', key, { body: { connectorId: 1, idTag: 'X', expiryDate, reservationId: Number(two.north.ids['reservation']), queue: true, expiresAt: expiryDate } })
  expect(reply.json()).toMatchObject({ status: 409, code: 'reservation-id-taken' })
  expect(reply.text).not.toMatch(/north/i)
})

it('threat 34: the audit log keeps neither id tags nor secrets of a text that is JSON itself, whole or cut', async () => {
  const two = await openTwoSites()
  closing.push(() => two.close())
  const expiresAt = new Date(two.stand.clock.wall() + 3_600_000).toISOString()
  for (const data of ['{"idTag":"ANNA-1","login":{"password":"hunter2"}}', '[{"key":"AuthorizationKey","value":"hunter2"},"{\\"parentIdTag\\":\\"ANNA-2\\"}"]', '{"note":"kept","idTag":"ANNA-3"']) {
    expect((await two.ask('POST', '/api/v1/chargepoints/CP-SOUTH/data-transfer', two.bootstrap, { body: { vendorId: 'v', data, queue: true, expiresAt } })).status).toBe(202)
  }
  const { text } = await two.ask('GET', '/api/v1/audit-log?action=command-data-transfer', two.bootstrap)
  expect({ entries: text.split('"command-data-transfer"').length - 1, names: text.match(/tag-[0-9a-f]{16}/g)?.length, kept: text.includes('kept'), found: /ANNA|hunter2/.exec(text)?.[0] }).toEqual({ entries: 3, names: 3, kept: true, found: undefined })
})

it('threat 34: neither a refused deletion of a tariff nor a frame with escaped letters shows an id tag', async () => {
  const two = await openTwoSites()
  closing.push(() => two.close())
  const blind = await two.key({ scopes: ['read', 'config:write'] })
  await two.ask('PUT', '/api/v1/id-tags/TAG-OF-ANNA', two.bootstrap, { body: { status: 'Accepted', tariffId: 'day' } })
  const refused = await two.ask('DELETE', '/api/v1/tariffs/day', blind)
  expect({ status: refused.status, found: refused.text.includes('ANNA') }).toEqual({ status: 409, found: false })
  const { boot, desk, clock } = two.stand
  desk.frame?.(await boot('CP-SOUTH'), 'in', String.raw`[2,"e1","Authorize",{"id\u0054ag":"TAG-OF-ANNA"}]`)
  await clock.advance(15_000)
  const { text } = await two.ask('GET', '/api/v1/messages?clientID=CP-SOUTH', blind)
  expect({ listed: text.includes('"e1"') || text.includes(String.raw`\"e1\"`), found: text.includes('ANNA') }).toEqual({ listed: true, found: false })
})

it('threat 50: a text of nothing but backslashes is masked in one pass: otherwise this ends in a time-out', () => {
  const text = `"${'\\'.repeat(256 * 1024)}`
  expect(maskTagText(text, () => 'x') === text).toBe(true)
})
