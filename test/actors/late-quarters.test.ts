// Quarter hours to be made again: however many there are, none is forgotten before it is made.
import { expect, test } from 'vitest'
import { LateQuarters, lateSeries } from '../../src/actors/late-quarters.ts'
import { quarterMs } from '../../src/actors/meter-fold.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

const startMs = Date.UTC(2026, 2, 1, 12)
const most = 50_000

test('what is more than fits into memory is made once the others are, without a restart', async () => {
  const store = createMemoryStore()
  let nowMs = startMs
  const late = new LateQuarters({ siteID: 'depot', store, clock: { wall: () => nowMs, mono: () => nowMs, after: () => () => undefined } })
  await late.recall()
  const marks: { atMs: number; value: unknown }[] = []
  for (let nth = 0; nth < most + 3; nth++) {
    nowMs = startMs + Math.floor(nth / 10)
    const mark = late.mark(`CP${nth}/1`, 0)
    if (mark !== null) marks.push(mark.entry)
  }
  await store.append('depot', lateSeries, marks)
  nowMs += 60_000
  const made = new Set<string>()
  for (let rounds = 0; rounds < 3; rounds++) {
    await late.recall()
    for (const key of late.keys()) if (late.take(key, quarterMs) !== null) made.add(key)
    await late.clear()
  }
  expect(made.size).toBe(most + 3)
  expect(await store.range('depot', lateSeries, 0, nowMs + quarterMs)).toEqual([])
})

test('so it is with what was noted before a restart', async () => {
  const store = createMemoryStore()
  const clock = { wall: () => startMs + 120_000, mono: () => 0, after: () => () => undefined }
  await store.append('depot', lateSeries, Array.from({ length: most + 3 }, (_, nth) => ({ atMs: startMs + nth, value: [`CP${nth}/1`, 0] })))
  const late = new LateQuarters({ siteID: 'depot', store, clock })
  const made = new Set<string>()
  for (let rounds = 0; rounds < 3; rounds++) {
    await late.recall()
    for (const key of late.keys()) if (late.take(key, quarterMs) !== null) made.add(key)
    await late.clear()
  }
  expect(made.size).toBe(most + 3)
})
