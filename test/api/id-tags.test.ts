// Id tags over REST: pages and tables with their filters, versions that protect, all of a table or nothing of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeAll(async () => { server = await startServer() })
afterAll(() => server.close())

const csv = { 'Content-Type': 'text/csv; charset=utf-8' }
const table = { Accept: 'text/csv' }
const importing = async (body: string, mode = 'merge') => (await server.ask('POST', `/api/v1/id-tags/import?mode=${mode}`, { headers: csv, body })).json()
const ids = async (query: string) => ((await server.ask('GET', `/api/v1/id-tags?${query}`)).json() as { data: { id: string }[] }).data.map(({ id }) => id)

test('made, read, changed under its version, forgotten', async () => {
  const made = await server.send('POST', '/api/v1/id-tags', { id: 'RF/1', parentIdTag: 'Fleet' })
  expect({ status: made.status, location: made.headers['location'], etag: made.headers['etag'], body: made.json() }).toEqual({
    status: 201, location: '/api/v1/id-tags/RF%2F1', etag: '"1"', body: { id: 'RF/1', status: 'Accepted', parentIdTag: 'Fleet', concurrent: false },
  })
  const read = await server.ask('GET', '/api/v1/id-tags/rf%2f1')
  expect({ etag: read.headers['etag'], body: read.json() }).toEqual({ etag: '"1"', body: made.json() })
  expect((await server.send('PUT', '/api/v1/id-tags/rf%2F1', { status: 'Blocked' }, { 'If-Match': '"1"' })).json()).toEqual({ id: 'RF/1', status: 'Blocked', concurrent: false })
  const stale = await server.send('PUT', '/api/v1/id-tags/RF%2F1', {}, { 'If-Match': '"1"' })
  expect({ status: stale.status, detail: stale.json()['detail'] }).toEqual({ status: 412, detail: expect.stringContaining('local') as string })
  expect((await server.ask('DELETE', '/api/v1/id-tags/RF%2F1', { headers: { 'If-Match': '"2"' } })).status).toBe(204)
})

test('lists are filtered and paged, as JSON and as a table', async () => {
  expect(await importing('id,status,parentIdTag\nA1,Accepted,Fleet\nA2,Blocked,fleet\nA3,Accepted,\nB1,Accepted,Guests\n', 'replace')).toMatchObject({ created: 4 })
  expect(await ids('')).toEqual(['A1', 'A2', 'A3', 'B1'])
  expect(await ids('status=Blocked')).toEqual(['A2'])
  expect(await ids('parentIdTag=FLEET')).toEqual(['A1', 'A2'])
  expect(await ids('text=uest')).toEqual(['B1'])
  expect(await ids('text=a&status=Accepted')).toEqual(['A1', 'A3'])
  const first = await server.ask('GET', '/api/v1/id-tags?text=a&status=Accepted&limit=1', { headers: table })
  const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? ''
  expect((await server.ask('GET', link, { headers: table })).text).toBe('id,status,expiryDate,parentIdTag,sites,chargePoints,concurrent,limitEnergyWh,limitDurationS,limitCostMinor,tariffId\r\nA3,Accepted,,,,,false,,,,\r\n')
})

test('an export is taken back as it was', async () => {
  await importing('id,sites,chargePoints,concurrent,limitEnergyWh,limitDurationS\n=1+1,main;annex,RDAM 123,TRUE,20000,3600\n"\'-x",,,,,\n', 'replace')
  const before = await server.ask('GET', '/api/v1/id-tags')
  const { text } = await server.ask('GET', '/api/v1/id-tags', { headers: table })
  expect(await importing(text, 'replace')).toEqual({ created: 0, updated: 0, removed: 0, unchanged: 2 })
  await importing('id\nOTHER\n', 'replace')
  expect(await ids('')).toEqual(['OTHER'])
  await importing(text, 'replace')
  expect((await server.ask('GET', '/api/v1/id-tags')).text).toBe(before.text)
})

test('a faulty row changes nothing', async () => {
  await importing('id\nKEEP\n', 'replace')
  const refused = await server.ask('POST', '/api/v1/id-tags/import?mode=replace', { headers: csv, body: 'id,expiryDate\nNEW,\nX,\nY,never\n' })
  expect({ status: refused.status, errors: refused.json()['errors'] }).toEqual({ status: 422, errors: [{ pointer: '/rows/2/expiryDate', message: expect.stringContaining('line 4') as string }] })
  expect(await ids('')).toEqual(['KEEP'])
})

test('nothing is replaced by a table without rows', async () => {
  await importing('id\nKEEP\n', 'replace')
  const refused = await server.ask('POST', '/api/v1/id-tags/import?mode=replace', { headers: csv, body: 'id,status\n\n' })
  expect([refused.status, refused.json()['code']]).toEqual([422, 'empty-table'])
  expect(await ids('')).toEqual(['KEEP'])
  expect(await importing('id,status\n')).toEqual({ created: 0, updated: 0, removed: 0, unchanged: 0 })
})

test('a table may be long, other bodies may not', async () => {
  const body = `id,parentIdTag\n${Array.from({ length: 900 }, (_, at) => `TAG-${at},${'parent'.padEnd(20, 'x')}\n`).join('')}${'\n'.repeat(300_000)}`
  expect(await importing(body, 'replace')).toMatchObject({ created: 900 })
  expect((await server.ask('POST', '/api/v1/id-tags', { headers: { 'Content-Type': 'application/json' }, body })).status).toBe(413)
  expect((await server.ask('POST', '/api/v1/id-tags/import', { headers: csv, body: `id\n${'x'.repeat(16 * 1024 * 1024)}` })).status).toBe(413)
  expect((await server.ask('GET', '/api/v1/id-tags', { headers: table })).text.split('\r\n')).toHaveLength(902)
})
