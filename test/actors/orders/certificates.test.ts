// Orders about certificates: what is refused before anything is recorded, and what is known of the charge point's certificates afterwards.
import { beforeAll, describe, expect, test } from 'vitest'
import type { CentralAction, ResponseOf } from '../../../src/protocol/messages/index.ts'
import { createAuthority } from '../../tls-certificates.ts'
import { caller, openHouse, type HouseStand } from '../house-stand.ts'
import type { Peer } from '../site-stand.ts'

let root: string
let own: { cert: string; key: string }
beforeAll(async () => {
  const authority = await createAuthority()
  root = authority.cert
  own = await authority.issue({ commonName: 'CP1', for: 'client' })
})

interface Yard { readonly stand: HouseStand; readonly peer: Peer }
async function open(): Promise<Yard> {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  return { stand, peer }
}
/** A command, and what the charge point answers: nothing, where it is `hold`. */
async function order<A extends CentralAction>({ stand, peer }: Yard, action: A, body: object, answer: ResponseOf<A> | 'hold' | { readonly error: string }): Promise<string> {
  peer.script = (asked) => (asked === action ? answer as Record<string, unknown> : { status: 'Accepted' })
  const issued = stand.house.commands.issue('CP1', action, body, { waitMs: 40_000 }, caller)
  await stand.clock.advance(41_000)
  return (await issued).status
}
const installed = ({ stand }: Yard) => stand.house.security.certificates('CP1').installed.map(({ at, outdated, certificates }) => [at === null ? 'never' : 'told', outdated, certificates.map(({ serialNumber }) => serialNumber).join()])
const hash = (serialNumber: string) => ({ hashAlgorithm: 'SHA256' as const, issuerNameHash: 'AB01', issuerKeyHash: 'CD02', serialNumber })

describe('refused before it is recorded', () => {
  test.each<['CertificateSigned' | 'InstallCertificate', () => object, string]>([
    ['CertificateSigned', () => ({ certificateChain: 'x' }), '/certificateChain'],
    ['CertificateSigned', () => ({ certificateChain: `${own.cert}\n${root.replace('MII', 'MIX')}` }), '/certificateChain'],
    ['CertificateSigned', () => ({ certificateChain: own.cert + own.key }), '/certificateChain'],
    ['InstallCertificate', () => ({ certificateType: 'ManufacturerRootCertificate', certificate: own.key }), '/certificate'],
    ['InstallCertificate', () => ({ certificateType: 'ManufacturerRootCertificate', certificate: `our root:\n${root}` }), '/certificate'],
    ['InstallCertificate', () => ({ certificateType: 'ManufacturerRootCertificate', certificate: root + root }), '/certificate'],
  ])('%s %#', async (action, body, pointer) => {
    const { stand, peer } = await open()
    const before = peer.calls.length
    await expect(stand.house.commands.issue('CP1', action, body(), { expiresAt: new Date(stand.clock.wall() + 60_000).toISOString() }, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'not-a-certificate', errors: [{ pointer }] })
    expect([stand.house.commands.list(), peer.calls.length]).toEqual([[], before])
  })
})

describe('what is known afterwards', () => {
  const none = ['never', true, '']
  const asks = { certificateType: 'CentralSystemRootCertificate' }
  test('nothing, before anybody asked', async () => expect(installed(await open())).toEqual([none, none]))

  test('what it said, of each type alone', async () => {
    const yard = await open()
    expect(await order(yard, 'GetInstalledCertificateIds', asks, { status: 'Accepted', certificateHashData: [hash('1'), hash('2')] })).toBe('accepted')
    expect(installed(yard)).toEqual([['told', false, '1,2'], none])
    await order(yard, 'GetInstalledCertificateIds', asks, { status: 'NotFound' })
    expect(installed(yard)).toEqual([['told', false, ''], none])
  })

  test('not more than 200', async () => {
    const yard = await open()
    await order(yard, 'GetInstalledCertificateIds', asks, { status: 'Accepted', certificateHashData: Array.from({ length: 300 }, (_, index) => hash(String(index))) })
    expect(yard.stand.house.security.certificates('CP1').installed[0]?.certificates).toHaveLength(200)
  })

  const install = (certificateType = 'CentralSystemRootCertificate') => ({ certificateType, certificate: root })
  const told = ['told', false, '1,2']
  const doubted = ['told', true, '1,2']
  const doubtedNever = ['never', true, '']
  test.each<[string, CentralAction, () => object, object | 'hold', unknown[]]>([
    ['installed', 'InstallCertificate', install, { status: 'Accepted' }, [doubted, none]],
    ['installed, of the other type', 'InstallCertificate', () => install('ManufacturerRootCertificate'), { status: 'Accepted' }, [told, doubtedNever]],
    ['perhaps installed', 'InstallCertificate', install, 'hold', [doubted, none]],
    ['not installed', 'InstallCertificate', install, { status: 'Failed' }, [told, none]],
    ['refused', 'InstallCertificate', install, { status: 'Rejected' }, [told, none]],
    ['not understood', 'InstallCertificate', install, { error: 'NotImplemented' }, [told, none]],
    ['deleted', 'DeleteCertificate', () => ({ certificateHashData: { ...hash('1'), issuerNameHash: 'ab01' } }), { status: 'Accepted' }, [['told', false, '2'], none]],
    ['was not there', 'DeleteCertificate', () => ({ certificateHashData: hash('2') }), { status: 'NotFound' }, [['told', false, '1'], none]],
    ['deleted, by other hashes', 'DeleteCertificate', () => ({ certificateHashData: { ...hash('1'), hashAlgorithm: 'SHA512' } }), { status: 'Accepted' }, [doubted, none]],
    ['not deleted', 'DeleteCertificate', () => ({ certificateHashData: hash('1') }), { status: 'Failed' }, [told, none]],
    ['perhaps deleted', 'DeleteCertificate', () => ({ certificateHashData: hash('1') }), 'hold', [doubted, doubtedNever]],
    ['its own is no root', 'CertificateSigned', () => ({ certificateChain: own.cert }), { status: 'Accepted' }, [told, none]],
  ])('%s', async (_, action, body, answer, expected) => {
    const yard = await open()
    await order(yard, 'GetInstalledCertificateIds', asks, { status: 'Accepted', certificateHashData: [hash('1'), hash('2')] })
    await order(yard, action, body(), answer as never)
    expect(installed(yard)).toEqual(expected)
    const again = await yard.stand.restart()
    expect(installed({ ...yard, stand: again })).toEqual(expected)
  })

  test.each([['Accepted', 'CN=CP1'], ['Rejected', undefined]] as const)('its own certificate, when it was %s', async (status, subject) => {
    const yard = await open()
    await order(yard, 'CertificateSigned', { certificateChain: own.cert }, { status })
    expect(yard.stand.house.security.certificates('CP1')).toMatchObject({ own: subject === undefined ? null : { subject, issuer: 'CN=Test CA' }, failure: null })
  })

  test('gone with the charge point', async () => {
    const yard = await open()
    await order(yard, 'GetInstalledCertificateIds', asks, { status: 'NotFound' })
    const removed = yard.stand.house.deleteChargePoint('CP1', caller)
    await yard.stand.clock.advance(1_000)
    await removed
    expect(yard.stand.directory.estate.sites.get('main')?.scope.entries('certificates:')).toEqual([])
  })
})
