// The event loop stands still, an error comes that nobody foresaw, the store hangs as kwota stops: it says so, ends in time, and a restart knows everything acknowledged.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
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

async function startTroubled(place: string, options: { readonly config?: string; readonly redisUrl?: string; readonly port?: number } = {}): Promise<{ readonly server: Server; readonly trouble: (what: string) => Promise<void> }> {
  const file = join(place, 'trouble')
  const server = await startServer({ place, ...options, env: { NODE_OPTIONS: `--import ${join(import.meta.dirname, '../e2e/trouble.mjs')}`, KWOTA_TEST_TROUBLE: file } })
  return {
    server,
    async trouble(what) {
      await writeFile(file, what)
      process.kill(server.pid, 'SIGUSR2')
    },
  }
}

function linesOf(server: Server, event: string): Record<string, unknown>[] {
  return server.output().split('\n').filter((line) => line.includes(`"event":"${event}"`)).map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function stalls(server: Server): Promise<readonly AlertView[]> {
  return (await server.request<{ data: AlertView[] }>('GET', '/api/v1/alerts')).body.data.filter(({ code }) => code === 'loop-stalled')
}

/** A limit and a transaction that were acknowledged. */
async function leaveRecords(server: Server): Promise<number> {
  yard = new Yard(63)
  const charger = new Charger({ ocppUrl: server.ocppUrl, id: 'CP-1', yard })
  await until('the door to open', () => charger.connect().then(() => true, () => false))
  await charger.boot()
  const transactionId = await charger.charge()
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 20 })).status).toBe(200)
  return transactionId
}

async function expectRecords(server: Server, transactionId: number): Promise<void> {
  expect((await server.gridLimit()).currentA).toBe(20)
  expect((await server.transactions()).map(({ id, stoppedAt }) => [id, stoppedAt])).toEqual([[transactionId, null]])
}

test('threat 50: a loop that is busy for half a second is nothing; for two it is told: one line, one alert, one count', async () => {
  const { server, trouble } = await startTroubled(await newPlace())
  await trouble('busy 500')
  await wait(700)
  expect([linesOf(server, 'loop-stalled'), await stalls(server)]).toEqual([[], []])
  await trouble('busy 2000')
  await until('the alert', async () => (await stalls(server)).length > 0)
  expect(await stalls(server)).toMatchObject([{ siteID: 'main', severity: 'warning', resolvedAt: null, message: expect.stringMatching(/stood still for about \d/) as string }])
  expect(linesOf(server, 'loop-stalled')).toMatchObject([{ level: 'warn', stalledMs: expect.any(Number) as number }])
  expect((await server.request<string>('GET', '/metrics')).body).toMatch(/^kwota_event_loop_stall_seconds_count [1-9]/m)
  expect(server.alive()).toBe(true)
}, minute)

test('threat 50: a loop that does not go on ends the process with its last known state; a process that was stopped as a whole does not; a restart finds everything acknowledged', async () => {
  const place = await newPlace()
  const config = 'watchdog: { exitAfterS: 2 }\n'
  const { server, trouble } = await startTroubled(place, { config })
  const transactionId = await leaveRecords(server)
  process.kill(server.pid, 'SIGSTOP')
  await wait(2_500)
  process.kill(server.pid, 'SIGCONT')
  expect((await server.request('GET', '/livez')).status).toBe(200)
  expect(linesOf(server, 'loop-stuck')).toEqual([])
  await trouble('busy 30000')
  await until('it to be ended', () => !server.alive())
  expect(linesOf(server, 'loop-stuck')).toMatchObject([{ level: 'error', connections: 1, sites: 1, residentBytes: expect.any(Number) as number }])
  await expectRecords(await startServer({ place, config }), transactionId)
}, minute)

test.each(['throw', 'reject'])('an error nobody foresaw (%s) ends kwota with one line and exit 70; a restart finds everything acknowledged', async (kind) => {
  const place = await newPlace()
  const { server, trouble } = await startTroubled(place)
  const transactionId = await leaveRecords(server)
  await trouble(kind)
  await until('it to end', () => !server.alive())
  expect(server.output().split('\n').filter((line) => line.includes('planted by a test'))).toMatchObject([expect.stringMatching(/^\{"level":"error".*"event":"un.*\}$/)])
  expect(await server.stop()).toBe(70)
  await expectRecords(await startServer({ place }), transactionId)
}, minute)

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  async function startOnRedis(): Promise<{ readonly server: Server; readonly place: string; readonly transactionId: number }> {
    redis = await startRedis()
    const place = await newPlace()
    const server = await startServer({ place, redisUrl: redis!.url })
    const transactionId = await leaveRecords(server)
    redis!.signal('SIGSTOP')
    // It goes into a connector's status, which waits for the store now.
    void yard!.chargers[0]!.heartbeat().catch(() => undefined)
    expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 16 })).status).toBe(503)
    return { server, place, transactionId }
  }

  test('SIGTERM while Redis hangs: kwota waits, and what comes back in time is written: exit 0', async () => {
    const { server, transactionId } = await startOnRedis()
    const code = server.stop()
    await until('it to stop', () => server.output().includes('stopping:'))
    redis!.signal('SIGCONT')
    expect(await code).toBe(0)
    const again = await startServer({ place: await newPlace(), redisUrl: redis!.url })
    expect((await again.gridLimit()).currentA).toBe(16)
    expect((await again.transactions()).map(({ id }) => id)).toEqual([transactionId])
  }, minute)

  test('a second signal ends it at once, also while it waits for a hung Redis', async () => {
    const { server } = await startOnRedis()
    process.kill(server.pid, 'SIGINT')
    await until('it to stop', () => server.output().includes('stopping:'))
    process.kill(server.pid, 'SIGTERM')
    await until('it to end', () => !server.alive())
    expect(await server.stop()).toBe(null)
  }, minute)

  test('SIGTERM while Redis hangs for good: exit 1 after 10 s, and what could not be written is named', async () => {
    const { server } = await startOnRedis()
    expect(await server.stop()).toBe(1)
    expect(server.output()).toMatch(/^kwota: stopped, but .*\d+ records of main .*Nothing of that was acknowledged/m)
  }, minute)
})
