// Meter values as people ask for them: what the charge points said, page by page, and in buckets by the clock of the site.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BucketView, MeterQuery, SampleView } from '../../src/actors/meter-face.ts'
import { meterBucketSchema, meterSampleSchema } from '../../src/api/meter-schemas.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openHouse, type HouseStand } from './house-stand.ts'

const minute = 60_000
/** Two hours before the clocks of Berlin go on. */
const t0 = Date.UTC(2026, 2, 28, 23)
const at = (minutes: number): string => new Date(t0 + minutes * minute).toISOString()
let stand: HouseStand
let id = 0

beforeAll(async () => {
  stand = await openHouse({ sites: [{ timezone: 'Europe/Berlin' }], chargePoints: [{ id: 'CP1' }], clock: new VirtualClock(t0) })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(t0 + minute - stand.clock.wall())
  id = await stand.start(peer)
  // 6 kW for three hours, from 00:01 to 04:01 on the clock of the wall.
  for (let now = 1; now <= 180; now++) {
    await stand.clock.advance(t0 + (now + 1) * minute - stand.clock.wall())
    const sampledValue = [
      { value: String(now / 10), unit: 'kWh', context: 'Sample.Periodic' }, { value: '6', unit: 'kW', measurand: 'Power.Active.Import' },
      { value: '231.5', measurand: 'Voltage', phase: 'L1-N' }, ...(now === 90 ? [{ value: 'OCMF|{}', format: 'SignedData' }] : []),
    ]
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [{ timestamp: at(now + 1), sampledValue }] })
  }
  await stand.call(peer, 'MeterValues', { connectorId: 0, meterValue: [{ timestamp: at(181), sampledValue: [{ value: '5', unit: 'A', measurand: 'Current.Import', phase: 'L2' }] }] })
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 18_000, timestamp: at(181), transactionData: [{ timestamp: at(181), sampledValue: [{ value: '18000', context: 'Transaction.End' }] }] })
  await stand.clock.advance(20 * minute)
}, 30_000)

const all = { limit: 500 } as const
async function buckets(query: Partial<MeterQuery>, connectorId = 1): Promise<{ data: readonly BucketView[]; unit: string | null; next: string | null }> {
  const page = await stand.house.meterValues.ofConnector('cp1', connectorId, { ...all, ...query })
  return { ...page, data: page.data as readonly BucketView[] }
}
async function samples(query: Partial<MeterQuery> = {}): Promise<readonly SampleView[]> {
  return (await stand.house.meterValues.ofTransaction(id, { ...all, ...query })).data as readonly SampleView[]
}

describe('samples', () => {
  test('come as they came, with what was signed raw', async () => {
    const found = await samples()
    expect(found).toHaveLength(182)
    for (const sample of found) expect(meterSampleSchema.parse(sample)).toEqual(sample)
    expect(found[0]).toEqual({ at: at(2), receivedAt: at(2), value: 0.1, unit: 'kWh', transactionId: id, context: 'Sample.Periodic' })
    expect(found.filter(({ raw }) => raw !== undefined)).toEqual([{ at: at(91), receivedAt: at(91), value: null, unit: 'Wh', transactionId: id, format: 'SignedData', raw: 'OCMF|{}' }])
    expect(found.at(-1)).toMatchObject({ value: 18_000, unit: 'Wh', context: 'Transaction.End', transactionId: id })
    expect(await samples({ measurand: 'Voltage', phase: 'L1-N', from: at(2), to: at(4) })).toEqual([2, 3].map((now) => ({ at: at(now), receivedAt: at(now), value: 231.5, unit: 'V', transactionId: id, phase: 'L1-N' })))
    expect(await samples({ measurand: 'Voltage', phase: 'L2' })).toEqual([])
  })

  test('page by page each comes once', async () => {
    const found: unknown[] = []
    for (let after: string | undefined, pages = 0; pages < 100; pages++) {
      const { data, next } = await stand.house.meterValues.ofTransaction(id, { limit: 7, after })
      found.push(...data)
      if (next === null) break
      after = next
    }
    expect(found).toEqual(await samples())
  })
})

describe('buckets', () => {
  test('of a day with 23 hours begin and end at midnight of the wall', async () => {
    const { data, unit } = await buckets({ bucket: '1d', from: at(-24 * 60), to: at(47 * 60) })
    expect(data).toEqual([{ from: at(-24 * 60), to: at(0), value: null }, { from: at(0), to: at(23 * 60), value: 17_900 }, { from: at(23 * 60), to: at(47 * 60), value: null }])
    expect(unit).toBe('Wh')
    for (const bucket of data) expect(meterBucketSchema.parse(bucket)).toEqual(bucket)
  })

  test('hours and quarters, whole and cut, of what is made and what is open', async () => {
    const hours = await buckets({ bucket: '1h', from: at(0), to: at(240) })
    expect(hours.data.map(({ value }) => value)).toEqual([5_700, 6_000, 6_000, 200])
    const quarters = await buckets({ bucket: '15m', from: at(10), to: at(40), limit: 2 })
    expect(quarters.data).toEqual([{ from: at(10), to: at(15), value: 500 }, { from: at(15), to: at(30), value: 1_500 }])
    expect((await buckets({ bucket: '15m', from: at(10), to: at(40), after: quarters.next! })).data).toEqual([{ from: at(30), to: at(40), value: 1_000 }])
    const minutes = await buckets({ bucket: '1m', from: at(0), to: at(240) })
    expect(minutes.data.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(17_900)
  })

  test('in one unit, each aggregate', async () => {
    const hour = { bucket: '1h', from: at(60), to: at(120) } as const
    const of = async (query: Partial<MeterQuery>) => { const { data, unit } = await buckets({ ...hour, ...query }); return [data[0]?.value, unit] }
    expect(await of({ measurand: 'Power.Active.Import' })).toEqual([6_000, 'W'])
    expect(await of({ agg: 'min' })).toEqual([5_900, 'Wh'])
    expect(await of({ agg: 'max' })).toEqual([11_800, 'Wh'])
    expect(await of({ agg: 'last' })).toEqual([11_800, 'Wh'])
    expect(await of({ agg: 'avg' })).toEqual([8_850, 'Wh'])
    expect(await of({ measurand: 'Voltage', phase: 'L1' })).toEqual([231.5, 'V'])
    expect(await of({ measurand: 'Voltage', phase: 'L2' })).toEqual([null, 'V'])
    expect(await of({ measurand: 'SoC' })).toEqual([null, 'Percent'])
  })

  test('of a transaction from its start to its stop, of the main meter under connector 0', async () => {
    const { data } = await stand.house.meterValues.ofTransaction(id, { bucket: '1h', limit: 50 })
    const justAfter = new Date(Date.parse(at(181)) + 1).toISOString()
    expect(data).toEqual([
      { from: at(1), to: at(60), value: 5_700 }, { from: at(60), to: at(120), value: 6_000 }, { from: at(120), to: at(180), value: 6_000 }, { from: at(180), to: justAfter, value: 200 },
    ])
    expect((await buckets({ bucket: '1d', measurand: 'Current.Import', phase: 'L2', from: at(0), to: at(1380) }, 0)).data).toMatchObject([{ value: 5 }])
  })

  test('what comes by phase alone is asked for by phase', async () => {
    await expect(buckets({ bucket: '1h', measurand: 'Voltage', from: at(0), to: at(60) })).rejects.toMatchObject({ kind: 'invalid', code: 'phase-needed', message: expect.stringContaining('L1') })
  })
})

test('after a restart it is all there, and a site that is deleted takes it along', async () => {
  const before = await buckets({ bucket: '15m', from: at(0), to: at(240) })
  stand = await stand.restart()
  expect(await buckets({ bucket: '15m', from: at(0), to: at(240) })).toEqual(before)
  await stand.house.meterValues.ofConnector('CP1', 1, all)
  stand.trouble.store = true
  await expect(buckets({ bucket: '1h', from: at(0), to: at(240) })).rejects.toMatchObject({ kind: 'store-down' })
  stand.trouble.store = false
  await stand.directory.estate.meters.drop('main')
  expect(await stand.store.series('main', 'meter:')).toEqual([])
  expect(await stand.store.series('main', 'rollup:')).toEqual([])
})
