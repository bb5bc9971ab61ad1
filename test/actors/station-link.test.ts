// The line to one charge point: commissioning order, one waiting order per mark, and what each outcome says to the ledger.
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../src/power/ledger.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { StationLink, type Departure, type Learnt } from '../../src/actors/station-link.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { accept, Peer, type Script } from './site-stand.ts'

const payload = (limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 7, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
})

function stand(script: Script = accept, known: Learnt = { stackLevel: 8, maxA: 32 }) {
  const clock = new VirtualClock()
  const facts: Fact[] = []
  const sent: string[] = []
  const refused: string[] = []
  const learnt: Learnt[] = []
  const link = new StationLink({
    now: () => clock.wall(), wall: () => clock.wall(), learnt: known, learn: (one) => learnt.push(one), quirks: () => usualQuirks, answered: (_, fact) => facts.push(fact),
    sent: (key, seq) => sent.push(`${key} ${seq}`), refused: (what, why) => refused.push(`${what}: ${why}`),
  })
  const peer = new Peer(clock, 'CP1')
  peer.script = script
  return { clock, facts, sent, refused, learnt, link, peer }
}

const order = (seq: number, limit = 10) => (): Departure => ({ seq, payload: () => payload(limit) })

describe('joining', () => {
  test('at first contact: GetConfiguration for the stack level, then ChargePointMaxProfile at that level', async () => {
    const { clock, link, peer, learnt } = stand(accept, { stackLevel: null, maxA: null })
    link.join(peer, 64)
    link.send('CP1/1', 'mark', 0, order(1))
    await clock.advance(1_000)
    expect(peer.calls.map(({ action }) => action)).toEqual(['GetConfiguration', 'SetChargingProfile', 'SetChargingProfile'])
    expect(peer.calls[0]?.payload).toEqual({ key: ['ChargeProfileMaxStackLevel', 'ChargingScheduleAllowedChargingRateUnit', 'ChargingScheduleMaxPeriods', 'MaxChargingProfilesInstalled', 'MeterValueSampleInterval'] })
    expect(peer.calls[1]?.payload).toMatchObject({ connectorId: 0, csChargingProfiles: { chargingProfileId: 1_000_000_000, stackLevel: 8, chargingProfilePurpose: 'ChargePointMaxProfile' } })
    expect(learnt.at(-1)).toMatchObject({ stackLevel: 8, maxA: 64, inUse: 8, maxSet: { status: 'Accepted' } })
    expect(link.takeLevel()).toBe(8)
  })

  test('what is known is not asked again; a boot brings the ChargePointMaxProfile again, a changed maximum too', async () => {
    const { clock, link, peer } = stand()
    link.join(peer, 32)
    await clock.advance(1_000)
    expect(peer.calls).toEqual([])
    link.reboot(false)
    link.join(peer, 32)
    await clock.advance(1_000)
    expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32'])
    link.join(peer, 64)
    await clock.advance(1_000)
    expect(peer.profiles(1)).toEqual(['ChargePointMaxProfile 0 64'])
  })

  test.each<[string, Script, number]>([
    ['rejected', (action) => (action === 'GetConfiguration' ? { error: 'NotImplemented' } : { status: 'Accepted' }), 0],
    ['unknown key', (action) => (action === 'GetConfiguration' ? { unknownKey: ['ChargeProfileMaxStackLevel'] } : { status: 'Accepted' }), 0],
    ['no value', (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true }] } : { status: 'Accepted' }), 0],
    ['words', (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: 'many' }] } : { status: 'Accepted' }), 0],
    ['another spelling', (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'chargeprofilemaxstacklevel', readonly: true, value: ' 3 ' }] } : { status: 'Accepted' }), 3],
  ])('a stack level that is %s', async (_, script, level) => {
    const { clock, link, peer, learnt } = stand(script, { stackLevel: null, maxA: null })
    link.join(peer, 32)
    await clock.advance(2_000)
    expect(peer.calls[1]?.payload.csChargingProfiles?.stackLevel).toBe(level)
    expect(learnt.at(-1)).toMatchObject({ stackLevel: level === 0 ? null : level, maxA: 32, inUse: level })
  })

  test('a charge point that never answers GetConfiguration gets its profiles 5 s later, and is asked again when it comes back', async () => {
    const { clock, link, peer } = stand((action) => (action === 'GetConfiguration' ? 'hold' : { status: 'Accepted' }), { stackLevel: null, maxA: null })
    link.join(peer, 32)
    await clock.advance(4_900)
    expect(peer.calls.length).toBe(1)
    await clock.advance(1_000)
    expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32'])
    const again = new Peer(clock, 'CP1', 2)
    link.join(again, 32)
    await clock.advance(1_000)
    expect(again.calls.map(({ action }) => action)).toEqual(['GetConfiguration'])
  })

  test('after a reboot nothing that waited leaves any more, and the ChargePointMaxProfile goes first again', async () => {
    const { clock, link, peer, learnt } = stand(() => 'hold')
    link.join(peer, 32)
    const unsent: string[] = []
    link.send('CP1/1', 'first', 0, order(1))
    link.send('CP1/1', 'second', 0, order(2), () => unsent.push('second'))
    await clock.advance(0)
    link.reboot(false)
    peer.answer(peer.last())
    await clock.advance(1_000)
    expect([peer.calls.length, unsent, learnt.at(-1)]).toMatchObject([1, ['second'], { stackLevel: 8, maxA: null }])
    link.join(peer, 32)
    await clock.advance(1_000)
    expect(peer.profiles(1)).toEqual(['ChargePointMaxProfile 0 32'])
  })

  test('a ChargePointMaxProfile that was not answered is not taken for known', async () => {
    const { clock, link, peer, learnt } = stand(() => 'hold')
    link.join(peer, 64)
    await clock.advance(60_000)
    expect(learnt.map(({ maxA }) => maxA)).toEqual([32, 32])
    expect(learnt.at(-1)).toMatchObject({ standsAt: 8 })
  })
})

describe('orders', () => {
  test('one of a mark waits at a time, and what leaves is what is wanted then', async () => {
    const { clock, link, peer, facts, sent } = stand()
    link.join(peer, 32)
    link.send('CP1/1', 'first', 0, order(1, 20))
    let wanted = 16
    const unsent: string[] = []
    const build = () => ({ seq: 2, payload: () => payload(wanted) })
    link.send('CP1/1', 'lower', 0, build)
    link.send('CP1/1', 'lower', 0, build, () => unsent.push('again'))
    wanted = 9
    await clock.advance(1_000)
    expect(peer.profiles()).toEqual(['TxDefaultProfile 1 20', 'TxDefaultProfile 1 9'])
    expect(unsent).toEqual(['again'])
    expect(sent).toEqual(['CP1/1 1', 'CP1/1 2'])
    expect(facts.map(({ type }) => type)).toEqual(['accepted', 'accepted'])
    link.send('CP1/1', 'lower', 0, order(3, 8))
    await clock.advance(1_000)
    expect(peer.profiles().length).toBe(3)
  })

  test('urgent ones overtake', async () => {
    const { clock, link, peer } = stand()
    link.join(peer, 32)
    link.send('CP1/1', 'a', 1, order(1, 1))
    link.send('CP1/1', 'b', 1, order(2, 2))
    link.send('CP1/1', 'c', 0, order(3, 3))
    await clock.advance(1_000)
    expect(peer.profiles()).toEqual(['TxDefaultProfile 1 1', 'TxDefaultProfile 1 3', 'TxDefaultProfile 1 2'])
  })

  test('one that is withdrawn as it should leave is never sent, and its mark is free again', async () => {
    const { clock, link, peer, facts, sent } = stand()
    link.join(peer, 32)
    const unsent: string[] = []
    link.send('CP1/1', 'mark', 1, () => null, () => unsent.push('withdrawn'))
    await clock.advance(1_000)
    link.send('CP1/1', 'mark', 1, order(2))
    await clock.advance(1_000)
    expect(unsent).toEqual(['withdrawn'])
    expect(peer.profiles().length).toBe(1)
    expect([facts.map(({ type }) => type), sent]).toEqual([['accepted'], ['CP1/1 2']])
  })

  test('without a session nothing is queued', async () => {
    const { link, facts } = stand()
    let unsent = 0
    link.send('CP1/1', 'mark', 0, order(1), () => { unsent++ })
    expect([unsent, facts]).toEqual([1, []])
    expect(link.online).toBe(false)
  })

  test.each<[string, Script, Fact['type'], string[]]>([
    ['Accepted', () => ({ status: 'Accepted' }), 'accepted', []],
    ['Rejected', () => ({ status: 'Rejected' }), 'refused', ['SetChargingProfile for CP1/1: Rejected']],
    ['NotSupported as a status', () => ({ status: 'NotSupported' }), 'refused', ['SetChargingProfile for CP1/1: NotSupported']],
    ['CALLERROR NotSupported', () => ({ error: 'NotSupported' }), 'refused', ['SetChargingProfile for CP1/1: NotSupported as scripted']],
    ['CALLERROR NotImplemented', () => ({ error: 'NotImplemented' }), 'refused', ['SetChargingProfile for CP1/1: NotImplemented as scripted']],
    ['CALLERROR PropertyConstraintViolation', () => ({ error: 'PropertyConstraintViolation' }), 'refused', ['SetChargingProfile for CP1/1: PropertyConstraintViolation as scripted']],
    ['CALLERROR InternalError, which leaves it open', () => ({ error: 'InternalError' }), 'unanswered', ['SetChargingProfile for CP1/1: InternalError as scripted']],
    ['CALLERROR GenericError, which leaves it open', () => ({ error: 'GenericError' }), 'unanswered', ['SetChargingProfile for CP1/1: GenericError as scripted']],
    ['no answer for 30 s', () => 'hold', 'unanswered', []],
  ])('%s', async (_, script, type, words) => {
    const { clock, link, peer, facts, refused } = stand(script)
    link.join(peer, 32)
    link.send('CP1/1', 'mark', 0, order(5))
    await clock.advance(31_000)
    expect(facts).toMatchObject([{ type, seq: 5 }])
    expect(refused).toEqual(words)
  })

  test('a late answer is told after the time-out, with the same number', async () => {
    const { clock, link, peer, facts } = stand(() => 'hold')
    link.join(peer, 32)
    link.send('CP1/1', 'mark', 0, order(5))
    await clock.advance(31_000)
    peer.answer(peer.last())
    expect(facts).toMatchObject([{ type: 'unanswered', seq: 5 }, { type: 'accepted', seq: 5, atMs: clock.wall() }])
  })

  test('the socket drops: what was sent is unanswered, what was not is dropped unsent', async () => {
    const { clock, link, peer, facts } = stand(() => 'hold')
    link.join(peer, 32)
    let unsent = 0
    link.send('CP1/1', 'sent', 0, order(1))
    link.send('CP1/1', 'waits', 1, order(2), () => { unsent++ })
    await clock.advance(100)
    peer.cut()
    link.leave()
    await clock.advance(0)
    expect(facts).toEqual([{ type: 'unanswered', seq: 1 }])
    expect(unsent).toBe(1)
  })

  test('an order of the old session does not block the same mark on the new one, nor free it too early', async () => {
    const { clock, link, peer } = stand(() => 'hold')
    link.join(peer, 32)
    link.send('CP1/1', 'busy', 0, order(1))
    link.send('CP1/1', 'mark', 0, order(2))
    const again = new Peer(clock, 'CP1', 2)
    again.script = () => 'hold'
    link.join(again, 32)
    link.send('CP1/1', 'busy', 0, order(3))
    link.send('CP1/1', 'mark', 0, order(4))
    peer.cut()
    await clock.advance(0)
    let unsent = 0
    link.send('CP1/1', 'mark', 0, order(5), () => { unsent++ })
    expect(unsent).toBe(1)
    again.answer(again.last())
    await clock.advance(0)
    expect(again.calls.length).toBe(2)
  })

  test('an order that cannot be built or written is dropped and reported, and the line goes on', async () => {
    const { clock, link, peer, facts, refused } = stand()
    link.join(peer, 32)
    let unsent = 0
    link.send('CP1/1', 'throws', 0, () => { throw new Error('no such connector') }, () => { unsent++ })
    link.send('CP1/1', 'invalid', 0, () => ({ seq: 2, payload: () => ({ connectorId: 'one' }) }))
    link.send('CP1/1', 'fine', 0, order(3))
    await clock.advance(1_000)
    expect(unsent).toBe(1)
    expect(refused.length).toBe(2)
    expect(refused[0]).toBe('SetChargingProfile for CP1/1: no such connector')
    expect(facts).toMatchObject([{ type: 'dropped', seq: 2 }, { type: 'accepted', seq: 3 }])
  })
})
