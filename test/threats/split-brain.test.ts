// Two kwota on one Redis: the second is refused while the first lives, and an owner that was paused past its lease says nothing more.
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'
import { newPlace, runServer, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until } from '../e2e/yard.ts'

/** More of them with `KWOTA_TEST_SPLIT_CYCLES`. */
const cycles = Array.from({ length: Number(process.env['KWOTA_TEST_SPLIT_CYCLES'] ?? 1) }, (_, nth) => nth + 1)
/** Starting a process takes long on a busy machine. */
const patienceMs = 90_000
const names = ['CP1', 'CP2', 'CP3']
const config = `sites:\n  - { id: main, fuseA: 48 }\nchargePoints:\n${names.map((id) => `  - { id: ${id} }\n`).join('')}engine: { meterSampleIntervalS: 1 }\n`

/** A charge point that accepts what it is told, counts every frame, and stays on the line until it is cut off. */
class Station {
  readonly id: string
  frames = 0
  isOpen = true
  /** The most it may draw by what it has accepted, A. */
  permitA = 32
  private readonly socket: WebSocket
  private readonly answers = new Map<string, (payload: Record<string, unknown>) => void>()
  private sent = 0

  constructor(ocppUrl: string, id: string) {
    this.id = id
    this.socket = new WebSocket(`${ocppUrl}/${id}`, 'ocpp1.6')
    this.socket.on('message', (data: Buffer) => this.hear(data.toString()))
    this.socket.on('close', () => { this.isOpen = false })
    this.socket.on('error', () => undefined)
  }

  async charge(): Promise<void> {
    await once(this.socket, 'open')
    await this.call('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
    await this.begin()
  }

  begin(): Promise<Record<string, unknown>> {
    return this.call('StartTransaction', { connectorId: 1, idTag: `TAG-${this.id}`, meterStart: 0, timestamp: new Date().toISOString() })
  }

  call(action: string, payload: object): Promise<Record<string, unknown>> {
    const id = `${this.id}-${++this.sent}`
    this.socket.send(JSON.stringify([2, id, action, payload]))
    return new Promise((resolve) => this.answers.set(id, resolve))
  }

  leave(): void {
    this.socket.terminate()
  }

  private hear(text: string): void {
    this.frames += 1
    const [type, id, ...rest] = JSON.parse(text) as [number, string, ...unknown[]]
    if (type !== 2) return this.answers.get(id)?.(rest[0] as Record<string, unknown>)
    const [action, payload] = rest as [string, { csChargingProfiles?: { chargingProfilePurpose: string; chargingSchedule: { chargingSchedulePeriod: { limit: number }[] } } }]
    const profile = payload.csChargingProfiles
    if (profile?.chargingProfilePurpose === 'TxProfile') this.permitA = profile.chargingSchedule.chargingSchedulePeriod[0]?.limit ?? 32
    this.socket.send(JSON.stringify([3, id, action === 'SetChargingProfile' ? { status: 'Accepted' } : action === 'GetConfiguration' ? { configurationKey: [] } : { status: 'NotImplemented' }]))
  }
}

describe.skipIf(withoutRedisServer())('two kwota on one Redis', () => {
  let redis: RedisServer
  let stations: Station[] = []
  afterEach(async () => {
    for (const station of stations.splice(0)) station.leave()
    await tidyUp()
    await redis.stop()
  })
  async function start(): Promise<Server> {
    return startServer({ place: await newPlace(), config, redisUrl: redis.url })
  }
  async function startBehindRedis(): Promise<Server> {
    const started = await startRedis()
    if (started === null) throw new Error('no redis-server')
    redis = started
    return start()
  }

  test.each(cycles)('threat 48: an owner paused past its lease sends nothing when it goes on, writes nothing, and the new owner counts what it had told (cycle %d)', async () => {
    const old = await startBehindRedis()
    stations = names.map((id) => new Station(old.ocppUrl, id))
    await Promise.all(stations.map((station) => station.charge()))
    await until('each to have its limit', () => stations.every(({ permitA }) => permitA === 16))
    process.kill(old.pid, 'SIGSTOP')
    const late = stations.flatMap((station) => [station.call('Heartbeat', {}), station.begin(), station.call('StopTransaction', { transactionId: 1, meterStop: 1, timestamp: new Date().toISOString() })])
    const imposed = old.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 6 })
    const [fresh] = await Promise.all([start(), wait(300)])
    // What was on its way when it was stopped has come.
    const framesBefore = stations.map(({ frames }) => frames)
    const { connectors } = await fresh.power()
    expect(connectors.map(({ clientID, reservedA }) => [clientID, reservedA >= 16])).toEqual(names.map((id) => [id, true]))
    expect(stations.map(({ isOpen }) => isOpen)).toEqual([true, true, true])

    process.kill(old.pid, 'SIGCONT')
    await until('the old owner to cut its charge points off', () => stations.every(({ isOpen }) => !isOpen))
    expect(stations.map(({ frames }) => frames)).toEqual(framesBefore)
    expect(await Promise.race([Promise.race(late), wait(50)])).toBeUndefined()
    expect(await imposed).toMatchObject({ status: 503, body: { code: 'not-owner' } })
    for (const path of ['/api/v1/sites/main/power', '/api/v1/chargepoints/CP1', '/api/v1/transactions']) expect(await old.request('GET', path)).toMatchObject({ status: 503, body: { code: 'not-owner' } })
    expect((await old.request('GET', '/readyz')).status).toBe(503)

    const owned = (await fresh.request('GET', '/api/v1/system')).body
    const [site] = owned['sites'] as { owner: string; epoch: number; leaseEndsAt: string | null }[]
    expect(site).toMatchObject({ id: 'main', owner: owned['nodeID'], epoch: 2, leaseEndsAt: expect.stringMatching(/Z$/) })
    expect((await old.request('GET', '/api/v1/system')).body['sites']).toMatchObject([{ id: 'main', owner: owned['nodeID'], epoch: 1, leaseEndsAt: null }])
    expect((await fresh.gridLimit()).currentA).toBeNull()
    expect((await fresh.transactions()).map(({ clientID }) => clientID).sort()).toEqual(names)
    expect(old.alive() && fresh.alive()).toBe(true)
  }, patienceMs)

  test('the second is told who has it, and ends; once the first was stopped it starts at once', async () => {
    const first = await startBehindRedis()
    const refused = await runServer({ place: await newPlace(), config, redisUrl: redis.url })
    expect(refused.code).toBe(1)
    const { nodeID } = (await first.request('GET', '/api/v1/system')).body
    expect(refused.output).toContain(`in use by another kwota (${String(nodeID)} on `)
    expect(refused.output).toContain(`process ${first.pid}`)
    expect(await first.stop()).toBe(0)
    await start()
  }, patienceMs)

  test('whoever was killed is waited for, no longer than its lease', async () => {
    const first = await startBehindRedis()
    await first.kill9()
    const second = await start()
    expect((await second.request('GET', '/api/v1/system')).body['sites']).toMatchObject([{ id: 'main', epoch: 2 }])
  }, patienceMs)
})
