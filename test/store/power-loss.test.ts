// What the embedded store promises when the power goes or its disk fails, and that a store which does not keep it is found out.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cutUnsyncedTail } from '../../chaos/torn-log.ts'
import { systemClock as clock } from '../../src/clock.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { buildStores, expectKept } from './committer.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { powerLossCycles } from './power-loss.ts'

describe('power cuts and failing writes', () => {
  const seed = Number(process.env['KWOTA_SEED'] ?? randomInt(1_000_000))

  test(`in 200 cycles lose nothing acknowledged and leave nothing out (KWOTA_SEED=${seed})`, { timeout: 120_000 }, async () => {
    const report = await powerLossCycles({ cycles: 200, seed })
    expect(report.findings).toEqual([])
    expect(report.acknowledged).toBeGreaterThan(1_000)
    expect([report.failedWrites, report.refused, report.gone, report.tailKept, report.tailLost].every(count => count > 0)).toBe(true)
  })

  test('find out who acknowledges before the sync', { timeout: 60_000 }, async () => {
    const { findings } = await powerLossCycles({ cycles: 10, seed: 1, failingWrites: false, forgetful: true })
    expect(findings.filter(finding => finding.endsWith('was acknowledged and is gone')).length).toBeGreaterThan(0)
  })
})

describe('a log that has just grown full', () => {
  let root: string
  beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'kwota-power-')) })
  afterEach(() => rm(root, { recursive: true }))

  test('takes nothing that was to be durable, although only the next log is synced', { timeout: 60_000 }, async () => {
    const random = createRandom(1)
    let inTwoLogs = 0
    for (let round = 0; round < 60; round += 1) {
      const [dataDir, image] = [join(root, `${round}`), join(root, `${round}-after`)]
      let isArmed = false
      const disk: FaultyDisk = new FaultyDisk({
        random, writeBufferSize: 65_536,
        onStep(_, step) {
          if (!isArmed || step !== 'synced') return
          isArmed = false
          if (readdirSync(join(dataDir, 'store')).filter(name => name.endsWith('.log')).length > 1) inTwoLogs += 1
          disk.losePower(image)
        },
      })
      const store = await openEmbeddedStore({ dataDir, clock, open: disk.open })
      const epoch = await store.own('depot')
      const count = 3 + (round % 4)
      // Of letters that do not compress, a third of a log each.
      for (let n = 0; n < count; n += 1) await store.append('depot', 'moved', [{ atMs: n, value: Array.from({ length: 3_000 }, () => random().toString(36).slice(2, 9)).join('') }], { durable: true })
      isArmed = true
      await store.commit('depot', epoch, { puts: new Map([['gone-from-here', true]]) })
      await store.close()
      const found = await openEmbeddedStore({ dataDir: image, clock })
      expect([(await found.read('depot')).get('gone-from-here'), (await found.range('depot', 'moved', 0, 10)).length]).toEqual([true, count])
      await found.close()
    }
    expect(inTwoLogs).toBeGreaterThan(0)
  })
})

describe('a server that is killed, and its power with it', () => {
  let dir: string
  let built: { dir: string; remove: () => Promise<void> }
  beforeAll(async () => { built = await buildStores() })
  afterAll(() => built.remove())
  beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'kwota-power-')) })
  afterEach(() => rm(dir, { recursive: true }))

  test('has all that it said it had', async () => {
    const sidecar = join(dir, 'durable')
    for (let cycle = 1; cycle <= 4; cycle += 1) {
      const promised: { keys: string[]; claims: string[]; failures: string[] } = { keys: [], claims: [], failures: [] }
      const args = ['--import', join(import.meta.dirname, 'power-loss-hook.mjs'), join(import.meta.dirname, 'fixtures/committer.mjs'), built.dir, 'embedded', dir, '', 'endless']
      const child = spawn(process.execPath, args, { env: { ...process.env, KWOTA_DURABLE: sidecar }, stdio: ['ignore', 'pipe', 'inherit'] })
      createInterface({ input: child.stdout }).on('line', line => {
        const [word, key = ''] = line.split(' ')
        if (word === 'ack') promised.keys.push(key)
        if (word === 'claim') promised.claims.push(key)
        if (promised.keys.length > 60 * cycle) child.kill('SIGKILL')
      })
      await once(child, 'close')
      cutUnsyncedTail({ dataDir: dir, sidecar, random: createRandom(cycle) })
      const store = await openEmbeddedStore({ dataDir: dir, clock })
      await expectKept(store, promised)
      await store.close()
    }
  })
})

test('a log whose fsync failed is never written again: what follows goes into a new one', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kwota-power-'))
  let failNext = false
  const disk = new FaultyDisk({ random: createRandom(1), faultOf: () => (failNext ? { code: 'EIO', at: 'sync' } : undefined) })
  const store = await openEmbeddedStore({ dataDir, clock, open: disk.open })
  const epoch = await store.own('depot')
  const put = (key: string) => store.commit('depot', epoch, { puts: new Map([[key, 1]]) })
  await put('before')
  failNext = true
  await expect(put('during')).rejects.toThrow('EIO')
  failNext = false
  const at = disk.events.findLastIndex(({ what }) => what === 'failed')
  await expect.poll(() => store.check().then(() => true, () => false), { timeout: 10_000 }).toBe(true)
  await put('after')
  const since = disk.events.slice(at + 1)
  expect(since[0]?.what).toBe('opened')
  expect(since.filter(({ file }) => file === disk.events[at]?.file)).toEqual([])
  const image = join(dataDir, 'after')
  disk.losePower(image)
  const left = await openEmbeddedStore({ dataDir: image, clock })
  expect([...(await left.read('depot')).keys()]).toEqual(expect.arrayContaining(['before', 'after']))
  await left.close()
  await store.close()
  await rm(dataDir, { recursive: true })
})
