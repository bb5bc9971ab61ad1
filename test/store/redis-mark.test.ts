// The mark beside Redis: by it a Redis that comes back older is known, also by the next run.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { openFiles } from '../../src/store/files.ts'
import { openMark, type Mark } from '../../src/store/redis-mark.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { startRedisOrUseGiven, withoutRedis } from './redis-server.ts'

let dir: string
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'kwota-mark-')) })
afterEach(() => rm(dir, { recursive: true }))

function open(of = clock as typeof clock, failures: unknown[] = []): Promise<Mark> {
  return openMark({ files: openFiles(dir), clock: of, onFailure: (error) => failures.push(error) })
}

test('is written once a second at most, at the end, and at once for what was lost', async () => {
  const virtual = new VirtualClock()
  const files = openFiles(dir)
  let writes = 0
  const mark = await openMark({ files: { read: files.read, write: (...given) => { writes += 1; return files.write(...given) } }, clock: virtual, onFailure: () => expect.unreachable() })
  for (let i = 1; i <= 50; i++) {
    mark.note('depot', 2, i)
    await virtual.advance(100)
  }
  expect(writes).toBeLessThanOrEqual(5)
  mark.note('depot', 2, 51)
  await mark.close()
  expect((await open()).of('depot')).toEqual({ epoch: 2, sequence: 51 })
  const again = await open()
  await again.lose('depot')
  expect((await open()).of('depot')).toEqual({ epoch: 2, sequence: 51, lost: true })
})

test('that cannot be read counts as none, and says so', async () => {
  await openFiles(dir).write('redis-mark', (async function* () { yield Buffer.from('{"v":7}') })())
  const failures: unknown[] = []
  expect((await open(clock, failures)).of('depot')).toBeUndefined()
  expect(failures).toHaveLength(1)
})

describe.skipIf(withoutRedis())('the next run', () => {
  test('is told of a Redis that is behind, until it has written something; its epochs go on above both', async () => {
    const redis = await startRedisOrUseGiven()
    if (redis === null) throw new Error('no Redis')
    const plain = new Redis(redis.url)
    const start = async () => openRedisStore({ url: redis.url, prefix: redis.prefix, clock, commandTimeoutMs: 5_000, mark: await open() })
    const losses: string[] = []
    const first = await start()
    for (let epoch = 1; epoch <= 3; epoch++) expect(await first.own('depot', undefined, () => losses.push('first'))).toBe(epoch)
    for (let i = 0; i < 5; i++) await first.commit('depot', 3, { puts: new Map([['a', i]]) })
    await first.close()
    const second = await start()
    expect(await second.own('depot', undefined, () => losses.push('second'))).toBe(4)
    await second.commit('depot', 4, { puts: new Map([['a', 9]]) })
    await second.close()
    expect(losses).toEqual([])

    await plain.hset(`${redis.prefix}{site:depot}:epoch`, 'epoch', 2, 'seq', 1)
    const third = await start()
    expect(await third.own('depot', undefined, () => losses.push('third'))).toBe(5)
    await third.close()
    const fourth = await start()
    expect(await fourth.own('depot', undefined, () => losses.push('fourth, since the third has written nothing'))).toBe(6)
    await fourth.commit('depot', 6, { puts: new Map([['a', 10]]) })
    await fourth.close()
    const fifth = await start()
    expect(await fifth.own('depot', undefined, () => losses.push('fifth'))).toBe(7)
    await fifth.close()
    expect(losses).toEqual(['third', 'fourth, since the third has written nothing'])

    await plain.hset(`${redis.prefix}{site:depot}:epoch`, 'seq', 0, 'epoch', 7)
    const sixth = await start()
    await sixth.own('depot', undefined, () => losses.push('sixth'))
    await sixth.close()
    expect(losses).toHaveLength(2)
    plain.disconnect()
    await redis.stop()
  })
})
