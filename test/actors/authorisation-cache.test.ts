// The cache of external answers: bounded per charge point and site, the oldest go, and what cannot be read was never said.
import { expect, test } from 'vitest'
import { AuthorisationCache } from '../../src/actors/authorisation-cache.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const open = () => openScope({ store: createMemoryStore(), name: 'depot', clock: new VirtualClock() })
const accepted = { status: 'Accepted' } as const
const idsOf = (cache: AuthorisationCache, clientID: string) => cache.list(clientID).map(({ idTag }) => idTag)

test('of a charge point the newest are kept; the same tag counts once, however it is spelt', async () => {
  const cache = new AuthorisationCache(await open(), { perChargePoint: 3, perSite: 100 })
  for (const [at, tag] of ['a', 'b', 'A', 'c', 'd'].entries()) cache.put('CP1', tag, accepted, at)
  expect(idsOf(cache, 'CP1')).toEqual(['A', 'c', 'd'])
  expect(cache.get('CP1', 'B', 5, 100)).toBeNull()
  expect(cache.get('CP1', 'C', 5, 100)).toEqual(accepted)
})

test('of a site the newest are kept, whichever charge point they were asked at, also after a restart', async () => {
  const scope = await open()
  for (let at = 0; at < 40; at++) new AuthorisationCache(scope, { perChargePoint: 100, perSite: 10 }).put(`CP${at % 4}`, `tag${at}`, accepted, at)
  const cache = new AuthorisationCache(scope, { perChargePoint: 100, perSite: 10 })
  const kept = ['CP0', 'CP1', 'CP2', 'CP3'].flatMap((id) => idsOf(cache, id))
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept).toContain('tag39')
  expect(kept).not.toContain('tag20')
})

test('what cannot be read is as if nobody had said it, and is replaced', async () => {
  const scope = await open()
  const cache = new AuthorisationCache(scope)
  for (const broken of ['text', null, { v: 2, answers: [] }, { v: 1, answers: [{ idTag: 'a' }] }]) {
    scope.put('authorised:CP1', broken)
    expect(cache.get('CP1', 'a', 0, 100)).toBeNull()
    cache.put('CP1', 'a', accepted, 0)
    expect(cache.get('CP1', 'a', 0, 100)).toEqual(accepted)
  }
})

test('a step of the wall clock makes no answer younger or older than it is worth', async () => {
  const cache = new AuthorisationCache(await open())
  cache.put('CP1', 'a', accepted, 1_000_000)
  expect(cache.get('CP1', 'a', 1_060_000, 60)).toEqual(accepted)
  expect(cache.get('CP1', 'a', 1_060_001, 60)).toBeNull()
  expect(cache.get('CP1', 'a', 900_000, 60)).toBeNull()
  expect(cache.get('CP1', 'a', 900_000, Infinity)).toEqual(accepted)
})
