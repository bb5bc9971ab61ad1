// The series of the building's load: changes that matter, not too often, and now and then that nothing has changed.
import { expect, test } from 'vitest'
import { baseSeries, openBaseTrace } from '../../src/actors/base-trace.ts'
import { perPhase } from '../../src/power/site.ts'
import type { SeriesEntry } from '../../src/store/port.ts'

const dayMs = 86_400_000

test('what is written, and when', () => {
  const written: [string, SeriesEntry][] = []
  const trace = openBaseTrace((series, entries) => {
    written.push(...entries.map((entry): [string, SeriesEntry] => [series, entry]))
    return Promise.reject(new Error('a store that is down loses history and nothing else'))
  })
  const note = (atMs: number, amps: number, status: 'fresh' | 'stale' = 'fresh') => trace.note({ status, amps: perPhase(amps), nextAtMs: null }, atMs)
  note(0, 10)
  note(1_000, 20)
  note(5_000, 10.4)
  note(6_000, 20)
  note(60_000, 20.3)
  note(70_000, 20, 'stale')
  note(369_999, 20, 'stale')
  note(370_000, 20, 'stale')
  expect(written.map(([series, { atMs, value }]) => [series, atMs, value])).toEqual([
    [baseSeries, 0, { L1: 10, L2: 10, L3: 10, status: 'fresh' }],
    [baseSeries, 6_000, { L1: 20, L2: 20, L3: 20, status: 'fresh' }],
    [baseSeries, 70_000, { L1: 20, L2: 20, L3: 20, status: 'stale' }],
    [baseSeries, 370_000, { L1: 20, L2: 20, L3: 20, status: 'stale' }],
  ])
})

test('what is older than 90 days goes, asked for at the start and once a day, store or not', () => {
  const dropped: [string, number][] = []
  const trace = openBaseTrace(() => Promise.resolve(), (series, beforeMs) => {
    dropped.push([series, beforeMs / dayMs])
    return Promise.reject(new Error('down'))
  })
  for (let atMs = 100 * dayMs; atMs <= 102 * dayMs; atMs += dayMs / 4) trace.note({ status: 'fresh', amps: perPhase(10), nextAtMs: null }, atMs)
  expect(dropped).toEqual([10, 11, 12].map((day) => [baseSeries, day]))
})
