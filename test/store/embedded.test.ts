// The embedded store: the contract, its lock, kill -9, and a disk that fills up.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { openEmbeddedStore, StoreLocked } from '../../src/store/embedded.ts'
import { openLevel } from '../../src/store/level.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { buildStores, expectKept, runCommitter } from './committer.ts'
import { storeContract } from './contract.ts'

function makeDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'kwota-store-'))
}

describe('store contract, embedded', () => {
  storeContract(async () => {
    const dataDir = await makeDir()
    let store = await openEmbeddedStore({ dataDir, clock })
    return {
      store,
      async reopen() {
        await store.close()
        store = await openEmbeddedStore({ dataDir, clock })
        return store
      },
      nowMs: () => clock.wall(),
      async damage(scope, key, text) {
        await store.close()
        const level = await openLevel(dataDir)
        await level.put(`s\0${scope}\0${key}`, text)
        await level.close()
        store = await openEmbeddedStore({ dataDir, clock })
        return store
      },
      async stop() {
        await store.close()
        await rm(dataDir, { recursive: true })
      },
    }
  })
})

describe('an embedded store', () => {
  let dataDir: string
  let built: { dir: string; remove: () => Promise<void> }
  beforeAll(async () => { built = await buildStores() })
  afterAll(() => built.remove())
  beforeEach(async () => { dataDir = await makeDir() })
  afterEach(() => rm(dataDir, { recursive: true }))

  test('refuses a second handle on the same data, naming the directory and the way out', async () => {
    const store = await openEmbeddedStore({ dataDir, clock })
    const refused = await openEmbeddedStore({ dataDir, clock }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreLocked)
    expect(String(refused)).toContain(dataDir)
    expect(String(refused)).toContain('--data-dir')
    await store.check()
    await store.close()
    await (await openEmbeddedStore({ dataDir, clock })).close()
  })

  test('refuses a second process on the same data', async () => {
    const store = await openEmbeddedStore({ dataDir, clock })
    await expect(runCommitter({ built: built.dir, kind: 'embedded', target: dataDir, enough: 1 })).rejects.toThrow('StoreLocked')
    await store.close()
  })

  test('compacted, its files no longer hold what was put aside', async () => {
    const store = await openEmbeddedStore({ dataDir, clock })
    const holds = async (text: string) => {
      const dir = join(dataDir, 'store')
      const files = await Promise.all((await readdir(dir)).map(name => readFile(join(dir, name)).catch(() => Buffer.alloc(0))))
      return files.some(file => file.includes(text))
    }
    const epoch = await store.own('depot')
    const [secret, other] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
    await store.commit('depot', epoch, { puts: new Map([['a', secret]]) })
    await store.append('depot', 'messages', [{ atMs: 1, value: other }])
    await store.commit('depot', epoch, { puts: new Map([['a', 'erased']]) })
    await store.replace('depot', 'messages', 0, 10, [{ atMs: 1, value: 'erased' }])
    await store.check()
    expect([await holds(secret), await holds(other)]).toEqual([true, true])
    expect([await store.compact('depot'), await store.compact('depot', 'messages')]).toEqual([true, true])
    expect([await holds(secret), await holds(other)]).toEqual([false, false])
    expect(await store.range('depot', 'messages', 0, 10)).toEqual([{ atMs: 1, value: 'erased' }])
    await store.close()
  })

  test('says which directory it cannot open', async () => {
    const file = join(dataDir, 'a-file')
    await writeFile(file, '')
    const refused = await openEmbeddedStore({ dataDir: file, clock }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreUnavailable)
    expect(String(refused)).toContain(file)
  })

  test('creates a directory that is not there', async () => {
    const store = await openEmbeddedStore({ dataDir: join(dataDir, 'new', 'deep'), clock })
    expect(await store.own('depot')).toBe(1)
    await store.close()
  })

  test('keeps everything acknowledged through kill -9', async () => {
    for (let cycle = 1; cycle <= 4; cycle += 1) {
      const promised = await runCommitter({ built: built.dir, kind: 'embedded', target: dataDir, enough: 40 * cycle + 7 })
      const store = await openEmbeddedStore({ dataDir, clock })
      await expectKept(store, promised)
      expect(await store.own('depot')).toBe(2 * cycle)
      await store.close()
    }
  })

  test('on a full disk fails, then recovers, and loses nothing acknowledged before or after', async () => {
    const promised = await runCommitter({ built: built.dir, kind: 'embedded', target: dataDir, largestFileBlocks: 300 })
    expect(promised.failures).toEqual([expect.stringContaining('StoreUnavailable')])
    expect(promised.keys.filter(key => key.startsWith('before-')).length).toBeGreaterThan(5)
    expect(promised.keys.filter(key => key.startsWith('after-'))).toHaveLength(10)
    const store = await openEmbeddedStore({ dataDir, clock })
    await expectKept(store, promised)
    await store.close()
  })
})
