// The history of meters: nothing waits for it, what the store refuses comes again, what is too much goes, and a register is read back for a transaction.
import { expect, test } from 'vitest'
import { MeterHistory, type MeterRow } from '../../src/actors/meter-history.ts'
import { meterSeries } from '../../src/actors/meter-row.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const startMs = Date.UTC(2026, 2, 1, 12)
const dayMs = 86_400_000

function open(clock = new VirtualClock(startMs)) {
  let down = false
  const logged: [string, object][] = []
  const note = (fields: object, message: string): void => { logged.push([message, fields]) }
  const store = createMemoryStore({ failing: () => down })
  let writes = 0
  const history = new MeterHistory({
    siteID: 'depot', clock, log: { debug: note, info: note, warn: note, error: note }, keepMs: () => dayMs,
    store: { range: store.range, appendAll: (...given) => { writes++; return store.appendAll(...given) } },
  })
  return { clock, store, history, logged, writes: () => writes, become(weather: 'up' | 'down') { down = weather === 'down' } }
}

function row(atMs: number, values: MeterRow['values'], more: Partial<MeterRow> = {}): MeterRow {
  return { key: 'CP1/1', atMs, receivedAtMs: atMs, transactionId: 7, values, ...more }
}

test('rows of many connectors go in one write after 250 ms, and are read at once before it', async () => {
  const { clock, store, history, writes } = open()
  for (let nth = 0; nth < 100; nth++) history.add(row(startMs + nth, [{ value: String(nth) }], { key: `CP${nth}/1` }))
  await clock.advance(249)
  expect(writes()).toBe(0)
  await clock.advance(1)
  expect(writes()).toBe(1)
  expect(await store.series('depot', 'meter:')).toHaveLength(100)
  history.add(row(startMs + 500, [{ value: '5' }], { key: 'CP7/1' }))
  expect((await history.rows('CP7/1', 0, Infinity)).map(({ values }) => values)).toEqual([[{ value: '7' }], [{ value: '5' }]])
  expect(await history.rows('CP7/1', 0, Infinity, 1)).toHaveLength(1)
})

test('while the store is down the newest 20,000 wait; then they are written, and what was lost is said', async () => {
  const { clock, history, logged, become } = open()
  become('down')
  for (let nth = 0; nth < 20_100; nth++) history.add(row(startMs + nth, [{ value: '1' }]))
  await clock.advance(2_000)
  expect(logged.map(([message]) => message)).toEqual(['meter values cannot be stored'])
  become('up')
  await clock.advance(60_000)
  const kept = await history.rows('CP1/1', 0, Infinity)
  expect([kept.length, kept[0]?.atMs]).toEqual([20_000, startMs + 100])
  expect(logged.at(-1)).toEqual(['meter values are stored again', { siteID: 'depot', lost: 100 }])
})

test('pages hold every row once, also where thousands are of one instant', async () => {
  const { history } = open()
  for (let nth = 0; nth < 500; nth++) history.add(row(startMs + Math.floor(nth / 130), [{ value: String(nth) }]))
  const pages: number[] = []
  const values: string[] = []
  for await (const page of history.pages('CP1/1', 0, Infinity, 40)) {
    pages.push(page.length)
    values.push(...page.map((one) => one.values[0]!.value))
  }
  expect(values).toEqual(Array.from({ length: 500 }, (_, nth) => String(nth)))
  expect(Math.max(...pages)).toBe(40)
})

test('the register of a transaction: its own rows, kWh as Wh, phases of one message summed, nonsense left out', async () => {
  const { history } = open()
  history.add(row(startMs, [{ value: '1.5', unit: 'kWh' }, { value: '7', measurand: 'SoC' }]))
  history.add(row(startMs + 1, [{ value: 'x' }]))
  history.add(row(startMs + 2, [{ value: '1600', phase: 'L1' }], { receivedAtMs: startMs + 5 }))
  history.add(row(startMs + 2, [{ value: '10', phase: 'L2' }], { receivedAtMs: startMs + 5 }))
  history.add(row(startMs + 3, [{ value: '9999' }], { transactionId: 8 }))
  history.add(row(startMs + 4, [{ value: '9999' }], { transactionId: null }))
  history.add(row(startMs + 5, [{ value: '1700' }], { key: 'CP1/2' }))
  expect(await history.registersOf('CP1/1', startMs, startMs + 10, 7)).toEqual([{ atMs: startMs, energyWh: 1_500 }, { atMs: startMs + 2, energyWh: 1_610 }])
  expect(await history.registersOf('CP1/1', startMs + 1, startMs + 2, 7)).toEqual([])
})

test('a row of an instant that no store takes spoils no other', async () => {
  const { clock, store, history } = open()
  history.add(row(-5, [{ value: '1' }]))
  history.add(row(startMs + 0.4, [{ value: '2' }]))
  await clock.advance(300)
  expect((await store.range('depot', meterSeries('CP1/1'), 0, Infinity)).map(({ atMs }) => atMs)).toEqual([0, startMs])
})

test('what waits is written at the end; as if killed it is not', async () => {
  const orderly = open()
  orderly.history.add(row(startMs, [{ value: '1' }]))
  orderly.history.stop()
  expect(await orderly.history.flush()).toBe(true)
  expect(await orderly.store.series('depot')).toEqual(['meter:CP1/1'])
  const killed = open()
  killed.history.add(row(startMs, [{ value: '1' }]))
  killed.history.abandon()
  await killed.clock.advance(1_000)
  expect(await killed.store.series('depot')).toEqual([])
})
