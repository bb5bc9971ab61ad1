// What limits cost each transaction: seconds, watt-hours and the pieces without anything, as the engine decided them.
import { describe, expect, test } from 'vitest'
import { LimitAccount } from '../../src/actors/limit-account.ts'
import { LimitedTally } from '../../src/actors/limited.ts'
import type { Target } from '../../src/power/target.ts'
import { caller as houseCaller, openHouse } from './house-stand.ts'
import { charging, openRoom } from './site-stand.ts'

const caller = 'local'
/** A charge point takes so long to accept. */
const answerMs = 100
/** So long it has to be wanted before one that was paused is raised. */
const calmMs = 60_000

describe('the account of a site', () => {
  test('nothing is lost while everybody has what they can take', async () => {
    const { room, clock } = await charging()
    const before = room.limitedOf(101)
    await clock.advance(600_000)
    expect(room.limitedOf(101)).toEqual(before)
    expect(Object.keys(before?.limitedS ?? {}).filter((reason) => reason !== 'fuse')).toEqual([])
  })

  test('a grid limit costs its time and what could have been taken meanwhile', async () => {
    const { room, clock } = await charging()
    const [before] = [room.limitedOf(101)!]
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(600_000)
    await room.setGridLimit(null, caller)
    await clock.advance(600_000)
    const { limitedS, lostWh, held } = room.limitedOf(101)!
    expect(limitedS['grid-limit']).toBe(600)
    // 32 A wanted and 10 A given, on three phases of 230 V, for a sixth of an hour.
    expect(lostWh['grid-limit']).toBeCloseTo((32 - 10) * 3 * 230 / 6, 1)
    expect({ ...limitedS, 'grid-limit': 0 }).toEqual({ ...before.limitedS, 'grid-limit': 0 })
    expect(held).toEqual(before.held)
  })

  test('who may draw nothing is held from when it was accepted, by the wall clock', async () => {
    const { room, clock } = await charging()
    const fromMs = clock.wall() + answerMs
    await room.setGridLimit({ currentA: 0 }, caller)
    await clock.advance(300_000)
    const untilMs = clock.wall()
    expect(room.limitedOf(101)!.held.at(-1)).toEqual({ fromMs, untilMs })
    await room.setGridLimit(null, caller)
    await clock.advance(300_000)
    expect(room.limitedOf(101)!.held.at(-1)).toEqual({ fromMs, untilMs: untilMs + calmMs + answerMs })
    expect(room.limitedOf(101)!.lostWh['grid-limit']).toBeCloseTo(32 * 3 * 230 / 10, 1)
  })

  test('while a raising waits, what was told still holds: until it is accepted', async () => {
    const { room, clock, one } = await charging()
    const fromMs = clock.wall() + answerMs
    const before = room.limitedOf(101)!
    await room.setGridLimit({ currentA: 0 }, caller)
    await clock.advance(5_000)
    await room.setGridLimit(null, caller)
    await clock.advance(300_000)
    const raised = one.calls.findLast(({ action, payload }) => action === 'SetChargingProfile' && payload.csChargingProfiles?.chargingProfilePurpose === 'TxProfile')!
    const untilMs = raised.atMs - clock.mono() + clock.wall() + answerMs
    expect(untilMs - fromMs).toBeGreaterThan(55_000)
    const { limitedS, lostWh, held } = room.limitedOf(101)!
    expect(held.at(-1)).toEqual({ fromMs, untilMs })
    expect(lostWh['grid-limit']).toBeCloseTo(32 * 3 * 230 * (untilMs - fromMs) / 3_600_000, 0)
    expect({ ...limitedS, 'grid-limit': 0 }).toEqual({ ...before.limitedS, 'grid-limit': 0 })
  })

  test('a charge point that has not accepted a lowering has lost nothing yet', async () => {
    const { room, clock, one } = await charging()
    const before = room.limitedOf(101)!
    one.script = () => 'hold'
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(5_000)
    expect(room.limitedOf(101)).toEqual(before)
  })

  test('two limits one after the other are told apart', async () => {
    const { room, clock } = await openRoom({ site: { fuseA: 40, circuits: [{ id: 'garage', limitA: 16 }] }, chargePoints: [{ id: 'CP1', circuit: 'garage' }] }).then(async (stand) => {
      stand.connect('CP1')
      await stand.clock.advance(15_000)
      stand.plugIn('CP1', 101)
      await stand.clock.advance(60_000)
      return stand
    })
    await room.setGridLimit({ currentA: 10 }, caller)
    await clock.advance(120_000)
    expect(room.limitedOf(101)!.limitedS).toEqual({ 'circuit:garage': 60, 'grid-limit': 120 })
  })

  test('what a transaction came to is still known when it has ended, and counts no further', async () => {
    const { room, clock } = await charging()
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(60_000)
    room.transactionStopped({ clientID: 'CP1', connectorId: 1, transactionId: 101 })
    const atEnd = room.limitedOf(101)
    await clock.advance(60_000)
    expect(room.limitedOf(101)).toEqual(atEnd)
    expect(atEnd?.limitedS['grid-limit']).toBe(60)
    expect(room.limitedOf(999)).toBeNull()
  })

  test('after a restart it goes on from the record', async () => {
    const stand = await charging()
    await stand.room.setGridLimit({ currentA: 20 }, caller)
    await stand.clock.advance(60_000)
    const before = stand.room.limitedOf(101)!
    stand.scope.put('tx:101', { v: 2, ...before })
    await stand.scope.flush()
    const again = await stand.restart()
    await again.clock.advance(30_000)
    const after = again.room.limitedOf(101)!
    // Until its charge point is back, what it was told for the limit holds it: nobody set a profile.
    const seconds = (limited: typeof before) => Object.values(limited.limitedS).reduce((sum, one) => sum + one, 0)
    expect(seconds(after)).toBe(seconds(before) + 30)
    expect(after.limitedS['grid-limit']).toBeGreaterThanOrEqual(before.limitedS['grid-limit']!)
    expect(Object.keys(after.limitedS)).toEqual(['grid-limit'])
    expect(after.lostWh['grid-limit']).toBeGreaterThan(before.lostWh['grid-limit']!)
  })
})

describe('a car that says its register alone', () => {
  async function held() {
    const stand = await charging()
    const { room, clock } = stand
    let energyWh = 0
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(1_000)
    const draws = async (watts: number, forS: number, everyS = 60): Promise<void> => {
      for (let s = 0; s < forS; s += everyS) {
        energyWh += watts * everyS / 3_600
        await clock.advance(everyS * 1_000)
        room.sampled({ clientID: 'CP1', connectorId: 1, currentA: null, powerW: null, energyWh, voltageV: null, measuredAtMs: clock.wall(), receivedAtMs: clock.wall(), live: true })
      }
    }
    return { ...stand, draws, lost: () => room.limitedOf(101)!.limitedS['grid-limit'] ?? 0 }
  }

  test('loses while it charges, nothing while it rests, and again when it goes on', async () => {
    const { draws, lost } = await held()
    await draws(6_900, 1_200)
    const charged = lost()
    expect(charged).toBe(1_201)
    await draws(20, 3_600)
    expect(lost()).toBe(charged)
    await draws(6_900, 600)
    expect(lost()).toBe(charged + 600)
  })

  test('also where a reading comes every 15 minutes', async () => {
    const { draws, lost } = await held()
    await draws(6_900, 3_600, 900)
    const charged = lost()
    await draws(0, 3_600, 900)
    expect(lost()).toBe(charged)
  })

  test('does not rest while it may draw nothing', async () => {
    const { room, draws, lost } = await held()
    await draws(6_900, 1_200)
    const charged = lost()
    await room.setGridLimit({ currentA: 0 }, caller)
    await draws(0, 1_200)
    expect(lost()).toBe(charged + 1_200)
  })

  test('of a register that counts in steps of 0.1 kWh none that is still for a while says that it rests', async () => {
    const { room, clock, lost } = await held()
    for (let s = 60; s <= 3_600; s += 60) {
      await clock.advance(60_000)
      room.sampled({ clientID: 'CP1', connectorId: 1, currentA: null, powerW: null, energyWh: Math.floor(1_400 * s / 360_000) * 100, voltageV: null, measuredAtMs: clock.wall(), receivedAtMs: clock.wall(), live: true })
    }
    expect(lost()).toBe(3_601)
  })
})

test('the record of a transaction has it, and goes on from there after kill -9', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(15_000)
  const id = await stand.start(peer)
  await stand.house.setGridLimit('main', { currentA: 10 }, houseCaller)
  for (let minutes = 1; minutes <= 5; minutes++) {
    await stand.clock.advance(60_000)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue: [{ value: String(minutes * 100) }] }] })
  }
  const before = (await stand.house.records.record(id)).limitedS['grid-limit']!
  expect(before).toBe(300)
  const again = await stand.restart()
  await again.clock.advance(60_000)
  const record = await again.house.records.record(id)
  // All of the minute counts, for the limit that the charge point was left with.
  const kept = (await again.store.read('main')).get(`tx:${id}`) as typeof record
  expect(kept.limitedS['grid-limit']).toBeGreaterThanOrEqual(240)
  expect(Object.values(again.directory.estate.sites.get('main')!.room.limitedOf(id)!.limitedS).reduce((sum, seconds) => sum + seconds, 0)).toBe(Object.values(kept.limitedS).reduce((sum, seconds) => sum + seconds, 0) + 60)
  again.directory.crash()
})

test('an orderly stop writes all of it, also where no reading has brought it into the record', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const id = await stand.start(await stand.boot('CP1'))
  await stand.clock.advance(15_000)
  const done = stand.house.setGridLimit('main', { currentA: 10 }, houseCaller)
  await stand.clock.advance(150_000)
  await done
  const before = stand.directory.estate.sites.get('main')!.room.limitedOf(id)!
  expect(before.limitedS['grid-limit']).toBeGreaterThanOrEqual(140)
  const stopped = stand.directory.stop()
  await stand.clock.advance(10)
  await stopped
  const again = await stand.restart()
  expect((await again.house.records.record(id)).limitedS).toEqual(before.limitedS)
  // Nothing is told by a charge point that is away, and no profile of anybody holds it.
  await again.clock.advance(120_000)
  expect(Object.keys(again.directory.estate.sites.get('main')!.room.limitedOf(id)!.limitedS).filter((reason) => reason.startsWith('profile'))).toEqual([])
  again.directory.crash()
})

describe('a tally', () => {
  test('keeps 19 reasons apart and the rest together', () => {
    const tally = new LimitedTally(null)
    for (let index = 0; index < 25; index++) tally.lose(`curtailment:${index}`, 1_000, 3_600)
    const { limitedS, lostWh } = tally.shown()
    expect(Object.keys(limitedS)).toHaveLength(20)
    expect([limitedS['other'], lostWh['other']]).toEqual([6, 6])
  })

  test('keeps 500 pieces: of more, the two that are closest are one', () => {
    const tally = new LimitedTally(null)
    for (let index = 0; index < 500; index++) tally.hold(index * 100_000, index * 100_000 + 1_000)
    tally.hold(500 * 100_000 - 50_000, 500 * 100_000)
    const { held } = tally.shown()
    expect(held).toHaveLength(500)
    expect(held.at(-1)).toEqual({ fromMs: 49_900_000, untilMs: 50_000_000 })
    expect(held[0]).toEqual({ fromMs: 0, untilMs: 1_000 })
  })

  test('goes on from what was known', () => {
    const tally = new LimitedTally({ limitedS: { fuse: 10 }, lostWh: { fuse: 2.5 }, held: [{ fromMs: 0, untilMs: 10 }] })
    tally.lose('fuse', 1_000, 360)
    tally.hold(10, 20)
    expect(tally.shown()).toEqual({ limitedS: { fuse: 11 }, lostWh: { fuse: 2.6 }, held: [{ fromMs: 0, untilMs: 20 }] })
  })
})

test('a review costs as much as has changed', () => {
  class Counted extends Map<string, Target> {
    readonly looked: string[] = []
    override get(key: string): Target | undefined {
      this.looked.push(key)
      return super.get(key)
    }
  }
  const account = new LimitAccount({ get: () => undefined })
  const targets = new Counted()
  account.note({ plan: { targets }, changed: [], nowMs: 0 }, 0, 230)
  account.note({ plan: { targets }, changed: ['CP1/1'], nowMs: 50 }, 50, 230)
  expect(targets.looked).toEqual(['CP1/1'])
})
