// Twenty kills on each store, while charge points charge and people write: nothing that was acknowledged is lost. `npm run torture` does as many as asked.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutRedisServer } from '../store/redis-server.ts'
import { buildChaos, type BuiltChaos } from './built-chaos.ts'

let chaos: BuiltChaos
beforeAll(async () => { chaos = await buildChaos() }, 300_000)
afterAll(() => chaos?.remove())

const seed = process.env['KWOTA_SEED'] ?? String(randomInt(1_000_000))

async function expectNothingLost(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await chaos.run('torture', '--cycles', '20', '--parallel', '2', '--stations', '8', '--seed', seed, '--json', ...args)
  expect(code, stderr).toBe(0)
  const outcome = JSON.parse(stdout) as { faults: string[]; cycles: number; results: { kills: number; acknowledged: number; checked: number; sessions: number }[] }
  expect(outcome.faults).toEqual([])
  expect(outcome.cycles).toBe(20)
  for (const { kills, acknowledged, checked, sessions } of outcome.results) {
    expect(kills).toBe(10)
    expect(Math.min(acknowledged, checked)).toBeGreaterThan(30)
    expect(sessions).toBeGreaterThan(8)
  }
}

test(`on the embedded store the power fails at twenty moments, what was not synced is lost or torn, and everything acknowledged is there (KWOTA_SEED=${seed})`, () => expectNothingLost('--power-loss'), 600_000)

describe.skipIf(withoutRedisServer())('with a redis-server', () => {
  test(`on Redis kwota is killed at twenty moments, and everything acknowledged is there (KWOTA_SEED=${seed})`, () => expectNothingLost('--store', 'redis'), 600_000)
})

describe('the program', () => {
  test('says what it is asked wrongly with 2, and shows how it is meant', async () => {
    const { code, stdout, stderr } = await chaos.run('torture', '--store', 'paper')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--store is embedded or redis, not "paper"')
    expect(stderr).toContain('npm run torture -- --cycles 200')
    expect(await chaos.run('torture', '--help')).toMatchObject({ code: 0, stdout: stderr.slice(stderr.indexOf('npm run torture')) })
  })
})
