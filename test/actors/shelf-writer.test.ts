// The writer behind the shelves: batches in order, tried again until the store takes them, and bounded while it does not.
import { expect, test } from 'vitest'
import { ShelfWriter } from '../../src/actors/shelf-writer.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'

interface Row { readonly n: number; readonly bytes: number }

function stand(bounds: { mostRows?: number; mostBytes?: number } = {}) {
  const clock = new VirtualClock()
  /** `held` keeps a write open until `settleWrite`. */
  const store = { failing: false, held: false, tidyFails: false }
  const [attempts, stored, logged]: [number[][], number[], [string, object][]] = [[], [], []]
  const note = (fields: object, message: string): void => { logged.push([message, fields]) }
  let release = (): void => undefined
  let tidied = 0
  const writer = new ShelfWriter<Row>({
    siteID: 'main', clock, log: { debug: note, info: note, warn: note, error: note }, what: 'rows', mostRows: 1_000, mostBytes: 32e6, ...bounds,
    sizeOf: ({ bytes }) => bytes,
    async write(rows) {
      attempts.push(rows.map(({ n }) => n))
      if (store.held) await new Promise<void>((resolve) => { release = resolve })
      if (store.failing) throw new Error('the disk is full')
      stored.push(...rows.map(({ n }) => n))
    },
    async tidy() {
      tidied++
      if (store.tidyFails) throw new Error('no')
    },
  })
  let made = 0
  const add = (count: number, bytes = 1): void => { for (let n = 0; n < count; n++) writer.add({ n: made++, bytes }) }
  return {
    clock, store, attempts, stored, logged, writer, add, pending: () => writer.pending().map(({ n }) => n), tidied: () => tidied,
    settleWrite: async () => { release(); await settle() },
  }
}

const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, at) => from + at)

test('what comes within a moment is one write, and nobody waits for it', async () => {
  const { clock, attempts, add, pending } = stand()
  add(3)
  expect([attempts, pending()]).toEqual([[], [0, 1, 2]])
  await clock.advance(250)
  expect([attempts, pending(), clock.pending]).toEqual([[[0, 1, 2]], [], 0])
})

test('a full batch does not wait, and none is larger, in rows or in bytes', async () => {
  const { clock, attempts, add, store, settleWrite } = stand()
  store.held = true
  add(1_200)
  expect(attempts).toEqual([upTo(500)])
  add(1, 2e6)
  add(3, 6e5)
  store.held = false
  await settleWrite()
  await clock.advance(250)
  expect(attempts.slice(1)).toEqual([upTo(1_000, 500), upTo(1_200, 1_000), [1_200], [1_201], [1_202], [1_203]])
})

test('what fails goes back to the front and is tried every second; the log says it once, and when it is over', async () => {
  const { clock, store, attempts, stored, logged, add, pending } = stand()
  store.failing = true
  add(2)
  await clock.advance(250)
  add(600)
  expect(attempts).toEqual([[0, 1]])
  await clock.advance(2_000)
  expect([attempts.length, pending()]).toEqual([3, upTo(602)])
  store.failing = false
  await clock.advance(1_000)
  expect([stored, pending()]).toEqual([upTo(602), []])
  expect(logged).toEqual([['rows cannot be stored', { siteID: 'main', reason: 'the disk is full' }], ['rows are stored again', { siteID: 'main', lost: 0 }]])
})

test.each([
  { by: 'rows', bounds: { mostRows: 10 }, bytes: 1 },
  { by: 'bytes', bounds: { mostBytes: 1_000 }, bytes: 100 },
])('beyond its bound in $by the oldest are lost, those of a failed write among them, and the log says how many', async ({ bounds, bytes }) => {
  const { clock, store, stored, logged, add, pending, settleWrite } = stand(bounds)
  Object.assign(store, { failing: true, held: true })
  add(8, bytes)
  await clock.advance(250)
  add(12, bytes)
  expect(pending()).toEqual([...upTo(8), ...upTo(20, 10)])
  await settleWrite()
  expect(pending()).toEqual(upTo(20, 10))
  Object.assign(store, { failing: false, held: false })
  await clock.advance(1_000)
  expect(stored).toEqual(upTo(20, 10))
  expect(logged.at(-1)).toEqual(['rows are stored again', { siteID: 'main', lost: 10 }])
  add(1)
  await clock.advance(250)
  expect([stored.length, logged.length]).toEqual([11, 2])
})

test('a large row may push out those whose turn was next, and the write ends all the same', async () => {
  const { clock, store, attempts, add, settleWrite } = stand({ mostBytes: 1_000 })
  store.failing = true
  add(700)
  await clock.advance(250)
  Object.assign(store, { failing: false, held: true })
  await clock.advance(1_000)
  add(1, 1_000)
  store.held = false
  await settleWrite()
  expect(attempts.slice(-2)).toEqual([upTo(500), [700]])
})

test('a flush waits for the write under way and for what came meanwhile, each row once; later ones keep nobody waiting', async () => {
  const { clock, store, attempts, writer, add, pending, settleWrite } = stand()
  store.held = true
  add(2)
  await clock.advance(250)
  add(2)
  let done = false
  const flushed = writer.flush().then(() => { done = true })
  await settleWrite()
  add(1)
  expect([attempts, pending(), done]).toEqual([[[0, 1], [2, 3]], [2, 3, 4], false])
  await settleWrite()
  await flushed
  expect([attempts.length, pending()]).toEqual([2, [4]])
  store.held = false
  await clock.advance(250)
  expect([attempts.at(-1), pending()]).toEqual([[4], []])
  add(1)
  await writer.flush()
  expect([attempts.at(-1), clock.pending]).toEqual([[5], 0])
})

test('a flush that fails ends all the same, and what it could not write is tried again', async () => {
  const { clock, store, stored, writer, add, pending } = stand()
  store.failing = true
  add(700)
  await writer.flush()
  expect(pending()).toEqual(upTo(700))
  store.failing = false
  await clock.advance(1_000)
  expect(stored).toEqual(upTo(700))
})

test('stopped it takes nothing and tries nothing again; a flush still writes what waits', async () => {
  const { clock, store, attempts, stored, writer, add, pending, settleWrite } = stand()
  Object.assign(store, { failing: true, held: true })
  add(2)
  await clock.advance(250)
  add(1)
  writer.stop()
  add(1)
  await settleWrite()
  expect([pending(), clock.pending]).toEqual([[0, 1, 2], 0])
  await clock.advance(10_000)
  expect(attempts.length).toBe(1)
  Object.assign(store, { failing: false, held: false })
  await writer.flush()
  expect([stored, pending(), clock.pending]).toEqual([[0, 1, 2], [], 0])
  const young = stand()
  young.add(1)
  young.writer.stop()
  expect([young.pending(), young.clock.pending]).toEqual([[0], 0])
})

test.each([false, true])('abandoned it writes nothing more, not what was to come after the batch under way, nor that again where it fails (%s)', async (failing) => {
  const { clock, store, attempts, logged, writer, add, pending, tidied, settleWrite } = stand()
  store.failing = true
  add(1_000)
  await clock.advance(250)
  Object.assign(store, { failing, held: true })
  await clock.advance(1_000)
  writer.abandon()
  add(1)
  store.held = false
  await settleWrite()
  await clock.advance(10_000)
  await writer.flush()
  expect([attempts, pending(), tidied(), logged.length, clock.pending]).toEqual([[upTo(500), upTo(500)], [], 0, 1, 0])
})

test('a flush says whether the store took all that it had to write', async () => {
  const { store, writer, add } = stand()
  expect(await writer.flush()).toBe(true)
  store.failing = true
  add(2)
  expect(await writer.flush()).toBe(false)
  store.failing = false
  expect(await writer.flush()).toBe(true)
})

test('it tidies after a write, at most once a minute, and a tidying that fails is only logged', async () => {
  const { clock, store, logged, writer, add, tidied } = stand()
  Object.assign(store, { failing: true, tidyFails: true })
  await writer.flush()
  add(1)
  await clock.advance(250)
  expect(tidied()).toBe(0)
  store.failing = false
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000)
    add(1)
  }
  expect([tidied(), logged.at(-1)]).toEqual([1, ['old rows cannot be dropped', { siteID: 'main', reason: 'no' }]])
  await clock.advance(2_000)
  add(1)
  await clock.advance(1_000)
  expect(tidied()).toBe(2)
})
