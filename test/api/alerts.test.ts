// Alerts over REST: filters that combine, pages as a table, and acknowledgements that stay.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  const one = { severity: 'critical', siteID: 'main', connectorId: 1, message: 'draws "too" much', resolvedAt: null, ackedAt: null, ackedBy: null } as const
  server.house.alertList.push(
    { ...one, id: 'b1', code: 'over-limit', clientID: 'CP1', raisedAt: '2026-11-22T10:00:00.000Z' },
    { ...one, id: 'b2', code: 'disobeying', clientID: 'CP1', raisedAt: '2026-11-22T10:00:01.000Z' },
    { ...one, id: 'b3', code: 'over-limit', clientID: 'CP2', raisedAt: '2026-11-22T10:00:02.000Z', resolvedAt: '2026-11-22T10:05:00.000Z' },
  )
})
afterAll(() => server.close())

const ids = async (query: string) => ((await server.ask('GET', `/api/v1/alerts?${query}`)).json() as { data: { id: string }[] }).data.map(({ id }) => id)

test.each([
  ['severity=critical', ['b3', 'b2', 'b1']], ['code=over-limit', ['b3', 'b1']], ['clientID=cp1', ['b2', 'b1']], ['code=over-limit&open=true', ['b1']],
  ['siteID=main&open=false', ['a1', 'b3']], ['severity=warning&clientID=CP1', []],
])('%s', async (query, expected) => expect(await ids(query)).toEqual(expected))

test('as a table page by page, every filter kept in the link', async () => {
  const headers = { Accept: 'text/csv' }
  const first = await server.ask('GET', '/api/v1/alerts?severity=critical&clientID=CP1&open=true&limit=1', { headers })
  expect(first.text).toBe('id,code,severity,siteID,clientID,connectorId,message,raisedAt,resolvedAt,ackedAt,ackedBy\r\nb2,disobeying,critical,main,CP1,1,"draws ""too"" much",2026-11-22T10:00:01.000Z,,,\r\n')
  const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? ''
  const second = await server.ask('GET', link, { headers })
  expect(second.text.split('\r\n')[1]).toMatch(/^b1,over-limit/)
  expect(second.headers['link']).toBe(undefined)
})

test('an acknowledgement is answered with the alert, and shows in the list', async () => {
  const acked = await server.ask('POST', '/api/v1/alerts/b1/ack')
  expect({ status: acked.status, body: acked.json() }).toMatchObject({ status: 200, body: { id: 'b1', ackedBy: 'local', resolvedAt: null } })
  const { data } = (await server.ask('GET', '/api/v1/alerts?code=over-limit&open=true')).json() as { data: unknown[] }
  expect(data).toMatchObject([{ id: 'b1', ackedBy: 'local' }])
})
