// The log: levels, one line per event, caps, escaping, and nothing secret in it.
import { describe, expect, test } from 'vitest'
import { createLog, silentLog } from '../src/log.ts'

function written(act: (log: ReturnType<typeof createLog>) => void, level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  const lines: string[] = []
  act(createLog({ level, stream: { write: (line) => lines.push(line) } }))
  return lines.map((line) => {
    expect(line.indexOf('\n')).toBe(line.length - 1)
    return JSON.parse(line) as Record<string, unknown>
  })
}

describe('lines', () => {
  test('level in words, ISO time, fields and message', () => {
    const [line] = written((log) => log.warn({ clientID: 'CP-03', connectorId: 1 }, 'does not obey'))
    expect(line).toMatchObject({ level: 'warn', clientID: 'CP-03', connectorId: 1, msg: 'does not obey' })
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  test('only what the level lets through', () => {
    const lines = written((log) => { log.debug({}, 'a'); log.info({}, 'b'); log.warn({}, 'c'); log.error({}, 'd') }, 'warn')
    expect(lines.map(({ msg }) => msg)).toEqual(['c', 'd'])
  })

  test('a field cannot pose as the level, the time or the message', () => {
    const [line] = written((log) => log.info({ level: 'error', msg: 'forged', time: 0 }, 'real'))
    expect(line).toMatchObject({ level: 'info', msg: 'real', field_level: 'error', field_msg: 'forged' })
  })

  test('the silent one says nothing', () => expect(silentLog.error({}, 'x')).toBeUndefined())
})

describe('what others may have written into a field', () => {
  test.each([
    ['a line break', 'CP\r\n{"level":"error"}', 'CP\\u000d\\u000a{"level":"error"}'],
    ['a terminal sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['a C1 sequence', '\u009b31m', '\\u009b31m'],
    ['a direction mark', 'a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a lone surrogate', 'a\ud800b', 'a\ud800b'],
    ['credentials in a URL', 'ftp://user:pw@host/x', 'ftp://[masked]@host/x'],
  ])('%s', (_title, given, expected) => {
    expect(written((log) => log.info({ value: given, deep: { list: [given] } }, 'x'))[0]).toMatchObject({ value: expected, deep: { list: [expected] } })
  })

  test('text, lists, keys and depth are capped', () => {
    const deep: Record<string, unknown> = {}
    deep['self'] = deep
    const [line] = written((log) => log.info({ text: 'x'.repeat(10_000), list: Array.from({ length: 1_000 }, (_, i) => i), deep }, 'm'.repeat(10_000)))
    expect(String(line?.['text'])).toHaveLength(256)
    expect(line?.['list']).toHaveLength(32)
    expect(String(line?.['msg'])).toHaveLength(256)
    expect(JSON.stringify(line).length).toBeLessThan(2_000)
  })

  test('values that JSON cannot carry', () => {
    const [line] = written((log) => log.info({ nan: Number.NaN, big: 10n, fn: () => 1, date: new Date(0), bad: new Date(Number.NaN) }, 'x'))
    expect(line).toMatchObject({ nan: 'NaN', big: '10', fn: '[function]', date: '1970-01-01T00:00:00.000Z', bad: 'Invalid Date' })
  })

  test('an error keeps its name, message and cause', () => {
    const [line] = written((log) => log.error({ cause: new TypeError('outer', { cause: new Error('inner\n') }) }, 'x'))
    expect(line).toMatchObject({ cause: { type: 'TypeError', message: 'outer', cause: { message: 'inner\\u000a' } } })
  })
})

describe('secrets and id tags', () => {
  test.each(['idTag', 'idtag', 'parentIdTag', 'id_tag', 'idTags', 'password', 'newPassword', 'apiKey', 'KWOTA_API_KEY', 'authorization', 'Authorization', 'cookie', 'clientSecret', 'token', 'credentials'])('%s is masked', (key) => {
    const text = JSON.stringify(written((log) => log.info({ [key]: 'hunter2', deep: { [key]: { inner: 'hunter2' } }, list: [{ [key]: ['hunter2'] }] }, 'x')))
    expect(text).not.toContain('hunter2')
    expect(text.match(/\[masked\]/g)).toHaveLength(3)
  })

  test('what is absent stays absent', () => expect(written((log) => log.info({ idTag: null, password: undefined }, 'x'))[0]).toMatchObject({ idTag: null }))
})
