// Security profiles at the door: the way a charge point comes and what it shows, against the least that is on record.
import { describe, expect, test } from 'vitest'
import { judgeAttempt } from '../../src/actors/admission.ts'
import { derivations, hashPassword, PasswordCheck } from '../../src/actors/credentials.ts'
import type { PointRecord } from '../../src/actors/estate-records.ts'
import { FailurePace } from '../../src/actors/failure-pace.ts'
import type { Attempt, ClientCertificate } from '../../src/protocol/session.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { Peer, pointOf } from './site-stand.ts'
import { VirtualClock } from '../virtual-clock.ts'

const password = 'sixteen-letters!'
const basic = { username: 'CP1', password }
const away: Partial<Attempt> = { loopback: false, remoteAddress: '10.0.0.9' }
const tls: Partial<Attempt> = { ...away, secure: true }
const own: ClientCertificate = { commonName: 'cp1', organisations: ['Depot'], verified: true }
const certified = (certificate: Partial<ClientCertificate> = {}): Partial<Attempt> => ({ ...tls, clientCertificate: { ...own, ...certificate } })
const organisation = { tls: { clientCertificates: true, clientOrganisation: 'Depot' } }

const opened = (point: Partial<NonNullable<HouseOptions['chargePoints']>[number]>, options: HouseOptions = {}) => openHouse({ ...organisation, chargePoints: [{ id: 'CP1', ...point }], ...options })

describe('the least it may come with', () => {
  const yes = { admitted: true }
  const no = (reason: string) => ({ admitted: false, reason, status: 401 })
  const rows: readonly [string, Parameters<typeof opened>[0], Parameters<Awaited<ReturnType<typeof openHouse>>['admit']>[1], Partial<Attempt>, object][] = [
    ['0: anybody', { securityProfile: 0 }, undefined, away, yes],
    ['0, with a password: only with it', { securityProfile: 0, password }, undefined, away, no('auth-missing')],
    ['1: with the password', { securityProfile: 1, password }, basic, away, yes],
    ['1: over TLS too', { securityProfile: 1, password }, basic, tls, yes],
    ['1: never without', { securityProfile: 1, password }, undefined, tls, no('auth-missing')],
    ['1, and it has no password: nobody, also on this machine', { securityProfile: 1 }, basic, {}, no('auth-missing')],
    ['2: with the password over TLS', { securityProfile: 2, password }, basic, tls, yes],
    ['2: not without TLS, with the right password', { securityProfile: 2, password }, basic, away, no('tls-required')],
    ['2: not without TLS on this machine either', { securityProfile: 2, password }, basic, {}, no('tls-required')],
    ['2: not without the password', { securityProfile: 2, password }, undefined, tls, no('auth-missing')],
    ['2: not with another one', { securityProfile: 2, password }, { username: 'CP1', password: 'sixteen-letterz!' }, tls, no('auth-wrong')],
    ['2: its certificate is more', { securityProfile: 2, password }, undefined, certified(), yes],
    ['3: its certificate', { securityProfile: 3 }, undefined, certified(), yes],
    ['3: the password is not enough', { securityProfile: 3, password }, basic, tls, no('tls-client-cert')],
    ['3: not without TLS', { securityProfile: 3, password }, basic, away, no('tls-required')],
    ['3: a certificate that does not hold', { securityProfile: 3 }, undefined, certified({ verified: false, fault: 'CERT_HAS_EXPIRED' }), no('tls-client-cert')],
    ['3: the certificate of another', { securityProfile: 3 }, undefined, certified({ commonName: 'CP2' }), no('tls-client-cert')],
    ['3: a certificate that only begins with its name', { securityProfile: 3 }, undefined, certified({ commonName: 'CP1 ' }), no('tls-client-cert')],
    ['3: a certificate without one name', { securityProfile: 3 }, undefined, certified({ commonName: null }), no('tls-client-cert')],
    ['3: a certificate of another organisation', { securityProfile: 3 }, undefined, certified({ organisations: ['Elsewhere'] }), no('tls-client-cert')],
    ['3: a certificate without an organisation', { securityProfile: 3 }, undefined, certified({ organisations: [] }), no('tls-client-cert')],
    ['nothing said, no password: from this machine', {}, undefined, {}, yes],
    ['nothing said, no password: from nowhere else', {}, undefined, away, no('auth-missing')],
    ['nothing said, no password: not over TLS either', {}, undefined, tls, no('auth-missing')],
    ['nothing said, a password: with it', { password }, basic, away, yes],
    ['nothing said, a password: not without', { password }, undefined, {}, no('auth-missing')],
  ]
  test.each(rows)('%s', async (_, point, credentials, coming, expected) => {
    const { admit } = await opened(point)
    expect(await admit('CP1', credentials, coming)).toMatchObject(expected)
  })

  test('without clientOrganisation any organisation will do', async () => {
    const { admit } = await opened({ securityProfile: 3 }, { tls: { clientCertificates: true } })
    expect(await admit('CP1', undefined, certified({ organisations: [] }))).toMatchObject({ admitted: true })
  })

  test('a certificate in the name of the serial number of its last boot is its own, in any spelling', async () => {
    const { admit, desk, call, clock } = await opened({ securityProfile: 3 })
    const bySerial = certified({ commonName: 'sn-0042' })
    expect(await admit('CP1', undefined, bySerial)).toMatchObject({ admitted: false, reason: 'tls-client-cert' })
    expect(await admit('CP1', undefined, certified())).toMatchObject({ admitted: true })
    const peer = new Peer(clock, 'CP1')
    desk.connected(peer)
    await call(peer, 'BootNotification', { chargePointVendor: 'A', chargePointModel: 'B', chargePointSerialNumber: 'SN-0042', chargeBoxSerialNumber: '' })
    expect(await admit('CP1', undefined, bySerial)).toMatchObject({ admitted: true })
    expect(await admit('CP1', undefined, certified({ commonName: '' }))).toMatchObject({ admitted: false })
  })

  test('only a certificate lets a new connection take the place of a live one', async () => {
    const { admit } = await opened({ securityProfile: 2, password })
    expect(await admit('CP1', undefined, certified())).toEqual({ admitted: true, clientID: 'CP1', strict: false, withoutSubprotocol: false, messagesPerSecond: 20, replacesLive: true })
    expect(await admit('CP1', basic, tls)).toEqual({ admitted: true, clientID: 'CP1', strict: false, withoutSubprotocol: false, messagesPerSecond: 20 })
  })

  test('the hexadecimal digits of the key are the key', async () => {
    const key = Buffer.from('00ff10203040506070809a3aab80c0d0e0f0fe3a', 'hex')
    const { admit, estate } = await opened({ securityProfile: 1, password }).then((stand) => ({ ...stand, estate: stand.directory.estate }))
    const point = estate.point('CP1')
    if (point === undefined) throw new Error('CP1 is not there')
    point.record = { ...point.record, password: await hashPassword(key) }
    for (const given of [key, key.toString('hex'), key.toString('hex').toUpperCase()]) expect(await admit('CP1', { username: 'CP1', password: given })).toMatchObject({ admitted: true })
    expect(await admit('CP1', { username: 'CP1', password: key.toString('hex').replace('00ff', '01ff') })).toMatchObject({ reason: 'auth-bad-length' })
  })
})

describe('the work it takes', () => {
  class CountingCheck extends PasswordCheck {
    asked = 0
    override find(...given: Parameters<PasswordCheck['find']>): ReturnType<PasswordCheck['find']> {
      this.asked++
      return super.find(...given)
    }
  }
  const attempt: Attempt = { clientID: 'CP1', path: '/ocpp/CP1', remoteAddress: '10.0.0.9', loopback: false, secure: false, host: 'kwota.example', subprotocols: ['ocpp1.6'] }
  const recordOf = (point: Parameters<typeof pointOf>[0], hash: string | null = null): PointRecord => ({ config: pointOf(point), password: hash, version: 1, changedAt: '', changedBy: '' })
  const work = async (coming: Partial<Attempt>, record: PointRecord | undefined) => {
    const check = new CountingCheck()
    const verdict = await judgeAttempt({ ...attempt, ...coming }, record, { passwords: check, pace: new FailurePace(new VirtualClock()) }, () => ({ serialNumbers: [], clientOrganisation: undefined }))
    return [verdict.admitted, check.asked]
  }

  const wrong = { username: 'CP1', password: Buffer.from('sixteen-letterz!') }

  test('every refusal of a password costs one look at it, whatever the reason', async () => {
    const hash = await hashPassword(password)
    const stolen = { username: 'CP2', password: Buffer.from(password) }
    const refusals = await Promise.all([
      work({ credentials: wrong }, undefined), work({ credentials: wrong }, recordOf({ id: 'CP1' })), work({ credentials: wrong }, recordOf({ id: 'CP1', securityProfile: 1 })),
      work({ credentials: wrong }, recordOf({ id: 'CP1' }, hash)), work({ credentials: stolen }, recordOf({ id: 'CP1' }, hash)), work({ credentials: wrong }, recordOf({ id: 'CP1', securityProfile: 2 }, hash)),
      work({ ...tls, credentials: wrong }, recordOf({ id: 'CP1', securityProfile: 3 }, hash)), work({ ...certified({ verified: false }), credentials: wrong }, recordOf({ id: 'CP1', securityProfile: 3 })),
    ])
    expect(refusals).toEqual(refusals.map(() => [false, 1]))
  })

  test('who shows none is refused without any, known or not', async () => {
    const hash = await hashPassword(password)
    const refusals = await Promise.all([
      work({}, undefined), work({}, recordOf({ id: 'CP1' })), work({}, recordOf({ id: 'CP1', securityProfile: 1 })), work({}, recordOf({ id: 'CP1' }, hash)),
      work(tls, recordOf({ id: 'CP1', securityProfile: 3 }, hash)), work(certified({ verified: false }), recordOf({ id: 'CP1', securityProfile: 3 })),
    ])
    expect(refusals).toEqual(refusals.map(() => [false, 0]))
  })

  test('who needs no password costs none: a storm of them passes', async () => {
    expect(await Promise.all([
      work({}, recordOf({ id: 'CP1', securityProfile: 0 })), work({ loopback: true }, recordOf({ id: 'CP1' })), work(certified(), recordOf({ id: 'CP1', securityProfile: 3 })),
    ])).toEqual([[true, 0], [true, 0], [true, 0]])
  })
})

describe('unknown charge points that are rejected', () => {
  const wrong = { username: 'CP9', password: 'sixteen-letterz!' }
  test('look like a wrong password, unless the file says that they may be told', async () => {
    const hidden = await opened({ password })
    expect([await hidden.admit('CP9', wrong, away), await hidden.admit('CP9', undefined, away)]).toEqual([1, 2].map(() => ({ admitted: false, reason: 'unknown-id', status: 401 })))
    const before = derivations.begun
    const told = await opened({ password }, { revealUnknown: true })
    const cost = derivations.begun
    expect([await told.admit('CP9', wrong, away), await told.admit('CP9', undefined, away)]).toEqual([1, 2].map(() => ({ admitted: false, reason: 'unknown-id', status: 404 })))
    expect([cost - before, derivations.begun - cost]).toEqual([1, 0])
    expect(await told.admit('CP1', { ...wrong, username: 'CP1' }, away)).toMatchObject({ reason: 'auth-wrong', status: 401 })
  })
})

describe('many wrong passwords', () => {
  const wrong = { username: 'CP1', password: 'sixteen-letterz!' }
  const settled = async (attempts: readonly Promise<object>[]) => (await Promise.all(attempts)).map((admission) => ('status' in admission ? admission.status : 'in'))
  const many = <T>(times: number, make: (at: number) => T): T[] => Array.from({ length: times }, (_, at) => make(at))

  test('at once: ten are looked at, the others are told to wait; the true one comes back in meanwhile', async () => {
    const { admit } = await opened({ securityProfile: 1, password })
    expect(await admit('CP1', basic, away)).toMatchObject({ admitted: true })
    const before = derivations.begun
    const attack = settled(many(400, () => admit('CP1', wrong, away)))
    expect(await admit('CP1', basic, away)).toMatchObject({ admitted: true })
    const statuses = await attack
    expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 429).length]).toEqual([10, 390])
    expect(derivations.begun - before).toBe(10)
    expect(await admit('CP1', wrong, away)).toEqual({ admitted: false, reason: 'rate-limited', status: 429 })
  })

  test('in the name of nobody it is the same', async () => {
    const { admit } = await opened({ securityProfile: 1, password })
    const before = derivations.begun
    const statuses = await settled(many(400, () => admit('CP9', { ...wrong, username: 'CP9' }, away)))
    expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 429).length]).toEqual([10, 390])
    expect(derivations.begun - before).toBe(10)
  })

  test('one that was not seen since the start gets in from its own address with the right password', async () => {
    const { admit } = await opened({ securityProfile: 1, password })
    const attack = settled(many(400, () => admit('CP1', wrong, away)))
    expect(await admit('CP1', basic, { ...away, remoteAddress: '10.0.0.7' })).toMatchObject({ admitted: true })
    expect(await attack).not.toContain('in')
  })

  test('from everywhere, in every name: as many wait as may, the others are refused at once', async () => {
    const { admit } = await opened({ securityProfile: 1, password })
    const before = derivations.begun
    const statuses = await settled(many(200, (at) => admit(`X${at}`, { ...wrong, username: `X${at}` }, { ...away, remoteAddress: `10.0.1.${at}` })))
    expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 429).length]).toEqual([66, 134])
    expect(derivations.begun - before).toBe(66)
    // They were not looked at, so they did not fail.
    expect(await admit('X199', { ...wrong, username: 'X199' }, { ...away, remoteAddress: '10.0.1.199' })).toMatchObject({ status: 401 })
  }, 30_000)

  test('one without a password of its own comes in as before, whatever it shows', async () => {
    const { admit } = await opened({ securityProfile: 0 })
    expect(await settled(many(40, () => admit('CP1', wrong, away)))).toEqual(many(40, () => 'in'))
  })
})

describe('unknown charge points that are accepted', () => {
  test('from elsewhere they come in without a password from now on, from this machine only from here', async () => {
    const { admit, house } = await openHouse({ unknown: 'accept' })
    await admit('FAR', undefined, away)
    await admit('NEAR')
    expect(house.chargePoint('FAR').value.securityProfile).toBe(0)
    expect(house.chargePoint('NEAR').value.securityProfile).toBeUndefined()
    expect([await admit('FAR', undefined, away), await admit('NEAR'), await admit('NEAR', undefined, away)]).toMatchObject([{ admitted: true }, { admitted: true }, { reason: 'auth-missing' }])
  })
})

describe('what is said of a refusal', () => {
  const attempt: Attempt = { clientID: 'cp1', path: '/ocpp/cp1', remoteAddress: '10.0.0.9', loopback: false, secure: false, host: 'kwota.example', subprotocols: ['ocpp1.6'] }

  test('threat 7: a way in below its profile is refused with the right password too, and is an alert until it comes as it should', async () => {
    const { desk, house, admit } = await opened({ securityProfile: 2, password })
    expect(await admit('CP1', basic, away)).toEqual({ admitted: false, reason: 'tls-required', status: 401 })
    desk.refused(attempt, 'auth-wrong')
    expect(house.alerts()).toEqual([])
    desk.refused(attempt, 'tls-required')
    desk.refused(attempt, 'tls-required')
    expect(house.alerts()).toMatchObject([{ code: 'security-downgrade', severity: 'warning', clientID: 'CP1', resolvedAt: null, message: expect.stringContaining('security profile 2') as string }])
    expect(await admit('CP1', basic, tls)).toMatchObject({ admitted: true })
    expect(house.alerts()).toMatchObject([{ code: 'security-downgrade', resolvedAt: expect.any(String) as string }])
  })

  test('a name nobody configured raises none', async () => {
    const { desk, house } = await opened({})
    desk.refused({ ...attempt, clientID: 'NOBODY' }, 'tls-required')
    expect(house.alerts()).toEqual([])
  })

  test.each([
    ['no password and no profile', {}, 'auth-missing', {}, 'Here: set a password, on the Settings tab of its page (PUT /api/v1/chargepoints/cp1 with password), and in the charge point: enter the same; or here: set securityProfile 0, if it may come without one.'],
    ['no password and profile 1', { securityProfile: 1 as const }, 'auth-missing', {}, 'enter the same, because its securityProfile asks for one.'],
    ['a password where none is set', {}, 'auth-missing', { credentials: { username: 'cp1', password: Buffer.from('0123456789abcdef') } }, 'Here: set the password that the charge point sends'],
    ['its name twice', {}, 'bad-path', { path: '/x/ocpp/CP1/CP1', host: 'depot:8080' }, 'enter the address ws://depot:8080/x/ocpp/, without its name'],
    ['no certificate', { securityProfile: 3 as const }, 'tls-client-cert', tls, 'it showed none'],
    ['an expired certificate', { securityProfile: 3 as const }, 'tls-client-cert', certified({ verified: false, fault: 'CERT_HAS_EXPIRED' }), 'CERT_HAS_EXPIRED'],
    ['another name', { securityProfile: 3 as const }, 'tls-client-cert', certified({ commonName: 'CP2' }), '"CP2"'],
  ] as const)('%s: what to change', async (_, point, reason, coming, advice) => {
    const { desk, events } = await opened(point)
    desk.refused({ ...attempt, ...coming }, reason)
    expect(events.at(-1)).toMatchObject({ type: expect.any(String) as string })
    expect(events.find(({ type }) => type === 'chargepoint.rejected')?.data).toMatchObject({ reason, advice: expect.stringContaining(advice) as string })
  })
})

describe('what a person and the file may change', () => {
  test('a person may name a lower profile', async () => {
    const { admit, house } = await opened({ securityProfile: 2, password })
    await house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), undefined, caller)
    expect(await admit('CP1', basic, away)).toMatchObject({ admitted: true })
  })
})
