// Whatever a store holds, every other store holds it after a dump and a load.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Piece, Store } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis.ts'
import { dumped, piecesOf } from './dumped.ts'
import { startRedisOrUseGiven, withoutRedis } from './redis-server.ts'

type Open = () => Promise<{ readonly store: Store; end(): Promise<void> }>

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text))
const value = fc.jsonValue({ maxDepth: 2 }).map((one): unknown => JSON.parse(JSON.stringify(one)))
const contents = fc.record({
  scopes: fc.dictionary(name, fc.record({ epoch: fc.integer({ min: 1, max: 1_000_000 }), state: fc.dictionary(name, value, { maxKeys: 6 }) }), { maxKeys: 3 }),
  claims: fc.dictionary(name, fc.dictionary(name, name, { maxKeys: 4 }), { maxKeys: 3 }),
  entries: fc.array(fc.record({ scope: fc.nat(2), series: name, atMs: fc.integer({ min: 0, max: 1_800_000_000_000 }), value }), { maxLength: 12 }),
}).map(({ scopes, claims, entries }): Piece[] => {
  const names = Object.keys(scopes)
  return [
    ...Object.entries(scopes).flatMap(([scope, { epoch, state }]): Piece[] => [{ type: 'scope', scope, epoch }, ...Object.entries(state).map(([key, one]): Piece => ({ type: 'record', scope, key, value: one }))]),
    ...Object.entries(claims).flatMap(([space, held]) => Object.entries(held).map(([key, owner]): Piece => ({ type: 'claim', space, key, owner }))),
    ...entries.flatMap(({ scope, ...entry }): Piece[] => (names[scope] === undefined ? [] : [{ type: 'entry', scope: names[scope], ...entry }])),
  ]
})

const memory: Open = async () => {
  const store = createMemoryStore()
  return { store, end: () => store.close() }
}

const embedded: Open = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kwota-dump-'))
  const store = await openEmbeddedStore({ dataDir, clock })
  return { store, async end() { await store.close(); await rm(dataDir, { recursive: true }) } }
}

/** From the first store into the second and back, whatever it was. */
async function expectEqualThrough(one: Open, other: Open, runs: number): Promise<void> {
  await fc.assert(fc.asyncProperty(contents, async (pieces) => {
    const [from, to, back] = [await one(), await other(), await one()]
    try {
      await from.store.load(piecesOf(pieces))
      const before = await dumped(from.store)
      expect(before).toHaveLength(pieces.length)
      await to.store.load(from.store.dump())
      await back.store.load(to.store.dump())
      expect(await dumped(to.store)).toEqual(before)
      expect(await dumped(back.store)).toEqual(before)
    } finally {
      for (const { end } of [from, to, back]) await end()
    }
  }), { numRuns: runs })
}

test('memory to memory', () => expectEqualThrough(memory, memory, 100))
test('embedded to embedded', () => expectEqualThrough(embedded, embedded, 8))
test('memory to embedded', () => expectEqualThrough(memory, embedded, 15))
test('embedded to memory', () => expectEqualThrough(embedded, memory, 10))

describe.skipIf(withoutRedis())('with Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedisOrUseGiven>>
  let nth = 0
  beforeAll(async () => { redis = await startRedisOrUseGiven() })
  afterAll(() => redis?.stop())

  const onRedis: Open = async () => {
    const store = await openRedisStore({ clock, url: redis!.url, prefix: `${redis!.prefix}${++nth}*:`, commandTimeoutMs: 5_000 })
    return { store, end: () => store.close() }
  }

  test('memory to Redis', () => expectEqualThrough(memory, onRedis, 25))
  test('Redis to memory', () => expectEqualThrough(onRedis, memory, 15))
  test('embedded to Redis', () => expectEqualThrough(embedded, onRedis, 10))
  test('Redis to embedded', () => expectEqualThrough(onRedis, embedded, 10))
  test('Redis to Redis', () => expectEqualThrough(onRedis, onRedis, 15))
})
