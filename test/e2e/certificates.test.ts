// A charge point gets its certificate from a real certificate authority behind HTTP, and comes back with it: the built product, real sockets, an independent client.
import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { CertificatesView } from '../../src/actors/security-face.ts'
import { createAuthority, createRequest, type Authority, type Issued } from '../tls-certificates.ts'
import { RPCClient, type RpcClient } from './rpc-client.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'

const secret = 'the secret of our CA'
let root: Authority
let clients: Authority
let place: string
let config: string
let server: Server
/** What the authority has been asked, and how it answers: by signing, unless told otherwise. */
const questions: { readonly clientID: string; readonly csr: string }[] = []
const sign = async (csr: string, response: ServerResponse): Promise<void> => void response.end(JSON.stringify({ certificateChain: `${await clients.sign(csr)}\n${clients.cert}` }))
let answer: typeof sign = sign
const ca = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => { body += chunk.toString() })
  request.on('end', () => {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers
    if (signature !== `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`) return void response.writeHead(401).end()
    const question = JSON.parse(body) as { clientID: string; csr: string }
    questions.push(question)
    answer(question.csr, response).catch(() => response.writeHead(400).end())
  })
})
const open: RpcClient[] = []

beforeAll(async () => {
  [root, clients] = await Promise.all([createAuthority('Server CA'), createAuthority('Client CA')])
  await new Promise<void>((resolve) => ca.listen(0, '127.0.0.1', resolve))
  place = await newPlace()
  const own = await root.issue({ commonName: 'kwota', for: 'server' })
  for (const [name, text] of [['server.crt', own.cert], ['server.key', own.key], ['clients.pem', clients.cert]] as const) await writeFile(join(place, name), text)
  config = `tls: { port: 0, certFile: server.crt, keyFile: server.key, clientCaFile: clients.pem }
certificateAuthority: { url: 'http://127.0.0.1:${(ca.address() as AddressInfo).port}/sign', secret: ${secret}, timeoutS: 30 }
unknownChargePoints: reject
chargePoints: [{ id: CP1, securityProfile: 3 }, { id: CP2, securityProfile: 3 }, { id: CP3, securityProfile: 3 }]
`
  server = await startServer({ place, config })
}, 60_000)
afterEach(async () => {
  answer = sign
  await Promise.all(open.splice(0).map((client) => client.close({ force: true })))
})
afterAll(async () => {
  ca.close()
  ca.closeAllConnections()
  await tidyUp()
})

const wss = (): string => /(wss:\/\/\S+\/ocpp)\//.exec(server.output())?.[1] ?? 'no wss URL in the banner'

/** A charge point with that certificate; `installed` resolves with what CertificateSigned brings. */
async function come(identity: string, tls: Issued, onTrigger: (client: RpcClient) => void = () => undefined) {
  const client = new RPCClient({ endpoint: wss(), identity, protocols: ['ocpp1.6'], strictMode: true, reconnect: false, wsOpts: { ca: root.cert, ...tls } })
  open.push(client)
  const installed = new Promise<string>((resolve) => {
    client.handle('CertificateSigned', ({ params }) => {
      resolve(String(params['certificateChain']))
      return { status: 'Accepted' }
    })
  })
  client.handle('ExtendedTriggerMessage', ({ params }) => {
    if (params['requestedMessage'] === 'SignChargePointCertificate') setImmediate(() => onTrigger(client))
    return { status: 'Accepted' }
  })
  for (const action of ['ChangeConfiguration', 'SetChargingProfile', 'ClearChargingProfile']) client.handle(action, () => ({ status: 'Accepted' }))
  client.handle('GetConfiguration', () => ({ configurationKey: [] }))
  await client.connect()
  expect(await client.call('BootNotification', { chargePointVendor: 'Elsewhere', chargePointModel: 'Independent' })).toMatchObject({ status: 'Accepted' })
  return { client, installed }
}
const known = async (id: string) => (await server.request<CertificatesView>('GET', `/api/v1/chargepoints/${id}/certificates`)).body
const alerted = async (id: string) => (await server.request<{ data: { code: string; clientID: string; resolvedAt: string | null }[] }>('GET', '/api/v1/alerts')).body.data
  .filter(({ code, clientID, resolvedAt }) => code === 'certificate-failed' && clientID === id && resolvedAt === null).length

test('asked for over REST, signed by the CA, installed, and used for the next connection', async () => {
  const request = await createRequest('CP1')
  let said: unknown = null
  const { client, installed } = await come('CP1', await clients.issue({ commonName: 'CP1', for: 'client' }), (asking) => void asking.call('SignCertificate', { csr: request.csr }).then((answered) => { said = answered }))
  const { status, body } = await server.request('POST', '/api/v1/chargepoints/CP1/extended-trigger-message', { requestedMessage: 'SignChargePointCertificate' }, { Prefer: 'wait=10' })
  expect([status, body['status']]).toEqual([200, 'accepted'])
  const chain = await installed
  expect([said, questions.at(-1)]).toEqual([{ status: 'Accepted' }, { clientID: 'CP1', siteID: 'main', csr: request.csr }])
  await vi.waitFor(async () => expect(await known('CP1')).toMatchObject({ own: { subject: 'CN=CP1', issuer: 'CN=Client CA' }, pending: null, failure: null }), { timeout: 10_000 })
  await client.close()
  await come('CP1', { cert: chain, key: request.key })
  expect((await server.request('GET', '/api/v1/chargepoints/CP1')).body).toMatchObject({ securityProfile: 3, connection: { state: 'online', generation: 2 } })
  expect(server.output()).not.toContain(secret)
}, 30_000)

test('a CA that is down: people are told, until it signs again', async () => {
  const { client, installed } = await come('CP2', await clients.issue({ commonName: 'CP2', for: 'client' }))
  answer = async (_, response) => void response.writeHead(503).end('{}')
  expect(await client.call('SignCertificate', { csr: (await createRequest('CP2')).csr })).toEqual({ status: 'Accepted' })
  await vi.waitFor(async () => expect([await alerted('CP2'), (await known('CP2')).failure?.message]).toEqual([1, expect.stringContaining('status 503')]), { timeout: 10_000 })
  answer = sign
  await client.call('SignCertificate', { csr: (await createRequest('CP2')).csr })
  await installed
  await vi.waitFor(async () => expect([await alerted('CP2'), (await known('CP2')).failure]).toEqual([0, null]), { timeout: 10_000 })
}, 30_000)

test('killed while the CA thinks: the certificate comes when both are back', async () => {
  const tls = await clients.issue({ commonName: 'CP3', for: 'client' })
  const { client } = await come('CP3', tls)
  let heard: () => void = () => undefined
  const thinking = new Promise<void>((resolve) => { heard = resolve })
  answer = async () => heard()
  const { csr } = await createRequest('CP3')
  expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Accepted' })
  await thinking
  await server.kill9()
  answer = sign
  server = await startServer({ place, config })
  const { installed } = await come('CP3', tls)
  expect(await installed).toContain('-----BEGIN CERTIFICATE-----')
  expect(questions.at(-1)).toEqual({ clientID: 'CP3', siteID: 'main', csr })
}, 60_000)
