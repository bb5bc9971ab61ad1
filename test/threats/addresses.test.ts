// Addresses that charge points are sent to: only allowed schemes and hosts leave kwota, and what they hold of credentials is shown to nobody.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLocation } from '../../src/actors/orders/location.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'

const at = '2030-01-01T00:00:00Z'
const evil = [
  'file:///etc/passwd', 'gopher://x/', 'javascript:alert(1)', 'data:text/plain,x', 'ldap://files.example/',
  'http://127.0.0.1/x', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'ftps://0x7f.1/', 'sftp://2130706433/', 'ftp://017700000001/', 'http://0/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'https://[64:ff9b::7f00:1]/',
  'http://localhost:8080/', 'http://LOCALHOST./', 'ftp://a.localhost/',
  'http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://[fd00:ec2::254]/', 'http://100.100.100.200/', 'http://metadata.google.internal/computeMetadata/v1/', 'http://224.0.0.1/', 'http://255.255.255.255/',
  'http://files.example/\r\nHost: evil.example', 'http://files.example/\tx', 'http://files.example\r\n/', 'http://user:pa ss@files.example/', 'http://user:secret@127.0.0.1/', 'ftp://user:secret@169.254.169.254/',
]

describe('a house with a charge point', () => {
  let stand: HouseStand
  const frames: string[] = []
  beforeAll(async () => {
    stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    await stand.boot('CP1')
    await stand.clock.advance(30_000)
  })
  afterAll(() => stand.directory.stop())

  test('threat 39: files, loopback, metadata, line breaks and userinfo at them are refused before anything is recorded or sent, and no refusal shows a password', async () => {
    const before = JSON.stringify(stand.house.chargePoint('CP1').value)
    for (const location of evil) {
      for (const [action, body] of [['GetDiagnostics', { location }], ['UpdateFirmware', { location, retrieveDate: at }], ['GetLog', { logType: 'SecurityLog', log: { remoteLocation: location } }]] as const) {
        const refused = await stand.house.commands.issue('CP1', action, body, {}, caller).then(() => null, (error: unknown) => error)
        expect(refused, `${action} ${location}`).toMatchObject({ kind: 'invalid', code: 'bad-location' })
        frames.push(JSON.stringify(refused))
      }
    }
    expect(frames.join()).not.toContain('secret')
    expect(stand.house.commands.list()).toEqual([])
    expect(JSON.stringify(stand.house.chargePoint('CP1').value)).toBe(before)
  })

  test('threat 39: credentials go to the charge point and to nobody else', async () => {
    const issued = stand.house.commands.issue('CP1', 'GetDiagnostics', { location: 'ftp://user:one-time@files.example/in' }, {}, caller)
    await stand.clock.advance(500)
    await issued
    expect(JSON.stringify(stand.house.commands.list())).toContain('ftp://…@files.example/in')
    expect(JSON.stringify(stand.house.commands.list())).not.toContain('one-time')
  })
})

describe('threat 39: a list of hosts and schemes is all there is', () => {
  const rule = { schemes: ['https'], hosts: ['files.example', '*.depot.example', '10.0.0.7', 'fd00::7'] }
  const check = (location: string) => checkLocation(location, '/location', rule)
  test.each(['https://files.example/x', 'https://FILES.example./x', 'https://a.b.depot.example/', 'https://10.0.0.7:8443/', 'https://[fd00::7]/'])('%s passes', (location) => expect(check(location)).toBe(location))
  test.each(['http://files.example/x', 'https://files.example.evil.example/', 'https://depot.example/', 'https://evildepot.example/', 'https://10.0.0.8/', 'https://files.example@evil.example/', 'https://evil.example/?files.example'])('%s is refused', (location) => expect(() => check(location)).toThrow(expect.objectContaining({ code: 'bad-location' })))
  test('what is named is meant, this machine too', () => expect(checkLocation('http://127.0.0.1/x', '/location', { schemes: ['http'], hosts: ['127.0.0.1'] })).toBe('http://127.0.0.1/x'))
})
