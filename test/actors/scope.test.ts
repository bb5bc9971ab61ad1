// The records of a site: coalesced into atomic commits, patient with a failing store, silent once closed, abandoned or lost.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { StaleEpoch, StoreUnavailable, type Store } from '../../src/store/port.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'

/** The memory store, with its commits counted, held back or failing. */
function watched() {
  const state = { failing: false, commits: [] as string[][], held: null as (() => void) | null, holding: false }
  const memory = createMemoryStore({ failing: () => state.failing })
  const store: Store = {
    ...memory,
    async commit(scope, epoch, batch) {
      state.commits.push([...(batch.puts?.keys() ?? []), ...(batch.deletes ?? []).map((key) => `-${key}`)])
      if (state.holding) await new Promise<void>((resolve) => { state.held = resolve })
      return memory.commit(scope, epoch, batch)
    },
  }
  return { state, memory, store }
}

async function open(heard: (string | null)[] = [], onLost: () => void = () => undefined) {
  const clock = new VirtualClock()
  const parts = watched()
  const scope = await openScope({ store: parts.store, name: 'main', clock, onFailure: (reason) => heard.push(reason), onLost })
  return { clock, scope, ...parts }
}

/** What a promise has come to so far. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'done' | 'failed'> {
  let state: 'pending' | 'done' | 'failed' = 'pending'
  promise.then(() => { state = 'done' }, () => { state = 'failed' })
  await settle()
  return state
}

async function stored(memory: MemoryStore): Promise<Record<string, unknown>> {
  return Object.fromEntries(await memory.restart().read('main'))
}

describe('commits', () => {
  test('everything of one turn lands in one commit; the newest value of a key counts', async () => {
    const { scope, state, memory } = await open()
    scope.put('a', 1)
    scope.put('b', 2)
    scope.put('a', 3)
    scope.put('c', 4)
    scope.delete('c')
    expect(scope.waiting()).toBe(3)
    await Promise.all([scope.flush(), scope.flush(), scope.durable()])
    expect(state.commits).toEqual([['a', 'b', '-c']])
    expect(scope.waiting()).toBe(0)
    expect(await stored(memory)).toEqual({ a: 3, b: 2 })
  })

  test('nothing to write means no commit', async () => {
    const { scope, state } = await open()
    await scope.flush()
    await scope.durable()
    expect(state.commits).toEqual([])
  })

  test('who comes during a commit joins the next one, and all who came share it', async () => {
    const { scope, state, memory } = await open()
    state.holding = true
    scope.put('a', 1)
    const first = scope.flush()
    await settle()
    scope.put('b', 2)
    const second = scope.flush()
    scope.put('c', 3)
    const third = scope.durable()
    state.holding = false
    state.held?.()
    await Promise.all([first, second, third])
    expect(state.commits).toEqual([['a'], ['b', 'c']])
    expect(await stored(memory)).toEqual({ a: 1, b: 2, c: 3 })
  })

  test('what is put can be read at once, by key and by prefix, and what was stored comes back', async () => {
    const { scope, memory, clock } = await open()
    scope.put('row:1', { a: 1 })
    scope.put('row:2', { a: 2 })
    scope.put('other', 0)
    scope.delete('row:1')
    expect(scope.get('row:1')).toBeUndefined()
    expect(scope.entries('row:')).toEqual([['row:2', { a: 2 }]])
    await scope.flush()
    const again = await openScope({ store: memory.restart(), name: 'main', clock })
    expect(again.epoch).toBe(scope.epoch + 1)
    expect(again.entries('')).toEqual([['row:2', { a: 2 }], ['other', 0]])
  })
})

describe('a store that fails', () => {
  test('is reported once, tried again every second, and reported once more when it is back', async () => {
    const heard: (string | null)[] = []
    const { scope, state, memory, clock } = await open(heard)
    state.failing = true
    scope.put('a', 1)
    await expect(scope.flush()).rejects.toThrow(StoreUnavailable)
    await clock.advance(3_000)
    expect(heard).toEqual(['the store does not answer'])
    expect(scope.failure).toBe('the store does not answer')
    expect(state.commits.length).toBe(4)
    state.failing = false
    await clock.advance(1_000)
    expect(heard).toEqual(['the store does not answer', null])
    expect(scope.failure).toBeNull()
    await clock.advance(10_000)
    expect(state.commits.length).toBe(5)
    expect(await stored(memory)).toEqual({ a: 1 })
  })

  test('is tried again once a second also after many attempts that failed, and every attempt of a caller is made', async () => {
    const { scope, state, memory, clock } = await open()
    state.failing = true
    for (let nth = 0; nth < 50; nth++) {
      scope.put(`key ${nth % 5}`, nth)
      await expect(scope.flush()).rejects.toThrow(StoreUnavailable)
    }
    expect(state.commits.length).toBe(50)
    await clock.advance(10_000)
    expect(state.commits.length).toBe(60)
    state.failing = false
    await clock.advance(1_000)
    expect(state.commits.length).toBe(61)
    expect(await stored(memory)).toEqual({ 'key 0': 45, 'key 1': 46, 'key 2': 47, 'key 3': 48, 'key 4': 49 })
  })

  test('a newer value put during the failure is not overwritten by the older one, nor is a deletion', async () => {
    const { scope, state, memory, clock } = await open()
    state.holding = true
    scope.put('a', 'old')
    scope.put('b', 'old')
    const first = scope.flush()
    await settle()
    scope.put('a', 'new')
    scope.delete('b')
    state.failing = true
    state.holding = false
    state.held?.()
    await expect(first).rejects.toThrow(StoreUnavailable)
    state.failing = false
    await clock.advance(1_000)
    expect(await stored(memory)).toEqual({ a: 'new' })
  })

  test('durable() waits through failures, for as long as they last', async () => {
    const { scope, state, clock, memory } = await open()
    state.failing = true
    scope.put('a', 1)
    const patient = scope.durable()
    await clock.advance(60_000)
    expect(await stateOf(patient)).toBe('pending')
    state.failing = false
    await clock.advance(1_000)
    expect(await stateOf(patient)).toBe('done')
    expect(await stored(memory)).toEqual({ a: 1 })
  })

  test('durable() is not held up by puts that come after it', async () => {
    const { scope, state, clock } = await open()
    state.failing = true
    scope.put('a', 0)
    const patient = scope.durable()
    await settle()
    state.failing = false
    state.holding = true
    // From here on there is always something newer that waits.
    let done = false
    void patient.then(() => { done = true })
    await clock.advance(1_000)
    for (let turn = 1; turn <= 3 && !done; turn++) {
      scope.put('a', turn)
      void scope.flush()
      state.held?.()
      await settle()
    }
    expect(done).toBe(true)
    expect(scope.waiting() + state.commits.length).toBeGreaterThan(1)
  })
})

describe('the end', () => {
  test('close() writes what was put; what comes later is not taken, and nobody is told that it was', async () => {
    const { scope, state, memory } = await open()
    scope.put('a', 1)
    await scope.close()
    scope.put('b', 2)
    scope.delete('a')
    await expect(scope.flush()).rejects.toThrow(StoreUnavailable)
    expect(await stateOf(scope.durable())).toBe('pending')
    expect(state.commits).toEqual([['a']])
    expect(await stored(memory)).toEqual({ a: 1 })
  })

  test('close() with a store that is down ends, and tries no more', async () => {
    const { scope, state, clock } = await open()
    state.failing = true
    scope.put('a', 1)
    const patient = scope.durable()
    await scope.close()
    const tried = state.commits.length
    await clock.advance(10_000)
    expect(state.commits.length).toBe(tried)
    expect(await stateOf(patient)).toBe('pending')
  })

  test('abandon() writes nothing more: not what waits, not what failed, not for who still asks', async () => {
    const { scope, state, clock, memory } = await open()
    state.holding = true
    scope.put('a', 1)
    const first = scope.flush()
    await settle()
    scope.put('b', 2)
    const second = scope.flush()
    const patient = scope.durable()
    scope.abandon()
    state.failing = true
    state.holding = false
    state.held?.()
    await expect(first).rejects.toThrow(StoreUnavailable)
    state.failing = false
    expect(await stateOf(second)).toBe('failed')
    expect(await stateOf(patient)).toBe('pending')
    scope.put('c', 3)
    expect(await stateOf(scope.flush())).toBe('failed')
    await clock.advance(10_000)
    expect(state.commits).toEqual([['a']])
    expect(await stored(memory)).toEqual({})
  })

  test('another owner: told once, every flush is refused, nothing is tried again', async () => {
    let lost = 0
    const { scope, state, clock, memory } = await open([], () => { lost++ })
    await memory.own('main')
    scope.put('a', 1)
    const patient = scope.durable()
    await expect(scope.flush()).rejects.toThrow(StaleEpoch)
    scope.put('b', 2)
    await expect(scope.flush()).rejects.toThrow(StaleEpoch)
    await clock.advance(30_000)
    expect(lost).toBe(1)
    expect(state.commits.length).toBe(1)
    expect(await stateOf(patient)).toBe('pending')
    expect(await stored(memory)).toEqual({})
  })

  test('rejects at the start when there is no store', async () => {
    const { state, store, clock } = await open()
    state.failing = true
    await expect(openScope({ store, name: 'main', clock })).rejects.toThrow(StoreUnavailable)
  })
})

describe('whatever happens', () => {
  type Step = 'put' | 'delete' | 'flush' | 'durable' | 'fail' | 'heal' | 'time'
  const steps = fc.array(fc.constantFrom<Step>('put', 'put', 'delete', 'flush', 'durable', 'fail', 'heal', 'time'), { maxLength: 40 })

  test('what was acknowledged is in the store after a crash, and the puts of one turn are never apart', async () => {
    await fc.assert(fc.asyncProperty(steps, async (script) => {
      const { scope, state, memory, clock } = await open()
      let version = 0
      let acknowledged = 0
      const deletedAt: number[] = [0]
      const promise = (scope: Scope, how: 'flush' | 'durable') => {
        const upTo = version
        scope[how]().then(() => { acknowledged = Math.max(acknowledged, upTo) }, () => undefined)
      }
      for (const step of script) {
        if (step === 'put') {
          version++
          scope.put('left', version)
          scope.put('right', version)
        } else if (step === 'delete') {
          version++
          deletedAt.push(version)
          scope.delete('left')
          scope.delete('right')
        } else if (step === 'flush' || step === 'durable') promise(scope, step)
        else if (step === 'fail') state.failing = true
        else if (step === 'heal') state.failing = false
        else await clock.advance(500)
      }
      await settle()
      scope.abandon()
      state.failing = false
      const { left, right } = await stored(memory)
      expect(left).toEqual(right)
      if (left === undefined) expect(deletedAt.some((at) => at >= acknowledged)).toBe(true)
      else expect(left).toBeGreaterThanOrEqual(acknowledged)
    }), { numRuns: 200 })
  })
})
