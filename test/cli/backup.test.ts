// `kwota backup` and `kwota restore` of the built product: what was there is there again and its site holds its failsafe; what cannot be restored changes nothing.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { buildProduct } from '../e2e/build.ts'
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until, Yard } from '../e2e/yard.ts'
import { dumped } from '../store/dumped.ts'
import { startRedis, withoutRedisServer, type RedisServer } from '../store/redis-server.ts'
import { kwota } from './command.ts'

const minute = 60_000
const config = 'sites:\n  - { id: main, fuseA: 63, failsafeA: 10 }\n'
beforeAll(async () => { await buildProduct() }, 3 * minute)
let redis: RedisServer | null = null
afterEach(async () => {
  await tidyUp()
  await redis?.stop()
  redis = null
})

/** A car charges under a limit of 20 A, and another charge point is configured over REST. */
async function lived(server: Server): Promise<number> {
  const yard = new Yard(63)
  const charger = new Charger({ ocppUrl: server.ocppUrl, id: 'CP-1', yard })
  await charger.connect()
  await charger.boot()
  const id = await charger.charge()
  expect((await server.request('POST', '/api/v1/chargepoints', { id: 'CP-2', site: 'main', connectors: [{ id: 1 }] })).status).toBe(201)
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 20 })).status).toBe(200)
  await yard.leave()
  return id
}

/** As after a restored backup, and then as always. */
async function expectRestored(server: Server, transactionId: number, madeAt: string): Promise<void> {
  const rolledBack = async () => (await server.request<{ data: { code: string; message: string; resolvedAt: string | null }[] }>('GET', '/api/v1/alerts')).body.data.find(({ code, resolvedAt }) => code === 'store-rolled-back' && resolvedAt === null)
  expect((await rolledBack())?.message).toContain(`The backup of ${madeAt} was restored`)
  expect(await server.gridLimit()).toMatchObject({ effective: { currentA: 10, binding: 'failsafe' } })
  expect((await server.transactions()).map(({ id }) => id)).toContain(transactionId)
  expect((await server.request('GET', '/api/v1/chargepoints/CP-2')).status).toBe(200)
  expect((await server.power()).connectors.map(({ reservedA }) => reservedA)).toEqual([32, 32])
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 30 })).status).toBe(200)
  await until('the alert to end', async () => await rolledBack() === undefined)
  expect(await server.gridLimit()).toMatchObject({ effective: { binding: 'grid-limit' } })
}

/** Of a data directory in which `lived` has happened. */
async function madeBackup(): Promise<{ place: string; file: string; transactionId: number; told: Record<string, unknown> & { file: string; sha256: string } }> {
  const place = await newPlace()
  const server = await startServer({ place, config })
  const transactionId = await lived(server)
  await server.stop()
  const ran = await kwota(place, ['backup', '--json'])
  expect(ran).toMatchObject({ code: 0, err: '' })
  const told = JSON.parse(ran.out) as Record<string, unknown> & { file: string; sha256: string }
  return { place, file: join(place, told.file), transactionId, told }
}

/** Every byte below a directory. */
async function bytesBelow(directory: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name)
    hash.update(name)
    if ((await stat(path)).isFile()) hash.update(await readFile(path))
  }
  return hash.digest('hex')
}

const madeAtOf = async (file: string): Promise<string> => (JSON.parse(gunzipSync(await readFile(file)).toString().split('\n')[0] ?? '') as { madeAt: string }).madeAt

describe('of the embedded store', () => {
  test('a backup in an empty directory: the site holds its failsafe, all is there, and a limit ends it', async () => {
    const { file, transactionId, told } = await madeBackup()
    expect(told).toMatchObject({ scopes: 2, bytes: (await stat(file)).size, sha256: createHash('sha256').update(await readFile(file)).digest('hex') })
    expect(told.file).toMatch(/^kwota-main-\d{8}T\d{6}Z\.kwota-backup\.gz$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const place = await newPlace()
    expect(await kwota(place, ['restore', file])).toMatchObject({ code: 0, err: '' })
    expect(await readdir(join(place, 'data'))).toEqual(['store'])
    await expectRestored(await startServer({ place, config }), transactionId, await madeAtOf(file))
  }, 3 * minute)

  test('a store that holds data: refused without --force; a dry run says what would be lost and changes no byte; replaced, the old one lies beside it', async () => {
    const { place, file } = await madeBackup()
    const data = join(place, 'data')
    const before = await bytesBelow(data)
    const dry = await kwota(place, ['restore', file, '--dry-run', '--json'])
    expect(dry.code).toBe(0)
    const counts = { sites: 1, chargePoints: 2, transactions: { running: 1, ended: 0 }, limits: 1, reservations: 0 }
    expect(JSON.parse(dry.out)).toMatchObject({ dryRun: true, now: counts, inBackup: { ...counts, newestAt: expect.stringMatching(/^20/) as string }, kept: null })
    expect((await kwota(place, ['restore', file, '--dry-run'])).out).toContain('nothing was changed')
    expect(await bytesBelow(data)).toBe(before)
    expect(await kwota(place, ['restore', file])).toMatchObject({ code: 5, err: expect.stringContaining('--force') as string })
    const epochs = async () => Object.fromEntries((await dumpOf(data)).flatMap((piece) => (piece.type === 'scope' ? [[piece.scope, piece.epoch]] : [])))
    const stood = await epochs()
    const forced = await kwota(place, ['restore', file, '--force'])
    expect(forced).toMatchObject({ code: 0, out: expect.stringContaining('store.before-restore-') as string })
    expect((await readdir(data)).map((name) => name.replace(/\d{8}T\d{6}Z/, 'T')).sort()).toEqual(['store', 'store.before-restore-T'])
    expect(await epochs()).toEqual(Object.fromEntries(Object.entries(stood).map(([scope, epoch]) => [scope, epoch + 1])))
  }, 3 * minute)

  test('a file that is torn, altered, foreign or of a newer format is refused and changes nothing', async () => {
    const { place, file } = await madeBackup()
    const whole = await readFile(file)
    const text = gunzipSync(whole).toString()
    const before = await bytesBelow(join(place, 'data'))
    const bad: readonly (readonly [Buffer, string])[] = [
      [whole.subarray(0, whole.length >> 1), 'torn'], [gzipSync(text.replace('CP-2', 'CP-3')), 'altered'], [gzipSync('{"some":"thing"}\n'), 'not a backup of kwota'],
      [gzipSync(text.replace('"format":1', '"format":2')), 'newer one'], [Buffer.from('text'), 'not gzip'], [Buffer.alloc(0), 'the file is empty'],
    ]
    for (const [content, says] of bad) {
      await writeFile(join(place, 'bad'), content)
      expect(await kwota(place, ['restore', 'bad', '--force']), says).toMatchObject({ code: 1, out: '', err: expect.stringMatching(says === 'the file is empty' ? /empty|torn/ : new RegExp(says)) as string })
    }
    expect(await kwota(place, ['restore', 'nowhere'])).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') as string })
    expect(await bytesBelow(join(place, 'data'))).toBe(before)
  }, 3 * minute)

  test('a running kwota: its directory is refused with the way to ask it, and --url asks it; a wrong key is no failure of the backup', async () => {
    const place = await newPlace()
    const apiKey = 'a-key-of-these-tests'
    const server = await startServer({ place, config, env: { KWOTA_API_KEY: apiKey } })
    for (const command of [['backup'], ['restore', 'kwota.gz', '--dry-run'], ['restore', 'kwota.gz', '--force']]) {
      if (command[0] === 'restore') expect(await kwota(place, ['backup', 'kwota.gz', '--url', server.url, '--json'], { KWOTA_API_KEY: apiKey })).toMatchObject({ code: 0, err: '' })
      expect(await kwota(place, command), command.join(' ')).toMatchObject({ code: 5, err: expect.stringContaining(command[0] === 'backup' ? '--url' : 'Stop it') as string })
    }
    expect(await kwota(place, ['backup', '--url', server.url], { KWOTA_API_KEY: 'another-key-than-it-is' })).toMatchObject({ code: 4, err: expect.stringMatching(/not known[^]*KWOTA_API_KEY/) as string })
    expect(await kwota(place, ['backup', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 2 })
    expect((await server.request('GET', '/api/v1/backups', undefined, { authorization: `Bearer ${apiKey}` })).body).toMatchObject({ data: [] })
    await server.stop()
    const other = await newPlace()
    expect(await kwota(other, ['restore', join(place, 'kwota.gz')])).toMatchObject({ code: 0 })
    expect((await stat(join(place, 'kwota.gz'))).mode & 0o777).toBe(0o600)
  }, 3 * minute)

  test('a restore that was cut off: before the first rename the old data stay, behind it the new ones come in, and no rest is left', async () => {
    const place = await newPlace()
    const data = join(place, 'data')
    const seed = async (dataDir: string, mark: string) => {
      await mkdir(dataDir, { recursive: true })
      const store = await openEmbeddedStore({ dataDir, clock })
      await store.commit(mark, await store.own(mark), { puts: new Map([['a', mark]]) })
      await store.close()
    }
    const marks = async () => (await dumpOf(data)).flatMap((piece) => (piece.type === 'scope' && /^(?:old|new)$/.test(piece.scope) ? [piece.scope] : []))
    const startAndStop = async () => { await (await startServer({ place, config })).stop() }
    await seed(data, 'old')
    await seed(join(data, 'restoring'), 'new')
    await startAndStop()
    expect([await marks(), (await readdir(data)).includes('restoring')]).toEqual([['old'], false])
    await seed(join(data, 'restoring'), 'new')
    await rename(join(data, 'store'), join(data, 'store.before-restore-x'))
    await startAndStop()
    expect([await marks(), (await readdir(data)).includes('restoring')]).toEqual([['new'], false])
    await mkdir(join(data, 'restoring', 'held'), { recursive: true })
    await startAndStop()
    expect([await marks(), (await readdir(data)).includes('restoring')]).toEqual([['new'], false])
  }, 3 * minute)
})

async function dumpOf(dataDir: string) {
  const store = await openEmbeddedStore({ dataDir, clock })
  try {
    return await dumped(store)
  } finally {
    await store.close()
  }
}

describe.skipIf(withoutRedisServer())('of Redis', () => {
  test('an embedded store moves to Redis and back; what was there is kept in a file; a dry run changes nothing; a restore that was cut off keeps kwota out', async () => {
    const { file, transactionId } = await madeBackup()
    redis = await startRedis()
    const redisUrl = redis?.url ?? ''
    const inRedis = async () => {
      const store = await openRedisStore({ url: redisUrl, clock })
      const pieces = await dumped(store)
      await store.close()
      return JSON.stringify(pieces)
    }
    const place = await newPlace()
    expect(await kwota(place, ['restore', file, '--redis-url', redisUrl])).toMatchObject({ code: 0, err: '' })
    const server = await startServer({ place, config, redisUrl })
    expect(await kwota(place, ['backup', '--redis-url', redisUrl])).toMatchObject({ code: 5, err: expect.stringContaining('--url') as string })
    expect(await kwota(place, ['restore', file, '--redis-url', redisUrl, '--force'])).toMatchObject({ code: 5 })
    await expectRestored(server, transactionId, await madeAtOf(file))
    await server.stop()
    const before = await inRedis()
    expect(await kwota(place, ['restore', file, '--redis-url', redisUrl, '--dry-run'])).toMatchObject({ code: 0 })
    expect(await kwota(place, ['restore', file, '--redis-url', redisUrl])).toMatchObject({ code: 5 })
    expect(await inRedis()).toBe(before)
    const forced = await kwota(place, ['restore', file, '--redis-url', redisUrl, '--force', '--json'])
    const { kept } = JSON.parse(forced.out) as { kept: string }
    const plain = new Redis(redisUrl)
    expect(await plain.exists('kwota:restoring')).toBe(0)
    await plain.set('kwota:restoring', JSON.stringify({ at: '2026-11-23T12:00:00.000Z', epochs: { main: 70 } }))
    await plain.del('{site:main}:state')
    await expect(startServer({ place, config, redisUrl })).rejects.toThrow('being restored')
    expect(await kwota(place, ['restore', file, '--redis-url', redisUrl])).toMatchObject({ code: 0, err: '' })
    expect(await plain.exists('kwota:restoring')).toBe(0)
    expect(Number(await plain.hget('{site:main}:epoch', 'epoch'))).toBeGreaterThan(70)
    plain.disconnect()
    const back = await newPlace()
    expect(await kwota(back, ['restore', kept])).toMatchObject({ code: 0, err: '' })
    await expectRestored(await startServer({ place: back, config }), transactionId, await madeAtOf(kept))
  }, 3 * minute)
})
