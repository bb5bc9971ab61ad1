// Webhooks over REST: the secret is shown once, a key for some sites manages those of its sites, and id tags are shown to nobody who may not see them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTwoSites, type TwoSites } from './two-sites.ts'

let two: TwoSites
beforeAll(async () => { two = await openTwoSites() })
afterAll(() => two.close())

const at = '/api/v1/webhooks'
const json = { url: 'https://example.com/hook', enabled: false }
const made = async (key: string, body: object) => (await two.ask('POST', at, key, { body })).json() as { id: string; secret: string; siteID: string | null }

test('the secret is said when it is made and when it is rotated, and in no other answer, record of the audit log or replay', async () => {
  const headers = { 'Idempotency-Key': 'one' }
  const created = await two.ask('POST', at, two.bootstrap, { body: json, headers })
  expect([created.status, created.headers.location]).toEqual([201, `${at}/${String(created.json()['id'])}`])
  const { id, secret } = created.json() as { id: string; secret: string }
  const rotated = await two.ask('POST', `${at}/${id}/rotate-secret`, two.bootstrap, { body: { keepFormerS: 60 } })
  const { secret: newer } = rotated.json() as { secret: string }
  expect([secret, newer].every((one) => /^whsec_[A-Za-z0-9+/]{43}=$/.test(one)) && secret !== newer).toBe(true)
  const later = [
    await two.ask('POST', at, two.bootstrap, { body: json, headers }), await two.ask('GET', at, two.bootstrap), await two.ask('GET', `${at}/${id}`, two.bootstrap),
    await two.ask('PATCH', `${at}/${id}`, two.bootstrap, { body: { description: 'x' } }), await two.ask('GET', '/api/v1/audit-log', two.bootstrap),
  ]
  expect(later.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200])
  for (const { text } of later) for (const one of [secret, newer]) expect(text).not.toContain(one)
  expect(later[4]?.text).toContain('rotate-webhook-secret')
})

test('a version that is old changes nothing', async () => {
  const { id } = await made(two.bootstrap, json)
  const { headers: { etag } } = await two.ask('PATCH', `${at}/${id}`, two.bootstrap, { body: { description: 'first' } })
  expect((await two.ask('PUT', `${at}/${id}`, two.bootstrap, { body: { ...json, types: ['limit.changed'] }, headers: { 'If-Match': etag ?? '' } })).json()).toMatchObject({ description: '', types: ['limit.changed'] })
  expect((await two.ask('DELETE', `${at}/${id}`, two.bootstrap, { headers: { 'If-Match': etag ?? '' } })).status).toBe(412)
  expect((await two.ask('DELETE', `${at}/${id}`, two.bootstrap)).status).toBe(204)
})

test('a key for one site makes, sees and moves webhooks of that site alone', async () => {
  const mine = await two.key({ scopes: ['read', 'config:write'], sites: ['north'] })
  const own = await made(mine, json)
  expect(own.siteID).toBe('north')
  const all = await made(two.bootstrap, json)
  expect(all.siteID).toBeNull()
  expect((await two.ask('GET', `${at}/${all.id}`, mine)).status).toBe(404)
  const listed = (await two.ask('GET', at, mine)).json() as { data: { siteID: string }[] }
  expect(new Set(listed.data.map(({ siteID }) => siteID))).toEqual(new Set(['north']))
  for (const siteID of ['south', 'nowhere', null]) {
    const moved = await two.ask('PATCH', `${at}/${own.id}`, mine, { body: { siteID } })
    expect([siteID, moved.status, moved.json()['code']]).toEqual([siteID, 422, 'unknown-site'])
  }
  expect((await two.ask('POST', at, mine, { body: { ...json, siteID: 'south' } })).status).toBe(422)
})

test('id tags are shown only where somebody with pii:read wants it, and nobody else leads them elsewhere', async () => {
  const config = await two.key({ scopes: ['read', 'config:write'] })
  const both = await two.key({ scopes: ['read', 'config:write', 'pii:read'] })
  expect((await two.ask('POST', at, config, { body: { ...json, showIdTags: true } })).json()['code']).toBe('missing-scope')
  const { id } = await made(both, { ...json, showIdTags: true })
  for (const body of [{ url: 'https://elsewhere.example/' }, { showIdTags: false, url: 'https://elsewhere.example/' }, { description: 'x' }]) expect((await two.ask('PATCH', `${at}/${id}`, config, { body })).status).toBe(403)
  expect((await two.ask('PATCH', `${at}/${id}`, both, { body: { showIdTags: false } })).status).toBe(200)
  expect((await two.ask('PATCH', `${at}/${id}`, config, { body: { showIdTags: true } })).status).toBe(403)
  expect((await two.ask('PATCH', `${at}/${id}`, config, { body: { description: 'x' } })).status).toBe(200)
})

test('deliveries in pages, newest first', async () => {
  const { id } = await made(two.bootstrap, json)
  const ids = []
  for (let n = 0; n < 3; n++) ids.unshift((await two.ask('POST', `${at}/${id}/test`, two.bootstrap)).json()['id'])
  const first = (await two.ask('GET', `${at}/${id}/deliveries?limit=2`, two.bootstrap)).json() as { data: { id: string }[]; nextCursor: string }
  const second = (await two.ask('GET', `${at}/${id}/deliveries?limit=2&cursor=${first.nextCursor}`, two.bootstrap)).json() as { data: { id: string }[] }
  expect([...first.data, ...second.data].map((one) => one.id)).toEqual(ids)
  expect(((await two.ask('GET', `${at}/${id}/deliveries?status=delivered`, two.bootstrap)).json() as { data: unknown[] }).data).toEqual([])
})
