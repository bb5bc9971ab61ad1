// What was counted stands where the readings behind it are kept no more: no correction of a name and no repetition makes a sum that nobody can explain.
import { expect, test } from 'vitest'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { meterValue } from './family-stand.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
// Cheap until noon: when it flowed makes the sum.
const tariff = tariffSchema.parse({ id: 'any', currency: 'EUR', perKWhMinor: 50, idlePerMinuteMinor: 10, blocks: [{ days: [...days], from: '00:00', to: '12:00', perKWhMinor: 10 }] })
const iso = (stand: HouseStand): string => new Date(stand.clock.wall()).toISOString()

/** 12 kWh before noon, and idle until the evening; then 120 days of which nobody heard anything, and the sweep. */
async function longAgo() {
  const stand = await openHouse({ clock: new VirtualClock(Date.parse('2026-06-01T06:00:00Z')), sites: [{ id: 'main', settings: { tariffId: 'any' } }], chargePoints: [{ id: 'CP1' }], tariffs: [tariff] })
  const peer = await stand.boot('CP1')
  const id = await stand.start(peer)
  for (let minutes = 10; minutes <= 720; minutes += 10) {
    await stand.clock.advance(600_000)
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(iso(stand), { energyWh: Math.min(minutes, 120) * 100 })] })
  }
  const stop = { transactionId: id, meterStop: 12_000, timestamp: iso(stand) }
  await stand.call(peer, 'StopTransaction', stop)
  const cost = await stand.house.terms.cost(id)
  expect(cost.amountMinor).toBeGreaterThan(12 * 10 + 500 * 10)
  await stand.clock.advance(1_000)
  const later = await stand.restart({ clock: new VirtualClock(stand.clock.wall() + 120 * 86_400_000) })
  await later.clock.advance(7_200_000)
  return { later, id, stop, cost }
}

test('another id tag changes no sum', async () => {
  const { later, id, cost } = await longAgo()
  await later.house.records.correct(id, { idTag: 'OTHER', reason: 'wrong tag' }, caller)
  expect(await later.house.terms.cost(id)).toEqual(cost)
  expect((await later.house.records.get(id)).idTag).toBe('OTHER')
})

test('nor does its stop, told again', async () => {
  const { later, id, stop, cost } = await longAgo()
  const peer = await later.boot('CP1')
  await later.call(peer, 'StopTransaction', stop)
  await later.clock.advance(1_000)
  expect(await later.house.terms.cost(id)).toEqual(cost)
})

test('another meter does, by what is known', async () => {
  const { later, id } = await longAgo()
  await later.house.records.correct(id, { meterStopWh: 24_000, reason: 'misread' }, caller)
  // Evenly over twelve hours, six of them before noon.
  expect(await later.house.terms.cost(id)).toMatchObject({ energyWh: 24_000, amountMinor: 12 * 10 + 12 * 50 })
})
