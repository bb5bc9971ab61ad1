// Quarter hours of meters: what they say is what the rows say, in whatever order these came, over restarts and a store that fails.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lateSeries } from '../../src/actors/late-quarters.ts'
import { foldBuckets } from '../../src/actors/meter-buckets.ts'
import { decodeFolds, quarterMs, reachMs } from '../../src/actors/meter-fold.ts'
import { MeterHistory, type MeterRow } from '../../src/actors/meter-history.ts'
import { Rollups, rollupSeries } from '../../src/actors/rollups.ts'
import { openScope } from '../../src/actors/scope.ts'
import { silentLog } from '../../src/log.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'

const startMs = Date.UTC(2026, 2, 1, 12)
const dayMs = 86_400_000
const key = 'CP1/1'
const maxPowerW = 11_000
const register = '0.0'
const power = '1.0'

async function open(store: Store, clock: VirtualClock, rowsFromMs = () => clock.wall() - 90 * dayMs) {
  const scope = await openScope({ store, name: 'depot', clock })
  const history: MeterHistory = new MeterHistory({ siteID: 'depot', store, clock, log: silentLog, keepMs: () => 90 * dayMs, noted: (...row) => rollups.noted(...row) })
  const rollups: Rollups = new Rollups({ siteID: 'depot', store, scope, clock, log: silentLog, history: () => history, maxPowerW: () => maxPowerW, rowsFromMs, keepMs: () => 1_000 * dayMs })
  return {
    history, rollups,
    crash() { rollups.stop(); history.abandon(); scope.abandon() },
    fold: (fromMs: number, toMs: number, sizeMs: number) => foldBuckets({ history, rollups, key, maxPowerW }, bucketsOf(fromMs, toMs, sizeMs)),
  }
}

function bucketsOf(fromMs: number, toMs: number, sizeMs: number) {
  const buckets: { fromMs: number; toMs: number }[] = []
  for (let ms = fromMs; ms < toMs;) {
    const edgeMs = Math.min((Math.floor(ms / sizeMs) + 1) * sizeMs, toMs)
    buckets.push({ fromMs: ms, toMs: edgeMs })
    ms = edgeMs
  }
  return buckets
}

interface Said { readonly atMs: number; readonly wh: number; readonly watts: number | null }

function rowOf({ atMs, wh, watts }: Said, receivedAtMs: number): MeterRow {
  return { key, atMs, receivedAtMs, transactionId: null, values: [{ value: String(wh) }, ...(watts === null ? [] : [{ value: (watts / 1000).toFixed(3), measurand: 'Power.Active.Import', unit: 'kW' } as const])] }
}

/** Straight from what was said. */
function directly(said: readonly Said[], fromMs: number, toMs: number) {
  const atOnce = (pick: (one: Said) => number | null): [number, number][] => {
    const byTime = new Map<number, number>()
    for (const one of said) {
      const value = pick(one)
      if (value !== null) byTime.set(one.atMs, Math.max(byTime.get(one.atMs) ?? 0, value))
    }
    return [...byTime].sort(([a], [b]) => a - b)
  }
  const inside = ([atMs]: [number, number]) => atMs >= fromMs && atMs < toMs
  const whs = atOnce(({ wh }) => Math.round(wh * 1000))
  let delta = 0
  whs.forEach(([atMs, value], index) => {
    const [beforeMs, before] = whs[index - 1] ?? [-Infinity, 0]
    if (!inside([atMs, value]) || Math.floor(atMs / quarterMs) * quarterMs - beforeMs > reachMs || value < before) return
    if (value - before <= 1.2 * maxPowerW * (atMs - beforeMs) / 3600 + 100_000) delta += value - before
  })
  const summary = (values: number[]) => values.length === 0 ? null : { count: values.length, min: Math.min(...values), max: Math.max(...values), sum: values.reduce((a, b) => a + b, 0), last: values.at(-1) }
  const registers = summary(whs.filter(inside).map(([, value]) => value))
  return { [register]: registers === null ? null : { ...registers, delta }, [power]: summary(atOnce(({ watts }) => (watts === null ? null : watts * 1000)).filter(inside).map(([, value]) => value)) }
}

function summarised(folds: Awaited<ReturnType<Awaited<ReturnType<typeof open>>['fold']>>[number] | undefined) {
  const one = (code: string) => {
    const fold = folds?.get(code)
    if (fold === undefined) return null
    const { count, min, max, above, last, delta } = fold
    return { count, min, max, sum: min * count + above, last, ...(delta === null ? {} : { delta }) }
  }
  return { [register]: one(register), [power]: one(power) }
}

const someSaid = fc.record({
  atMs: fc.integer({ min: -40 * 12, max: 6 * 12 }).map((fives) => startMs + fives * 300_000 + (fives % 3) * 7_000),
  wh: fc.integer({ min: 0, max: 60_000_000 }).map((mWh) => mWh / 1000),
  watts: fc.option(fc.integer({ min: 0, max: 11_000 }), { nil: null }),
})

describe('whatever comes in whatever order', () => {
  test('quarters, hours, days and minutes say what the rows say', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.oneof({ weight: 8, arbitrary: someSaid }, { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 50 * 60_000 }) }, { weight: 1, arbitrary: fc.constant('crash' as const) }), { maxLength: 60 }),
      fc.integer({ min: -50 * 60, max: 0 }), fc.constantFrom(quarterMs, 3_600_000, dayMs, 60_000, 1_234_567),
      async (steps, fromMinutes, sizeMs) => {
        const clock = new VirtualClock(startMs)
        let store = createMemoryStore()
        let meters = await open(store, clock)
        const said: Said[] = []
        for (const step of steps) {
          if (typeof step === 'number') await clock.advance(step)
          else if (step === 'crash') {
            await meters.history.flush()
            meters.crash()
            store = store.restart()
            meters = await open(store, clock)
          } else {
            said.push(step)
            meters.history.add(rowOf(step, clock.wall()))
          }
        }
        const [fromMs, toMs] = [startMs + fromMinutes * 60_000, startMs + 7 * 3_600_000]
        const buckets = bucketsOf(fromMs, sizeMs === 60_000 ? fromMs + 200 * 60_000 : toMs, sizeMs)
        const folds = await foldBuckets({ ...meters, key, maxPowerW }, buckets)
        expect(folds.map(summarised)).toEqual(buckets.map((bucket) => directly(said, bucket.fromMs, bucket.toMs)))
        // All of it made, it still does.
        await clock.advance(8 * 3_600_000)
        expect((await foldBuckets({ ...meters, key, maxPowerW }, buckets)).map(summarised)).toEqual(folds.map(summarised))
        meters.crash()
      },
    ), { numRuns: 120 })
  }, 120_000)
})

test('quarters are stored as they close, and made again for what comes late', async () => {
  const clock = new VirtualClock(startMs + 60_000)
  const store = createMemoryStore()
  const meters = await open(store, clock)
  const stored = async () => (await store.range('depot', rollupSeries(key), 0, Infinity)).map(({ atMs, value }) => [atMs - startMs, decodeFolds(value, atMs).get(register)?.delta])
  for (let minute = 1; minute < 45; minute++) {
    meters.history.add(rowOf({ atMs: clock.wall(), wh: minute * 100, watts: null }, clock.wall()))
    await clock.advance(60_000)
  }
  expect(await stored()).toEqual([[0, 1_300_000], [quarterMs, 1_500_000]])
  await clock.advance(3_600_000)
  expect(await stored()).toEqual([[0, 1_300_000], [quarterMs, 1_500_000], [2 * quarterMs, 1_500_000]])
  meters.history.add(rowOf({ atMs: startMs + 60_001, wh: 50, watts: null }, clock.wall()))
  meters.history.add(rowOf({ atMs: startMs - dayMs / 2, wh: 20, watts: null }, clock.wall()))
  await meters.history.flush()
  expect(await store.range('depot', lateSeries, 0, Infinity)).toHaveLength(2)
  await clock.advance(quarterMs + 60_000)
  expect(await stored()).toEqual([[-dayMs / 2, 0], [0, 1_430_000], [quarterMs, 1_500_000], [2 * quarterMs, 1_500_000]])
  expect(await store.range('depot', lateSeries, 0, Infinity)).toEqual([])
  meters.crash()
})

test('rows that are kept for a day only come to quarters all the same, also late ones and over a restart; what is there is never made of less', async () => {
  const clock = new VirtualClock(startMs)
  let store = createMemoryStore()
  let goneMs = 0
  const rowsFromMs = () => Math.max(goneMs, clock.wall() - dayMs)
  let meters = await open(store, clock, rowsFromMs)
  const stored = async () => (await store.range('depot', rollupSeries(key), 0, Infinity)).map(({ atMs, value }) => { const fold = decodeFolds(value, atMs).get(register); return [(atMs - startMs) / quarterMs, fold?.count, fold?.delta] })
  const say = (atMs: number, wh: number) => meters.history.add(rowOf({ atMs, wh, watts: null }, clock.wall()))
  const restart = async (awayMs: number) => {
    await meters.history.flush()
    meters.crash()
    await clock.advance(awayMs)
    store = store.restart()
    meters = await open(store, clock, rowsFromMs)
  }
  say(startMs + 1_000, 100)
  say(startMs + 60_000, 200)
  await clock.advance(quarterMs + 60_000)
  expect(await stored()).toEqual([[0, 2, 100_000]])
  say(clock.wall(), 400)
  // Nobody was there to make it while its rows grew old.
  await restart(dayMs + 2 * quarterMs)
  await clock.advance(120_000)
  expect(await stored()).toEqual([[0, 2, 100_000], [1, 1, 200_000]])
  // 23 h late.
  const earlier = Math.floor((clock.wall() - 23 * 3_600_000 - startMs) / quarterMs)
  say(startMs + earlier * quarterMs, 500)
  await restart(60_000)
  await clock.advance(quarterMs + 60_000)
  expect(await stored()).toEqual([[0, 2, 100_000], [1, 1, 200_000], [earlier, 1, 100_000]])
  // Its rows have gone: one that comes now is not all there was.
  await store.expire('depot', 'meter:' + key, clock.wall() - dayMs)
  say(startMs + 90_000, 250)
  await clock.advance(120_000)
  expect(await stored()).toEqual([[0, 2, 100_000], [1, 1, 200_000], [earlier, 1, 100_000]])
  // Nor where less was kept before.
  goneMs = clock.wall()
  await store.expire('depot', 'meter:' + key, goneMs)
  say(startMs + earlier * quarterMs + 1, 510)
  await clock.advance(120_000)
  expect(await stored()).toEqual([[0, 2, 100_000], [1, 1, 200_000], [earlier, 1, 100_000]])
  meters.crash()
})

test('while the store is down nothing is lost that fits, and it goes on', async () => {
  const clock = new VirtualClock(startMs)
  let down = false
  const meters = await open(createMemoryStore({ failing: () => down }), clock)
  meters.history.add(rowOf({ atMs: startMs + 1_000, wh: 1_000, watts: null }, clock.wall()))
  await clock.advance(10_000)
  down = true
  meters.history.add(rowOf({ atMs: startMs + 600_000, wh: 1_500, watts: null }, clock.wall()))
  await clock.advance(2 * quarterMs)
  await expect(meters.fold(startMs, startMs + quarterMs, quarterMs)).rejects.toThrow('does not answer')
  down = false
  await clock.advance(60_000)
  expect((await meters.fold(startMs, startMs + quarterMs, quarterMs)).map(summarised)).toMatchObject([{ [register]: { count: 2, delta: 500_000 } }])
  meters.crash()
})

test('phases together are their sum where that means something, a register that falls rises nothing, nonsense is left out', async () => {
  const clock = new VirtualClock(startMs)
  const meters = await open(createMemoryStore(), clock)
  const base = { key, receivedAtMs: startMs, transactionId: null }
  meters.history.add({ ...base, atMs: startMs, values: [
    { value: '100', measurand: 'Power.Active.Import', phase: 'L1' }, { value: '0.2', unit: 'kW', measurand: 'Power.Active.Import', phase: 'L2-N' },
    { value: '230', measurand: 'Voltage', phase: 'L1-N' }, { value: '400', measurand: 'Voltage', phase: 'L1-L2' }, { value: '-5', measurand: 'Temperature' }, { value: '300', measurand: 'Temperature', unit: 'K', location: 'Body' },
    { value: '-5' }, { value: 'twelve' }, { value: '1', unit: 'A' }, { value: '9', format: 'SignedData' }, { value: '99999999999999' },
  ] })
  meters.history.add({ ...base, atMs: startMs + 1, values: [{ value: '300', measurand: 'Power.Active.Import', phase: 'L3' }, { value: '1000.12349', unit: 'kWh' }] })
  meters.history.add({ ...base, atMs: startMs + 1, values: [{ value: '250', measurand: 'Power.Active.Import' }] })
  meters.history.add({ ...base, atMs: startMs + 60_000, values: [{ value: '900000' }] })
  meters.history.add({ ...base, atMs: startMs + 120_000, values: [{ value: '900050' }] })
  meters.history.add({ ...base, atMs: startMs + 120_001, values: JSON.parse('[{ "value": "900.051", "unit": "KWH" }, { "value": "5", "measurand": "Love" }, { "value": "5", "phase": "L9" }, { "value": "5", "location": "Moon" }, { "value": "5", "unit": "furlong" }]') as MeterRow['values'] })
  const [folds] = await meters.fold(startMs, startMs + quarterMs, quarterMs)
  const seen = Object.fromEntries([...folds ?? []].map(([code, { count, min, max, delta }]) => [code, [count, min, max, delta]]))
  expect(seen).toEqual({
    '1.0': [2, 250_000, 300_000, null], '100': [1, 100_000, 100_000, null], '110': [1, 200_000, 200_000, null], '120': [1, 300_000, 300_000, null],
    '300': [1, 230_000, 230_000, null], '370': [1, 400_000, 400_000, null], '7.0': [1, -5_000, -5_000, null], '7.2': [1, 26_850, 26_850, null],
    '0.0': [4, 900_000_000, 1_000_123_490, 51_000],
  })
  meters.crash()
})
