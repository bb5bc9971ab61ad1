// What a file adds at a start is claimed together, and what somebody else has stays theirs.
import { expect, test } from 'vitest'
import { claimTogether } from '../../src/actors/new-claims.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openHouse } from './house-stand.ts'

test('all are asked for before the first is answered, a thousand at once at most', async () => {
  let [running, most] = [0, 0]
  const points = Array.from({ length: 2_500 }, (_, at) => ({ id: `CP${at}`, site: 'main' }))
  const claimed = await claimTogether({
    async claim(_space, _key, owner) {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      return owner
    },
  }, points)
  expect([claimed.size, most, claimed.has('cp2499')]).toEqual([2_500, 1_000, true])
})

test('one that another has is not taken from it', async () => {
  const store = createMemoryStore()
  await store.claim('chargepoint', 'cp1', 'elsewhere')
  await claimTogether(store, [{ id: 'CP1', site: 'main' }, { id: 'CP2', site: 'main' }])
  expect(await store.claims('chargepoint')).toEqual(new Map([['cp1', 'elsewhere'], ['cp2', 'main']]))
})

test('a start claims each new charge point of its file once, and those it knows not again', async () => {
  const asked: string[] = []
  const through = (store: ReturnType<typeof createMemoryStore>) => Object.assign(Object.create(store) as typeof store, {
    claim(space: string, key: string, owner: string) {
      if (space === 'chargepoint') asked.push(key)
      return store.claim(space, key, owner)
    },
  })
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], through })
  expect(asked).toEqual(['cp1', 'cp2'])
  await stand.restart()
  expect(asked).toEqual(['cp1', 'cp2'])
})
