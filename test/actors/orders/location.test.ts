// Where charge points may be sent, and what else is refused before a command for files or firmware is recorded.
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../tls-certificates.ts'
import { checkLocation } from '../../../src/actors/orders/location.ts'
import { caller, openHouse, type HouseStand } from '../house-stand.ts'

describe('a location', () => {
  test.each(['ftp://files.example/', 'ftps://u:p@files.example:990/x', 'http://10.0.0.1/a%20b', 'HTTPS://files.example', 'sftp://files.example/x', 'http://[fd00::7]:8080/x'])('%s is passed on as it is', (location) => expect(checkLocation(location, '/location')).toBe(location))

  test.each([
    'file:///etc/passwd', 'javascript:alert(1)', 'gopher://x/', 'data:text/plain,x', 'ldap://169.254.169.254/', 'files.example/x', '', 'http://', 'urn:x',
    'http://a b/', 'http://x/\r\nHost: y', 'http://x/\ty', 'http://x/\0', '\u2028http://x/',
  ])('%j is refused', (location) => expect(() => checkLocation(location, '/location')).toThrow(expect.objectContaining({ kind: 'invalid', code: 'bad-location', errors: [{ pointer: '/location', message: expect.any(String) }] })))
})

describe('before a command is recorded', () => {
  let stand: HouseStand
  let cert: string
  beforeAll(async () => {
    stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await stand.boot('CP1')
    await stand.clock.advance(30_000)
    cert = (await createAuthority()).cert
  })
  const at = '2030-01-01T00:00:00Z'
  const firmware = (more: object = {}) => ({ firmware: { location: 'https://x/f', retrieveDateTime: at, signingCertificate: cert, signature: 'c2ln', ...more } })

  test.each<['GetDiagnostics' | 'UpdateFirmware' | 'GetLog' | 'SignedUpdateFirmware', () => object, string, string]>([
    ['GetDiagnostics', () => ({ location: 'file:///x' }), 'bad-location', '/location'],
    ['UpdateFirmware', () => ({ location: 'file:///x', retrieveDate: at }), 'bad-location', '/location'],
    ['GetLog', () => ({ logType: 'SecurityLog', log: { remoteLocation: 'x' } }), 'bad-location', '/log/remoteLocation'],
    ['SignedUpdateFirmware', () => firmware({ location: 'mailto:x@y' }), 'bad-location', '/firmware/location'],
    ['SignedUpdateFirmware', () => firmware({ signingCertificate: 'not a certificate' }), 'bad-certificate', '/firmware/signingCertificate'],
    ['SignedUpdateFirmware', () => firmware({ signingCertificate: cert.replace('MII', 'MIX') }), 'bad-certificate', '/firmware/signingCertificate'],
  ])('%s is looked at', async (action, body, code, pointer) => {
    await expect(stand.house.commands.issue('CP1', action, body(), {}, caller)).rejects.toMatchObject({ kind: 'invalid', code, errors: [{ pointer }] })
    expect(stand.house.commands.list()).toEqual([])
  })

  test('what is allowed goes out, with a request id where it needs one, and its userinfo is shown to nobody', async () => {
    const issued = stand.house.commands.issue('CP1', 'SignedUpdateFirmware', firmware({ location: 'ftp://user:pa@ss@files.example/f' }), {}, caller)
    await stand.clock.advance(500)
    const { request } = await issued
    expect(request).toMatchObject({ requestId: expect.any(Number), firmware: { location: 'ftp://…@files.example/f' } })
  })
})
