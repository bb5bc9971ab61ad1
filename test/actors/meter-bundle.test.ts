// Rows of the history that stand together: what was said comes back as if each had been kept alone, whatever is torn or old beside it.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bundleMs, entriesOf, mostInBundle, readEntry } from '../../src/actors/meter-bundle.ts'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { meterPages } from '../../src/actors/meter-pages.ts'
import { decodeRow, encodeRow, measurands, meterSeries, phaseNames, type AddedRow, type MeterRow } from '../../src/actors/meter-row.ts'
import { shapeOf } from '../../src/protocol/meter-shape.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const startMs = Date.UTC(2026, 2, 1, 12)
const key = 'CP1/1'

function row(atMs: number, values: MeterRow['values'] = [{ value: '1', measurand: 'SoC', unit: 'Percent' }], more: Partial<MeterRow> = {}): MeterRow {
  return { key, atMs, receivedAtMs: atMs + 3, transactionId: 7, values, ...more }
}

/** As the store has it. */
function kept(rows: readonly AddedRow[]): MeterRow[] {
  return entriesOf(rows).flatMap(({ atMs, value }) => readEntry(key, { atMs, value: JSON.parse(JSON.stringify(value)) }))
}

const asAlone = (one: AddedRow): MeterRow => decodeRow(key, one.atMs, JSON.parse(JSON.stringify(encodeRow(one))))!
const inOrder = (rows: readonly MeterRow[]): MeterRow[] => [...rows].sort((a, b) => a.atMs - b.atMs || a.receivedAtMs - b.receivedAtMs)

const sample = fc.record({
  value: fc.oneof(fc.constantFrom('1000017', '230.4', '-0', '', 'x\x7fy', 'é🔌', '1.50'), fc.string()),
  measurand: fc.option(fc.constantFrom(...measurands), { nil: undefined }), phase: fc.option(fc.constantFrom(...phaseNames), { nil: undefined }), unit: fc.option(fc.constantFrom('Wh' as const, 'A' as const), { nil: undefined }),
}, { requiredKeys: ['value'] }).map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as MeterRow['values'][number])
const anyRow = fc.record({
  at: fc.integer({ min: 0, max: 3_000 }), late: fc.integer({ min: -5_000, max: 5_000 }), transactionId: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: null }), said: fc.option(fc.option(fc.integer({ min: -9, max: 9 }), { nil: null }), { nil: undefined }),
  values: fc.array(sample, { maxLength: 5 }),
}).map(({ at, late, transactionId, said, values }): MeterRow => ({ key, atMs: startMs + at, receivedAtMs: startMs + at + late, transactionId, ...(said === undefined ? {} : { saidMs: said === null ? null : startMs + at + said }), values }))

describe('as if each row had been kept alone', () => {
  test('any rows', () => {
    fc.assert(fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
      const key = (one: MeterRow): string => JSON.stringify(one)
      expect(kept(rows).map(key).sort()).toEqual(rows.map(asAlone).map(key).sort())
    }), { numRuns: 300 })
  })

  test('rows of a known form', () => {
    const values = [{ value: '1000', measurand: 'Energy.Active.Import.Register' as const, unit: 'Wh' as const }, { value: '16.5', measurand: 'Current.Import' as const, phase: 'L1' as const }]
    const shape = shapeOf(values)!
    const plain = Array.from({ length: 10 }, (_, nth): AddedRow => ({ key, atMs: startMs + nth, receivedAtMs: startMs, transactionId: 7, shape, texts: [String(nth), '16.5'] }))
    expect(kept(plain)).toEqual(plain.map((_, nth) => ({ key, atMs: startMs + nth, receivedAtMs: startMs, transactionId: 7, values: [{ ...values[0], value: String(nth) }, values[1]] })))
    expect(entriesOf([...plain, row(startMs + 20, values)])).toMatchObject([{ atMs: startMs, value: { kinds: [['0.0', '2.40'].map(() => expect.any(String))] } }])
    expect(encodeRow(plain[3]!)).toEqual(encodeRow(asAlone(plain[3]!)))
  })

  test('endless values, and endlessly many', () => {
    const long = row(startMs, [{ value: 'x'.repeat(9_000) }])
    const many = row(startMs + 1, Array.from({ length: 300 }, (_, nth) => ({ value: String(nth) })))
    const rows = [long, many, row(startMs + 2)]
    expect(inOrder(kept(rows))).toEqual(rows.map(asAlone))
  })
})

test('a second of a connector is one entry, of bounded length; a row alone stands at its time', () => {
  const rows = Array.from({ length: 150 }, (_, nth) => row(startMs + nth * 5))
  expect(entriesOf(rows).map(({ atMs, value }) => [atMs - startMs, (value as { rows: unknown[] }).rows.length])).toEqual([[0, mostInBundle], [0, mostInBundle], [0, 150 - 2 * mostInBundle]])
  expect(entriesOf([row(startMs + 17), row(startMs + bundleMs + 1), row(startMs + bundleMs + 2)])).toMatchObject([{ atMs: startMs + 17, value: [3, 7, expect.any(String), 1] }, { atMs: startMs + bundleMs, value: { rows: [expect.any(String), expect.any(String)] } }])
})

test('a damaged row hides no other, and what is no bundle has none', () => {
  const value = entriesOf([row(startMs + 1), row(startMs + 2)])[0]?.value as { readonly kinds: string[][]; readonly rows: string[] }
  const good = value.rows[1]!
  const torn = good.split('\x7f').map((_, index, fields) => fields.filter((_, at) => at !== index).join('\x7f'))
  for (const rows of [...torn.map((one) => [one, good]), [null, good], [7, good], ['', good], [good.replace('\x7f0\x7f-', '\x7f9\x7f-'), good], [good.replace('-', 'x'), good]]) {
    expect(readEntry(key, { atMs: startMs, value: { ...value, rows } })).toEqual([row(startMs + 2)])
  }
  for (const none of [null, 1, 'x', {}, { rows: [good] }, { kinds: [], rows: [good] }, { kinds: [[1]], rows: [good] }]) expect(readEntry(key, { atMs: startMs, value: none })).toEqual([])
})

describe('read back in order of time', () => {
  async function history() {
    const clock = new VirtualClock(startMs)
    const store = createMemoryStore()
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const asked: number[] = []
    const range: typeof store.range = async (...given) => {
      const found = await store.range(...given)
      asked.push(found.reduce((sum, { value }) => sum + (Array.isArray(value) ? 1 : (value as { rows: unknown[] }).rows.length), 0))
      return found
    }
    return { store, asked, range, clock, history: new MeterHistory({ siteID: 'depot', clock, log, keepMs: () => 86_400_000, store: { range, appendAll: store.appendAll } }) }
  }

  test('in pages of any size, from and to any time, beside rows of before', async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyRow, { maxLength: 60 }), fc.array(anyRow, { maxLength: 10 }), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 3_000 }), async (rows, old, size, from, span) => {
      const { store, history: one } = await history()
      await store.append('depot', meterSeries(key), old.map((each) => ({ atMs: each.atMs, value: encodeRow(each) })))
      for (const [nth, each] of rows.entries()) {
        one.add(each)
        if (nth % 17 === 0) await one.flush()
      }
      const pages: MeterRow[][] = []
      for await (const page of one.pages(key, startMs + from, startMs + from + span, size)) pages.push(page)
      expect(Math.max(0, ...pages.map(({ length }) => length))).toBeLessThanOrEqual(size)
      const found = pages.flat()
      const wanted = [...old, ...rows].map(asAlone).filter(({ atMs }) => atMs >= startMs + from && atMs < startMs + from + span)
      const text = (each: MeterRow): string => JSON.stringify(each)
      expect(found.map(text).sort()).toEqual(wanted.map(text).sort())
      expect(found).toEqual(inOrder(found))
    }), { numRuns: 200 })
  })

  test('what one message said of an instant stays together', async () => {
    const { history: one } = await history()
    for (const [value, receivedAtMs] of [['1', 5], ['2', 9], ['3', 5]] as const) one.add(row(startMs, [{ value }], { receivedAtMs: startMs + receivedAtMs }))
    expect((await one.rows(key, 0, Infinity)).map(({ values }) => values[0]?.value)).toEqual(['1', '3', '2'])
  })

  test('a page is never much more than it was asked for, however the rows are kept', async () => {
    const { asked, history: one } = await history()
    for (let nth = 0; nth < 6_000; nth++) {
      one.add(row(startMs + nth * 20))
      if (nth % 50 === 49) await one.flush()
    }
    asked.length = 0
    expect(await one.rows(key, 0, Infinity)).toHaveLength(6_000)
    expect(Math.max(...asked)).toBeLessThanOrEqual(2_500)
    for await (const page of one.pages(key, 0, Infinity, 100)) expect(page.length).toBeLessThanOrEqual(100)
  })

  test('the first of many rows costs a few entries', async () => {
    const { asked, range, history: one } = await history()
    for (let nth = 0; nth < 6_000; nth++) one.add(row(startMs + nth * 20))
    await one.flush()
    asked.length = 0
    for await (const page of meterPages({ range }, 'depot', key, { fromMs: 0, toMs: Infinity }, 10)) if (page.length > 0) break
    expect(asked.reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(3 * mostInBundle)
  })
})
