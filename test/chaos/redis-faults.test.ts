// A few faults of Redis at random points under limit cuts: nothing that was acknowledged is lost. `npm run redis-faults` does as many as asked, and times them.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutRedisServer } from '../store/redis-server.ts'
import { buildChaos, type BuiltChaos } from './built-chaos.ts'

let chaos: BuiltChaos
beforeAll(async () => { chaos = await buildChaos() }, 300_000)
afterAll(() => chaos?.remove())

const seed = process.env['KWOTA_SEED'] ?? String(randomInt(1_000_000))

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  test(`Redis hangs, is full and dies at six random points, and everything acknowledged is there (KWOTA_SEED=${seed})`, async () => {
    const { code, stdout, stderr } = await chaos.run('redis-faults', '--points', '6', '--connectors', '4', '--untimed', '--seed', seed, '--json')
    expect(code, stderr).toBe(0)
    const outcome = JSON.parse(stdout) as { faults: string[]; acknowledged: number; figures: { cuts: number; raisings: number }[] }
    expect(outcome.faults).toEqual([])
    expect(outcome.figures.reduce((sum, { cuts }) => sum + cuts, 0)).toBe(6)
    expect(outcome.figures.map(({ raisings }) => raisings).filter(count => count > 0)).toEqual([])
    expect(outcome.acknowledged).toBeGreaterThan(10)
  }, 300_000)
})

test('the program says what it is asked wrongly with 2, and shows how it is meant', async () => {
  for (const [flag, value, words] of [['--faults', 'lost', '--faults is some of hung, full, killed, not "lost"'], ['--seconds', '1,x', '--seconds needs whole numbers']] as const) {
    const { code, stdout, stderr } = await chaos.run('redis-faults', flag, value)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).toContain('npm run redis-faults -- --points 50')
  }
})
