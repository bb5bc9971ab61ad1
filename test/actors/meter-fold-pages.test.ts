// Folded page by page, rows come to what they come to at once, in any order within.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldRows, quarterMs, quarterOf, type Last } from '../../src/actors/meter-fold.ts'
import { foldPages } from '../../src/actors/meter-fold-pages.ts'
import type { MeterRow } from '../../src/actors/meter-row.ts'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { Rollups } from '../../src/actors/rollups.ts'
import { openScope } from '../../src/actors/scope.ts'
import { silentLog } from '../../src/log.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openHouse } from './house-stand.ts'

const maxPowerW = 11_000
const values = fc.array(fc.oneof(
  fc.nat(9_000).map((wh) => ({ value: String(wh) })),
  fc.tuple(fc.nat(900), fc.constantFrom('L1', 'L2', 'L3', undefined)).map(([watts, phase]) => ({ value: String(watts), measurand: 'Power.Active.Import', ...(phase === undefined ? {} : { phase }) }) as const),
  fc.tuple(fc.integer({ min: -20, max: 20 }), fc.constantFrom('L1', 'L2')).map(([amps, phase]) => ({ value: amps.toFixed(1), measurand: 'Current.Import', phase }) as const),
), { maxLength: 4 })
const someRows = fc.array(fc.tuple(fc.nat(60), values), { maxLength: 30 }).map((steps) => steps.map(([minute, said]): MeterRow => ({ key: 'CP1/1', atMs: minute * 60_000, receivedAtMs: 0, transactionId: null, values: said })))
const before = new Map<string, Last>([['0.0', { atMs: -60_000, value: 1_000_000 }]])

async function* pagesOf(rows: readonly MeterRow[], size: number): AsyncGenerator<readonly MeterRow[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
}

test('pages of any size come to the same', async () => {
  await fc.assert(fc.asyncProperty(someRows, fc.integer({ min: 1, max: 9 }), fc.constantFrom(quarterMs, 60_000, 420_000), async (rows, size, bucketMs) => {
    const bucketOf = (atMs: number) => Math.max(quarterOf(atMs), Math.floor(atMs / bucketMs) * bucketMs)
    const inOrder = rows.toSorted((a, b) => a.atMs - b.atMs)
    const whole = foldRows(inOrder, bucketOf, before, maxPowerW)
    expect(foldRows(rows, bucketOf, before, maxPowerW)).toEqual(whole)
    expect(await foldPages(pagesOf(inOrder, size), bucketOf, before, maxPowerW)).toEqual(whole)
  }), { numRuns: 300 })
})

test('of a quarter of an hour no more than a few hundred rows are read in one go', async () => {
  const startMs = Date.UTC(2026, 2, 1, 12)
  const clock = new VirtualClock(startMs)
  const store = createMemoryStore()
  const asked: number[] = []
  const watched = { ...store, range: (...given: Parameters<typeof store.range>) => {
    if (given[1].startsWith('meter:')) asked.push(given[4] ?? Infinity)
    return store.range(...given)
  } }
  const scope = await openScope({ store, name: 'depot', clock })
  const history: MeterHistory = new MeterHistory({ siteID: 'depot', store: watched, clock, log: silentLog, keepMs: () => 90 * 86_400_000, noted: (...row) => rollups.noted(...row) })
  const rollups: Rollups = new Rollups({ siteID: 'depot', store: watched, scope, clock, log: silentLog, history: () => history, maxPowerW: () => maxPowerW, rowsFromMs: () => 0, keepMs: () => 365 * 86_400_000 })
  for (let nth = 0; nth < 3_000; nth++) history.add({ key: 'CP1/1', atMs: startMs + nth * 250, receivedAtMs: startMs + nth * 250, transactionId: null, values: [{ value: String(nth) }] })
  await clock.advance(quarterMs + 60_000)
  const [quarter] = await store.range('depot', 'rollup:CP1/1', 0, Infinity)
  expect(quarter).toMatchObject({ atMs: startMs })
  expect((await rollups.quarters('CP1/1', startMs, startMs + quarterMs)).get(startMs)?.get('0.0')).toMatchObject({ count: 3_000, delta: 2_999_000 })
  expect(asked.length).toBeGreaterThan(10)
  expect(Math.max(...asked)).toBeLessThanOrEqual(500)
  rollups.stop()
  history.abandon()
  scope.abandon()
})

test('the quarters of two sites are made one after the other', async () => {
  let making: string | null = null
  let overlaps = 0
  const made = new Set<string>()
  const clock = new VirtualClock(Date.UTC(2026, 2, 1, 12))
  const stand = await openHouse({
    sites: [{ id: 'north' }, { id: 'south' }], chargePoints: [{ id: 'N1', site: 'north' }, { id: 'S1', site: 'south' }], clock,
    through: (store) => ({
      ...store,
      async range(scope, series, fromMs, toMs, limit) {
        if (series.startsWith('meter:') && limit !== 1) {
          if (making !== null && making !== scope) overlaps++
          making = scope
          await new Promise<void>((resolve) => { clock.after(2_000, resolve) })
        }
        return store.range(scope, series, fromMs, toMs, limit)
      },
      async replace(scope, series, ...rest) {
        await store.replace(scope, series, ...rest)
        if (!series.startsWith('rollup:')) return
        made.add(scope)
        making = null
      },
    }),
  })
  for (const id of ['N1', 'S1']) {
    const peer = await stand.boot(id)
    await stand.call(peer, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue: [{ value: '7' }] }] })
  }
  await stand.clock.advance(2 * quarterMs)
  expect([...made].sort()).toEqual(['north', 'south'])
  expect(overlaps).toBe(0)
})
