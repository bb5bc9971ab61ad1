// What every store must do, whatever it is made of.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StaleEpoch, StoreDamaged, StoreOwned, StoreUnavailable, type Piece, type Store } from '../../src/store/port.ts'
import { dumped, piecesOf } from './dumped.ts'

export interface Harness {
  readonly store: Store
  /** Ends every handle and opens the same data again. */
  reopen(): Promise<Store>
  /** The store's own clock. */
  nowMs(): number
  /** Another handle on the same data, where the store allows one. */
  second?(): Promise<Store>
  /** Puts a text under a key of a scope behind the store's back; the answer is the store to go on with. */
  damage(scope: string, key: string, text: string): Promise<Store>
  stop(): Promise<void>
}

const dayMs = 86_400_000
const noonMs = 1_750_000_000_000 - (1_750_000_000_000 % dayMs) + dayMs / 2

export function storeContract(start: () => Promise<Harness>): void {
  let harness: Harness
  let store: Store
  beforeEach(async () => {
    harness = await start()
    store = harness.store
  })
  afterEach(() => harness.stop())

  function put(scope: string, epoch: number, ...pairs: [string, unknown][]): Promise<void> {
    return store.commit(scope, epoch, { puts: new Map(pairs) })
  }

  describe('commits', () => {
    test('are read back, and again after reopening', async () => {
      const epoch = await store.own('depot')
      await put('depot', epoch, ['a', { deep: [1, null, 'x'] }], ['b', false])
      const expected = new Map<string, unknown>([['a', { deep: [1, null, 'x'] }], ['b', false]])
      expect(await store.read('depot')).toEqual(expected)
      store = await harness.reopen()
      expect(await store.read('depot')).toEqual(expected)
      expect(await store.read('elsewhere')).toEqual(new Map())
    })

    test('delete, and put wins over delete in one batch', async () => {
      const epoch = await store.own('depot')
      await put('depot', epoch, ['a', 1], ['b', 2], ['c', 3])
      await store.commit('depot', epoch, { deletes: ['a', 'b', 'never-was'], puts: new Map([['b', 20]]) })
      expect(await store.read('depot')).toEqual(new Map([['b', 20], ['c', 3]]))
    })

    test('an empty batch changes nothing and is still fenced', async () => {
      const epoch = await store.own('depot')
      await store.commit('depot', epoch, {})
      await store.commit('depot', epoch, { puts: new Map(), deletes: [] })
      expect(await store.read('depot')).toEqual(new Map())
      await expect(store.commit('depot', epoch + 1, {})).rejects.toThrow(StaleEpoch)
    })

    test('hold 1,000 keys in one batch, and delete them in one', async () => {
      const epoch = await store.own('depot')
      const puts = new Map(Array.from({ length: 1_000 }, (_, i): [string, unknown] => [`k${i}`, { i }]))
      await store.commit('depot', epoch, { puts })
      store = await harness.reopen()
      expect(await store.read('depot')).toEqual(puts)
      await store.commit('depot', epoch, { deletes: [...puts.keys()] })
      expect(await store.read('depot')).toEqual(new Map())
    })

    test('take keys with odd characters, each its own', async () => {
      const odd = ['__proto__', 'constructor', 'a:b', 'a', '{x}', 'ключ', '充電', '🔌', ' ', '"', "'", '\\', '%00', 'x'.repeat(512), 'ü'.repeat(512)]
      for (const scope of ['depot', 'Ladepark Süd {1}:state', '__proto__']) {
        const epoch = await store.own(scope)
        await put(scope, epoch, ...odd.map((key): [string, unknown] => [key, `${scope} ${key}`]))
      }
      store = await harness.reopen()
      expect((await store.scopes()).sort()).toEqual(['Ladepark Süd {1}:state', '__proto__', 'depot'])
      for (const scope of await store.scopes()) {
        expect(await store.read(scope)).toEqual(new Map(odd.map(key => [key, `${scope} ${key}`])))
      }
    })

    test('refuse a bad key, scope or value and change nothing', async () => {
      const epoch = await store.own('depot')
      for (const key of ['', 'x'.repeat(513), 'a\0b', 'a\nb', '\ud800']) {
        await expect(put('depot', epoch, ['fine', 1], [key, 1])).rejects.toThrow(TypeError)
        await expect(store.commit('depot', epoch, { deletes: [key] })).rejects.toThrow(TypeError)
        await expect(store.own(key)).rejects.toThrow(TypeError)
        await expect(store.claim('tags', key, 'me')).rejects.toThrow(TypeError)
        await expect(store.append('depot', key, [])).rejects.toThrow(TypeError)
      }
      await expect(put('depot', epoch, ['fine', 1], ['a', undefined])).rejects.toThrow(TypeError)
      await expect(put('depot', epoch, ['fine', 1], ['a', 1n])).rejects.toThrow(TypeError)
      expect(await store.read('depot')).toEqual(new Map())
      expect(await store.scopes()).toEqual(['depot'])
    })

    test('that cannot be read any more are told apart, and everything else is read', async () => {
      const epoch = await store.own('depot')
      await put('depot', epoch, ['a', { n: 1 }], ['b', 2], ['c', 3], ['d', null])
      store = await harness.damage('depot', 'a', '{"n":')
      store = await harness.damage('depot', 'c', '')
      const damaged = new Map<string, string>()
      expect(await store.read('depot', (key, text) => damaged.set(key, text))).toEqual(new Map<string, unknown>([['b', 2], ['d', null]]))
      expect(damaged).toEqual(new Map([['a', '{"n":'], ['c', '']]))
      await expect(store.read('depot')).rejects.toThrow(StoreDamaged)
      await store.commit('depot', await store.own('depot'), { puts: new Map([['a', 'whole']]), deletes: ['c'] })
      expect(await store.read('depot')).toEqual(new Map<string, unknown>([['a', 'whole'], ['b', 2], ['d', null]]))
    })

    test('copy what they take and what they give', async () => {
      const epoch = await store.own('depot')
      const value = { list: [1] }
      const batch = new Map<string, unknown>([['a', value]])
      const committed = store.commit('depot', epoch, { puts: batch })
      value.list.push(2)
      batch.set('b', 1)
      await committed
      const seen = await store.read('depot')
      expect(seen).toEqual(new Map([['a', { list: [1] }]]))
      Object.assign(seen.get('a') ?? {}, { list: 'changed' })
      seen.clear()
      expect(await store.read('depot')).toEqual(new Map([['a', { list: [1] }]]))
    })

    test('of one scope land in the order they were made', async () => {
      const epoch = await store.own('depot')
      const commits: Promise<void>[] = []
      for (let i = 0; i < 100; i += 1) {
        commits.push(i % 10 === 5 ? store.commit('depot', epoch, { deletes: ['last'] }) : put('depot', epoch, ['last', i], [`mark${i % 7}`, i]))
      }
      await Promise.all(commits)
      const state = await store.read('depot')
      expect(state.get('last')).toBe(99)
      expect(state.get('mark1')).toBe(99)
      expect(state.get('mark0')).toBe(98)
    })

    test('200 at once over several scopes are all there after reopening', async () => {
      const scopes = ['north', 'south', 'east', 'west']
      const epochs = await Promise.all(scopes.map(scope => store.own(scope)))
      await Promise.all(Array.from({ length: 200 }, (_, i) => put(scopes[i % 4] ?? '', epochs[i % 4] ?? 0, [`k${i}`, i], ['pair', i])))
      store = await harness.reopen()
      for (const [nth, scope] of scopes.entries()) {
        const state = await store.read(scope)
        expect(state.size).toBe(51)
        expect(state.get('pair')).toBe(196 + nth)
        for (let i = nth; i < 200; i += 4) expect(state.get(`k${i}`)).toBe(i)
      }
    })

    test('are never seen in half', async () => {
      const epoch = await store.own('depot')
      let writing = true
      const writes = Promise.all(Array.from({ length: 60 }, (_, i) => put('depot', epoch, ['left', i], ['right', i]))).finally(() => { writing = false })
      while (writing) {
        const state = await store.read('depot')
        expect(state.get('left')).toBe(state.get('right'))
        await new Promise(resolve => setImmediate(resolve))
      }
      await writes
    })
  })

  describe('fencing', () => {
    test('epochs start at 1, increase, and survive', async () => {
      expect(await store.own('depot')).toBe(1)
      expect(await store.own('depot')).toBe(2)
      expect(await store.own('yard')).toBe(1)
      store = await harness.reopen()
      expect(await store.own('depot')).toBe(3)
      expect((await store.scopes()).sort()).toEqual(['depot', 'yard'])
    })

    test('an epoch that is not the newest writes nothing', async () => {
      const old = await store.own('depot')
      await put('depot', old, ['a', 1])
      const epoch = await store.own('depot')
      await expect(put('depot', old, ['a', 2], ['b', 2])).rejects.toThrow(StaleEpoch)
      await expect(put('depot', epoch + 1, ['a', 3])).rejects.toThrow(StaleEpoch)
      await expect(put('never-owned', 1, ['a', 3])).rejects.toThrow(StaleEpoch)
      await put('depot', epoch, ['c', 4])
      expect(await store.read('depot')).toEqual(new Map([['a', 1], ['c', 4]]))
    })

    test('a stale commit among good ones spoils only itself', async () => {
      const old = await store.own('depot')
      const epoch = await store.own('depot')
      const outcomes = await Promise.allSettled([
        put('depot', epoch, ['a', 1]), put('depot', old, ['a', 2], ['b', 2]), put('depot', epoch, ['c', 3]),
      ])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await store.read('depot')).toEqual(new Map([['a', 1], ['c', 3]]))
    })

    test('concurrent owners get different epochs', async () => {
      const epochs = await Promise.all(Array.from({ length: 5 }, () => store.own('depot')))
      expect(new Set(epochs).size).toBe(5)
      await put('depot', Math.max(...epochs), ['a', 1])
      expect(await store.read('depot')).toEqual(new Map([['a', 1]]))
    })

    test('another handle is refused while the first lives, and takes over when it has gone', async () => {
      if (!harness.second) return
      const epoch = await store.own('depot')
      await put('depot', epoch, ['a', 1])
      const other = await harness.second()
      await expect(other.own('depot')).rejects.toThrow(StoreOwned)
      await put('depot', epoch, ['b', 2])
      expect(await other.own('yard')).toBe(1)
      await store.close()
      const newer = await other.own('depot')
      expect(newer).toBe(epoch + 1)
      await expect(other.commit('depot', epoch, { puts: new Map([['a', 2]]) })).rejects.toThrow(StaleEpoch)
      await other.commit('depot', newer, { puts: new Map([['c', 3]]) })
      expect(await other.read('depot')).toEqual(new Map([['a', 1], ['b', 2], ['c', 3]]))
      await other.close()
      store = await harness.reopen()
    })

    test('what is owned is held, nothing is in doubt, and nobody is told that it was lost', async () => {
      let lost = 0
      const epoch = await store.own('depot', () => { lost += 1 })
      expect(store.leases.hold('depot', epoch).state).toBe('fresh')
      expect(store.leases.doubt()).toBeNull()
      const newer = await store.own('depot', () => { lost += 1 })
      expect(store.leases.hold('depot', newer).state).toBe('fresh')
      await put('depot', newer, ['a', 1])
      expect(lost).toBe(0)
    })
  })

  describe('claims', () => {
    test('the first wins, and answers survive', async () => {
      expect(await store.claim('charge-points', 'CP:1', 'depot')).toBe('depot')
      expect(await store.claim('charge-points', 'CP:1', 'yard')).toBe('depot')
      expect(await store.claim('charge-points', 'CP:1', 'depot')).toBe('depot')
      expect(await store.claim('tags', 'CP:1', 'yard')).toBe('yard')
      store = await harness.reopen()
      expect(await store.claim('charge-points', 'CP:1', 'yard')).toBe('depot')
      expect(await store.claims('charge-points')).toEqual(new Map([['CP:1', 'depot']]))
      expect(await store.claims('nothing')).toEqual(new Map())
    })

    test('50 at once have one winner', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => store.claim('ids', '__proto__', `owner-${i}`)))
      expect(new Set(answers).size).toBe(1)
      expect(await store.claims('ids')).toEqual(new Map([['__proto__', answers[0]]]))
    })

    test('long keys that end in wide characters are found again', async () => {
      const keys = Array.from({ length: 150 }, (_, i) => `${'x'.repeat(i)}🔌`)
      await Promise.all(keys.map(key => store.claim('ids', key, 'first')))
      for (const remainder of [0, 1, 2]) {
        store = await harness.reopen()
        const answers = await Promise.all(keys.filter((_, i) => i % 3 === remainder).map(key => store.claim('ids', key, 'second')))
        expect(new Set(answers)).toEqual(new Set(['first']))
      }
      expect((await store.claims('ids')).size).toBe(150)
    })

    test('only the owner releases', async () => {
      await store.claim('ids', 'a', 'depot')
      await store.release('ids', 'a', 'yard')
      await store.release('ids', 'never', 'yard')
      expect(await store.claim('ids', 'a', 'yard')).toBe('depot')
      await store.release('ids', 'a', 'depot')
      expect(await store.claim('ids', 'a', 'yard')).toBe('yard')
    })
  })

  describe('series', () => {
    test('come back ascending, those of one moment in the order they were added', async () => {
      await store.append('depot', 'power', [{ atMs: noonMs + 2, value: 'c' }, { atMs: noonMs, value: 'a' }])
      await store.append('depot', 'power', [{ atMs: noonMs, value: { text: 'b:1:2' } }, { atMs: noonMs + dayMs, value: 'd' }])
      await store.append('depot', 'energy', [{ atMs: noonMs, value: 'other series' }])
      await store.append('yard', 'power', [{ atMs: noonMs, value: 'other scope' }])
      store = await harness.reopen()
      await store.append('depot', 'power', [{ atMs: noonMs + 2, value: 'after' }])
      expect(await store.range('depot', 'power', 0, Infinity)).toEqual([
        { atMs: noonMs, value: 'a' }, { atMs: noonMs, value: { text: 'b:1:2' } },
        { atMs: noonMs + 2, value: 'c' }, { atMs: noonMs + 2, value: 'after' }, { atMs: noonMs + dayMs, value: 'd' },
      ])
    })

    test('a range includes its start, not its end, and stops at its limit', async () => {
      const entries = Array.from({ length: 2_500 }, (_, i) => ({ atMs: noonMs + i * 60_000, value: i }))
      await store.append('depot', 'power', entries)
      const values = async (...query: [number, number, number?]) =>
        (await store.range('depot', 'power', ...query)).map(({ value }) => value)
      expect(await values(noonMs + 60_000, noonMs + 4 * 60_000)).toEqual([1, 2, 3])
      expect(await values(noonMs + 59_999.5, noonMs + 60_000.5)).toEqual([1])
      expect(await values(-Infinity, Infinity, 3)).toEqual([0, 1, 2])
      expect(await values(noonMs, Infinity, 0)).toEqual([])
      expect(await values(noonMs + 5, noonMs + 5)).toEqual([])
      expect(await values(0, Infinity)).toEqual(entries.map(({ value }) => value))
      expect(await values(0, Infinity, 2_000)).toHaveLength(2_000)
    })

    test('without a limit answer the first 10,000', async () => {
      await store.append('depot', 'power', Array.from({ length: 10_001 }, (_, i) => ({ atMs: noonMs + i, value: i })))
      const found = await store.range('depot', 'power', 0, Infinity)
      expect(found).toHaveLength(10_000)
      expect(found.at(-1)).toEqual({ atMs: noonMs + 9_999, value: 9_999 })
    })

    test('expire the old and keep the rest', async () => {
      const entries = Array.from({ length: 10 }, (_, day) => ({ atMs: noonMs + day * dayMs, value: day }))
      await store.append('depot', 'power', entries)
      await store.append('depot', 'energy', entries)
      await store.expire('depot', 'power', noonMs + 5 * dayMs)
      await store.expire('depot', 'never', noonMs)
      store = await harness.reopen()
      const left = (await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)
      expect(left).toEqual([5, 6, 7, 8, 9])
      expect(await store.range('depot', 'energy', 0, Infinity)).toEqual(entries)
    })

    test('expire to the millisecond, within a day too', async () => {
      await store.append('depot', 'power', [0, 1, 2].map(hour => ({ atMs: noonMs + hour * 3_600_000, value: hour })))
      const left = async () => (await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)
      await store.expire('depot', 'power', noonMs + 3_600_000)
      expect(await left()).toEqual([1, 2])
      await store.expire('depot', 'power', noonMs + 3_600_001)
      expect(await left()).toEqual([2])
      await store.expire('depot', 'power', noonMs + 3 * 3_600_000)
      expect([await left(), await store.series('depot')]).toEqual([[], []])
    })

    test('kept for another time are there all the same; those of no time to live have none then either', async () => {
      const todayMs = harness.nowMs()
      await store.append('depot', 'power', [{ atMs: todayMs - 3 * dayMs, value: 1 }, { atMs: todayMs, value: 2 }], { keepMs: 9 * dayMs })
      await store.append('depot', 'for ever', [{ atMs: todayMs - 9 * dayMs, value: 1 }])
      for (const keepMs of [90 * dayMs, 5 * dayMs]) for (const name of ['power', 'for ever', 'never']) await store.keep('depot', name, keepMs)
      expect((await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)).toEqual([1, 2])
      expect(await store.range('depot', 'for ever', 0, Infinity)).toHaveLength(1)
      await expect(store.keep('depot', 'power', 0)).rejects.toThrow(TypeError)
    })

    test('compacted, as the state of a scope, say what they have said', async () => {
      const epoch = await store.own('depot')
      await put('depot', epoch, ['a', 1], ['b', 2])
      await store.append('depot', 'power', [{ atMs: noonMs, value: 'a' }])
      await Promise.all([store.compact('depot'), store.compact('depot', 'power'), store.compact('nowhere'), put('depot', epoch, ['b', 3])])
      expect(await store.read('depot')).toEqual(new Map([['a', 1], ['b', 3]]))
      expect(await store.range('depot', 'power', 0, Infinity)).toEqual([{ atMs: noonMs, value: 'a' }])
    })

    test('of many names are added at once, and are found by name', async () => {
      await store.appendAll('depot', new Map([
        ['meter:CP/1', [{ atMs: noonMs + dayMs, value: 'c' }, { atMs: noonMs, value: 'a' }]], ['meter:CP/10', [{ atMs: noonMs, value: 1 }]],
        ['rollup:CP/1', [{ atMs: noonMs, value: 2 }]], ['meter:none', []], ['🔌 ü', [{ atMs: noonMs, value: 3 }]],
      ]))
      await store.append('yard', 'meter:elsewhere', [{ atMs: noonMs, value: 1 }])
      await store.append('depot', 'meter:CP/1', [{ atMs: noonMs, value: 'b' }])
      store = await harness.reopen()
      expect((await store.range('depot', 'meter:CP/1', 0, Infinity)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
      expect(await store.series('depot', 'meter:')).toEqual(['meter:CP/1', 'meter:CP/10'])
      expect((await store.series('depot')).sort()).toEqual(['meter:CP/1', 'meter:CP/10', 'rollup:CP/1', '🔌 ü'])
      expect(await store.series('depot', 'nothing')).toEqual([])
      expect(await store.series('nowhere')).toEqual([])
      await store.expire('depot', 'meter:CP/10', noonMs + dayMs)
      await store.expire('depot', 'meter:CP/1', noonMs + dayMs)
      expect(await store.series('depot', 'meter:')).toEqual(['meter:CP/1'])
      await store.append('depot', 'meter:CP/10', [{ atMs: noonMs, value: 'again' }])
      expect(await store.series('depot', 'meter:')).toEqual(['meter:CP/1', 'meter:CP/10'])
    })

    test('2,500 entries of 50 names in one call keep their order', async () => {
      const entries = new Map(Array.from({ length: 50 }, (_, nth) => [`s${nth}`, Array.from({ length: 50 }, (__, i) => ({ atMs: noonMs + Math.floor(i / 2), value: i }))]))
      await store.appendAll('depot', entries)
      for (const [name, some] of entries) expect(await store.range('depot', name, 0, Infinity)).toEqual(some)
    })

    test('have a stretch replaced, over midnight, and nothing beside it', async () => {
      const entries = Array.from({ length: 30 }, (_, hour) => ({ atMs: noonMs + hour * 3_600_000, value: hour }))
      await store.append('depot', 'archive', entries)
      await store.append('depot', 'other', entries)
      const values = async () => (await store.range('depot', 'archive', 0, Infinity)).map(({ value }) => value)
      await store.replace('depot', 'archive', noonMs + 2 * 3_600_000, noonMs + 27 * 3_600_000, [{ atMs: noonMs + 14 * 3_600_000, value: 'night' }, { atMs: noonMs + 2 * 3_600_000, value: 'first' }, { atMs: noonMs + 2 * 3_600_000, value: 'second' }])
      expect(await values()).toEqual([0, 1, 'first', 'second', 'night', 27, 28, 29])
      await store.replace('depot', 'archive', noonMs, noonMs + dayMs, [])
      store = await harness.reopen()
      expect(await values()).toEqual([27, 28, 29])
      await store.replace('depot', 'archive', noonMs, noonMs, [])
      await store.replace('depot', 'archive', noonMs - dayMs, noonMs + 3 * dayMs, [])
      expect(await store.series('depot')).toEqual(['other'])
      await store.replace('depot', 'archive', noonMs, noonMs + 1, [{ atMs: noonMs, value: 'back' }])
      expect(await values()).toEqual(['back'])
      expect(await store.series('depot')).toEqual(['archive', 'other'])
      expect(await store.range('depot', 'other', 0, Infinity)).toEqual(entries)
    })

    test('what replaces sees all that was written before, and what comes after stays', async () => {
      await Promise.all([
        store.append('depot', 'power', [{ atMs: noonMs, value: 'before' }]),
        store.replace('depot', 'power', noonMs, noonMs + 10, [{ atMs: noonMs + 1, value: 'instead' }]),
        store.append('depot', 'power', [{ atMs: noonMs + 2, value: 'after' }]),
      ])
      expect((await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)).toEqual(['instead', 'after'])
    })

    test('refuse a replacement beside its stretch, or a stretch of years, and change nothing', async () => {
      await store.append('depot', 'power', [{ atMs: noonMs, value: 'kept' }])
      await expect(store.replace('depot', 'power', noonMs, noonMs + 10, [{ atMs: noonMs + 10, value: 1 }])).rejects.toThrow(TypeError)
      await expect(store.replace('depot', 'power', noonMs, noonMs + 10, [{ atMs: noonMs - 1, value: 1 }])).rejects.toThrow(TypeError)
      await expect(store.replace('depot', 'power', 0, Infinity, [])).rejects.toThrow(TypeError)
      await expect(store.append('depot', 'power', [{ atMs: noonMs, value: 1 }], { keepMs: 0 })).rejects.toThrow(TypeError)
      await expect(store.appendAll('depot', new Map([['fine', [{ atMs: 1, value: 1 }]], ['a\nb', []]]))).rejects.toThrow(TypeError)
      expect((await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)).toEqual(['kept'])
      expect(await store.series('depot')).toEqual(['power'])
    })

    test('with a time to live are there all the same while it lasts', async () => {
      const todayMs = harness.nowMs()
      await store.append('depot', 'power', [{ atMs: todayMs, value: 1 }], { keepMs: dayMs })
      await store.replace('depot', 'power', todayMs + 1, todayMs + 3, [{ atMs: todayMs + 1, value: 2 }], { keepMs: dayMs })
      store = await harness.reopen()
      expect((await store.range('depot', 'power', 0, Infinity)).map(({ value }) => value)).toEqual([1, 2])
    })

    test('refuse a time that is not whole ms, all or nothing', async () => {
      for (const atMs of [-1, 0.5, NaN, Infinity]) {
        await expect(store.append('depot', 'power', [{ atMs: 1, value: 1 }, { atMs, value: 1 }])).rejects.toThrow(TypeError)
      }
      await expect(store.range('depot', 'power', NaN, 1)).rejects.toThrow(TypeError)
      expect(await store.range('depot', 'power', 0, Infinity)).toEqual([])
    })
  })

  describe('dumps', () => {
    const all: readonly Piece[] = [
      { type: 'claim', space: 'Süd *[1]', key: '__proto__', owner: 'depot' },
      { type: 'claim', space: 'ids', key: '{b}:1', owner: 'yard' },
      { type: 'entry', scope: 'depot', series: 'power', atMs: noonMs, value: { text: 'b:1:2' } },
      { type: 'entry', scope: 'depot', series: 'power', atMs: noonMs, value: 'a' },
      { type: 'entry', scope: 'depot', series: 'power', atMs: noonMs + dayMs, value: null },
      { type: 'record', scope: 'depot', key: 'ключ', value: { deep: [1, null, 'x'] } },
      { type: 'scope', scope: 'depot', epoch: 2 },
      { type: 'scope', scope: 'empty', epoch: 1 },
    ]

    test('tell all that was written and nothing else', async () => {
      await store.own('depot')
      const epoch = await store.own('depot')
      await store.own('empty')
      await put('depot', epoch, ['gone', 1], ['ключ', { deep: [1, null, 'x'] }])
      await store.commit('depot', epoch, { deletes: ['gone'] })
      await store.claim('Süd *[1]', '__proto__', 'depot')
      await store.claim('ids', '{b}:1', 'yard')
      await store.claim('ids', 'gone', 'yard')
      await store.release('ids', 'gone', 'yard')
      await store.append('depot', 'power', [{ atMs: noonMs + dayMs, value: null }, { atMs: noonMs, value: { text: 'b:1:2' } }, { atMs: noonMs, value: 'a' }])
      await store.check()
      expect(await dumped(store)).toEqual(all)
      expect(await dumped(store, { withoutSeries: true })).toEqual(all.filter(({ type }) => type !== 'entry'))
    })

    test('that were loaded are read as if they had been written here, also after reopening', async () => {
      await store.load(piecesOf([...all].reverse().sort((a, b) => Number(b.type === 'scope') - Number(a.type === 'scope'))))
      store = await harness.reopen()
      expect(await store.read('depot')).toEqual(new Map([['ключ', { deep: [1, null, 'x'] }]]))
      expect(await store.claims('ids')).toEqual(new Map([['{b}:1', 'yard']]))
      expect((await store.scopes()).sort()).toEqual(['depot', 'empty'])
      expect(await store.series('depot')).toEqual(['power'])
      expect(await store.range('depot', 'power', 0, Infinity)).toEqual([{ atMs: noonMs, value: 'a' }, { atMs: noonMs, value: { text: 'b:1:2' } }, { atMs: noonMs + dayMs, value: null }])
      expect(await store.own('depot')).toBe(3)
    })

    test('take 2,500 of each kind', async () => {
      const many = Array.from({ length: 2_500 }, (_, i) => i)
      await store.load(piecesOf([
        { type: 'scope', scope: 'depot', epoch: 1 },
        ...many.flatMap((i): Piece[] => [{ type: 'record', scope: 'depot', key: `k${i}`, value: i }, { type: 'claim', space: 'ids', key: `c${i}`, owner: 'depot' }, { type: 'entry', scope: 'depot', series: 'power', atMs: noonMs + i, value: i }]),
      ]))
      const pieces = await dumped(store)
      expect(pieces).toHaveLength(7_501)
      expect((await store.read('depot')).size).toBe(2_500)
    })

    test('epochs only go up, and an owner of before stays fenced', async () => {
      await store.own('depot')
      const epoch = await store.own('depot')
      await store.load(piecesOf([{ type: 'scope', scope: 'depot', epoch: 1 }]))
      await put('depot', epoch, ['a', 1])
      await store.load(piecesOf([{ type: 'scope', scope: 'depot', epoch: 7 }]))
      await expect(put('depot', epoch, ['a', 2])).rejects.toThrow(StaleEpoch)
      expect(await store.own('depot')).toBe(8)
    })

    test('what no store can hold is refused', async () => {
      for (const bad of [{ type: 'scope', scope: 'a\0b', epoch: 1 }, { type: 'scope', scope: 'depot', epoch: 0 }, { type: 'record', scope: 'depot', key: '', value: 1 }, { type: 'claim', space: 'ids', key: 'a', owner: '' }, { type: 'entry', scope: 'depot', series: 'x', atMs: -1, value: 1 }] satisfies Piece[]) {
        await expect(store.load(piecesOf([bad]))).rejects.toThrow(TypeError)
      }
      expect(await dumped(store)).toEqual([])
    })
  })

  test('after close everything rejects with StoreUnavailable, and what was under way is kept', async () => {
    const epoch = await store.own('depot')
    const underWay = Promise.all(Array.from({ length: 20 }, (_, i) => put('depot', epoch, [`k${i}`, i])))
    await store.check()
    await store.close()
    await store.close()
    await underWay
    for (const call of [
      () => put('depot', epoch, ['late', 1]), () => store.own('depot'), () => store.read('depot'), () => store.scopes(),
      () => store.claim('ids', 'a', 'me'), () => store.release('ids', 'a', 'me'), () => store.claims('ids'), () => store.check(),
      () => store.append('depot', 'power', [{ atMs: 1, value: 1 }]), () => store.range('depot', 'power', 0, 1), () => store.expire('depot', 'power', 1),
      () => store.appendAll('depot', new Map([['power', [{ atMs: 1, value: 1 }]]])), () => store.replace('depot', 'power', 0, 1, []), () => store.series('depot'),
      async () => { for await (const _ of store.dump()); }, () => store.load(piecesOf([{ type: 'scope', scope: 'depot', epoch: 3 }])),
      () => store.keep('depot', 'power', 1), () => store.compact('depot'), () => store.compact('depot', 'power'),
    ]) await expect(call()).rejects.toThrow(StoreUnavailable)
    store = await harness.reopen()
    const state = await store.read('depot')
    expect(state.size).toBe(20)
    expect(state.has('late')).toBe(false)
  })
}
