// TLS in kwota.yaml: files that lie beside it, read and checked, every fault with its line and what to do.
import { beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, type Config } from '../src/config.ts'
import { createAuthority, type Authority, type Issued } from './tls-certificates.ts'

let authority: Authority
let ecdsa: Issued
let rsa: Issued
let files: Record<string, string>
beforeAll(async () => {
  authority = await createAuthority()
  ;[ecdsa, rsa] = await Promise.all([authority.issue({ commonName: 'kwota', for: 'server' }), authority.issue({ commonName: 'kwota', for: 'server', key: 'rsa' })])
  files = {
    'tls/ec.crt': ecdsa.cert, 'tls/ec.key': ecdsa.key, 'tls/rsa.crt': rsa.cert, 'tls/rsa.key': rsa.key, 'tls/ca.pem': authority.cert,
    'tls/text.pem': 'hello', 'tls/broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'tls/locked.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
  }
})

function load(yaml: string, env: Record<string, string> = {}): Config {
  return loadConfig({
    flags: { config: '/etc/kwota/kwota.yaml' }, env, cwd: '/srv',
    readFile(path) {
      const text = path === '/etc/kwota/kwota.yaml' ? yaml : files[path.replace('/etc/kwota/', '')]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
  })
}

function faultsOf(yaml: string): ConfigError['faults'] {
  try {
    load(yaml)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  throw new Error('it was accepted')
}

describe('what is taken', () => {
  test('nothing said: plain only', () => expect(load('port: 8080\n').tls).toBeNull())

  test('a certificate and its key, relative to the file', () => {
    expect(load('tls:\n  certFile: tls/ec.crt\n  keyFile: tls/ec.key\n').tls).toEqual({ port: 8443, host: null, cert: [ecdsa.cert], key: [ecdsa.key], clientCa: null, clientOrganisation: null })
  })

  test('one of each kind, and who signs those of charge points', () => {
    const { tls } = load('tls:\n  port: 0\n  host: 127.0.0.2\n  certFile: [tls/ec.crt, tls/rsa.crt]\n  keyFile: [tls/ec.key, tls/rsa.key]\n  clientCaFile: tls/ca.pem\n  clientOrganisation: Depot\n')
    expect(tls).toEqual({ port: 0, host: '127.0.0.2', cert: [ecdsa.cert, rsa.cert], key: [ecdsa.key, rsa.key], clientCa: authority.cert, clientOrganisation: 'Depot' })
  })

  test('reachable by TLS alone is reachable: a key is asked for, and strangers wait', () => {
    const open = 'tls:\n  host: 0.0.0.0\n  certFile: tls/ec.crt\n  keyFile: tls/ec.key\n'
    expect(faultsOf(open)).toMatchObject([{ where: '/etc/kwota/kwota.yaml:1', problem: '0.0.0.0 can be reached from other machines, and there is no API key' }])
    expect(load(open, { KWOTA_API_KEY: '0123456789abcdef' }).unknownChargePoints).toBe('pending')
    expect(load(open.replace('0.0.0.0', '127.0.0.1')).unknownChargePoints).toBe('accept')
  })
})

describe('what is not, with its line and the fix', () => {
  const whole = { certFile: 'tls/ec.crt', keyFile: 'tls/ec.key' }
  test.each<[string, Record<string, string>, number, RegExp, RegExp]>([
    ['a file that is not there', { ...whole, certFile: 'tls/none.crt' }, 2, /tls\/none\.crt cannot be read: ENOENT/, /may read/],
    ['a key that is not there', { ...whole, keyFile: 'tls/none.key' }, 3, /tls\/none\.key cannot be read: ENOENT/, /may read/],
    ['no certificate', { ...whole, certFile: 'tls/text.pem' }, 2, /no certificate that can be read/, /PEM/],
    ['a broken certificate', { ...whole, certFile: 'tls/broken.pem' }, 2, /no certificate that can be read/, /PEM/],
    ['no key', { ...whole, keyFile: 'tls/ec.crt' }, 3, /no private key/, /PEM/],
    ['a locked key', { ...whole, keyFile: 'tls/locked.key' }, 3, /no private key/, /without a passphrase/],
    ['the key of another', { ...whole, keyFile: 'tls/rsa.key' }, 3, /does not belong to the certificate of CN=kwota/, /made for/],
    ['keys in another order', { certFile: '[tls/ec.crt, tls/rsa.crt]', keyFile: '[tls/rsa.key, tls/ec.key]' }, 3, /does not belong/, /made for/],
    ['one key too few', { certFile: '[tls/ec.crt, tls/rsa.crt]', keyFile: 'tls/ec.key' }, 3, /2 certificates and 1 keys/, /one key for each/],
    ['two of one kind', { certFile: '[tls/ec.crt, tls/ec.crt]', keyFile: '[tls/ec.key, tls/ec.key]' }, 2, /both certificates are ec/, /one RSA and one ECDSA/],
    ['a CA that is none', { ...whole, clientCaFile: 'tls/ec.crt' }, 4, /no CA certificate/, /of the CA/],
    ['a CA of text', { ...whole, clientCaFile: 'tls/text.pem' }, 4, /no CA certificate/, /of the CA/],
    ['a CA that is not there', { ...whole, clientCaFile: 'tls/none.pem' }, 4, /cannot be read/, /may read/],
    ['an organisation and nobody who signs', { ...whole, clientOrganisation: 'Depot' }, 4, /nobody signs/, /add clientCaFile/],
    ['no key at all', { certFile: 'tls/ec.crt' }, 1, /is missing/, /write text/],
    ['a misspelt setting', { ...whole, certfile: 'tls/ec.crt' }, 4, /"certfile" is not a setting/, /did you mean certFile/],
  ])('%s', (_, tls, line, problem, fix) => {
    const yaml = `tls:\n${Object.entries(tls).map(([key, value]) => `  ${key}: ${value}\n`).join('')}`
    const found = faultsOf(yaml)
    expect(found.some((fault) => fault.line === line && problem.test(fault.problem) && fix.test(fault.fix)), JSON.stringify(found)).toBe(true)
  })
})
