// Pages in somebody's browser: they change nothing here, however they were led here, and open no socket of a charge point.
import { afterEach, expect, test } from 'vitest'
import { startServer as startApi, type TestServer } from '../api/server.ts'
import { Client, startServer as startStations, type Running } from '../protocol/station-server.ts'

let api: TestServer | null = null
let stations: Running | null = null
afterEach(async () => {
  await api?.close()
  await stations?.stop()
  api = stations = null
})

const evil = ['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://panel.example.evil.example', 'http://panel.example', 'https://panel.example:8443', 'nonsense']

test('threat 38: only our own page and the pages on the list change anything; the name we are asked by has to be ours, also on loopback', async () => {
  const server = await startApi({ hosts: ['kwota.example'], origins: ['https://Panel.example'] })
  api = server
  const put = (headers: Record<string, string>) => server.send('PUT', '/api/v1/sites/main/grid-limit', { currentA: 5 }, headers)
  const before = server.house.fingerprint()
  for (const Origin of evil) expect([Origin, (await put({ Origin })).json()['code']]).toEqual([Origin, 'foreign-origin'])
  for (const Host of ['evil.example', `evil.example:${server.port}`, 'localhost.evil.example', '127.0.0.1.evil.example']) {
    for (const method of ['GET', 'DELETE']) expect([Host, (await server.ask(method, '/api/v1/sites/main/grid-limit', { headers: { Host } })).json()['code']]).toEqual([Host, 'unknown-host'])
  }
  expect(server.house.fingerprint()).toBe(before)
  for (const headers of [{ Origin: 'https://panel.example' }, { Origin: `http://127.0.0.1:${server.port}` }, { Origin: 'https://kwota.example', Host: 'kwota.example' }]) expect((await put(headers)).status).toBe(200)
})

test('threat 38: a page opens no socket of a charge point, not even where its origin is our own, and nobody is asked about it', async () => {
  const running = await startStations()
  stations = running
  for (const origin of [...evil, `http://127.0.0.1:${running.port}`]) expect((await new Client(`${running.endpoint}/ocpp/CP1`, ['ocpp1.6'], { origin }).arrival).status).toBe(403)
  expect([running.desk.attempts, running.desk.events]).toEqual([[], []])
})

test('threat 38: every answer forbids browsers what it can: what there is, what there is not, what is refused, and where charge points connect', async () => {
  const server = await startApi()
  const running = await startStations()
  api = server
  stations = running
  const answers = [
    await server.ask('GET', '/api/v1/sites'), await server.ask('GET', '/nothing'), await server.ask('PATCH', '/api/v1/sites'), await server.ask('GET', '/%'), await server.ask('POST', '/api/v1/sites', { body: '{' }),
  ].map(({ headers }) => headers)
  const plain = Object.fromEntries((await fetch(`http://127.0.0.1:${running.port}/ocpp/CP1`)).headers)
  for (const headers of [...answers, plain]) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringContaining('frame-ancestors') as string, 'cache-control': 'no-store',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('set-cookie')
  }
})
