// After kill -9 the first answer about a running transaction is right already: it waits for what was measured before.
import { expect, test } from 'vitest'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { meterValue } from './family-stand.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const tariff = tariffSchema.parse({ id: 'any', currency: 'EUR', perKWhMinor: 30 })

/** 6 kWh in the 20 minutes before a start that is told late; killed before anything of it was written down but its start and readings. */
async function killed(): Promise<{ stand: HouseStand; id: number }> {
  const first = await openHouse({ sites: [{ id: 'main', settings: { tariffId: 'any' } }], chargePoints: [{ id: 'CP1' }], tariffs: [tariff] })
  const peer = await first.boot('CP1')
  const nowMs = first.clock.wall()
  const { transactionId: id } = await first.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: new Date(nowMs - 1_800_000).toISOString() }) as { transactionId: number }
  for (const [minutes, energyWh] of [[20, 3_000], [10, 6_000]] as const) {
    await first.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(new Date(nowMs - minutes * 60_000).toISOString(), { energyWh })] })
  }
  await first.clock.advance(2_000)
  return { stand: await first.restart(), id }
}

test('one transaction, and its cost', async () => {
  const { stand, id } = await killed()
  expect(await stand.house.records.get(id)).toMatchObject({ energyWh: 6_000, cost: { amountMinor: 180 } })
})

test('what it costs', async () => {
  const { stand, id } = await killed()
  expect(await stand.house.terms.cost(id)).toMatchObject({ energyWh: 6_000, amountMinor: 180 })
})

test('the list of transactions', async () => {
  const { stand } = await killed()
  expect((await stand.house.records.list({ limit: 10 })).data).toMatchObject([{ energyWh: 6_000, cost: { amountMinor: 180 } }])
})

test('the reports', async () => {
  const { stand } = await killed()
  expect(await stand.house.analytics.tags({})).toMatchObject([{ energyWh: 6_000, costs: [{ currency: 'EUR', amountMinor: 180 }] }])
  const { stand: another } = await killed()
  expect(await another.house.analytics.chargePoints({})).toMatchObject([{ energyWh: 6_000, costs: [{ currency: 'EUR', amountMinor: 180 }] }])
})

test('its analytics', async () => {
  const { stand, id } = await killed()
  const { averageW, peakW } = await stand.house.analytics.transaction(id)
  expect([averageW, peakW]).toEqual([18_000, 18_000])
})

test('nobody waits for ever while the store is down: what was on record stands', async () => {
  const { stand, id } = await killed()
  stand.trouble.store = true
  const refused = stand.house.setGridLimit('main', { currentA: 10 }, caller).then(() => null, (error: unknown) => error)
  await stand.clock.advance(1_000)
  expect(await refused).toMatchObject({ code: 'store-down' })
  const answered = stand.house.records.get(id)
  await stand.clock.advance(9_000)
  expect(await Promise.race([answered, Promise.resolve('waits')])).toBe('waits')
  await stand.clock.advance(2_000)
  expect(await answered).toMatchObject({ id, energyWh: 0 })
  stand.trouble.store = false
  await stand.clock.advance(60_000)
  expect(await stand.house.records.get(id)).toMatchObject({ id, energyWh: 6_000 })
})
