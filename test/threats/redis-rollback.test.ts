// Row 44: a Redis that comes back older than it was, under charge points on real sockets: what was acknowledged is written again, or the site holds its failsafe.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDirectory, type Directory } from '../../src/actors/directory.ts'
import { systemClock as clock } from '../../src/clock.ts'
import { siteSchema } from '../../src/power/site.ts'
import { createStationServer, type StationServer } from '../../src/protocol/server.ts'
import { openFiles } from '../../src/store/files.ts'
import type { Store } from '../../src/store/port.ts'
import { openMark } from '../../src/store/redis-mark.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { Charger } from '../e2e/charger.ts'
import { until, Yard } from '../e2e/yard.ts'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'

const nobody = { name: 'tester', requestId: 'r1' }
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const failsafeA = 10
/** In force when Redis goes; the older store knows only the higher one of before. */
const [olderA, newestA] = [24, 16]
let nextId = 0

interface Running { readonly directory: Directory; readonly store: Store; readonly http: Server; readonly stations: StationServer; readonly port: number }

describe.skipIf(withoutRedisServer())('a Redis that comes back older', () => {
  let redis: RedisServer
  let dir: string
  let yard: Yard
  let running: Running | null
  beforeEach(async () => {
    const started = await startRedis()
    if (started === null) throw new Error('no redis-server')
    redis = started
    dir = await mkdtemp(join(tmpdir(), 'kwota-rollback-'))
    yard = new Yard(100)
    running = null
  })
  afterEach(async () => {
    await yard.leave()
    if (running !== null) await kill(running)
    await redis.stop()
    await rm(dir, { recursive: true })
  })

  async function start(port = 0): Promise<Running> {
    const store = await openRedisStore({ url: redis.url, clock, commandTimeoutMs: 5_000, mark: await openMark({ files: openFiles(join(dir, 'data')), clock, onFailure: () => undefined }) })
    const directory = await openDirectory({
      store, clock, log: silent, ids: { transactionId: () => 1_000 + ++nextId, opaque: () => `opaque-${++nextId}` },
      provision: { sites: [siteSchema.parse({ id: 'main', fuseA: 100, failsafeA })], chargePoints: [] }, unknownChargePoints: 'accept', settings: { sampleIntervalMs: 1_000 },
    })
    const http = createServer()
    const stations = createStationServer({ http, desk: directory.desk, clock, log: silent })
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
    return running = { directory, store, http, stations, port: (http.address() as AddressInfo).port }
  }

  async function kill(one: Running): Promise<void> {
    one.directory.crash()
    await one.stations.close()
    one.http.closeAllConnections()
    await new Promise<void>((resolve) => one.http.close(() => resolve()))
    await one.store.close()
    running = null
  }

  /** It has its fallback, so that a car that comes may be drawn for at once. */
  async function booted(id: string, { port }: Running): Promise<Charger> {
    const charger = new Charger({ ocppUrl: `ws://127.0.0.1:${port}/ocpp`, id, yard })
    await charger.connect()
    await charger.boot()
    await until(`${id} to be told its fallback`, () => yard.told.some((told) => told.id === id && told.purpose === 'TxDefaultProfile'))
    return charger
  }

  const setLimit = (one: Running, currentA: number) => one.directory.house.setGridLimit('main', { currentA }, nobody)
  const rollback = (one: Running) => one.directory.house.alerts().find(({ code, resolvedAt }) => code === 'store-rolled-back' && resolvedAt === null)
  const log = () => join(redis.dir, 'appendonlydir')
  const within = (limitA: number) => until(`all to draw at most ${limitA} A`, () => yard.sumA() <= limitA)

  /** Two cars under the older limit, which is put aside; then `writes` more limits, another car, and the newest limit. */
  async function goOn(one: Running, writes: number): Promise<Charger> {
    const [first, second, third] = [await booted('CP1', one), await booted('CP2', one), await booted('CP3', one)]
    for (const charger of [first, second]) await charger.charge()
    await until('both to charge', () => first.permitA >= 6 && second.permitA >= 6)
    await setLimit(one, olderA)
    await within(olderA)
    await cp(log(), join(dir, 'older'), { recursive: true })
    for (let i = 0; i < writes; i++) await setLimit(one, olderA - (i % 3) / 10)
    await setLimit(one, newestA)
    await within(newestA)
    yard.setLimit(newestA, 0)
    await third.charge()
    return third
  }

  /** Puts the log that was set aside in the place of the newer one. */
  async function rewind(): Promise<void> {
    await redis.kill()
    await rm(log(), { recursive: true })
    await cp(join(dir, 'older'), log(), { recursive: true })
    await redis.restart()
  }

  async function stored(): Promise<{ limitA: number | undefined; transactions: string[]; claimed: string[]; doubt: number }> {
    const plain = new Redis(redis.url)
    const [grid, state, claimed, doubt] = [await plain.hget('{site:main}:state', 'grid-limit'), await plain.hkeys('{site:main}:state'), await plain.hkeys('{claims:transaction}'), await plain.hexists('{site:main}:state', 'older-store')]
    plain.disconnect()
    const { limit } = JSON.parse(grid ?? '{}') as { limit?: { currentA: number } }
    return { limitA: limit?.currentA, transactions: state.filter((key) => key.startsWith('tx:')), claimed, doubt }
  }

  test.each([{ by: '1 s', writes: 3 }, { by: 'a minute', writes: 60 }])('threat 44: rewound by the writes of $by under a running kwota, it is told again all that it had acknowledged, and nobody draws more', async ({ writes }) => {
    const one = await start()
    const last = await goOn(one, writes)
    await rewind()
    expect((await stored()).limitA).toBe(olderA)
    await until('the limit to be written again', async () => (await stored()).limitA === newestA && (await stored()).doubt === 0)
    expect(await stored()).toMatchObject({ transactions: expect.arrayContaining([`tx:${last.transactionId}`]), claimed: expect.arrayContaining([String(last.transactionId)]) })
    const alert = await until('the alert to say that it is repaired', () => rollback(one)?.message.includes('was written again') === true && rollback(one))
    expect(alert.severity).toBe('critical')
    one.directory.house.ackAlert(alert.id, nobody)
    expect(rollback(one)).toBeUndefined()
    expect([yard.excesses, yard.rashRaisings]).toEqual([[], []])
  })

  test.each([{ by: '1 s', writes: 3 }, { by: 'a minute', writes: 60 }])('threat 44: rewound by the writes of $by while kwota is down, the next run holds its failsafe until somebody sets a limit, and nobody draws more', async ({ writes }) => {
    const one = await start()
    await goOn(one, writes)
    const { port } = one
    await clockSecond()
    await kill(one)
    await rewind()
    const next = await start(port)
    expect(rollback(next)).toMatchObject({ severity: 'critical', siteID: 'main' })
    expect(next.directory.house.gridLimit('main').value.effective).toMatchObject({ currentA: failsafeA, binding: 'failsafe' })
    expect(next.directory.house.power('main').connectors.map(({ reservedA }) => reservedA)).toEqual([32, 32, 32])
    await expect(next.directory.house.clearGridLimit('main', nobody)).rejects.toMatchObject({ code: 'failsafe-holds' })
    await until('all to come back', () => yard.chargers.every(({ connected }) => connected))
    await within(failsafeA)
    const again = await setLimit(next, newestA)
    expect(again.value.effective.binding).toBe('grid-limit')
    await until('the alert to end', () => rollback(next) === undefined)
    expect((await stored()).doubt).toBe(0)
    expect([yard.excesses, yard.rashRaisings]).toEqual([[], []])
  })
})

/** The mark is at most a second behind. */
function clockSecond(): Promise<void> {
  return new Promise((resolve) => { clock.after(1_100, resolve) })
}
