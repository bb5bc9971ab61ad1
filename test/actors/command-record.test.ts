// What of a command's request people may see: no password, no token, no signature of an address.
import { expect, test } from 'vitest'
import { withoutSecrets } from '../../src/actors/command-record.ts'

test.each([
  ['ftp://user:secret@host/x', 'ftp://…@host/x'], ['ftp://user:sec/ret@host/x', 'ftp://…@host/x'], ['https://host/x?sig=secret', 'https://host/x?…'], ['https://u:secret@host/x?sig=secret#a', 'https://…@host/x?…'],
  ['https://u:secret@host/x?a=b@c&sig=secret', 'https://…@…'], ['ftp://u:s?secret@host', 'ftp://…@…'], ['https://host/x', 'https://host/x'], ['https://host/x?', 'https://host/x?'], ['not a url', 'not a url'],
  [`http://host/uploads/${'t'.repeat(22)}/log.zip`, 'http://host/uploads/…/log.zip'], [`https://${'?'.repeat(60_000)}`, 'https://?…'], [`${'@://'.repeat(15_000)}x`, '@://…@://x'],
])('an address %.40s', (location, shown) => {
  expect(withoutSecrets('GetDiagnostics', { location, retries: 1 })).toEqual({ location: shown, retries: 1 })
  expect(withoutSecrets('GetLog', { requestId: 1, log: { remoteLocation: location } })).toEqual({ requestId: 1, log: { remoteLocation: shown } })
  expect(withoutSecrets('SignedUpdateFirmware', { firmware: { location, signature: 's' } })).toEqual({ firmware: { location: shown, signature: 's' } })
})

test.each(['AuthorizationKey', 'FtpPass', 'ApiToken', 'BasicAuthKey', 'AdminPin', 'APN.Pwd'])('the value of %s', (key) => {
  expect(withoutSecrets('ChangeConfiguration', { key, value: 'secret' })).toEqual({ key, value: '…' })
  expect(withoutSecrets('GetConfiguration', { configurationKey: [{ key, value: 'secret' }, { key: 'A', value: '1' }] })).toEqual({ configurationKey: [{ key, value: '…' }, { key: 'A', value: '1' }] })
})
