// Ended transactions beyond memory: moved, found, listed, changed, forgotten; whatever fails or ends in between.
import { describe, expect, test } from 'vitest'
import { Archive, idSeries, startSeries, stoppedStayMs, transactionSeries } from '../../src/actors/archive.ts'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import { closeUnconfirmed, openRecord, recordKey, stopRecord, type TransactionRecord } from '../../src/sessions/record.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'

const dayMs = 86_400_000

async function open(store: Store = createMemoryStore(), clock = new VirtualClock()) {
  const scope = await openScope({ store, name: 'depot', clock })
  return { store, clock, scope, archive: new Archive({ siteID: 'depot', store, clock }) }
}

function recordOf(id: number, startedAtMs: number, end: 'stopped' | 'unconfirmed' | null = 'stopped'): TransactionRecord {
  const at = new Date(startedAtMs).toISOString()
  const begun = openRecord({
    id, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', idTagInfo: { status: 'Accepted' }, startedAtMs, startedAtStation: at,
    receivedAtMs: startedAtMs, meterStartWh: 0, reservationId: null, clockOffsetMs: 0, maxPowerW: 22_000, timezone: 'UTC', tariff: null, limits: {},
  })
  if (end === null) return begun
  if (end === 'unconfirmed') return closeUnconfirmed(begun, startedAtMs + 3_600_000)
  return stopRecord(begun, { meterStopWh: 1_000, stoppedAtMs: startedAtMs + 3_600_000, stoppedAtStation: at, receivedAtMs: startedAtMs + 3_600_000, reason: 'Local', idTag: null })
}

async function hold(scope: Scope, ...records: TransactionRecord[]): Promise<void> {
  for (const record of records) {
    scope.put(recordKey(record.id), record)
    scope.put(`start:${record.id}`, record.id)
  }
  await scope.flush()
}

async function listed(archive: Archive, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER): Promise<number[]> {
  const found: number[] = []
  for await (const { id } of archive.newestFirst(fromMs, toMs)) found.push(id)
  return found
}

/** A store that notes whether what is added to a series has to be durable. */
function noting(): { readonly store: Store; readonly wanted: (boolean | undefined)[] } {
  const inner = createMemoryStore()
  const wanted: (boolean | undefined)[] = []
  const store: Store = {
    ...inner,
    append: (scope, series, entries, options) => { wanted.push(options?.durable); return inner.append(scope, series, entries, options) },
    replace: (scope, series, fromMs, toMs, entries, options) => { wanted.push(options?.durable); return inner.replace(scope, series, fromMs, toMs, entries, options) },
  }
  return { store, wanted }
}

describe('moving', () => {
  test('what leaves the scope is durable in the series first, also where it is put again or forgotten', async () => {
    const { store, wanted } = noting()
    const { scope, archive, clock } = await open(store)
    const now = clock.wall()
    await hold(scope, recordOf(1, now - 3 * dayMs), recordOf(2, now - 5 * dayMs))
    await archive.move(scope)
    await hold(scope, { ...recordOf(1, now - 4 * dayMs), meterStopWh: 2_000 })
    await archive.move(scope)
    await archive.rewrite(0, (record) => ({ ...record, idTag: 'erased-1' }))
    expect(await archive.drop(now)).toBeGreaterThan(0)
    expect(wanted.length).toBeGreaterThan(8)
    expect(new Set(wanted)).toEqual(new Set([true]))
  })

  test('what has rested leaves the scope and is found by id and by its start; what has not stays', async () => {
    const { scope, archive, clock, store } = await open()
    const now = clock.wall()
    const old = recordOf(1, now - 3 * dayMs)
    await hold(scope, old, recordOf(2, now - 3_600_000), recordOf(3, now - 30 * dayMs, null), recordOf(4, now - 3 * dayMs, 'unconfirmed'), recordOf(5, now - 8 * dayMs, 'unconfirmed'))
    expect(await archive.move(scope)).toBe(2)
    expect([...(await store.read('depot')).keys()].filter((key) => key.startsWith('tx:') || key.startsWith('start:')).sort()).toEqual(['start:2', 'start:3', 'start:4', 'tx:2', 'tx:3', 'tx:4'])
    expect([await archive.find(1), await archive.find(2), await archive.startOf('start:1'), await archive.startOf('start:2')]).toEqual([old, null, 1, null])
    expect([await listed(archive), await archive.move(scope)]).toEqual([[1, 5], 0])
  })

  test('a start repeated weeks later is known by its key, whatever became of the record', async () => {
    const { scope, archive, clock } = await open()
    const now = clock.wall()
    await hold(scope, recordOf(1, now - 3 * dayMs))
    await archive.move(scope)
    await hold(scope, { ...recordOf(1, now - 3 * dayMs), idTag: 'erased-1' })
    scope.delete('start:1')
    await archive.move(scope)
    expect([await archive.startOf('start:1'), (await archive.find(1))?.idTag]).toEqual([1, 'erased-1'])
  })

  test('one that is changed comes back into the scope and is moved in its own place again, also when it began at another time', async () => {
    const { scope, archive, clock } = await open()
    const now = clock.wall()
    await hold(scope, recordOf(1, now - 3 * dayMs), recordOf(2, now - 3 * dayMs))
    await archive.move(scope)
    await hold(scope, { ...recordOf(1, now - 3 * dayMs), meterStopWh: 2_000 }, recordOf(2, now - 4 * dayMs))
    expect(await archive.move(scope)).toBe(2)
    expect([(await archive.find(1))?.meterStopWh, (await archive.find(2))?.startedAtMs, await listed(archive)]).toEqual([2_000, now - 4 * dayMs, [1, 2]])
  })

  test('one that changes while it is moved stays, and what it became is moved next', async () => {
    const memory = createMemoryStore()
    let during = () => undefined as void
    const store: Store = { ...memory, append: async (...given) => { during(); await memory.append(...given) } }
    const { scope, archive, clock } = await open(store)
    const late = { ...recordOf(1, clock.wall() - 3 * dayMs), meterStopWh: 7 }
    await hold(scope, recordOf(1, clock.wall() - 3 * dayMs))
    during = () => scope.put(recordKey(1), late)
    await archive.move(scope)
    expect(scope.get(recordKey(1))).toBe(late)
    during = () => undefined
    await archive.move(scope)
    expect([scope.get(recordKey(1)), (await archive.find(1))?.meterStopWh, await listed(archive)]).toEqual([undefined, 7, [1]])
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('killed after %d writes: never in neither place, and once in the list in the end', async (writes) => {
    const clock = new VirtualClock()
    const memory = createMemoryStore()
    let left = writes
    let counting = false
    const counted = <A extends unknown[], R>(write: (...given: A) => Promise<R>) => (...given: A): Promise<R> => (counting && left-- <= 0 ? Promise.reject(new StoreUnavailable('killed')) : write(...given))
    const store: Store = { ...memory, append: counted(memory.append), replace: counted(memory.replace), commit: counted(memory.commit) }
    const first = await open(store, clock)
    const records = [1, 2, 3].map((id) => recordOf(id, clock.wall() - 3 * dayMs))
    await hold(first.scope, ...records)
    counting = true
    await first.archive.move(first.scope).catch(() => undefined)
    first.scope.abandon()
    const second = await open(memory.restart(), clock)
    for (const record of records) expect(second.scope.get(recordKey(record.id)) ?? await second.archive.find(record.id)).toMatchObject({ id: record.id, meterStopWh: 1_000 })
    await second.archive.move(second.scope)
    expect([(await listed(second.archive)).sort(), second.scope.entries('tx:'), second.scope.entries('start:'), await second.archive.startOf('start:2')]).toEqual([[1, 2, 3], [], [], 2])
  })
})

describe('reading', () => {
  test('newest first over years, between two times, also many of one instant', async () => {
    const { scope, archive, clock } = await open()
    const now = clock.wall()
    await hold(scope, ...Array.from({ length: 450 }, (_, index) => recordOf(index + 1, now - 2 * dayMs - Math.floor(index / 250) * 400 * dayMs)))
    while (await archive.move(scope) > 0);
    expect(await listed(archive)).toEqual([...Array.from({ length: 250 }, (_, index) => 250 - index), ...Array.from({ length: 200 }, (_, index) => 450 - index)])
    expect(await listed(archive, now - 2 * dayMs, now)).toHaveLength(250)
  })
})

describe('forgetting', () => {
  test('what began before a time goes with all that points to it, some at a time', async () => {
    const { scope, archive, clock, store } = await open()
    const now = clock.wall()
    await hold(scope, ...Array.from({ length: 250 }, (_, index) => recordOf(index + 1, now - 400 * dayMs + index * 60_000)), recordOf(999, now - 2 * stoppedStayMs))
    while (await archive.move(scope) > 0);
    let turns = 0
    while (await archive.drop(now - 300 * dayMs) > 0) turns++
    expect(turns).toBeGreaterThan(1)
    expect([await listed(archive), await archive.find(7), await archive.startOf('start:7'), await archive.startOf('start:999')]).toEqual([[999], null, null, 999])
    expect((await Promise.all([idSeries, startSeries, transactionSeries].map((series) => store.range('depot', series, 0, Number.MAX_SAFE_INTEGER)))).map((rows) => rows.length)).toEqual([1, 1, 1])
    expect(await archive.oldestMs()).toBe(now - 2 * stoppedStayMs)
  })

  test('rewriting goes through all of them, some at a time', async () => {
    const { scope, archive, clock } = await open()
    const now = clock.wall()
    await hold(scope, ...Array.from({ length: 250 }, (_, index) => recordOf(index + 1, now - 3 * dayMs - index)))
    while (await archive.move(scope) > 0);
    let [changed, fromMs]: [number, number | null] = [0, 0]
    while (fromMs !== null) {
      const done = await archive.rewrite(fromMs, (record) => (record.id % 2 === 0 ? record : { ...record, idTag: 'x' }))
      ;[changed, fromMs] = [changed + done.changed, done.nextMs]
    }
    expect([changed, (await archive.find(1))?.idTag, (await archive.find(2))?.idTag, (await listed(archive)).length]).toEqual([125, 'x', 'Tag', 250])
  })
})
