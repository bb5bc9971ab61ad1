// What is read as a certificate or a request for one, and what is not.
import { createPublicKey, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { readCertificates, readRequest } from '../../src/actors/certificate-pem.ts'
import { createAuthority, createRequest, type Requested } from '../tls-certificates.ts'

let root: string
let own: { cert: string; key: string }
let asked: Requested
beforeAll(async () => {
  const authority = await createAuthority()
  root = authority.cert
  own = await authority.issue({ commonName: 'CP1', for: 'client' })
  asked = await createRequest('CP1')
})

describe('certificates', () => {
  test.each<[string, () => string, number | null, boolean]>([
    ['one', () => own.cert, 1, true],
    ['a chain, in its order', () => `${own.cert}\n${root}`, 2, true],
    ['with other ends of lines', () => own.cert.replaceAll('\n', '\r\n'), 1, true],
    ['with words around it', () => `subject=CP1\n${own.cert}\nissued today`, 1, false],
    ['with its key', () => `${own.cert}\n${own.key}`, 1, false],
    ['nothing', () => '', null, true],
    ['a word', () => 'certificate', null, true],
    ['a key', () => own.key, null, true],
    ['a request', () => asked.csr, null, true],
    ['cut short', () => own.cert.slice(0, -40), null, true],
    ['one letter away', () => own.cert.replace('MII', 'MIX'), null, true],
    ['a good one and a bad one', () => `${own.cert}\n${root.replace('MII', 'MIX')}`, null, true],
    ['empty lines of a block', () => '-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----', null, true],
  ])('%s', (_, text, count, alone) => {
    const found = readCertificates(text())
    expect(found === null ? null : found.all.length).toBe(count)
    if (found !== null) expect([found.alone, found.all[0]?.subject]).toEqual([alone, 'CN=CP1'])
  })
})

describe('requests', () => {
  test.each(['ecdsa', 'rsa'] as const)('the key of an %s request is the one it was made with', async (key) => {
    const made = await createRequest('CP1', { key, organisation: 'Depot' })
    expect(readRequest(made.csr)?.publicKey?.equals(createPublicKey(made.key))).toBe(true)
  })

  const block = (der: Buffer): string => `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  const derOf = (): Buffer => Buffer.from(asked.csr.replace(/-----[^-]+-----/g, ''), 'base64')

  test('the label of older programs, other ends of lines, space around it', () => {
    expect(readRequest(asked.csr.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'))).not.toBeNull()
    expect(readRequest(`\n  ${asked.csr.replaceAll('\n', '\r\n')}\n\n`)).not.toBeNull()
  })

  test('a key of a kind nobody here knows is a request all the same', () => {
    // id-ecPublicKey becomes an object identifier nobody has.
    const der = derOf()
    const at = der.indexOf(Buffer.from('06072a8648ce3d0201', 'hex'))
    der[at + 8] = 0x7f
    expect(readRequest(block(der))).toEqual({ publicKey: null })
  })

  test.each<[string, () => string]>([
    ['nothing', () => ''], ['a word', () => 'csr'], ['a certificate', () => own.cert], ['the wrong label', () => own.cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')],
    ['labels that differ', () => asked.csr.replace('END CERTIFICATE', 'END NEW CERTIFICATE')], ['two', () => asked.csr + asked.csr], ['words before it', () => `hello ${asked.csr}`],
    ['no base64', () => asked.csr.replace('MI', '??')], ['an empty block', () => block(Buffer.alloc(0))], ['three bytes', () => block(Buffer.from('AAAA', 'base64'))],
    ['more than 5,500 characters', () => asked.csr + ' '.repeat(5_501)], ['a byte too many', () => block(Buffer.concat([derOf(), Buffer.from([0])]))], ['of no definite length', () => block(Buffer.from('3080020100', 'hex'))],
  ])('%s is none', (_, text) => expect(readRequest(text())).toBeNull())

  test('cut anywhere, it is none, and nothing is read beyond its end', () => {
    const der = derOf()
    for (let length = 0; length < der.length; length++) expect(readRequest(block(der.subarray(0, length)))).toBeNull()
  })

  test('whatever a byte becomes, it is read or not, and never more than that', () => {
    const der = derOf()
    for (let at = 0; at < 40; at++) {
      for (const byte of [0x00, 0x30, 0x7f, 0x80, 0x83, 0x84, 0xff]) {
        const changed = Buffer.from(der)
        changed[at] = byte
        expect(() => readRequest(block(changed))).not.toThrow()
      }
    }
  })
})

test('the certificate of a signed request has its key', async () => {
  const authority = await createAuthority()
  const cert = new X509Certificate(await authority.sign(asked.csr))
  expect(cert.publicKey.equals(readRequest(asked.csr)?.publicKey ?? createPublicKey(own.key))).toBe(true)
})
