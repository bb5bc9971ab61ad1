// Threat 35: what lies in a site that a key does not cover is not there for it, in lists, streams, queries and bodies either.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { addressOf, openTwoSites, type TwoSites } from '../api/two-sites.ts'

let two: TwoSites
let mine = ''
let foreign: RegExp
beforeAll(async () => {
  two = await openTwoSites()
  mine = await two.key({ scopes: ['admin'], sites: ['north'] })
  const { site, clientID, idTag, ids } = two.south
  const words = [site, clientID, idTag, ...Object.entries(ids).filter(([name, id]) => two.north.ids[name] !== id).map(([, id]) => id)]
  foreign = new RegExp(words.map((word) => `(?<![\\w-])${word.replaceAll('.', '\\.')}(?![\\w-])`).join('|'), 'i')
})
afterAll(() => two.close())

const readable = (route: Route): boolean => route.method === 'GET' && route.scope !== 'public' && route.reach !== 'every-site' && !route.produces.includes('text/event-stream')
const required = ({ query }: Route): string => ('connectorId' in query.shape && !query.shape['connectorId'].isOptional() ? 'connectorId=1&' : '')

it('threat 35: no answer to a key for one site names anything of another, as JSON and as a table', async () => {
  let seen = 0
  for (const route of routes.filter(readable)) {
    for (const Accept of route.produces) {
      const path = `${addressOf(route, two.north)}?${required(route)}`
      const reply = await two.ask('GET', path, mine, { headers: { Accept } })
      expect({ path, Accept, found: foreign.exec(reply.text)?.[0] ?? null }).toEqual({ path, Accept, found: null })
      if (route.reach === 'filtered') seen += Number(foreign.test((await two.ask('GET', path, two.bootstrap, { headers: { Accept } })).text))
    }
  }
  // The same lists do name it to who covers every site.
  expect(seen).toBeGreaterThanOrEqual(18)
})

it('threat 35: a query for what is foreign is answered as one for what is unknown', async () => {
  const named = routes.filter((route) => readable(route) && ('siteID' in route.query.shape || 'clientID' in route.query.shape))
  expect(named.length).toBeGreaterThan(10)
  for (const route of named) {
    for (const [name, known, unknown] of [['siteID', two.south.site, 'sauth'], ['clientID', two.south.clientID, 'CP-SAUTH'], ['clientID', two.south.clientID.toLowerCase(), 'cp-sauth']] as const) {
      if (!(name in route.query.shape)) continue
      const rest = name === 'siteID' && 'clientID' in route.query.shape && !route.query.shape['clientID'].isOptional() ? `clientID=${two.north.clientID}&` : ''
      const ask = (id: string) => two.ask('GET', `${addressOf(route, two.north)}?${required(route)}${rest}${name}=${id}`, mine)
      const [first, second] = [await ask(known), await ask(unknown)]
      expect({ path: route.path, status: first.status, text: first.text.replaceAll(known, '-') }).toEqual({ path: route.path, status: second.status, text: second.text.replaceAll(unknown, '-') })
    }
  }
})

describe('threat 35: a body that names what is foreign is refused as one that names what is unknown, and changes nothing', () => {
  const point = (more: object) => ({ connectors: [{ id: 1 }], ...more })
  const later = { expiryDate: '2099-01-01T00:00:00Z' }
  const questions: readonly (readonly [string, string, (id: { site: string; clientID: string; transaction: string }) => unknown])[] = [
    ['POST', '/chargepoints', ({ site }) => point({ id: 'CP-NEW', site })],
    ['PUT', '/chargepoints/CP-NORTH', ({ site }) => point({ site })],
    ['PUT', '/chargepoints/CP-NEW', ({ site }) => point({ site })],
    ['POST', '/bulk/clear-cache', ({ site }) => ({ selector: { siteID: site } })],
    ['POST', '/bulk/clear-cache?dryRun=true', ({ site }) => ({ selector: { siteID: site } })],
    ['POST', '/bulk/clear-cache', ({ clientID }) => ({ selector: { clientIDs: [clientID] } })],
    ['POST', '/bulk/clear-cache', ({ clientID }) => ({ selector: { clientIDs: ['CP-NORTH', clientID.toLowerCase()] } })],
    ['POST', '/reservations', ({ clientID }) => ({ clientID, connectorId: 1, idTag: 'X', ...later })],
    ['POST', '/orphans/{orphan}/assign', ({ transaction }) => ({ transactionId: Number(transaction), reason: 'mine' })],
  ]
  it.each(questions)('threat 35: %s %s', async (method, path, bodyOf) => {
    const there = { site: two.south.site, clientID: two.south.clientID, transaction: two.south.ids['transaction'] ?? '' }
    const nowhere = { site: 'sauth', clientID: 'CP-SAUTH', transaction: '899999999' }
    const before = two.fingerprint()
    const ask = async (ids: typeof there) => {
      const reply = await two.ask(method, `/api/v1${path.replace('{orphan}', two.north.ids['orphan'] ?? '')}`, mine, { body: bodyOf(ids) })
      return { status: reply.status, text: [...Object.values(ids), ...Object.values(ids).map((id) => id.toLowerCase())].reduce((text, id) => text.replaceAll(id, '-'), reply.text) }
    }
    const answer = await ask(there)
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    expect(answer).toEqual(await ask(nowhere))
    expect(two.fingerprint()).toBe(before)
  })

  it('threat 35: what is selected without a name is what the key covers', async () => {
    for (const selector of [{ status: 'offline' }, { status: 'offline', clientIDs: ['CP-NORTH'] }]) {
      const reply = await two.ask('POST', '/api/v1/bulk/clear-cache?dryRun=true', mine, { body: { selector } })
      expect(reply.json()).toEqual({ operation: 'clear-cache', clientIDs: ['CP-NORTH'] })
    }
  })

  it('threat 35: a site that is not there is not made by a key for some', async () => {
    const key = await two.key({ scopes: ['admin'], sites: ['north'] })
    const site = { name: 'New', fuseA: 63 }
    expect((await two.ask('PUT', '/api/v1/sites/new', key, { body: site })).status).toBe(404)
    expect((await two.ask('POST', '/api/v1/sites', key, { body: { id: 'new', ...site } })).json()).toMatchObject({ status: 403, code: 'needs-every-site' })
    expect((await two.ask('PUT', '/api/v1/chargepoints/CP-SOUTH', key, { body: { site: 'north', connectors: [{ id: 1 }] } })).json()).toMatchObject({ status: 404, code: 'unknown-charge-point' })
    expect((await two.ask('POST', '/api/v1/chargepoints', key, { body: { id: 'cp-south', site: 'north', connectors: [{ id: 1 }] } })).status).toBe(409)
    expect(two.stand.house.chargePoint('CP-SOUTH').value.site).toBe('south')
  })
})

it('threat 35: a stream leaves out what happens elsewhere, also what was missed', async () => {
  const { events } = two.stand.directory.estate
  const emit = (siteID: string, clientID: string) => events.emit({ type: 'connector.status', siteID, clientID, connectorId: 1, data: { clientID } })
  emit('north', 'CP-NORTH')
  const lastEventID = two.stand.events.at(-1)?.id ?? ''
  emit('south', 'CP-SOUTH')
  emit('north', 'CP-NORTH')
  const text = await new Promise<string>((resolve, reject) => {
    let heard = ''
    let told = false
    const stream = request({ host: '127.0.0.1', port: two.port, path: '/api/v1/events', headers: { Authorization: `Bearer ${mine}`, 'Last-Event-ID': lastEventID } }, (response) => {
      response.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
        if (!told && heard.includes('CP-NORTH')) {
          told = true
          setImmediate(() => { emit('south', 'CP-SOUTH'); emit('north', 'CP-NORTH') })
        }
        if (heard.split('event: connector.status').length > 2) { response.destroy(); resolve(heard) }
      })
    })
    stream.on('error', reject).end()
  })
  expect(text.split('event: connector.status')).toHaveLength(3)
  expect(foreign.exec(text)).toBeNull()
})
