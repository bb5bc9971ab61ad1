// A small morning of four sessions whose analytics are worked out by hand here, and must come out of the house the same.
import { beforeAll, describe, expect, test } from 'vitest'
import { jain } from '../../src/actors/site-analytics.ts'
import { openRecord, recordKey, stopRecord } from '../../src/sessions/record.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const minute = 60_000
const t0 = Date.UTC(2024, 4, 1, 10)
const at = (minutes: number): string => new Date(t0 + minutes * minute).toISOString()
const hours = { siteID: 'main', from: at(0), to: at(180), bucket: '1h', limit: 50 } as const

interface Planned { readonly clientID: string; readonly idTag: string; readonly from: number; readonly to: number; readonly watts: (minuteOfSession: number) => number; readonly silent?: true; readonly open?: true }
const planned: readonly Planned[] = [
  { clientID: 'CP1', idTag: 'ANNA', from: 7, to: 82, watts: (m) => (m < 60 ? 6_000 : 0) },
  { clientID: 'CP2', idTag: 'BEN', from: 30, to: 60, watts: () => 3_000 },
  { clientID: 'CP1', idTag: 'anna', from: 100, to: 130, watts: () => 12_000, silent: true },
  { clientID: 'CP2', idTag: 'BEN', from: 120, to: 180, watts: () => 1_200, open: true },
]

function meterWh(session: Planned, m: number): number {
  let wattMinutes = 0
  for (let minuteOfSession = 0; minuteOfSession < m; minuteOfSession++) wattMinutes += session.watts(minuteOfSession)
  return Math.round(wattMinutes / 60)
}

/** Three charge points, one of which never comes; CP2 is out of order from 11:30 to 11:45, and 12 A are all there is from 10:40 to 10:50. */
async function play(): Promise<{ stand: HouseStand; ids: number[]; asked: number[] }> {
  const stand = await openHouse({ sites: [{ timezone: 'Europe/Berlin' }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }, { id: 'CP3' }] })
  const peers: Record<string, Peer> = { CP1: await stand.boot('CP1'), CP2: await stand.boot('CP2') }
  const ids: number[] = []
  let asked: number[] = []
  for (let now = 0; now <= 180; now++) {
    await stand.clock.advance(t0 + now * minute - stand.clock.wall())
    if (now === 40) await stand.house.setGridLimit('main', { currentA: 12 }, caller)
    if (now === 49) asked = [stand.house.connector('CP1', 1).power].flatMap(({ requestedA, allocatedA }) => [requestedA, allocatedA])
    if (now === 50) await stand.house.clearGridLimit('main', caller)
    if (now === 90 || now === 105) await stand.call(peers['CP2']!, 'StatusNotification', { connectorId: 1, status: now === 90 ? 'Faulted' : 'Available', errorCode: 'NoError', timestamp: at(now) })
    for (const [index, session] of planned.entries()) {
      const peer = peers[session.clientID]!
      const m = now - session.from
      if (m === 0) ids[index] = (await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: session.idTag, meterStart: 1_000, timestamp: at(now) }) as { transactionId: number }).transactionId
      if (m > 0 && now <= session.to && session.silent !== true) {
        const sampledValue = [{ value: String(1_000 + meterWh(session, m)), unit: 'Wh' }, { value: String(session.watts(m - 1)), measurand: 'Power.Active.Import', unit: 'W' }, { value: String(20 + m), measurand: 'SoC', unit: 'Percent' }]
        await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: ids[index], meterValue: [{ timestamp: at(now), sampledValue }] })
      }
      if (now === session.to && session.open !== true) await stand.call(peer, 'StopTransaction', { transactionId: ids[index], meterStop: 1_000 + meterWh(session, m), timestamp: at(now) })
    }
  }
  return { stand, ids, asked }
}

let stand: HouseStand
let ids: number[]
/** What CP1 could use and had while the limit held, A. */
let asked: number[]
beforeAll(async () => { ({ stand, ids, asked } = await play()) }, 60_000)

describe('one session', () => {
  test('with its curve, idle time, efficiency and what limits have cost it', async () => {
    const found = await stand.house.analytics.transaction(ids[0]!)
    expect(found).toMatchObject({ siteID: 'main', clientID: 'CP1', connectorId: 1, startedAt: at(7), untilAt: at(82), durationS: 75 * 60, energyWh: 6_000, peakW: 6_000, curveMissing: null, anomalies: 0 })
    expect(found.curve).toMatchObject({ bucketS: 60, source: 'power' })
    const powers = found.curve!.points.map(({ powerW }) => powerW)
    expect(powers).toHaveLength(75)
    // Nothing was measured in the first minute; the power of a reading is that of the minute before it.
    expect([powers[0], ...new Set(powers.slice(1, 60))]).toEqual([null, 6_000])
    expect(powers.slice(60)).toEqual([3_000, ...Array<number>(14).fill(0)])
    expect(found.curve!.points[10]).toEqual({ from: at(17), to: at(18), powerW: 6_000, socPercent: 30 })
    expect([found.idleS, found.idle]).toEqual([900, [{ from: at(67), to: at(82) }]])
    // 59 minutes at 6 kW and one that falls: 5,950 Wh by its power, 5,900 Wh by the register from the first reading on.
    expect(found.efficiency).toBe(0.992)
    expect(found.taper).toBeNull()
    const grid = found.lost.find(({ reason }) => reason === 'grid-limit')!
    expect(grid.seconds).toBe(600)
    // Its car has shown to take 8.7 A and was probed up to 11 A; 6 A were left. On three phases of 230 V, for a sixth of an hour:
    expect(asked).toEqual([11, 6])
    expect(grid.energyWh).toBeCloseTo((11 - 6) * 690 / 6, 0)
  })

  test('without readings there is no curve, and what the ends say stays', async () => {
    expect(await stand.house.analytics.transaction(ids[2]!)).toMatchObject({ energyWh: 6_000, curve: null, curveMissing: 'no-readings', efficiency: null, taper: null, idleS: 0 })
  })

  test('while it runs, up to its newest reading', async () => {
    const found = await stand.house.analytics.transaction(ids[3]!)
    expect(found).toMatchObject({ energyWh: 1_200, curveMissing: null, taper: null })
    expect(found.curve!.points.at(-1)).toMatchObject({ to: at(180), powerW: 1_200 })
  })

  test('that nobody knows', async () => {
    await expect(stand.house.analytics.transaction(999_999)).rejects.toMatchObject({ code: 'unknown-transaction' })
  })
})

describe('the site by the hour', () => {
  const valuesOf = (found: { readonly data: readonly { readonly value: number | null }[] }) => found.data.map(({ value }) => value)

  test('energy: what flowed in each, in all exactly the energy of the sessions', async () => {
    const found = await stand.house.analytics.energy(hours)
    // 53 min at 6 kW and 30 at 3; 7 at 6 and 20 at 12; 10 at 12 and 60 at 1.2.
    expect(valuesOf(found)).toEqual([5_300 + 1_500, 700 + 4_000, 2_000 + 1_200])
    expect(found).toMatchObject({ unit: 'Wh', next: null })
    expect(found.data.map(({ from, sessions }) => [from, sessions])).toEqual([[at(0), 2], [at(60), 2], [at(120), 2]])
    for (const bucket of ['15m', '1d'] as const) {
      const sum = valuesOf(await stand.house.analytics.energy({ ...hours, bucket })).reduce<number>((all, value) => all + (value ?? 0), 0)
      expect(sum).toBe(6_000 + 1_500 + 6_000 + 1_200)
    }
    expect(valuesOf(await stand.house.analytics.energy({ ...hours, clientID: 'cp2' }))).toEqual([1_500, 0, 1_200])
  })

  test('utilization: of three connectors, with a session, and with a flow', async () => {
    const { data } = await stand.house.analytics.utilization(hours)
    const share = (minutes: number): number => Math.round(minutes / 180 * 10_000) / 10_000
    expect(data.map(({ value, charging, connectors }) => [value, charging, connectors])).toEqual([[share(53 + 30), share(53 + 30), 3], [share(22 + 20), share(7 + 20), 3], [share(10 + 60), share(10 + 60), 3]])
  })

  test('peaks: the strongest quarter of all cars together', async () => {
    const { data } = await stand.house.analytics.peaks(hours)
    expect(data.map(({ value, at: when, siteW }) => [value, when, siteW])).toEqual([[9_000, at(30), null], [12_000, at(105), null], [12_000 * 10 / 15 + 1_200, at(120), null]])
  })

  test('fairness: Jain’s index of what each got of what it could have had', async () => {
    const { data } = await stand.house.analytics.fairness(hours)
    const shares = await Promise.all(ids.map(async (id) => {
      const { energyWh, lost } = await stand.house.analytics.transaction(id)
      return energyWh / (energyWh + lost.reduce((sum, one) => sum + one.energyWh, 0))
    }))
    const expected = (list: readonly number[]): number => Math.round((list.reduce((a, b) => a + b, 0) ** 2) / (list.length * list.reduce((a, b) => a + b * b, 0)) * 10_000) / 10_000
    expect(data.map(({ value }) => value)).toEqual([expected([shares[0]!, shares[1]!]), expected([shares[0]!, shares[2]!]), expected([shares[2]!, shares[3]!])])
    expect([jain([]), jain([1, 1, 1]), jain([1, 0, 0]), jain([0, 0]), jain([1, 0.5])]).toEqual([null, 1, 0.3333, 1, 0.9])
  })

  test('availability: of what is known, who was there and in order', async () => {
    const { data } = await stand.house.analytics.availability(hours)
    // CP3 counts as away from the second minute on; CP2 was out of order for 15 minutes.
    expect(data.map(({ value }) => value)).toEqual([0.6742, 0.5833, 0.6667])
    expect(data.map(({ known }) => known)).toEqual([0.9889, 1, 1])
    expect((await stand.house.analytics.availability({ ...hours, clientID: 'CP2' })).data.map(({ value }) => value)).toEqual([1, 0.75, 1])
  })

  test('page after page says the same as all at once', async () => {
    const whole = await stand.house.analytics.energy({ ...hours, bucket: '15m' })
    const pages = []
    for (let after: string | null | undefined; after !== null;) {
      const one = await stand.house.analytics.energy({ ...hours, bucket: '15m', limit: 5, ...(after === undefined ? {} : { after }) })
      pages.push(...one.data)
      after = one.next
    }
    expect(pages).toEqual(whole.data)
    expect(pages).toHaveLength(12)
  })

  test('what is to come is not known, and a site without sessions has had none', async () => {
    const later = { ...hours, from: at(240), to: at(300) }
    expect((await stand.house.analytics.energy(later)).data).toMatchObject([{ value: null }])
    expect((await stand.house.analytics.utilization(later)).data).toMatchObject([{ value: null, charging: null }])
    expect((await stand.house.analytics.availability(later)).data).toMatchObject([{ value: null, known: 0 }])
    expect((await stand.house.analytics.energy({ ...hours, from: at(-120), to: at(-60) })).data).toMatchObject([{ value: 0 }])
  })

  test('questions that cannot be answered are refused', async () => {
    const two = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: [{ id: 'CP9', site: 'annex' }] })
    const { siteID: _, ...nameless } = hours
    await expect(two.house.analytics.energy(nameless)).rejects.toMatchObject({ code: 'site-needed' })
    expect((await two.house.analytics.utilization({ ...nameless, clientID: 'CP9' })).data).toHaveLength(3)
    await expect(two.house.analytics.utilization({ ...hours, clientID: 'CP9' })).rejects.toMatchObject({ code: 'unknown-charge-point' })
    two.directory.crash()
    await expect(stand.house.analytics.energy({ ...hours, siteID: 'nowhere' })).rejects.toMatchObject({ code: 'unknown-site' })
    await expect(stand.house.analytics.energy({ ...hours, clientID: 'nobody' })).rejects.toMatchObject({ code: 'unknown-charge-point' })
    await expect(stand.house.analytics.energy({ ...hours, from: at(10), to: at(0) })).rejects.toMatchObject({ code: 'range-backwards' })
    await expect(stand.house.analytics.tags({ from: at(-1_440 * 1_200), to: at(0) })).rejects.toMatchObject({ code: 'range-too-long' })
  })
})

describe('reports', () => {
  test('by id tag, without regard to case', async () => {
    const rows = await stand.house.analytics.tags({ from: at(0), to: at(180) })
    expect(rows).toMatchObject([
      { idTag: 'anna', sessions: 2, energyWh: 12_000, costs: [], durationS: 105 * 60, idleS: 900, averageW: Math.round(12_000 / 105 * 60), peakW: 12_000 },
      { idTag: 'BEN', sessions: 2, energyWh: 2_700, idleS: 0, peakW: 3_000 },
    ])
    expect(rows[0]!.lost.find(({ reason }) => reason === 'grid-limit')!.seconds).toBe(600)
    expect(await stand.house.analytics.tags({ from: at(90), to: at(110) })).toMatchObject([{ idTag: 'anna', sessions: 1, energyWh: 6_000 }])
  })

  test('by charge point', async () => {
    expect(await stand.house.analytics.chargePoints({ siteID: 'main', from: at(0), to: at(100) })).toMatchObject([{ siteID: 'main', clientID: 'CP1', sessions: 1, energyWh: 6_000 }, { clientID: 'CP2', sessions: 1, energyWh: 1_500 }])
  })
})

test('the site as a whole has a peak where its meter was fresh for a quarter of an hour', async () => {
  const metered = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  for (let seconds = 0; seconds < 40 * 60; seconds += 10) {
    const currentA = seconds < 20 * 60 ? { L1: 10, L2: 10, L3: 10 } : { L1: 20, L2: 10, L3: 10 }
    // Silent for a while in the third quarter.
    if (seconds < 31 * 60 || seconds > 34 * 60) metered.house.pushBaseLoad('main', { currentA })
    await metered.clock.advance(10_000)
  }
  await metered.clock.advance(20 * minute)
  const quarters = await metered.house.analytics.peaks({ ...hours, to: at(60), bucket: '15m' })
  // 30 A in all of 230 V, and 40 A in the last ten minutes of the second quarter.
  expect(quarters.data.map(({ value, siteW }) => [value, siteW])).toEqual([[0, 6_900], [0, 8_433], [0, null], [0, null]])
  expect((await metered.house.analytics.peaks({ ...hours, to: at(60) })).data).toMatchObject([{ value: 0, siteW: 8_433, siteAt: at(15) }])
  metered.directory.crash()
})

test('when the readings have gone, the record still has its sums, and its energy has flowed evenly', async () => {
  const store = stand.store.restart()
  stand.directory.crash()
  const later = await openHouse({ sites: [{ timezone: 'Europe/Berlin' }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], clock: new VirtualClock(t0 + 500 * 1_440 * minute), store })
  for (const name of await store.series('main', 'meter:')) await store.expire('main', name, Number.MAX_SAFE_INTEGER)
  const found = await later.house.analytics.transaction(ids[0]!)
  expect(found).toMatchObject({ energyWh: 6_000, curve: null, curveMissing: 'expired', efficiency: null, idle: null, idleS: 900, peakW: 6_000 })
  expect(found.lost.find(({ reason }) => reason === 'grid-limit')!.seconds).toBe(600)
  const { data } = await later.house.analytics.energy(hours)
  expect(data[0]!.value! + data[1]!.value!).toBeCloseTo(6_000 + 1_500 + 4_000, 1)
  later.directory.crash()
})

test('what is too much for a page comes in shorter ones, and nothing of it is lost', async () => {
  const clock = new VirtualClock(t0 + 300 * minute)
  const busy = await openHouse({ chargePoints: [{ id: 'CP1' }], clock })
  const { scope } = busy.directory.estate.sites.get('main')!
  for (let index = 0; index < 1_100; index++) {
    const startedAtMs = t0 + index * 6_000
    const begun = openRecord({ id: 500_000 + index, siteID: 'main', clientID: 'CP1', connectorId: 1, idTag: 'T', idTagInfo: { status: 'Accepted' }, startedAtMs, startedAtStation: at(0), receivedAtMs: startedAtMs, meterStartWh: 0, reservationId: null, maxPowerW: 22_000 })
    const stopped = stopRecord(begun, { meterStopWh: 100, stoppedAtMs: startedAtMs + 20 * minute, stoppedAtStation: at(0), receivedAtMs: startedAtMs, reason: 'Local', idTag: null })
    scope.put(recordKey(begun.id), { ...stopped, energyMWh: 100_000 })
  }
  await scope.flush()
  const lengths: number[] = []
  let sum = 0
  for (let after: string | null | undefined; after !== null;) {
    const one = await busy.house.analytics.energy({ ...hours, bucket: '15m', ...(after === undefined ? {} : { after }) })
    lengths.push(one.data.length)
    for (const { value } of one.data) sum += value!
    after = one.next
  }
  expect(lengths[0]).toBe(6)
  expect(lengths.reduce((all, length) => all + length, 0)).toBe(12)
  expect(Math.round(sum * 1000)).toBe(1_100 * 100_000)
  busy.directory.crash()
})
