// Keys and profiles that change over the wire: at every moment a crash may come, the charge point gets in with what it holds.
import { describe, expect, test } from 'vitest'
import { beginRaise, beginRotation, concludeRaise, concludeRotation, type ChangeOutcome } from '../../src/actors/key-rotation.ts'
import type { PointRecord } from '../../src/actors/estate-records.ts'
import type { Attempt } from '../../src/protocol/session.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { pointOf } from './site-stand.ts'

const first = Buffer.from('sixteen-letters!')
const key = (byte: number) => Buffer.alloc(20, byte)
const over: Partial<Attempt> = { secure: true, loopback: false }
const certified: Partial<Attempt> = { ...over, clientCertificate: { commonName: 'CP1', organisations: [], verified: true } }
const options: HouseOptions = { chargePoints: [{ id: 'CP1', securityProfile: 1, password: first.toString() }], tls: { clientCertificates: true } }

const comes = async (stand: HouseStand, password: Buffer, coming: Partial<Attempt> = {}) => (await stand.admit('CP1', { username: 'CP1', password }, coming)).admitted
const recordOf = (stand: HouseStand): PointRecord => {
  const point = stand.directory.estate.point('CP1')
  if (point === undefined) throw new Error('CP1 is not there')
  return point.record
}

describe('a key is rotated, and kwota is killed', () => {
  const outcomes: readonly [ChangeOutcome, boolean][] = [['Accepted', true], ['RebootRequired', true], ['Rejected', false], ['NotSupported', false], ['unknown', true], ['unknown', false]]
  const cases = outcomes.flatMap(([outcome, taken]) => [0, 1, 2, 3, 4].map((at) => [outcome, taken, at] as const))
  test.each(cases)('threat 8: %s, taken: %s, killed after step %i: it is never locked out', async (outcome, taken, killedAfter) => {
    let stand = await openHouse(options)
    let holds = first
    const steps: (() => Promise<unknown>)[] = [
      () => beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex')),
      async () => { if (taken) holds = key(1) },
      // A killed kwota does not conclude: its CALL has gone with it.
      async () => { if (killedAfter > 1) await concludeRotation(stand.directory.estate, 'CP1', outcome) },
      async () => expect(await comes(stand, holds)).toBe(true),
      async () => undefined,
    ]
    for (const [at, step] of steps.entries()) {
      await step()
      // Its word is enough: what it held before opens no door any more, killed or not.
      const dropped = at === 2 && killedAfter > 1 && outcome === 'Accepted'
      if (dropped) expect(await comes(stand, first)).toBe(false)
      if (at === killedAfter) stand = await stand.restart()
      if (dropped) expect(await comes(stand, first)).toBe(false)
      expect(await comes(stand, holds)).toBe(true)
    }
    expect(await comes(stand, taken ? first : key(2))).toBe(false)
    expect(await comes(await stand.restart(), holds)).toBe(true)
  })

  test('killed while the key was being written: nothing was sent, and the old one holds', async () => {
    const stand = await openHouse(options)
    const begun = beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    begun.catch(() => undefined)
    const again = await stand.restart()
    await expect(begun).rejects.toMatchObject({ code: 'store-down' })
    expect([await comes(again, first), await comes(again, key(1))]).toEqual([true, false])
  })
})

describe('two passwords, and then one', () => {
  test.each(['RebootRequired', 'unknown'] as const)('%s: both hold until the new one is proven; then the old one is gone, durably', async (outcome) => {
    const stand = await openHouse(options)
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    await concludeRotation(stand.directory.estate, 'CP1', outcome)
    expect([await comes(stand, first), await comes(stand, first)]).toEqual([true, true])
    expect(await comes(stand, key(1))).toBe(true)
    expect(recordOf(stand)).not.toHaveProperty('nextPasswords')
    expect(await comes(stand, first)).toBe(false)
    const again = await stand.restart()
    expect([await comes(again, first), await comes(again, key(1))]).toEqual([false, true])
  })

  test('Accepted: the old one is refused from then on, also one that was proven a moment ago, durably; who is connected stays', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    for (const byte of [1, 2]) {
      const begun = await beginRotation(stand.directory.estate, 'CP1', key(byte).toString('hex'))
      await concludeRotation(stand.directory.estate, 'CP1', 'Accepted', begun)
      await concludeRotation(stand.directory.estate, 'CP1', 'Accepted', begun)
      expect([await comes(stand, key(byte - 1)), (await stand.admit('CP1')).admitted]).toEqual([false, false])
      expect(await comes(stand, key(byte))).toBe(true)
      expect(recordOf(stand)).not.toHaveProperty('nextPasswords')
    }
    expect([peer.open, stand.house.chargePoint('CP1').value.connection.state]).toEqual([true, 'online'])
    const again = await stand.restart()
    expect([await comes(again, key(1)), await comes(again, key(2))]).toEqual([false, true])
  })

  test('Accepted, and it cannot be written: both hold until it comes with the new one', async () => {
    const stand = await openHouse(options)
    const begun = await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    stand.trouble.store = true
    await expect(concludeRotation(stand.directory.estate, 'CP1', 'Accepted', begun)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect([await comes(stand, first), await comes(stand, key(1)), await comes(stand, first)]).toEqual([true, true, false])
  })

  test('Accepted for a key that a person has overruled since brings nothing back', async () => {
    const stand = await openHouse(options)
    const begun = await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    await stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), 'another-sixteen!', caller)
    await concludeRotation(stand.directory.estate, 'CP1', 'Accepted', begun)
    expect([await comes(stand, key(1)), await comes(stand, Buffer.from('another-sixteen!'))]).toEqual([false, true])
  })

  test('a wrong user name proves nothing', async () => {
    const stand = await openHouse(options)
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    expect(await stand.admit('CP1', { username: 'CP2', password: key(1) })).toMatchObject({ reason: 'auth-wrong' })
    expect(await comes(stand, first)).toBe(true)
  })

  test('a second rotation before the first is proven: all three hold, whichever comes drops what is older', async () => {
    const stand = await openHouse(options)
    const { estate } = stand.directory
    await beginRotation(estate, 'CP1', key(1).toString('hex'))
    await concludeRotation(estate, 'CP1', 'unknown')
    await beginRotation(estate, 'CP1', key(2).toString('hex'))
    expect([await comes(stand, first), await comes(stand, key(1))]).toEqual([true, true])
    expect([await comes(stand, first), await comes(stand, key(1)), await comes(stand, key(2)), await comes(stand, key(1))]).toEqual([false, true, true, false])
  })

  test('Accepted for the first of two drops what is older than it, not the newer one', async () => {
    const stand = await openHouse(options)
    const { estate } = stand.directory
    const begun = await beginRotation(estate, 'CP1', key(1).toString('hex'))
    await beginRotation(estate, 'CP1', key(2).toString('hex'))
    await concludeRotation(estate, 'CP1', 'Accepted', begun)
    expect([await comes(stand, first), await comes(stand, key(1)), await comes(stand, key(2)), await comes(stand, key(1))]).toEqual([false, true, true, false])
  })

  test('a refusal drops the key it is about, not the one beside it', async () => {
    const stand = await openHouse(options)
    const { estate } = stand.directory
    const begun = await beginRotation(estate, 'CP1', key(1).toString('hex'))
    await beginRotation(estate, 'CP1', key(2).toString('hex'))
    await concludeRotation(estate, 'CP1', 'Rejected', begun)
    await concludeRotation(estate, 'CP1', 'Rejected', begun)
    expect([await comes(stand, key(1)), await comes(stand, first), await comes(stand, key(2))]).toEqual([false, true, true])
  })

  test('three keys that were never seen are enough', async () => {
    const stand = await openHouse(options)
    for (const byte of [1, 2, 3]) await beginRotation(stand.directory.estate, 'CP1', key(byte).toString('hex'))
    await expect(beginRotation(stand.directory.estate, 'CP1', key(4).toString('hex'))).rejects.toMatchObject({ kind: 'conflict', code: 'rotation-pending' })
    // The same once more is no fourth.
    await beginRotation(stand.directory.estate, 'CP1', key(3).toString('hex'))
    await stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), first.toString(), caller)
    await beginRotation(stand.directory.estate, 'CP1', key(4).toString('hex'))
    expect([await comes(stand, key(3)), await comes(stand, key(4))]).toEqual([false, true])
  })

  test.each(['', 'abc', 'zz'.repeat(16), 'ab'.repeat(15), 'ab'.repeat(21), 'a'.repeat(33)])('%j is no key', async (text) => {
    const { directory } = await openHouse(options)
    await expect(beginRotation(directory.estate, 'CP1', text)).rejects.toMatchObject({ kind: 'invalid', code: 'key-format' })
  })

  test('nobody of that name: refused before, nothing to conclude after', async () => {
    const { directory } = await openHouse(options)
    await expect(beginRotation(directory.estate, 'CP9', key(1).toString('hex'))).rejects.toMatchObject({ kind: 'not-found' })
    await concludeRotation(directory.estate, 'CP9', 'Rejected')
  })

  test('a charge point without a password gets its first key: open until it comes with it', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    expect(await stand.admit('CP1')).toMatchObject({ admitted: true })
    expect(await comes(stand, key(1))).toBe(true)
    expect(await stand.admit('CP1')).toMatchObject({ reason: 'auth-missing' })
    expect(stand.house.chargePoint('CP1').value.hasPassword).toBe(true)
  })
})

describe('when the store is down', () => {
  test('nothing begins, and nobody is kept out', async () => {
    const stand = await openHouse(options)
    stand.trouble.store = true
    await expect(beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect([await comes(stand, first), await comes(stand, key(1))]).toEqual([true, false])
  })

  test('a proof that cannot be written lets in all the same, and both hold until it can', async () => {
    const stand = await openHouse(options)
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    stand.trouble.store = true
    expect([await comes(stand, key(1)), await comes(stand, first)]).toEqual([true, true])
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect([await comes(stand, key(1)), await comes(stand, first)]).toEqual([true, false])
  })
})

describe('beside the file and people', () => {
  async function rotated() {
    const stand = await openHouse(options)
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    expect(await comes(stand, key(1))).toBe(true)
    return stand
  }

  test('a file that still says the first password does not bring it back', async () => {
    const again = await (await rotated()).restart()
    expect([await comes(again, key(1)), await comes(again, first)]).toEqual([true, false])
  })

  test('a file that says another one is newer than the key', async () => {
    const again = await (await rotated()).restart({ chargePoints: [{ id: 'CP1', securityProfile: 1, password: 'another-sixteen!' }] })
    expect([await comes(again, key(1)), await comes(again, Buffer.from('another-sixteen!'))]).toEqual([false, true])
  })

  test('a password that a person puts is newer than any key; an entry without one leaves them', async () => {
    const stand = await openHouse(options)
    await beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))
    await stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1, fallbackA: 6 }), undefined, caller)
    expect(recordOf(stand).nextPasswords).toHaveLength(1)
    await stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), 'another-sixteen!', caller)
    expect([await comes(stand, key(1)), await comes(stand, first), await comes(stand, Buffer.from('another-sixteen!'))]).toEqual([false, false, true])
  })

  test('an entry that is being put while a key begins: both are there, in memory and in the store', async () => {
    const stand = await openHouse(options)
    const put = stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1, fallbackA: 6 }), undefined, caller)
    await Promise.all([put, beginRotation(stand.directory.estate, 'CP1', key(1).toString('hex'))])
    for (const house of [stand, await stand.restart({ chargePoints: [] })]) {
      expect(recordOf(house)).toMatchObject({ config: { fallbackA: 6 }, nextPasswords: [expect.any(String) as string] })
    }
  })

  test('no answer about a charge point shows any of it', async () => {
    const stand = await rotated()
    await beginRotation(stand.directory.estate, 'CP1', key(2).toString('hex'))
    expect(JSON.stringify(stand.house.chargePoint('CP1'))).not.toContain('scrypt')
  })
})

describe('a profile is raised', () => {
  const profileOf = (stand: HouseStand) => stand.house.chargePoint('CP1').value.securityProfile
  async function raising(profile: 1 | 2 | 3, more: HouseOptions = {}) {
    const stand = await openHouse({ ...options, ...more })
    await beginRaise(stand.directory.estate, 'CP1', profile)
    return stand
  }

  test('on record once it has come with it, and from then on nothing less: also after a crash, also when the file says less', async () => {
    const stand = await raising(2)
    await concludeRaise(stand.directory.estate, 'CP1', 'Accepted')
    expect([await comes(stand, first), profileOf(stand)]).toEqual([true, 1])
    expect([await comes(stand, first, over), profileOf(stand)]).toEqual([true, 2])
    for (const house of [stand, await stand.restart()]) {
      expect(await house.admit('CP1', { username: 'CP1', password: first })).toMatchObject({ reason: 'tls-required' })
      expect([await comes(house, first, over), profileOf(house)]).toEqual([true, 2])
    }
  })

  test('to a certificate', async () => {
    const stand = await raising(3)
    expect([await comes(stand, first, over), profileOf(stand)]).toEqual([true, 1])
    expect([(await stand.admit('CP1', undefined, certified)).admitted, profileOf(stand)]).toEqual([true, 3])
    expect(await stand.admit('CP1', { username: 'CP1', password: first }, over)).toMatchObject({ reason: 'tls-client-cert' })
  })

  test.each([1, 2])('killed after step %i: it comes in whichever way it decided', async (step) => {
    let stand = await raising(2)
    if (step === 1) stand = await stand.restart()
    await concludeRaise(stand.directory.estate, 'CP1', 'unknown')
    if (step === 2) stand = await stand.restart()
    expect([await comes(stand, first), await comes(stand, first, over), await comes(stand, first)]).toEqual([true, true, false])
  })

  test.each(['Rejected', 'NotSupported'] as const)('%s: nothing changes, however it comes', async (outcome) => {
    const stand = await raising(2)
    await concludeRaise(stand.directory.estate, 'CP1', outcome)
    await concludeRaise(stand.directory.estate, 'CP1', outcome)
    expect([await comes(stand, first, over), profileOf(stand), await comes(stand, first)]).toEqual([true, 1, true])
  })

  test('coming with more than was asked for proves nothing by itself', async () => {
    const stand = await openHouse(options)
    expect([await comes(stand, first, over), profileOf(stand), await comes(stand, first)]).toEqual([true, 1, true])
  })

  test.each([
    ['not above the one on record', 1, {}, 'security-profile-lower'],
    ['without TLS here', 2, { chargePoints: [{ id: 'CP1', password: first.toString() }], tls: undefined }, 'no-tls'],
    ['without anybody who signs certificates', 3, { tls: { clientCertificates: false } }, 'no-client-ca'],
    ['without a password', 2, { chargePoints: [{ id: 'CP1' }] }, 'no-password'],
  ] as const)('%s: refused before anything is sent', async (_, profile, more, code) => {
    const { tls, ...rest } = { ...options, ...more } as HouseOptions
    const { directory } = await openHouse({ ...rest, ...(tls === undefined ? {} : { tls }) })
    await expect(beginRaise(directory.estate, 'CP1', profile)).rejects.toMatchObject({ code })
  })

  test('a person may take a proven profile back by naming a lower one, not by leaving it out', async () => {
    const stand = await raising(2)
    await comes(stand, first, over)
    await stand.house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    expect([profileOf(stand), await comes(stand, first)]).toEqual([2, false])
    await stand.house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), undefined, caller)
    expect([profileOf(stand), await comes(stand, first)]).toEqual([1, true])
    expect(await comes(await stand.restart(), first)).toBe(true)
  })
})
