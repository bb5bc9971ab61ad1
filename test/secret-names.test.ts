// Names whose values are secrets, in the spellings vendors have for them, and names that only look so.
import { describe, expect, test } from 'vitest'
import { configurationKeys } from '../src/protocol/messages/configuration-keys.ts'
import { findSecretName, isSecretName } from '../src/secret-names.ts'

describe('a secret', () => {
  test.each([
    'AuthorizationKey', 'authorizationKEY', 'AuthorisationKey', 'BasicAuthKey', 'auth_key', 'Auth.Key', 'AuthenticationKey', 'WifiPassword', 'wifi-passwd', 'Passphrase', 'FtpPass', 'ftp_pass', 'ftppass', 'PASS', 'PassWord',
    'APN.Pwd', 'apnpwd', 'ClientSecret', 'ApiToken', 'token', 'Credentials', 'ApiKey', 'api_key', 'X-API-Key', 'AdminPin', 'adminpin', 'SIMPIN', 'Sim.PIN', 'PIN', 'pin', 'pin2', 'PinCode', 'PINCode', 'PINCODE', 'sim_pin_1',
  ])('%s', (name) => expect(isSecretName(name)).toBe(true))
})

describe('no secret', () => {
  test.each([
    'WebSocketPingInterval', 'PingTimeout', 'PIng', 'Mapping', 'Spinning', 'Bypass', 'BypassEnabled', 'Compass', 'Passenger', 'HeartbeatInterval', 'AuthorizeRemoteTxRequests', 'LocalAuthListEnabled', 'GetConfigurationMaxKeys', 'key', 'value', '', '…',
  ])('%s', (name) => expect(isSecretName(name)).toBe(false))

  test('every standard key but the password', () => {
    expect(configurationKeys.map(({ name }) => name).filter(isSecretName)).toEqual(['AuthorizationKey'])
    expect(configurationKeys.map(({ name }) => name.toLowerCase()).filter(isSecretName)).toEqual(['authorizationkey'])
  })
})

test('the first of them is found in any text', () => {
  expect(findSecretName('{"key":"FtpPass","value":')).toBe('{"key":"'.length)
  expect(findSecretName('[2,"1","Heartbeat",{')).toBe(-1)
})

test.each(['auth', 'a', 'Pi', 'pass.', 'P', '-', 'key', 'A_'])('a long text of %s is looked through once', (unit) => {
  const text = unit.repeat(60_000 / unit.length)
  const startedMs = performance.now()
  isSecretName(text)
  findSecretName(text)
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})
