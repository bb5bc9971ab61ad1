// Certification cases of security that need no TLS: passwords, certificates as content, security events, logs, signed firmware.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { CentralAction, RequestOf, ResponseOf } from '../../src/protocol/messages/index.ts'
import { createAuthority } from '../tls-certificates.ts'
import { boot, expectShown, startCentral, stopCentral, type Central, type Operated } from './central.ts'
import { Station } from './station.ts'

let central: Central
/** A certificate of somebody's. */
let pem: string
beforeAll(async () => {
  pem = (await createAuthority('Somebody')).cert
  central = await startCentral()
}, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

const hashes = (hashAlgorithm: 'SHA256' | 'SHA384' | 'SHA512') => ({ hashAlgorithm, issuerNameHash: 'a1'.repeat(32), issuerKeyHash: 'b2'.repeat(32), serialNumber: '0c' })
const basic = (id: string, password: string | Buffer) => ({ headers: { Authorization: `Basic ${Buffer.concat([Buffer.from(`${id}:`), Buffer.from(password)]).toString('base64')}` } })

/** The operator sends a message with exactly these fields. */
async function order<A extends CentralAction>(station: Station, command: string, action: A, body: RequestOf<A>, answer: ResponseOf<A>): Promise<Operated<A>> {
  const operated = await central.operate(station, command, body, { action, answer })
  expect(operated.request).toEqual(body)
  expect(operated.command.response).toEqual(answer)
  return operated
}

/** A security event is confirmed and kept; it alarms unless it is what was ordered. */
async function expectEvent(station: Station, type: string, alarms = true): Promise<void> {
  expect(await station.send('SecurityEventNotification', { type, timestamp: new Date().toISOString() })).toEqual({})
  await expectShown(central, `/chargepoints/${station.id}/security-events`, { data: [{ type }] })
  const alerts = `/alerts?clientID=${station.id}`
  if (alarms) await expectShown(central, alerts, { data: expect.arrayContaining([expect.objectContaining({ clientID: station.id, message: expect.stringContaining(type) })]) })
  else expect(await central.get(alerts)).toMatchObject({ data: [] })
}

test('TC_085_CSMS basic authentication: the right password is let in and boots, anything else is refused', async () => {
  await central.enter('TC-085', { securityProfile: 1, password: 'a password of 20 b' })
  expect(await Station.refused(central.server.ocppUrl, 'TC-085')).toBe(401)
  expect(await Station.refused(central.server.ocppUrl, 'TC-085', basic('TC-085', 'another one of 20 b'))).toBe(401)
  expect(await Station.refused(central.server.ocppUrl, 'TC-085', basic('TC-999', 'a password of 20 b'))).toBe(401)
  const station = await central.connect('TC-085', basic('TC-085', 'a password of 20 b'))
  await boot(station)
  await expectShown(central, '/chargepoints/TC-085', { connection: { state: 'online' }, securityProfile: 1 })
})

test('TC_073_CSMS a new password: sent as hex, and once it is accepted the old one is refused; nobody is shown either', async () => {
  const old = basic('TC-073', 'the old password 20')
  const before = await central.booted('TC-073', { securityProfile: 1, password: 'the old password 20' }, old)
  const key = Buffer.from('the new password 20b')
  const asked = before.expectCall('ChangeConfiguration', { status: 'Accepted' }, (each) => each.key === 'AuthorizationKey')
  const [request, { status, body }] = await Promise.all([asked, central.request('PUT', '/chargepoints/TC-073/configuration', { keys: { AuthorizationKey: key.toString('hex') } })])
  expect(status, JSON.stringify(body)).toBe(200)
  expect(body).toMatchObject({ keys: { AuthorizationKey: 'Accepted' } })
  expect(request.value.toLowerCase()).toBe(key.toString('hex'))
  await before.vanish()
  expect(await Station.refused(central.server.ocppUrl, 'TC-073', old)).toBe(401)
  const station = await central.connect('TC-073', basic('TC-073', key))
  await boot(station)
  await station.leave()
  expect(await Station.refused(central.server.ocppUrl, 'TC-073', old)).toBe(401)
  const seen = JSON.stringify([await central.get('/chargepoints/TC-073/configuration'), await central.get('/commands'), await central.get('/messages?clientID=TC-073')])
  expect(seen).not.toContain(key.toString('hex'))
  expect(central.server.output()).not.toContain(key.toString('hex'))
})

async function expectInstalled(clientID: string, certificateType: 'ManufacturerRootCertificate' | 'CentralSystemRootCertificate'): Promise<void> {
  const station = await central.booted(clientID)
  await order(station, 'install-certificate', 'InstallCertificate', { certificateType, certificate: pem }, { status: 'Accepted' })
  const { command } = await order(station, 'get-installed-certificate-ids', 'GetInstalledCertificateIds', { certificateType }, { status: 'Accepted', certificateHashData: [hashes('SHA256')] })
  expect(command.status).toBe('accepted')
}

test('TC_075_1_CSMS install a manufacturer root certificate: accepted, and then listed by the charge point', () => expectInstalled('TC-075-1', 'ManufacturerRootCertificate'))

test('TC_075_2_CSMS install a central system root certificate: accepted, and then listed by the charge point', () => expectInstalled('TC-075-2', 'CentralSystemRootCertificate'))

test('TC_076_CSMS delete a certificate: by the very hashes the charge point listed, of each algorithm', async () => {
  const station = await central.booted('TC-076')
  for (const algorithm of ['SHA256', 'SHA384', 'SHA512'] as const) {
    await order(station, 'get-installed-certificate-ids', 'GetInstalledCertificateIds', { certificateType: 'CentralSystemRootCertificate' }, { status: 'Accepted', certificateHashData: [hashes(algorithm)] })
    const { command } = await order(station, 'delete-certificate', 'DeleteCertificate', { certificateHashData: hashes(algorithm) }, { status: 'Accepted' })
    expect(command.status).toBe('accepted')
  }
})

test('TC_077_CSMS an invalid charge point certificate: rejected, and the security event is confirmed and shown', async () => {
  const station = await central.booted('TC-077')
  const { command } = await order(station, 'certificate-signed', 'CertificateSigned', { certificateChain: pem }, { status: 'Rejected' })
  expect(command.status).toBe('rejected')
  await expectEvent(station, 'InvalidChargePointCertificate')
})

test('TC_078_CSMS an invalid central system certificate: rejected, and the security event is confirmed and shown', async () => {
  const station = await central.booted('TC-078')
  const { command } = await order(station, 'install-certificate', 'InstallCertificate', { certificateType: 'CentralSystemRootCertificate', certificate: pem }, { status: 'Rejected' })
  expect(command.status).toBe('rejected')
  await expectEvent(station, 'InvalidCentralSystemCertificate')
})

test('TC_079_CSMS the security log: asked for, and its upload is followed on the command', async () => {
  const station = await central.booted('TC-079')
  const { command } = await order(station, 'get-log', 'GetLog', { logType: 'SecurityLog', requestId: 79, log: { remoteLocation: 'https://files.example/log' } }, { status: 'Accepted', filename: 'security.log' })
  for (const status of ['Uploading', 'Uploaded'] as const) expect(await station.send('LogStatusNotification', { status, requestId: 79 })).toEqual({})
  await expectShown(central, `/commands/${command.id}`, { status: 'accepted', progress: [{ status: 'Uploading' }, { status: 'Uploaded' }] })
})

const signed = (requestId: number): RequestOf<'SignedUpdateFirmware'> => ({
  requestId, firmware: { location: 'https://firmware.example/2.0.0.bin', retrieveDateTime: '2030-01-01T00:00:00.000Z', signingCertificate: pem, signature: Buffer.alloc(64, 7).toString('base64') },
})
type Step = RequestOf<'SignedFirmwareStatusNotification'>['status']
async function tellSteps(station: Station, requestId: number, steps: readonly Step[]): Promise<void> {
  for (const status of steps) expect(await station.send('SignedFirmwareStatusNotification', { status, requestId })).toEqual({})
}

test('TC_080_CSMS signed firmware: every step is on the command, also after the boot, and the security event alarms nobody', async () => {
  const before = await central.booted('TC-080')
  const { command } = await order(before, 'signed-update-firmware', 'SignedUpdateFirmware', signed(80), { status: 'Accepted' })
  const [first, last] = [['Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'InstallRebooting'], ['Installed']] as const
  await tellSteps(before, 80, first)
  await before.vanish()
  const station = await central.connect('TC-080')
  await boot(station)
  await tellSteps(station, 80, last)
  await expectEvent(station, 'FirmwareUpdated', false)
  await expectShown(central, `/commands/${command.id}`, { progress: [...first, ...last].map((status) => ({ status })) })
})

test('TC_081_CSMS signed firmware with a wrong signature: shown on the command', async () => {
  const station = await central.booted('TC-081')
  const { command } = await order(station, 'signed-update-firmware', 'SignedUpdateFirmware', signed(81), { status: 'Accepted' })
  const steps = ['Downloading', 'Downloaded', 'InvalidSignature'] as const
  await tellSteps(station, 81, steps)
  await expectEvent(station, 'InvalidFirmwareSignature')
  await expectShown(central, `/commands/${command.id}`, { progress: steps.map((status) => ({ status })) })
})

test('TC_088_CSMS subprotocol: ocpp1.6 is chosen among others; a charge point that speaks nothing we know does not stay', async () => {
  await central.enter('TC-088')
  await expect(Station.connect(central.server.ocppUrl, 'TC-088', { protocols: ['ocpp0.1'] })).rejects.toThrow(/subprotocol/)
  const station = await central.connect('TC-088', { protocols: ['ocpp0.1', 'ocpp1.6'] })
  expect(station.socket.protocol).toBe('ocpp1.6')
  await boot(station)
})
