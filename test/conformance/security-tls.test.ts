// Certification cases of security that need TLS: certificates of both sides, their renewal, and the step up to a higher profile.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { newPlace } from '../e2e/server.ts'
import { createAuthority, type Authority, type Issued } from '../tls-certificates.ts'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { boot, expectShown, startCentral, stopCentral, type Central } from './central.ts'
import { Station, type StationOptions } from './station.ts'

const password = 'a password of 20 b'
let central: Central
let root: Authority
let clients: Authority
let wssUrl: string
/** What the certificate authority answers to a request. */
const signs = new Map<string, string>()
const authority = createServer(async (request, response) => {
  const { csr } = JSON.parse(await text(request)) as { csr: string }
  const certificateChain = signs.get(csr)
  response.writeHead(certificateChain === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ certificateChain }))
})
beforeAll(async () => {
  await once(authority.listen(0, '127.0.0.1'), 'listening')
  ;[root, clients] = await Promise.all([createAuthority('Server CA'), createAuthority('Client CA')])
  const [ecdsa, rsa] = await Promise.all((['ecdsa', 'rsa'] as const).map((key) => root.issue({ commonName: 'localhost', for: 'server', key })))
  const place = await newPlace()
  const files = { 'ecdsa-cert': ecdsa?.cert, 'ecdsa-key': ecdsa?.key, 'rsa-cert': rsa?.cert, 'rsa-key': rsa?.key, clients: clients.cert }
  for (const [name, content] of Object.entries(files)) await writeFile(join(place, `${name}.pem`), content ?? '')
  const ca = `certificateAuthority: { url: 'http://127.0.0.1:${(authority.address() as AddressInfo).port}/sign' }\n`
  central = await startCentral(`tls: { port: 0, certFile: [ecdsa-cert.pem, rsa-cert.pem], keyFile: [ecdsa-key.pem, rsa-key.pem], clientCaFile: clients.pem }\n${ca}`, place)
  wssUrl = await vi.waitFor(() => {
    const url = /wss:\/\/\S+:\d+\/ocpp/.exec(central.server.output())?.[0]
    if (url === undefined) throw new Error(`kwota does not say where it listens with TLS:\n${central.server.output()}`)
    return url
  }, { timeout: 10_000 })
}, 150_000)
afterEach(() => central.farewell())
afterAll(async () => {
  await stopCentral()
  authority.closeAllConnections()
  await new Promise((resolve) => { authority.close(resolve) })
})

const trusting = (): StationOptions => ({ ca: root.cert })
const basic = (id: string): StationOptions => ({ ...trusting(), headers: { Authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}` } })
const certified = ({ cert, key }: Issued): StationOptions => ({ ...trusting(), cert, key })

async function handshake(options: object): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(wssUrl).port), servername: 'localhost', ca: root.cert, ...options })
  await once(socket, 'secureConnect')
  return socket
}

test('TC_086_CSMS server certificate: TLS 1.2 with the prescribed ciphers and nothing older, a proper certificate, and the charge point boots', async () => {
  // By OpenSSL's names; the last two are TLS_RSA_WITH_AES_…_GCM_….
  for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384']) {
    const socket = await handshake({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers })
    expect(socket.getCipher().name).toBe(ciphers)
    const certificate = new X509Certificate(socket.getPeerCertificate().raw)
    expect(certificate.serialNumber).not.toBe('')
    expect(certificate.subject).toContain('CN=localhost')
    socket.destroy()
  }
  await expect(handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(/protocol|version|handshake/i)
  await central.enter('TC-086', { securityProfile: 2, password })
  const station = await central.connect('TC-086', basic('TC-086'), wssUrl)
  await boot(station)
  await expectShown(central, '/chargepoints/TC-086', { connection: { state: 'online' }, securityProfile: 2 })
  expect(await Station.refused(central.server.ocppUrl, 'TC-086', basic('TC-086'))).toBe(401)
})

test('TC_087_CSMS client certificate: the one of its name lets it in and it boots; none, and that of another authority, do not', async () => {
  await central.enter('TC-087', { securityProfile: 3 })
  const own = await clients.issue({ commonName: 'TC-087', for: 'client' })
  const stranger = await root.issue({ commonName: 'TC-087', for: 'client' })
  expect(await Station.refused(wssUrl, 'TC-087', trusting())).toBe(401)
  expect(await Station.refused(wssUrl, 'TC-087', certified(stranger))).toBe(401)
  const station = await central.connect('TC-087', certified(own), wssUrl)
  await boot(station)
  await expectShown(central, '/chargepoints/TC-087', { connection: { state: 'online' }, securityProfile: 3 })
})

test('TC_083_CSMS a higher security profile: ordered, then the charge point comes with it, and is never let in with less again', async () => {
  const before = await central.booted('TC-083', { securityProfile: 1, password }, basic('TC-083'))
  const asked = before.expectCall('ChangeConfiguration', { status: 'Accepted' }, ({ key }) => key === 'SecurityProfile')
  const [request, { status, body }] = await Promise.all([asked, central.request('PUT', '/chargepoints/TC-083/configuration', { keys: { SecurityProfile: '2' } })])
  expect(request.value).toBe('2')
  expect(status, JSON.stringify(body)).toBe(200)
  await central.operate(before, 'reset', { type: 'Hard' }, { action: 'Reset', answer: { status: 'Accepted' } })
  await before.vanish()
  const station = await central.connect('TC-083', basic('TC-083'), wssUrl)
  await boot(station)
  await expectShown(central, '/chargepoints/TC-083', { connection: { state: 'online' }, securityProfile: 2 })
  await station.leave()
  expect(await Station.refused(central.server.ocppUrl, 'TC-083', basic('TC-083'))).toBe(401)
})

test('TC_084_CS a lower security profile: refused by us, nothing is sent; a higher one that the charge point rejects changes nothing', async () => {
  await central.enter('TC-084', { securityProfile: 2, password })
  const station = await central.connect('TC-084', basic('TC-084'), wssUrl)
  await boot(station)
  for (const lower of ['0', '1', '2']) {
    expect(await central.request('PUT', '/chargepoints/TC-084/configuration', { keys: { SecurityProfile: lower } }), lower).toMatchObject({ status: 422 })
    expect((await central.request('POST', '/chargepoints/TC-084/change-configuration', { key: 'SecurityProfile', value: lower })).status, lower).toBeGreaterThanOrEqual(400)
  }
  expect(station.called).not.toContain('ChangeConfiguration')
  const asked = station.expectCall('ChangeConfiguration', { status: 'Rejected' }, ({ key, value }) => key === 'SecurityProfile' && value === '3')
  const [, { status, body }] = await Promise.all([asked, central.request('PUT', '/chargepoints/TC-084/configuration', { keys: { SecurityProfile: '3' } })])
  expect(status, JSON.stringify(body)).toBe(200)
  expect(body).toMatchObject({ keys: { SecurityProfile: 'Rejected' } })
  await expectShown(central, '/chargepoints/TC-084', { securityProfile: 2 })
})

test('TC_074_CSMS a new charge point certificate: asked for, signed by the authority for the key of the request, installed, and used', async () => {
  await central.enter('TC-074', { securityProfile: 3 })
  const before = await central.connect('TC-074', certified(await clients.issue({ commonName: 'TC-074', for: 'client' })), wssUrl)
  await boot(before)
  const { request } = await central.operate(before, 'extended-trigger-message', { requestedMessage: 'SignChargePointCertificate' }, { action: 'ExtendedTriggerMessage', answer: { status: 'Accepted' } })
  expect(request).toEqual({ requestedMessage: 'SignChargePointCertificate' })
  const renewed = await clients.issue({ commonName: 'TC-074', for: 'client' })
  const csr = await requestFor('TC-074', renewed)
  signs.set(csr, `${renewed.cert}\n${clients.cert}`)
  const signed = before.expectCall('CertificateSigned', { status: 'Accepted' })
  expect(await before.send('SignCertificate', { csr })).toEqual({ status: 'Accepted' })
  const { certificateChain } = await signed
  const [leaf, issuer] = (certificateChain.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map((each) => new X509Certificate(each))
  if (leaf === undefined || issuer === undefined) throw new Error(`no chain: ${certificateChain}`)
  expect(leaf.checkPrivateKey(createPrivateKey(renewed.key))).toBe(true)
  expect(leaf.subject).toContain('CN=TC-074')
  expect(leaf.verify(issuer.publicKey)).toBe(true)
  await expectShown(central, '/commands?action=CertificateSigned', { data: [{ clientID: 'TC-074', status: 'accepted', response: { status: 'Accepted' } }] })
  await before.leave()
  const station = await central.connect('TC-074', certified(renewed), wssUrl)
  await boot(station)
  await expectShown(central, '/chargepoints/TC-074', { connection: { state: 'online' } })
})

/** PEM of the request a charge point makes for the key it has just made. */
async function requestFor(commonName: string, { cert, key }: Issued): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('pkcs8', createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']),
    crypto.subtle.importKey('spki', new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']),
  ])
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${commonName}, O=Kwota`, keys: { privateKey, publicKey }, signingAlgorithm: algorithm })
  return csr.toString('pem')
}
