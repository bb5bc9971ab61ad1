// The backups a running kwota keeps: whole files that can be read back, one at a time, the newest ten, nothing left of one that failed.
import { expect, test } from 'vitest'
import { createBackups, mostBackups } from '../src/backups.ts'
import { readBackup } from '../src/store/backup-file.ts'
import { createMemoryStore } from '../src/store/memory.ts'
import { StoreUnavailable, type Piece, type Store } from '../src/store/port.ts'
import { createMemoryFiles } from './store/memory-files.ts'
import { VirtualClock } from './virtual-clock.ts'

async function stand(through: (store: Store) => Pick<Store, 'dump'> = (store) => store) {
  const store = createMemoryStore()
  await store.commit('main', await store.own('main'), { puts: new Map([['config', { site: 1 }]]) })
  for (const series of ['meter:CP1', 'transactions', 'audit']) await store.append('main', series, [{ atMs: 1, value: series }])
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 12))
  const files = createMemoryFiles()
  let made = 0
  return { clock, files, backups: createBackups({ store: through(store), kind: 'memory', files, clock, version: '1.2.3', newId: () => String(++made) }) }
}

async function seriesIn(content: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const piece of (await readBackup(content)).pieces) if (piece.type === 'entry') found.push(piece.value)
  return found.sort()
}

test('its content is a whole backup, as long as its view says; without history transactions and the audit log stay', async () => {
  const { backups } = await stand()
  const all = await backups.make({ withoutHistory: false })
  expect(all).toMatchObject({ madeAt: '2026-11-23T12:00:00.000Z', kwotaVersion: '1.2.3', scopes: 1, records: 1, seriesEntries: 3 })
  const { content, view } = await backups.open(all.id)
  let bytes = 0
  expect(await seriesIn((async function* () { for await (const chunk of content) { bytes += chunk.length; yield chunk } })())).toEqual(['audit', 'meter:CP1', 'transactions'])
  expect(bytes).toBe(view.bytes)
  const some = await backups.make({ withoutHistory: true })
  expect(await seriesIn((await backups.open(some.id)).content)).toEqual(['audit', 'transactions'])
})

test('one at a time; the oldest goes before an eleventh comes', async () => {
  const { backups, clock, files } = await stand()
  const first = backups.make({ withoutHistory: false })
  await expect(backups.make({ withoutHistory: false })).rejects.toMatchObject({ kind: 'conflict', code: 'backup-under-way' })
  const { id } = await first
  for (let i = 0; i < mostBackups; i++) {
    await clock.advance(1_000)
    await backups.make({ withoutHistory: false })
  }
  expect(await backups.list()).toHaveLength(mostBackups)
  await expect(backups.get(id)).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-backup' })
  expect(await files.list()).toHaveLength(2 * mostBackups)
  const [newest] = await backups.list()
  expect(newest?.madeAt).toBe('2026-11-23T12:00:10.000Z')
})

test('of one that fails nothing is left, and the next can be made; what a kill has left goes', async () => {
  let failing = true
  const { backups, files } = await stand((store) => ({
    async *dump(options): AsyncGenerator<Piece> {
      yield* store.dump(options)
      if (failing) throw new StoreUnavailable('gone')
    },
  }))
  await expect(backups.make({ withoutHistory: false })).rejects.toMatchObject({ kind: 'store-down' })
  expect(await files.list()).toEqual([])
  await files.write('backup_torn', (async function* () { yield Buffer.from('x') })())
  expect(await backups.list()).toEqual([])
  failing = false
  const { id } = await backups.make({ withoutHistory: false })
  expect([...await files.list()].sort()).toEqual([id, `${id}-view`])
  await backups.remove(id)
  expect(await files.list()).toEqual([])
  await expect(backups.open(id)).rejects.toMatchObject({ code: 'unknown-backup' })
})
