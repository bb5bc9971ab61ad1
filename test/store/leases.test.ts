// The leases of owners in Redis: who lives keeps its scopes, who is gone or was paused loses them, and knows it before it says a word.
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../src/clock.ts'
import { StaleEpoch, StoreOwned, type Owner, type Store } from '../../src/store/port.ts'
import { openRedisStore, type RedisStoreOptions } from '../../src/store/redis.ts'
import { startRedis, withoutRedisServer, type RedisServer } from './redis-server.ts'

const leaseMs = 1_000

/** The clock of a process that can be stopped: its time goes on, and what was due meanwhile happens when it goes on. */
class PausedClock implements Clock {
  private paused: (() => void)[] | null = null
  wall(): number { return systemClock.wall() }
  mono(): number { return systemClock.mono() }
  after(delayMs: number, fn: () => void): () => void {
    let cancelled = false
    const run = (): void => {
      if (cancelled) return
      if (this.paused === null) fn()
      else this.paused.push(run)
    }
    const cancel = systemClock.after(delayMs, run)
    return () => {
      cancelled = true
      cancel()
    }
  }
  pause(): void { this.paused ??= [] }
  resume(): void {
    const due = this.paused ?? []
    this.paused = null
    for (const run of due) run()
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => { systemClock.after(ms, resolve) })
const ownerCalled = (id: string): Owner => ({ id, host: 'here', pid: 1, startedAt: '2026-01-01T00:00:00.000Z' })

describe.skipIf(withoutRedisServer())('a lease in Redis', () => {
  let server: RedisServer
  let opened: Store[] = []
  beforeEach(async () => {
    const started = await startRedis()
    if (started === null) throw new Error('no redis-server')
    server = started
  })
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()))
    opened = []
    await server.stop()
  })

  async function open(id: string, options: Partial<RedisStoreOptions> = {}): Promise<Store> {
    const store = await openRedisStore({ url: server.url, clock: systemClock, leaseMs, owner: ownerCalled(id), commandTimeoutMs: 5_000, ...options })
    opened.push(store)
    return store
  }

  test('refuses whoever comes while its owner lives, and says who that is', async () => {
    const first = await open('first')
    const epoch = await first.own('depot')
    const refused = await (await open('second')).own('depot').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreOwned)
    expect(refused).toMatchObject({ owner: ownerCalled('first') })
    expect(String(refused)).toContain('depot is in use by another kwota (first on here, process 1, since 2026-01-01T00:00:00.000Z)')
    await first.commit('depot', epoch, { puts: new Map([['a', 1]]) })
    expect(first.leases.hold('depot', epoch)).toMatchObject({ state: 'fresh', endsAtMs: expect.any(Number) })
  })

  test('lasts for as long as it is renewed, whether anything is written or not', async () => {
    let lost = 0
    const first = await open('first')
    const second = await open('second')
    const epochs = new Map<string, number>()
    for (const scope of ['kwota', 'north', 'south']) epochs.set(scope, await first.own(scope, () => { lost += 1 }))
    for (let tries = 0; tries < 3; tries += 1) {
      await wait(leaseMs / 2)
      for (const scope of epochs.keys()) await expect(second.own(scope)).rejects.toThrow(StoreOwned)
    }
    for (const [scope, epoch] of epochs) expect(first.leases.hold(scope, epoch).state).toBe('fresh')
    expect(lost).toBe(0)
  })

  test('is renewed for a thousand scopes together, also by a server that has forgotten its scripts', async () => {
    const first = await open('first', { leaseMs: 8_000 })
    const scopes = Array.from({ length: 1_000 }, (_, nth) => `site-${nth}`)
    const epochs = await Promise.all(scopes.map((scope) => first.own(scope)))
    const redis = new Redis(server.url)
    await redis.script('FLUSH')
    const ends = async () => (await Promise.all(scopes.map((scope) => redis.hget(`{site:${scope}}:epoch`, 'leaseEndsAt')))).map(Number)
    const before = await ends()
    await expect.poll(async () => (await ends()).every((end, nth) => end > (before[nth] ?? Infinity)), { timeout: 10_000 }).toBe(true)
    redis.disconnect()
    expect(scopes.every((scope, nth) => first.leases.hold(scope, epochs[nth] ?? 0).state === 'fresh')).toBe(true)
  })

  test('ends at once in an orderly stop, and by itself after a crash', async () => {
    const first = await open('first')
    await first.own('depot')
    await first.close()
    const redis = new Redis(server.url)
    expect(await redis.hgetall('{site:depot}:epoch')).toEqual({ epoch: '1', seq: '0' })
    redis.disconnect()
    // A clock that stands still beats no more: to Redis that is a process that was killed.
    const clock = new PausedClock()
    const second = await open('second', { clock })
    expect(await second.own('depot')).toBe(2)
    clock.pause()
    expect(await (await open('third')).own('depot')).toBe(3)
    clock.resume()
  })

  test('is one of the process: with the same owner another handle takes over without waiting', async () => {
    await (await open('first')).own('depot')
    expect(await (await open('first')).own('depot')).toBe(2)
  })

  test('that ran out during a pause is in doubt until Redis was asked: taken by another it is lost, told once, and nothing more is written', async () => {
    const clock = new PausedClock()
    const first = await open('first', { clock })
    const told: string[] = []
    const [mine, kept] = [await first.own('depot', (why) => told.push(why)), await first.own('yard', (why) => told.push(why))]
    clock.pause()
    const second = await open('second')
    const theirs = await second.own('depot')
    await wait(leaseMs)
    expect(first.leases.hold('depot', mine).state).toBe('overdue')
    expect(told).toEqual([])
    const doubt = first.leases.doubt()
    expect(doubt).not.toBeNull()
    const appended = first.append('depot', 'power', [{ atMs: 1, value: 'late' }]).catch((error: unknown) => error)
    clock.resume()
    await doubt
    expect(told).toEqual([expect.stringContaining('depot was taken by another kwota (second on here')])
    expect([first.leases.hold('depot', mine).state, first.leases.hold('yard', kept).state]).toEqual(['lost', 'fresh'])
    expect(first.leases.doubt()).toBeNull()
    expect(await appended).toBeInstanceOf(StaleEpoch)
    await expect(first.commit('depot', mine, { puts: new Map([['a', 'late']]) })).rejects.toThrow(StaleEpoch)
    await first.commit('yard', kept, { puts: new Map([['a', 1]]) })
    await second.commit('depot', theirs, { puts: new Map([['b', 1]]) })
    expect(await second.read('depot')).toEqual(new Map([['b', 1]]))
    expect(await second.range('depot', 'power', 0, 10)).toEqual([])
    expect(told.length).toBe(1)
  })

  test('that ran out because Redis hung is overdue without a doubt, and fresh when Redis is back', async () => {
    const first = await open('first', { commandTimeoutMs: 200 })
    const epoch = await first.own('depot')
    const doubts: unknown[] = []
    server.signal('SIGSTOP')
    const state = (): string => {
      doubts.push(first.leases.doubt())
      return first.leases.hold('depot', epoch).state
    }
    await expect.poll(state, { timeout: 10_000, interval: 20 }).toBe('overdue')
    await wait(leaseMs)
    expect(state()).toBe('overdue')
    server.signal('SIGCONT')
    await expect.poll(state, { timeout: 10_000, interval: 20 }).toBe('fresh')
  })

  test('after a pause with a Redis that is silent the doubt ends all the same, and only what is safe is left', async () => {
    const clock = new PausedClock()
    const first = await open('first', { clock, commandTimeoutMs: 200 })
    const epoch = await first.own('depot')
    clock.pause()
    server.signal('SIGSTOP')
    await wait(leaseMs)
    const doubt = first.leases.doubt()
    expect(doubt).not.toBeNull()
    clock.resume()
    await doubt
    expect(first.leases.hold('depot', epoch).state).toBe('overdue')
    expect(first.leases.doubt()).toBeNull()
    server.signal('SIGCONT')
  })

  test('is not lost to a Redis that has forgotten, only overdue', async () => {
    let lost = 0
    const first = await open('first')
    const epoch = await first.own('depot', () => { lost += 1 })
    const redis = new Redis(server.url)
    await redis.hset('{site:depot}:epoch', 'epoch', epoch - 1)
    redis.disconnect()
    await expect.poll(() => first.leases.hold('depot', epoch).state, { timeout: 10_000 }).toBe('overdue')
    expect(lost).toBe(0)
  })

  test('taken with the same number by another, after Redis had forgotten, is lost', async () => {
    let lost = 0
    const first = await open('first')
    const epoch = await first.own('depot', () => { lost += 1 })
    const redis = new Redis(server.url)
    await redis.hset('{site:depot}:epoch', 'epoch', epoch, 'owner', JSON.stringify(ownerCalled('second')))
    redis.disconnect()
    await expect.poll(() => lost, { timeout: 10_000 }).toBe(1)
    expect(first.leases.hold('depot', epoch).state).toBe('lost')
  })

  test('of an owner that is gone does not last longer because the clock of Redis was put back', async () => {
    const clock = new PausedClock()
    const first = await open('first', { clock })
    const epoch = await first.own('depot')
    clock.pause()
    const redis = new Redis(server.url)
    await redis.hincrby('{site:depot}:epoch', 'leaseEndsAt', 3_600_000)
    redis.disconnect()
    expect(await (await open('second')).own('depot')).toBe(epoch + 1)
    clock.resume()
  })

  test('lower than ours after Redis had forgotten, but of another that lives, is not taken back: nothing is written over what that one has acknowledged', async () => {
    const clock = new PausedClock()
    const first = await open('first', { clock })
    await first.own('depot')
    const epoch = await first.own('depot')
    clock.pause()
    const redis = new Redis(server.url)
    await redis.del('{site:depot}:epoch')
    redis.disconnect()
    const second = await open('second')
    const theirs = await second.own('depot')
    await second.commit('depot', theirs, { puts: new Map([['a', 'acknowledged']]) })
    clock.resume()
    await expect(first.commit('depot', epoch, { deletes: ['a'] })).rejects.toThrow('depot was taken there by another kwota (second on here')
    expect(await second.read('depot')).toEqual(new Map([['a', 'acknowledged']]))
    await second.close()
    await first.commit('depot', epoch, { puts: new Map([['c', 1]]) })
    expect(first.leases.hold('depot', epoch).state).toBe('fresh')
  })

  test('with the same number of another does not let a write through either', async () => {
    const clock = new PausedClock()
    const told: string[] = []
    const first = await open('first', { clock })
    const epoch = await first.own('depot', (why) => told.push(why))
    clock.pause()
    const redis = new Redis(server.url)
    await redis.del('{site:depot}:epoch')
    redis.disconnect()
    const second = await open('second')
    expect(await second.own('depot')).toBe(epoch)
    await second.commit('depot', epoch, { puts: new Map([['a', 'acknowledged']]) })
    for (let i = 0; i < 2; i += 1) await expect(first.commit('depot', epoch, { deletes: ['a'] })).rejects.toThrow(StaleEpoch)
    expect(told).toEqual([expect.stringContaining('depot was taken by another kwota (second on here')])
    expect(await second.read('depot')).toEqual(new Map([['a', 'acknowledged']]))
    clock.resume()
  })
})
