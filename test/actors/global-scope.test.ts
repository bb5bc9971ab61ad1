// What belongs to no site: records of its own, in no list of sites, there again after a kill, gone with the store.
import { expect, test } from 'vitest'
import { globalScope } from '../../src/actors/global-scope.ts'
import { siteSchema } from '../../src/power/site.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { caller, openHouse } from './house-stand.ts'
import { siteOf } from './site-stand.ts'

test('it is no site, and a second start takes it over', async () => {
  const first = await openHouse()
  const again = await first.restart()
  expect(await again.store.scopes()).toContain(globalScope)
  expect(again.house.sites().map(({ value }) => value.id)).toEqual(['main'])
  await expect(again.store.commit(globalScope, 1, {})).rejects.toThrow('epoch')
  await again.directory.stop()
})

test('no site may be called so', async () => {
  expect(siteSchema.safeParse({ id: globalScope, fuseA: 16 }).error?.issues[0]?.message).toContain('choose another id')
  const { house } = await openHouse()
  await expect(house.putSite(siteOf({ id: 'annex', fuseA: 16 }), caller)).resolves.toMatchObject({ created: true })
})

test('while it cannot be written, kwota says that it is not ready', async () => {
  const { house, trouble } = await openHouse()
  expect(await house.health()).toMatchObject({ ready: true })
  trouble.store = true
  expect(await house.health()).toMatchObject({ ready: false })
})

test('a site that was called so before the name was taken: no start, saying how to give it another name; nothing of it is touched', async () => {
  const store = createMemoryStore()
  const config = { version: 1, changedAt: '2024-05-01T10:00:00.000Z', changedBy: 'tester', site: { id: globalScope, fuseA: 63 } }
  await store.commit(globalScope, await store.own(globalScope), { puts: new Map([['config', config]]) })
  await expect(openHouse({ store })).rejects.toMatchObject({ kind: 'conflict', code: 'site-called-kwota', hint: expect.stringContaining('DELETE /api/v1/sites/kwota') as string })
  expect(await store.read(globalScope)).toEqual(new Map([['config', config]]))
  await store.commit(globalScope, await store.own(globalScope), { deletes: ['config'] })
  const { house } = await openHouse({ store })
  expect(house.sites().map(({ value }) => value.id)).toEqual(['main'])
})
