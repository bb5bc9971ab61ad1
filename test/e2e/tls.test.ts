// The built product with TLS: an independent client on every security profile, REST over https, and what is refused.
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { EventEmitter } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, type Authority } from '../tls-certificates.ts'
import { newPlace, runServer, startServer, tidyUp, type Server } from './server.ts'

interface RpcClient extends EventEmitter {
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }

const password = 'sixteen-letters!'
const config = `
tls:
  port: 0
  certFile: server.crt
  keyFile: server.key
  clientCaFile: clients.pem
  clientOrganisation: Depot
unknownChargePoints: reject
chargePoints:
  - { id: ONE, securityProfile: 1, password: ${password} }
  - { id: TWO, securityProfile: 2, password: ${password} }
  - { id: THREE, securityProfile: 3 }
`

let root: Authority
let clients: Authority
let server: Server
let wss: string
const open: RpcClient[] = []

beforeAll(async () => {
  [root, clients] = await Promise.all([createAuthority('Server CA'), createAuthority('Client CA')])
  const place = await newPlace()
  const own = await root.issue({ commonName: 'kwota', for: 'server' })
  for (const [name, text] of [['server.crt', own.cert], ['server.key', own.key], ['clients.pem', clients.cert]] as const) await writeFile(join(place, name), text)
  server = await startServer({ place, config })
  wss = /(wss:\/\/\S+\/ocpp)\//.exec(server.output())?.[1] ?? 'no wss URL in the banner'
})
afterAll(async () => {
  await Promise.all(open.splice(0).map((client) => client.close({ force: true })))
  await tidyUp()
})

/** Connects and boots; the status of the boot, or the HTTP status of the refusal. */
async function comes(identity: string, { endpoint = wss, ...options }: { readonly endpoint?: string; readonly password?: string; readonly tls?: object } = {}): Promise<unknown> {
  const client = new RPCClient({
    endpoint, identity, protocols: ['ocpp1.6'], strictMode: true, reconnect: false,
    ...(options.password === undefined ? {} : { password: options.password }), wsOpts: { ca: root.cert, ...options.tls },
  })
  open.push(client)
  try {
    await client.connect()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return (await client.call('BootNotification', { chargePointVendor: 'Elsewhere', chargePointModel: 'Independent', chargePointSerialNumber: `SN-${identity}` }))['status']
}

const certificate = (commonName: string, organisation = 'Depot', authority = clients) => authority.issue({ commonName, organisation, for: 'client' })

describe('in', () => {
  test('profile 1: password, plain', async () => expect(await comes('ONE', { endpoint: server.ocppUrl, password })).toBe('Accepted'))
  test('profile 2: password, TLS', async () => expect(await comes('TWO', { password })).toBe('Accepted'))

  test('profile 3: its certificate, also in place of its own live connection', async () => {
    const tls = await certificate('THREE')
    expect(await comes('THREE', { tls })).toBe('Accepted')
    expect(await comes('THREE', { tls })).toBe('Accepted')
    expect((await server.request<{ connection: { generation: number } }>('GET', '/api/v1/chargepoints/THREE')).body.connection.generation).toBe(2)
    expect(await comes('THREE', { tls: await certificate('sn-three') })).toBe('Accepted')
  })

  test('REST and the page over https', async () => {
    const { port } = new URL(wss)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/api/v1/chargepoints', ca: root.cert, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject).end()
    })
    expect(status).toBe(200)
  })
})

describe('out', () => {
  test('profile 2 without TLS, with the right password', async () => {
    expect(await comes('TWO', { endpoint: server.ocppUrl, password })).toBe(401)
    const { body } = await server.request<{ data: { code: string; clientID: string }[] }>('GET', '/api/v1/alerts')
    expect(body.data).toContainEqual(expect.objectContaining({ code: 'security-downgrade', clientID: 'TWO' }))
  })

  test('profile 2 with another password, and with none', async () => expect([await comes('TWO', { password: 'sixteen-letterz!' }), await comes('TWO')]).toEqual([401, 401]))
  test('a name nobody configured looks the same', async () => expect(await comes('NOBODY', { password })).toBe(401))
  test('profile 3 without TLS, and without a certificate', async () => expect([await comes('THREE', { endpoint: server.ocppUrl }), await comes('THREE', { password })]).toEqual([401, 401]))

  test('profile 3 with a certificate of another CA, name or organisation', async () => {
    const stranger = await certificate('THREE', 'Depot', await createAuthority('Client CA'))
    expect([await comes('THREE', { tls: stranger }), await comes('THREE', { tls: await certificate('TWO') }), await comes('THREE', { tls: await certificate('THREE', 'Elsewhere') })]).toEqual([401, 401, 401])
  })
})

test('a key that does not belong to the certificate: exit 2, with the line and the fix, and nothing of the key', async () => {
  const place = await newPlace()
  const [one, other] = await Promise.all([root.issue({ commonName: 'kwota', for: 'server' }), root.issue({ commonName: 'kwota', for: 'server' })])
  await writeFile(join(place, 'server.crt'), one.cert)
  await writeFile(join(place, 'server.key'), other.key)
  const { code, output } = await runServer({ place, config: 'tls:\n  certFile: server.crt\n  keyFile: server.key\n' })
  expect(code).toBe(2)
  expect(output).toMatch(/kwota\.yaml:3 \/tls\/keyFile: the key does not belong to the certificate of CN=kwota \(name the key/)
  expect(output).not.toContain('PRIVATE KEY')
})

test('a TLS port that is taken: exit 1, and no half of a server is left', async () => {
  const place = await newPlace()
  const own = await root.issue({ commonName: 'kwota', for: 'server' })
  await writeFile(join(place, 'server.crt'), own.cert)
  await writeFile(join(place, 'server.key'), own.key)
  const { code, output } = await runServer({ place, config: `tls:\n  port: ${server.port}\n  certFile: server.crt\n  keyFile: server.key\n` })
  expect([code, output]).toEqual([1, expect.stringContaining('tls.port') as string])
})
