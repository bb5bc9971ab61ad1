// How long what is kept: said, changed, durable; and what is too old goes, also of sites that are no more.
import { describe, expect, test } from 'vitest'
import { retentionKinds, retentionSchema } from '../../src/settings.ts'
import type { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const dayMs = 86_400_000
const later = (stand: HouseStand, ms: number): Promise<HouseStand> => stand.restart({ clock: new VirtualClock(stand.clock.wall() + ms) })
/** Long enough for the first round, which gives way at every step. */
async function swept(stand: HouseStand): Promise<void> {
  await stand.clock.advance(70_000)
  for (let turn = 0; turn < 40; turn++) await stand.clock.advance(1)
}

const daysOf = async (stand: HouseStand, kind: string) => (await stand.house.retention.get()).value.kinds.find((one) => one.kind === kind)

describe('said', () => {
  test('by kwota, by the file, by a person, back again; durable, with who and when', async () => {
    const stand = await openHouse({ messageLog: { keepDays: 3, keepMiB: 1 } })
    const first = await stand.house.retention.get()
    expect([first.version, first.value.kinds.map(({ kind }) => kind)]).toEqual([0, retentionKinds])
    expect([await daysOf(stand, 'meterValues'), await daysOf(stand, 'messages')]).toMatchObject([{ keepDays: 90, source: 'default', oldestAt: null }, { keepDays: 3, defaultDays: 3, source: 'file' }])
    await stand.house.retention.put({ meterValues: 30, messages: 10 }, caller)
    const again = await stand.restart()
    expect([await daysOf(again, 'meterValues'), await daysOf(again, 'messages')]).toMatchObject([{ keepDays: 30, source: 'set', defaultDays: 90 }, { keepDays: 10, source: 'set' }])
    await again.house.retention.put({ messages: null }, caller)
    expect([await daysOf(again, 'messages'), await daysOf(again, 'meterValues'), again.house.retention.said()]).toMatchObject([{ keepDays: 3 }, { keepDays: 30 }, { version: 2, changedBy: 'tester' }])
  })

  test('what the file leaves as it is comes from kwota; transactions that have not moved yet are there too', async () => {
    const stand = await openHouse({ messageLog: { keepDays: 7, keepMiB: 1 }, sites: [{ id: 'main' }], chargePoints: [{ id: 'CP1' }] })
    expect([await daysOf(stand, 'messages'), await daysOf(stand, 'transactions')]).toMatchObject([{ keepDays: 7, source: 'default' }, { oldestAt: null }])
    const peer = await stand.boot('CP1')
    const startedAt = new Date(stand.clock.wall()).toISOString()
    await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: startedAt })
    expect(await daysOf(stand, 'transactions')).toMatchObject({ oldestAt: startedAt })
  })

  test('while the store is down nothing is changed', async () => {
    const stand = await openHouse()
    stand.trouble.store = true
    await expect(stand.house.retention.put({ orphans: 1 }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    expect([await daysOf(stand, 'orphans'), stand.house.retention.said().version]).toMatchObject([{ keepDays: 365 }, 0])
  })
})

test('the file may say it for all but messages, which have their own place, within bounds', () => {
  expect(retentionSchema.safeParse({ meterValues: 1, transactions: 36_500 }).success).toBe(true)
  for (const wrong of [{ messages: 1 }, { meterValues: 0 }, { transactions: 29 }, { orphans: 1.5 }, { photos: 1 }]) expect(retentionSchema.safeParse(wrong).success).toBe(false)
})

describe('sweeping', () => {
  test('what is too old goes, of each kind, and what is not stays; an alert about an orphan ends with it', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const id = await stand.start(peer)
    const at = new Date(stand.clock.wall()).toISOString()
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: at })
    await stand.call(peer, 'StopTransaction', { transactionId: 4_711, meterStop: 10, timestamp: at })
    await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: 4_711, meterValue: [{ timestamp: at, sampledValue: [{ value: '1' }] }] })
    const orphanAlerts = (one: HouseStand) => one.house.alerts().filter(({ code, resolvedAt }) => code.startsWith('orphaned-') && resolvedAt === null).map(({ code }) => code)
    expect(orphanAlerts(stand)).toEqual(['orphaned-readings', 'orphaned-stop'])
    const now = stand.clock.wall()
    const series = ['meter:GONE/1', 'samples:GONE/1', 'rollup:GONE/1', 'availability']
    for (const name of series) await stand.store.append('main', name, [{ atMs: now - 2_000 * dayMs, value: 1 }, { atMs: now, value: 2 }])
    await stand.store.append('forgotten', 'meter:X/1', [{ atMs: now - 2_000 * dayMs, value: 1 }])
    await stand.store.own('forgotten')
    await swept(stand)
    for (const name of series) expect(await stand.store.range('main', name, 0, now - 1_900 * dayMs)).toEqual([])
    for (const name of series) expect((await stand.store.range('main', name, now, now + 1)).map(({ value }) => value)).toContain(2)
    expect(await stand.store.range('forgotten', 'meter:X/1', 0, now)).toEqual([])
    expect([stand.house.orphans.list({}).length, (await stand.house.records.get(id)).status]).toEqual([2, 'stopped'])

    const aged = await later(stand, 366 * dayMs)
    await swept(aged)
    expect([aged.house.orphans.list({}), aged.house.records.held(), (await aged.house.records.get(id)).status]).toEqual([[], [], 'stopped'])
    expect(orphanAlerts(aged)).toEqual([])
    expect(await daysOf(aged, 'transactions')).toMatchObject({ oldestAt: (await aged.house.records.get(id)).startedAt })

    const old = await later(aged, 3_650 * dayMs)
    await swept(old)
    await expect(old.house.records.get(id)).rejects.toMatchObject({ code: 'unknown-transaction' })
    expect(await daysOf(old, 'transactions')).toMatchObject({ oldestAt: null })
  })

  test('said otherwise, it reaches what is already there at once: what is too old goes, what would go by itself is kept for as long as now said, also after a crash', async () => {
    const kept: [string, number][] = []
    let failing = false
    const through = (store: MemoryStore): Store => ({
      ...store,
      async keep(scope, series, keepMs) {
        if (failing) throw new StoreUnavailable('killed')
        kept.push([series, keepMs / dayMs])
        await store.keep(scope, series, keepMs)
      },
    })
    const stand = await openHouse({ through })
    const now = stand.clock.wall()
    for (const name of ['meter:GONE/1', 'rollup:GONE/1']) await stand.store.append('main', name, [{ atMs: now - 5 * dayMs, value: 1 }, { atMs: now, value: 2 }])
    const keptOf = () => kept.splice(0).filter(([series]) => series.endsWith('GONE/1'))
    await swept(stand)
    expect(keptOf()).toEqual([['meter:GONE/1', 90], ['rollup:GONE/1', 1095]])
    await stand.clock.advance(3_600_000)
    expect(keptOf()).toEqual([])
    await stand.house.retention.put({ meterValues: 300 }, caller)
    await swept(stand)
    expect([keptOf(), (await stand.store.range('main', 'meter:GONE/1', 0, now + 1)).length]).toEqual([[['meter:GONE/1', 300]], 2])
    failing = true
    await stand.house.retention.put({ meterValues: 2 }, caller)
    await swept(stand)
    expect(await stand.store.range('main', 'meter:GONE/1', 0, now)).toEqual([])
    const goneMs = stand.clock.wall() - 2 * dayMs
    failing = false
    const again = await stand.restart()
    await again.house.retention.put({ meterValues: 300 }, caller)
    await swept(again)
    expect(keptOf()).toEqual([['meter:GONE/1', 300]])
    expect(again.directory.estate.retention.meterValuesFromMs()).toBeGreaterThan(goneMs - 120_000)
    const later = await again.restart()
    expect(later.directory.estate.retention.meterValuesFromMs()).toBe(again.directory.estate.retention.meterValuesFromMs())
  })

  test('commands that finished long ago go', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await stand.boot('CP1')
    await stand.clock.advance(1_000)
    const sent = stand.house.commands.issue('CP1', 'ClearCache', {}, { waitMs: 1_000 }, caller)
    await stand.clock.advance(2_000)
    const { id } = await sent
    const aged = await later(stand, 91 * dayMs)
    expect(aged.house.commands.list().some((one) => one.id === id)).toBe(true)
    await swept(aged)
    expect(aged.house.commands.list().some((one) => one.id === id)).toBe(false)
  })

  test('goes on in an hour when the store was down', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const now = stand.clock.wall()
    await stand.store.append('main', 'rollup:GONE/1', [{ atMs: now - 2_000 * dayMs, value: 1 }])
    stand.trouble.store = true
    await swept(stand)
    stand.trouble.store = false
    expect(stand.logged).toContain('what is kept could not be tidied up; it goes on in an hour')
    await stand.clock.advance(3_600_000)
    expect(await stand.store.range('main', 'rollup:GONE/1', 0, now)).toEqual([])
  })
})
