// The built product with an authorisation service of its operator, fifty thousand id tags, and a kill in between.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { newPlace, startServer, tidyUp } from './server.ts'

interface RpcClient {
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
  handle(handler: () => unknown): void
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }

const clients: RpcClient[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })))
  await tidyUp()
})

async function booted(ocppUrl: string): Promise<RpcClient> {
  const client = new RPCClient({ endpoint: ocppUrl, identity: 'CP1', protocols: ['ocpp1.6'], strictMode: true, callTimeoutMs: 10_000 })
  clients.push(client)
  client.handle(() => ({ status: 'NotSupported' }))
  await client.connect()
  await client.call('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
  return client
}

test('the service is asked once and signed, its answer and every id tag outlive a kill', async () => {
  const heard: { readonly question: Record<string, unknown>; readonly signature: unknown }[] = []
  const service = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => { text += chunk.toString() })
    request.on('end', () => {
      heard.push({ question: JSON.parse(text) as Record<string, unknown>, signature: request.headers['webhook-signature'] })
      response.end(JSON.stringify({ status: 'Accepted', parentIdTag: 'Guests' }))
    })
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  try {
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`
    const config = `authorisation: [local, cache, external]\nauthorisationService: { url: "${url}", secret: "a secret of many letters" }\nidTags:\n  - { id: FROM-FILE, status: Blocked }\n`
    const place = await newPlace()
    let server = await startServer({ place, config })
    const table = `id,status,parentIdTag\n${Array.from({ length: 50_000 }, (_, at) => `TAG-${at},Accepted,Fleet\n`).join('')}`
    const imported = await server.request('POST', '/api/v1/id-tags/import', table, { 'content-type': 'text/csv' })
    expect(imported).toMatchObject({ status: 200, body: { created: 50_000, updated: 0, removed: 0, unchanged: 0 } })
    const client = await booted(server.ocppUrl)
    expect(await client.call('Authorize', { idTag: 'tag-49999' })).toEqual({ idTagInfo: { parentIdTag: 'Fleet', status: 'Accepted' } })
    expect(await client.call('Authorize', { idTag: 'from-file' })).toEqual({ idTagInfo: { status: 'Blocked' } })
    const start = { connectorId: 1, idTag: 'Guest-1', meterStart: 0, timestamp: new Date().toISOString() }
    const started = await client.call('StartTransaction', start)
    expect(started).toMatchObject({ idTagInfo: { parentIdTag: 'Guests', status: 'Accepted' } })
    expect(heard).toMatchObject([{ question: { clientID: 'CP1', connectorId: 1, idTag: 'Guest-1', siteID: 'main', reason: 'start' }, signature: expect.stringMatching(/^v1,.{44}$/) as string }])

    await server.kill9()
    server = await startServer({ place, config })
    const again = await booted(server.ocppUrl)
    expect(await again.call('StartTransaction', start)).toEqual(started)
    expect(await again.call('Authorize', { idTag: 'GUEST-1' })).toEqual(await again.call('Authorize', { idTag: 'guest-1' }))
    expect(await again.call('Authorize', { idTag: 'TAG-7' })).toEqual({ idTagInfo: { parentIdTag: 'Fleet', status: 'Accepted' } })
    expect(heard).toHaveLength(1)
    expect((await server.request('GET', '/api/v1/chargepoints/CP1/authorization-cache')).body).toMatchObject({ data: [{ idTag: 'Guest-1', status: 'Accepted', parentIdTag: 'Guests' }] })
    const exported = await server.request<string>('GET', '/api/v1/id-tags', undefined, { accept: 'text/csv' })
    expect(exported.body.split('\r\n')).toHaveLength(50_003)
    expect((await server.request('POST', '/api/v1/id-tags/import?mode=replace', exported.body, { 'content-type': 'text/csv' })).body).toEqual({ created: 0, updated: 0, removed: 0, unchanged: 50_001 })
    expect(server.output()).not.toContain('Guest-1')
    expect(server.output()).not.toContain('a secret')
  } finally {
    service.closeAllConnections()
    service.close()
  }
}, 120_000)
