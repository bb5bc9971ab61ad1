// A charge point that has moved to another site: what it measured and charged before stays where it was, and is found there.
import { beforeAll, expect, test } from 'vitest'
import type { SampleView } from '../../src/actors/meter-face.ts'
import { caller, openHouse, twoSites, type HouseStand } from './house-stand.ts'
import { pointOf, type Peer } from './site-stand.ts'

let stand: HouseStand
let [before, after] = [0, 0]
const iso = (ms = 0): string => new Date(stand.clock.wall() + ms).toISOString()
const began = Date.UTC(2024, 4, 1, 10)
const range = { from: new Date(began).toISOString(), to: new Date(began + 3_600_000).toISOString(), limit: 50 }
const values = (page: { readonly data: readonly object[] }) => (page.data as readonly SampleView[]).map(({ value }) => value)

async function charge(peer: Peer, from: number): Promise<number> {
  const id = (await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: from, timestamp: iso() }) as { transactionId: number }).transactionId
  for (let n = 1; n <= 4; n++) {
    await stand.clock.advance(60_000)
    // Every other one names none.
    await stand.call(peer, 'MeterValues', { connectorId: 1, ...(n % 2 === 0 ? { transactionId: id } : {}), meterValue: [{ timestamp: iso(), sampledValue: [{ value: String(from + n * 100) }] }] })
  }
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: from + 500, timestamp: iso(1) })
  await stand.call(peer, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: iso() })
  await stand.clock.advance(60_000)
  return id
}

beforeAll(async () => {
  stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }] })
  before = await charge(await stand.boot('CP1'), 0)
  await stand.house.putChargePoint(pointOf({ id: 'CP1', site: 'annex' }), undefined, caller)
  after = await charge(await stand.boot('CP1'), 500)
})

test('the meter values of a transaction before the move, and of one after', async () => {
  expect(values(await stand.house.meterValues.ofTransaction(before, { limit: 50 }))).toEqual([100, 200, 300, 400])
  expect(values(await stand.house.meterValues.ofTransaction(after, { limit: 50 }))).toEqual([600, 700, 800, 900])
  expect((await stand.house.analytics.transaction(before)).curve?.points.slice(0, 4).map(({ powerW }) => powerW)).toEqual([5_999, 5_999, 5_999, 5_999])
})

test('those of a connector at each of the sites', async () => {
  const at = async (siteID?: string) => values(await stand.house.meterValues.ofConnector('cp1', 1, { ...range, siteID }))
  expect([await at('main'), await at('annex'), await at()]).toEqual([[100, 200, 300, 400], [600, 700, 800, 900], [600, 700, 800, 900]])
  expect((await stand.house.meterValues.ofConnector('CP1', 1, { ...range, siteID: 'main', bucket: '1h' })).data).toMatchObject([{ value: 300 }])
  await expect(at('nowhere')).rejects.toMatchObject({ code: 'unknown-site' })
})

test('records and reports, also where the charge point is named with the site it has left', async () => {
  expect((await stand.house.records.list({ siteID: 'main', clientID: 'CP1', limit: 5 })).data.map(({ id }) => id)).toEqual([before])
  for (const siteID of ['main', 'annex']) {
    expect((await stand.house.analytics.energy({ ...range, siteID, clientID: 'CP1', bucket: '1h' })).data).toMatchObject([{ value: 500, sessions: 1 }])
    expect(await stand.house.analytics.chargePoints({ ...range, siteID })).toMatchObject([{ siteID, clientID: 'CP1', sessions: 1, energyWh: 500 }])
  }
  expect((await stand.house.analytics.availability({ ...range, siteID: 'main', clientID: 'CP1', bucket: '1h' })).data).toHaveLength(1)
})

test('after a restart too', async () => {
  await stand.clock.advance(1_000)
  const again = await stand.restart({ chargePoints: [] })
  expect(values(await again.house.meterValues.ofTransaction(before, { limit: 50 }))).toEqual([100, 200, 300, 400])
  expect(values(await again.house.meterValues.ofConnector('CP1', 1, { ...range, siteID: 'main' }))).toEqual([100, 200, 300, 400])
  again.directory.crash()
})
