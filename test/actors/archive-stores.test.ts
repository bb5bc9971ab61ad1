// The archive of transactions on real stores: on disk, and in Redis, where a series lies in days.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Archive, idSeries, startSeries, transactionSeries } from '../../src/actors/archive.ts'
import { openScope } from '../../src/actors/scope.ts'
import { systemClock as clock } from '../../src/clock.ts'
import { openRecord, recordKey, stopRecord } from '../../src/sessions/record.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { startRedisOrUseGiven, withoutRedis } from '../store/redis-server.ts'

const dayMs = 86_400_000
const most = 2_147_483_647

async function years(store: Store): Promise<void> {
  const scope = await openScope({ store, name: 'depot', clock })
  const archive = new Archive({ siteID: 'depot', store, clock })
  const nowMs = clock.wall()
  // Ids as they are: anywhere in 31 bits.
  const all = Array.from({ length: 450 }, (_, index) => ({ id: most - index * 4_000_003, startedAtMs: nowMs - 3 * dayMs - index * 2.5 * dayMs }))
  for (const { id, startedAtMs } of all) {
    const at = new Date(startedAtMs).toISOString()
    const begun = openRecord({ id, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', idTagInfo: { status: 'Accepted' }, startedAtMs, startedAtStation: at, receivedAtMs: startedAtMs, meterStartWh: 0, reservationId: null })
    scope.put(recordKey(id), stopRecord(begun, { meterStopWh: 1_000, stoppedAtMs: startedAtMs + 3_600_000, stoppedAtStation: at, receivedAtMs: startedAtMs, reason: 'Local', idTag: null }))
    scope.put(`start:${id}`, id)
  }
  await scope.flush()
  expect(await archive.move(scope)).toBe(450)
  expect([...(await store.read('depot')).keys()].filter((key) => /^(tx|start):/.test(key))).toEqual([])
  const listed: number[] = []
  for await (const { id } of archive.newestFirst(0, nowMs)) listed.push(id)
  expect(listed).toEqual(all.map(({ id }) => id))
  expect([await archive.find(most), await archive.startOf(`start:${all[449]!.id}`), await archive.find(5)]).toMatchObject([{ id: most, meterStopWh: 1_000 }, all[449]!.id, null])

  const changed = { ...(await archive.find(all[7]!.id))!, startedAtMs: all[7]!.startedAtMs - dayMs, idTag: 'Other' }
  scope.put(recordKey(changed.id), changed)
  expect([await archive.move(scope), (await archive.find(changed.id))?.idTag]).toEqual([1, 'Other'])

  while (await archive.drop(nowMs - 100 * dayMs) > 0);
  const left = all.filter(({ startedAtMs }) => startedAtMs >= nowMs - 100 * dayMs)
  const kept = await Promise.all([idSeries, startSeries, transactionSeries].map((series) => store.range('depot', series, 0, Number.MAX_SAFE_INTEGER)))
  expect([left.length > 30, kept.map((rows) => rows.length)]).toEqual([true, [left.length, left.length, left.length]])
  await scope.close()
}

describe('years of transactions are moved, found, listed, changed and forgotten', () => {
  test('on disk', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kwota-archive-'))
    const store = await openEmbeddedStore({ dataDir, clock })
    await expect(years(store)).resolves.toBeUndefined()
    await store.close()
    await rm(dataDir, { recursive: true })
  })

  test.skipIf(withoutRedis())('in Redis', async () => {
    const redis = await startRedisOrUseGiven()
    if (!redis) throw new Error('no Redis')
    const store = await openRedisStore({ clock, url: redis.url, prefix: `${redis.prefix}archive:`, commandTimeoutMs: 5_000 })
    await expect(years(store)).resolves.toBeUndefined()
    await store.close()
    await redis.stop()
  })
})
