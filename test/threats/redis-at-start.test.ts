// Redis is down, loading, hung, slow, evicting or locked as kwota starts: it listens, lets nobody in, and serves once the store is there.
import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildProduct } from '../e2e/build.ts'
import { Charger } from '../e2e/charger.ts'
import { newPlace, runServer, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until, Yard } from '../e2e/yard.ts'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'

const minute = 60_000
beforeAll(async () => { await buildProduct() }, 3 * minute)
let redis: RedisServer | null = null
let yard: Yard | null = null
afterEach(async () => {
  await yard?.leave()
  await tidyUp()
  await redis?.stop()
  redis = yard = null
})

async function newRedis(...settings: string[]): Promise<RedisServer> {
  redis = await startRedis(settings)
  if (redis === null) throw new Error('no redis-server')
  return redis
}

/** What an upgrade is answered. */
async function knock({ url }: Server): Promise<{ readonly status: number | undefined; readonly retryAfter: string | undefined }> {
  const request = get(`${url}/ocpp/CP-1`, { headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'ocpp1.6' } })
  const [response] = await once(request, 'response') as [import('node:http').IncomingMessage]
  response.resume()
  return { status: response.statusCode, retryAfter: response.headers['retry-after'] }
}

async function isReady(server: Server): Promise<boolean> {
  return (await server.request('GET', '/readyz')).status === 200
}

/** A charge point is let in and told its fallback. */
async function expectServed(server: Server): Promise<void> {
  await until('the store', () => isReady(server))
  yard = new Yard(63)
  const charger = new Charger({ ocppUrl: server.ocppUrl, id: 'CP-1', yard })
  await until('the door to open', () => charger.connect().then(() => true, () => false))
  await charger.boot()
  await until('the first profile', () => yard!.told.length > 0)
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 20 })).status).toBe(200)
}

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  test('threat 41: Redis is down at a start: kwota answers that it waits, grants nothing, and serves when Redis comes', async () => {
    const { url: redisUrl, ...server } = await newRedis()
    await server.kill()
    const kwota = await startServer({ place: await newPlace(), redisUrl, waits: true })
    expect(await kwota.request('GET', '/livez')).toMatchObject({ status: 200, body: { status: 'alive' } })
    const ready = await until('the reason', async () => {
      const answer = await kwota.request<{ checks: { name: string; ok: boolean; detail: string }[] }>('GET', '/readyz')
      return answer.body.checks[0]?.detail.includes('ECONNREFUSED') === true && answer
    })
    expect(ready).toMatchObject({ status: 503, body: { ready: false, checks: [{ name: 'store', ok: false }, { name: 'clock', ok: true }, { name: 'engine', ok: false }] } })
    for (const [method, path] of [['GET', '/api/v1/sites'], ['PUT', '/api/v1/sites/main/grid-limit'], ['GET', '/api/v1/events'], ['POST', '/api/v1/sites']] as const) {
      const { status, body, headers } = await kwota.request(method, path, method === 'GET' ? undefined : { currentA: 10 })
      expect([path, status, headers.get('retry-after'), headers.get('content-type')]).toEqual([path, 503, '2', 'application/problem+json'])
      expect(body).toMatchObject({ code: 'store-down', detail: expect.stringContaining('ECONNREFUSED') as string, hint: expect.stringContaining('/readyz') as string })
    }
    for (const path of ['/', '/api/v1/openapi.json', '/metrics']) expect([path, (await kwota.request('GET', path)).status]).toEqual([path, 200])
    expect(await knock(kwota)).toEqual({ status: 503, retryAfter: '10' })
    expect(kwota.output().split('\n').filter((line) => line.includes('the store is awaited')), 'said once, with the reason and the address').toMatchObject([expect.stringMatching(/ECONNREFUSED.*http:\/\/127/)])
    await redis!.restart()
    await expectServed(kwota)
    expect(await kwota.stop()).toBe(0)
  }, minute)

  test('threat 41: an orderly stop while Redis is awaited: exit 0 at once', async () => {
    const { url: redisUrl, kill } = await newRedis()
    await kill()
    const kwota = await startServer({ place: await newPlace(), redisUrl, waits: true })
    await until('it to wait', () => kwota.output().includes('the store is awaited'))
    expect(await kwota.stop()).toBe(0)
    expect(kwota.output()).toContain('stopped while it waited for the store')
  }, minute)

  test('threat 41: Redis loads its data as kwota starts: it is waited for', async () => {
    const server = await newRedis('--appendonly', 'no', '--loading-process-events-interval-bytes', '1024', '--key-load-delay', '10000')
    const client = new Redis(server.url)
    await client.mset(Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`ballast-${at}`, 'x'.repeat(1_024)])))
    await client.save()
    client.disconnect()
    await server.kill()
    const loaded = server.restart()
    const kwota = await startServer({ place: await newPlace(), redisUrl: server.url, waits: true })
    await Promise.all([loaded, expectServed(kwota)])
  }, minute)

  test('threat 42: Redis hangs at a start, then answers each time too late for a write: kwota goes on trying until it serves', async () => {
    const server = await newRedis()
    server.signal('SIGSTOP')
    const kwota = await startServer({ place: await newPlace(), redisUrl: server.url, waits: true })
    expect(await isReady(kwota)).toBe(false)
    for (let pause = 0; pause < 4; pause++) {
      server.signal('SIGCONT')
      await wait(5)
      server.signal('SIGSTOP')
      await wait(250)
    }
    server.signal('SIGCONT')
    await expectServed(kwota)
  }, minute)

  test('threat 43: an instance that evicts keys, or refuses the password, is no store to wait for: exit 1 and the fix', async () => {
    const server = await newRedis('--maxmemory-policy', 'allkeys-lru')
    const evicting = await runServer({ place: await newPlace(), redisUrl: server.url })
    expect(evicting.output).toMatch(/^kwota: .*allkeys-lru.*CONFIG SET maxmemory-policy noeviction/m)
    const client = new Redis(server.url)
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    await client.config('SET', 'requirepass', 'right-word-0123')
    client.disconnect()
    const locked = await runServer({ place: await newPlace(), redisUrl: server.url.replace('//', '//:wrong-word-0123@') })
    expect(locked.output).toMatch(/^kwota: .*WRONGPASS.*redis:\/\/USER:PASSWORD@/m)
    expect(locked.output).not.toContain('wrong-word-0123')
    expect([evicting.code, locked.code]).toEqual([1, 1])
  }, minute)
})
