// The Redis store: the contract on a real server, and that server hung, killed, full, evicting and rolled back.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { StaleEpoch, StoreUnavailable, type Store } from '../../src/store/port.ts'
import { openRedisStore, StoreUnsuitable, type RedisStoreOptions } from '../../src/store/redis.ts'
import { buildStores, expectKept, runCommitter } from './committer.ts'
import { storeContract } from './contract.ts'
import { dumped } from './dumped.ts'
import { startRedis, startRedisOrUseGiven, withoutRedis, withoutRedisServer, type RedisServer } from './redis-server.ts'

// A shared, busy machine must not fail what is not about deadlines.
const patient = { clock, commandTimeoutMs: 5_000 }

async function untilUsable(store: Store): Promise<void> {
  for (;;) {
    try {
      return await store.check()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await new Promise<void>(resolve => { clock.after(20, resolve) })
    }
  }
}

describe.skipIf(withoutRedis())('store contract, on Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedisOrUseGiven>>
  let nth = 0
  beforeAll(async () => { redis = await startRedisOrUseGiven() })
  afterAll(() => redis?.stop())

  storeContract(async () => {
    nth += 1
    if (!redis) throw new Error('no Redis')
    const { url } = redis
    const prefix = `${redis.prefix}${nth}:`
    const open = () => openRedisStore({ ...patient, url, prefix })
    let store = await open()
    return {
      store,
      async reopen() {
        await store.close()
        store = await open()
        return store
      },
      nowMs: () => clock.wall(),
      second: open,
      async damage(scope, key, text) {
        const hand = new Redis(url)
        await hand.hset(`${prefix}{site:${encodeURIComponent(scope)}}:state`, key, text)
        hand.disconnect()
        return store
      },
      async stop() {
        await store.close()
        const cleaner = new Redis(url)
        for await (const keys of cleaner.scanStream({ match: `${prefix}*`, count: 1_000 })) {
          if (Array.isArray(keys) && keys.length > 0) await cleaner.unlink(...keys.map(String))
        }
        cleaner.disconnect()
      },
    }
  })
})

describe.skipIf(withoutRedis())('what is cleared', () => {
  test('is all that kwota has under its prefix, and nothing of anybody else', async () => {
    const redis = await startRedisOrUseGiven()
    if (!redis) throw new Error('no Redis')
    const [mine, other] = await Promise.all(['mine[1]:', 'mine1:'].map((name) => openRedisStore({ ...patient, url: redis.url, prefix: redis.prefix + name })))
    for (const store of [mine!, other!]) {
      const epoch = await store.own('depot')
      await store.commit('depot', epoch, { puts: new Map([['a', 1]]) })
      await store.claim('ids', 'a', 'me')
      await store.append('depot', 'power', [{ atMs: 1, value: 1 }])
    }
    await mine!.clear()
    expect(await dumped(mine!)).toEqual([])
    expect(await dumped(other!)).toHaveLength(4)
    await other!.clear()
    for (const store of [mine!, other!]) await store.close()
    await redis.stop()
  })
})

describe.skipIf(withoutRedisServer())('a Redis store', () => {
  let server: RedisServer
  let opened: Store[]
  async function start(...settings: string[]): Promise<void> {
    const started = await startRedis(settings)
    if (!started) throw new Error('no redis-server')
    server = started
  }
  async function open(options: Partial<RedisStoreOptions> = {}): Promise<Store> {
    const store = await openRedisStore({ ...patient, url: server.url, ...options })
    opened.push(store)
    return store
  }
  beforeEach(() => { opened = [] })
  afterEach(async () => {
    await Promise.all(opened.map(store => store.close()))
    await server.stop()
  })

  function put(store: Store, epoch: number, ...pairs: [string, unknown][]): Promise<void> {
    return store.commit('depot', epoch, { puts: new Map(pairs) })
  }

  test('uses the documented keys', async () => {
    await start()
    const store = await open()
    await put(store, await store.own('depot'), ['a', 1])
    const redis = new Redis(server.url)
    expect(await redis.hgetall('{site:depot}:state')).toEqual({ a: '1' })
    expect(await redis.hget('{site:depot}:epoch', 'epoch')).toBe('1')
    redis.disconnect()
  })

  test('days with a time to live go by themselves, what was written without one does not, and names are kept in a set', async () => {
    await start()
    const store = await open()
    const dayMs = 86_400_000
    const day = Math.floor(clock.wall() / dayMs)
    const at = (days: number, value: string) => ({ atMs: (day + days) * dayMs + 1, value })
    await store.append('depot', 'kept', [at(0, 'kept')])
    await store.append('depot', 'meter:CP/1', [at(-9, 'gone'), at(-1, 'a'), at(0, 'b')], { keepMs: 3 * dayMs })
    await store.replace('depot', 'meter:CP/1', day * dayMs, (day + 1) * dayMs, [at(0, 'c')], { keepMs: 3 * dayMs })
    const redis = new Redis(server.url)
    const base = '{site:depot}:series:meter%3ACP%2F1'
    expect(await redis.smembers('{site:depot}:series')).toEqual(expect.arrayContaining(['kept', 'meter:CP/1']))
    expect(await redis.pexpiretime(`${base}:day:${day - 1}`)).toBe((day + 3) * dayMs)
    expect(await redis.pexpiretime(`${base}:day:${day}`)).toBe((day + 4) * dayMs)
    for (const key of [`${base}:days`, `${base}:counter`]) expect(await redis.pttl(key)).toBeGreaterThan(6 * dayMs)
    for (const key of ['day:' + day, 'days', 'counter']) expect(await redis.pttl(`{site:depot}:series:kept:${key}`)).toBe(-1)
    expect((await store.range('depot', 'meter:CP/1', 0, Infinity)).map(({ value }) => value)).toEqual(['a', 'c'])
    await redis.del(`${base}:day:${day}`, `${base}:day:${day - 1}`, `${base}:days`, `${base}:counter`)
    expect(await store.series('depot')).toEqual(['kept', 'meter:CP/1'])
    await store.expire('depot', 'meter:CP/1', 1)
    expect(await store.series('depot')).toEqual(['kept'])
    await redis.srem('{site:depot}:series', 'kept')
    await store.expire('depot', 'kept', 1)
    expect(await store.series('depot')).toEqual(['kept'])
    redis.disconnect()
  })

  test('kept for longer, what is there goes later, its index too; kept for less, sooner; what stays for ever does', async () => {
    await start()
    const store = await open()
    const dayMs = 86_400_000
    const day = Math.floor(clock.wall() / dayMs)
    const entries = [day - 1, day].map(one => ({ atMs: one * dayMs, value: one }))
    await store.append('depot', 'short', entries, { keepMs: 2 * dayMs })
    await store.append('depot', 'ever', entries)
    for (const name of ['short', 'ever']) await store.keep('depot', name, 30 * dayMs)
    const redis = new Redis(server.url)
    const ends = async (name: string) => Promise.all(['day:' + (day - 1), 'day:' + day, 'days', 'counter'].map(key => redis.pexpiretime(`{site:depot}:series:${name}:${key}`)))
    const [before, last, days, counter] = await ends('short')
    expect([before, last]).toEqual([(day + 30) * dayMs, (day + 31) * dayMs])
    for (const at of [days, counter]) expect(at).toBeGreaterThan((day + 33) * dayMs)
    expect(await ends('ever')).toEqual([-1, -1, -1, -1])
    await store.keep('depot', 'short', dayMs)
    expect((await ends('short')).slice(0, 2)).toEqual([(day + 1) * dayMs, (day + 2) * dayMs])
    redis.disconnect()
  })

  test('a hung server: commits reject, nothing more is sent, and it works again afterwards', async () => {
    await start()
    const store = await open({ commandTimeoutMs: 200 })
    const epoch = await store.own('depot')
    await put(store, epoch, ['a', 1])
    server.signal('SIGSTOP')
    const outcomes = await Promise.allSettled([
      put(store, epoch, ['a', 2]), put(store, epoch, ['b', 2]), store.claim('ids', 'x', 'depot'),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await expect(put(store, epoch, ['c', 3])).rejects.toThrow(StoreUnavailable)
    await expect(store.check()).rejects.toThrow(StoreUnavailable)
    server.signal('SIGCONT')
    await untilUsable(store)
    await put(store, epoch, ['d', 4])
    const state = await store.read('depot')
    expect(state.get('d')).toBe(4)
    expect(state.has('c')).toBe(false)
    expect([1, 2]).toContain(state.get('a'))
  })

  test('while the server is silent nothing is made ready for it: what waits in memory is encoded when it answers again', async () => {
    await start()
    const store = await open({ commandTimeoutMs: 200 })
    const epoch = await store.own('depot')
    let encoded = 0
    const value = { toJSON: () => ++encoded }
    server.signal('SIGSTOP')
    await expect(put(store, epoch, ['a', value])).rejects.toThrow(StoreUnavailable)
    for (let nth = 0; nth < 20; nth++) await expect(put(store, epoch, ['a', value])).rejects.toThrow('does not answer')
    expect(encoded).toBe(1)
    server.signal('SIGCONT')
    await untilUsable(store)
    await put(store, epoch, ['a', value])
    expect((await store.read('depot')).get('a')).toBe(2)
  })

  test('commits waiting behind one that timed out are rejected unsent', async () => {
    await start()
    const store = await open({ commandTimeoutMs: 200 })
    const epoch = await store.own('depot')
    server.signal('SIGSTOP')
    const first = put(store, epoch, ['first', 1])
    await new Promise(resolve => setImmediate(resolve))
    const second = put(store, epoch, ['second', 1])
    expect((await Promise.allSettled([first, second])).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    server.signal('SIGCONT')
    await untilUsable(store)
    expect([...(await store.read('depot')).keys()]).toEqual(['first'])
  })

  test('a write stuck in a broken connection cannot overtake a newer one', async () => {
    await start()
    const held: (() => void)[] = []
    let holding = false
    const sockets: Socket[] = []
    const relay = createServer(client => {
      const upstream = connect(server.port, '127.0.0.1')
      sockets.push(client, upstream)
      client.on('error', () => undefined)
      upstream.on('error', () => undefined)
      client.on('data', chunk => { if (holding) held.push(() => upstream.write(chunk)); else upstream.write(chunk) })
      upstream.on('data', chunk => client.write(chunk))
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    const address = relay.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const store = await open({ url: `redis://127.0.0.1:${port}`, commandTimeoutMs: 200 })
    const epoch = await store.own('depot')
    await put(store, epoch, ['a', 'first'])

    holding = true
    await expect(put(store, epoch, ['a', 'stuck'])).rejects.toThrow(StoreUnavailable)
    holding = false
    sockets[0]?.destroy()
    await untilUsable(store)
    await put(store, epoch, ['a', 'newest'])
    const redis = new Redis(server.url)
    const scriptCalls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])
    const before = await scriptCalls()
    for (const send of held) send()
    await expect.poll(scriptCalls, { timeout: 10_000 }).toBeGreaterThan(before)
    redis.disconnect()
    expect(await store.read('depot')).toEqual(new Map([['a', 'newest']]))
    await put(store, epoch, ['b', 1])
    for (const socket of sockets) socket.destroy()
    relay.close()
  })

  test('a killed server: rejects while it is down, reconnects by itself, has everything acknowledged', async () => {
    await start()
    const store = await open()
    const epoch = await store.own('depot')
    await put(store, epoch, ['a', 1])
    await store.append('depot', 'power', [{ atMs: 1, value: 1 }])
    for (let cycle = 0; cycle < 2; cycle += 1) {
      await server.kill()
      await expect(put(store, epoch, ['b', cycle])).rejects.toThrow(StoreUnavailable)
      await expect(store.check()).rejects.toThrow(StoreUnavailable)
      await server.restart()
      await untilUsable(store)
      await put(store, epoch, [`c${cycle}`, cycle])
    }
    const state = await store.read('depot')
    expect([state.get('a'), state.get('c0'), state.get('c1')]).toEqual([1, 0, 1])
    expect(await store.range('depot', 'power', 0, 2)).toEqual([{ atMs: 1, value: 1 }])
  })

  test('keeps everything acknowledged when the writer and the server are killed', async () => {
    await start()
    const built = await buildStores()
    for (let cycle = 1; cycle <= 3; cycle += 1) {
      const promised = await runCommitter({ built: built.dir, kind: 'redis', target: server.url, enough: 60 * cycle + 7 })
      if (cycle === 3) {
        await server.kill()
        await server.restart()
      }
      const store = await open()
      await expectKept(store, promised)
      expect(await store.own('depot')).toBe(2 * cycle)
      await store.close()
    }
    await built.remove()
  }, 90_000)

  test('refuses an instance that evicts, naming the fix', async () => {
    await start('--maxmemory-policy', 'allkeys-lru')
    const refused = await open().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreUnsuitable)
    expect(String(refused)).toContain('allkeys-lru')
    expect(String(refused)).toContain('CONFIG SET maxmemory-policy noeviction')
  })

  test('refuses an evicting instance also when CONFIG is not permitted', async () => {
    await start('--maxmemory-policy', 'volatile-ttl', '--rename-command', 'CONFIG', '')
    await expect(open()).rejects.toThrow(StoreUnsuitable)
  })

  test('warns when settings cannot be seen', async () => {
    await start()
    const admin = new Redis(server.url)
    await admin.acl('SETUSER', 'kwota', 'on', '>secret', '~*', '&*', '+@all', '-config', '-info')
    admin.disconnect()
    const warnings: string[] = []
    const store = await open({ url: server.url.replace('//', '//kwota:secret@'), onWarning: warning => warnings.push(warning) })
    await store.check()
    expect(warnings).toEqual([expect.stringContaining('maxmemory-policy'), expect.stringContaining('appendonly')])
  })

  test('who will never be let in is not told to wait, but what to mend', async () => {
    await start('--requirepass', 'right-word')
    const stranger = createServer((socket) => { socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n') }).listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const elsewhere = `redis://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    for (const [url, fix] of [[server.url, /asks for a password.*redis:\/\/:PASSWORD@/], [server.url.replace('//', '//:wrong-word@'), /refuses the user or password/], [elsewhere, /no Redis.*host and port/]] as const) {
      const refused = await open({ url }).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(StoreUnsuitable)
      expect(String(refused)).toMatch(fix)
      expect(String(refused)).not.toContain('wrong-word')
    }
    stranger.close()
  })

  test.each([
    { settings: ['--appendonly', 'no'], warned: [expect.stringContaining('no append-only file')] },
    { settings: ['--appendfsync', 'everysec'], warned: [expect.stringContaining('everysec')] },
    { settings: [], warned: [] },
  ])('warns about weak durability: $settings', async ({ settings, warned }) => {
    await start(...settings)
    const warnings: string[] = []
    await open({ onWarning: warning => warnings.push(warning) })
    expect(warnings).toEqual(warned)
  })

  test('a full server rejects writes, changes nothing, still answers reads, and recovers', async () => {
    await start('--maxmemory', '3mb')
    const store = await open()
    const epoch = await store.own('depot')
    await put(store, epoch, ['a', 1])
    const redis = new Redis(server.url)
    await redis.config('SET', 'maxmemory', '1')
    await expect(put(store, epoch, ['a', 2], ['b', 2])).rejects.toThrow(/OOM/)
    await expect(store.check()).rejects.toThrow(StoreUnavailable)
    expect(await store.read('depot')).toEqual(new Map([['a', 1]]))
    await redis.config('SET', 'maxmemory', '0')
    redis.disconnect()
    await store.check()
    await put(store, epoch, ['b', 3])
    expect(await store.read('depot')).toEqual(new Map([['a', 1], ['b', 3]]))
  })

  test('warns when the server came back without acknowledged writes, and goes on with the scope and the claims it had', async () => {
    await start()
    const warnings: string[] = []
    const store = await open({ onWarning: warning => warnings.push(warning) })
    let losses = 0
    const epoch = await store.own('depot', undefined, () => { losses += 1 })
    await store.claim('ids', 'mine', 'depot')
    for (let i = 0; i < 3; i += 1) await put(store, epoch, ['a', i])
    const redis = new Redis(server.url)
    await redis.hset('{site:depot}:epoch', 'seq', 1)
    await put(store, epoch, ['b', 1])
    expect(warnings).toEqual([expect.stringContaining('lost acknowledged writes of depot')])
    expect(losses).toBe(1)
    await redis.flushall()
    await put(store, epoch, ['c', 1])
    expect([losses, warnings.length]).toEqual([2, 2])
    expect(await store.read('depot')).toEqual(new Map([['c', 1]]))
    expect(await store.scopes()).toEqual(['depot'])
    expect(await store.claims('ids')).toEqual(new Map([['mine', 'depot']]))
    // Who never owned the scope takes nothing back.
    await redis.flushall()
    redis.disconnect()
    await expect(put(store, epoch + 1, ['d', 1])).rejects.toThrow(StaleEpoch)
    await put(store, epoch, ['e', 1])
    expect(await store.own('depot')).toBe(epoch + 1)
  })

  test('opening while the server is down or silent rejects in bounded time', async () => {
    await start()
    server.signal('SIGSTOP')
    await expect(open({ openTimeoutMs: 300 })).rejects.toThrow(StoreUnavailable)
    await server.kill()
    const refused = await open().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreUnavailable)
    expect(String(refused)).toContain(`127.0.0.1:${server.port}`)
    await expect(open({ url: 'not a url' })).rejects.toThrow(TypeError)
    await expect(open({ url: 'http://127.0.0.1' })).rejects.toThrow(TypeError)
  })

  test('a server that forgot its scripts is taught again', async () => {
    await start()
    const store = await open()
    const epoch = await store.own('depot')
    await put(store, epoch, ['a', 1])
    const redis = new Redis(server.url)
    await redis.script('FLUSH')
    redis.disconnect()
    await put(store, epoch, ['b', 2])
    expect((await store.read('depot')).size).toBe(2)
  })
})
