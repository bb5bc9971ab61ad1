// From SignCertificate to CertificateSigned in the living house: answered at once, signed once, brought when it can be, and people told when it cannot.
import { beforeAll, describe, expect, test } from 'vitest'
import type { CertificateAuthority } from '../../src/actors/certificate-authority.ts'
import { createAuthority, createRequest, type Requested } from '../tls-certificates.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

let asked: Requested
let newer: Requested
let chains: { good: string; newer: string; stranger: string; long: string }
beforeAll(async () => {
  const authority = await createAuthority();
  [asked, newer] = await Promise.all([createRequest('CP1'), createRequest('CP1')])
  const good = await authority.sign(asked.csr)
  chains = { good, newer: await authority.sign(newer.csr), stranger: await authority.sign(asked.csr, { subject: 'CN=CP2' }), long: good + authority.cert.repeat(20) }
})

type Question = Parameters<CertificateAuthority['sign']>[0]

/** Answers as told, in the order asked; while told nothing it keeps silent. */
class ScriptedAuthority implements CertificateAuthority {
  readonly clientOrganisation = undefined
  readonly questions: Question[] = []
  private readonly open: { resolve: (chain: string) => void; reject: (why: Error) => void }[] = []
  readonly ready: (string | Error)[] = []
  sign(question: Question): Promise<string> {
    this.questions.push(question)
    const next = this.ready.shift()
    if (next !== undefined) return typeof next === 'string' ? Promise.resolve(next) : Promise.reject(next)
    return new Promise((resolve, reject) => { this.open.push({ resolve, reject }) })
  }
  answer(what: string | Error): void {
    const { resolve, reject } = this.open.shift()!
    if (typeof what === 'string') resolve(what)
    else reject(what)
  }
}

interface Yard { readonly stand: HouseStand; readonly ca: ScriptedAuthority; readonly peer: Peer }
let generation = 100

async function open(...ready: (string | Error)[]): Promise<Yard> {
  const ca = new ScriptedAuthority()
  ca.ready.push(...ready)
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], certificateAuthority: ca })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(10_000)
  return { stand, ca, peer }
}
/** Back without a boot. */
async function back(stand: HouseStand, script?: Script): Promise<Peer> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  if (script !== undefined) peer.script = script
  stand.desk.connected(peer)
  await stand.clock.advance(1_000)
  return peer
}
function cut({ stand, peer }: Pick<Yard, 'stand' | 'peer'>): void {
  peer.cut()
  stand.desk.disconnected(peer, 1006, '')
}
const answering = (answer: ReturnType<Script>): Script => (action) => (action === 'CertificateSigned' ? answer : { status: 'Accepted' })
const ask = ({ stand, peer }: Pick<Yard, 'stand' | 'peer'>, csr = asked.csr) => stand.call(peer, 'SignCertificate', { csr })
const brought = (peer: Peer): unknown[] => peer.calls.filter(({ action }) => action === 'CertificateSigned').map(({ payload }) => (payload as { certificateChain?: string }).certificateChain?.trim())
const alerts = (stand: HouseStand): string[] => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'certificate-failed' && resolvedAt === null).map(({ message }) => message)
const view = (stand: HouseStand) => stand.house.security.certificates('CP1')
const records = (stand: HouseStand) => stand.directory.estate.sites.get('main')!.scope

test('accepted at once, signed for it, brought to it, and shown', async () => {
  const yard = await open()
  expect(await ask(yard)).toEqual({ status: 'Accepted' })
  expect(yard.ca.questions).toEqual([{ clientID: 'CP1', siteID: 'main', csr: asked.csr }])
  expect([brought(yard.peer), view(yard.stand).pending?.state]).toEqual([[], 'signing'])
  yard.ca.answer(chains.good)
  await yard.stand.clock.advance(1_000)
  expect(brought(yard.peer)).toEqual([chains.good.trim()])
  expect(view(yard.stand)).toMatchObject({ pending: null, failure: null, own: { subject: 'CN=CP1', issuer: 'CN=Test CA' } })
  expect(yard.stand.house.commands.list().find(({ action }) => action === 'CertificateSigned')).toMatchObject({ status: 'accepted', createdBy: 'kwota' })
  expect([alerts(yard.stand), records(yard.stand).entries('signing:')]).toEqual([[], []])
})

describe('rejected, and nobody is asked', () => {
  test('without a certificate authority', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    expect(await ask({ stand, peer })).toEqual({ status: 'Rejected' })
    expect([alerts(stand), records(stand).entries('signing:')]).toEqual([[], []])
  })

  test.each(['x', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'])('%j', async (csr) => {
    const yard = await open()
    expect(await ask(yard, csr)).toEqual({ status: 'Rejected' })
    await yard.stand.clock.advance(60_000)
    expect(yard.ca.questions).toEqual([])
    expect(alerts(yard.stand)).toEqual([expect.stringContaining('what it sent is no certificate request')])
    expect(view(yard.stand).pending).toBeNull()
  })
})

describe('people are told when it gets none', () => {
  test.each<[string, () => string | Error, string]>([
    ['too slow', () => new Error('no answer within 10 s'), 'no answer within 10 s'],
    ['broken', () => new Error('it answered with status 500'), 'it answered with status 500'],
    ['no certificate', () => 'PEM', 'no chain of certificates'],
    ['another name', () => chains.stranger, 'is of "CP2"'],
    ['another key', () => chains.newer, 'for another key'],
    ['too long', () => chains.long, 'characters; it takes 10000'],
  ])('%s', async (_, answer, why) => {
    const yard = await open(answer())
    expect(await ask(yard)).toEqual({ status: 'Accepted' })
    await yard.stand.clock.advance(60_000)
    expect(brought(yard.peer)).toEqual([])
    expect(alerts(yard.stand)).toEqual([expect.stringContaining(why)])
    expect(view(yard.stand)).toMatchObject({ own: null, pending: null, failure: { message: expect.stringContaining(why) as string } })
    // And it ends with the next success.
    yard.ca.ready.push(chains.newer)
    await ask(yard, newer.csr)
    await yard.stand.clock.advance(1_000)
    expect([alerts(yard.stand), view(yard.stand).failure, brought(yard.peer)]).toEqual([[], null, [chains.newer.trim()]])
  })

  test.each<[string, ReturnType<Script>, string]>([
    ['it rejects the chain', { status: 'Rejected' }, 'it rejected the certificate'], ['it does not know the message', { error: 'NotImplemented' }, 'as scripted'], ['it keeps silent', 'hold', 'no answer in time'],
  ])('%s: once, not again', async (_, answer, why) => {
    const yard = await open(chains.good)
    yard.peer.script = answering(answer)
    await ask(yard)
    await yard.stand.clock.advance(120_000)
    expect(brought(yard.peer)).toHaveLength(1)
    expect(alerts(yard.stand)).toEqual([expect.stringContaining(why)])
    cut(yard)
    expect(brought(await back(yard.stand))).toEqual([])
  })

  test('an answer after its time is one all the same', async () => {
    const yard = await open(chains.good)
    yard.peer.script = answering('hold')
    await ask(yard)
    await yard.stand.clock.advance(60_000)
    expect(alerts(yard.stand)).toHaveLength(1)
    yard.peer.answer(yard.peer.calls.find(({ action }) => action === 'CertificateSigned')!)
    await yard.stand.clock.advance(1_000)
    expect([alerts(yard.stand), view(yard.stand).own?.subject]).toEqual([[], 'CN=CP1'])
  })

  test('also after a restart, until it has one; a person may send it too', async () => {
    const yard = await open(new Error('broken'))
    await ask(yard)
    await yard.stand.clock.advance(1_000)
    const stand = await yard.stand.restart()
    const peer = await stand.boot('CP1')
    await stand.clock.advance(10_000)
    expect([alerts(stand), yard.ca.questions.length]).toEqual([[expect.stringContaining('broken')], 1])
    const sent = stand.house.commands.issue('CP1', 'CertificateSigned', { certificateChain: chains.good }, { waitMs: 1_000 }, caller)
    await stand.clock.advance(2_000)
    expect(await sent).toMatchObject({ status: 'accepted' })
    expect([alerts(stand), brought(peer).length, view(stand).own?.subject]).toEqual([[], 1, 'CN=CP1'])
  })
})

describe('one at a time', () => {
  test('a newer request takes the place of one that is being signed: only its own chain is brought', async () => {
    const yard = await open()
    await ask(yard)
    await ask(yard, newer.csr)
    await yard.stand.clock.advance(5_000)
    expect(yard.ca.questions).toHaveLength(1)
    yard.ca.ready.push(chains.newer)
    yard.ca.answer(chains.good)
    await yard.stand.clock.advance(1_000)
    expect(yard.ca.questions.map(({ csr }) => csr)).toEqual([asked.csr, newer.csr])
    expect([brought(yard.peer), alerts(yard.stand)]).toEqual([[chains.newer.trim()], []])
  })

  test('that the older one could not be signed alarms nobody', async () => {
    const yard = await open()
    await ask(yard)
    await ask(yard, newer.csr)
    yard.ca.answer(new Error('broken'))
    yard.ca.ready.push(chains.newer)
    await yard.stand.clock.advance(1_000)
    expect(yard.stand.events.filter(({ type }) => type === 'alert.raised').filter(({ data }) => data['code'] === 'certificate-failed')).toEqual([])
  })

  test('who asks again and again has five signed in ten minutes, and then the newest', async () => {
    const yard = await open(...Array.from({ length: 6 }, () => chains.good))
    for (let count = 0; count < 20; count++) {
      await ask(yard)
      await yard.stand.clock.advance(1_000)
    }
    expect([yard.ca.questions.length, brought(yard.peer).length]).toEqual([5, 5])
    await yard.stand.clock.advance(600_000)
    expect([yard.ca.questions.length, brought(yard.peer).length, view(yard.stand).pending]).toEqual([6, 6, null])
  })
})

describe('nothing that was accepted is lost', () => {
  const restarts: readonly [string, (yard: Yard) => Promise<void>, number][] = [
    ['before anybody was asked', async (yard) => {
      await ask(yard)
    }, 2],
    ['while the certificate was on its way', async (yard) => {
      yard.ca.ready.push(chains.good)
      yard.peer.script = answering('hold')
      await ask(yard)
      await yard.stand.clock.advance(1_000)
      expect(brought(yard.peer)).toHaveLength(1)
    }, 1],
  ]
  test.each(restarts)('kill -9 %s', async (_, until, questions) => {
    const yard = await open()
    await until(yard)
    const stand = await yard.stand.restart()
    yard.ca.ready.push(chains.good)
    expect(view(stand).pending).not.toBeNull()
    const peer = await back(stand)
    expect(brought(peer)).toEqual([chains.good.trim()])
    expect([yard.ca.questions.length, view(stand).pending, view(stand).own?.subject]).toEqual([questions, null, 'CN=CP1'])
  })

  test('it goes while it is signed: brought when it is back, without asking again', async () => {
    const yard = await open()
    await ask(yard)
    cut(yard)
    yard.ca.answer(chains.good)
    await yard.stand.clock.advance(3_600_000)
    expect([view(yard.stand).pending?.state, alerts(yard.stand)]).toEqual(['sending', []])
    const peer = await back(yard.stand)
    expect([brought(peer), yard.ca.questions.length, view(yard.stand).pending]).toEqual([[chains.good.trim()], 1, null])
  })

  test('one that goes whenever it is given its certificate is left in peace after the third time', async () => {
    const yard = await open(chains.good)
    yard.peer.script = answering('hold')
    await ask(yard)
    await yard.stand.clock.advance(1_000)
    let { peer } = yard
    for (let times = 1; times <= 3; times++) {
      expect([brought(peer).length, alerts(yard.stand)]).toEqual([1, []])
      cut({ stand: yard.stand, peer })
      await yard.stand.clock.advance(1_000)
      peer = await back(yard.stand, answering('hold'))
    }
    expect([brought(peer), alerts(yard.stand)]).toEqual([[], [expect.stringContaining('its connection ended whenever')]])
  })

  test('a new connection in the place of the old one is given what the old one did not answer', async () => {
    const yard = await open(chains.good)
    yard.peer.script = answering('hold')
    await ask(yard)
    await yard.stand.clock.advance(1_000)
    const peer = new Peer(yard.stand.clock, 'CP1', ++generation)
    yard.stand.desk.connected(peer)
    yard.peer.cut()
    await yard.stand.clock.advance(1_000)
    expect([brought(peer), alerts(yard.stand), view(yard.stand).pending]).toEqual([[chains.good.trim()], [], null])
  })

  test('while the store takes no writes nothing is sent; afterwards it is', async () => {
    const yard = await open()
    await ask(yard)
    yard.stand.trouble.store = true
    yard.ca.answer(chains.good)
    await yard.stand.clock.advance(600_000)
    expect([brought(yard.peer), alerts(yard.stand)]).toEqual([[], []])
    yard.stand.trouble.store = false
    await yard.stand.clock.advance(120_000)
    expect([brought(yard.peer), view(yard.stand).pending, yard.ca.questions.length]).toEqual([[chains.good.trim()], null, 1])
  })

  test('away for a week, nothing is signed for it any more', async () => {
    const yard = await open(new Error('down'))
    const stand = yard.stand
    records(stand).put('signing:CP1', { v: 1, csr: asked.csr, askedAtMs: stand.clock.wall() - 8 * 86_400_000, chain: null, tries: 0 })
    cut(yard)
    const peer = await back(stand)
    expect([yard.ca.questions, brought(peer), alerts(stand)]).toEqual([[], [], [expect.stringContaining('away for too long')]])
  })

  test('a record nobody can read is none', async () => {
    const { stand, peer, ca } = await open()
    stand.store.damage('main', 'signing:CP1', '{"v":9,"csr":5}')
    stand.store.damage('main', 'certificates:CP1', '"x"')
    cut({ stand, peer })
    const again = await back(stand)
    expect([ca.questions, brought(again), view(stand)]).toMatchObject([[], [], { own: null, pending: null, failure: null }])
  })

  test('it is removed while it is signed: nothing is left, nothing is sent', async () => {
    const yard = await open()
    await ask(yard)
    const removed = yard.stand.house.deleteChargePoint('CP1', caller)
    await yard.stand.clock.advance(1_000)
    await removed
    yard.ca.answer(chains.good)
    await yard.stand.clock.advance(1_000)
    const scope = records(yard.stand)
    expect([scope.entries('signing:'), scope.entries('certificates:'), brought(yard.peer)]).toEqual([[], [], []])
  })
})

test('while the store takes no writes a request is not accepted', async () => {
  const yard = await open()
  yard.stand.trouble.store = true
  const answered = ask(yard)
  const early = await Promise.race([answered, yard.stand.clock.advance(5_000).then(() => 'none yet')])
  expect([early, yard.ca.questions]).toEqual(['none yet', []])
  yard.stand.trouble.store = false
  await yard.stand.clock.advance(5_000)
  expect([await answered, yard.ca.questions.length]).toEqual([{ status: 'Accepted' }, 1])
})

test('what it can take counts, where it has said so', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  peer.script = (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'CertificateSignedMaxChainSize', readonly: true, value: '300' }] } : { status: 'Accepted' })
  const read = stand.house.commands.issue('CP1', 'GetConfiguration', { key: ['CertificateSignedMaxChainSize'] }, { waitMs: 1_000 }, caller)
  await stand.clock.advance(2_000)
  await read
  await expect(stand.house.commands.issue('CP1', 'CertificateSigned', { certificateChain: chains.good }, {}, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'certificate-chain-too-long', errors: [{ pointer: '/certificateChain' }] })
})
