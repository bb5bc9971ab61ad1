// `kwota replay`: what a store or a backup of it holds is played again and set beside what happened; a scenario beside itself under another limit.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { playScenario } from '../../src/simulator/run.ts'
import { readScenario } from '../../src/simulator/scenario.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { newPlace, tidyUp } from '../e2e/server.ts'
import { kwota } from './command.ts'

const minute = 60_000
/** Half an hour of two cars under 40 A. */
const recorded = `
name: Two cars
site: { id: main, fuseA: 63 }
chargePoints:
  - { id: CP1, sampleS: 60 }
  - { id: CP2, sampleS: 60 }
timeline:
  - { at: 0, gridLimit: { currentA: 40 } }
  - { at: 10, plugIn: CP1/1, car: { energyNeededWh: 14000 } }
  - { at: 60, plugIn: CP2/1, car: { energyNeededWh: 9000 } }
  - { at: 1700, unplug: CP1/1 }
  - { at: 1750, unplug: CP2/1 }
expect:
  - { during: [0, 1900], neverOver: true }
`
let place = ''

beforeAll(async () => {
  place = await newPlace()
  await writeFile(join(place, 'two.yaml'), recorded)
  const memory = createMemoryStore()
  await playScenario(readScenario(recorded, 'recorded'), { store: memory })
  const store = await openEmbeddedStore({ dataDir: join(place, 'data'), clock: systemClock })
  await store.commit('main', await store.own('main'), { puts: await memory.read('main') })
  for (const series of ['base-load', 'meter:CP1/1', 'meter:CP2/1']) await store.append('main', series, await memory.range('main', series, 0, 4_000_000_000_000))
  await store.close()
  await kwota(place, ['backup', 'two.gz'])
}, 2 * minute)
afterAll(tidyUp)

interface Again { readonly limit: string; readonly happened: { readonly deliveredKWh: number }; readonly again: { readonly deliveredKWh: number; readonly peakA: number }; readonly changes: readonly { readonly connector: string; readonly happenedKWh: number; readonly againKWh: number }[] }
const again = async (...args: string[]): Promise<Again> => {
  const ran = await kwota(place, ['replay', ...args, '--json'])
  expect(ran.code, ran.err).toBe(0)
  return JSON.parse(ran.out) as Again
}

describe('a history', () => {
  test('as it was: the cars get what they got; a backup says the same as the store it was made of', async () => {
    const asItWas = await again('data')
    expect(asItWas.limit).toBe('40 A')
    expect(Math.abs(asItWas.again.deliveredKWh - asItWas.happened.deliveredKWh)).toBeLessThan(0.03 * asItWas.happened.deliveredKWh)
    expect(await again('two.gz')).toEqual(asItWas)
  }, minute)

  test('under 8 A: less, whom it hits hardest first, and never more than that on a phase', async () => {
    const low = await again('two.gz', '--limit', '8A')
    expect(low.again.peakA).toBeLessThanOrEqual(8)
    expect(low.again.deliveredKWh).toBeLessThan(low.happened.deliveredKWh - 2)
    expect(low.changes.map(({ connector }) => connector)).toContain('CP1/1')
    expect(low.changes.every(({ happenedKWh, againKWh }) => againKWh < happenedKWh)).toBe(true)
    const losses = low.changes.map(({ happenedKWh, againKWh }) => happenedKWh - againKWh)
    expect(losses).toEqual([...losses].sort((a, b) => b - a))
    const ran = await kwota(place, ['replay', 'two.gz', '--limit', '8A'])
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('replay: played in') as string })
    expect(ran.out).toMatch(/^main: 2 sessions, .* under policy equal, limit 8 A\n {2} +happened +again +difference\n {2}energy delivered +[\d.]+ kWh +[\d.]+ kWh +-[\d.]+ kWh\n[\s\S]*\n\d cars? gets? something else\n {2}CP\d\/1 from /)
  }, minute)

  test('what cannot be used: 2, and what can', async () => {
    await writeFile(join(place, 'torn.gz'), Buffer.from([0x1f, 0x8b, 8, 0]))
    for (const [args, says] of [
      [['nowhere'], 'cannot be read'], [['torn.gz'], 'kwota backup'], [['data', '--site', 'west'], 'no site west'], [['data', '--policy', 'fair'], 'leastLaxity'], [['data', '--limit', '40'], 'write 40A'],
      [['data', '--from', 'May'], 'no time'], [['two.yaml', '--site', 'main'], 'does not go with a scenario'],
    ] as const) expect(await kwota(place, ['replay', ...args]), args.join(' ')).toMatchObject({ code: 2, out: '', err: expect.stringContaining(says) as string })
  }, minute)
})

describe('a scenario', () => {
  test('beside itself under another limit; alone as kwota simulate plays it', async () => {
    const ran = await kwota(place, ['replay', 'two.yaml', '--limit', '10A', '--policy', 'fifo', '--json'])
    expect(ran).toMatchObject({ code: 0, err: '' })
    const { changed, written, again: otherwise } = JSON.parse(ran.out) as { changed: string; written: { deliveredWh: Record<string, number>; passed: boolean }; again: { deliveredWh: Record<string, number> } }
    expect([changed, written.passed]).toEqual(['policy fifo, standing limit 10 A', true])
    expect(otherwise.deliveredWh['CP2/1']).toBeLessThan(written.deliveredWh['CP2/1'] ?? 0)
    // 10 A over three phases for half an hour.
    expect(Object.values(otherwise.deliveredWh).reduce((sum, wh) => sum + wh, 0)).toBeLessThan(3_600)
    expect((await kwota(place, ['replay', 'two.yaml', '--limit', '10A'])).out).toMatch(/^Two cars, as written and again with policy equal, standing limit 10 A\n {2} +written +again\n {2}CP1\/1 +/)
    expect((await kwota(place, ['replay', 'two.yaml'])).out).toBe((await kwota(place, ['simulate', 'two.yaml'])).out)
  }, minute)
})

test('a saved world is played as it was saved', async () => {
  const { drawWorld } = await import('../../src/simulator/swarm/draw-world.ts')
  await writeFile(join(place, 'world.json'), JSON.stringify({ world: drawWorld(1, { minutes: 5, mostStations: 3 }) }))
  const ran = await kwota(place, ['replay', 'world.json'])
  expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/\npassed; trace [0-9a-f]+\n$/) as string })
  expect(await kwota(place, ['replay', 'world.json', '--limit', '10A'])).toMatchObject({ code: 2, err: expect.stringContaining('--limit does not go with a saved world') as string })
}, minute)
