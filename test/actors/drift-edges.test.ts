// What comes between a charge point's word and a judgement: clocks as they are, answers as they come, profiles nobody answered, connectors that have gone.
import { describe, expect, test } from 'vitest'
import { chargePointSchema } from '../../src/power/site.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { profile } from './conforming-peer.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { ProfileKeeper } from './profile-keeper.ts'
import type { Script } from './site-stand.ts'

const minuteMs = 60_000

async function met(options: HouseOptions = {}) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }] }], profileCheckRestMs: minuteMs, ...options })
  const keeper = new ProfileKeeper(stand.clock)
  const peer = await stand.boot('CP1', (one) => { one.script = keeper.script })
  await stand.clock.advance(5_000)
  return {
    ...stand, keeper, peer,
    drifted: () => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'profile-drift' && resolvedAt === null),
    checks: () => stand.house.profiles.checks('CP1'),
    /** Answers the question for its plans so. */
    says(answer: (payload: Record<string, unknown>) => ReturnType<Script>): void {
      const usual = peer.script
      peer.script = (action, payload) => (action === 'GetCompositeSchedule' ? answer(payload as Record<string, unknown>) : usual(action, payload))
    },
  }
}

/** Wall time in whole ms, as machines tell it; everything takes a fraction of one more. */
class FineClock extends VirtualClock {
  override wall(): number { return Math.floor(super.wall()) }
  override after(delayMs: number, fn: () => void): () => void { return super.after(delayMs + 0.37, fn) }
}

/** The machine's own. */
class RealClock extends VirtualClock {
  override wall(): number { return Date.now() }
  override mono(): number { return performance.now() }
  override after(delayMs: number, fn: () => void): () => void {
    const timer = setTimeout(fn, delayMs)
    return () => clearTimeout(timer)
  }
  override advance(ms: number): Promise<void> { return new Promise((resolve) => { setTimeout(resolve, ms) }) }
}

describe('a wall clock of whole ms beside a finer one', () => {
  test('what stands there has not moved because it was asked', async () => {
    const stand = await met({ clock: new FineClock() })
    stand.keeper.running = await stand.start(stand.peer)
    await stand.clock.advance(70_000)
    expect(stand.checks()).toMatchObject([{ matches: true, reason: null, differences: [] }])
  })
  test('one profile of the engine is shown with one time', async () => {
    const stand = await met({ clock: new FineClock() })
    const seen = new Set<string>()
    for (let looks = 0; looks < 50; looks++) {
      await stand.clock.advance(0.3)
      seen.add(JSON.stringify(stand.house.profiles.list('CP1').map(({ setAt, chargingProfile: { chargingSchedule } }) => [setAt, chargingSchedule.startSchedule])))
    }
    expect(seen.size).toBe(1)
  })
  test('on the machine\'s own clock it is judged too', async () => {
    const stand = await met({ clock: new RealClock(), profileCheckRestMs: 200 })
    for (let tries = 0; tries < 20 && stand.checks().length === 0; tries++) await stand.clock.advance(1_000)
    expect(stand.checks()).toMatchObject([{ matches: true, reason: null }])
    stand.directory.crash()
  }, minuteMs)
})

describe('an answer that says in its own way that nothing limits', () => {
  test.each<[string, object]>([
    ['no period', { duration: 3_600, chargingRateUnit: 'A', chargingSchedulePeriod: [] }],
    ['-1', { duration: 3_600, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: -1 }] }],
    ['-1 to two decimals, and fields of its own', { duration: 3_600, chargingRateUnit: 'A', vendor: 'x', chargingSchedulePeriod: [{ startPeriod: 0, limit: -1.25 }] }],
  ])('%s', async (_title, chargingSchedule) => {
    const stand = await met()
    stand.keeper.running = await stand.start(stand.peer)
    await stand.house.patchConnector('CP1', 1, { vehicleMaxA: 16 }, caller)
    await stand.clock.advance(20_000)
    stand.says(() => ({ status: 'Accepted', connectorId: 1, scheduleStart: new Date(stand.clock.wall()).toISOString(), chargingSchedule }))
    await stand.clock.advance(70_000)
    expect(stand.checks()).toMatchObject([{ matches: false, differences: [{ startPeriod: 0, expected: 16, reported: null }, { expected: 6, reported: null }] }])
    expect(stand.drifted()[0]?.message).toContain('may have no limit for')
  })
})

describe('connectors that have gone', () => {
  const config = (ids: readonly number[]) => ({ id: 'CP1', fallbackA: 6, connectors: ids.map((id) => ({ id })) })
  test('take their check and their alert with them, whether it is asked again or away', async () => {
    for (const away of [false, true]) {
      const stand = await met({ chargePoints: [config([1, 2])] })
      stand.keeper.plant(2, 3, 99, 'TxDefaultProfile')
      await stand.clock.advance(130_000)
      expect(stand.drifted()).toMatchObject([{ connectorId: 2 }])
      expect(stand.checks().map(({ connectorId }) => connectorId)).toEqual([1, 2])
      if (away) {
        stand.peer.cut()
        stand.desk.disconnected(stand.peer, 1006, 'gone')
      }
      await stand.house.putChargePoint(chargePointSchema.parse({ ...config([1]), site: 'main' }), undefined, caller)
      await stand.clock.advance(10_000)
      expect(stand.drifted()).toEqual([])
      expect(stand.checks().map(({ connectorId }) => connectorId)).toEqual([1])
    }
  })
})

async function unanswered(stands: boolean, more: readonly number[] = [], control: 'engine' | 'none' = 'none') {
  const stand = await met({ chargePoints: [{ id: 'CP1', control, fallbackA: 6, connectors: [{ id: 1 }] }] })
  const { script } = stand.keeper
  for (const [index, limit] of [4, ...more].entries()) {
    stand.peer.script = (action, payload) => {
      if (action !== 'SetChargingProfile') return script(action, payload)
      if (stands) script(action, payload)
      return 'hold'
    }
    const asked = stand.house.profiles.set('CP1', { connectorId: 1, csChargingProfiles: profile({ chargingProfileId: 7 + index, stackLevel: index, limits: [[0, limit]] }) }, { waitMs: 30_000 }, caller)
    await stand.clock.advance(40_000)
    await asked
  }
  stand.peer.script = script
  expect(stand.house.profiles.list('CP1').filter(({ owner }) => owner === 'user').every(({ status }) => status === 'Unknown')).toBe(true)
  return stand
}
const says = (limit: number) => (payload: Record<string, unknown>) => ({
  status: 'Accepted', connectorId: 1, scheduleStart: undefined,
  chargingSchedule: { duration: payload['duration'], chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
})

describe('a profile of people that was never answered', () => {
  test.each([[true, 'none'], [false, 'none'], [true, 'engine'], [false, 'engine']] as const)('does not end the checks, whether it stands (%s) or not, with control: %s', async (stands, control) => {
    const stand = await unanswered(stands, [], control)
    await stand.clock.advance(5 * minuteMs)
    expect(stand.checks()).toMatchObject([{ matches: true, reason: null, differences: [] }])
  })
  test('what fits neither with it nor without it is a difference, and its alert comes', async () => {
    const stand = await unanswered(true)
    stand.says(says(11))
    await stand.clock.advance(3 * minuteMs)
    expect(stand.checks()).toMatchObject([{ matches: false, reason: expect.stringMatching(/charging profile 7 was never answered/) as string, differences: [{ reported: 11 }] }])
    expect(stand.drifted()).toHaveLength(1)
  })
})

test('of two that were never answered nobody knows which stand: what fits neither both nor none is no alert', async () => {
  const stand = await unanswered(false, [10])
  stand.says(says(10))
  await stand.clock.advance(3 * minuteMs)
  expect(stand.checks()).toMatchObject([{ matches: true }])
  stand.says(says(4))
  await stand.clock.advance(61 * minuteMs)
  expect(stand.checks()).toMatchObject([{ matches: null, reason: 'charging profiles 7 and 8 were never answered, and it says what neither all nor none of them come to', differences: [{ expected: 32, reported: 4 }] }])
  expect(stand.drifted()).toEqual([])
})

test('what a charge point leaves out while nothing charges is alerted once, then shown with the reason', async () => {
  const stand = await met()
  stand.keeper.hidesDefault = true
  await stand.clock.advance(130_000)
  expect(stand.checks()).toMatchObject([{ matches: null, reason: 'no transaction runs, and it may leave TxDefaultProfiles out then', differences: [{ startPeriod: 0, expected: 6, reported: 32 }] }])
  await stand.clock.advance(10 * minuteMs)
  expect(stand.checks()).toMatchObject([{ matches: null, differences: [{ reported: 32 }] }])
  expect(stand.house.alerts().filter(({ code }) => code === 'profile-drift')).toMatchObject([{ resolvedAt: expect.any(String) as string }])
})

test('when all are due at once, as after a start, what it takes grows with them and not with their square', async () => {
  let read = 0
  const ids = Array.from({ length: 40 }, (_, index) => `CP${index + 1}`)
  const stand = await openHouse({
    sites: [{ fuseA: 2_000 }], chargePoints: ids.map((id) => ({ id, connectors: [{ id: 1 }] })), profileCheckRestMs: minuteMs,
    defaults: { get profileCheckIntervalS() { read++; return 3_600 } },
  })
  for (const id of ids) {
    const keeper = new ProfileKeeper(stand.clock)
    await stand.boot(id, (one) => { one.script = keeper.script })
  }
  await stand.clock.advance(minuteMs - 10_000)
  const before = read
  await stand.clock.advance(30_000)
  expect(ids.filter((id) => stand.house.profiles.checks(id).length === 1)).toEqual(ids)
  expect((read - before) / ids.length).toBeLessThan(6)
})
