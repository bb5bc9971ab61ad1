// Two hundred random worlds full of faults, and every seed that ever showed one, as `kwota simulate --seeds` plays them.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProduct } from '../e2e/build.ts'

interface Summary { readonly seeds: number; readonly events: number; readonly simulatedS: number; readonly violations: readonly unknown[]; readonly faults: Readonly<Record<string, number>> }

const longestMs = 1_500_000
let main = ''
let dir = ''

beforeAll(async () => {
  main = await buildProduct()
  dir = await mkdtemp(join(tmpdir(), 'kwota-swarm-'))
}, 240_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

async function play(...flags: string[]): Promise<Summary> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'simulate', '--json', '--no-shrink', '--save', dir, ...flags], { maxBuffer: 1 << 26 }).catch((error: unknown) => {
    // Exit 1 says that a promise was broken; what it says stands on stdout.
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) }
    throw error
  })
  return JSON.parse(stdout) as Summary
}

describe('random worlds', () => {
  test('two hundred of them keep every promise', async () => {
    const summary = await play('--seeds', '200', '--jobs', '2')
    expect(summary.violations).toEqual([])
    expect(summary).toMatchObject({ seeds: 200, simulatedS: 120_000 })
    for (const fault of ['kill', 'freeze', 'wall-step', 'store:failing', 'store:hanging', 'store:applied-but-timeout', 'weather:stall', 'weather:half-open', 'weather:deaf', 'weather:mute', 'intruder', 'limit', 'curtail', 'base', 'meter', 'reboot', 'behave']) {
      expect(summary.faults[fault] ?? 0, fault).toBeGreaterThan(0)
    }
  }, longestMs)

  test('every seed that ever failed keeps them now', async () => {
    const saved = JSON.parse(await readFile(new URL('seeds.json', import.meta.url), 'utf8')) as readonly { readonly seed: number; readonly why: string }[]
    expect(saved.length).toBeGreaterThan(0)
    // The first two hundred were played above.
    const later = saved.filter(({ seed }) => seed > 200)
    const { seeds, violations } = await play('--only', later.map(({ seed }) => seed).join(','), '--jobs', '2')
    expect(violations, JSON.stringify(later)).toEqual([])
    expect(seeds).toBe(later.length)
  }, longestMs)
})
