// Diagnostics through the built product: over TLS to an address of our own, on disk, and still there after kill -9.
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import { createRequire } from 'node:module'
import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority, type Authority } from '../tls-certificates.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'

interface RpcClient extends EventEmitter {
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
  handle(action: string, handler: (called: { params: Record<string, unknown> }) => object): void
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }

const password = 'sixteen-letters!'
const config = `
tls: { port: 0, certFile: server.crt, keyFile: server.key }
chargePoints: [{ id: CP1, securityProfile: 2, password: ${password} }]
uploads: { maxMiB: 1 }
`
let place: string
let root: Authority
let server: Server
const open: RpcClient[] = []

beforeAll(async () => {
  place = await newPlace()
  root = await createAuthority()
  const own = await root.issue({ commonName: 'kwota', for: 'server' })
  for (const [name, text] of [['server.crt', own.cert], ['server.key', own.key]] as const) await writeFile(join(place, name), text)
  server = await startServer({ place, config })
})
afterAll(async () => {
  await Promise.all(open.splice(0).map((client) => client.close({ force: true })))
  await tidyUp()
})

/** It connects over TLS, boots, and gives every location that it is told. */
async function comeIn(): Promise<string[]> {
  const locations: string[] = []
  const endpoint = /(wss:\/\/\S+\/ocpp)\//.exec(server.output())?.[1]
  const client = new RPCClient({ endpoint, identity: 'CP1', password, protocols: ['ocpp1.6'], strictMode: true, reconnect: false, wsOpts: { ca: root.cert } })
  open.push(client)
  client.handle('GetDiagnostics', ({ params }) => {
    locations.push(String(params['location']))
    return { fileName: 'diag.zip' }
  })
  client.on('error', () => undefined)
  await client.connect()
  expect(await client.call('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })).toMatchObject({ status: 'Accepted' })
  return locations
}

async function ask(locations: string[]): Promise<string> {
  const before = locations.length
  expect(await server.request('POST', '/api/v1/chargepoints/CP1/get-diagnostics', {}, { prefer: 'wait=10' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  expect(locations).toHaveLength(before + 1)
  return locations[before]!
}

async function put(location: string, body: Buffer): Promise<number> {
  const options: RequestOptions = { method: 'PUT', ca: root.cert, agent: false, headers: { 'content-length': body.length } }
  const sent = request(location, options)
  sent.end(body)
  const [response] = await once(sent, 'response') as [{ statusCode: number; resume(): void }]
  response.resume()
  return response.statusCode
}

const listed = async (): Promise<{ id: string; bytes: number; fileName: string }[]> => (await server.request<{ data: { id: string; bytes: number; fileName: string }[] }>('GET', '/api/v1/chargepoints/CP1/diagnostics')).body.data

test('what was confirmed is there after kill -9, what was half there is not, and an open address is still open', async () => {
  const locations = await comeIn()
  const first = await ask(locations)
  expect(first).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/uploads\/[\w-]{22}\/$/)
  const second = await ask(locations)
  const content = 'what happened\n'.repeat(1_000)
  expect(await put(`${first}over%20TLS.txt`, Buffer.from(content))).toBe(201)
  expect(await put(first, Buffer.from('again'))).toBe(410)
  expect(await put(second, Buffer.alloc((1 << 20) + 1)).catch(() => 413)).toBe(413)

  const half = request(second, { method: 'PUT', ca: root.cert, agent: false, headers: { 'content-length': 100_000 } })
  half.on('error', () => undefined)
  half.write(Buffer.alloc(50_000))
  const uploads = join(place, 'data', 'uploads')
  for (let i = 0; i < 100 && !(await readdir(uploads)).some((name) => name.endsWith('.part')); i++) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await readdir(uploads)).toHaveLength(2)
  const output = server.output()
  await server.kill9()
  server = await startServer({ place, config })

  const [file, ...others] = await listed()
  expect([file, others]).toMatchObject([{ fileName: 'over TLS.txt', bytes: content.length }, []])
  expect((await server.request<string>('GET', `/api/v1/chargepoints/CP1/diagnostics/${file!.id}`)).body).toBe(content)
  expect(await readdir(uploads)).toEqual([file!.id])
  const port = /wss:\/\/127\.0\.0\.1:(\d+)\//.exec(server.output())?.[1]
  expect(await put(second.replace(/:\d+\//, `:${port}/`), Buffer.from('late'))).toBe(201)
  expect((await listed()).map(({ fileName }) => fileName)).toEqual(['diag.zip', 'over TLS.txt'])

  const shown = [output, server.output(), (await server.request<object>('GET', '/api/v1/commands')).body, (await server.request<object>('GET', '/api/v1/messages?limit=500')).body].map((part) => JSON.stringify(part)).join('')
  for (const location of [first, second]) expect(shown).not.toContain(/uploads\/([\w-]{22})/.exec(location)![1])
  expect(await server.request('DELETE', `/api/v1/chargepoints/CP1/diagnostics/${file!.id}`)).toMatchObject({ status: 204 })
  expect(await readdir(uploads)).toHaveLength(1)
})
