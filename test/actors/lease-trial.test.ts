// A second period that is left out in a trial: its lease is not counted on any more, whatever becomes of the answer, of kwota or of the ladder.
import { expect, test } from 'vitest'
import { reservedA } from '../../src/power/ledger.ts'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform } from './conforming-peer.ts'
import { openHouse, type HouseStand } from './house-stand.ts'
import type { Script } from './site-stand.ts'

const rowOf = (stand: HouseStand) => stand.directory.estate.sites.get('main')!.room.engine.books.row('CP1/1')!

/** A charge point that refuses a second period, whose line breaks as a TxProfile without one has arrived. */
async function lose(restarts: boolean) {
  const clock = new VirtualClock()
  const cp = conform(clock)
  let lost = false
  const script: Script = (action, payload) => {
    const wanted = payload.csChargingProfiles
    if (action !== 'SetChargingProfile' || wanted === undefined) return cp.script(action, payload)
    if (wanted.chargingSchedule.chargingSchedulePeriod.length > 1) return { status: 'Rejected' }
    const answer = cp.script(action, payload)
    lost ||= wanted.chargingProfilePurpose === 'TxProfile'
    return wanted.chargingProfilePurpose === 'TxProfile' ? 'hold' : answer
  }
  let stand = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1', obeysLease: true }] })
  const peer = await stand.boot('CP1', (one) => { one.script = script })
  await clock.advance(10_000)
  const timestamp = new Date(clock.wall()).toISOString()
  await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp })
  const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp }) as { transactionId: number }
  const running = { transactionId, startedMs: clock.wall() }
  cp.running.set(1, running)
  for (let tick = 0; tick < 60 && !lost; tick++) await clock.advance(100)
  expect(lost).toBe(true)
  if (restarts) stand = await stand.restart()
  else {
    peer.cut()
    stand.desk.disconnected(peer, 1006, 'cut')
  }
  await clock.advance(20 * 60_000)
  return { row: rowOf(stand), nowMs: clock.wall(), mayA: ampsOf(cp.memory.connectorRate(1, running, clock.wall()), 3, 230) }
}

test.each([false, true])('what a trial without a second period allows is reserved beyond the end of the lease it was booked with (kwota restarts: %s)', async (restarts) => {
  const { row, nowMs, mayA } = await lose(restarts)
  expect([mayA, row.obeysLease, reservedA(row, nowMs).thisCarA]).toEqual([32, true, 32])
})
