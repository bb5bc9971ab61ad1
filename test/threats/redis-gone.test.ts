// Redis is killed, hangs or is full in the middle of a limit cut: lowerings leave, nothing is acknowledged, and nothing is lost or doubled when it is back.
import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AlertView } from '../../src/actors/views.ts'
import { buildProduct } from '../e2e/build.ts'
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until, Yard } from '../e2e/yard.ts'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'

const minute = 60_000
beforeAll(async () => { await buildProduct() }, 3 * minute)
let yard: Yard | null = null
let redis: RedisServer | null = null
afterEach(async () => {
  await yard?.leave()
  await tidyUp()
  await redis?.stop()
  yard = redis = null
})

async function setMemory(server: RedisServer, bytes: string): Promise<void> {
  const client = new Redis(server.url)
  await client.config('SET', 'maxmemory', bytes)
  client.disconnect()
}

const faults: readonly (readonly [title: string, begin: (server: RedisServer) => Promise<void>, end: (server: RedisServer) => Promise<void>])[] = [
  ['threat 41: Redis is killed', (server) => server.kill(), (server) => server.restart()],
  ['threat 42: Redis hangs', async (server) => server.signal('SIGSTOP'), async (server) => server.signal('SIGCONT')],
  ['threat 43: Redis is full', (server) => setMemory(server, '1'), (server) => setMemory(server, '0')],
]

async function isDown(server: Server): Promise<boolean> {
  return (await server.request<{ data: AlertView[] }>('GET', '/api/v1/alerts')).body.data.some(({ code, resolvedAt }) => code === 'store-down' && resolvedAt === null)
}

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  test.each(faults)('%s in the middle of a limit cut: every lowering leaves before it is back, starts wait, and nothing is lost or doubled', async (_title, begin, end) => {
    redis = await startRedis()
    const depot = yard = new Yard(63)
    const server = await startServer({ place: await newPlace(), redisUrl: redis!.url, config: 'sites:\n  - { id: main, fuseA: 63 }\nengine: { meterSampleIntervalS: 1 }\n' })
    const chargers = ['CP-1', 'CP-2', 'CP-3'].map((id) => new Charger({ ocppUrl: server.ocppUrl, id, yard: depot }))
    for (const charger of chargers) {
      await until(`${charger.id} to be let in`, () => charger.connect().then(() => true, () => false))
      await charger.boot()
    }
    const [one, two, late] = chargers as [Charger, Charger, Charger]
    await Promise.all([one.charge(), two.charge()])
    await until('both to charge', () => one.permitA >= 12 && two.permitA >= 12)
    await begin(redis!)
    const before = depot.told.length
    expect(await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 16 })).toMatchObject({ status: 503, body: { code: 'store-down' } })
    const started = late.charge()
    await until('the cut to be carried out', () => one.permitA + two.permitA <= 16, () => server.power())
    await until('the alert', () => isDown(server))
    expect((await server.request('GET', '/readyz')).status).toBe(503)
    expect([late.transactionId, depot.raisings(before)]).toEqual([null, []])
    await end(redis!)
    const transactionId = await started
    expect(await late.repeatStart()).toBe(transactionId)
    await until('the store', async () => (await server.request('GET', '/readyz')).status === 200 && !await isDown(server))
    expect((await server.gridLimit()).currentA).toBe(16)
    await server.kill9()
    const again = await startServer({ place: await newPlace(), redisUrl: redis!.url })
    expect((await again.gridLimit()).currentA).toBe(16)
    expect((await again.transactions()).map(({ id }) => id).sort()).toEqual(chargers.map((charger) => charger.transactionId).sort())
  }, 2 * minute)
})
