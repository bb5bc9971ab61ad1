// The audit log on real stores: on disk, and in Redis, through restarts, moves and retention.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyChain } from '../../src/actors/audit-chain.ts'
import { AuditLog } from '../../src/actors/audit-log.ts'
import { openScope } from '../../src/actors/scope.ts'
import { storeSource } from '../../src/cli/audit-sources.ts'
import { systemClock as clock } from '../../src/clock.ts'
import { silentLog as log } from '../../src/log.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { startRedisOrUseGiven, withoutRedis } from '../store/redis-server.ts'

async function runs(open: () => Promise<Store>): Promise<void> {
  for (let run = 1; run <= 3; run++) {
    const store = await open()
    const scope = await openScope({ store, name: 'kwota', clock })
    const audit = new AuditLog({ scope, store, clock, log })
    expect(audit.end.sequence).toBe((run - 1) * 300)
    const made = Array.from({ length: 300 }, (_, index) => audit.record({ actor: 'local', action: 'set-grid-limit', target: { kind: 'grid-limit', id: 'main' }, siteID: 'main', before: null, after: { index } }))
    await Promise.all(made)
    if (run === 2) await audit.move()
    scope.abandon()
    await store.close()
  }
  const store = await open()
  const verify = async () => {
    const { head, rows } = await storeSource(store)
    return verifyChain(head, rows)
  }
  expect(await verify()).toMatchObject({ ok: true, records: 900 })
  const audit = new AuditLog({ scope: await openScope({ store, name: 'kwota', clock }), store, clock, log })
  expect(await audit.expire(clock.wall() + 1_000)).toBe(900)
  expect(await verify()).toMatchObject({ ok: true, records: 1 })
  await store.close()
}

describe('three runs, the last thing each does is not to end', () => {
  test('on disk', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kwota-audit-'))
    await expect(runs(() => openEmbeddedStore({ dataDir, clock }))).resolves.toBeUndefined()
    await rm(dataDir, { recursive: true })
  })

  test.skipIf(withoutRedis())('in Redis', async () => {
    const redis = await startRedisOrUseGiven()
    if (!redis) throw new Error('no Redis')
    await expect(runs(() => openRedisStore({ clock, url: redis.url, prefix: `${redis.prefix}audit:`, commandTimeoutMs: 5_000 }))).resolves.toBeUndefined()
    await redis.stop()
  })
})
