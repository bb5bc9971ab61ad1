// Which answers of a certificate authority are brought to a charge point, and why the others are not.
import { createPublicKey } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkedChain, longestChain, type Bearer } from '../../src/actors/certificate-check.ts'
import { createAuthority, createRequest, type Authority, type Requested } from '../tls-certificates.ts'

let authority: Authority
let asked: Requested
beforeAll(async () => {
  authority = await createAuthority()
  asked = await createRequest('CP1')
})
const now = Date.now()
const bearer = (more: Partial<Bearer> = {}): Bearer => ({ clientID: 'CP1', serialNumbers: ['SN-7'], clientOrganisation: undefined, publicKey: createPublicKey(asked.key), longestChain, ...more })

describe('it is brought', () => {
  test.each<[string, string, Partial<Bearer>]>([
    ['in its identity', 'CN=CP1', {}], ['in other letters', 'CN=cp1', {}], ['in its serial number', 'CN=sn-7', {}], ['in its organisation', 'CN=CP1, O=Depot', { clientOrganisation: 'Depot' }],
    ['with a key that cannot be told', 'CN=CP1', { publicKey: null }],
  ])('%s', async (_, subject, more) => {
    const cert = await authority.sign(asked.csr, { subject })
    expect(checkedChain(cert, bearer(more), now).trim()).toBe(cert.trim())
  })

  test('with its chain, without what is written around it', async () => {
    const cert = await authority.sign(asked.csr)
    const chain = checkedChain(`subject=CP1\r\n${cert}\nissuer=Test CA\n${authority.cert}\n`, bearer(), now)
    expect(chain.match(/-----BEGIN CERTIFICATE-----/g)).toHaveLength(2)
    expect(chain).not.toContain('issuer')
    expect(chain.startsWith(cert.trim().slice(0, 200))).toBe(true)
  })
})

describe('it is not', () => {
  const signed = (subject: string) => () => authority.sign(asked.csr, { subject })
  test.each<[string, () => Promise<string>, Partial<Bearer>, string]>([
    ['nothing', async () => '', {}, 'no chain of certificates'],
    ['a word', async () => 'signed', {}, 'no chain of certificates'],
    ['its own request', async () => asked.csr, {}, 'no chain of certificates'],
    ['one good, one broken', async () => `${await authority.sign(asked.csr)}\n${authority.cert.replace('MII', 'MIX')}`, {}, 'no chain of certificates'],
    ['another name', signed('CN=CP2'), {}, 'is of "CP2", which is neither its identity nor its serial number'],
    ['two names', signed('CN=CP1, CN=CP2'), {}, 'neither its identity'],
    ['no name', signed('O=Depot'), {}, 'is of "", which is neither'],
    ['the empty serial number of its boot', signed('O=Depot'), { serialNumbers: [''] }, 'is of "", which is neither'],
    ['its root in front', async () => `${authority.cert}\n${await authority.sign(asked.csr)}`, {}, 'is of "Test CA"'],
    ['another organisation', signed('CN=CP1, O=Elsewhere'), { clientOrganisation: 'Depot' }, 'does not name the organisation "Depot"'],
    ['another key', async () => (await authority.issue({ commonName: 'CP1', for: 'client' })).cert, {}, 'is for another key'],
    ['over already', () => authority.sign(asked.csr, { notAfter: new Date(now - 1_000) }), {}, 'which has passed'],
    ['longer than it takes', () => authority.sign(asked.csr), { longestChain: 500 }, /the chain has \d+ characters; it takes 500/.source],
  ])('%s', async (_, answer, more, why) => {
    const text = await answer()
    expect(() => checkedChain(text, bearer(more), now)).toThrow(new RegExp(why))
  })
})
