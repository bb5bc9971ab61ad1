// Security profiles 2 and 3 on the wire: versions, cipher suites, certificates and what the desk is told of them.
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createAuthority } from '../tls-certificates.ts'
import { askUpgrade, greet, shows, startSecure, type SecureStation } from './tls-station.ts'

const running: SecureStation[] = []
const sockets: { destroy(): void }[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((one) => one.stop()))
})

async function start(options: Parameters<typeof startSecure>[0] = {}): Promise<SecureStation> {
  const one = await startSecure(options)
  running.push(one)
  return one
}

async function knock({ port, root }: SecureStation, options: ConnectionOptions = {}) {
  const met = await greet(port, { ca: root.cert, ...options })
  sockets.push(met.socket)
  return met
}

/** Comes as CP1 and leaves; what the desk was told of it. */
async function attemptOf(station: SecureStation, options: ConnectionOptions = {}) {
  const { socket } = await knock(station, options)
  expect(await askUpgrade(socket, '/ocpp/CP1')).toBe('HTTP/1.1 101 Switching Protocols')
  socket.destroy()
  await station.desk.until(`disconnected CP1 ${station.desk.sessions.length}`)
  return station.desk.attempts.at(-1)
}

describe('versions and cipher suites', () => {
  test.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ecdsa'], ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ecdsa'], ['AES128-GCM-SHA256', 'rsa'], ['AES256-GCM-SHA384', 'rsa'], ['ECDHE-RSA-AES256-GCM-SHA384', 'rsa'],
  ] as const)('TLS 1.2 with %s', async (ciphers, key) => {
    const { greeting } = await knock(await start({ keys: [key] }), { ciphers, maxVersion: 'TLSv1.2' })
    expect(greeting).toMatchObject({ protocol: 'TLSv1.2', cipher: ciphers })
  })

  test('with a certificate of each kind, every suite of the whitepaper on one port', async () => {
    const station = await start({ keys: ['rsa', 'ecdsa'] })
    const met: string[] = []
    for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384']) {
      met.push((await knock(station, { ciphers, maxVersion: 'TLSv1.2' })).greeting.cipher)
    }
    expect(met).toEqual(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384'])
  })

  test('TLS 1.3 where the charge point can', async () => {
    expect((await knock(await start())).greeting.protocol).toBe('TLSv1.3')
  })

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused, TLS 1.2 from the same client is not', async (version) => {
    const station = await start()
    const old = { minVersion: version, ciphers: 'ALL:@SECLEVEL=0' }
    await expect(knock(station, { ...old, maxVersion: version })).rejects.toMatchObject({ code: expect.stringMatching(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/) as string })
    expect((await knock(station, { ...old, maxVersion: 'TLSv1.2' })).greeting.protocol).toBe('TLSv1.2')
    expect(station.log.lines).toContainEqual(expect.objectContaining({ fields: expect.objectContaining({ event: 'tls-handshake-failed', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }) as object }))
  })

  test('no renegotiation', async () => {
    const { socket } = await knock(await start({ clientCa: false }), { maxVersion: 'TLSv1.2' })
    const refused = await new Promise<Error | null>((resolve) => {
      socket.on('error', resolve)
      socket.renegotiate({}, resolve)
    })
    expect(refused).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' })
  })

  test('who never says hello is cut', async () => {
    const { port } = await start({ handshakeMs: 100 })
    const silent = connectTcp(port, '127.0.0.1')
    sockets.push(silent)
    silent.on('error', () => undefined)
    await once(silent, 'close')
    expect(silent.destroyed).toBe(true)
  })

  test('plain HTTP on the TLS port is no way in', async () => {
    const { port, desk } = await start()
    const plain = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CP1`, ['ocpp1.6'])
    const [error] = await once(plain, 'error') as [Error]
    expect(error).toBeInstanceOf(Error)
    expect(desk.attempts).toEqual([])
  })
})

describe('what the desk is told', () => {
  test('secure, the host it asked for, and no certificate where none was shown', async () => {
    const station = await start()
    const attempt = await attemptOf(station)
    expect(attempt).toMatchObject({ clientID: 'CP1', secure: true, loopback: true, host: 'localhost' })
    expect(attempt).not.toHaveProperty('clientCertificate')
    expect(station.desk.sessions[0]?.reachedAt).toBe('https://localhost')
  })

  test('a certificate of our CA is verified, with its names', async () => {
    const station = await start()
    const mine = await station.clients.issue({ commonName: 'CP1', organisation: 'Depot, Ltd', for: 'client' })
    expect((await attemptOf(station, shows(mine)))?.clientCertificate).toEqual({ commonName: 'CP1', organisations: ['Depot, Ltd'], verified: true })
  })

  const yesterday = new Date(Date.now() - 3_600_000)
  test.each([
    ['of another CA', async () => (await createAuthority('Client CA')).issue({ commonName: 'CP1', for: 'client' }), /SIGNATURE|ISSUER|VERIFY/],
    ['that has expired', (station: SecureStation) => station.clients.issue({ commonName: 'CP1', for: 'client', notAfter: yesterday }), /^CERT_HAS_EXPIRED$/],
    ['that is not valid yet', (station: SecureStation) => station.clients.issue({ commonName: 'CP1', for: 'client', notBefore: new Date(Date.now() + 3_600_000) }), /^CERT_NOT_YET_VALID$/],
    ['for servers', (station: SecureStation) => station.clients.issue({ commonName: 'CP1', for: 'server' }), /^INVALID_PURPOSE$/],
  ])('one %s is not', async (_, issue, fault) => {
    const station = await start()
    const attempt = await attemptOf(station, shows(await issue(station)))
    expect(attempt?.clientCertificate).toMatchObject({ commonName: 'CP1', verified: false, fault: expect.stringMatching(fault) as string })
  })

  test('none is asked for without a CA for them', async () => {
    const station = await start({ clientCa: false })
    const mine = await station.clients.issue({ commonName: 'CP1', for: 'client' })
    expect(await attemptOf(station, shows(mine))).not.toHaveProperty('clientCertificate')
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a %s session of somebody without a certificate is not taken up again as a verified one', async (version) => {
    const station = await start()
    const versions = { minVersion: version, maxVersion: version }
    const first = await knock(station, versions)
    const kept: Buffer[] = []
    first.socket.on('session', (session: Buffer) => kept.push(session))
    expect(await askUpgrade(first.socket, '/ocpp/CP1')).toContain('101')
    first.socket.destroy()
    await station.desk.until('disconnected CP1 1')
    const session = kept.at(-1) ?? first.socket.getSession()
    const again = await knock(station, { ...versions, ...(session === undefined ? {} : { session }) })
    expect(again.greeting.reused).toBe(false)
    expect(await askUpgrade(again.socket, '/ocpp/CP1')).toContain('101')
    expect(station.desk.attempts.at(-1)).not.toHaveProperty('clientCertificate')
  })
})
