// Killed the moment a start is answered, before its site has heard of it: the car gets its share, though its charge point says nothing more.
import { expect, test } from 'vitest'
import { ampsOf } from '../../src/simulator/profile-memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { conform } from './conforming-peer.ts'
import { openStand, type StandOptions } from './family-stand.ts'
import { openHouse } from './house-stand.ts'
import { Peer } from './site-stand.ts'

async function killedAfter(change: { readonly ms?: number; readonly timestamp?: string } = {}, options: StandOptions = {}) {
  const stand = await openStand(options)
  await stand.boot()
  const request = { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: change.timestamp ?? stand.iso(change.ms) }
  const { transactionId } = await stand.family.handle(stand.session, 'StartTransaction', request, []) as { transactionId: number }
  return { stand, transactionId, again: await stand.restart() }
}

test('its site hears of it when its charge point is back, and not before', async () => {
  const { transactionId, again } = await killedAfter()
  expect(again.site.started).toEqual([])
  again.connect()
  expect(again.site.started).toEqual([{ clientID: 'CP1', connectorId: 1, transactionId, startedAtMs: again.clock.wall() }])
})

test('the same after a stop of kwota in that moment, and with the charge point gone before it', async () => {
  const { stand } = await killedAfter()
  const again = await stand.restart({ crash: false })
  again.connect()
  expect(again.site.started).toHaveLength(1)
  const gone = await openStand()
  await gone.boot()
  await gone.family.handle(gone.session, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: gone.iso() }, [])
  gone.family.disconnected(gone.session, 1006)
  const back = await gone.restart({ crash: false })
  back.connect()
  expect(back.site.started).toHaveLength(1)
})

test('it ends for the site like any other', async () => {
  const { transactionId, again } = await killedAfter()
  again.connect()
  await again.send('StopTransaction', { transactionId, meterStop: 1, timestamp: again.iso() })
  expect(again.site.of('stopped')).toEqual([`stopped 1 ${transactionId}`])
})

test.each([
  ['that was queued during an outage', { ms: -3_600_000 }, {}],
  ['at a time that nobody can believe', { timestamp: '1970-01-01T00:00:00Z' }, {}],
  ['with a tag that may not charge', {}, { policy: ['local'] as const }],
])('a start %s stays history', async (_, change, options: StandOptions) => {
  const { again } = await killedAfter(change, options)
  again.connect()
  await again.clock.advance(60_000)
  expect(again.site.started).toEqual([])
})

test('in the whole house: the profile goes out, and the car draws', async () => {
  const clock = new VirtualClock()
  const cp = conform(clock)
  const before = await openHouse({ clock, sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1' }] })
  const peer = await before.boot('CP1', (one) => { one.script = cp.script })
  await clock.advance(20_000)
  const timestamp = new Date(clock.wall()).toISOString()
  const { transactionId } = await before.desk.handle(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp }, []) as { transactionId: number }
  const running = { transactionId, startedMs: clock.wall() }
  cp.running.set(1, running)
  const after = await before.restart()
  const back = new Peer(clock, 'CP1', 1)
  back.script = cp.script
  after.desk.connected(back)
  await clock.advance(20_000)
  expect(back.profiles()).toContain('TxProfile 1 32')
  expect(ampsOf(cp.memory.connectorRate(1, running, clock.wall()), 3, 230)).toBe(32)
})
