// The bench runs and says what it measured; how fast anything is, is not asked here.
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FairnessResult } from '../bench/fairness.ts'
import { meterFrame } from '../bench/meter-frame.ts'
import type { MeterValuesResult } from '../bench/meter-values.ts'
import { overBounds, slopeOf, type PageResult } from '../bench/page.ts'
import { publish } from '../bench/publish.ts'
import { estimate, summarise } from '../bench/statistics.ts'
import type { Figures } from '../bench/table.ts'
import type { WholePathResult } from '../bench/whole-path.ts'
import { judge } from '../src/protocol/judge.ts'
import { withoutBrowser } from './browser/browser.ts'
import { buildProduct } from './e2e/build.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
let place = ''

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'kwota-bench-test-'))
  copyFileSync(join(root, 'package.json'), join(place, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

async function compile(project: string, outDir: string): Promise<void> {
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, project), '--outDir', join(place, outDir)]).catch((error: { stdout: string }) => {
    throw new Error(`${project} does not compile:\n${error.stdout}`)
  })
}

test('the whole bench, as small as it gets, from the built program', async () => {
  await compile('tsconfig.build.json', 'dist')
  await compile('bench/tsconfig.json', 'dist')
  const json = join(place, 'figures.json')
  const { stdout } = await run(process.execPath, [join(place, 'dist/bench/main.js'), '--smoke', '--json', json], { cwd: place })
  const rows = stdout.trim().split('\n')
  expect(rows[0]).toBe('| what | figure | beside | goal |')
  const figures = JSON.parse(readFileSync(json, 'utf8')) as Figures
  expect(figures.scale).toBe('smoke')
  expect(Object.keys(figures.parts)).toEqual(['whole-path', 'answers', 'limit-cut', 'decision', 'rest', 'fleet', 'storm', 'store', 'page', 'composite', 'fairness', 'engine-cut'])
  const told = Object.values(figures.parts).flatMap((part) => part.rows)
  expect(rows.slice(2)).toHaveLength(told.length)
  for (const { what, figure } of told) expect(figure, what).toMatch(/\d/)
  // Nothing is left out of what is wanted of a message, a cut and a decision.
  expect(told.flatMap(({ goal }) => goal?.words ?? [])).toEqual(expect.arrayContaining(['at least 45 % of bare `ws`', 'ahead of it', 'flat within 20 %', 'within 100 ms', 'within 5 ms', 'within 5 s', 'within 60 s', 'at most 250 ms', 'at least 60 % of bare Koa']))
  const { figures: [few] } = figures.parts['whole-path']!.data as WholePathResult
  for (const side of [few!.kwota, few!.bareWs, few!.ocppRpc]) expect(side.messagesPerS).toMatchObject({ count: 1, median: expect.any(Number) })
  expect((figures.parts['fairness']!.data as FairnessResult).sizes.map(({ worstA }) => worstA < 1e-6)).toEqual([true])

  // What was measured before is taken as it was; nothing is left to measure.
  const again = await run(process.execPath, [join(place, 'dist/bench/main.js'), '--smoke', '--from', json], { cwd: place })
  expect(again.stdout).toBe(stdout)
  await expect(run(process.execPath, [join(place, 'dist/bench/main.js'), '--smoke', '--only', 'nothing'], { cwd: place })).rejects.toThrow(/there is no part nothing/)

  const page = join(place, 'page.md')
  writeFileSync(page, 'before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n')
  publish(figures, page)
  const published = readFileSync(page, 'utf8')
  expect(published).toContain(stdout.trim())
  expect(published).toMatch(/^before\n<!-- figures -->\n\d{4}-\d\d-\d\d, Node\.js [^]*\n<!-- \/figures -->\nafter\n$/)
  expect(published).not.toContain('old')
  publish(figures, page, true)
  const brief = readFileSync(page, 'utf8').split('\n').filter((row) => row.startsWith('| ')).slice(1)
  expect(brief.filter((row) => !rows.includes(row))).toEqual([])
  expect(brief).toHaveLength(told.filter((row) => row.brief === true).length)
  writeFileSync(page, 'no place\n')
  expect(() => publish(figures, page)).toThrow(/no place for figures/)
}, 400_000)

test('the bench of meter values, as small as it gets, from the built program', async () => {
  const json = join(place, 'meter-values.json')
  const { stdout } = await run(process.execPath, [join(place, 'dist/bench/meter-values.js'), '--stations', '4', '--per-second', '20', '--seconds', '1', '--json', json], { cwd: place })
  const figures = JSON.parse(readFileSync(json, 'utf8')) as MeterValuesResult
  // Ten seconds of warming up come before.
  expect(figures).toMatchObject({ stations: 4, perS: 20, sent: 220, answered: 220, refused: 0, lostRows: 0, valuesPerFrame: 9 })
  expect(figures.ms.p50).toBeGreaterThan(0)
  expect(figures.ms.max).toBeGreaterThanOrEqual(figures.ms.p999)
  expect(figures.memory.map(({ collected }) => collected)).toEqual([true, true])
  expect(figures.load.late.max).toBeGreaterThanOrEqual(figures.load.late.p50)
  for (const { heapMiB } of figures.memory) expect(heapMiB).toBeGreaterThan(1)
  expect(figures.bytesPerMillionValues).toBeGreaterThan(0)
  expect(stdout).toMatch(/^220 of 220 answered, \d+ a second; 0 refused; 0 rows lost\n/)
}, 180_000)

describe('the pages', () => {
  test.each(['README.md', 'docs/performance.md'])('%s has one place for figures', (path) => {
    expect(readFileSync(join(root, path), 'utf8').match(/<!-- figures -->[^]*<!-- \/figures -->/g)).toHaveLength(1)
  })
})

test('the frame is one that kwota has no fault to find with, of the size that is claimed', () => {
  const [, , action, payload] = JSON.parse(meterFrame('1', 1, 1, 31.5)) as [number, string, string, unknown]
  expect(judge(action, payload, { strict: true })).toMatchObject({ ok: true, faults: [] })
  expect(meterFrame('12-345678', 1_234_567_890, 1_000_000, 31.5).length).toBeGreaterThan(1_150)
  expect(meterFrame('12-345678', 1_234_567_890, 1_000_000, 31.5).length).toBeLessThan(1_350)
})

test('a summary is the middle and the ends', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3 })
  expect(summarise([10, 4, 1, 2]).median).toBe(3)
  expect(() => summarise([])).toThrow(/nothing/)
})

test('the bench of inspection, as small as it gets, beside a build without it', async () => {
  const json = join(place, 'inspection.json')
  const { stdout } = await run(process.execPath, [join(place, 'dist/bench/inspection.js'), '--stations', '3', '--viewers', '2', '--starts', '1', '--rounds', '1', '--window-ms', '150', '--per-second', '100', '--status-every', '5', '--frames', '--json', json], { cwd: place })
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ stations: 3, viewers: 2, actors: 10, frames: true, eventsPerS: { count: 1 } })
  expect(stdout).toMatch(/^10 actors told to each of 2 viewers; 100 messages a second, one in 5 changes a state; frames and decisions too; /)
}, 180_000)

test('the bench of the overview, as small as it gets, from the built program', async () => {
  const { stdout } = await run(process.execPath, [join(place, 'dist/bench/overview.js'), '--stations', '3', '--rounds', '1'], { cwd: place })
  expect(stdout).toMatch(/\| an overview of a site with 3 connectors, CPU time of the server \| /)
}, 180_000)

test('an estimate says between which values the median is certain to lie, whatever lies far off', () => {
  const to = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
  expect(estimate([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, count: 3 })
  expect(estimate(to(10))).toEqual({ median: 5.5, low: 2, high: 9, count: 10 })
  expect(estimate([...to(19), 1e6])).toEqual({ median: 10.5, low: 6, high: 15, count: 20 })
  expect(() => estimate([])).toThrow(/nothing/)
})

describe.skipIf(withoutBrowser())('the benches of the pages, as small as they get, in a real browser', () => {
  beforeAll(async () => cpSync(join(dirname(await buildProduct()), 'web'), join(place, 'dist/web'), { recursive: true }), 120_000)

  test('a site that stands', async () => {
    const json = join(place, 'page.json')
    const { stdout } = await run(process.execPath, [join(place, 'dist/bench/page.js'), '--stations', '3', '--runs', '1', '--json', json], { cwd: place })
    const result = JSON.parse(readFileSync(json, 'utf8')) as PageResult
    expect(result).toMatchObject({ stations: 3, runs: 1, wholeMs: { count: 1 }, eachMinute: [], growthKiBPerMinute: null })
    expect(result.wholeMs.median).toBeGreaterThan(result.firstPaintMs.median)
    // With the document, the styles, the page and what draws the chart.
    expect(result.files).toBeGreaterThan(5)
    expect(result.transferredKiB).toBeGreaterThan(20)
    expect(stdout).toMatch(/\| the page of a site with 3 connectors, .* \| \d+ ms, at most \d+ \|/)
  }, 180_000)

  test('a demo that moves', async () => {
    const { stdout } = await run(process.execPath, [join(place, 'dist/bench/demo-start.js'), '--runs', '1'], { cwd: place })
    expect(stdout).toMatch(/to the first bar that moves in the browser, installed and built before \| \d+\.\d s, at most \d+\.\d \|/)
  }, 180_000)
})

test('growth is what most minutes agree on, and what is over its bound is said', () => {
  expect(slopeOf([100, 110, 120, 500, 140])).toBe(10)
  expect(slopeOf([100, 100, 900, 100])).toBe(0)
  const [minute, more] = [1, 2].map((listeners) => ({ minute: listeners, ownKiB: 1, heapKiB: 1, nodes: 1, listeners, longTasks: 0, longTasksMs: 0, longestTaskMs: 0, busyMs: 0, serverCores: null }))
  const result: PageResult = { stations: 1, runs: 1, minutes: 2, seed: 1, wholeMs: summarise([900]), firstPaintMs: summarise([1]), transferredKiB: 1, files: 1, framesSent: 1, eachMinute: [minute!, minute!, minute!], growthKiBPerMinute: 1 }
  expect(overBounds(result)).toEqual([])
  expect(overBounds({ ...result, wholeMs: summarise([1_001]) })).toEqual(['half of the pages stood after more than 1000 ms'])
  expect(overBounds({ ...result, growthKiBPerMinute: 400 })).toHaveLength(1)
  expect(overBounds({ ...result, eachMinute: [minute!, minute!, more!] })).toEqual(['the page has 2 listeners and had 1'])
})
