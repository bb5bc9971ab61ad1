// Power that goes, and a disk that is full or fails (rows 45 and 46 of the threat table).
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { caller, charging } from '../actors/house-stand.ts'
import { FaultyDisk, type WriteFault } from '../store/faulty-disk.ts'
import { powerLossCycles } from '../store/power-loss.ts'

const seed = randomInt(1_000_000)

test(`threat 45: after a power cut with a torn tail all that was acknowledged is there, and nothing is missing in the middle (seed ${seed})`, { timeout: 60_000 }, async () => {
  const report = await powerLossCycles({ cycles: 30, seed })
  expect(report.findings).toEqual([])
  expect([report.cycles, report.acknowledged > 100]).toEqual([30, true])
})

test('threat 46: while nothing can be written lowerings leave, no start is acknowledged, readiness and an alert say why; with room again it goes on by itself, each start once', async () => {
  const { house, clock, trouble, peer, call, directory, store } = await charging({ maxA: 32 })
  trouble.store = true
  const before = peer.calls.length
  const cut = house.setGridLimit('main', { currentA: 10 }, caller).then(() => 'taken', (error: unknown) => (error as { code?: string }).code)
  await clock.advance(5_000)
  expect(await cut).toBe('store-down')
  const limits = peer.profiles(before).map((told) => Number(told.split(' ')[2]))
  expect(limits.length).toBeGreaterThan(0)
  expect(Math.max(...limits)).toBeLessThanOrEqual(10)
  let answered = 0
  const start = { connectorId: 1, idTag: 'B', meterStart: 0, timestamp: new Date(clock.wall()).toISOString() }
  const other = directory.estate.point('CP2')!.session!
  void Promise.resolve(directory.desk.handle(other, 'StartTransaction', start, [])).then(() => { answered++ }, () => undefined)
  await clock.advance(20_000)
  expect(answered).toBe(0)
  expect(house.alerts().find(({ code, resolvedAt }) => code === 'store-down' && resolvedAt === null)?.message).toContain('lowerings go on')
  expect(JSON.stringify(await house.health())).toContain('does not answer')
  trouble.store = false
  await clock.advance(20_000)
  expect(answered).toBe(1)
  expect(house.alerts().filter(({ code, resolvedAt }) => code === 'store-down' && resolvedAt === null)).toEqual([])
  expect([...(await store.read('main')).keys()].filter((key) => key.startsWith('tx:'))).toHaveLength(2)
  expect(await call(peer, 'Heartbeat', {})).toMatchObject({})
  directory.crash()
})

test.each(['ENOSPC', 'EIO', 'EROFS'] as const)('threat 46: %s on a write or on its sync is never acknowledged, and never tried again in the same file', async (code) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kwota-disk-'))
  let fault: WriteFault | undefined
  const disk = new FaultyDisk({ random: createRandom(seed), faultOf: () => fault })
  const store = await openEmbeddedStore({ dataDir, clock: systemClock, open: disk.open })
  const epoch = await store.own('depot')
  const put = (key: string) => store.commit('depot', epoch, { puts: new Map([[key, 1]]) })
  const kept: string[] = []
  for (const at of ['before', 'torn', 'sync'] as const) {
    await put(`before-${at}`)
    fault = { code, at }
    await expect(put(`during-${at}`)).rejects.toThrow(code)
    fault = undefined
    const failed = disk.events.length - 1
    await expect.poll(() => store.check().then(() => true, () => false), { timeout: 10_000 }).toBe(true)
    expect(disk.events.slice(failed + 1).filter(({ file }) => file === disk.events[failed]?.file)).toEqual([])
    await put(`after-${at}`)
    kept.push(`before-${at}`, `after-${at}`)
  }
  const image = join(dataDir, 'after')
  disk.losePower(image)
  const left = await openEmbeddedStore({ dataDir: image, clock: systemClock })
  expect([...(await left.read('depot')).keys()]).toEqual(expect.arrayContaining(kept))
  await left.close()
  await store.close()
  await rm(dataDir, { recursive: true })
})
