// What kwota has stored of a site is played again: with the same limit as it was, with half of it worse, and the store is left as it is.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { historyCommand, type HistoryOptions } from '../../../src/cli/simulate-history.ts'
import { systemClock } from '../../../src/clock.ts'
import { playScenario } from '../../../src/simulator/run.ts'
import { readScenario } from '../../../src/simulator/scenario.ts'
import { spanOf } from '../../../src/simulator/sessions/session.ts'
import { openEmbeddedStore } from '../../../src/store/embedded.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'

/** Three hours of a small car park under 40 A, of which the building takes 8, later 14. */
const recorded = `
name: An afternoon
site: { id: main, fuseA: 63, baseLoad: { worstCaseA: 16, staleAfterS: 120 } }
chargePoints:
  - { id: CP1, sampleS: 60 }
  - { id: CP2, sampleS: 60 }
  - { id: CP3, sampleS: 60 }
timeline:
  - { at: 0, baseLoad: { L1: 8, L2: 8, L3: 8 } }
  - { at: 0, gridLimit: { currentA: 40 } }
  - { at: 10, plugIn: CP1/1, car: { energyNeededWh: 14000 } }
  - { at: 600, plugIn: CP2/1, car: { energyNeededWh: 9000, phases: 3 } }
  - { at: 1200, plugIn: CP3/1, car: { energyNeededWh: 12000, maxA: 16 } }
  - { at: 3600, baseLoad: { L1: 14, L2: 14, L3: 14 } }
  - { at: 7200, unplug: CP2/1 }
  - { at: 7500, unplug: CP1/1 }
  - { at: 7800, unplug: CP3/1 }
  - { at: 8000, plugIn: CP2/1 }
  - { at: 9500, unplug: CP2/1 }
`

let dataDir = ''
const truthWh = new Map<string, number>()

beforeAll(async () => {
  const memory = createMemoryStore()
  const { summary } = await playScenario(readScenario(recorded, 'recorded'), { store: memory })
  for (const [key, wh] of Object.entries(summary.deliveredWh)) truthWh.set(key, wh)
  dataDir = await mkdtemp(join(tmpdir(), 'kwota-history-'))
  const store = await openEmbeddedStore({ dataDir, clock: systemClock })
  const epoch = await store.own('main')
  await store.commit('main', epoch, { puts: await memory.read('main') })
  for (const series of ['base-load', 'meter:CP1/1', 'meter:CP2/1', 'meter:CP3/1']) await store.append('main', series, await memory.range('main', series, 0, 4_000_000_000_000))
  await store.close()
}, 60_000)

afterAll(() => rm(dataDir, { recursive: true, force: true }))

interface Told { readonly deliveredKWh: number; readonly wantedKWh: number; readonly energyPercent: number; readonly sessions: number }
interface Answer { readonly limit: string; readonly policy: string; readonly happened: Told; readonly played: Told; readonly openEnded: number; readonly worstMarginA: number }

async function replay(options: Partial<HistoryOptions> = {}) {
  let out = ''
  let err = ''
  const code = await historyCommand({ fromHistory: dataDir, json: true, ...options }, {
    stdout: { write: (text: string) => { out += text } }, stderr: { write: (text: string) => { err += text } }, clock: systemClock,
    openHistory: (source) => openEmbeddedStore({ dataDir: source, clock: systemClock }),
  })
  return { code, out, err }
}

async function answerOf(options: Partial<HistoryOptions> = {}): Promise<Answer> {
  const { code, out } = await replay(options)
  expect(code).toBe(0)
  return JSON.parse(out) as Answer
}

test('what happened is what the meters counted', async () => {
  const answer = await answerOf()
  const { happened } = answer
  expect(answer).not.toHaveProperty('notServed')
  expect(happened.sessions).toBe(4)
  expect(happened.deliveredKWh).toBeCloseTo([...truthWh.values()].reduce((sum, wh) => sum + wh, 0) / 1000, 0)
})

test('under the limit it was recorded under it comes out within 3 % of what happened', async () => {
  const { happened, played, limit, openEnded, worstMarginA } = await answerOf()
  expect(limit).toBe('40 A')
  expect(Math.abs(played.deliveredKWh / happened.deliveredKWh - 1)).toBeLessThan(0.03)
  expect(openEnded).toBe(1)
  // The building took 6 A more at once, as it did then.
  expect(worstMarginA).toBeCloseTo(-6)
})

test('with half the limit there is less, with the fuse alone no less, and the same again is the same', async () => {
  const [half, same, more] = [await answerOf({ limit: '20A' }), await answerOf(), await answerOf({ limit: '63A' })]
  // The building takes 8, later 14 of the 20 A.
  expect(half.played.deliveredKWh).toBeLessThan(0.75 * same.played.deliveredKWh)
  expect(half.played.deliveredKWh).toBeGreaterThan(0.2 * same.played.deliveredKWh)
  expect(more.played.deliveredKWh).toBeGreaterThanOrEqual(same.played.deliveredKWh)
  expect(half.happened).toEqual(same.happened)
  expect(await answerOf({ limit: '20A' })).toEqual(half)
})

test('another policy, a span, and words for people', async () => {
  expect(await answerOf({ policy: 'fifo', limit: '30A' })).toMatchObject({ policy: 'fifo', limit: '30 A' })
  expect((await answerOf({ from: '2026-01-01T01:00:00Z' })).played.sessions).toBe(1)
  const { out } = await replay({ json: false })
  expect(out).toMatch(/^main: 4 sessions again, policy equal, limit 40 A\n/)
  expect(out).toContain('\nwhat truly happened\n')
})

test('what cannot be played is said, with what can', async () => {
  expect(await replay({ site: 'annex' })).toEqual({ code: 2, out: '', err: 'simulate: There is no site annex in it; there are main.\n' })
  expect(await replay({ to: '2025-01-01' })).toMatchObject({ code: 2, err: 'simulate: No transaction of main began in that time.\n' })
  expect(await replay({ limit: '100A' })).toMatchObject({ code: 2, err: expect.stringContaining('above the fuse') })
  expect(await replay({ from: 'soon' })).toMatchObject({ code: 2, err: expect.stringContaining('--from soon is no time') })
})

test('hundreds of thousands of stays have a first arrival and a last departure', () => {
  const stays = Array.from({ length: 300_000 }, (_, index) => ({ arrivalMs: 1_000 + index, departureMs: 9_000_000 - index }))
  expect(spanOf(stays)).toEqual({ fromMs: 1_000, toMs: 9_000_000 })
  expect(spanOf([])).toEqual({ fromMs: Infinity, toMs: -Infinity })
})
