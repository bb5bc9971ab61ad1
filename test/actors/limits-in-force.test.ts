// What limits a transaction that runs is shown with who says it, wherever the transaction is shown; of one that has ended nothing does.
import { expect, test } from 'vitest'
import { idTagSchema } from '../../src/settings.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { caller, openHouse } from './house-stand.ts'

async function open(tariffs = [tariffSchema.parse({ id: 'any', currency: 'EUR', perMinuteMinor: 1 })]) {
  const stand = await openHouse({
    sites: [{ id: 'main', settings: { transactionLimits: { energyWh: 30_000, durationS: 36_000, costMinor: 5_000 }, idleTimeoutS: 1_800, ...(tariffs.length === 0 ? {} : { tariffId: 'any' }) } }],
    chargePoints: [{ id: 'CP1' }], tariffs, idTags: [idTagSchema.parse({ id: 'TAG', limits: { energyWh: 20_000, durationS: 40_000 } })],
  })
  const peer = await stand.boot('CP1')
  const id = await stand.start(peer)
  return { stand, peer, id }
}

test('of each kind the lowest, and who says it', async () => {
  const { stand, id } = await open()
  const shown = async () => (await stand.house.records.get(id)).limitsInForce
  expect(await shown()).toEqual({ energyWh: { value: 20_000, from: 'tag' }, durationS: { value: 36_000, from: 'settings' }, costMinor: { value: 5_000, from: 'settings' }, idleTimeoutS: { value: 1_800, from: 'settings' } })
  const patched = await stand.house.terms.setLimits(id, { energyWh: 20_000, durationS: 7_200, costMinor: 9_000 }, caller)
  expect(patched.limits).toEqual({ energyWh: 20_000, durationS: 7_200, costMinor: 9_000 })
  const now = { energyWh: { value: 20_000, from: 'transaction' }, durationS: { value: 7_200, from: 'transaction' }, costMinor: { value: 5_000, from: 'settings' }, idleTimeoutS: { value: 1_800, from: 'settings' } }
  expect(patched.limitsInForce).toEqual(now)
  expect(await shown()).toEqual(now)
})

test('in the list, among what is held, and in every event while it runs; then no more', async () => {
  const { stand, peer, id } = await open()
  const shown = { energyWh: { value: 20_000, from: 'tag' } }
  expect((await stand.house.records.list({ limit: 5 })).data).toMatchObject([{ id, limitsInForce: shown }])
  expect(stand.house.records.held()).toMatchObject([{ id, limitsInForce: shown }])
  await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue: [{ value: '10' }] }] })
  await stand.clock.advance(20_000)
  const heard = (type: string) => stand.events.filter((event) => event.type === type).map(({ data }) => data)
  expect([heard('transaction.started'), heard('transaction.updated')]).toMatchObject([[{ id, limitsInForce: shown }], [{ id, limitsInForce: shown }]])
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
  expect(await stand.house.records.get(id)).not.toHaveProperty('limitsInForce')
  expect(heard('transaction.stopped')[0]).not.toHaveProperty('limitsInForce')
})

test('what costs nothing is not limited by its cost', async () => {
  const { stand, id } = await open([])
  expect(Object.keys((await stand.house.records.get(id)).limitsInForce ?? {})).toEqual(['energyWh', 'durationS', 'idleTimeoutS'])
})

test('of a kind that nobody limits there is nothing', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const id = await stand.start(await stand.boot('CP1'))
  expect((await stand.house.records.get(id)).limitsInForce).toEqual({})
})
