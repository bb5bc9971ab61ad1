// The line to a charge point that refuses: what leaves, what the ledger hears, and that time-outs, late answers and newer orders end a negotiation safely.
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../src/power/ledger.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import type { Learnt } from '../../src/actors/learnt.ts'
import type { Lore } from '../../src/actors/lore.ts'
import { StationLink, type Departure } from '../../src/actors/station-link.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { accept, Peer, type Script } from './site-stand.ts'

interface Want { limit?: number; purpose?: 'TxDefaultProfile' | 'TxProfile'; connectorId?: number; transactionId?: number; holds?: () => boolean }

function stand(script: Script, known: Learnt = { stackLevel: 8, maxA: 32, clearedForeign: true }, model: ReturnType<Lore['beginWithModel']> = null) {
  const clock = new VirtualClock()
  const facts: Fact[] = []
  const refused: string[] = []
  const taught: boolean[] = []
  let quirks: Quirks = known.quirks ?? usualQuirks
  let learnt = known
  let people: number | null = null
  const running: number[] = []
  const lore: Lore = {
    beginWithModel: () => model, isAnother: () => false, running: () => running, fallbackStands: () => true, taught: (_, negotiated) => { taught.push(negotiated); return 'acme' }, quirksLearnt: (now) => { quirks = now }, mayClear: () => false, beginClearing: () => false, cleared: () => undefined,
    highestOfPeople: () => people, later: (delayMs, fn) => void clock.after(delayMs, fn),
  }
  const link = new StationLink({
    now: () => clock.wall(), wall: () => clock.wall(), learnt: known, learn: (one) => { learnt = one }, quirks: () => quirks, answered: (_, fact) => facts.push(fact), sent: () => undefined, refused: (what, why) => refused.push(`${what}: ${why}`), lore,
  })
  const peer = new Peer(clock, 'CP1')
  peer.script = script
  link.join(peer, 32, 22_080)
  let seq = 0
  const send = ({ limit = 10, purpose = 'TxDefaultProfile', connectorId = 1, transactionId = 9, holds = () => true }: Want = {}): number => {
    const number = ++seq
    link.send(`CP1/${connectorId}`, `mark ${number}`, 0, (): Departure => ({
      seq: number, holds,
      payload: ({ unit, ladder, pauseA, lease }) => ({
        connectorId: ladder === 'connector-0' || ladder === 'max-0' ? 0 : connectorId,
        csChargingProfiles: {
          chargingProfileId: 7, stackLevel: link.takeLevel(), chargingProfilePurpose: ladder === 'max-0' ? 'ChargePointMaxProfile' : purpose, chargingProfileKind: 'Absolute', ...(purpose === 'TxProfile' ? { transactionId } : {}),
          chargingSchedule: { chargingRateUnit: unit, chargingSchedulePeriod: [{ startPeriod: 0, limit: Math.max(limit, pauseA) * (unit === 'W' ? 230 : 1) }, { startPeriod: 900, limit: 0 }].slice(0, purpose === 'TxProfile' && lease ? 2 : 1) },
        },
      }),
    }))
    return number
  }
  return { clock, facts, refused, taught, link, peer, send, quirks: () => quirks, learnt: () => learnt, people: (level: number) => { people = level } }
}

const unitOf = (payload: Parameters<Script>[1]): string => (JSON.stringify(payload).includes('"chargingRateUnit":"W"') ? 'W' : 'A')
const taking = (takes: (payload: Parameters<Script>[1]) => boolean): Script => (action, payload) => (action === 'SetChargingProfile' && !takes(payload) ? { status: 'Rejected' } : accept(action, payload))
const levelOf = (payload: Parameters<Script>[1]): number => payload.csChargingProfiles!.stackLevel

describe('found out', () => {
  test('watts: one answer for the ledger, in the unit that was accepted; the maximum goes out again in it', async () => {
    const { clock, facts, send, peer, quirks, learnt, taught, refused } = stand(taking((payload) => unitOf(payload) === 'W'), { stackLevel: 8, maxA: null, clearedForeign: true })
    send()
    await clock.advance(4_000)
    expect(facts).toMatchObject([{ type: 'accepted', seq: 1, unit: 'W' }])
    expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 10', 'TxDefaultProfile 1 10', 'TxDefaultProfile 1 2300', 'ChargePointMaxProfile 0 22080'])
    expect(quirks()).toEqual({ ...usualQuirks, unit: 'W' })
    expect(learnt()).toMatchObject({ quirks: { unit: 'W' }, from: 'own', model: 'acme', maxSet: { status: 'Accepted' } })
    expect(taught.at(-1)).toBe(true)
    expect(refused).toEqual([])
    send({ limit: 8 })
    await clock.advance(1_000)
    expect(peer.profiles().at(-1)).toBe('TxDefaultProfile 1 1840')
  })

  test('a level that counts from 0: the highest is one below', async () => {
    const { clock, facts, send, peer, learnt, link } = stand(taking((payload) => levelOf(payload) < 8), { stackLevel: 8, maxA: null, clearedForeign: true })
    send()
    await clock.advance(3_000)
    expect(facts).toMatchObject([{ type: 'accepted', seq: 1 }])
    expect(learnt()).toMatchObject({ stackLevel: 7, inUse: 7, standsAt: 7 })
    expect(link.takeLevel()).toBe(7)
    expect(peer.calls.slice(-1).map(({ payload }) => levelOf(payload))).toEqual([7])
  })

  test('not the level where people have profiles at it, nor where one of ours stands or may stand', async () => {
    for (const prepare of ['people', 'accepted', 'inherited'] as const) {
      let takesAll = prepare === 'accepted'
      const { clock, send, peer, people, facts } = stand(taking((payload) => takesAll || levelOf(payload) < 8), { stackLevel: 8, maxA: 32, clearedForeign: true, ...(prepare === 'inherited' ? { inUse: 8 } : {}) })
      if (prepare === 'people') people(7)
      if (prepare === 'accepted') send({ limit: 12 })
      await clock.advance(1_000)
      takesAll = false
      send()
      await clock.advance(10_000)
      expect(peer.calls.map(({ payload }) => levelOf(payload)).every((level) => level === 8)).toBe(true)
      expect(facts.at(-1)).toMatchObject({ type: 'refused' })
    }
  })

  test('a pause of 6 A is not what was booked: the entry is void, the next order says it', async () => {
    const { clock, facts, send, quirks } = stand(taking((payload) => payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit > 0))
    send({ limit: 0 })
    await clock.advance(4_000)
    expect(facts).toMatchObject([{ type: 'dropped', seq: 1 }])
    expect(quirks().pauseA).toBe(6)
    send({ limit: 0 })
    await clock.advance(1_000)
    expect(facts.slice(1)).toMatchObject([{ type: 'dropped', seq: 2 }])
    send({ limit: 6 })
    await clock.advance(1_000)
    expect(facts.slice(2)).toMatchObject([{ type: 'accepted', seq: 3 }])
  })

  test('what its model has taught, from the first message on', async () => {
    const { clock, send, peer, learnt, facts } = stand(taking((payload) => unitOf(payload) === 'W'), { stackLevel: null, maxA: null, clearedForeign: true }, { id: 'acme', quirks: { ...usualQuirks, unit: 'W' }, stackLevel: 5, maxPeriods: 3 })
    send()
    await clock.advance(2_000)
    expect(peer.profiles()).toEqual(['ChargePointMaxProfile 0 22080', 'TxDefaultProfile 1 2300'])
    expect(facts).toMatchObject([{ type: 'accepted', unit: 'W' }])
    expect(learnt()).toMatchObject({ from: 'model', model: 'acme', stackLevel: 8, inUse: 8, modelLevel: 5, maxPeriods: 3 })
  })
})

describe('ended', () => {
  const watts = taking((payload) => unitOf(payload) === 'W')
  test('by silence: unanswered, and a late Accepted still teaches', async () => {
    const { clock, facts, send, peer, quirks } = stand((action, payload) => (action === 'SetChargingProfile' && unitOf(payload) === 'W' ? 'hold' : watts(action, payload)))
    send()
    await clock.advance(33_000)
    expect(facts).toMatchObject([{ type: 'unanswered', seq: 1 }])
    expect(quirks().unit).toBe('A')
    peer.answer(peer.last())
    expect(facts).toMatchObject([{ type: 'unanswered', seq: 1 }, { type: 'accepted', seq: 1, unit: 'W' }])
    expect(quirks().unit).toBe('W')
  })

  test('by a newer order: the older entry is void, and never sent after it', async () => {
    let holds = true
    const { clock, facts, send, peer } = stand(watts)
    send({ purpose: 'TxProfile', holds: () => holds })
    await clock.advance(500)
    holds = false
    await clock.advance(5_000)
    expect(peer.profiles()).toEqual(['TxProfile 1 10'])
    expect(facts).toMatchObject([{ type: 'dropped', seq: 1 }])
  })

  test('by the end of the connection: whoever waited was never carried out', async () => {
    const { clock, facts, send, peer, link } = stand(taking(() => false))
    send({ purpose: 'TxProfile' })
    send({ connectorId: 2 })
    await clock.advance(300)
    peer.cut()
    link.leave()
    await clock.advance(5_000)
    expect(facts.map(({ type }) => type)).toEqual(['dropped', 'dropped'])
  })

  test('after six tries, once a minute, with other connectors going out meanwhile', async () => {
    const { clock, facts, send, peer } = stand(taking((payload) => payload.connectorId === 2))
    send()
    send({ connectorId: 2 })
    await clock.advance(5_000)
    expect(facts.find(({ type }) => type === 'accepted')).toMatchObject({ seq: 2 })
    const first = peer.profiles().length
    expect(first).toBeLessThanOrEqual(9)
    send()
    await clock.advance(5_000)
    expect(peer.profiles().length).toBe(first + 1)
    expect(facts.at(-1)).toMatchObject({ type: 'refused', seq: 3 })
  })
})

test('what was refused for one transaction is tried again for the next', async () => {
  let refusals = 3
  const { clock, facts, send, quirks } = stand(taking((payload) => payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod.length === 1 && refusals-- <= 0), { stackLevel: 8, maxA: 32, clearedForeign: true, took: ['A', 'connector', 'TxProfile', 'TxDefaultProfile'], standsAt: 8 })
  send({ purpose: 'TxProfile' })
  await clock.advance(90_000)
  refusals = 0
  send({ purpose: 'TxProfile', transactionId: 10 })
  await clock.advance(5_000)
  expect(facts).toMatchObject([{ type: 'refused', seq: 1 }, { type: 'accepted', seq: 2 }])
  expect(quirks().lease).toBe(false)
})

test('refused while another is negotiated: void where that found out something, refused where it did not', async () => {
  const found = stand(taking((payload) => unitOf(payload) === 'W'))
  found.send()
  found.send({ connectorId: 2 })
  await found.clock.advance(3_000)
  expect(found.facts).toMatchObject([{ type: 'accepted', seq: 1 }, { type: 'dropped', seq: 2 }])
  const lost = stand(taking(() => false))
  lost.send()
  lost.send({ connectorId: 2 })
  await lost.clock.advance(5_000)
  expect(lost.facts).toMatchObject([{ type: 'refused', seq: 1 }, { type: 'refused', seq: 2 }])
})
