// kwota begins again on an earlier clock than the one it ended on (a machine without a clock of its own after a power cut), and the clock is set right later, or never.
import { expect, test } from 'vitest'
import { CurtailmentDesk } from '../../src/actors/curtailment-desk.ts'
import type { WantedCurtailment } from '../../src/actors/curtailment-record.ts'
import type { SiteRoom } from '../../src/actors/site-room.ts'
import { reservedA } from '../../src/power/ledger.ts'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform } from './conforming-peer.ts'
import { openHouse } from './house-stand.ts'
import { openRoom, Peer, type RoomStand } from './site-stand.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const backMs = 50 * minuteMs
const caller = { name: 'operator', requestId: 'req-1' }

const at = (ms: number) => new Date(ms).toISOString()
const curtail = (room: SiteRoom, id: string, wanted: WantedCurtailment) => new CurtailmentDesk(room.limits).create(id, wanted, caller)
const told = (room: SiteRoom, id: string) => new CurtailmentDesk(room.limits).get(id).value
const amps = (stand: RoomStand) => stand.room.allocation('CP1/1').allocatedA

async function withCar() {
  const stand = await openRoom({ site: { failsafeA: 16 }, chargePoints: [{ id: 'CP1' }] })
  stand.connect('CP1')
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(30_000)
  return stand
}

/** A power cut, the start on a clock that is `ms` away from the one before, and the car is there again. */
async function startOn(stand: RoomStand, ms: number): Promise<RoomStand> {
  stand.clock.jumpWall(ms)
  const after = await stand.restart()
  after.connect('CP1')
  return after
}

test.each(['curtailment', 'dimming'] as const)('an active %s goes on, before and after the clock is set right', async (kind) => {
  const first = await withCar()
  const expiresAtMs = first.clock.wall() + 2 * hourMs
  await curtail(first.room, 'c', { kind, powerW: 4_200, expiresAt: at(expiresAtMs) })
  await first.clock.advance(10 * minuteMs)
  expect(amps(first)).toBe(6)
  const stand = await startOn(first, -backMs)
  await stand.clock.advance(minuteMs)
  expect([amps(stand), told(stand.room, 'c').state]).toEqual([6, 'active'])
  stand.clock.jumpWall(backMs)
  await stand.clock.advance(5 * minuteMs)
  expect([amps(stand), told(stand.room, 'c').state]).toEqual([6, 'active'])
  await stand.clock.advance(expiresAtMs - stand.clock.wall() - 10_000)
  expect(told(stand.room, 'c').state).toBe('active')
  await stand.clock.advance(minuteMs)
  expect([amps(stand), told(stand.room, 'c').state]).toEqual([32, 'ended'])
})

test('a grid limit with a time to live lapses within it', async () => {
  const first = await openRoom({ site: { failsafeA: 10 }, chargePoints: [{ id: 'CP1' }] })
  await first.room.setGridLimit({ currentA: 32, ttlS: 120 }, 'ems')
  await first.clock.advance(10_000)
  const stand = await startOn(first, -backMs)
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(45_000)
  expect(amps(stand)).toBe(32)
  await stand.clock.advance(65_000)
  expect(amps(stand)).toBe(10)
  stand.clock.jumpWall(backMs)
  await stand.clock.advance(10 * minuteMs)
  expect(amps(stand)).toBe(10)
})

test('after hours without power and an hour back, a scheduled curtailment holds at the times it was asked for once the clock is right, and moves no more', async () => {
  const first = await withCar()
  const startMs = first.clock.wall()
  await curtail(first.room, 'c', { currentA: 10, startsAt: at(startMs + 2 * hourMs), expiresAt: at(startMs + 5 * hourMs) })
  await first.clock.advance(20 * minuteMs)
  const offMs = first.clock.wall()
  const second = await startOn(first, -backMs)
  await second.clock.advance(minuteMs)
  expect([amps(second), told(second.room, 'c').state]).toEqual([32, 'scheduled'])
  second.clock.jumpWall(offMs + 3 * hourMs - second.clock.wall())
  await second.clock.advance(10_000)
  expect([amps(second), told(second.room, 'c').state]).toEqual([10, 'active'])
  const third = await second.restart()
  third.connect('CP1')
  await third.clock.advance(minuteMs)
  expect(told(third.room, 'c')).toMatchObject({ state: 'active', startsAt: at(startMs + 2 * hourMs), expiresAt: at(startMs + 5 * hourMs) })
  await third.clock.advance(startMs + 5 * hourMs - third.clock.wall() - 10_000)
  expect(amps(third)).toBe(10)
  await third.clock.advance(minuteMs)
  expect(amps(third)).toBe(32)
})

test('killed again before the clock is right, and begun again on the right one: the times are those that were asked for', async () => {
  const first = await withCar()
  const expiresAtMs = first.clock.wall() + 2 * hourMs
  await curtail(first.room, 'c', { currentA: 10, expiresAt: at(expiresAtMs) })
  await first.clock.advance(10 * minuteMs)
  const second = await startOn(first, -backMs)
  await second.clock.advance(minuteMs)
  const third = await startOn(second, -5 * minuteMs)
  await third.clock.advance(minuteMs)
  expect([amps(third), told(third.room, 'c').state]).toEqual([10, 'active'])
  const fourth = await startOn(third, backMs + 6 * minuteMs)
  await fourth.clock.advance(expiresAtMs - fourth.clock.wall() - 10_000)
  expect([amps(fourth), told(fourth.room, 'c').state]).toEqual([10, 'active'])
  await fourth.clock.advance(minuteMs)
  expect(told(fourth.room, 'c').state).toBe('ended')
})

test('what is asked for while the clock is wrong lasts as long as it was asked for', async () => {
  const first = await withCar()
  await curtail(first.room, 'c', { currentA: 20, expiresAt: at(first.clock.wall() + 6 * hourMs) })
  await first.clock.advance(minuteMs)
  let stand = await startOn(first, -backMs)
  await stand.clock.advance(minuteMs)
  await curtail(stand.room, 'd', { currentA: 10, expiresAt: at(stand.clock.wall() + 30 * minuteMs) })
  const askedMs = stand.clock.mono()
  stand = await startOn(stand, -backMs)
  await stand.clock.advance(minuteMs)
  stand.clock.jumpWall(2 * backMs + hourMs)
  await stand.clock.advance(29 * minuteMs - (stand.clock.mono() - askedMs))
  expect(amps(stand)).toBe(10)
  await stand.clock.advance(3 * minuteMs)
  expect(amps(stand)).toBe(20)
})

test('on a later clock what has ended meanwhile has ended', async () => {
  const first = await openRoom({ site: { failsafeA: 16 }, chargePoints: [{ id: 'CP1' }] })
  await first.room.setGridLimit({ currentA: 32, ttlS: 1_200 }, 'ems')
  await curtail(first.room, 'c', { currentA: 10, expiresAt: at(first.clock.wall() + 30 * minuteMs) })
  await first.clock.advance(minuteMs)
  const stand = await startOn(first, backMs)
  await stand.clock.advance(15_000)
  stand.plugIn('CP1', 1)
  await stand.clock.advance(minuteMs)
  expect([amps(stand), told(stand.room, 'c').state]).toEqual([16, 'ended'])
})

test('a clock that was years ahead is left behind: at once, or when the last limit that was open then is over', async () => {
  const aheadMs = 10 * 365 * 24 * hourMs
  const first = await withCar()
  first.clock.jumpWall(aheadMs)
  const wrong = await first.restart()
  await wrong.clock.advance(minuteMs)
  const second = await startOn(wrong, -aheadMs)
  await second.clock.advance(minuteMs)
  expect(Math.abs(second.room.limits.aheadMs())).toBeLessThan(1_000)
  expect(amps(second)).toBe(32)

  const again = await startOn(second, aheadMs)
  await again.clock.advance(minuteMs)
  await curtail(again.room, 'c', { currentA: 10, expiresAt: at(again.clock.wall() + hourMs) })
  await again.room.setGridLimit({ currentA: 32, ttlS: 1_800 }, 'ems')
  const held = await startOn(again, -aheadMs)
  await held.clock.advance(40 * minuteMs)
  expect([amps(held), told(held.room, 'c').state]).toEqual([10, 'active'])
  await held.clock.advance(21 * minuteMs)
  expect([amps(held), told(held.room, 'c').state]).toEqual([16, 'ended'])
  await curtail(held.room, 'd', { currentA: 20, expiresAt: at(held.clock.wall() + hourMs) })
  await held.clock.advance(minuteMs)
  const right = await startOn(held, 0)
  await right.clock.advance(minuteMs)
  expect(Math.abs(right.room.limits.aheadMs())).toBeLessThan(1_000)
  expect(told(right.room, 'd').state).toBe('active')
  await right.clock.advance(57 * minuteMs)
  expect(told(right.room, 'd').state).toBe('active')
  await right.clock.advance(2 * minuteMs)
  expect(told(right.room, 'd').state).toBe('ended')
})

test.each(['with', 'without'])('the lease of a charge point that is set by the earlier clock is not counted on to end (%s an open curtailment)', async (how) => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1', obeysLease: true }] })
  const peer = await stand.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(20_000)
  const timestamp = at(clock.wall())
  await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp })
  const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp }) as { transactionId: number }
  const running = { transactionId, startedMs: clock.wall() }
  cp.running.set(1, running)
  const room = () => stand.directory.estate.sites.get('main')!.room
  if (how === 'with') await curtail(room(), 'c', { currentA: 35, expiresAt: at(clock.wall() + 2 * hourMs) })
  await clock.advance(30_000)
  clock.jumpWall(-backMs)
  stand = await stand.restart()
  expect((await stand.admit('CP1')).admitted).toBe(true)
  const next = new Peer(clock, 'CP1', 99)
  next.script = (action, payload) => (action === 'SetChargingProfile' ? 'hold' : cp.script(action, payload))
  stand.desk.connected(next)
  await stand.call(next, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging', timestamp: at(clock.wall()) })
  await clock.advance(1_000)
  next.cut()
  stand.desk.disconnected(next, 1006, 'cut')
  const seen: [number, number][] = []
  for (let minute = 0; minute < 30; minute++) {
    await clock.advance(minuteMs)
    seen.push([ampsOf(cp.memory.connectorRate(1, running, clock.wall()), 3, 230), reservedA(room().engine.books.row('CP1/1')!, room().limits.nowMs()).thisCarA])
  }
  expect(seen.filter(([may, reserved]) => may > reserved)).toEqual([])
  expect(seen.at(-1)?.[0]).toBe(32)
})
