// Every scenario file fails when the rule it names is broken: the product with that rule broken is played against it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildProduct } from '../e2e/build.ts'
import { placesOf, runMutant } from './mutant.ts'
import { scenarioMutants } from './of-scenarios.ts'

const folder = join(import.meta.dirname, '..', 'scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort()
let main = ''

beforeAll(async () => { main = await buildProduct() }, 150_000)

async function passedOf(names: readonly string[], mutant: (typeof scenarioMutants)[number] | null): Promise<boolean[]> {
  const output = await runMutant(mutant, main, ['simulate', '--json', ...names.map((name) => join(folder, name))])
  return output.trim().split('\n').map((line) => (JSON.parse(line) as { passed: boolean }).passed)
}

describe('scenarios notice when their rule is broken', () => {
  test('every file has a broken rule of its own, and no rule names a file that is not there', () => {
    expect(new Set(scenarioMutants.flatMap(({ fails }) => fails))).toEqual(new Set(files))
    expect(new Set(scenarioMutants.map(({ id }) => id)).size).toBe(scenarioMutants.length)
  })

  test.concurrent.each(scenarioMutants)('$id: $breaks', async (mutant) => {
    expect(await placesOf(mutant, main), `${mutant.file} holds exactly once: ${mutant.find}`).toBe(1)
    expect(await passedOf(mutant.fails, mutant)).toEqual(mutant.fails.map(() => false))
  }, 120_000)
})
