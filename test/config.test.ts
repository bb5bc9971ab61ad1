// Configuration: precedence, defaults, and that whatever is wrong is named with its place, the problem and the fix.
import { describe, expect, test } from 'vitest'
import { ConfigError, isLoopback, knownVariables, loadConfig, type Config, type Flags } from '../src/config.ts'

interface Given { flags?: Flags; env?: Record<string, string>; files?: Record<string, string> }

function load({ flags = {}, env = {}, files = {} }: Given): Config {
  return loadConfig({
    flags,
    env,
    cwd: '/srv/kwota',
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
  })
}

const yaml = (text: string): Given => ({ files: { '/srv/kwota/kwota.yaml': text } })

function refusal(given: Given): ConfigError {
  try {
    load(given)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('defaults', () => {
  test('nothing given', () => {
    const config = load({})
    expect(config).toMatchObject({
      host: '127.0.0.1', port: 8080, dataDir: '/srv/kwota/data', configFile: null, redisUrl: null, logLevel: 'info', apiKey: null,
      unknownChargePoints: 'accept', idTags: [], authorisation: ['local', 'accept-all'], messagesPerSecond: 20, commandPace: { bulkPerMinute: 30, remoteStartsPerMinute: 120 }, chargePoints: [],
      engine: { leaseS: 900, callTimeoutS: 30, meterSampleIntervalS: 10, heartbeatIntervalS: 300 },
    })
    expect(config.sites).toHaveLength(1)
    expect(config.sites[0]).toMatchObject({ id: 'main', fuseA: 63, fuseAssumed: true, voltage: 230, policy: 'equal' })
    expect(new Set(Object.values(config.origins).map(({ source }) => source))).toEqual(new Set(['default']))
  })

  test('a fuse that the file names is stated, whatever else it says', () => {
    const [site] = load(yaml('sites: [{ id: main, fuseA: 40, fuseAssumed: true }]')).sites
    expect(site).toMatchObject({ id: 'main', fuseA: 40 })
    expect(site).not.toHaveProperty('fuseAssumed')
    expect(load(yaml('port: 1001')).sites).toMatchObject([{ id: 'main', fuseAssumed: true }])
  })

  test('it is frozen to the bottom', () => {
    const config = load(yaml('sites: [{ id: main, fuseA: { L1: 63, L2: 50, L3: 50 } }]'))
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.sites[0]?.fuseA)).toBe(true)
    expect(Object.isFrozen(config.engine)).toBe(true)
    expect(() => Object.assign(config.engine, { leaseS: 1 })).toThrow(TypeError)
  })
})

describe('precedence', () => {
  const files = { '/srv/kwota/kwota.yaml': '# ours\nport: 1001\nlogLevel: warn\n' }
  test('a flag beats the environment beats the file beats the default', () => {
    expect(load({ files }).port).toBe(1001)
    expect(load({ files, env: { KWOTA_PORT: '1002' } }).port).toBe(1002)
    const config = load({ files, env: { KWOTA_PORT: '1002', KWOTA_DATA_DIR: '/var/lib/kwota' }, flags: { port: '1003' } })
    expect(config.port).toBe(1003)
    expect(config.origins).toMatchObject({
      port: { source: 'flag', name: '--port' }, dataDir: { source: 'environment', name: 'KWOTA_DATA_DIR' },
      logLevel: { source: 'file', name: 'kwota.yaml:3' }, host: { source: 'default', name: 'default' },
    })
  })

  test('an empty variable counts as not set', () => expect(load({ files, env: { KWOTA_PORT: '', KWOTA_CONFIG: '' } }).port).toBe(1001))

  test('the file can be named by flag and by variable; its relative paths are relative to it', () => {
    const named = { '/etc/kwota/depot.yaml': 'dataDir: state', '/srv/kwota/other.yaml': 'port: 7' }
    expect(load({ files: named, env: { KWOTA_CONFIG: '/etc/kwota/depot.yaml' } })).toMatchObject({ dataDir: '/etc/kwota/state', configFile: '/etc/kwota/depot.yaml' })
    expect(load({ files: named, env: { KWOTA_CONFIG: '/etc/kwota/depot.yaml' }, flags: { config: 'other.yaml' } }).port).toBe(7)
  })

  test('secrets come from a file as well', () => {
    const files = { '/run/secrets/key': 'abcdefghijklmnop0123\n', '/run/secrets/redis': 'redis://:pw@db:6379\n' }
    const config = load({ files, env: { KWOTA_API_KEY_FILE: '/run/secrets/key', REDIS_URL_FILE: '/run/secrets/redis' } })
    expect(config.apiKey).toBe('abcdefghijklmnop0123')
    expect(config.redisUrl).toBe('redis://:pw@db:6379')
    expect(config.origins.apiKey).toEqual({ source: 'environment', name: 'KWOTA_API_KEY_FILE' })
  })

  test('every variable that is read is on the list', () => {
    const asked = new Set<string>()
    const env = new Proxy<Record<string, string | undefined>>({}, { get(_target, name) { asked.add(String(name)); return undefined } })
    loadConfig({ env, cwd: '/', readFile() { throw Object.assign(new Error('none'), { code: 'ENOENT' }) } })
    expect([...asked].sort()).toEqual([...knownVariables].sort())
  })
})

describe('who can reach it', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s is loopback', (host) => expect(isLoopback(host)).toBe(true))
  test.each(['0.0.0.0', '::', '192.168.1.4', 'example.org', '127.0.0.1.example.org', '127.1.example.org', ''])('%s is not', (host) => expect(isLoopback(host)).toBe(false))

  test('any other address without a key is refused, and the way out is said', () => {
    const error = refusal({ env: { KWOTA_HOST: '0.0.0.0' } })
    expect(error.exitCode).toBe(2)
    expect(error.message).toMatch(/^KWOTA_HOST: 0\.0\.0\.0 can be reached from other machines, and there is no API key/)
    expect(error.message).toContain('openssl rand -hex 24')
  })

  test('with a key it may, and strangers wait', () => {
    const config = load({ env: { KWOTA_HOST: '0.0.0.0', KWOTA_API_KEY: '0123456789abcdef' } })
    expect(config.unknownChargePoints).toBe('pending')
    expect([load({}).revealUnknown, load(yaml('unknownChargePoints: reject\nrevealUnknown: true')).revealUnknown]).toEqual([false, true])
    expect(load({ ...yaml('unknownChargePoints: reject'), env: { KWOTA_HOST: '::', KWOTA_API_KEY: '0123456789abcdef' } }).unknownChargePoints).toBe('reject')
  })
})

describe('what is provisioned', () => {
  test('sites, charge points and id tags, with the defaults of their schemas', () => {
    const config = load(yaml(`
sites:
  - { id: depot, fuseA: 100, circuits: [{ id: garage, limitA: 63 }] }
chargePoints:
  - { id: CP-01, site: depot, circuit: garage, password: correct-horse-bat }
  - { id: CP-02, site: elsewhere, circuit: anything }
idTags:
  - { id: TEST-001, expiryDate: "2027-01-01T00:00:00+01:00" }
authorisation: [local, accept-all]
`))
    expect(config.sites.map(({ id }) => id)).toEqual(['depot'])
    expect(config.chargePoints[0]).toMatchObject({ id: 'CP-01', password: 'correct-horse-bat', control: 'engine', connectors: [{ id: 1, maxA: 32, minA: 6 }] })
    expect(config.idTags[0]).toMatchObject({ id: 'TEST-001', status: 'Accepted', concurrent: false })
    expect(config.origins.sites).toEqual({ source: 'file', name: 'kwota.yaml:2' })
  })

  test('an empty file is no configuration', () => expect(load(yaml('')).port).toBe(8080))
})

describe('an invalid file names the line, the problem and the fix', () => {
  const cases: [title: string, text: string, line: number, problem: RegExp, fix: RegExp][] = [
    ['a wrong type', 'host: 127.0.0.1\nsites:\n  - id: main\n    fuseA: sixty\n', 4, /none of the accepted forms/, /a number from 0 to 100000, or a map with L1, L2, L3/],
    ['a missing key', 'sites:\n  - id: main\n', 2, /missing/, /a number from 0/],
    ['a misspelt key', 'port: 1\nsites:\n  - id: main\n    fuseA: 63\n    fuze: 1\n    circutis: []\n', 6, /"circutis" is not a setting here/, /did you mean circuits\?/],
    ['an unknown key', 'nonsense: 1\n', 1, /"nonsense" is not a setting/, /known here: host, port/],
    ['a key that would rewire objects', 'port: 1\n__proto__: { host: 0.0.0.0 }\n', 2, /"__proto__" is not a setting/, /remove it/],
    ['a bad choice', 'port: 1\nlogLevel: loud\n', 2, /expected one of/, /one of: debug, info, warn, error/],
    ['a negative limit', 'sites:\n  - id: main\n    fuseA: 63\n    circuits:\n      - id: a\n        limitA: -1\n', 6, />=0|number/, /a number from 0/],
    ['a number out of range', 'port: 70000\n', 1, /<=65535/, /a whole number from 0 to 65535/],
    ['the same key twice', 'port: 1\nhost: 127.0.0.1\nport: 2\n', 3, /unique/, /keep one of the two/],
    ['a tab', 'sites:\n\t- id: main\n', 2, /[Tt]ab/, /spaces/],
    ['not a map', '- 1\n- 2\n', 1, /expected object/, /a map with host/],
    ['a duplicate site', 'sites:\n  - { id: main, fuseA: 63 }\n  - { id: main, fuseA: 50 }\n', 3, /"main" is already the id of item 1/, /its own id/],
    ['charge points that differ in case only', 'chargePoints:\n  - { id: CP-1 }\n  - { id: cp-1 }\n', 3, /"cp-1" is already the id of item 1/, /upper and lower case/],
    ['an unknown circuit', 'sites:\n  - { id: main, fuseA: 63, circuits: [{ id: a }] }\nchargePoints:\n  - id: CP1\n    circuit: b\n', 5, /no circuit "b"/, /name one of: a/],
    ['an unknown parent', 'sites:\n  - id: main\n    fuseA: 63\n    circuits:\n      - id: a\n        parent: a\n', 6, /no circuit "a"/, /leave it out/],
    ['a short password', 'chargePoints:\n  - id: CP1\n    password: short\n', 3, /16 to 20 bytes/, /text/],
    ['an empty authorisation', 'authorisation: []\n', 1, />=1|small/, /a list/],
    ['a tariff-like date', 'idTags:\n  - id: A\n    expiryDate: tomorrow\n', 3, /datetime/, /text/],
    ['a rate that cannot be kept', 'tariffs:\n  - id: day\n    currency: EUR\n    perKWhMinor: 0.0000001\n', 4, /six decimals/, /number/],
    ['tariffs of one name', 'tariffs:\n  - { id: day, currency: EUR }\n  - { id: day, currency: EUR }\n', 3, /"day" is already the id of item 1/, /own id/],
    ['a tariff by number', 'idTags:\n  - id: A\n    tariffId: 9\n', 3, /string/, /text/],
    ['a DC connector without watts', 'chargePoints:\n  - id: CP1\n    connectors:\n      - { id: 1, current: DC }\n', 4, /described in watts/, /gives at most/],
    ['a security profile nobody knows', 'chargePoints:\n  - id: CP1\n    securityProfile: 4\n', 3, /expected 0, 1, 2 or 3/, /one of: 0, 1, 2, 3/],
    ['a key that nothing here is called', 'idTags:\n  - id: A\n    nonsense: 1\n', 3, /"nonsense" is not a setting/, /^remove it; known here: id, /],
    ['an alias bomb', `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(10)}]\n`, 1, /alias/i, /without aliases/],
  ]
  test.each(cases)('%s', (_title, text, line, problem, fix) => {
    const { faults, message } = refusal(yaml(text))
    const found = faults.filter((fault) => fault.line === line)
    expect(found.some((fault) => problem.test(fault.problem) && fix.test(fault.fix)), message).toBe(true)
    expect(message).toContain(`kwota.yaml:${line}`)
  })

  test('all faults at once, each with its pointer', () => {
    const { message } = refusal(yaml('port: x\nsites:\n  - { id: main, fuseA: 63, circuits: [{ id: "a b" }] }\n'))
    expect(message).toMatch(/kwota\.yaml:1 \/port: /)
    expect(message).toMatch(/kwota\.yaml:3 \/sites\/0\/circuits\/0\/id: letters, digits/)
  })
})

describe('what is wrong outside the file', () => {
  const cases: [given: Given, where: string, says: RegExp][] = [
    [{ env: { KWOTA_PORT: 'abc' } }, 'KWOTA_PORT', /^KWOTA_PORT: "abc" is no port \(write a whole number from 0 to 65535; 0 takes a free one\)$/],
    [{ env: { KWOTA_PORT: '0x50' } }, 'KWOTA_PORT', /0 to 65535/],
    [{ flags: { port: '99999' } }, '--port', /0 to 65535/],
    [{ flags: { port: 'abc' } }, '--port', /^--port: "abc" is no port/],
    [{ flags: { logLevel: 'loud' } }, '--log-level', /^--log-level: expected one of .*debug, info, warn, error/],
    [{ env: { REDIS_URL: 'http://db' } }, 'REDIS_URL', /redis:\/\//],
    [{ env: { KWOTA_API_KEY: 'short' } }, 'KWOTA_API_KEY', /16 to 256.*openssl/],
    [{ env: { KWOTA_API_KEY: '0123456789abcdef', KWOTA_API_KEY_FILE: '/k' } }, 'KWOTA_API_KEY', /both set.*keep one/],
    [{ env: { KWOTA_API_KEY_FILE: '/none' } }, 'KWOTA_API_KEY_FILE', /ENOENT/],
    [{ flags: { config: 'none.yaml' } }, '--config', /none\.yaml cannot be read: ENOENT/],
    [{ env: { KWOTA_CONFIG: 'none.yaml' } }, 'KWOTA_CONFIG', /ENOENT/],
  ]
  test.each(cases)('%j', (given, where, says) => {
    const error = refusal(given)
    expect(error.faults.map((fault) => fault.where)).toEqual([where])
    expect(error.message).toMatch(says)
  })

  test('a default file that is there but cannot be read is no missing file', () => {
    const readFile = () => { throw Object.assign(new Error('no'), { code: 'EACCES' }) }
    expect(() => loadConfig({ env: {}, cwd: '/srv', readFile })).toThrow(/kwota\.yaml cannot be read: EACCES/)
  })

  test('a secret never shows in the message', () => {
    expect(refusal({ env: { KWOTA_API_KEY: 'tooshortsecret' } }).message).not.toContain('tooshortsecret')
    expect(refusal({ env: { REDIS_URL: 'http://user:hunter2@db' } }).message).not.toContain('hunter2')
  })
})
