// What is read off a frame without parsing it, and that no secret gets past.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { glance, parse, redact } from '../../src/actors/message-text.ts'

describe('a glance at a frame', () => {
  test.each([
    ['[2,"17","Heartbeat",{}]', { type: 2, id: '17', action: 'Heartbeat' }],
    [' [ 2 , "a-b" , "BootNotification" , { } ]', { type: 2, id: 'a-b', action: 'BootNotification' }],
    ['[3,"17",{"status":"Accepted"}]', { type: 3, id: '17', action: null }],
    ['[4,"17","NotImplemented","",{}]', { type: 4, id: '17', action: null }],
    ['[2,"q\\"\\u0041","Heartbeat",{}]', { type: 2, id: 'q"A', action: 'Heartbeat' }],
    ['[2,"17","Heartbeat",{broken', { type: 2, id: '17', action: 'Heartbeat' }],
    ['[2,"17",{"no":"action"}]', { type: 2, id: '17', action: null }],
    ['[2,"\\x","Heartbeat",{}]', { type: 2, id: '\\x', action: 'Heartbeat' }],
  ])('%s', (text, seen) => expect(glance(text)).toEqual(seen))

  test.each(['', 'hello', '{}', '[]', '[5,"1",{}]', '[2,17,"Heartbeat",{}]', `[2,"${'x'.repeat(600)}","Heartbeat",{}]`])('%s is no frame', (text) => expect(glance(text)).toBeNull())

  test('is the same however a frame is written', () => {
    const word = fc.oneof(fc.string({ unit: 'binary', maxLength: 45 }), fc.constantFrom('17', 'Heartbeat', 'a"b', '\\', '{}'))
    fc.assert(fc.property(fc.constantFrom(2, 3, 4), word, word, (type, id, action) => {
      const frame = [type, id, action, {}]
      expect(glance(JSON.stringify(frame))).toEqual(glance(JSON.stringify(frame, null, 1)))
    }), { numRuns: 1_000 })
  })

  test('of a long hostile text ends at once', () => expect(glance(`[2,"${'\\"'.repeat(30_000)}`)).toBeNull())
})

describe('secrets', () => {
  const secret = 'sixteen-letters!'
  test.each([
    ['a new password', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${secret}"}]`],
    ['in another spelling', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"value":"${secret}","key":"authorizationKEY"}]`],
    ['with an escaped name', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"Authorization\\u004bey","value":"${secret}"}]`],
    ['a vendor password', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"WifiPassword","value":"${secret}"}]`],
    ['a configuration read', 'GetConfiguration', `[3,"1",{"configurationKey":[{"key":"A","readonly":false,"value":"1"},{"key":"AuthorizationKey","readonly":false,"value":"${secret}"}]}]`],
    ['a broken frame', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${secret}"`],
    ['a broken frame without a readable action', null, `[2,1,"ChangeConfiguration",{"key":"AuthorizationKey","value":"${secret}"`],
    ['an upload address', 'GetDiagnostics', `[2,"1","GetDiagnostics",{"location":"ftp://user:${secret}@host/x"}]`],
    ['with escaped slashes', 'UpdateFirmware', `[2,"1","UpdateFirmware",{"location":"https:\\/\\/user:${secret}@host\\/x"}]`],
    ['with slashes as code points', 'UpdateFirmware', `[2,"1","UpdateFirmware",{"location":"https:\\u002f\\u002fuser:${secret}@host"}]`],
    ['with an @ in the password', 'GetLog', `[2,"1","GetLog",{"log":{"remoteLocation":"sftp://u:@${secret}@host"}}]`],
    ['an address anywhere else', 'StatusNotification', `[2,"1","StatusNotification",{"info":"http://u:${secret}@host"}]`],
    ['a signed address', 'UpdateFirmware', `[2,"1","UpdateFirmware",{"location":"https://host/x.bin?sig=${secret}","retrieveDate":"2026-01-01T00:00:00Z"}]`],
    ['a signed address with a name', 'GetLog', `[2,"1","GetLog",{"log":{"remoteLocation":"https://u:p@host/x?a=b@c&sig=${secret}"}}]`],
    ['a signed address in escapes', 'GetDiagnostics', `[2,"1","GetDiagnostics",{"location":"https:\\/\\/host\\/x\\u003fsig=${secret}"}]`],
    ['a signed address in a broken frame', null, `[2,1,"UpdateFirmware",{"location":"https://host/x.bin?sig=${secret}","retrieveDate`],
    ['an FTP password', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"FtpPass","value":"${secret}"}]`],
    ['a PIN', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"AdminPin","value":"${secret}"}]`],
    ['tokens and keys of vendors', 'GetConfiguration', `[3,"1",{"configurationKey":[{"key":"ApiToken","value":"${secret}"},{"key":"BasicAuthKey","value":"${secret}"},{"key":"APN.Pwd","value":"${secret}"}]}]`],
    ['a token in a broken frame', 'ChangeConfiguration', `[2,"1","ChangeConfiguration",{"key":"ApiToken","value":"${secret}"`],
    ['a password in vendor data', 'DataTransfer', `[2,"1","DataTransfer",{"vendorId":"x","password":"${secret}"}]`],
  ])('%s is hidden', (_title, action, text) => {
    const { text: shown } = redact(text, action)
    expect(shown).not.toContain(secret)
    expect(shown).toContain('***')
  })

  test('what is left of a signed address can still be read', () => {
    const { text } = redact('[2,"1","GetDiagnostics",{"location":"https://host/x?a=\\"b\\\\","retries":3,"stopTime":"?"}]', 'GetDiagnostics')
    expect(parse(text)).toMatchObject([2, '1', 'GetDiagnostics', { retries: 3, stopTime: '?' }])
    expect(redact('[2,"1","GetDiagnostics",{"location":"https://host/x?"}]', 'GetDiagnostics').text).toContain('"https://host/x?"')
    expect(redact('[2,"1","DataTransfer",{"data":"https://host/x?a=b"}]', 'DataTransfer').text).toContain('?a=b')
  })

  test('a tower of brackets is not climbed', () => {
    const tower = `[2,"1","DataTransfer",${'['.repeat(30_000)}{"password":"${secret}"}${']'.repeat(30_000)}]`
    expect(redact(tower, 'DataTransfer').text).not.toContain(secret)
    expect(parse(tower)).toBeUndefined()
  })

  test('an answer that repeats the password loses it too', () => {
    const { secrets } = redact('[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"a\\"quoted-secret"}]', 'ChangeConfiguration')
    expect(redact('[4,"1","PropertyConstraintViolation","a\\"quoted-secret is too short",{}]', 'ChangeConfiguration', secrets).text).toBe('[4,"1","PropertyConstraintViolation","*** is too short",{}]')
  })

  test.each([
    ['Heartbeat', '[2, "1", "Heartbeat", {}]'],
    ['ChangeConfiguration', '[2, "1", "ChangeConfiguration", {"key":"HeartbeatInterval","value":"300"}]'],
    ['GetConfiguration', '[3, "1", {"configurationKey":[{"key":"AuthorizationKey","readonly":false}]}]'],
    ['DataTransfer', '[2,"1","DataTransfer",{"vendorId":"a@b.example"}]'],
    [null, 'what is this'],
  ])('%s without one stays as it came', (action, text) => expect(redact(text, action).text).toBe(text))
})

test.each(['@://', '://', '://@', '@', 'a"://', ':\\/\\/', '/uploads/', 'secret', '?'])('64 KiB of %s are looked through many times over within the time of a test: no frame may hold up the others', (unit) => {
  const text = unit.repeat(Math.ceil(65_536 / unit.length))
  for (let round = 0; round < 40; round++) redact(text, 'DataTransfer')
  expect(redact(text, 'DataTransfer').text.length).toBeGreaterThan(0)
})
