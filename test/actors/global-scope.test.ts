// What belongs to no site: records of its own, in no list of sites, there again after a kill, gone with the store.
import { expect, test } from 'vitest'
import { globalScope } from '../../src/actors/global-scope.ts'
import { siteSchema } from '../../src/power/site.ts'
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
