// Readings that come late, and what they change: of a transaction that is over, that was taken to be over, that is another's.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asRecord, type TransactionRecord } from '../../src/sessions/record.ts'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { meterValue, openStand, type Stand, type StandOptions } from './family-stand.ts'

const hourMs = 3_600_000

async function booted(options: StandOptions = {}): Promise<Stand> {
  const stand = await openStand(options)
  await stand.boot()
  return stand
}

const recordIn = (stand: Stand, id: number): TransactionRecord => asRecord(stand.scope.get(`tx:${id}`)) ?? expect.fail('no record')
const start = (stand: Stand, ms: number) => stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 1_000, timestamp: stand.iso(ms) }).then(({ transactionId }) => transactionId)
const stop = (stand: Stand, transactionId: number, meterStop: number, ms = 0) => stand.send('StopTransaction', { transactionId, meterStop, timestamp: stand.iso(ms) })
const reading = (stand: Stand, energyWh: number, ms: number, transactionId?: number) =>
  stand.send('MeterValues', { connectorId: 1, ...(transactionId === undefined ? {} : { transactionId }), meterValue: [meterValue(stand.iso(ms), { energyWh })] })

describe('of a transaction that is over', () => {
  // Its stop cannot be: the register was exchanged. What its readings say is counted in steps.
  test('they are counted, in whatever order, with one line that says so', async () => {
    const stand = await booted()
    const id = await start(stand, -hourMs)
    await reading(stand, 3_000, -hourMs / 2, id)
    await stop(stand, id, 10)
    expect(recordIn(stand, id)).toMatchObject({ status: 'stopped', energyMWh: 2_000_000, trail: [] })
    await reading(stand, 5_000, -hourMs / 4, id)
    await reading(stand, 4_000, -hourMs / 3, id)
    await reading(stand, 4_000, -hourMs / 3, id)
    expect(recordIn(stand, id)).toMatchObject({
      energyMWh: 4_000_000, trail: [{ by: 'kwota', what: 'late-readings', before: { energyMWh: 2_000_000, amountMinor: null }, after: { energyMWh: 4_000_000, amountMinor: null } }],
    })
    expect(recordIn(stand, id).trail).toHaveLength(1)
    expect(await stand.store.read('depot').then((kept) => kept.get(`tx:${id}`))).toMatchObject({ energyMWh: 4_000_000 })
  })
  test('however often it was changed, its trail keeps the first change', async () => {
    const stand = await booted()
    const id = await start(stand, -hourMs)
    await stop(stand, id, 10)
    const tally = stand.family.station.tallies.find(id) ?? expect.fail('no tally')
    tally.record = { ...tally.record, trail: Array.from({ length: 50 }, (_, nth) => ({ atMs: nth, by: 'eva', what: 'corrected' })) }
    await reading(stand, 3_000, -hourMs / 2, id)
    const { trail } = recordIn(stand, id)
    expect([trail.length, trail[0]?.atMs, trail[1]?.atMs, trail.at(-1)?.what]).toEqual([50, 0, 2, 'late-readings'])
  })
  test('when they only say when it flowed, nobody is told of money', async () => {
    const stand = await booted()
    const id = await start(stand, -hourMs)
    await stop(stand, id, 9_000)
    await reading(stand, 9_000, -hourMs / 2, id)
    expect(recordIn(stand, id)).toMatchObject({ energyMWh: 8_000_000, idleMs: hourMs / 2, trail: [] })
  })
  test('one that names none belongs to the one that ran then', async () => {
    const stand = await booted()
    const first = await start(stand, -3 * hourMs)
    await stop(stand, first, 10, -2 * hourMs)
    const second = await start(stand, -hourMs)
    await reading(stand, 2_500, -2.5 * hourMs)
    await reading(stand, 1_400, -hourMs / 2)
    // Between the two it is nobody's.
    await reading(stand, 9_000, -1.5 * hourMs)
    expect(recordIn(stand, first).energyMWh).toBe(1_500_000)
    expect(stand.family.transactions()).toMatchObject([{ id: second, energyWh: 400 }])
  })
  test('after a restart with what the history has', async () => {
    const history: StandOptions['history'] = (store, clock) => (kept = new MeterHistory({ siteID: 'depot', store, clock, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }, keepMs: () => 86_400_000 }))
    let kept: MeterHistory | null = null
    const stand = await booted({ history })
    const id = await start(stand, -hourMs)
    await reading(stand, 3_000, -hourMs / 2, id)
    await stop(stand, id, 10)
    await (kept as MeterHistory | null)?.flush()
    const second = await stand.restart()
    second.connect()
    await reading(second, 5_000, -hourMs / 4, id)
    expect(recordIn(second, id)).toMatchObject({ energyMWh: 4_000_000 })
    await reading(second, 4_000, -hourMs / 3)
    expect(recordIn(second, id)).toMatchObject({ energyMWh: 4_000_000 })
  })
  test('after a restart, however many have ended since, and whoever runs where they were', async () => {
    const stand = await booted()
    const ids: number[] = []
    for (let nth = 0; nth < 7; nth++) {
      ids.push(await start(stand, (nth - 12) * hourMs))
      await stop(stand, ids[nth]!, 10, (nth - 11.5) * hourMs)
    }
    const second = await stand.restart()
    second.connect()
    // One that began before all of them, and is not known to have stopped.
    const other = await start(second, -20 * hourMs)
    await reading(second, 2_500, -11.75 * hourMs)
    await reading(second, 1_300, -7.75 * hourMs)
    expect(ids.map((id) => recordIn(second, id).energyMWh)).toEqual([1_500_000, 0, 0, 0, 300_000, 0, 0])
    expect(second.family.transactions()).toMatchObject([{ id: other, energyWh: 0 }])
  })
  test('a running one goes on after a restart with what was read before', async () => {
    let kept: MeterHistory | null = null
    const stand = await booted({ history: (store, clock) => (kept = new MeterHistory({ siteID: 'depot', store, clock, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }, keepMs: () => 86_400_000 })) })
    const id = await start(stand, -hourMs)
    await reading(stand, 3_000, -hourMs / 2, id)
    await stand.clock.advance(10_000)
    await (kept as MeterHistory | null)?.flush()
    const second = await stand.restart()
    second.connect()
    expect(second.family.transactions()).toMatchObject([{ id, energyWh: 2_000 }])
    await reading(second, 500, -hourMs / 4, id)
    await reading(second, 700, -hourMs / 5, id)
    await stop(second, id, 10)
    expect(recordIn(second, id)).toMatchObject({ energyMWh: 2_200_000, anomalies: 2 })
  })
})

describe('of one whose start is told after them, as where meter values and transactions wait in queues of their own', () => {
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  async function queued({ killed, aheadMs = 0, many = 0, behindMs = 0 }: { killed: boolean; aheadMs?: number; many?: number; behindMs?: number }) {
    let kept: MeterHistory | null = null
    let stand = await booted({ history: (store, clock) => (kept = new MeterHistory({ siteID: 'depot', store, clock, log: quiet, keepMs: () => 86_400_000 })) })
    if (aheadMs > 0) await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(aheadMs) })
    if (behindMs > 0) aheadMs = -behindMs
    for (const [energyWh, ms] of [[900, -hourMs - 1], [3_000, -hourMs / 2], [5_000, -hourMs / 4]] as const) await reading(stand, energyWh, aheadMs + ms)
    for (let at = 0; at < many; at++) await reading(stand, 5_000 + at, aheadMs - hourMs / 4 + at * 1_000)
    // A slow clock is only known after a while.
    for (let nth = 0; behindMs > 0 && nth < 5; nth++) {
      await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(aheadMs) })
      await stand.clock.advance(20_000)
    }
    if (behindMs > 0) await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Preparing', timestamp: stand.iso(aheadMs) })
    // Of a transaction that nobody knows: never of this one.
    await reading(stand, 6_000, aheadMs - hourMs / 5, 99_999)
    await (kept as MeterHistory | null)?.flush()
    if (killed) {
      stand = await stand.restart()
      stand.connect()
    }
    const id = await start(stand, aheadMs - hourMs - (behindMs > 0 ? 100_000 : 0))
    const running = stand.family.transactions()
    await stop(stand, id, 10, aheadMs)
    const { trail: _, ...record } = recordIn(stand, id)
    await (kept as MeterHistory | null)?.flush()
    return { running: running.map(({ energyWh }) => energyWh), record: { ...record, id: 0 }, points: stand.family.station.tallies.pointsOf(stand.family.station.tallies.find(id)!) }
  }
  test.each([{}, { aheadMs: 7_200_000 }, { many: 200 }, { behindMs: 3 * 86_400_000 }])('%j: they count, and a kill between changes nothing', async (what) => {
    const without = await queued({ killed: false, ...what })
    expect(without).toMatchObject({ running: [4_000 + (what.many === undefined ? 0 : what.many - 1)], record: { status: 'stopped', energyMWh: 4_000_000 + (what.many === undefined ? 0 : (what.many - 1) * 1_000) } })
    expect(await queued({ killed: true, ...what })).toEqual(without)
  })
})

test('statuses that come before the start of their transaction count, and a kill between changes nothing', async () => {
  const queued = async (killed: boolean) => {
    let stand = await booted()
    const said = (connectorId: number, status: 'Preparing' | 'SuspendedEVSE' | 'Charging', ms: number) => stand.send('StatusNotification', { connectorId, errorCode: 'NoError', status, timestamp: stand.iso(ms) })
    await said(1, 'Preparing', -hourMs - 60_000)
    for (let at = 0; at < 10; at++) await said(1, at % 2 === 0 ? 'SuspendedEVSE' : 'Charging', -hourMs + at * 60_000)
    await said(2, 'Charging', -hourMs)
    await said(1, 'Preparing', -2 * hourMs)
    if (killed) {
      stand = await stand.restart()
      stand.connect()
    }
    const id = await start(stand, -hourMs)
    await stop(stand, id, 1_000)
    return recordIn(stand, id)
  }
  const without = await queued(false)
  expect(without.statuses.map(([, status]) => status)).toEqual(['Preparing', ...Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 'SuspendedEVSE' : 'Charging'))])
  expect(without.idleMs).toBeGreaterThan(0)
  expect(await queued(true)).toEqual({ ...without, id: expect.any(Number) as number })
})

test('one that ended before anything of it was read back is counted again by what comes late', async () => {
  const tariff = { version: 1, ...tariffSchema.parse({ id: 'work', currency: 'EUR', perMinuteMinor: 10 }) }
  const charged = async (killed: boolean) => {
    let stand = await booted({ billing: () => ({ timezone: 'UTC', tariff }) })
    const id = await start(stand, -hourMs)
    if (killed) {
      stand = await stand.restart()
      stand.connect()
    }
    await start(stand, -hourMs / 4)
    await stop(stand, id, 4_000, -hourMs / 3)
    await reading(stand, 4_000, -hourMs * 3 / 4, id)
    const { trail: _, ...record } = recordIn(stand, id)
    return { ...record, id: 0 }
  }
  const without = await charged(false)
  expect(without).toMatchObject({ idleMs: hourMs * 5 / 12, averageW: 12_000 })
  expect(await charged(true)).toEqual(without)
})

describe('of one that was taken to be over', () => {
  async function doubted(): Promise<{ stand: Stand; id: number }> {
    const stand = await booted()
    const id = await start(stand, 0)
    await stand.boot()
    await stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: stand.iso() })
    expect(recordIn(stand, id)).toMatchObject({ status: 'unconfirmed' })
    expect(stand.family.transactions()).toEqual([])
    await stand.clock.advance(60_000)
    return { stand, id }
  }
  test('a live one that names it: it runs again, the site is told, and its stop ends it', async () => {
    const { stand, id } = await doubted()
    await stand.send('MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(stand.iso(), { energyWh: 1_300, currentA: 16 })] })
    expect(stand.family.transactions()).toMatchObject([{ id, status: 'charging', energyWh: 300, stoppedAt: null }])
    expect(recordIn(stand, id).trail).toMatchObject([{ by: 'kwota', what: 'unconfirmed' }, { by: 'kwota', what: 'runs-again' }])
    expect(stand.site.of('started').at(-1)).toBe(`started 1 ${id}`)
    await stand.clock.advance(60_000)
    await stop(stand, id, 1_500)
    expect(recordIn(stand, id)).toMatchObject({ status: 'stopped', energyMWh: 500_000 })
    expect(stand.family.transactions()).toEqual([])
  })
  test('an old one is counted, and it stays over', async () => {
    const { stand, id } = await doubted()
    await reading(stand, 1_050, -50_000, id)
    expect(stand.family.transactions()).toEqual([])
    expect(recordIn(stand, id)).toMatchObject({ status: 'unconfirmed', energyMWh: 50_000 })
  })
  test('not where another runs', async () => {
    const { stand, id } = await doubted()
    const other = await start(stand, 0)
    await reading(stand, 1_050, 0, id)
    expect(stand.family.transactions().map((one) => one.id)).toEqual([other])
  })
})

test('readings that name another charge point\'s transaction never touch it', async () => {
  const stand = await booted()
  const id = await start(stand, -hourMs)
  await stop(stand, id, 10)
  const before = recordIn(stand, id)
  const foreign = { ...before, clientID: 'CP2', id: id + 100_000 }
  stand.scope.put(`tx:${foreign.id}`, foreign)
  await reading(stand, 5_000, -hourMs / 4, foreign.id)
  expect(stand.scope.get(`tx:${foreign.id}`)).toEqual(foreign)
  expect(stand.scope.entries('orphan:').map(([, orphan]) => orphan)).toMatchObject([{ kind: 'readings', cause: 'of-another-charge-point', transactionId: foreign.id }])
})

test('a clock that is off counts from its start on as it was then; power goes by what is measured', async () => {
  const stand = await booted()
  for (let at = 0; at < 2; at++) await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(7_200_400) })
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso(7_200_400) })
  expect(recordIn(stand, transactionId)).toMatchObject({ clockOffsetMs: -7_200_000, startedAtMs: stand.clock.wall() + 400 })
  expect(stand.site.started).toMatchObject([{ transactionId, startedAtMs: stand.clock.wall() }])
  await stand.send('StopTransaction', { transactionId, meterStop: 0, timestamp: stand.iso(7_210_000) })
  expect(recordIn(stand, transactionId)).toMatchObject({ stoppedAtMs: stand.clock.wall() + 10_000 })
})

test('a clock that is off by less is believed', async () => {
  const stand = await booted()
  await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(9_000) })
  const id = await start(stand, 9_000)
  expect(recordIn(stand, id)).toMatchObject({ clockOffsetMs: 0, startedAtMs: stand.clock.wall() + 9_000 })
})

test('who names a number nobody knows looks into the archive once, and one that is no number never', async () => {
  const looked: number[] = []
  const stand = await booted({ archive: { find: (id) => { looked.push(id); return Promise.resolve(null) }, startOf: () => Promise.resolve(null) } })
  for (const id of [77, 77, 0, -1, 77]) await reading(stand, 5_000, 0, id)
  await stop(stand, 77, 5_000)
  expect(looked).toEqual([77])
})

test('connector 0 speaks for the charge point, unless it names a transaction', async () => {
  const stand = await booted()
  const id = await start(stand, -hourMs)
  const whole = (energyWh: number, named: boolean) => stand.send('MeterValues', { connectorId: 0, ...(named ? { transactionId: id } : {}), meterValue: [meterValue(stand.iso(named ? 0 : -1000), { energyWh })] })
  await whole(1_500, true)
  await whole(90_000, false)
  expect(stand.family.transactions()).toMatchObject([{ id, energyWh: 500 }])
})

test('a history that cannot be read is asked three times, then the stop is answered without it', async () => {
  let asked = 0
  const stand = await booted({ history: () => ({ add: () => undefined, registersOf: () => { asked++; return Promise.reject(new Error('unreadable')) } }) })
  const id = await start(stand, 0)
  await reading(stand, 3_000, 0, id)
  await stand.clock.advance(hourMs)
  const second = await stand.restart()
  second.connect()
  const answered = second.family.handle(second.session, 'StopTransaction', { transactionId: id, meterStop: 4_000, timestamp: second.iso() }, [])
  for (let at = 0; at < 4; at++) await second.clock.advance(1_000)
  await answered
  expect(asked).toBe(3)
  expect(recordIn(second, id)).toMatchObject({ status: 'stopped', energyMWh: 3_000_000 })
  expect(second.logged.join()).toContain('cannot be read')
})

test('after an upgrade a running transaction of the version before goes on from what it had', async () => {
  const golden: unknown = JSON.parse(readFileSync(new URL('./golden/family-v2.json', import.meta.url), 'utf8'))
  const store = createMemoryStore()
  await store.commit('depot', await store.own('depot'), { puts: new Map([['family:CP1', golden]]) })
  const stand = await openStand({ store })
  stand.connect()
  await stand.boot()
  for (let look = 0; look < 2; look++) {
    expect(stand.family.transactions()).toMatchObject([{ id: 1000, energyWh: 50 }, { id: 1001, energyWh: 0 }])
    await stand.clock.advance(20_000)
  }
  await stop(stand, 1000, 600, 3_600_000)
  expect(recordIn(stand, 1000)).toMatchObject({ v: 2, status: 'stopped', maxPowerW: 22_080, energyMWh: 500_000 })
})

test('a status that comes later than sixty newer ones counts as it would have in time', async () => {
  const said = async (order: readonly number[]) => {
    const stand = await booted()
    const id = await start(stand, -hourMs)
    for (const at of order) await stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: at % 2 === 0 ? 'SuspendedEVSE' : 'Charging', timestamp: new Date(stand.clock.wall() - hourMs + 1_000 + at * 30_000).toISOString() })
    return recordIn(stand, id).statuses.map(([, status]) => status)
  }
  const inTime = Array.from({ length: 80 }, (_, at) => at)
  expect(await said([...inTime.slice(1), 0])).toEqual(await said(inTime))
})
