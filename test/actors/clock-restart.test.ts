// The wall clock stepped while kwota ran, and then kwota begins again, on another time than the one its records were written in.
import { expect, test } from 'vitest'
import { reservedA } from '../../src/power/ledger.ts'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform } from './conforming-peer.ts'
import { openHouse, type HouseStand } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

const hourMs = 3_600_000
const rowOf = (stand: HouseStand) => stand.directory.estate.sites.get('main')!.room.engine.books.row('CP1/1')!

function deafable(clock: VirtualClock) {
  const cp = conform(clock)
  const ears = { deaf: false }
  const script: Script = (action, payload) => (ears.deaf && action === 'SetChargingProfile' ? 'hold' : cp.script(action, payload))
  return { cp, ears, script }
}

test.each([1_800_000, -1_800_000])('a lease that was sent after a step of %d ms ends when it ends at the charge point', async (stepMs) => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1', obeysLease: true }] })
  const peer = await stand.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(20_000)
  clock.jumpWall(stepMs)
  await clock.advance(20_000)
  const timestamp = new Date(clock.wall()).toISOString()
  await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp })
  const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp }) as { transactionId: number }
  const running = { transactionId, startedMs: clock.wall() }
  cp.running.set(1, running)
  await clock.advance(30_000)
  stand = await stand.restart()
  // Once more before anything else is written: what was translated is not translated twice.
  stand = await stand.restart()
  const seen: [number, number][] = []
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(60_000)
    seen.push([ampsOf(cp.memory.connectorRate(1, running, clock.wall()), 3, 230), reservedA(rowOf(stand), clock.wall()).thisCarA])
  }
  expect(seen[0]).toEqual([32, 32])
  expect(seen.filter(([may, reserved]) => may > reserved)).toEqual([])
  expect(seen.at(-1)).toEqual([0, 0])
})

test('a doubt that began before the clock was set back counts at once after a restart', async () => {
  const clock = new VirtualClock()
  const { cp, ears, script } = deafable(clock)
  let stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(20_000)
  peer.cut()
  stand.desk.disconnected(peer, 1006, 'cut')
  cp.memory.clear({})
  ears.deaf = true
  await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(1_000)
  clock.jumpWall(-hourMs / 2)
  stand = await stand.restart()
  await clock.advance(20_000)
  expect(reservedA(rowOf(stand), clock.wall()).thisCarA).toBe(32)
})

test.each(['noticed', 'not noticed'])('a charge point in doubt is not told the same over and over after a restart on an earlier time (the step was %s)', async (how) => {
  const clock = new VirtualClock()
  const { ears, script } = deafable(clock)
  let stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(20_000)
  ears.deaf = true
  if (how === 'not noticed') await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(100)
  clock.jumpWall(-600_000)
  await clock.advance(how === 'noticed' ? 6_000 : 0)
  stand = await stand.restart()
  ears.deaf = false
  const admission = await stand.admit('CP1')
  expect(admission.admitted).toBe(true)
  const peer = new Peer(clock, 'CP1', 99)
  peer.script = script
  stand.desk.connected(peer)
  await clock.advance(60_000)
  expect(peer.profiles().length).toBeLessThan(4)
  expect(rowOf(stand).doubtSinceMs).toBeNull()
})
