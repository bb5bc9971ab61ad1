// kill -9 in the middle of a limit cut with 20 charge points, and a restart on what the store holds: nothing acknowledged is lost.
import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'
import { Charger } from './charger.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { until, Yard } from './yard.ts'

const fuseA = 200
const graceMs = 10_000
const path = '/api/v1/sites/main/grid-limit'
const config = `sites:\n  - { id: main, fuseA: ${fuseA} }\nengine: { meterSampleIntervalS: 1 }\n`

let yard: Yard | null = null
let redis: RedisServer | null = null
afterEach(async () => {
  await yard?.leave()
  await tidyUp()
  await redis?.stop()
  yard = redis = null
})

/** Every lowering settled, and REST agrees with every client. */
async function settled(server: Server, chargers: readonly Charger[]): Promise<void> {
  const both = async () => {
    const { connectors, state } = await server.power()
    const shown = connectors.map(({ clientID, transactionId, confirmedA }) => `${clientID} ${transactionId} ${confirmedA}`)
    const held = chargers.filter(({ transactionId }) => transactionId !== null).map(({ id, transactionId, permitA }) => `${id} ${transactionId} ${permitA}`)
    return { state, shown, held, same: held.every((one) => shown.includes(one)) }
  }
  await until('every lowering to settle', async () => both().then(({ state, same }) => state === 'enforced' && same), both)
}

/** `KWOTA_TEST_KILL_MS` repeats a run. */
function momentOfDeath(): number {
  const ms = Number(process.env['KWOTA_TEST_KILL_MS'] ?? randomInt(200))
  process.stderr.write(`kwota is killed ${ms} ms after the PUT was sent (KWOTA_TEST_KILL_MS)\n`)
  return ms
}

/** Repeats while Redis, on a busy machine, takes longer than a write may wait for it: the answer asks for that. */
async function impose(server: Server, currentA: number, reason: string): Promise<void> {
  await until('the limit to be stored', async () => {
    const { status } = await server.request('PUT', path, { currentA, reason })
    expect(redis === null ? [200] : [200, 503]).toContain(status)
    return status === 200
  })
}

/** Says again what the kill cut off, but never makes a second start of one that was answered: killed right behind the answer, that one says nothing more, and its share comes all the same. */
async function chargeThroughout(charger: Charger): Promise<number> {
  for (;;) {
    try {
      return await charger.charge()
    } catch (error) {
      if (charger.transactionId !== null) return charger.transactionId
      if (!(error instanceof Error) || error.name !== 'AbortError') throw error
      await until(`${charger.id} to come back`, () => charger.connected)
    }
  }
}

/** The client had given up a start when its answer came: no fault, when it says what the repetition was told. */
function isLateAnswer(failure: unknown, chargers: readonly Charger[]): boolean {
  const { id, error } = failure as { readonly id: string; readonly error: { readonly details?: { readonly result?: { readonly transactionId?: number } } } }
  return chargers.some((charger) => charger.id === id && charger.transactionId === error.details?.result?.transactionId)
}

async function expectNothingLost(start: (port?: number) => Promise<Server>): Promise<void> {
  const depot = yard = new Yard(fuseA)
  let server = await start()
  const { ocppUrl, port } = server
  const chargers = Array.from({ length: 20 }, (_, at) => new Charger({ ocppUrl, id: `CP-${String(at + 1).padStart(2, '0')}`, yard: depot }))
  await Promise.all(chargers.map(async (charger) => {
    await until(`${charger.id} to be let in`, () => charger.connect().then(() => true, () => false))
    await charger.boot()
  }))
  const fallbacks = () => depot.told.filter(({ purpose, afterA }) => purpose === 'TxDefaultProfile' && afterA === 0).length
  await until('every fallback', () => fallbacks() >= chargers.length, fallbacks)
  const newcomer = chargers[19]!
  const charging = chargers.slice(0, 19)
  await Promise.all(charging.map((charger) => charger.charge()))
  depot.setLimit(160, graceMs)
  await impose(server, 160, 'kept')
  await until('19 cars to charge', () => charging.every(({ permitA }) => permitA >= 6))
  await settled(server, chargers)

  const ids = new Map(charging.map(({ id, transactionId }) => [id, transactionId]))
  const dieMs = momentOfDeath()
  const beforeCut = depot.told.length
  depot.setLimit(130, 60_000)
  const late = chargeThroughout(newcomer)
  late.catch(() => undefined)
  const put = server.request('PUT', path, { currentA: 130, reason: 'cut' }).then(({ status }) => status, () => null)
  await wait(dieMs)
  await server.kill9()
  const answered = await put
  expect(redis === null ? [200, null] : [200, 503, null]).toContain(answered)

  server = await start(port)
  const kept = await server.gridLimit()
  expect(answered === 200 ? [130] : [130, 160], 'a limit that was acknowledged is there').toContain(kept.currentA)
  expect(kept.reason).toBe(kept.currentA === 130 ? 'cut' : 'kept')
  depot.setLimit(kept.currentA!, 60_000)
  await until('everybody to come back', () => chargers.every(({ connected }) => connected))

  const transactionOfNewcomer = await late
  for (const charger of charging) expect(await charger.repeatStart(), 'the same start has the same transaction').toBe(ids.get(charger.id))
  expect(await newcomer.repeatStart()).toBe(transactionOfNewcomer)
  depot.setLimit(130, graceMs)
  await impose(server, 130, 'again')
  await until('the newcomer to get its share', () => newcomer.permitA >= 6, () => server.power())
  await settled(server, chargers)

  expect(depot.lowerings(beforeCut).length, 'the cut was carried out').toBeGreaterThan(10)
  expect(depot.rashRaisings, 'and nobody was raised before the lowerings had settled').toEqual([])
  expect(depot.told.slice(beforeCut).filter(({ beforeA, afterA }) => afterA === 0 && beforeA > 0), 'nobody was paused for one who was a moment later').toEqual([])
  expect(depot.excesses).toEqual([])
  expect(depot.strictFailures.filter((failure) => !isLateAnswer(failure, chargers))).toEqual([])
  const known = await server.transactions()
  expect(depot.acknowledged.filter(({ id, transactionId }) => !known.some((one) => one.id === transactionId && one.clientID === id && one.stoppedAt === null)), 'every acknowledged transaction is there').toEqual([])
  expect(known.length, 'and no other').toBe(20)
  expect((await server.power()).connectors.filter(({ clientID, status }) => ids.has(clientID) && status !== 'Charging'), 'nobody repeats a status after a mere reconnection, and it is known all the same').toEqual([])
}

test('on the embedded store', async () => {
  const place = await newPlace()
  await expectNothingLost((port) => startServer({ place, config, ...(port === undefined ? {} : { port }) }))
}, 150_000)

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  test('on Redis', async () => {
    const place = await newPlace()
    redis = await startRedis()
    const redisUrl = redis!.url
    await expectNothingLost((port) => startServer({ place, config, redisUrl, ...(port === undefined ? {} : { port }) }))
  }, 150_000)
})
