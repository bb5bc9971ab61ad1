// The store in memory: the contract, and what the simulator does to it.
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { storeContract } from './contract.ts'

describe('store contract, in memory', () => {
  storeContract(async () => {
    const store = createMemoryStore()
    return {
      store,
      reopen: async () => store.restart(),
      second: async () => store.attach(),
      nowMs: () => 1_750_000_000_000,
      async damage(scope, key, text) {
        store.damage(scope, key, text)
        return store
      },
      stop: () => store.close(),
    }
  })
})

test('while it fails, every call rejects and nothing changes', async () => {
  let down = false
  const store = createMemoryStore({ failing: () => down })
  const epoch = await store.own('depot')
  await store.commit('depot', epoch, { puts: new Map([['a', 1]]) })
  down = true
  await expect(store.commit('depot', epoch, { puts: new Map([['a', 2]]) })).rejects.toThrow(StoreUnavailable)
  await expect(store.own('depot')).rejects.toThrow(StoreUnavailable)
  await expect(store.claim('ids', 'a', 'me')).rejects.toThrow(StoreUnavailable)
  await expect(store.append('depot', 'power', [{ atMs: 1, value: 1 }])).rejects.toThrow(StoreUnavailable)
  await expect(store.read('depot')).rejects.toThrow(StoreUnavailable)
  await expect(store.check()).rejects.toThrow(StoreUnavailable)
  down = false
  await store.check()
  expect(await store.read('depot')).toEqual(new Map([['a', 1]]))
  expect(await store.claims('ids')).toEqual(new Map())
  expect(await store.range('depot', 'power', 0, 2)).toEqual([])
  expect(await store.own('depot')).toBe(epoch + 1)
})

test('a restart ends every earlier handle', async () => {
  const first = createMemoryStore()
  const second = first.attach()
  const third = second.restart()
  await expect(first.check()).rejects.toThrow(StoreUnavailable)
  await expect(second.check()).rejects.toThrow(StoreUnavailable)
  await third.check()
})
