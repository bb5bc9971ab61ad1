// Threat 34: who lacks pii:read sees no id tag anywhere, and cannot find one by asking.
import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { addressOf, openTwoSites, type TwoSites } from '../api/two-sites.ts'

let two: TwoSites
let blind = ''
let seeing = ''
beforeAll(async () => {
  two = await openTwoSites()
  blind = await two.key({ scopes: ['read', 'limits:write', 'commands:write', 'config:write', 'inspect'] })
  seeing = await two.key({ scopes: ['read', 'pii:read'] })
})
afterAll(() => two.close())

const tags = /TAG-(?:NORTH|SOUTH)/i
const streams = ({ produces }: Route): boolean => produces.includes('text/event-stream')
/** Also what is wrapped in a cursor. */
const unwrapped = (text: string): string => `${text}\n${[...text.matchAll(/[A-Za-z0-9_-]{16,}/g)].map(([word]) => Buffer.from(word, 'base64url').toString('latin1')).join('\n')}`

it('threat 34: no route shows an id tag to a key without pii:read, as JSON or as a table', async () => {
  const shown: string[] = []
  for (const route of routes.filter((one) => one.method === 'GET' && one.scope !== 'public' && !streams(one))) {
    const query = [...('limit' in route.query.shape ? ['limit=1', ''] : ['']), ...('connectorId' in route.query.shape ? ['connectorId=1&clientID=CP-NORTH'] : [])]
    for (const Accept of route.produces) {
      for (const more of query) {
        const path = `${addressOf(route, two.north)}?${more}`
        const reply = await two.ask('GET', path, blind, { headers: { Accept } })
        const link = String(reply.headers['link'] ?? '')
        // Of what he has asked by name himself, he knows the name.
        const asked = route.path.includes('{idTag}')
        expect({ path, found: asked ? reply.status === 403 : tags.exec(unwrapped(reply.text + link))?.[0] ?? null }).toEqual({ path, found: asked ? true : null })
        if (tags.test((await two.ask('GET', path, seeing, { headers: { Accept } })).text)) shown.push(`${route.operationId} ${Accept}`)
      }
    }
  }
  expect(new Set(shown).size).toBeGreaterThanOrEqual(12)
})

it('threat 34: what commands and reservations answer is masked too, and the same tag looks the same everywhere', async () => {
  const later = new Date(two.stand.clock.wall() + 3_600_000).toISOString()
  const replies = [
    await two.ask('POST', '/api/v1/chargepoints/CP-SOUTH/remote-start', blind, { body: { idTag: 'tag-north', connectorId: 1, queue: true, expiresAt: later } }),
    await two.ask('POST', '/api/v1/chargepoints/CP-SOUTH/send-local-list', blind, { body: { listVersion: 5, updateType: 'Full', localAuthorizationList: [{ idTag: 'TAG-NORTH', idTagInfo: { status: 'Accepted', parentIdTag: 'TAG-NORTH' } }], queue: true, expiresAt: later } }),
    await two.ask('GET', '/api/v1/transactions?clientID=CP-NORTH', blind), await two.ask('GET', '/api/v1/messages?clientID=CP-NORTH&action=Authorize', blind),
  ]
  for (const { status, text } of replies) expect({ ok: status < 300, found: tags.exec(text)?.[0] ?? null, text }).toMatchObject({ ok: true, found: null })
  const masks = replies.map(({ text }) => [...new Set([...text.matchAll(/TA…[\w-]{6}/g)].map(([mask]) => mask))])
  expect(masks).toEqual(masks.map(() => [expect.any(String)]))
  expect(new Set(masks.flat()).size).toBe(1)
  expect((await two.ask('GET', '/api/v1/reservations?clientID=CP-SOUTH', blind)).text).not.toContain(masks[0]?.[0])
})

it('threat 34: nobody without pii:read can ask whether a tag is there', async () => {
  for (const path of ['/transactions?idTag=TAG-NORTH', '/messages?text=TAG-NORTH', '/id-tags/TAG-NORTH', '/id-tags?text=TAG', '/analytics/tags', '/chargepoints/CP-NORTH/authorization-cache']) {
    expect((await two.ask('GET', `/api/v1${path}`, blind)).json()).toMatchObject({ status: 403, code: 'missing-scope', detail: 'This needs a key with the scope pii:read.' })
    expect((await two.ask('GET', `/api/v1${path}`, seeing)).status).toBe(200)
  }
  expect((await two.ask('PUT', '/api/v1/id-tags/TAG-NORTH', blind, { body: {} })).status).toBe(403)
})

it('threat 34: events are masked, those that were missed and those that come', async () => {
  const { events } = two.stand.directory.estate
  const emit = () => events.emit({ type: 'transaction.started', siteID: 'north', clientID: 'CP-NORTH', connectorId: 1, data: { idTag: 'TAG-NORTH', raw: '{"idTag":"TAG-NORTH"}' } })
  emit()
  const lastEventID = two.stand.events.at(-1)?.id ?? ''
  emit()
  const heard = (key: string) => new Promise<string>((resolve, reject) => {
    let text = ''
    let told = false
    request({ host: '127.0.0.1', port: two.port, path: '/api/v1/events', headers: { Authorization: `Bearer ${key}`, 'Last-Event-ID': lastEventID } }, (response) => {
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const count = text.split('event: transaction.started').length - 1
        if (count >= 1 && !told) { told = true; setImmediate(emit) }
        if (count >= 2 && text.endsWith('\n\n')) { response.destroy(); resolve(text) }
      })
    }).on('error', reject).end()
  })
  const masked = await heard(blind)
  expect({ found: tags.exec(masked)?.[0] ?? null, masks: new Set(masked.match(/TA…[\w-]{6}/g)).size }).toEqual({ found: null, masks: 1 })
  expect(await heard(seeing)).toMatch(tags)
})
